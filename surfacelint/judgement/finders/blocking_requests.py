"""Finds sync requests in coroutines. While one runs, it blocks every other coroutine on the event loop."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Await, Call, Expr
from surfacelint.judgement.evidence import Evidence, request_of
from surfacelint.judgement.flow.enclosing_repetitions import is_suspended
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.workloads import Workload
from surfacelint.system.records import record


def blocking_requests(evidence: Evidence) -> Iterator[Workload]:
    """Return the calls in coroutines that make a sync request in the thread of the event loop.

    Only coroutines that are known to share their event loop count: handlers, and coroutines that run concurrently.
    """
    finder = _BlockingRequests(evidence)
    for id_, sites in evidence.effects.sites.items():
        function = evidence.resolver.function(id_)
        with evidence.guard.judging(function):
            candidates = [[way for way in ways if _is_sync(way)] for _, ways in sites] if function.outline.is_async else []
            for ways in candidates:
                effect = next((way for way in ways if finder.is_shared(function, request_of(way)) and finder.blocks(way)), None)
                if effect is not None:
                    silence = evidence.out_of_scope_reason(effect)
                    yield evidence.workload("blocking", effect, about=function.outline.title, silence=silence)


@record(frozen=True, slots=True)
class _BlockingRequests:
    """Answers for the coroutines of one program."""

    evidence: Evidence

    def blocks(self, effect: Effect) -> bool:
        """Whether the first call site of `effect` runs the request synchronously: nothing like `await` waits for it."""
        around = self.evidence.sites.bodies.around(effect.hop.site)
        # An awaited or entered call is not synchronous, even if it resolves to a sync request.
        return around is not None and not is_suspended(around) and not any(isinstance(expr, Await) for expr in around.expressions)

    def is_shared(self, function: FunctionNode, request: Request) -> bool:
        """Whether other coroutines share the event loop of a coroutine while it makes a request."""
        return self.evidence.waits.waiting(function).answer == "yes" or self._runs_concurrently(function, request)

    def _runs_concurrently(self, function: FunctionNode, request: Request) -> bool:
        """Whether a coroutine, or one that awaits it, runs concurrently with others: it is gathered or started as a task.

        Only calls that lead to the request count. The others run it with a switch that turns the request off.
        """
        pending, seen = [function], {function.id}
        while pending:
            here = pending.pop()
            for site in self.evidence.effects.edges.get(here.id, ()):
                if not self._leads_to(site, request):
                    continue
                rows = [target.row for target in site.targets if target.callee is here]
                if any(row is not None and row.concurrent for row in rows) or self._is_gathered(site.function, here):
                    return True
                if site.function.outline.is_async and site.function.id not in seen:
                    seen.add(site.function.id)
                    pending.append(site.function)
        return False

    def _leads_to(self, site: Site, request: Request) -> bool:
        """Whether a call site leads to a request, or to another one of the same kind."""
        known = self.evidence.site_effects(site)
        return any(isinstance(way.sink, Request) and way.sink.endpoint == request.endpoint for way in known)

    def _is_gathered(self, caller: FunctionNode, callee: FunctionNode) -> bool:
        """Whether a caller creates many coroutines without awaiting each: `[ask(text) for text in texts]`."""
        for site, _ in self.evidence.effects.sites.get(caller.id, ()):
            if not site.outline.repeated or all(target.callee is not callee for target in site.targets):
                continue
            around = self.evidence.sites.bodies.around(site)
            if around is not None and not any(isinstance(expr, Await) or self._runs(expr, caller) for expr in around.expressions[-2:]):
                return True
        return False

    def _runs(self, expr: Expr, function: FunctionNode) -> bool:
        """Whether an expression runs a coroutine to its end, as `asyncio.run(ask(text))` does."""
        if not isinstance(expr, Call):
            return False
        rows = map(self.evidence.catalogue.repetition, self.evidence.resolver.called_paths(expr, function))
        return any(row is not None and row.items == "loop" and not row.concurrent for row in rows)


def _is_sync(effect: Effect) -> bool:
    """Whether a route leads to a sync request in the thread in which it begins."""
    sink = effect.sink
    if not isinstance(sink, Request) or sink.endpoint.surface != "realtime" or sink.endpoint.mode != "sync":
        return False
    # The call of a coroutine or an async generator runs nothing yet.
    begins_later = any(tail.hop.site.function.outline.is_async for tail in effect.tails() if tail is not effect)
    return not begins_later and not any(hop.coroutine or _leaves_thread(hop.row) for hop in effect.hops())


def _leaves_thread(row: object) -> bool:
    return row is not None and (not isinstance(row, Repetition) or row.items == "loop" or row.concurrent)
