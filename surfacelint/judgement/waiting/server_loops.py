"""Finds out which coroutines run on the event loop of a server or bot, where they share it with those of other users."""

from __future__ import annotations

from surfacelint.facts.expressions import Call
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.waiting.entry_points import EntryPoints
from surfacelint.judgement.waiting.user_waiting import UserWaiting
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.request_summaries import Effects
from surfacelint.linking.evaluation.abstract_values import Function, Method
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_RUNNERS = frozenset({"asyncio.run", "anyio.run", "trio.run", "uvloop.run", "curio.run"})
"""Functions that run a coroutine on a new event loop until it ends."""


@record(frozen=True, slots=True)
class ServerLoops:
    """Answers for the coroutines of one program."""

    effects: Effects
    entries: EntryPoints
    waits: UserWaiting
    resolver: Resolver
    bodies: Bodies

    def serve(self, function: FunctionNode) -> bool:
        """Whether a server or bot runs a coroutine on its event loop. One way in is enough, whatever else runs it: a script, a test."""
        pending, seen = [function], {function.id}
        while pending:
            here = pending.pop()
            point = self.entries.point(here)
            sites = [site for site in self.effects.edges.get(here.id, ()) if site.function is not here]
            if point is not None:
                if point.shares_loop:
                    return True
            elif not sites:
                if self.waits.waiting(here).answer == "yes":
                    return True
            else:
                for site in sites:
                    if site.function.id not in seen and (site.function.outline.is_async or not self._makes_loop(site)):
                        seen.add(site.function.id)
                        pending.append(site.function)
        return False

    def _makes_loop(self, site: Site) -> bool:
        """Whether a coroutine is passed to a function that runs it on a new event loop: `asyncio.run(answer(text))`."""
        around = self.bodies.around(site)
        runner = around.expressions[-2] if around is not None and len(around.expressions) > 1 else None
        return isinstance(runner, Call) and self._is_runner(runner, site.function, 0)

    def _is_runner(self, call: Call, scope: FunctionNode, depth: int) -> bool:
        """Whether a call runs a coroutine on a new event loop, itself or in the function that it runs."""
        if any(path in _RUNNERS or path.endswith(".run_until_complete") for path in self.resolver.called_paths(call, scope)):
            return True
        values = self.resolver.callee(call, scope)
        callees = [self.resolver.function(value.id) for value in values if isinstance(value, Function | Method)]
        inside = ((site.call, callee) for callee in callees for site in callee.outline.calls)
        return depth == 0 and any(self._is_runner(each, callee, 1) for each, callee in inside)
