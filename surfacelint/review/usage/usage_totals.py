"""Sums of several usage exports, in which nothing counts twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from surfacelint.review.usage.file_usage import FileUsage, Measure, Period, UsageKey, UsageSum, read_file
from surfacelint.review.usage.model_names import ModelName, model_name
from surfacelint.review.usage.usage_rows import UsageError
from surfacelint.system.records import record

_MEASURES: dict[Measure, str] = {"calls": "requests and tokens", "cost": "cost"}
_BILLS = frozenset({"OpenAI", "Anthropic"})
"""Tools whose exports sum requests up. Which requests they sum up cannot be seen if they group them differently."""


@record(frozen=True, slots=True)
class UsageGroup:
    """The usage of a model at an endpoint, over all files of one tool.

    `days` is the length of the covered period. Unless it is `complete`, it is that from the first to the last usage.
    """

    key: UsageKey
    tool: str
    paths: tuple[str, ...]
    start: datetime
    end: datetime
    days: float
    complete: bool
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
    notes: tuple[str, ...] = ()
    files: tuple[FileUsage, ...] = ()


def read_usage(paths: Sequence[str], period: Period | None = None) -> UsageTotals:
    """Read and sum usage exports, which cover a `period` if that is known. Raises UsageError.

    Earlier files win where several tools state the same.
    """
    files: list[FileUsage] = []
    for path in paths:
        found = read_file(path, period)
        for earlier in files:
            shared = found.sketch.shared(earlier.sketch)
            if shared is not None:
                here, there = shared
                raise UsageError(f"{path}:{here}: the row is also in {earlier.path}:{there}; give files that do not overlap")
        files.append(found)
    return combined(files)


def combined(files: Sequence[FileUsage]) -> UsageTotals:
    """Sum the usage of files. Of several tools that state the same measure of a model for overlapping periods, one counts."""
    notes = [note for measure in _MEASURES for note in (*_leave_out_repeated(files, measure), *_doubtful_sums(files, measure))]
    tools = dict.fromkeys(file.tool for file in files)
    groups = [group for tool in tools for group in _groups(tool, [file for file in files if file.tool == tool])]
    return UsageTotals(tuple(groups), tuple(notes), tuple(files))


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
                all(file.complete for file in files),
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
    for (better_path, path), models in left_out.items():
        yield f"{better_path} and {path} both state the {_MEASURES[measure]} of {', '.join(sorted(models))}: those of {better_path} count"


def _doubtful_sums(files: Sequence[FileUsage], measure: Measure) -> Iterable[str]:
    """Say which exports of the same provider are added up although their periods overlap."""
    bills = [file for file in files if file.tool in _BILLS]
    for number, file in enumerate(bills):
        for other in bills[number + 1 :]:
            shared = sorted({key.model or "unnamed models" for key in file.sums if _both_state(file, other, key, measure)})
            if file.tool == other.tool and file.start < other.end and other.start < file.end and shared:
                both = f"{file.path} and {other.path} both state the {_MEASURES[measure]} of {', '.join(shared)}"
                yield f"{both}: they are added; give one file if they are the same"


def _both_state(file: FileUsage, other: FileUsage, key: UsageKey, measure: Measure) -> bool:
    return file.sums[key].states(measure) and key in other.sums and other.sums[key].states(measure)
