"""The `concise` format: one line per finding, as flake8 prints them."""

from __future__ import annotations

from surfacelint.model.findings import Report
from surfacelint.reporters.locations import headline
from surfacelint.reporters.styles import styles


def concise(report: Report, *, colour: bool = False) -> str:
    """Return `path:row:column: CODE message` for each finding."""
    code = styles(colour).code
    return "".join(f"{headline(finding, code(finding.rule.code))}\n" for finding in report.findings)
