"""Joins the reports on several projects into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from surfacelint.model.findings import Finding, Report


def merged(reports: Sequence[Report]) -> Report:
    """Return one report on all projects. What two projects report at the same place with the same code is one finding."""
    if len(reports) == 1:
        return reports[0]
    return Report(
        findings=_sorted(finding for each in reports for finding in each.findings),
        suppressed=_sorted(finding for each in reports for finding in each.suppressed),
        errors=tuple(dict.fromkeys(error for each in reports for error in each.errors)),
        files_checked=sum(each.files_checked for each in reports),
        sources=tuple(sorted({source for each in reports for source in each.sources})),
        originals=tuple(sorted({cell for each in reports for cell in each.originals})),
        version=reports[0].version if reports else "",
        warnings=tuple(dict.fromkeys(warning for each in reports for warning in each.warnings)),
        date=reports[0].date if reports else "",
        gone=tuple(dict.fromkeys(entry for each in reports for entry in each.gone)),
        tests_left_out=sum(each.tests_left_out for each in reports),
        only_screened=sum(each.only_screened for each in reports),
        requests=sum(each.requests or 0 for each in reports),
        workloads=sum(each.workloads or 0 for each in reports),
    )


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    first: dict[object, Finding] = {}
    for finding in findings:
        first.setdefault((finding.location, finding.rule.code), finding)
    return tuple(sorted(first.values(), key=lambda each: each.sort_key))
