"""The `json-lines` format: the objects of the `json` format, one per line."""

from __future__ import annotations

from surfacelint.model.findings import Report
from surfacelint.reporters.json import as_json
from surfacelint.reporters.serialized_text import to_json


def json_lines(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """Return one line per finding."""
    return "".join(f"{to_json(as_json(finding), indent=None)}\n" for finding in report.findings)
