"""The objects of the JSON format, one a line, for programs that read a stream."""

from __future__ import annotations

from surfacelint.model.findings import Report
from surfacelint.reporters.json import as_json
from surfacelint.reporters.serialized_text import serialised


def json_lines(report: Report, *, colour: bool = False) -> str:
    """Return a line for each finding."""
    return "".join(f"{serialised(as_json(finding), indent=None)}\n" for finding in report.findings)
