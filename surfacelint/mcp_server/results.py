"""The results of the tools, whose JSON schemas clients see, and what keeps results small: an agent reads all of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from surfacelint.model.findings import Finding
from surfacelint.pipeline.explanation import ExplainedCall
from surfacelint.project.file_discovery import display_path
from surfacelint.reporters.json import as_json
from surfacelint.review import row_texts
from surfacelint.review.records import ReviewedWorkload
from surfacelint.system.printable_text import lines

LARGEST = 60_000
"""The maximum number of characters of all findings, workloads or calls, or of a diff, in one result."""

LONGEST_TEXT = 1_000
"""The maximum number of characters of one text in a finding, such as its message or a file name."""

MOST_NOTES = 20
"""The maximum number of errors, warnings or names in one result."""

_Item = TypeVar("_Item", bound=BaseModel)


class Position(BaseModel):
    """A place in a file, or in the cell of a notebook. Rows and columns count from 1."""

    row: int
    column: int


class TraceStep(BaseModel):
    """A step on the way from the loop or handler to the request."""

    filename: str
    cell: int | None
    location: Position
    note: str


class FixSummary(BaseModel):
    """What a fix does, and whether it is safe, unsafe or only for display. The tool `fix` returns it as a diff."""

    applicability: str
    message: str


class FindingResult(BaseModel):
    """A finding, with the names of the output format `json`. `refusal` says why there is no fix."""

    code: str
    name: str
    severity: str
    message: str
    filename: str
    cell: int | None
    location: Position
    end_location: Position
    help: str | None
    trace: list[TraceStep]
    fix: FixSummary | None
    refusal: str | None
    url: str | None


class CheckResult(BaseModel):
    """Findings. `more` counts those left out; `complete` is false if something could not be checked, which `errors` or SRF901 says."""

    summary: str
    findings: list[FindingResult]
    more: int
    complete: bool
    errors: list[str]
    warnings: list[str]


class WorkloadResult(BaseModel):
    """A workload: a call site, how it repeats, the three answers in words, and what to do.

    `figures` has cost and time on each surface, and `basis` what they rest on; `rules` are the codes that `check` reports here.
    """

    id: str
    filename: str
    cell: int | None
    location: Position
    function: str
    call: str
    provider: str
    endpoint: str
    models: list[str]
    repetition: str
    waiting: str
    independence: str
    volume: str
    surface: str
    verdict: str
    reason: str
    figures: list[str]
    basis: str
    savings: str
    rules: list[str]


class ReviewResult(BaseModel):
    """Workloads, those with something to do first. `verdicts` counts all of them, `more` those left out."""

    workloads: list[WorkloadResult]
    more: int
    verdicts: dict[str, int]
    prices: str
    complete: bool
    errors: list[str]
    warnings: list[str]


class VerdictResult(BaseModel):
    """A verdict in words, with the codes of the rules that report the call; none if it is not reported."""

    codes: list[str]
    text: str


class ExplainedCallResult(BaseModel):
    """A call on the line: its verdicts, and in `details` what it resolves to, what repeats it, and who waits."""

    call: str
    function: str
    filename: str
    cell: int | None
    location: Position
    verdicts: list[VerdictResult]
    details: list[str]


class ExplainResult(BaseModel):
    """The calls on a line. `more` counts those left out; `note` says why there are none."""

    calls: list[ExplainedCallResult]
    more: int
    note: str


class RuleSummary(BaseModel):
    """A rule. `default` tells whether it is on without being selected."""

    code: str
    name: str
    severity: str
    default: bool
    summary: str
    url: str


class RuleResult(BaseModel):
    """All rules; or one, and its `page` in Markdown."""

    rules: list[RuleSummary]
    page: str | None


class FixResult(BaseModel):
    """A unified diff, which nothing has applied. `left_out` names changed files whose part would have made it too long."""

    diff: str
    files: list[str]
    left_out: list[str]
    fixed: int
    complete: bool
    errors: list[str]


def finding_result(finding: Finding) -> FindingResult:
    """Return a finding as the tools show it."""
    return FindingResult.model_validate(_shortened(as_json(finding)))


def explained_result(call: ExplainedCall) -> ExplainedCallResult:
    """Return an explained call as the tools show it."""
    start = call.location.span.start
    shown: Any = _shortened(
        {
            "call": call.call,
            "function": call.function,
            "filename": call.location.path,
            "cell": call.location.cell,
            "location": {"row": start.line, "column": start.column + 1},
            "verdicts": [{"codes": list(each.codes), "text": each.text} for each in call.verdicts],
            "details": [line.strip() for line in call.details],
        }
    )
    return ExplainedCallResult.model_validate(shown)


def workload_result(row: ReviewedWorkload, currency: str, root: Path) -> WorkloadResult:
    """Return a workload of the project at `root` as the tools show it."""
    shown: Any = _shortened(
        {
            "id": row.id,
            "filename": display_path(root / row.place.path),
            "cell": row.place.cell,
            "location": {"row": row.place.row, "column": row.place.column},
            "function": row.function,
            "call": row.call,
            "provider": row.provider,
            "endpoint": row.endpoint,
            "models": list(row.models),
            "repetition": row.repetition.text or row.repetition.kind,
            "waiting": row_texts.waits(row),
            "independence": row_texts.independence(row),
            "volume": row_texts.volume(row),
            "surface": row.surface,
            "verdict": row.verdict,
            "reason": row.reason,
            "figures": [f"{about}: {text}" for about, text in row_texts.figures(row, currency)],
            "basis": row_texts.basis(row),
            "savings": row_texts.savings(row, currency),
            "rules": list(row.rules),
        }
    )
    return WorkloadResult.model_validate(shown)


def first(items: Sequence[_Item], limit: int) -> list[_Item]:
    """Return the first items: at most `limit`, and as many as `LARGEST` characters of JSON hold, but at least one."""
    kept: list[_Item] = []
    room = LARGEST
    for item in items[:limit]:
        room -= len(item.model_dump_json())
        if room < 0 and kept:
            break
        kept.append(item)
    return kept


def notes(sentences: Iterable[str]) -> list[str]:
    """Return sentences, without the last ones if there are very many; then a last one says how many are left out."""
    found = [shortened(each) for each in sentences]
    return found if len(found) <= MOST_NOTES else [*found[: MOST_NOTES - 1], f"{len(found) - MOST_NOTES + 1} more"]


def fitting(parts: Mapping[str, str]) -> list[str]:
    """Return the names of parts that together have at most `LARGEST` characters; a part is shown whole or not at all."""
    shown: list[str] = []
    room = LARGEST
    for path, text in parts.items():
        if len(text) <= room:
            shown.append(path)
            room -= len(text)
    return shown


def shortened(text: str) -> str:
    """Return a text of at most `LONGEST_TEXT` characters, with its middle left out if needed."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT // 2]} … {text[-LONGEST_TEXT // 2 + 3 :]}"


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return shortened(lines(value))
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    return [_shortened(inner) for inner in value] if isinstance(value, list) else value
