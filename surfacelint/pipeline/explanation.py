"""Why a call is reported, or why not: what it resolves to, what repeats it, and what was made of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from surfacelint.judgement.flow.expression_text import spell
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request, Target
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.abstract_values import External, Function, Instance, Method, Parameter, Value
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.findings import LONGEST_TRACE
from surfacelint.model.workloads import Workload
from surfacelint.pipeline.group_analysis import Analysis
from surfacelint.project.module_names import SourceFile
from surfacelint.reading.source_reader import Sources
from surfacelint.reporters.locations import place
from surfacelint.reporters.totals import count

Codes: TypeAlias = Callable[[Workload, bool], list[str]]
"""What rules have something to say about a workload: those that are enabled for its file, or all that there are."""


def explanation(analysis: Analysis, sources: Sources, codes: Codes, file: SourceFile, row: int, cell: int | None = None) -> str:
    """Return the explanation for the calls that stand on a 1-based row of a file, one paragraph each.

    Rows of a notebook are those of its cells: of one of them, or of each.
    """
    here = (site for sites in analysis.graph.sites.values() for site in sites if site.function.module.name == file.module)
    placed = [(site, sources.location(site.function, site.call.span)) for site in here]
    sites = [site for site, at in placed if at.span.start.line <= row <= at.span.end.line and cell in (None, at.cell)]
    if not sites:
        if not analysis.has(file.module):
            return f"{file.display} is not analysed: nothing in it leads to a provider, or it is test code.\n"
        return f"There is no call on line {row} of {file.display if cell is None else f'cell {cell} of {file.display}'}.\n"
    return "\n".join("\n".join(_paragraph(analysis, sources, codes, site)) + "\n" for site in sites)


def _paragraph(analysis: Analysis, sources: Sources, codes: Codes, site: Site) -> Iterator[str]:
    location = sources.location(site.function, site.call.span)
    yield f"{place(location)} {spell(site.call.function)} in {site.function.outline.title}"
    yield from (f"  {text}" for text in _resolution(analysis, site))
    effects = [effect for each, effects in analysis.effects.sites.get(site.function.id, ()) if each is site for effect in effects]
    requests = [effect for effect in effects if isinstance(effect.sink, Request)] or _by_callers(analysis, site)
    if not requests:
        yield "  It leads to no request that is known."
        return
    for effect in requests:
        yield from (f"  {text}" for text in _middle_left_out([*_request(analysis, sources, effect)]))
    for workload in analysis.program.workloads:
        if workload.site == location:
            waiting = workload.waiting
            yield f"  Waiting: {waiting.answer}{f' ({waiting.entry})' if waiting.entry else ''}. Judged: {_judged(workload, codes)}."


def _middle_left_out(lines: list[str]) -> list[str]:
    """Return the lines about the way to a request: of a long one, as many as a trace has steps."""
    left = len(lines) - (LONGEST_TRACE - 1)
    if len(lines) <= LONGEST_TRACE:
        return lines
    begin = LONGEST_TRACE // 2
    return [*lines[:begin], f"  {count(left, 'line')} left out", *lines[begin + left :]]


def _by_callers(analysis: Analysis, site: Site) -> list[Effect]:
    """Return the ways to requests that a site is on through what callers pass: a callback, a client. One for each request."""
    found: dict[Request, Effect] = {}
    for sites in analysis.effects.sites.values():
        for way in (way for _, ways in sites for way in ways if isinstance(way.sink, Request)):
            for tail in way.tails():
                if tail.hop.site is site and isinstance(tail.sink, Request):
                    found.setdefault(tail.sink, tail)
    return list(found.values())


def _judged(workload: Workload, codes: Codes) -> str:
    """Return what rules make of a workload."""
    if workload.silence:
        return f"silent: {workload.silence}"
    if workload.accepted and not workload.polled:
        return "silent: the handler answers 202, so that nobody waits for the batch"
    if found := codes(workload, False):
        return f"worth a finding ({', '.join(found)})"
    if found := codes(workload, True):
        return f"silent: only {' or '.join(found)} would report it, and is not enabled for this file"
    return "silent: somebody waits for it" if workload.waiting.answer == "yes" else "silent: no rule is about it"


def _resolution(analysis: Analysis, site: Site) -> Iterator[str]:
    values = analysis.resolver.callee(site.call, site.function)
    if not values:
        yield f"Not resolved: nothing is known of {spell(site.call.function)}."
    for value in values:
        yield f"Resolves to {_named(value)}."
    for target in site.targets:
        if target.row is not None:
            yield f"Runs {_callee(target)} ({target.row.name})."


def _named(value: Value) -> str:
    match value:
        case External(path=path, host=host):
            return f"{path}{f' at {host}' if host else ''}"
        case Function(id=id_) | Method(id=id_) | Instance(id=id_):
            return id_
        case Parameter(name=name, path=path):
            return f"whatever is passed for {name}{path}"
        case _:
            return str(value)


def _callee(target: Target) -> str:
    callee = target.callee
    if isinstance(callee, FunctionNode):
        return callee.id
    return callee.endpoint.path if isinstance(callee, Request) else f"whatever is passed for {callee.name}{callee.path}"


def _request(analysis: Analysis, sources: Sources, effect: Effect) -> Iterator[str]:
    request = effect.sink
    assert isinstance(request, Request)
    traits = f", {', '.join(sorted(request.traits))}" if request.traits else ""
    yield f"Leads to {request.endpoint.path} ({request.endpoint.surface}{traits}) in {count(effect.length, 'hop')}."
    for tail in effect.tails():
        judged = analysis.evidence.sites.judged(tail)
        for frame, verdict, bound in judged.frames if judged is not None else ():
            over = f" over {spell(frame.iterable)}" if frame.iterable is not None else ""
            known = f", at most {bound} items" if bound is not None else ""
            name = f" ({verdict.name})" if verdict.name else ""
            function = tail.hop.site.function
            where = f"{function.outline.title}, line {sources.location(function, frame.span).span.start.line}"
            yield f"  {where}: {frame.kind}{over}: {verdict.kind}{name}{known}."
