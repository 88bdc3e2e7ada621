"""The `gitlab` format: a GitLab code quality report.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from typing import Any

from surfacelint.facts.expressions import Position
from surfacelint.model.findings import Finding, Report, Severity
from surfacelint.reporters.fingerprints import fingerprints
from surfacelint.reporters.locations import about_rule, advice, cell_prefix, fix_advice, place, steps
from surfacelint.reporters.serialized_text import to_json
from surfacelint.system.printable_text import code_span, one_line

_SEVERITIES = {Severity.INFO: "info", Severity.WARNING: "minor", Severity.ERROR: "major"}


def gitlab(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """Return a JSON list of issues. Each has its own fingerprint, because GitLab merges issues with equal ones."""
    marks = fingerprints(report)[: len(report.findings)]
    return to_json([_issue(finding, mark) for finding, mark in zip(report.findings, marks, strict=True)]) + "\n"


def _issue(finding: Finding, fingerprint: str) -> dict[str, Any]:
    location = finding.location
    top = Position(1, 0)  # GitLab requires a line, and rows of a cell are not lines of the file.
    start, end = (top, top) if location.cell is not None else (location.span.start, location.span.end)
    return {
        "check_name": finding.rule.code,
        "content": {"body": _body(finding)},
        "description": "\n".join((cell_prefix(location) + finding.message, *(f"{label}: {text}" for label, text in fix_advice(finding)))),
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.rule.severity],
        "location": {"path": location.path.removeprefix("./"), "positions": {"begin": _position(start), "end": _position(end)}},
    }


def _body(finding: Finding) -> str:
    """Return the trace, the help and the rule, as Markdown."""
    trace = (f"{number}. {code_span(place(step.location))}: {one_line(step.note)}" for number, step in enumerate(steps(finding), start=1))
    help_ = (f"- {text}" for label, text in advice(finding) if label == "help")
    parts = ("\n".join(trace), "\n".join(help_), about_rule(finding))
    return "\n\n".join(part for part in parts if part)


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column + 1}
