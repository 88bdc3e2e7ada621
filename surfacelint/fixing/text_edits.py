"""Applies edits to the content of a file of Python code, and keeps its encoding, byte order mark and line endings."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from collections.abc import Iterable, Sequence

from surfacelint.facts.expressions import Position
from surfacelint.model.findings import Edit
from surfacelint.system.records import record

BYTE_ORDER_MARK = codecs.BOM_UTF8.decode()

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


class UneditableError(Exception):
    """Edits that would change other parts of a file or destroy it. The text says why and follows the name of the file."""


@record(frozen=True, slots=True)
class Replacement:
    """Replacement of the characters from offset `start` to `end` of a text, by `text` with the line endings of their line."""

    start: int
    end: int
    text: str


def text_of(data: bytes) -> str:
    """Return the text of Python source as it is checked: without byte order mark, with line feeds. Raises UneditableError."""
    return normalized(_decoded(data)[2])


def text_as_written(data: bytes) -> str:
    """Return the text of Python source with its byte order mark and line endings. Raises UneditableError."""
    mark, _, text = _decoded(data)
    return mark.decode() + text


def content_of(text: str) -> bytes:
    """Return the content of a file of Python source with a text, in the encoding that it declares, or else in UTF-8."""
    data = text.encode("utf-8", "surrogatepass")
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        return data if encoding.startswith("utf-8") else text.encode(encoding)
    except (SyntaxError, UnicodeError, LookupError):
        return data


def normalized(text: str) -> str:
    """Return a text with line feeds as line endings."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply the edits of one file to its content. Raises UneditableError."""
    mark, encoding, text = _decoded(data)
    given = list(edits)
    if any(edit.cell is not None for edit in given):
        raise UneditableError("it is not a notebook")
    parts: list[str] = []
    at = 0
    for each in replacements(text, given):
        parts += (text[at : each.start], each.text)
        at = each.end
    try:
        return mark + "".join((*parts, text[at:])).encode(encoding)
    except UnicodeError as error:
        raise UneditableError(str(error)) from error


def replacements(text: str, edits: Iterable[Edit]) -> list[Replacement]:
    """Return the edits of a text in order, as offsets. Equal edits count once. Raises UneditableError if edits overlap.

    Insertions at one place keep their order. An insertion after the last line ends that line first, if it has no line ending.
    """
    lines = [line for line in _LINE.findall(text) if line]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    found: list[Replacement] = []
    for edit in sorted(dict.fromkeys(edits), key=lambda edit: edit.span):
        start, end = (_offset(starts, lines, position) for position in (edit.span.start, edit.span.end))
        if end < start or (found and start < found[-1].end):
            raise UneditableError("its edits overlap")
        ending = _line_ending(lines, edit.span.start.line - 1)
        opened = bool(edit.text and lines and edit.span.start.line > len(lines) and lines[-1] == lines[-1].rstrip("\r\n"))
        found.append(Replacement(start, end, (ending if opened else "") + edit.text.replace("\n", ending)))
    return found


def _decoded(data: bytes) -> tuple[bytes, str, str]:
    """Return byte order mark, encoding and text of Python source. Raises UneditableError if encoding the text changes any byte."""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0].removesuffix("-sig")
        text = data[len(mark) :].decode(encoding)
        if text.encode(encoding) != data[len(mark) :]:
            raise UneditableError(f"writing it as {encoding} would change other bytes")
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise UneditableError(str(error)) from error
    return mark, encoding, text


def _offset(starts: Sequence[int], lines: Sequence[str], position: Position) -> int:
    index = min(position.line - 1, len(lines))
    width = len(lines[index].rstrip("\r\n")) if index < len(lines) else 0
    return starts[index] + min(position.column, width)


def _line_ending(lines: Sequence[str], index: int) -> str:
    """Return the ending of the line at `index`; of the nearest line before it, or else of the first line, if it has none."""
    around = (*reversed(lines[: index + 1]), *lines[:1])
    return next((ending for line in around if (ending := line[len(line.rstrip("\r\n")) :])), "\n")
