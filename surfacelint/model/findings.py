"""Findings and reports: complete values, made before any reporter runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from surfacelint.facts.expressions import Span
from surfacelint.facts.module_outlines import title


class Severity(str, Enum):
    """How much a finding matters; the order of the members is the order of weight."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span of a file. `path` is as the user would type it from where the tool runs, with forward slashes.

    `cell` is the 1-based index among all cells of a notebook, and then rows count from the cell's first line.
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
"""Steps of a trace that are shown. Of a longer one those in the middle are left out, and a step in their place says how many."""


STEPS_BEFORE, STEPS_AFTER = LONGEST_TRACE // 2, LONGEST_TRACE - LONGEST_TRACE // 2 - 1
"""Steps before and after the one that says how many are left out."""


def shortened(trace: tuple[TraceStep, ...]) -> tuple[TraceStep, ...]:
    """Return a trace of no more than `LONGEST_TRACE` steps. What leads to the request, and the request itself, stand at its ends."""
    return trace if len(trace) <= LONGEST_TRACE else elided(trace, trace, len(trace))


def elided(first: tuple[TraceStep, ...], last: tuple[TraceStep, ...], length: int) -> tuple[TraceStep, ...]:
    """Return a trace of `length` steps without its middle: `first` are its first steps, `last` its last ones, more than are shown."""
    left = length - STEPS_BEFORE - STEPS_AFTER
    middle = TraceStep(first[STEPS_BEFORE].location, f"{left} steps left out, from here on")
    return (*first[:STEPS_BEFORE], middle, *last[-STEPS_AFTER:])


class Applicability(str, Enum):
    """Whether a fix may be applied without a look: ruff's three grades."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace `span` of `path` by `text`."""

    path: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Fix:
    """Edits that belong together."""

    message: str
    edits: tuple[Edit, ...]
    applicability: Applicability


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """The printable half of a rule. `page` is the rule module's docstring, `url` where it is published, if it is."""

    code: str
    name: str
    severity: Severity
    default: bool
    page: str
    url: str = ""

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.page.strip().partition("\n")[0]


@dataclass(frozen=True, slots=True)
class SuppressedBy:
    """What keeps a finding quiet: a comment in the source (`inSource`, as SARIF calls it) or something beside it (`external`).

    `reason` is what was given for it, if anything was.
    """

    kind: Literal["inSource", "external"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a reviewer would say. Sorted by place, then code.

    `function` is the qualname of the function that it stands in, `call` the normalised source of the call: together
    with code and path they identify a finding without line numbers. `suppressed` is `None` while the finding is live.
    `trace` is `shortened`.
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

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What stays the same when lines move: code, path, function and call. Equal findings are told apart by counting."""
        return (self.rule.code, self.location.path, title(self.function), self.call)

    @property
    def sort_key(self) -> tuple[str, int, Span, str, str]:
        """Order by path, cell, place, code and message."""
        return (self.location.path, self.location.cell or 0, self.location.span, self.rule.code, self.message)


@dataclass(frozen=True, slots=True)
class Report:
    """What one run found.

    `findings` are sorted and live; `suppressed` were silenced, each says by what. `errors` are sentences about what
    could not be checked, other than files (these are SRF901 findings), `warnings` about comments and settings that are not obeyed.
    `complete` is false when anything asked for was not checked. `version` is that of surfacelint. `gone` are identities
    of findings that the baseline has and that are no more, with paths as they are in it. `tests_left_out` counts the
    files among those checked that lead to a provider, and in which nothing was looked for because they are test code.
    `only_screened` counts those that were searched for imports of a provider, have none, and were not parsed: there may be syntax errors.
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

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for could be checked."""
        return not self.errors and not any(finding.rule.code == "SRF901" for finding in self.findings)
