"""What a run comes to: one sentence, or a table of rules."""

from __future__ import annotations

import json
from collections import Counter

from surfacelint.findings import Report, RuleInfo
from surfacelint.suppressions import NOT_CHECKED


def summary(report: Report) -> str:
    """Return one sentence that claims no more than the run knows."""
    found = sum(finding.rule.code != NOT_CHECKED for finding in report.findings)
    unchecked = len({finding.location.path for finding in report.findings if finding.rule.code == NOT_CHECKED})
    files = _count(report.files_checked, "file")
    checked = f"{files}, {unchecked} of them could not be checked" if unchecked else f"{files} checked"
    if report.suppressed:
        checked += f", {_count(len(report.suppressed), 'finding')} suppressed"
    if found:
        return f"Found {_count(found, 'finding')} ({checked})."
    return f"All clear: {checked}." if report.complete else f"Nothing found, but not everything was checked ({checked})."


def statistics(report: Report) -> str:
    """Return a line for each rule that found something, the most frequent first."""
    counts = _counts(report)
    width = max((len(str(count)) for _, count in counts), default=0)
    return "".join(f"{count:>{width}}  {rule.code}  {rule.name}\n" for rule, count in counts)


def statistics_json(report: Report) -> str:
    """Return the same as a JSON list."""
    return json.dumps([{"code": rule.code, "count": count, "name": rule.name} for rule, count in _counts(report)], indent=2) + "\n"


def _counts(report: Report) -> list[tuple[RuleInfo, int]]:
    counts = Counter(finding.rule for finding in report.findings)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].code))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
