"""Edits that remove unused suppression comments, and that add new ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Edit
from surfacelint.suppressions.comment_parsing import Layout, Suppression


def removal(path: str, line: str, suppression: Suppression, codes: tuple[str, ...] | None, cell: int | None = None) -> Edit:
    """Return the edit that removes `codes`, or the whole suppression if `None`, from its line, whose text is `line`.

    `cell` is the cell of a notebook.
    """
    number = suppression.line
    listed = suppression.listed
    if codes is not None and listed is not None:
        # Unknown codes stay: a warning has reported them already.
        written = [word for word in re.split(r"[,\s]+", line[listed[0] : listed[1]]) if word]
        remaining = [word for word in written if word not in codes]
        if remaining:
            return Edit(path, Span(Position(number, listed[0]), Position(number, listed[1])), ", ".join(remaining), cell)
    start, end = suppression.span.start.column, suppression.span.end.column
    before, after = line[:start], line[end:]
    if suppression.alone and not before.strip() and not after.strip():
        return Edit(path, Span(Position(number, 0), Position(number + 1, 0)), "", cell)
    if after.strip().startswith("#"):
        end += len(after) - len(after.lstrip())
    elif after.strip():
        # The rest of the comment stays.
        return Edit(path, Span(Position(number, start), Position(number, end + len(after) - len(after.lstrip()))), "# ", cell)
    else:
        start, end = len(before.rstrip()), len(line)
    return Edit(path, Span(Position(number, start), Position(number, end)), "", cell)


def addition(path: str, number: int, line: str, codes: Iterable[str], reason: str, cell: int | None = None) -> Edit:
    """Return the edit that adds a suppression comment to the 1-based line `number`, which `line_for_comment` chose.

    `line` is its text, and `cell` the cell of a notebook.
    """
    return _appended(path, number, line, f"ignore[{', '.join(sorted(codes))}]", reason, cell)


def declaration(path: str, number: int, line: str, fact: str, reason: str, cell: int | None = None) -> Edit:
    """Return the edit that adds a comment which declares a fact, such as `volume=200/day`, to a line as in `addition`."""
    return _appended(path, number, line, fact, reason, cell)


def _appended(path: str, number: int, line: str, directive: str, reason: str, cell: int | None) -> Edit:
    end = len(line.rstrip())
    why = f" -- {reason}" if reason else ""
    here = Span(Position(number, end), Position(number, len(line)))
    return Edit(path, here, f"  # surfacelint: {directive}{why}", cell)


def line_for_comment(lines: Sequence[str], layout: Layout, span: Span) -> int | None:
    """Return the first line at or after the start of a call, in the same statement, at whose end a comment can be added."""
    _, last = layout.statement(span.start.line)
    for number in range(span.start.line, last + 1):
        if number <= len(lines) and number not in layout.inside_strings and not lines[number - 1].rstrip().endswith("\\"):
            return number
    return None
