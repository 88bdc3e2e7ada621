"""Edits of comments that silence findings: taking out what is of no use, and adding what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Edit
from surfacelint.suppressions.comment_parsing import Layout, Suppression


def removal(path: str, line: str, suppression: Suppression, codes: tuple[str, ...] | None) -> Edit:
    """Return the edit that takes the `codes`, or the whole suppression, out of the `line` that it stands on."""
    number = suppression.line
    listed = suppression.listed
    if codes is not None and listed is not None:
        # What no rule is called has been said already, and is not for us to take out.
        written = [word for word in re.split(r"[,\s]+", line[listed[0] : listed[1]]) if word]
        remaining = [word for word in written if word not in codes]
        if remaining:
            return Edit(path, Span(Position(number, listed[0]), Position(number, listed[1])), ", ".join(remaining))
    start, end = suppression.span.start.column, suppression.span.end.column
    before, after = line[:start], line[end:]
    if suppression.alone and not before.strip() and not after.strip():
        return Edit(path, Span(Position(number, 0), Position(number + 1, 0)), "")
    if after.strip().startswith("#"):
        end += len(after) - len(after.lstrip())
    elif after.strip():
        # Words for people that follow stay a comment.
        return Edit(path, Span(Position(number, start), Position(number, end + len(after) - len(after.lstrip()))), "# ")
    else:
        start, end = len(before.rstrip()), len(line)
    return Edit(path, Span(Position(number, start), Position(number, end)), "")


def addition(path: str, number: int, line: str, codes: Iterable[str], reason: str) -> Edit:
    """Return the edit that adds a comment to the 1-based line of that number, which `carrier` chose."""
    end = len(line.rstrip())
    why = f" -- {reason}" if reason else ""
    here = Span(Position(number, end), Position(number, len(line)))
    return Edit(path, here, f"  # surfacelint: ignore[{', '.join(sorted(codes))}]{why}")


def carrier(lines: Sequence[str], layout: Layout, span: Span) -> int | None:
    """Return the line of a statement that a comment can be added to: the call's first, else the next that can carry one."""
    _, last = layout.statement(span.start.line)
    for number in range(span.start.line, last + 1):
        if number <= len(lines) and number not in layout.inside_strings and not lines[number - 1].rstrip().endswith("\\"):
            return number
    return None
