"""The `concise` format: one line per finding, as flake8 prints them."""

from __future__ import annotations

from surfacelint.model.findings import Report
from surfacelint.reporters.locations import headline
from surfacelint.reporters.styles import styles


def concise(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """Return `path:row:column: CODE message` for each finding, with `[fix]` after the code if a fix can be applied."""
    look = styles(colour, links)
    return "".join(f"{headline(finding, look)}\n" for finding in report.findings)
