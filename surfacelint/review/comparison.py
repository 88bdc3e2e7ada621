"""What has changed between two reviews of the same repositories, and whether that is within a budget."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from surfacelint.review import row_texts
from surfacelint.review.records import Change, ChangeKind, Comparison, Review, ReviewedWorkload
from surfacelint.system.safe_reading import InputError

QUARTER = datetime.timedelta(days=92)
"""A volume that no person has reviewed for longer is overdue."""

KINDS: tuple[ChangeKind, ...] = ("new", "gone", "surface", "verdict", "volume", "reviewed", "overdue")
"""The kinds of changes, in the order in which they are listed."""

_WELL = frozenset({"right surface", "not worth it"})
"""Verdicts of workloads about which there is nothing to do."""


def compared(now: Review, before: Review) -> Review:
    """Return a review with its changes since an earlier one. Only the repositories of `now` count.

    Raises InputError if the earlier review knows none of them, has another currency, or is younger.
    """
    shared = frozenset(now.repositories) & frozenset(before.repositories)
    if now.repositories and not shared:
        raise InputError(
            f"reviews {', '.join(before.repositories)}, and not {', '.join(now.repositories)}; name the repository with --repository"
        )
    if before.currency != now.currency:
        raise InputError(f"has amounts in {before.currency}, and this review in {now.currency}")
    if before.date > now.date:
        raise InputError(f"is of {before.date}, and this review of {now.date}: the earlier one goes with --since")
    changes = sorted(_changes(now, before), key=lambda each: (KINDS.index(each.kind), each.repository, each.place.path, each.place.row))
    return replace(now, comparison=Comparison(before.date, tuple(changes)))


def _changes(now: Review, before: Review) -> Iterator[Change]:
    names = frozenset(now.repositories)
    old = {(row.repository, row.id): row for row in before.workloads if row.repository in names}
    new = {(row.repository, row.id): row for row in now.workloads}
    for key, row in new.items():
        earlier = old.get(key)
        if earlier is None:
            yield _change("new", row, "", row.verdict, row.monthly_cost)
        else:
            yield from _differences(earlier, row, now, before)
    unread = {(each.repository, each.path) for each in now.not_checked}
    for key, row in old.items():
        # Without a path, no workload of the repository may be known.
        if key not in new and not unread.intersection(((row.repository, row.place.path), (row.repository, ""))):
            cost = row.monthly_cost
            yield _change("gone", row, row.verdict, "", None if cost is None else -cost)


def _differences(earlier: ReviewedWorkload, row: ReviewedWorkload, now: Review, before: Review) -> Iterator[Change]:
    cost, paid = row.monthly_cost, earlier.monthly_cost
    added = None if cost is None or paid is None else cost - paid
    if earlier.surface != row.surface:
        yield _change("surface", row, earlier.surface, row.surface, added)
    if earlier.verdict != row.verdict:
        yield _change("verdict", row, earlier.verdict, row.verdict)
    if _numbers(earlier) != _numbers(row):
        # A change has one cost, however many things changed.
        yield _change("volume", row, row_texts.volume(earlier), row_texts.volume(row), added if earlier.surface == row.surface else None)
    if row.reviewed and row.reviewed != earlier.reviewed:
        yield _change("reviewed", row, earlier.reviewed or "never", row.reviewed)
    elif _day(now.date) - _day(row.reviewed or before.date) > QUARTER:
        yield _change("overdue", row, row.reviewed or "never", f"not reviewed since {row.reviewed or before.date}")


def _change(kind: ChangeKind, row: ReviewedWorkload, before: str, now: str, cost: Decimal | None = None) -> Change:
    return Change(kind, row.repository, row.id, row.place, row.function, before, now, cost)


def _numbers(row: ReviewedWorkload) -> tuple[object, ...]:
    return row.volume.kind, row.volume.calls_per_run, row.volume.calls_per_month


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"not a review: {text!r} is no date") from None


def over_budget(review: Review, budget: Decimal | None) -> str:
    """Return why the new workloads of a compared review do not pass, empty if they do.

    Without a budget, a new workload passes if there is nothing to do about it. With one, all of them together may cost that much a month,
    and one whose cost is unknown does not pass.
    """
    rows = {(row.repository, row.id): row for row in review.workloads}
    changes = () if review.comparison is None else review.comparison.changes
    new = [rows[each.repository, each.workload] for each in changes if each.kind == "new"]
    if budget is None:
        left = [row for row in new if row.verdict not in _WELL]
        return f"{_places(left)}: new, and not on the right surface" if left else ""
    unknown = [row for row in new if row.monthly_cost is None and row.surface != "local"]
    if unknown:
        return f"{_places(unknown)}: new, at an unknown cost; state a volume in the volume file or in a comment"
    cost = sum((row.monthly_cost or Decimal(0) for row in new), Decimal(0))
    return f"new workloads cost {cost:.2f} {review.currency} a month, more than {budget}" if cost > budget else ""


def _places(rows: list[ReviewedWorkload]) -> str:
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return ", ".join(row_texts.place(row) for row in rows[:3]) + more
