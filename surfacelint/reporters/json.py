"""The `json` format: a list in the shape of ruff, with `help`, `trace`, `workload`, `refusal`, and the `files` that a fix adds.

Rows and columns are 1-based.
"""

from __future__ import annotations

from typing import Any

from surfacelint.facts.expressions import Position
from surfacelint.model.findings import Finding, Fix, Report
from surfacelint.reporters.serialized_text import to_json


def json(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """Return the findings as a JSON list, which may be empty."""
    return to_json([as_json(finding) for finding in report.findings]) + "\n"


def as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as a JSON object."""
    location = finding.location
    return {
        "cell": location.cell,
        "code": finding.rule.code,
        "end_location": _position(location.span.end),
        "filename": location.path,
        "fix": None if finding.fix is None else _fix(finding.fix),
        "help": finding.help or None,
        "location": _position(location.span.start),
        "message": finding.message,
        "name": finding.rule.name,
        "noqa_row": finding.noqa_row or location.span.start.line,
        "refusal": finding.refusal or None,
        "severity": finding.rule.severity.value,
        "trace": [
            {
                "cell": step.location.cell,
                "filename": step.location.path,
                "location": _position(step.location.span.start),
                "note": step.note,
            }
            for step in finding.trace
        ],
        "url": finding.rule.url or None,
        "workload": finding.workload or None,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "applicability": fix.applicability.value,
        "edits": [
            {
                "cell": edit.cell,
                "content": edit.text,
                "end_location": _position(edit.span.end),
                "filename": edit.path,
                "location": _position(edit.span.start),
            }
            for edit in fix.edits
        ],
        "files": [{"content": file.text, "filename": file.path} for file in fix.files],
        "message": fix.message,
    }


def _position(position: Position) -> dict[str, int]:
    return {"column": position.column + 1, "row": position.line}
