"""Explains why the calls on a line are or are not reported: what they resolve to, what repeats them, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from surfacelint.judgement.flow.expression_text import source_text
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request, Target
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.abstract_values import External, Function, Instance, Method, Parameter, Value
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.findings import LONGEST_TRACE, STEPS_AFTER, STEPS_BEFORE, Location
from surfacelint.model.workloads import Workload
from surfacelint.pipeline.group_analysis import Analysis
from surfacelint.project.module_names import SourceFile
from surfacelint.reading.source_reader import Sources
from surfacelint.reporters.locations import place
from surfacelint.reporters.totals import count
from surfacelint.system.records import record

Codes: TypeAlias = Callable[[Workload, bool], list[str]]
"""Returns the codes of the rules that report a workload: only those enabled for its file, or with `True` all of them."""

_SHAPES = {
    "items": "runs over independent items",
    "few": "has few items",
    "handful": "has few items",
    "retry": "is a retry loop",
    "search": "is a search loop",
    "dependent": "carries data from one call to the next",
    "chain": "carries data from one call to the next",
    "sampling": "repeats the same input",
    "sweep": "varies a parameter and not the data",
    "packed": "sends many inputs per request",
    "conversation": "is a conversation",
    "open-ended": "is open-ended",
    "arrivals": "receives its items over time",
}
"""What a repetition with a certain verdict does."""


@record(frozen=True, slots=True)
class Judged:
    """A verdict on a call: the `codes` of the rules that report it, or the `reason` why none does.

    `where` says which call is repeated, if it is another one.
    """

    codes: tuple[str, ...] = ()
    reason: str = ""
    where: str = ""

    @property
    def text(self) -> str:
        """The verdict as a clause."""
        return (f"report ({', '.join(self.codes)})" if self.codes else f"silent, because {self.reason}") + self.where


@record(frozen=True, slots=True)
class ExplainedCall:
    """A call with its verdicts: one for each workload that it is, at least one.

    `details` are lines about what it resolves to and leads to.
    """

    location: Location
    call: str
    function: str
    details: tuple[str, ...]
    verdicts: tuple[Judged, ...]

    def text(self) -> str:
        """Return a paragraph about the call."""
        head = f"{place(self.location)} `{self.call}` in `{self.function}`"
        return "".join(f"{line}\n" for line in (head, *self.details, *(f"  Verdict: {each.text}." for each in self.verdicts)))


@record(frozen=True, slots=True)
class Explanation:
    """The calls on a row of a file. If there are none, `note` says why."""

    calls: tuple[ExplainedCall, ...]
    note: str = ""

    def text(self) -> str:
        """Return one paragraph for each call."""
        return "\n".join(each.text() for each in self.calls) or f"{self.note}\n"


def explanation(analysis: Analysis, sources: Sources, codes: Codes, file: SourceFile, row: int, cell: int | None = None) -> Explanation:
    """Explain each call on a 1-based row of a file.

    In a notebook, rows count from the start of a cell: of `cell` if it is given, otherwise of every cell.
    """
    here = (site for sites in analysis.graph.sites.values() for site in sites if site.function.module.name == file.module)
    placed = [(site, sources.location(site.function, site.call.span)) for site in here]
    sites = [site for site, at in placed if at.span.start.line <= row <= at.span.end.line and cell in (None, at.cell)]
    if sites:
        return Explanation(tuple(_explained(analysis, sources, codes, site) for site in sites))
    if not analysis.has(file.module):
        return Explanation((), f"{file.display} is not analysed: it does not lead to an LLM provider, or it is test code.")
    return Explanation((), f"There is no call on line {row} of {file.display if cell is None else f'cell {cell} of {file.display}'}.")


def _explained(analysis: Analysis, sources: Sources, codes: Codes, site: Site) -> ExplainedCall:
    location = sources.location(site.function, site.call.span)
    details = [f"  {text}" for text in _resolution(analysis, site)]
    effects = [effect for each, effects in analysis.effects.sites.get(site.function.id, ()) if each is site for effect in effects]
    requests = [effect for effect in effects if isinstance(effect.sink, Request)] or _by_callers(analysis, site)
    for effect in requests:
        details += [f"  {text}" for text in _without_middle([*_request(analysis, sources, effect)])]
    if not requests and site not in analysis.effects.off:
        details.append("  Leads to no known request.")
    own = [workload for workload in analysis.program.workloads if workload.site == location]
    for waiting in (workload.waiting for workload in own if requests):
        details.append(f"  A user waits: {waiting.answer}{f' ({waiting.entry})' if waiting.entry else ''}.")
    verdicts = tuple(_verdict(workload, codes) for workload in own) if requests else ()
    title = site.function.outline.title
    return ExplainedCall(
        location,
        source_text(site.call.function),
        title,
        tuple(details),
        verdicts or (_verdict_without_workload(analysis, sources, codes, site, requests),),
    )


def _verdict_without_workload(analysis: Analysis, sources: Sources, codes: Codes, site: Site, requests: list[Effect]) -> Judged:
    """Return the verdict on a call that is no workload."""
    if not requests:
        if site in analysis.effects.off:
            return Judged(reason="with the values that are known to be passed here, no request is sent")
        return Judged(reason="it leads to no known request")
    if any(effect.is_realtime for effect in requests):
        return _verdict_elsewhere(analysis, sources, codes, site, requests)
    if all(isinstance(each.sink, Request) and each.sink.endpoint.surface in _AT_BATCH_PRICE for each in requests):
        return Judged(reason="the requests have the batch price")
    return Judged(reason="it sends no realtime request")


_AT_BATCH_PRICE = frozenset({"batch-submit", "batch-add", "batch-build", "batch-wait"})
"""Surfaces of calls whose requests are sent in batches."""


def _verdict_elsewhere(analysis: Analysis, sources: Sources, codes: Codes, site: Site, requests: list[Effect]) -> Judged:
    """Return the verdict on the call that repeats a call which is not repeated itself: inside what it calls, or around its function."""
    workloads = {workload.site: workload for workload in analysis.program.workloads}
    for each in (*(hop.site for effect in requests for hop in effect.hops()), *_sites_before(analysis, site)):
        repeating = workloads.get(sources.location(each.function, each.call.span))
        if repeating is not None and repeating.repetition is not None:
            line = repeating.site.span.start.line
            where = f", at `{repeating.call}` in `{each.function.outline.title}`, line {line}, which is repeated"
            return replace(_verdict(repeating, codes), where=where)
    return Judged(reason="nothing is known to repeat it")


def _sites_before(analysis: Analysis, site: Site) -> Iterator[Site]:
    """Yield the sites that lead to a request through `site`: those of its callers, and of functions that run it as a callback."""
    for sites in analysis.effects.sites.values():
        for way in (way for _, ways in sites for way in ways if isinstance(way.sink, Request)):
            hops = [hop.site for hop in way.hops()]
            if site in hops:
                yield from reversed(hops[: hops.index(site)])


def _without_middle(lines: list[str]) -> list[str]:
    """Return the lines about the route to a request, without the middle if there are more than `LONGEST_TRACE`."""
    if len(lines) <= LONGEST_TRACE:
        return lines
    omitted = len(lines) - STEPS_BEFORE - STEPS_AFTER
    return [*lines[:STEPS_BEFORE], f"  … {count(omitted, 'line')} omitted …", *lines[-STEPS_AFTER:]]


def _by_callers(analysis: Analysis, site: Site) -> list[Effect]:
    """Return one route for each request that a site leads to only through an argument of its callers: a callback or a client."""
    found: dict[Request, Effect] = {}
    for sites in analysis.effects.sites.values():
        for way in (way for _, ways in sites for way in ways if isinstance(way.sink, Request)):
            for tail in way.tails():
                if tail.hop.site is site and isinstance(tail.sink, Request):
                    found.setdefault(tail.sink, tail)
    return list(found.values())


def _verdict(workload: Workload, codes: Codes) -> Judged:
    """Return which rules report a workload, or why none does."""
    if workload.silence:
        return Judged(reason=workload.silence)
    if workload.accepted and not workload.poll:
        return Judged(reason="the handler answers 202, so no user waits for the batch")
    if found := codes(workload, False):
        return Judged(tuple(found))
    if found := codes(workload, True):
        return Judged(reason=f"only {' or '.join(found)} reports it, and is not enabled for this file")
    if workload.shown:
        return Judged(reason="each answer goes to the user as it arrives")
    return Judged(reason="a user waits" if workload.waiting.answer == "yes" else "no rule covers it")


def _resolution(analysis: Analysis, site: Site) -> Iterator[str]:
    values = analysis.resolver.callee(site.call, site.function)
    if not values:
        yield f"Not resolved: `{source_text(site.call.function)}` is unknown."
    for value in values:
        yield f"Resolves to {_described(value)}."
    for target in site.targets:
        if target.row is not None:
            yield f"Runs {_callee(target)} (through `{target.row.name}`)."


def _described(value: Value) -> str:
    match value:
        case External(path=path, host=host):
            return f"`{path}`{f' at {host}' if host else ''}"
        case Function(id=id_) | Method(id=id_) | Instance(id=id_):
            return f"`{id_}`"
        case Parameter(name=name, path=path):
            return f"the argument passed for `{name}{path}`"
        case _:
            return str(value)


def _callee(target: Target) -> str:
    callee = target.callee
    if isinstance(callee, FunctionNode):
        return f"`{callee.id}`"
    return f"`{callee.endpoint.path}`" if isinstance(callee, Request) else f"the argument passed for `{callee.name}{callee.path}`"


def _request(analysis: Analysis, sources: Sources, effect: Effect) -> Iterator[str]:
    request = effect.sink
    assert isinstance(request, Request)
    traits = f", {', '.join(sorted(request.traits))}" if request.traits else ""
    yield f"Leads to `{request.endpoint.path}` ({request.endpoint.surface}{traits}) in {count(effect.length, 'hop')}."
    for tail in effect.tails():
        judged = analysis.evidence.sites.judged(tail)
        for frame, verdict, bound in judged.frames if judged is not None else ():
            what = frame.kind if frame.kind in ("comprehension", "call", "decorator") else "loop"
            over = f" over `{source_text(frame.iterable)}`" if frame.iterable is not None else ""
            limit = f" (at most {count(bound, 'round')})" if bound is not None else ""
            shown = verdict.name if verdict.kind == "handful" else f"`{verdict.name}`"
            name = f" ({shown})" if verdict.name and verdict.kind != "few" else ""
            function = tail.hop.site.function
            where = f"`{function.outline.title}`, line {sources.location(function, frame.span).span.start.line}"
            yield f"  {where}: the {what}{over} {_SHAPES.get(verdict.kind, verdict.kind)}{name}{limit}."
