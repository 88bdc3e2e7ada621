"""Measured usage as text, for all formats that people read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from surfacelint.review.amounts import money, number, percent
from surfacelint.review.records import Review, UnjoinedUsage, Usage
from surfacelint.system.printable_text import one_line


def summary(review: Review) -> Iterator[str]:
    """Yield a sentence about the measured usage of each repository: how much there is, and which part workloads account for."""
    for usage in review.usage:
        start, end = min(each.start for each in usage.files), max(each.end for each in usage.files)
        name = f" of {one_line(usage.repository)}" if len(review.usage) > 1 else ""
        parts = list(filter(None, (_requests(usage), _cost(usage, review.currency))))
        measured = "; ".join(parts) or "tokens, but neither requests nor cost"
        yield f"Usage exports{name}, {start} to {end}: {measured}."


def _requests(usage: Usage) -> str:
    if usage.requests is None:
        return ""
    return f"{number(usage.requests)} requests, of which {_part(usage.joined_requests, usage.requests)} belong to a workload for certain"


def _cost(usage: Usage, currency: str) -> str:
    if usage.cost is None:
        return ""
    return f"{money(usage.cost, currency)}, of which {_part(usage.joined_cost, usage.cost)} belong to a workload for certain"


def _part(part: int | Decimal | None, whole: int | Decimal) -> str:
    return share(float((part or 0) / whole)) if whole else share(0.0)


def title(used: UnjoinedUsage) -> str:
    """Return what was used: `openai gpt-4o, completions, batch, service nightly`."""
    model = " ".join(filter(None, (used.provider, used.model))) or "unnamed model"
    surface = "" if used.surface == "unknown" else used.surface
    service = f"service {used.service}" if used.service else ""
    return one_line(", ".join(filter(None, (model, used.endpoint, surface, service))))


def amounts(used: UnjoinedUsage, currency: str) -> tuple[str, str, str, str]:
    """Return the cost, its share, the number of requests and their share. What is not measured is empty."""
    return (
        "" if used.cost is None else money(used.cost, currency),
        share(used.share_of_cost),
        "" if used.requests is None else number(used.requests),
        share(used.share_of_requests),
    )


def share(part: float | None) -> str:
    """Return a share in whole percent: `64 %`, `< 1 %`."""
    if part is None:
        return ""
    return "< 1 %" if 0 < part < 0.01 else percent(Decimal(str(round(part, 2))))


def reason(used: UnjoinedUsage, review: Review) -> str:
    """Return why the usage belongs to no workload for certain, and the places of those that it can belong to."""
    places = {row.id: f"{row.place.path}:{row.place.row}" for row in review.workloads}
    candidates = [places.get(id_, id_) for id_ in used.candidates]
    return one_line(f"{used.reason}: {', '.join(candidates)}" if candidates else used.reason)
