"""Warnings about declared facts that contradict the code, each other, or apply to no request. The declared facts still hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surfacelint.facts.expressions import Position, Span
from surfacelint.judgement.evidence import Evidence, callee, request_of
from surfacelint.judgement.finders.follow_up_requests import response_uses
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.workloads import Workload
from surfacelint.system.records import record


@record(frozen=True, slots=True, order=True)
class Contradiction:
    """A warning about a declaration: the displayed path of the file, the line, and the problem as a sentence."""

    path: str
    line: int
    problem: str


def contradictions(evidence: Evidence, workloads: Iterable[Workload]) -> tuple[Contradiction, ...]:
    """Return the warnings about the declarations of a program, sorted by place and without duplicates."""
    found = {*_about_waiting(evidence), *_about_volume(workloads)}
    # This must run last: it reads which declarations the others have used.
    return tuple(sorted({*found, *_unused(evidence)}))


def _about_waiting(evidence: Evidence) -> Iterator[Contradiction]:
    for id_, sites in evidence.effects.sites.items():
        function = evidence.resolver.function(id_)
        for site, ways in sites:
            with evidence.guard.judging(function):
                span = site.call.span
                waits = evidence.declarations.at(function, range(span.start.line, span.end.line + 1)).waits
                way = next((way for way in ways if isinstance(way.sink, Request)), None)
                problem = "" if way is None or not waits else _problem(evidence, function, way, waits)
                if problem:
                    place = evidence.locate(function, span)
                    yield Contradiction(place.path, place.span.start.line, problem)


def _problem(evidence: Evidence, function: FunctionNode, way: Effect, waits: str) -> str:
    configured = evidence.declarations.settings(function).facts.waits
    words = {"yes": "user-waits", "no": "background"}
    if configured and configured != waits:
        return f"a comment declares `{words[waits]}`, but the configuration declares `{words[configured]}`: the comment wins"
    if waits == "yes":
        found = evidence.waits.without_declarations(function)
        return f"`user-waits` is declared, but no user waits for {found.entry}" if found.answer == "no" else ""
    point = evidence.entries.found(function)
    if point is None or point.waits != "yes" or request_of(way).endpoint.surface != "realtime":
        return ""
    body = evidence.sites.bodies.body(function)
    answers = body is not None and response_uses(evidence, way, body.statements)
    return f"`background` is declared, but the response of {point.description} uses the result of `{callee(way.hop)}`" if answers else ""


def _about_volume(workloads: Iterable[Workload]) -> Iterator[Contradiction]:
    for workload in workloads:
        bound, amount = workload.volume.bound, workload.declared.amount
        if workload.volume.exact and bound is not None and amount is not None and amount < bound:
            problem = f"the declared volume is {amount:g}, but one run makes {bound} calls"
            yield Contradiction(workload.site.path, workload.site.span.start.line, problem)


def _unused(evidence: Evidence) -> Iterator[Contradiction]:
    modules = {id_.rpartition(":")[0]: evidence.resolver.function(id_) for id_ in evidence.effects.sites}
    for module, function in modules.items():
        for each in evidence.declarations.comments(module):
            if (module, each.line) not in evidence.declarations.used:
                place = evidence.locate(function, Span(Position(each.line, 0), Position(each.line, 0)))
                yield Contradiction(place.path, place.span.start.line, "unused declaration: no call there leads to a request")
