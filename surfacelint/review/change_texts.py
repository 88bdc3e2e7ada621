"""The changes since an earlier review as text, for all formats that people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

from surfacelint.review.amounts import money
from surfacelint.review.records import Change, ChangeKind, Comparison, Review
from surfacelint.system.printable_text import one_line

_COUNTED: dict[ChangeKind, str] = {
    "new": "new",
    "gone": "gone",
    "surface": "on another surface",
    "verdict": "with another verdict",
    "volume": "with another volume",
    "reviewed": "reviewed",
    "overdue": "overdue for review",
}

Cells: TypeAlias = tuple[str, str, str, str, str, str]

TITLES = ("change", "where", "function", "before", "now", "a month")
"""Titles of the cells of a change."""


def heading(comparison: Comparison) -> str:
    """Return how many workloads changed how: "Since 2026-08-01: 2 new, 1 gone."."""
    counts = Counter(each.kind for each in comparison.changes)
    found = ", ".join(f"{counts[kind]} {text}" for kind, text in _COUNTED.items() if counts[kind])
    return f"Since {comparison.since}: {found or 'nothing has changed'}."


def rows(review: Review, changes: Iterable[Change]) -> list[Cells]:
    """Return some changes of a review as rows, with the repository if there are several."""
    several = len(review.repositories) > 1
    return [_cells(each, review.currency, with_repository=several) for each in changes]


def _cells(change: Change, currency: str, *, with_repository: bool) -> Cells:
    place = f"{change.place.path}:{change.place.row}"
    where = f"{change.repository}/{place}" if with_repository else place
    cost = "" if change.cost is None else f"{'+' if change.cost > 0 else ''}{money(change.cost, currency)}"
    if change.cost is None and change.kind in ("new", "gone"):
        cost = "unknown"
    return change.kind, one_line(where), one_line(change.function), one_line(change.before), one_line(change.now), one_line(cost)
