"""Workflow commands of GitHub Actions, which become annotations of a pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands

GitHub shows ten annotations of a level for each step, and drops the rest without a word.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.findings import Finding, Report, Severity
from surfacelint.reporters.concise import concise
from surfacelint.reporters.locations import details, in_cell
from surfacelint.reporters.totals import summary
from surfacelint.system.printable_text import one_line

LIMIT = 10
"""How many annotations of a level GitHub shows for a step."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(report: Report, *, colour: bool = False) -> str:
    """Return an annotation for each finding, as far as GitHub shows them, and after these all findings as the log shows them."""
    annotations = [annotation for command in _COMMANDS.values() for annotation in _shown(report, command)]
    left = len(report.findings) + len(report.errors) - len(annotations)
    if left:
        text = f"{left} more not annotated, as GitHub shows {LIMIT} of a level for a step; the log of the step has all findings"
        annotations.append(_command("notice", text, title="surfacelint"))
    return "".join(f"{line}\n" for line in (*annotations, *_log(report)))


def _shown(report: Report, command: str) -> Iterator[str]:
    """Return the annotations of a level: no more than GitHub shows, and one fewer of the level that tells what is left out."""
    room = LIMIT - (command == "notice")
    errors = report.errors if command == "error" else ()
    findings = [finding for finding in report.findings if _COMMANDS[finding.rule.severity] == command]
    for error in errors[:room]:
        yield _command(command, error, title="surfacelint")
    for finding in findings[: max(0, room - len(errors))]:
        yield _annotation(finding, command)


def _log(report: Report) -> Iterator[str]:
    if not report.findings:
        yield summary(report)
        return
    yield f"::group::surfacelint: {_data(summary(report))}"
    # What begins with ##[ is a command, too, wherever it stands in a line.
    yield concise(report).rstrip("\n").replace("##[", "## [")
    yield "::endgroup::"


def _annotation(finding: Finding, command: str) -> str:
    span = finding.location.span
    place = {"file": finding.location.path}
    if finding.location.cell is None:
        place |= {"line": str(span.start.line), "endLine": str(span.end.line)}
        if span.start.line == span.end.line:
            place |= {"col": str(span.start.column + 1), "endColumn": str(span.end.column + 1)}
    text = "\n".join((in_cell(finding.location) + finding.message, *details(finding)))
    return _command(command, text, **place, title=f"{finding.rule.code} {finding.rule.name}")


def _command(command: str, text: str, **properties: str) -> str:
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{command} {given}::{_data(text)}"


def _data(text: str) -> str:
    """Return a text of several lines as a command takes it: nothing in it ends the command, begins another or turns text round."""
    return "%0A".join(one_line(line).replace("%", "%25") for line in text.split("\n"))


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")
