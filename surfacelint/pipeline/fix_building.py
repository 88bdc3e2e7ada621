"""Completes the findings of a report from the source: position, spelling and code frame, and the fix or the reason why there is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from surfacelint.model.findings import Finding, Location, Report, TraceStep
from surfacelint.model.workloads import Program, Workload
from surfacelint.pipeline.finding_cache import FindingCache
from surfacelint.pipeline.report_building import texts_by_key
from surfacelint.reading.source_reader import Sources
from surfacelint.rules import RULES

if TYPE_CHECKING:
    from surfacelint.codemods.documents import Documents
    from surfacelint.visitors.constructs import Construct

UNSEEN = "LibCST cannot see the construct"
"""The reason why a finding has no fix if the concrete syntax does not show what the analysis reports."""


def completed(report: Report, program: Program, sources: Sources, batch_module: str, fixes: bool, settings: Callable[[], str]) -> Report:
    """Return the report with its live findings completed, without `fixes` but for these.

    `batch_module` is the setting of that name, and `settings` that of `FindingCache`. Imports LibCST only if a finding is about a workload
    and not in the cache.
    """
    places = {each.location for each in report.findings}
    workloads: dict[Location, list[Workload]] = {}
    for each in program.workloads:
        if each.site in places:
            workloads.setdefault(each.site, []).append(each)
    if not workloads:
        return report
    kept = FindingCache(sources, settings, batch_module, fixes)
    documents: Documents | None = None
    found: list[Finding] = []
    for path, here in _by_path(report.findings).items():
        file = sources.project.shown_as(path)
        about = [_workload(each, workloads.get(each.location, [])) for each in here]
        if file is None or not any(about):
            found += here
            continue
        known = kept.cached(file.module, here, about)
        if known is None:
            from surfacelint.codemods.documents import Documents

            documents = documents or Documents(sources, batch_module)
            documents.begin(about)
            known = [_completed(*pair, documents, fixes) for pair in zip(here, about, strict=True)]
            kept.keep(file.module, here, about, known, documents.asked)
        found += known
    findings = tuple(sorted(found, key=lambda each: each.sort_key))
    return replace(report, findings=findings, sources=_with_edited(report.sources, findings, sources))


def _with_edited(known: Iterable[tuple[str, str]], findings: Iterable[Finding], sources: Sources) -> tuple[tuple[str, str], ...]:
    """Return source texts by text key, with those of the files that fixes edit."""
    texts = dict(known)
    for path in {edit.path for finding in findings if finding.fix is not None for edit in finding.fix.edits}:
        file = sources.project.shown_as(path)
        source = None if file is None else sources.source(file.module)
        texts.update(() if source is None else texts_by_key(source))
    return tuple(sorted(texts.items()))


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for each in findings:
        found.setdefault(each.location.path, []).append(each)
    return found


def _completed(finding: Finding, workload: Workload | None, documents: Documents, fixes: bool) -> Finding:
    document = documents.at(finding.location.path)
    if workload is None or document is None:
        return finding
    construct = document.construct(workload)
    if construct is None:
        return replace(finding, refusal=UNSEEN)
    location = document.location(construct.span)
    shown = replace(
        finding,
        location=location,
        message=construct.respelled(finding.message),
        trace=tuple(_respelled(finding.trace, construct)),
        frame=document.frame(location, construct.rows),
    )
    return _remedied(shown, workload, construct, documents) if fixes else shown


def _remedied(finding: Finding, workload: Workload, construct: Construct, documents: Documents) -> Finding:
    """Return the finding with its fix. An error in a codemod hides no finding: it becomes the reason why there is no fix."""
    from surfacelint.codemods.remedies import remedied

    try:
        return remedied(finding, workload, construct, documents)
    except Exception as error:
        if os.environ.get("SURFACELINT_DEBUG"):
            raise
        return replace(finding, refusal=f"surfacelint failed to build it ({type(error).__name__}); please report this code")


def _respelled(trace: tuple[TraceStep, ...], construct: Construct) -> Iterator[TraceStep]:
    """Yield the steps of a trace. The first one is about the construct, and is spelled as the construct is."""
    for number, step in enumerate(trace):
        yield step if number else replace(step, note=construct.respelled(step.note))


def _workload(finding: Finding, workloads: list[Workload]) -> Workload | None:
    """Return the workload that a finding is about: of several at its location, the one from which its rule makes the same finding."""
    rule = next(rule for rule in RULES if rule.code == finding.rule.code)
    for workload in workloads:
        if any(each.message == finding.message for each in rule.check(Program((workload,)), rule.info)):
            return workload
    return None
