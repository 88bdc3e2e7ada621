"""Text of locations, traces, help and source excerpts, shared by the formats. Rows and columns are 1-based."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from surfacelint.facts.expressions import Span
from surfacelint.model.findings import Applicability, Finding, Location, Report, TraceStep
from surfacelint.reporters.styles import PLAIN, Styles
from surfacelint.suppressions.matching import text_key
from surfacelint.system.printable_text import one_line
from surfacelint.system.records import record

TAB = "    "


def place(location: Location) -> str:
    """Return the start of a location as `path:row:column`, in a notebook as `notebook.ipynb:cell 2:1:8`."""
    start = location.span.start
    return f"{text_key(location)}:{start.line}:{start.column + 1}"


def headline(finding: Finding, look: Styles = PLAIN) -> str:
    """Return `path:row:column: CODE message`, with `[fix]` after the code if a fix can be applied."""
    where = one_line(place(finding.location))
    if where.lstrip().startswith("::"):
        where = f"./{where}"  # GitHub Actions reads a line of the log that starts with colons as a command.
    mark = f" {look.label('[fix]')}" if finding.fix is not None and not finding.fix.is_sketch else ""
    return f"{where}: {look.code(finding.rule)}{mark} {one_line(finding.message)}"


def cell_prefix(location: Location) -> str:
    """Return the prefix `cell 2, row 1, column 8: ` for a location in a notebook, for formats without cells; otherwise an empty text."""
    start = location.span.start
    return "" if location.cell is None else f"cell {location.cell}, row {start.line}, column {start.column + 1}: "


def steps(finding: Finding) -> tuple[TraceStep, ...]:
    """Return the trace, or nothing if it consists only of the location of the finding."""
    return finding.trace if any(step.location != finding.location for step in finding.trace) else ()


def advice(finding: Finding) -> list[tuple[str, str]]:
    """Return the help, step by step, and the fix of a finding or why there is none, each with its label."""
    steps = [("help", step) for step in finding.help.split("\n")]
    return [(label, one_line(text)) for label, text in (*steps, *_fix(finding)) if text]


def fix_advice(finding: Finding) -> list[tuple[str, str]]:
    """Return the fix of a finding, or why there is none, with its label."""
    return [(label, one_line(text)) for label, text in _fix(finding) if text]


def _fix(finding: Finding) -> Iterator[tuple[str, str]]:
    fix = finding.fix
    if finding.refusal or fix is None:
        yield "no fix", finding.refusal
    elif fix.is_sketch:
        yield "no fix", fix.message
    else:
        yield "fix" if fix.applicability is Applicability.SAFE else "unsafe fix", fix.message


def about_rule(finding: Finding) -> str:
    """Return the name and severity of the rule of a finding, and the address of its page if it has one."""
    rule = finding.rule
    return f"{rule.name} ({rule.severity.value}){f' {rule.url}' if rule.url else ''}"


def sketch(finding: Finding) -> tuple[str, ...]:
    """Return the lines of code that show a remedy which cannot be applied."""
    if finding.fix is None or not finding.fix.is_sketch:
        return ()
    return tuple(_clean(line) for edit in finding.fix.edits for line in edit.text.rstrip("\n").split("\n"))


def details(finding: Finding, look: Styles = PLAIN, written: Callable[[str], str] = one_line) -> Iterator[str]:
    """Yield the lines below a headline: trace, help, and fix or sketch. Places are as `written` returns them."""
    trace = steps(finding)
    if trace:
        yield look.label("trace:")
    width = len(str(len(trace)))
    for number, step in enumerate(trace, start=1):
        yield f"{number:>{width + 2}} {look.gutter('-->')} {written(place(step.location))}: {one_line(step.note)}"
    for label, text in advice(finding):
        yield f"{look.label(f'{label}:')} {text}"
    # GitHub Actions reads a line of the log that starts with colons as a command.
    yield from (f"{TAB}{line.replace('::', ': :', 1) if line.lstrip().startswith('::') else line}".rstrip() for line in sketch(finding))


@record(frozen=True, slots=True)
class Excerpt:
    """Numbered source lines around the start of a span. `indent` and `width` give the columns to mark in the line `marked`, `span` the
    characters.

    Where the numbers of two lines in a row are not consecutive, lines between them are left out.
    """

    lines: tuple[tuple[int, str], ...]
    marked: int
    indent: int
    width: int
    span: tuple[int, int]

    def with_gaps(self, gap: str) -> Iterator[tuple[int | None, str]]:
        """Yield the lines, with the line `gap` without a number wherever some are left out."""
        before: int | None = None
        for number, line in self.lines:
            if before is not None and number > before + 1:
                yield None, gap
            yield number, line
            before = number


def texts(report: Report) -> Mapping[str, Sequence[str]]:
    """Return the lines of the source texts of a report, by text key. Those of notebooks have their magics."""
    found = {**dict(report.sources), **dict(report.originals)}
    return {path: [line.rstrip("\n") for line in io.StringIO(text, newline=None)] for path, text in found.items()}


def excerpt(finding: Finding, lines_by_text: Mapping[str, Sequence[str]]) -> Excerpt | None:
    """Return the first line of a finding with one line on either side and the rows of its frame, or `None` if its text is unknown."""
    location = finding.location
    lines = lines_by_text.get(text_key(location), ())
    row = location.span.start.line
    if not 1 <= row <= len(lines):
        return None
    before, marked = _split(lines[row - 1], location.span)
    return Excerpt(
        lines=tuple((number, _clean(lines[number - 1])) for number in _shown(row, finding.frame, lines)),
        marked=row,
        indent=_width(before),
        width=max(1, _width(marked)),
        span=(len(_clean(before)), len(_clean(before + marked))),
    )


def _shown(row: int, frame: Sequence[int], lines: Sequence[str]) -> list[int]:
    """Return the numbers of the lines to show, in order: a single line between two of them is shown, too."""
    near = [number for number in (row - 1, row + 1) if 1 <= number <= len(lines) and lines[number - 1].strip()]
    shown = sorted({row, *near, *(number for number in frame if 1 <= number <= len(lines))})
    between = [one + 1 for one, other in pairwise(shown) if other == one + 2]
    return sorted([*shown, *between])


def _split(line: str, span: Span) -> tuple[str, str]:
    """Return the part of the line before the span, and the part inside the span."""
    end = span.end.column if span.end.line == span.start.line else len(line.rstrip())
    return line[: span.start.column], line[span.start.column : end]


def _clean(text: str) -> str:
    return one_line(text.replace("\t", TAB))


def _width(text: str) -> int:
    """Return the width of a text in terminal columns."""
    return sum(_columns(character) for character in _clean(text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
