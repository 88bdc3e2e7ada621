"""Finds batches that are submitted or awaited in request handlers, where a user waits."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import Constant, Span, walk
from surfacelint.facts.module_outlines import MODULE_BODY
from surfacelint.judgement.evidence import Evidence, callee
from surfacelint.judgement.flow.enclosing_statements import expressions_in
from surfacelint.judgement.flow.expression_text import source_text
from surfacelint.judgement.waiting.entry_points import EntryPoint
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.findings import TraceStep
from surfacelint.model.workloads import Workload

_WAITED = frozenset({"batch-submit", "batch-wait"})


def handler_batches(evidence: Evidence) -> Iterator[Workload]:
    """Return the batches that handlers submit or wait for, each at the call in the handler."""
    seen: set[tuple[str, Span, str]] = set()
    for id_, sites in evidence.effects.sites.items():
        function = evidence.resolver.function(id_)
        with evidence.guard.judging(function):
            point = evidence.entries.point(function)
            if point is None or point.waits != "yes":
                continue
            for _, ways in sites:
                for way in ways:
                    request = way.sink
                    if (
                        not isinstance(request, Request)
                        or request.endpoint.surface not in _WAITED
                        or evidence.unawaited_start(way) is not None
                    ):
                        continue
                    effect = _past_main(way)
                    key = (effect.hop.site.function.id, effect.hop.site.call.span, request.endpoint.path)
                    if key not in seen:
                        seen.add(key)
                        yield _workload(evidence, effect, function, point)


def _workload(evidence: Evidence, effect: Effect, handler: FunctionNode, point: EntryPoint) -> Workload:
    waiting = evidence.waits.waiting(handler)
    function = effect.hop.site.function
    entry = TraceStep(evidence.locate(function, _header(function)), f"a user waits for {waiting.entry}")
    poll = next(_polls(evidence, function), None)
    return evidence.workload(
        "submitted",
        effect,
        (entry,),
        () if poll is None else tuple(_waits(evidence, poll)),
        waiting=waiting,
        about=point.medium,
        accepted=_answers_accepted(evidence, function),
        routes=(evidence.route(effect),),
        poll="" if poll is None else callee(poll.hop),
    )


def _answers_accepted(evidence: Evidence, function: FunctionNode) -> bool:
    """Whether a handler answers 202 Accepted, which tells its caller not to wait."""
    body = evidence.sites.bodies.body(function)
    parts = list(expressions_in(body.statements)) if body is not None else []
    parts += [part for decorator in function.outline.decorators for part in walk(decorator)]
    return any(
        (isinstance(part, Constant) and part.value == 202 and not isinstance(part.value, bool))
        or source_text(part).endswith(("202_ACCEPTED", "HTTPStatus.ACCEPTED"))
        for part in parts
    )


def _polls(evidence: Evidence, function: FunctionNode) -> Iterator[Effect]:
    """Yield the ways by which a handler waits for a batch, or polls its status in a loop, directly or through functions."""
    for _, effects in evidence.effects.sites.get(function.id, ()):
        for effect in effects:
            request = effect.sink
            if not isinstance(request, Request):
                continue
            polls = request.endpoint.surface == "batch-poll" and any(hop.site.outline.repeated for hop in effect.hops())
            if request.endpoint.surface == "batch-wait" or (polls and evidence.unawaited_start(effect) is None):
                yield effect


def _waits(evidence: Evidence, poll: Effect) -> Iterator[TraceStep]:
    """Yield the trace steps that show where a handler waits: its own call, and the call that polls."""
    *_, last = poll.hops()
    places = [poll.hop] if last is poll.hop else [poll.hop, last]
    for hop in places:
        what = "polls the batch until it ends" if hop is last else "waits until the batch ends"
        yield TraceStep(evidence.locate(hop.site.function, hop.site.call.span), f"`{callee(hop)}` {what}")


def _past_main(way: Effect) -> Effect:
    """Return the route from inside `main()` where it begins in a page: a module body that only calls `main()` of the same module."""
    effect = way
    page = way.hop.site.function
    while page.outline.qualname == MODULE_BODY and effect.rest is not None:
        following = effect.rest.hop.site.function
        if effect is not way or following.module is not page.module:
            break
        effect = effect.rest
    return effect


def _header(function: FunctionNode) -> Span:
    start = function.outline.span.start
    return Span(start, start)
