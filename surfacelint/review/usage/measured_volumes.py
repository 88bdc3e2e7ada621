"""Volumes that usage measures, and the part of a review that says which usage belongs to no workload."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import PurePath

from surfacelint.review.records import JoinedUsage, UnjoinedUsage, Usage, UsageFile
from surfacelint.review.stated_volumes import DAYS_PER_MONTH, Stated
from surfacelint.review.usage.usage_totals import UsageGroup, UsageTotals
from surfacelint.review.usage.workload_join import UsageJoin

SHORTEST_PERIOD = 1.0
"""Days that usage must cover for a rate per month. A log of one hour says nothing about the rest of the day."""


def measured_volumes(join: UsageJoin) -> dict[str, Stated]:
    """Return what usage states about each workload that it belongs to, by identity."""
    return {id_: _stated(groups) for id_, groups in join.joined.items()}


def usage_of(totals: UsageTotals, join: UsageJoin, repository: str) -> Usage:
    """Return all usage as a part of the review of a repository."""
    requests, cost = _requests(totals.groups), _cost(totals.groups)
    joined = [JoinedUsage(id_, _requests(groups), _cost(groups)) for id_, groups in join.joined.items()]
    unjoined = [
        UnjoinedUsage(
            provider=each.group.key.provider or "",
            model=each.group.key.model,
            endpoint=each.group.key.endpoint or "",
            surface=each.group.key.surface,
            service=each.group.key.caller.service if each.group.key.caller is not None else "",
            requests=each.group.requests,
            tokens=_tokens(each.group),
            cost=_cost([each.group]),
            share_of_requests=_share(each.group.requests, requests),
            share_of_cost=_share(each.group.cost, cost),
            reason=each.reason,
            candidates=tuple([row.id for row in each.candidates]),
        )
        for each in join.unjoined
    ]
    unjoined.sort(key=lambda each: (-(each.share_of_cost or 0), -(each.share_of_requests or 0), each.provider, each.model, each.endpoint))
    return Usage(
        repository=repository,
        files=tuple([UsageFile(file.path, file.tool, _day(file.start), _last_day(file.end)) for file in totals.files]),
        requests=requests,
        cost=cost,
        joined_requests=_requests([group for groups in join.joined.values() for group in groups]),
        joined_cost=_cost([group for groups in join.joined.values() for group in groups]),
        joined=tuple(joined),
        unjoined=tuple(unjoined),
        notes=totals.notes,
    )


def _stated(groups: Sequence[UsageGroup]) -> Stated:
    counted = [group for group in groups if group.requests is not None]
    timed = sum(group.timed_requests for group in groups)
    return Stated(
        source=_source(counted or groups),
        measured=True,
        calls_per_month=_per_month([(group.requests, group.days) for group in counted]),
        seconds_per_call=sum(group.seconds for group in groups) / timed if timed else None,
        input_tokens=_per_call([(group.input_tokens, group.requests) for group in counted]),
        output_tokens=_per_call([(group.output_tokens, group.requests) for group in counted]),
        cost_per_month=_cost_per_month(groups),
    )


def _per_month(counts: Sequence[tuple[int | None, float]]) -> float | None:
    """Return a rate per month, `None` if a count is of a period that is too short, or if there is none."""
    if not counts or any(days < SHORTEST_PERIOD for _, days in counts):
        return None
    return sum(count / days * DAYS_PER_MONTH for count, days in counts if count is not None)


def _per_call(counts: Sequence[tuple[int | None, int | None]]) -> float | None:
    known = [(count, requests) for count, requests in counts if count is not None and requests]
    requests = sum(requests for _, requests in known)
    return sum(count for count, _ in known) / requests if requests else None


def _cost_per_month(groups: Sequence[UsageGroup]) -> Decimal | None:
    paid = [(group.cost, group.days) for group in groups if group.cost is not None]
    if not paid or any(days < SHORTEST_PERIOD for _, days in paid):
        return None
    return sum((cost / Decimal(str(days)) * DAYS_PER_MONTH for cost, days in paid), Decimal(0))


def _source(groups: Sequence[UsageGroup]) -> str:
    """Return the source in words: "usage.csv, 2026-10-01 to 2026-10-31". Says if these are only the days of the first and last usage."""
    names = dict.fromkeys(PurePath(path).name for group in groups for path in group.paths)
    start, end = min(group.start for group in groups), max(group.end for group in groups)
    only = "" if all(group.complete for group in groups) else " (first to last usage)"
    return f"{', '.join(names)}, {_day(start)} to {_last_day(end)}{only}"


def _day(time: datetime) -> str:
    return time.date().isoformat()


def _last_day(end: datetime) -> str:
    """Return the last day of a period, whose end is exclusive."""
    return _day(end - timedelta(microseconds=1))


def _requests(groups: Sequence[UsageGroup]) -> int | None:
    known = [group.requests for group in groups if group.requests is not None]
    return sum(known) if known else None


def _cost(groups: Sequence[UsageGroup]) -> Decimal | None:
    known = [group.cost for group in groups if group.cost is not None]
    return sum(known, Decimal(0)).normalize() if known else None


def _tokens(group: UsageGroup) -> int | None:
    known = [count for count in (group.input_tokens, group.output_tokens) if count is not None]
    return sum(known) if known else None


def _share(part: int | Decimal | None, whole: int | Decimal | None) -> float | None:
    return None if part is None or not whole else float(part / whole)
