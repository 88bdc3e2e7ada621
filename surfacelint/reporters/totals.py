"""Summary of a run in one sentence, and counts by rule for `--statistics`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping

from surfacelint.model.findings import Applicability, Report, RuleInfo
from surfacelint.suppressions.matching import NOT_CHECKED


def summary(report: Report) -> str:
    """Return a one-line summary, including what was not or only partly checked."""
    found = sum(finding.rule.code != NOT_CHECKED for finding in report.findings)
    unchecked = len({finding.location.path for finding in report.findings if finding.rule.code == NOT_CHECKED})
    files = count(report.files_checked - report.tests_left_out, "file")
    checked = f"{files}, {unchecked} could not be checked" if unchecked else f"{files} checked"
    if report.only_screened:
        checked += f", {screened(report)}"
    if report.tests_left_out:
        checked += f", {count(report.tests_left_out, 'test file')} skipped"
    if report.suppressed:
        checked += f", {count(len(report.suppressed), 'finding')} suppressed"
    if found:
        return f"Found {count(found, 'finding')} ({checked})."
    return f"All clear: {checked}.{_seen(report)}" if report.complete else f"No findings, but not everything could be checked ({checked})."


def _seen(report: Report) -> str:
    """Return what a clean run has seen, because without any request it would be clean, too."""
    if report.requests is None or report.workloads is None:
        return ""
    if not report.requests:
        return " No LLM requests seen."
    return f" {count(report.requests, 'LLM request')} seen, {count(report.workloads, 'workload')} judged."


def fixable(report: Report, unsafe: bool) -> str:
    """Return how many findings can be fixed, and with which options; empty if none. With `unsafe`, unsafe fixes are already asked for."""
    grades = Counter(finding.fix.applicability for finding in report.findings if finding.fix is not None)
    safe, risky = grades[Applicability.SAFE], grades[Applicability.UNSAFE]
    if unsafe or not risky:
        return f"{safe + risky} fixable with `--fix`." if safe + risky else ""
    return f"{safe} fixable with `--fix`, {risky} more with `--unsafe-fixes`." if safe else f"{risky} fixable with `--unsafe-fixes`."


def screened(report: Report) -> str:
    """Return how many files were only searched for provider imports and not parsed; empty if none."""
    return f"{report.only_screened} only searched for provider imports" if report.only_screened else ""


def statistics(report: Report) -> str:
    """Return one line per rule with findings, the most frequent first."""
    found = counts(report)
    width = max((len(str(number)) for _, number in found), default=0)
    return "".join(f"{number:>{width}}  {rule.code}  {rule.name}\n" for rule, number in found)


def statistics_json(report: Report) -> str:
    """Return the counts as a JSON list."""
    return json.dumps(_rows(report), indent=2) + "\n"


def statistics_json_lines(report: Report) -> str:
    """Return the objects of the JSON list, one per line."""
    return "".join(f"{json.dumps(row)}\n" for row in _rows(report))


def statistics_markdown(report: Report) -> str:
    """Return the counts as a Markdown table."""
    rows = "".join(f"| {number} | {rule.code} | {rule.name} |\n" for rule, number in counts(report))
    return f"| count | code | rule |\n|---:|---|---|\n{rows}" if rows else f"{summary(report)}\n"


STATISTICS: Mapping[str, Callable[[Report], str]] = {
    "full": statistics,
    "concise": statistics,
    "json": statistics_json,
    "json-lines": statistics_json_lines,
    "markdown": statistics_markdown,
}
"""Functions that render `--statistics`, for the formats that support it."""


def _rows(report: Report) -> list[dict[str, str | int]]:
    return [{"code": rule.code, "count": number, "name": rule.name} for rule, number in counts(report)]


def counts(report: Report) -> list[tuple[RuleInfo, int]]:
    """Return the number of findings per rule, the most frequent first."""
    rules = {finding.rule.code: finding.rule for finding in reversed(report.findings)}
    found = Counter(finding.rule.code for finding in report.findings)
    return [(rules[code], number) for code, number in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))]


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where needed: `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
