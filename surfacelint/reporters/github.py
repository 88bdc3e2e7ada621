"""The `github` format: workflow commands of GitHub Actions, which become annotations of a pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands

GitHub shows ten annotations per level and step, and silently drops the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.findings import Finding, Report, Severity
from surfacelint.reporters.concise import concise
from surfacelint.reporters.locations import cell_prefix, details
from surfacelint.reporters.totals import summary
from surfacelint.system.printable_text import one_line

LIMIT = 10
"""Maximum number of annotations that GitHub shows per level and step."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """Return as many annotations as GitHub shows, followed by all findings for the log."""
    annotations = [annotation for command in _COMMANDS.values() for annotation in _shown(report, command)]
    left = len(report.findings) + len(report.errors) - len(annotations)
    if left:
        text = f"{left} more without annotation: GitHub shows {LIMIT} per level and step. The log of the step lists all findings."
        annotations.append(_command("notice", text, title="surfacelint"))
    return "".join(f"{line}\n" for line in (*annotations, *_log(report)))


def _shown(report: Report, command: str) -> Iterator[str]:
    """Yield the annotations of a level. Notices leave room for the one that states how many findings are left out."""
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
    yield concise(report).rstrip("\n")
    yield "::endgroup::"


def _annotation(finding: Finding, command: str) -> str:
    span = finding.location.span
    place = {"file": finding.location.path}
    if finding.location.cell is None:
        place |= {"line": str(span.start.line), "endLine": str(span.end.line)}
        if span.start.line == span.end.line:
            place |= {"col": str(span.start.column + 1), "endColumn": str(span.end.column + 1)}
    text = "\n".join((cell_prefix(finding.location) + finding.message, *details(finding)))
    return _command(command, text, **place, title=f"{finding.rule.code} {finding.rule.name}")


def _command(command: str, text: str, **properties: str) -> str:
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{command} {given}::{_data(text)}"


def _data(text: str) -> str:
    """Escape a text of several lines, so that nothing in it ends the command, starts another or reverses text."""
    return "%0A".join(one_line(line).replace("%", "%25") for line in text.split("\n"))


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")
