"""Findings as a JSON list in ruff's shape, with `trace` and `workload` added. Rows and columns are 1-based."""

from __future__ import annotations

import json as json_text
from typing import Any

from surfacelint.facts.expressions import Position
from surfacelint.findings import Finding, Report


def json(report: Report, *, colour: bool = False) -> str:
    """Return the list; it is there, and empty, when there are no findings. JSON is never coloured."""
    return json_text.dumps([_finding(finding) for finding in report.findings], indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    location = finding.location
    return {
        "cell": location.cell,
        "code": finding.rule.code,
        "end_location": _position(location.span.end),
        "filename": location.path,
        "fix": None,
        "location": _position(location.span.start),
        "message": finding.message,
        "name": finding.rule.name,
        "noqa_row": finding.noqa_row or location.span.start.line,
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
        "url": None,
        "workload": finding.workload or None,
    }


def _position(position: Position) -> dict[str, int]:
    return {"column": position.column + 1, "row": position.line}
