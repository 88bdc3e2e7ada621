"""Sums of the rows of one usage export."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Literal, TypeAlias

from surfacelint.review.usage.export_formats import usage_rows
from surfacelint.review.usage.row_sketch import RowSketch
from surfacelint.review.usage.usage_rows import Caller, UsageError, UsageRow, UsageSurface
from surfacelint.system.records import record

CURRENCY = "USD"
"""The currency of all prices of a review."""

MOST_GROUPS = 100_000

Measure: TypeAlias = Literal["calls", "cost"]

Period: TypeAlias = tuple[datetime, datetime]
"""Start and end of a period. The end is exclusive."""


@record(frozen=True, slots=True)
class UsageKey:
    """What rows are summed by."""

    provider: str | None
    model: str
    endpoint: str | None
    surface: UsageSurface
    gateway: str = ""
    caller: Caller | None = None


class UsageSum:
    """Sums of rows. A sum is `None` if no row states the measure."""

    __slots__ = ("cached_tokens", "cost", "input_tokens", "output_tokens", "requests", "seconds", "timed_requests")

    def __init__(self) -> None:
        self.requests: int | None = None
        self.input_tokens: int | None = None
        self.cached_tokens: int | None = None
        self.output_tokens: int | None = None
        self.cost: Decimal | None = None
        self.seconds: float = 0.0
        self.timed_requests: int = 0

    def add(self, other: UsageRow | UsageSum) -> None:
        """Add a row or a sum."""
        self.requests = _added(self.requests, other.requests)
        self.input_tokens = _added(self.input_tokens, other.input_tokens)
        self.cached_tokens = _added(self.cached_tokens, other.cached_tokens)
        self.output_tokens = _added(self.output_tokens, other.output_tokens)
        if other.cost is not None:
            self.cost = other.cost if self.cost is None else self.cost + other.cost
        if other.seconds is not None:
            self.seconds += other.seconds
            self.timed_requests += 1 if isinstance(other, UsageRow) else other.timed_requests

    def states(self, measure: Measure) -> bool:
        """Whether any row stated the number of requests or tokens, or the cost."""
        return self.cost is not None if measure == "cost" else (self.requests, self.input_tokens, self.output_tokens) != (None, None, None)

    def forget(self, measure: Measure) -> None:
        """Forget what was stated of a measure."""
        if measure == "cost":
            self.cost = None
        else:
            self.requests = self.input_tokens = self.cached_tokens = self.output_tokens = None
            self.seconds, self.timed_requests = 0.0, 0


def _added(one: int | None, other: int | None) -> int | None:
    return one if other is None else other if one is None else one + other


@record(frozen=True, slots=True)
class FileUsage:
    """What one file states. `start` and `end` are the period that it covers, for certain if it is `complete`.

    Otherwise these are the first and the last time in the file, which leaves out times without usage.
    """

    path: str
    tool: str
    start: datetime
    end: datetime
    complete: bool
    sums: dict[UsageKey, UsageSum]
    sketch: RowSketch


def read_file(path: str, period: Period | None = None) -> FileUsage:
    """Read and sum one export, which covers a `period` if that is known. Raises UsageError."""
    sums: dict[UsageKey, UsageSum] = {}
    sketch = RowSketch()
    covered: Period | None = None
    for format_, row in usage_rows(path):
        _check(path, row, period)
        tool, complete = format_.tool, format_.complete
        covered = (row.start, row.end) if covered is None else (min(covered[0], row.start), max(covered[1], row.end))
        key = UsageKey(row.provider, row.model, row.endpoint, row.surface, row.gateway, row.caller)
        if row.identity:
            sketch.add(row.identity, row.line)
        found = sums.get(key)
        if found is None:
            if len(sums) >= MOST_GROUPS:
                problem = f"more than {MOST_GROUPS:,} models and callers; export fewer columns or a shorter period"
                raise UsageError(f"{path}:{row.line}: {problem}")
            found = sums[key] = UsageSum()
        found.add(row)
    if covered is None:
        raise UsageError(f"{path}: no usage in it; export a period with usage")
    return FileUsage(path, tool, *(period or covered), complete or period is not None, sums, sketch)


def _check(path: str, row: UsageRow, period: Period | None) -> None:
    """Raise UsageError if a row cannot be summed with the others."""
    problem = ""
    if row.end < row.start:
        problem = "the period ends before it starts; export the file again"
    elif row.cost is not None and row.currency != CURRENCY:
        problem = f"the currency is {row.currency}; the review counts in {CURRENCY}, so convert the amounts first"
    elif period is not None and not period[0] <= row.start < period[1]:
        problem = f"the time {row.start:%Y-%m-%d %H:%M} is outside of the period; give the period that the exports cover"
    if problem:
        raise UsageError(f"{path}:{row.line}: {problem}")


def period_of(text: str) -> Period:
    """Return the period in a text such as `2026-10-01..2026-10-31`, whose last day counts. Raises UsageError."""
    try:
        start, end = (datetime.strptime(part.strip(), "%Y-%m-%d").replace(tzinfo=timezone.utc) for part in text.split(".."))
    except ValueError:
        raise UsageError(f"{text!r} is not a period; write the first and the last day, such as 2026-10-01..2026-10-31") from None
    if end < start:
        raise UsageError(f"{text!r} ends before it starts; write the first and the last day, such as 2026-10-01..2026-10-31")
    return start, end + timedelta(days=1)
