"""Sums of the rows of usage exports: first of each file, then of all files, without counting anything twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from surfacelint.review.usage.export_formats import usage_rows
from surfacelint.review.usage.model_names import ModelName, model_name
from surfacelint.review.usage.row_sketch import RowSketch
from surfacelint.review.usage.usage_rows import Caller, UsageError, UsageRow, UsageSurface
from surfacelint.system.records import record

CURRENCY = "USD"
"""The currency of all prices of a review."""

MOST_GROUPS = 100_000

Measure: TypeAlias = Literal["calls", "cost"]


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
    """What one file states. `start` and `end` are the period that it covers."""

    path: str
    tool: str
    start: datetime
    end: datetime
    sums: dict[UsageKey, UsageSum]
    sketch: RowSketch


@record(frozen=True, slots=True)
class UsageGroup:
    """The usage of a model at an endpoint, over all files of one tool. `days` is the length of the covered period."""

    key: UsageKey
    tool: str
    paths: tuple[str, ...]
    start: datetime
    end: datetime
    days: float
    requests: int | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    seconds: float = 0.0
    timed_requests: int = 0


@record(frozen=True, slots=True)
class UsageTotals:
    """All usage. `notes` say, in sentences, which numbers were left out because another file states them."""

    groups: tuple[UsageGroup, ...]
    notes: tuple[str, ...]


def read_usage(paths: Sequence[str]) -> UsageTotals:
    """Read and sum usage exports. Earlier files win where several tools state the same. Raises UsageError."""
    files: list[FileUsage] = []
    for path in paths:
        found = read_file(path)
        for earlier in files:
            shared = found.sketch.shared(earlier.sketch)
            if shared is not None:
                here, there = shared
                raise UsageError(f"{path}:{here}: the row is also in {earlier.path}:{there}; give files that do not overlap")
        files.append(found)
    return combined(files)


def read_file(path: str) -> FileUsage:
    """Read and sum one export. Raises UsageError."""
    sums: dict[UsageKey, UsageSum] = {}
    sketch = RowSketch()
    tool = ""
    period: tuple[datetime, datetime] | None = None
    for format_, row in usage_rows(path):
        tool = format_.tool
        if row.end < row.start:
            raise UsageError(f"{path}:{row.line}: the period ends before it starts; export the file again")
        period = (row.start, row.end) if period is None else (min(period[0], row.start), max(period[1], row.end))
        if row.cost is not None and row.currency != CURRENCY:
            raise UsageError(
                f"{path}:{row.line}: the currency is {row.currency}; the review counts in {CURRENCY}, so convert the amounts first"
            )
        key = UsageKey(row.provider, row.model, row.endpoint, row.surface, row.gateway, row.caller)
        if row.identity:
            sketch.add(row.identity, row.line)
        found = sums.get(key)
        if found is None:
            if len(sums) >= MOST_GROUPS:
                raise UsageError(
                    f"{path}:{row.line}: more than {MOST_GROUPS:,} models and callers; export fewer columns or a shorter period"
                )
            found = sums[key] = UsageSum()
        found.add(row)
    if period is None:
        raise UsageError(f"{path}: no usage in it; export a period with usage")
    return FileUsage(path, tool, *period, sums, sketch)


def combined(files: Sequence[FileUsage]) -> UsageTotals:
    """Sum the usage of files. Of several tools that state the same measure of a model for overlapping periods, one counts."""
    notes = [note for measure in ("calls", "cost") for note in _leave_out_repeated(files, measure)]
    tools = dict.fromkeys(file.tool for file in files)
    groups = [group for tool in tools for group in _groups(tool, [file for file in files if file.tool == tool])]
    return UsageTotals(tuple(groups), tuple(notes))


def _groups(tool: str, files: Sequence[FileUsage]) -> Iterable[UsageGroup]:
    days = covered_days([(file.start, file.end) for file in files])
    start, end = min(file.start for file in files), max(file.end for file in files)
    for key in dict.fromkeys(key for file in files for key in file.sums):
        total = UsageSum()
        having = [file for file in files if key in file.sums]
        for file in having:
            total.add(file.sums[key])
        if total.states("calls") or total.states("cost"):
            yield UsageGroup(
                key,
                tool,
                tuple([file.path for file in having]),
                start,
                end,
                days,
                total.requests,
                total.input_tokens,
                total.cached_tokens,
                total.output_tokens,
                total.cost,
                total.seconds,
                total.timed_requests,
            )


def covered_days(periods: Iterable[tuple[datetime, datetime]]) -> float:
    """Return the length in days of what at least one period covers."""
    covered = timedelta()
    last: datetime | None = None
    for start, end in sorted(periods):
        begin = start if last is None or start > last else last
        if end > begin:
            covered += end - begin
        last = end if last is None else max(last, end)
    return covered / timedelta(days=1)


@record(frozen=True, slots=True)
class _Statement:
    """What one file states of one model: under `keys`, and whether with the number of requests."""

    file: FileUsage
    provider: str | None
    gateway: str
    model: ModelName
    keys: list[UsageKey]
    requests: bool

    def repeats(self, other: _Statement) -> bool:
        """Whether the rows of both, by different tools, may be about the same requests."""
        mine, its = self.file, other.file
        if mine.tool == its.tool or mine.start >= its.end or its.start >= mine.end or not self.model.same(other.model):
            return False
        return self.provider == other.provider or None in (self.provider, other.provider) or bool(self.gateway or other.gateway)


def _statements(files: Sequence[FileUsage], measure: Measure) -> Iterable[list[_Statement]]:
    """Return what files state of a measure, by family of models."""
    families: dict[str, dict[object, _Statement]] = {}
    for file in files:
        for key, total in file.sums.items():
            if total.states(measure):
                name = model_name(key.model)
                place = (file.path, key.provider, key.gateway, name, total.requests is not None)
                new = _Statement(file, key.provider, key.gateway, name, [], total.requests is not None)
                families.setdefault(name.family, {}).setdefault(place, new).keys.append(key)
    return [list(statements.values()) for statements in families.values()]


def _leave_out_repeated(files: Sequence[FileUsage], measure: Measure) -> Iterable[str]:
    """Forget what a better file of another tool states, too. Files that count requests are better, and then earlier tools."""
    tools = list(dict.fromkeys(file.tool for file in files))
    left_out: dict[tuple[str, str], set[str]] = {}
    for statements in _statements(files, measure):
        ranked = sorted(statements, key=lambda each: (measure == "calls" and not each.requests, tools.index(each.file.tool)))
        kept: list[_Statement] = []
        for statement in ranked:
            better = next((each for each in kept if statement.repeats(each)), None)
            if better is None:
                kept.append(statement)
                continue
            for key in statement.keys:
                statement.file.sums[key].forget(measure)
                left_out.setdefault((better.file.path, statement.file.path), set()).add(key.model or "unnamed models")
    word = "requests and tokens" if measure == "calls" else "cost"
    for (better_path, path), models in left_out.items():
        yield f"{better_path} and {path} both state the {word} of {', '.join(sorted(models))}: those of {better_path} count"
