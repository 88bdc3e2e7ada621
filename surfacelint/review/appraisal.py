"""Weighs a row against its volume: its figures, and whether they change the verdict of the code."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from surfacelint.review.amounts import duration, money, number
from surfacelint.review.estimates import RATE, estimated, savings
from surfacelint.review.prices import Prices
from surfacelint.review.records import Offer, ReviewedWorkload
from surfacelint.review.stated_volumes import DAYS_PER_MONTH, Stated, basics
from surfacelint.review.workload_rows import CallSite

_MOVES = frozenset({"move to batch", "move to flex", "queue the follow-up"})
"""Verdicts that are worth it only for many calls that may take long."""


def appraised(site: CallSite, row: ReviewedWorkload, stated: tuple[Stated, ...], prices: Prices) -> ReviewedWorkload:
    """Return a row with its volume, its figures, and the verdict that they lead to. Of several sources, the first one counts."""
    found = estimated(row, basics(row, stated), prices)
    reviewed = next((each.reviewed for each in stated if each.reviewed), "")
    if found.verdict in _MOVES:
        reason = _too_little(site, found, stated)
        if reason:
            unworthy = f"{reason}{_arithmetic(found, prices.currency)}{_contradiction(found)}"
            found = replace(found, verdict="not worth it", reason=unworthy, savings=None)
    elif found.verdict == "not worth it":
        would = replace(found, verdict="move to batch")
        found = replace(found, reason=f"{found.reason}{_arithmetic(replace(would, savings=savings(would)), prices.currency)}")
    return replace(found, reviewed=reviewed)


def _too_little(site: CallSite, row: ReviewedWorkload, stated: tuple[Stated, ...]) -> str:
    """Return why the volume is too small or the deadline too short, or an empty string."""
    volume, least = row.volume, site.main.min_calls_per_day
    batch = next((each for each in row.offers if each.surface == "batch"), None)
    if any(each.one_off for each in stated):
        return "the job runs once"
    deadline = next((each.deadline_hours for each in stated if each.deadline_hours is not None), None)
    if row.verdict == "move to batch" and deadline is not None and _window(batch) > deadline:
        return f"the answers are needed within {duration(deadline * 3600)}, and a batch may take {duration(_window(batch) * 3600)}"
    if volume.calls_per_month is not None and volume.calls_per_month / DAYS_PER_MONTH < least:
        per_day = number(volume.calls_per_month / DAYS_PER_MONTH)
        return f"{per_day} calls a day are fewer than {least:,} (`min-calls-per-day`)"
    if (
        volume.calls_per_month is None
        and volume.kind == "declared"
        and volume.calls_per_run is not None
        and volume.calls_per_run < site.main.min_items
    ):
        return f"{number(volume.calls_per_run)} calls a run are fewer than {site.main.min_items:,} (`min-items`)"
    return ""


def _window(batch: Offer | None) -> float:
    return 0.0 if batch is None or batch.window_hours is None else batch.window_hours


def _arithmetic(row: ReviewedWorkload, currency: str) -> str:
    """Return what the move would save, in time and money, as far as it is known."""
    saved, today = row.savings, row.offers[0] if row.offers else None
    parts = []
    run = None if today is None or today.surface != "realtime" else today.run
    if run is not None and run.seconds is not None and row.repetition.kind != "once":
        parts.append(f"{number(run.calls)} calls take {duration(run.seconds)} one after another")
    if saved is not None and saved.cost is not None:
        known = run if run is not None and saved.calls == RATE and row.repetition.kind != "once" else saved
        cost = saved.cost * Decimal(str(known.calls)) / Decimal(str(saved.calls)) if saved.calls else saved.cost
        month = " a month" if today is not None and today.month is not None and known is saved else ""
        parts.append(f"a move saves {money(cost, currency)} on {number(known.calls)} calls{month}")
    return f": {', '.join(parts)}" if parts else ""


def _contradiction(row: ReviewedWorkload) -> str:
    """Return that `check` still reports the workload, because it does not know this volume."""
    return (
        f"; `check` reports {', '.join(row.rules)} until the volume is declared in a comment or in the configuration" if row.rules else ""
    )
