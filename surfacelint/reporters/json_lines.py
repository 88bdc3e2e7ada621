"""The objects of the JSON format, one a line, for programs that read a stream."""

from __future__ import annotations

import json

from surfacelint.findings import Report
from surfacelint.reporters.json import as_json


def json_lines(report: Report, *, colour: bool = False) -> str:
    """Return a line for each finding."""
    return "".join(f"{json.dumps(as_json(finding))}\n" for finding in report.findings)
