"""Suppression comments and declared facts for current findings, as edits that can be applied like fixes."""

from __future__ import annotations

from collections.abc import Iterable

from surfacelint.model.findings import Applicability, Finding, Fix, Report
from surfacelint.suppressions import comment_edits
from surfacelint.suppressions.comment_parsing import lay_out
from surfacelint.suppressions.matching import NOT_CHECKED, UNUSED, text_key, text_place
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class Additions:
    """One fix per comment, and a warning for each finding whose statement cannot hold one."""

    comments: tuple[Fix, ...]
    warnings: tuple[str, ...]


def additions(report: Report, reason: str) -> Additions:
    """Return a suppression comment for the statement of each finding. `reason` is written into each comment."""
    wanted: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if can_hold_comment(finding):
            wanted.setdefault(text_key(finding.location), []).append(finding)
    texts = dict(report.sources)
    found = [_of_text(key, findings, texts[key], reason) for key, findings in wanted.items()]
    return Additions(
        tuple(comment for each in found for comment in each.comments), tuple(warning for each in found for warning in each.warnings)
    )


def can_hold_comment(finding: Finding) -> bool:
    """Whether a comment at a finding can suppress it or declare facts about it."""
    return finding.rule.code not in (NOT_CHECKED, UNUSED)


def declared(finding: Finding, report: Report, fact: str, reason: str) -> Additions:
    """Return a comment that declares a fact, such as `volume=200/day`, about the workload of a finding of the report."""
    key = text_key(finding.location)
    return _of_text(key, (finding,), dict(report.sources)[key], reason, fact)


def _of_text(key: str, findings: Iterable[Finding], text: str, reason: str, fact: str = "") -> Additions:
    path, cell = text_place(key)
    lines, layout = text.split("\n"), lay_out(text)
    by_line: dict[int, set[str]] = {}
    warnings: list[str] = []
    for finding in findings:
        line = comment_edits.line_for_comment(lines, layout, finding.location.span)
        if line is None:
            start = finding.location.span.start.line
            warnings.append(f"{key}:{start}: no line of the statement can hold a comment; add one to the head of the function by hand")
        else:
            by_line.setdefault(line, set()).add(finding.rule.code)
    edits = [
        comment_edits.declaration(path, line, lines[line - 1], fact, reason, cell)
        if fact
        else comment_edits.addition(path, line, lines[line - 1], codes, reason, cell)
        for line, codes in sorted(by_line.items())
    ]
    message = f"declare {fact}" if fact else "add a suppression comment"
    return Additions(tuple(Fix(message, (edit,), Applicability.SAFE) for edit in edits), tuple(warnings))
