"""Adds to each finding its fix, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from surfacelint.model.findings import Finding, Fix, Location, Report
from surfacelint.model.workloads import Program, Workload
from surfacelint.pipeline.report_building import texts_by_key
from surfacelint.reading.source_reader import Sources


def with_fixes(report: Report, program: Program, sources: Sources) -> Report:
    """Return the report with the fixes of its live findings. Imports LibCST only if a finding is about a workload."""
    workloads = {each.site: each for each in program.workloads}
    if not any(each.location in workloads for each in report.findings):
        return report
    findings = tuple(_fixed(report.findings, workloads, sources))
    return replace(report, findings=findings, sources=_with_edited(report.sources, findings, sources))


def _with_edited(known: Iterable[tuple[str, str]], findings: Iterable[Finding], sources: Sources) -> tuple[tuple[str, str], ...]:
    """Return source texts by text key, with those of the files that fixes edit."""
    texts = dict(known)
    for path in {edit.path for finding in findings if finding.fix is not None for edit in finding.fix.edits}:
        file = sources.project.shown_as(path)
        source = None if file is None else sources.source(file.module)
        texts.update(() if source is None else texts_by_key(source))
    return tuple(sorted(texts.items()))


def _fixed(findings: Iterable[Finding], workloads: dict[Location, Workload], sources: Sources) -> Iterable[Finding]:
    from surfacelint.codemods.documents import Documents
    from surfacelint.codemods.remedies import fix_of

    documents = Documents(sources)
    for finding in findings:
        workload = workloads.get(finding.location)
        if workload is None or finding.fix is not None:
            yield finding
            continue
        found = fix_of(finding, workload, documents)
        yield replace(finding, fix=found) if isinstance(found, Fix) else replace(finding, refusal=found.reason)
