"""Finds sync requests in coroutines. While one runs, it blocks every other coroutine on the event loop."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Await, Call, Choice, Collection, Comprehension, Expr, Name, Starred
from surfacelint.facts.function_bodies import Assign, Statement
from surfacelint.judgement.evidence import Evidence, request_of
from surfacelint.judgement.finders.lazy_requests import LazyRequests
from surfacelint.judgement.flow.enclosing_repetitions import is_suspended
from surfacelint.judgement.flow.enclosing_statements import Surroundings, expressions_in
from surfacelint.judgement.waiting.server_loops import ServerLoops
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.abstract_values import Function, Method
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.workloads import Workload
from surfacelint.system.records import record

_AWAITING = ("asyncio.", "anyio.", "trio.", "tqdm.", "inspect.", "?.create_task")
"""Beginnings of the paths of functions that await the awaitables among their arguments."""


def blocking_requests(evidence: Evidence) -> Iterator[Workload]:
    """Return the calls in coroutines that make a sync request in the thread of the event loop.

    Only coroutines that are known to share their event loop count: handlers, and coroutines that run concurrently.
    """
    loops = ServerLoops(evidence.effects, evidence.entries, evidence.waits, evidence.resolver, evidence.sites.bodies)
    finder = _BlockingRequests(evidence, loops, LazyRequests(evidence.resolver, evidence.sites.bodies))
    for id_, sites in evidence.effects.sites.items():
        function = evidence.resolver.function(id_)
        with evidence.guard.judging(function):
            candidates = [[way for way in ways if _is_sync(way)] for _, ways in sites] if function.outline.is_async else []
            for ways in candidates:
                effect = next((way for way in ways if finder.is_shared(function, request_of(way)) and finder.blocks(way)), None)
                if effect is not None:
                    silence = evidence.out_of_scope_reason(effect, streamed=False)
                    yield evidence.workload("blocking", effect, about=function.outline.title, silence=silence)


@record(frozen=True, slots=True)
class _BlockingRequests:
    """Answers for the coroutines of one program."""

    evidence: Evidence
    loops: ServerLoops
    lazy: LazyRequests

    def blocks(self, effect: Effect) -> bool:
        """Whether the first call site of `effect` runs the request synchronously: nothing like `await` waits for it."""
        around = self.evidence.sites.bodies.around(effect.hop.site)
        # An awaited or entered call is not synchronous, even if it resolves to a sync request.
        if around is None or is_suspended(around) or self._is_awaited(around, effect.hop.site.function):
            return False
        return not self._is_awaited_later(around.places[-1].statement, effect.hop.site.function) and self.lazy.is_sent(effect)

    def _is_awaited(self, around: Surroundings, function: FunctionNode) -> bool:
        """Whether the call that `around` describes is awaited itself, or given to a function that awaits it.

        An argument of any other call is evaluated before that is awaited: `await message.answer(ask(text))`.
        """
        inner = around.expressions[-1]
        for parent in reversed(around.expressions[:-1]):
            if isinstance(parent, Comprehension | Collection | Starred | Choice):
                inner = parent
            elif isinstance(parent, Call) and parent.function is not inner:
                library = any(path.startswith(_AWAITING) for path in self.evidence.resolver.called_paths(parent, function))
                return library or self._awaits_arguments(parent, function)
            else:
                return isinstance(parent, Await)
        return False

    def _awaits_arguments(self, call: Call, function: FunctionNode) -> bool:
        """Whether a function of the project that a call runs awaits one of its parameters: `await with_timeout(client.chat(text))`."""
        resolver = self.evidence.resolver
        for value in resolver.callee(call, function):
            callee = resolver.function(value.id) if isinstance(value, Function | Method) else None
            body = None if callee is None else self.evidence.sites.bodies.body(callee)
            if callee is not None and body is not None:
                parameters = {Name(parameter.name) for parameter in callee.outline.parameters}
                if any(isinstance(part, Await) and part.value in parameters for part in expressions_in(body.statements)):
                    return True
        return False

    def _is_awaited_later(self, statement: Statement, function: FunctionNode) -> bool:
        """Whether a coroutine awaits the name to which it assigns a result: the client may be an async one."""
        body = self.evidence.sites.bodies.body(function)
        if not isinstance(statement, Assign) or body is None:
            return False
        return any(isinstance(part, Await) and part.value in statement.targets for part in expressions_in(body.statements))

    def is_shared(self, function: FunctionNode, request: Request) -> bool:
        """Whether other coroutines share the event loop of a coroutine while it makes a request."""
        return self.loops.serve(function) or self._runs_concurrently(function, request)

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
                if self.evidence.waits.starts_task(site):
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
