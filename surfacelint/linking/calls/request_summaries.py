"""Summaries of functions: which requests a call of a function leads to, and along which hops.

The summary of a function is a set of `Effect`s. Each ends in a *sink*: a request, or a call of a parameter. Where the function is called,
the argument takes the place of the parameter, so a helper that maps a callback is judged by the callback of each call. Of two
effects with the same sink, the one with fewer hops stays, so that the fixpoint ends.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from surfacelint.catalogue.repetition_rows import Progress, Repetition
from surfacelint.linking.calls.bottom_up_order import callees_first
from surfacelint.linking.calls.call_graph import CallGraph, Site
from surfacelint.linking.calls.call_targets import CallPlace, Request, Target, TargetFinder
from surfacelint.linking.calls.receiver_conditions import ReceiverCondition, encloses, narrowed
from surfacelint.linking.calls.sink_values import SinkValues
from surfacelint.linking.calls.switch_conditions import SwitchConditions
from surfacelint.linking.evaluation.abstract_values import Parameter, Value
from surfacelint.linking.evaluation.call_arguments import PassedArguments, passed
from surfacelint.linking.evaluation.conditions import ALWAYS, NEVER, Condition, both
from surfacelint.linking.evaluation.parameter_substitution import DEEPEST_CLOSURE
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

MOST_EFFECTS = 24
"""Largest summary. A function with more effects is a dispatcher, and the first ones represent all."""

_MOST_CONDITIONS = 4
"""Most values of switches for which a summary tells the ways to one sink apart."""


@record(frozen=True, slots=True, eq=False)
class Hop:
    """One call site on the way to a request, and how it runs the next hop.

    `row` is the library function that runs it, if any; `given` are the arguments; `coroutine` is set if the call makes a coroutine.
    """

    site: Site
    row: Repetition | Progress | None
    given: PassedArguments
    coroutine: bool

    @property
    def repeats(self) -> bool:
        """Whether the site may run many times in its function."""
        return self.site.outline.repeated or self.row is not None


@record(frozen=True, slots=True, eq=False)
class Effect:
    """A way from a call site to a sink, as a linked list: the first `hop` and the `rest`. `length` is the number of hops.

    `condition` limits it to some receivers: a method that calls `self.ask` leads to the requests of the subclass. `when` limits it to
    some values of parameters: `if translate:` leads to a request only where `translate` is set.
    """

    sink: Request | Parameter
    hop: Hop
    rest: Effect | None
    length: int
    condition: ReceiverCondition | None = None
    when: Condition = ALWAYS

    @property
    def is_realtime(self) -> bool:
        """Whether it ends in a realtime request."""
        return isinstance(self.sink, Request) and self.sink.endpoint.surface == "realtime"

    def hops(self) -> Iterator[Hop]:
        """Yield the hops from here to the sink."""
        here: Effect | None = self
        while here is not None:
            yield here.hop
            here = here.rest

    def tails(self) -> Iterator[Effect]:
        """Yield the effect itself and the effects that begin at its later hops."""
        here: Effect | None = self
        while here is not None:
            yield here
            here = here.rest


@record(frozen=True, slots=True)
class Effects:
    """The fixpoint: the summary of each function, and the effects of each of its call sites.

    `edges` are the call sites that run a function, by the identifier of the function that they run. `off` are the call sites that
    would lead to a request, but never do with the values that switches have.
    """

    summaries: dict[str, tuple[Effect, ...]]
    sites: dict[str, tuple[tuple[Site, tuple[Effect, ...]], ...]]
    edges: dict[str, list[Site]]
    off: frozenset[Site] = frozenset()


class SummarySolver:
    """Computes the summaries of one call graph: of the functions that are asked for, and of those that they run.

    The worklist holds functions by their rank, callees first, each with its `_stale` call sites.
    """

    def __init__(self, graph: CallGraph, resolver: Resolver, targets: TargetFinder) -> None:
        self._graph = graph
        self._resolver = resolver
        self._targets = targets
        self._sink_values = SinkValues(resolver, targets)
        self._summaries: dict[str, dict[tuple[object, ...], Effect]] = {id_: {} for id_ in graph.functions}
        self._dependents: dict[str, dict[Site, str]] = {}
        self._edges: dict[str, dict[Site, None]] = {}
        self._latest: dict[Site, list[Effect]] = {}
        self._callback_targets: dict[tuple[Site, Value, int], list[Target]] = {}
        self._updated: tuple[Site, str] | None = None
        self._order: list[str] = []
        self._rank: dict[str, int] = {}
        self._queue: list[int] = []
        self._stale: dict[int, dict[Site, None]] = {}
        self.conditions = SwitchConditions(resolver, self._edges)
        self._off: set[Site] = set()
        defined = (function.outline.name for function in graph.functions.values())
        self._meaningful = targets.names | frozenset(defined)

    def effects(self) -> Effects:
        """Return the summaries of all functions, and the effects of each of their call sites."""
        summaries = self.summaries(self._graph.functions)
        sites = {
            id_: tuple([(site, self._possible(site)) for site in self._graph.sites[id_] if site.targets]) for id_ in self._graph.functions
        }
        reaching = {site for found in sites.values() for site, effects in found if effects}
        return Effects(summaries, sites, {id_: list(sites_) for id_, sites_ in self._edges.items()}, frozenset(self._off - reaching))

    def _possible(self, site: Site) -> tuple[Effect, ...]:
        """Return the effects of a site, except those that need other values of switches than callers are known to pass."""
        found = [*self._latest[site], *self._through_callers(site)]
        possible = [
            effect for effect in found if isinstance(effect.sink, Parameter) or self.conditions.is_possible(effect.when, site.function)
        ]
        if found and not possible:
            self._off.add(site)
        return _shortest(possible)

    def summaries(self, wanted: Iterable[str]) -> dict[str, tuple[Effect, ...]]:
        """Return the summaries of the functions `wanted`, by identifier."""
        functions = list(wanted)
        self._rank_with_callees(functions)
        while self._queue:
            number = heapq.heappop(self._queue)
            if self._update(self._order[number], self._stale.pop(number)):
                for site, id_ in self._dependents.get(self._order[number], {}).items():
                    self._wait(self._rank[id_], (site,))
        return {id_: tuple(self._summaries[id_].values()) for id_ in functions}

    def _rank_with_callees(self, functions: list[str]) -> None:
        """Add functions, and all that they run, to the worklist, except those that are ranked already."""
        for id_ in callees_first(functions, self._callees):
            if id_ not in self._rank:
                self._rank[id_] = len(self._order)
                self._order.append(id_)
                self._wait(self._rank[id_], [site for site in self._graph.sites[id_] if site.targets])

    def _wait(self, number: int, sites: Iterable[Site]) -> None:
        """Add call sites of a function to the worklist."""
        if number not in self._stale:
            self._stale[number] = {}
            heapq.heappush(self._queue, number)
        self._stale[number].update(dict.fromkeys(sites))

    def _through_callers(self, site: Site) -> Iterator[Effect]:
        """Yield the requests that a site reaches through what callers pass. The summary of a caller has only the shortest such way."""
        for effect in self._latest[site]:
            if isinstance(effect.sink, Parameter):
                for value in self._resolver.everywhere((effect.sink,)):
                    if not isinstance(value, Parameter) and not self._targets.is_inert(value):
                        yield from (whole for whole in self._replaced(value, effect, 0) if isinstance(whole.sink, Request))

    def _callees(self, id_: str) -> list[str]:
        found = []
        for site in self._graph.sites[id_]:
            for target in site.targets:
                if isinstance(target.callee, FunctionNode) and target.callee.id in self._graph.functions:
                    found.append(target.callee.id)
        return found

    def _update(self, id_: str, stale: dict[Site, None]) -> bool:
        """Update the `stale` call sites of a function; return whether its summary changes."""
        summary = self._summaries[id_]
        changed = False
        for site in self._graph.sites[id_] if len(stale) > 1 else stale:
            if site in stale:
                self._updated = (site, id_)
                found = self._latest[site] = self._site(site)
                for effect in found:
                    changed |= _remember(summary, effect)
        return changed

    def _site(self, site: Site) -> list[Effect]:
        found: dict[object, Effect] = {}
        for target in site.targets:
            for effect in self._target(site, target):
                own = self.conditions.own(site)
                if own:
                    effect = _limited(effect, effect.condition, both(own, effect.when))
                    if effect.when == NEVER:
                        self._off.add(site)
                        continue
                key = (_key(effect), None if target.row is None else target.row.name)
                known = found.get(key)
                if known is None or effect.length < known.length:
                    found[key] = effect
        return list(found.values())

    def _target(self, site: Site, target: Target) -> Iterator[Effect]:
        callee = target.callee
        if isinstance(callee, Request):
            when = self.conditions.chosen(site, target)
            if when != NEVER:
                yield Effect(callee, Hop(site, target.row, target.given, callee.endpoint.mode == "async"), None, 1, None, when)
        elif isinstance(callee, Parameter):
            # A call of `text.strip` leads to no request, whatever is passed for `text`.
            method = callee.path.rpartition(".")[2] if "." in callee.path else ""
            if method and method.partition("(")[0].partition("[")[0] not in self._meaningful:
                return
            yield Effect(callee, Hop(site, target.row, target.given, coroutine=False), None, 1)
        elif callee.id in self._summaries:
            hop = Hop(site, target.row, target.given, _makes_coroutine(callee))
            self._depend(site, callee.id)
            for effect in list(self._summaries[callee.id].values()):
                holds, condition = narrowed(self._resolver.classes, site, target, callee, effect.condition)
                if not holds:
                    continue
                when = self.conditions.after(site, target, callee, effect.when)
                if when == NEVER:
                    self._off.add(site)
                    continue
                for found in self._through(hop, target, callee, effect):
                    whole = found.rest
                    passed_on = (
                        self.conditions.after(site, target, callee, whole.when) if whole is not None and whole is not effect else when
                    )
                    if passed_on != NEVER:
                        limited = condition is not None or when or passed_on
                        yield _limited(found, condition, both(when, passed_on)) if limited else found

    def _depend(self, site: Site, id_: str) -> None:
        if id_ not in self._rank:
            self._rank_with_callees([id_])  # a callback
        # The site may be in a helper that runs a callback of the function being updated.
        if self._updated is not None:
            self._dependents.setdefault(id_, {}).setdefault(*self._updated)
        self._edges.setdefault(id_, {}).setdefault(site)

    def _through(self, hop: Hop, target: Target, callee: FunctionNode, effect: Effect) -> Iterator[Effect]:
        """Yield the effects of a site that runs `callee`, for one effect of the callee."""
        sink = effect.sink
        if isinstance(sink, Request) or (sink.id != callee.id and not target.binds(sink) and encloses(sink.id, hop.site.function)):
            yield Effect(sink, hop, effect, effect.length + 1)
        else:
            for value in self._sink_values.passed(target, callee, sink):
                for found in self._after_hop(hop, effect, value):
                    yield from self._passed_on(hop, target, callee, found)

    def _passed_on(self, hop: Hop, target: Target, callee: FunctionNode, found: Effect) -> Iterator[Effect]:
        """Yield an effect of a hop that runs `callee`. What the callee hands on to a callback becomes what is passed to it."""
        sink = found.sink
        if found.rest is None or not isinstance(sink, Parameter) or sink.id != callee.id or sink.id == hop.site.function.id:
            yield found
            return
        for value in self._sink_values.passed(target, callee, sink):
            yield from self._after_hop(hop, found.rest, value, DEEPEST_CLOSURE)

    def _after_hop(self, hop: Hop, effect: Effect, value: Value, depth: int = 0) -> Iterator[Effect]:
        """Yield the effects of a hop followed by `effect`, with the parameter at its end replaced by `value`."""
        for whole in self._replaced(value, effect, depth):
            yield Effect(whole.sink, hop, whole, whole.length + 1)

    def _replaced(self, value: Value, effect: Effect, depth: int) -> Iterator[Effect]:
        """Yield an effect with the parameter at its end replaced by `value`."""
        inner = list(effect.hops())
        for ending in self._run(inner[-1], value, depth):
            whole = ending
            for step in reversed(inner[:-1]):
                whole = Effect(whole.sink, step, whole, whole.length + 1)
            yield whole

    def _run(self, last: Hop, value: Value, depth: int) -> Iterator[Effect]:
        """Yield the effects of the last hop of a way if it runs `value`."""
        site, row = last.site, last.row
        given = passed(site.call, site.function.id) if row is None else PassedArguments((), unknown=True)
        key = (site, value, id(row))
        targets = self._callback_targets.get(key)
        if targets is None:  # memos know targets by their identity, so they are kept
            targets = self._targets.of(value, given, row, CallPlace(site.function.id, site.call.span))
            self._callback_targets[key] = targets
        for target in targets:
            callee = target.callee
            if isinstance(callee, FunctionNode) and callee.id in self._summaries:
                self._depend(site, callee.id)
                hop = Hop(site, target.row or row, target.given, _makes_coroutine(callee))
                for effect in list(self._summaries[callee.id].values()):
                    is_run = narrowed(self._resolver.classes, site, target, callee, effect.condition)[0]
                    when = self.conditions.after(site, target, callee, effect.when) if is_run else NEVER
                    if when != NEVER:
                        found = self._callback_effects(hop, target, callee, effect, depth)
                        yield from (_limited(each, each.condition, when) for each in found) if when else found
            elif isinstance(callee, Request):
                yield Effect(callee, Hop(site, target.row or row, target.given, callee.endpoint.mode == "async"), None, 1)
            elif isinstance(callee, Parameter):
                yield Effect(callee, Hop(site, target.row or row, target.given if target.row else last.given, coroutine=False), None, 1)

    def _callback_effects(self, hop: Hop, target: Target, callee: FunctionNode, effect: Effect, depth: int) -> Iterator[Effect]:
        """Yield the effects of running a callback. A parameter of it, or that it captured, is replaced by the values."""
        sink = effect.sink
        if isinstance(sink, Request):
            yield Effect(sink, hop, effect, effect.length + 1)
        elif sink.id == callee.id:
            for value in self._sink_values.passed(target, callee, sink) if depth == 0 and hop.row is None else ():
                yield from self._after_hop(hop, effect, value, DEEPEST_CLOSURE)
        elif depth < DEEPEST_CLOSURE:
            for value in self._sink_values.captured_by_callback(target, sink):
                if not self._targets.is_inert(value):
                    yield from self._after_hop(hop, effect, value, depth + 1)


def _limited(effect: Effect, condition: ReceiverCondition | None, when: Condition) -> Effect:
    """Return an effect under other conditions. Much faster than `dataclasses.replace`."""
    return Effect(effect.sink, effect.hop, effect.rest, effect.length, condition, when)


def _makes_coroutine(function: FunctionNode) -> bool:
    return function.outline.is_async and not function.outline.is_generator


def _shortest(effects: list[Effect]) -> tuple[Effect, ...]:
    """Return the shortest effect for each sink, whatever the receiver."""
    found: dict[object, Effect] = {}
    for effect in effects:
        row = effect.hop.row
        key = (_end(effect), None if row is None else row.name)
        known = found.get(key)
        if known is None or effect.length < known.length:
            found[key] = effect
    return tuple(found.values())


def _remember(summary: dict[tuple[object, ...], Effect], effect: Effect) -> bool:
    """Add an effect to a summary; return whether that changes it."""
    key = _key(effect)
    if effect.when and key not in summary:
        beside = [other for known, other in summary.items() if known[:2] == key[:2]]
        if any(not other.when and other.length <= effect.length for other in beside):
            return False
        if len(beside) >= _MOST_CONDITIONS or len(summary) >= MOST_EFFECTS:
            effect = _limited(effect, effect.condition, ALWAYS)
            key = _key(effect)
    known = summary.get(key)
    if known is None and len(summary) >= MOST_EFFECTS and effect.condition is not None:
        # Too many effects to tell subclasses apart: one effect for each sink represents all of them.
        key = (_end(effect), effect.condition.method)
        known = summary.get(key)
        if known is not None and known.condition is not None:
            classes = known.condition.classes | effect.condition.classes
            if classes == known.condition.classes and effect.length >= known.length:
                return False
            shorter = effect if effect.length < known.length else known
            summary[key] = _limited(shorter, ReceiverCondition(effect.condition.method, classes), shorter.when)
            return True
    if known is not None and effect.length >= known.length:
        return False
    if known is None and len(summary) >= (MOST_EFFECTS if effect.condition is None else 2 * MOST_EFFECTS):
        return False
    summary[key] = effect
    return True


def _key(effect: Effect) -> tuple[object, ...]:
    """Return the key of an effect in a summary: of two effects with the same key, one is enough."""
    return (_end(effect), effect.condition, effect.when)


def _end(effect: Effect) -> object:
    """Return the key of the sink of an effect."""
    sink = effect.sink
    if isinstance(sink, Parameter):
        return sink
    # Reading the state of a batch once and polling it until it ends are different.
    polled = sink.endpoint.surface == "batch-poll" and any(hop.site.outline.repeated for hop in effect.hops())
    return (sink.endpoint.path, sink.endpoint.surface, sink.provider, sink.traits, sink.tier, polled)
