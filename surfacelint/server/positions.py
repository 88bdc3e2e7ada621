"""Positions of the analysis (lines from 1, columns in code points) and of the protocol (lines from 0, columns in units of an encoding).

The protocol breaks lines at line feeds, carriage returns, and pairs of both, as Python does; `str.splitlines` breaks them elsewhere, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

from surfacelint.facts.expressions import Position, Span
from surfacelint.fixing.text_edits import BYTE_ORDER_MARK
from surfacelint.system.records import record

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")


def split_lines(text: str) -> list[str]:
    """Return the lines of a text with their endings, at least one. A text that ends with a line ending has an empty last line."""
    lines: list[str] = _LINE.findall(text)
    return [*lines, ""] if not lines or lines[-1].endswith(("\r", "\n")) else lines


@record(frozen=True, slots=True)
class PositionEncoding:
    """The unit of columns that client and server agreed on."""

    kind: types.PositionEncodingKind | str = types.PositionEncodingKind.Utf16

    def width(self, text: str) -> int:
        """Return the number of units of a text."""
        if text.isascii() or self.kind == types.PositionEncodingKind.Utf32:
            return len(text)
        if self.kind == types.PositionEncodingKind.Utf8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(character > "\uffff" for character in text)

    def position(self, lines: Sequence[str], position: Position) -> types.Position:
        """Return a position of the analysis as one of the protocol.

        `lines` are those of the text that the client has. A byte order mark in it counts as a character, which the analysis does not see.
        A position beyond them, as in a text that is not known, stays as it is.
        """
        line = max(position.line - 1, 0)
        if line >= len(lines):
            return types.Position(line, position.column)
        text = lines[line].rstrip("\r\n")
        hidden = len(BYTE_ORDER_MARK) if line == 0 and text.startswith(BYTE_ORDER_MARK) else 0
        return types.Position(line, self.width(text[: position.column + hidden]))

    def range(self, lines: Sequence[str], span: Span) -> types.Range:
        """Return a span as a range of the protocol."""
        return types.Range(self.position(lines, span.start), self.position(lines, span.end))

    def offset(self, lines: Sequence[str], position: types.Position) -> int:
        """Return the offset of a position of the protocol in the text of `lines`. Positions beyond a line or the text mean its end."""
        if position.line >= len(lines):
            return sum(map(len, lines))
        return sum(map(len, lines[: position.line])) + self._column(lines[position.line].rstrip("\r\n"), position.character)

    def _column(self, line: str, units: int) -> int:
        """Return the column in code points of a column in units, at most the length of the line."""
        if line.isascii():
            return min(units, len(line))
        left = units
        for column, character in enumerate(line):
            if left <= 0:
                return column
            left -= self.width(character)
        return len(line)
