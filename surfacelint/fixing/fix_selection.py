"""Chooses the fixes of one round: those that do not get in each other's way. The others wait for the next round."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from surfacelint.facts.expressions import Span
from surfacelint.model.findings import Applicability, Edit, Fix

Place: TypeAlias = Callable[[str], Path]
"""Function from a path as shown to users to the file that it leads to."""

_Change: TypeAlias = tuple[Path, int, Span, str]
"""An edit: file, cell (0 outside of notebooks), span and text."""


def is_applicable(fix: Fix | None, unsafe: bool) -> bool:
    """Whether a fix may be applied: a safe one, or with `unsafe` also an unsafe one."""
    if fix is None or not (fix.edits or fix.files):
        return False
    return fix.applicability is Applicability.SAFE or (unsafe and fix.applicability is Applicability.UNSAFE)


def compatible(fixes: Iterable[Fix], place: Place) -> tuple[Fix, ...]:
    """Return the fixes that can be applied together, in the order of their edits. Of those that conflict, the first one is chosen.

    Fixes may share edits: equal edits are applied once. Other edits conflict if they overlap or start at the same place.
    Fixes that add different files at one path also conflict.
    """
    taken: set[_Change] = set()
    spans: dict[tuple[Path, int], list[Span]] = {}
    files: dict[Path, str] = {}
    chosen: list[Fix] = []
    for fix in sorted(set(fixes), key=lambda fix: (fix.edits, fix.files)):
        new = {_change(edit, place) for edit in fix.edits} - taken
        adds = {place(file.path): file.text for file in fix.files}
        if any(files.get(path, text) != text for path, text in adds.items()):
            continue
        if any(_conflicts(change[2], spans.get(change[:2], [])) for change in new):
            continue
        taken |= new
        for path, cell, span, _ in new:
            insort(spans.setdefault((path, cell), []), span)
        files |= adds
        chosen.append(fix)
    return tuple(chosen)


def _change(edit: Edit, place: Place) -> _Change:
    return place(edit.path), edit.cell or 0, edit.span, edit.text


def _conflicts(span: Span, taken: Sequence[Span]) -> bool:
    """Whether a span overlaps, or starts with, one of the sorted spans `taken`, which do not overlap each other."""
    after = bisect_left(taken, span.start, key=lambda other: other.start)
    if after and span.start < taken[after - 1].end:
        return True
    return after < len(taken) and (taken[after].start == span.start or taken[after].start < span.end)


def edits_by_place(fixes: Sequence[Fix], place: Place) -> dict[Path, list[Edit]]:
    """Return the edits of fixes by file, in order. Edits of one file under two names become edits of the same name."""
    found: dict[Path, list[Edit]] = {}
    for fix in fixes:
        for edit in fix.edits:
            found.setdefault(place(edit.path), []).append(Edit("", edit.span, edit.text, edit.cell))
    return found
