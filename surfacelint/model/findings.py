"""Findings and reports: immutable results, complete before a reporter runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from surfacelint.facts.expressions import Span
from surfacelint.facts.module_outlines import title


class Severity(str, Enum):
    """Severity of a rule or finding, from least to most severe."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span of a file. `path` is relative to the working directory where possible, with forward slashes.

    In a notebook, `cell` is the 1-based index among all cells, and rows count from the first line of the cell.
    """

    path: str
    span: Span
    cell: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class TraceStep:
    """One hop from the repetition or handler to the request."""

    location: Location
    note: str


LONGEST_TRACE = 20
"""Maximum number of trace steps in a finding. In a longer trace, one step replaces the middle and states how many are omitted."""


STEPS_BEFORE, STEPS_AFTER = LONGEST_TRACE // 2, LONGEST_TRACE - LONGEST_TRACE // 2 - 1
"""Number of steps before and after the step that replaces the middle."""


def shortened(trace: tuple[TraceStep, ...]) -> tuple[TraceStep, ...]:
    """Return a trace of at most `LONGEST_TRACE` steps, with its first and last steps kept and the middle omitted."""
    return trace if len(trace) <= LONGEST_TRACE else elided(trace, trace, len(trace))


def elided(first: tuple[TraceStep, ...], last: tuple[TraceStep, ...], length: int) -> tuple[TraceStep, ...]:
    """Return a trace of `length` steps without its middle. `first` and `last` hold at least the steps to keep from either end."""
    omitted = length - STEPS_BEFORE - STEPS_AFTER
    middle = TraceStep(first[STEPS_BEFORE].location, f"{omitted} steps omitted from here on")
    return (*first[:STEPS_BEFORE], middle, *last[-STEPS_AFTER:])


class Applicability(str, Enum):
    """Whether a fix may be applied without review, in the three grades of ruff."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replacement of `span` in the file `path` by `text`.

    In a notebook, `cell` is the 1-based index among all cells, and rows of `span` count from the first line of the cell.
    """

    path: str
    span: Span
    text: str
    cell: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class NewFile:
    """A file that a fix adds. It is written only if nothing exists at `path`; a file with the same text counts as written."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Fix:
    """Edits, possibly of several files, and new files. They are applied together or not at all.

    `message` says what the fix does. The edits of a fix that is only for display are a sketch: they show the remedy in the
    names of the user's code, and `message` says why it cannot be applied.
    """

    message: str
    edits: tuple[Edit, ...]
    applicability: Applicability
    files: tuple[NewFile, ...] = ()

    @property
    def is_sketch(self) -> bool:
        """Whether the fix is only for display."""
        return self.applicability is Applicability.DISPLAY


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """Description of a rule for output. `page` is the docstring of its module, `url` the published page or empty."""

    code: str
    name: str
    severity: Severity
    default: bool
    page: str
    url: str = ""

    @property
    def summary(self) -> str:
        """First line of the page."""
        return self.page.strip().partition("\n")[0]


@dataclass(frozen=True, slots=True)
class SuppressedBy:
    """How a finding is suppressed: by a comment (`inSource`, in the terms of SARIF) or by the baseline (`external`).

    `reason` is the justification in the comment, or empty.
    """

    kind: Literal["inSource", "external"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers, in words, to three questions: is a user waiting, can the items run independently, is the volume worth it.

    `volume_decides` states that a declared volume may silence the finding.
    """

    waiting: str
    independence: str
    volume: str
    volume_decides: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule violation at a location.

    `help` has one step of the remedy per line. `function` is the qualified name of the enclosing function, and `call` is
    the normalised source of the callee: with code and path they identify a finding without line numbers. `suppressed`
    is `None` for a live finding. `trace` has at most `LONGEST_TRACE` steps. `refusal` says why no fix can be applied: it names the
    variable or statement in the way. `frame` are the rows, besides those of the location, which show the construct around it: the
    header of a loop, the definition of a handler, the loop that waits. `answers` are `None` if the finding is not about a workload.
    """

    rule: RuleInfo
    message: str
    location: Location
    trace: tuple[TraceStep, ...] = ()
    help: str = ""
    fix: Fix | None = None
    function: str = ""
    call: str = ""
    workload: str = ""
    noqa_row: int | None = None
    suppressed: SuppressedBy | None = None
    refusal: str = ""
    frame: tuple[int, ...] = ()
    answers: Answers | None = None

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """Code, path, function and call, which stay the same when lines move. Equal findings are distinguished by counting."""
        return (self.rule.code, self.location.path, title(self.function), self.call)

    @property
    def sort_key(self) -> tuple[str, int, Span, str, str]:
        """Sort key: path, cell, span, code and message."""
        return (self.location.path, self.location.cell or 0, self.location.span, self.rule.code, self.message)


@dataclass(frozen=True, slots=True)
class Report:
    """Result of one run.

    - `findings`: live findings, sorted.
    - `suppressed`: suppressed findings, each with what suppresses it.
    - `errors`: one sentence per problem that prevented a check. A file that could not be checked is an SRF901 finding instead.
    - `warnings`: one sentence per comment or setting that has no effect.
    - `files_checked`: number of files that were requested and found.
    - `sources`: texts that contain a finding or a trace step, or that a fix edits, by text key.
    - `originals`: the cells of notebooks with findings as the notebooks have them, with magics, by text key.
    - `version`: version of surfacelint.
    - `gone`: identities of baseline entries that no longer occur, with paths as written in the baseline.
    - `tests_left_out`: number of checked files that lead to a provider but are skipped as test code.
    - `only_screened`: number of checked files without a provider import that were not parsed and may contain syntax errors.
    - `date`: the day of the run, as in 2026-11-30; empty if unknown.
    - `requests`: number of places in the project that send a request. `workloads`: number of calls in the checked files that rules
      judged. `None` if unknown.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    errors: tuple[str, ...]
    files_checked: int
    sources: tuple[tuple[str, str], ...] = ()
    version: str = ""
    warnings: tuple[str, ...] = ()
    gone: tuple[tuple[str, str, str, str], ...] = ()
    tests_left_out: int = 0
    only_screened: int = 0
    requests: int | None = None
    workloads: int | None = None
    date: str = ""
    originals: tuple[tuple[str, str], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every requested file could be checked."""
        return not self.errors and not any(finding.rule.code == "SRF901" for finding in self.findings)
