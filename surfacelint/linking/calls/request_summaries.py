"""Summaries: which requests calling a function leads to, and along which hops.

An effect ends in a *sink*: a request, or a call of something that the caller passes for a parameter. The second kind
becomes the first, or the caller's own, wherever the function is called with arguments: so a helper that maps a callback
is judged by what it is given each time. Effects form a lattice by sink: of two with the same sink the one with fewer
hops stays, so that the fixpoint ends.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace

from surfacelint.catalogue.repetition_rows import Progress, Repetition
from surfacelint.linking.calls.bottom_up_order import callees_first
from surfacelint.linking.calls.call_graph import CallGraph, Site
from surfacelint.linking.calls.call_targets import At, Request, Target, Targets
from surfacelint.linking.evaluation.abstract_values import Parameter, Value, Values
from surfacelint.linking.evaluation.call_arguments import Passed, passed
from surfacelint.linking.evaluation.parameter_substitution import DEEPEST_CLOSURE
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

MOST_EFFECTS = 24
"""A function that leads to more kinds of requests than this is a dispatcher; the first ones stand for all."""

MOST_RECEIVERS = 250
"""Base classes with more subclasses than this lead wherever one of them goes."""

MOST_KEPT = 3
"""A decorator of more functions than this may have wrapped any of them: which one is meant says the decorated name, not the wrapper."""


@record(frozen=True, slots=True, eq=False)
class Hop:
    """One site on the way to a request, and how it runs what comes next.

    `given` are the arguments that reach it, `coroutine` says that running it makes a coroutine.
    """

    site: Site
    row: Repetition | Progress | None
    given: Passed
    coroutine: bool

    @property
    def repeats(self) -> bool:
        """Whether the site may run many times in its function."""
        return self.site.outline.repeated or self.row is not None


@record(frozen=True, slots=True)
class Only:
    """What holds only where the receiver of `method` is of one of `classes`."""

    method: str
    classes: frozenset[str]


@record(frozen=True, slots=True, eq=False)
class Effect:
    """A way from a hop to a sink; `rest` is the way after the first hop, `length` the number of hops.

    `only` says for which receivers there is this way: a method that calls `self.ask` leads where the subclass goes.
    """

    sink: Request | Parameter
    hop: Hop
    rest: Effect | None
    length: int
    only: Only | None = None

    @property
    def is_realtime(self) -> bool:
        """Whether it ends in a realtime request."""
        return isinstance(self.sink, Request) and self.sink.endpoint.surface == "realtime"

    def hops(self) -> Iterator[Hop]:
        """The hops from here to the sink."""
        here: Effect | None = self
        while here is not None:
            yield here.hop
            here = here.rest

    def tails(self) -> Iterator[Effect]:
        """The effect itself and the effects that begin at its later hops."""
        here: Effect | None = self
        while here is not None:
            yield here
            here = here.rest


@record(frozen=True, slots=True)
class Effects:
    """The fixpoint: `summaries` by function, and for each function the effects of each of its sites.

    `edges` are all ways found in which a function runs another one: (site, function that is run).
    """

    summaries: dict[str, tuple[Effect, ...]]
    sites: dict[str, tuple[tuple[Site, tuple[Effect, ...]], ...]]
    edges: dict[str, list[Site]]


class Solver:
    """Finds the effects of one call graph."""

    def __init__(self, graph: CallGraph, resolver: Resolver, targets: Targets) -> None:
        self._graph = graph
        self._resolver = resolver
        self._targets = targets
        self._summaries: dict[str, dict[object, Effect]] = {id_: {} for id_ in graph.functions}
        self._dependents: dict[str, dict[Site, str]] = {}
        self._edges: dict[str, dict[Site, None]] = {}
        self._fillings: dict[tuple[int, Parameter], Values] = {}
        self._latest: dict[Site, list[Effect]] = {}
        self._updated: tuple[Site, str] | None = None
        self._solved = False
        defined = (function.outline.name for function in graph.functions.values())
        self._meaningful = targets.names | frozenset(defined)

    def effects(self) -> Effects:
        """Return the effects of all functions, and of each of their sites."""
        summaries = self.summaries()
        sites = {
            id_: tuple([(site, _shortest([*self._latest[site], *self._outright(site)])) for site in self._graph.sites[id_] if site.targets])
            for id_ in self._graph.functions
        }
        return Effects(summaries, sites, {id_: list(sites_) for id_, sites_ in self._edges.items()})

    def summaries(self) -> dict[str, tuple[Effect, ...]]:
        """Return the effects of all functions."""
        if not self._solved:
            self._solve()
        return {id_: tuple(effects.values()) for id_, effects in self._summaries.items()}

    def _solve(self) -> None:
        """Update the functions, callees first, until no summary changes; of a function only the sites are updated that have to be."""
        order = callees_first(list(self._graph.functions), self._callees)
        rank = {id_: number for number, id_ in enumerate(order)}
        queue = list(range(len(order)))
        stale: dict[int, dict[Site, None]] = {
            number: {site: None for site in self._graph.sites[id_] if site.targets} for number, id_ in enumerate(order)
        }
        while queue:
            number = heapq.heappop(queue)
            if self._update(order[number], stale.pop(number)):
                for site, id_ in self._dependents.get(order[number], {}).items():
                    dependent = rank[id_]
                    if dependent not in stale:
                        stale[dependent] = {}
                        heapq.heappush(queue, dependent)
                    stale[dependent][site] = None
        self._solved = True

    def _outright(self, site: Site) -> Iterator[Effect]:
        """Yield where a site leads with what all callers hand over: of several such sites a caller keeps only the shortest way."""
        for effect in self._latest[site]:
            if isinstance(effect.sink, Parameter):
                for value in self._resolver.everywhere((effect.sink,)):
                    if not isinstance(value, Parameter) and not self._targets.is_inert(value):
                        yield from (whole for whole in self._with(value, effect, 0) if isinstance(whole.sink, Request))

    def _callees(self, id_: str) -> list[str]:
        found = []
        for site in self._graph.sites[id_]:
            for target in site.targets:
                if isinstance(target.callee, FunctionNode) and target.callee.id in self._graph.functions:
                    found.append(target.callee.id)
        return found

    def _update(self, id_: str, stale: dict[Site, None]) -> bool:
        """Look at the `stale` sites of a function again; return whether that changes its summary."""
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
                key = (_key(effect), None if target.row is None else target.row.name)
                known = found.get(key)
                if known is None or effect.length < known.length:
                    found[key] = effect
        return list(found.values())

    def _target(self, site: Site, target: Target) -> Iterator[Effect]:
        callee = target.callee
        if isinstance(callee, Request):
            yield Effect(callee, Hop(site, target.row, target.given, callee.endpoint.mode == "async"), None, 1)
        elif isinstance(callee, Parameter):
            # Calling `text.strip` leads nowhere, whatever is passed for `text`.
            method = callee.path.rpartition(".")[2] if "." in callee.path else ""
            if method and method.partition("(")[0].partition("[")[0] not in self._meaningful:
                return
            yield Effect(callee, Hop(site, target.row, target.given, coroutine=False), None, 1)
        elif callee.id in self._summaries:
            hop = Hop(site, target.row, target.given, _makes_coroutine(callee))
            self._depend(site, callee.id)
            for effect in list(self._summaries[callee.id].values()):
                holds, only = self._narrowed(site, target, callee, effect.only)
                if holds:
                    through = self._through(hop, target, callee, effect)
                    yield from through if only is None else (replace(found, only=only) for found in through)

    def _narrowed(self, site: Site, target: Target, callee: FunctionNode, only: Only | None) -> tuple[bool, Only | None]:
        """Return whether what holds in `callee` for `only` some receivers can hold at a site that runs it, and then for which."""
        if only is not None and only.method != callee.id:
            # It is about the receiver of a method that `callee` stands in.
            return True, only if _encloses(only.method, site.function) else None
        receiver = target.receiver
        if receiver is None:
            return True, None
        classes = self._resolver.classes
        possible = classes.receivers(receiver)
        if len(possible) > MOST_RECEIVERS:
            return True, None
        own = bool(receiver.via) and _encloses(receiver.via, site.function)
        chosen = classes.running(receiver, callee) if own else possible
        if only is not None:
            chosen &= only.classes
        if not chosen:
            return False, None
        return True, Only(receiver.via, chosen) if own and len(chosen) < len(possible) else None

    def _depend(self, site: Site, id_: str) -> None:
        # The site may stand in a helper, which runs what the function that is looked at has handed to it.
        if self._updated is not None:
            self._dependents.setdefault(id_, {}).setdefault(*self._updated)
        self._edges.setdefault(id_, {}).setdefault(site)

    def _through(self, hop: Hop, target: Target, callee: FunctionNode, effect: Effect) -> Iterator[Effect]:
        """Return the effects of a site that runs `callee`, for one effect of the callee."""
        sink = effect.sink
        if isinstance(sink, Request) or (sink.id != callee.id and not target.binds(sink) and _encloses(sink.id, hop.site.function)):
            yield Effect(sink, hop, effect, effect.length + 1)
        else:
            for value in self._given(target, callee, sink):
                yield from self._filled(hop, effect, value)

    def _given(self, target: Target, callee: FunctionNode, sink: Parameter) -> Values:
        """Return what runs where `callee` runs its parameter `sink`, what can lead to no request left out."""
        key = (id(target), sink)
        known = self._fillings.get(key)
        if known is None:
            own = sink.id == callee.id
            values = self._resolver.substitution.given(sink, target.given) if own else self._kept(target, sink)
            known = self._fillings[key] = tuple([value for value in values if not self._targets.is_inert(value)])
        return known

    def _kept(self, target: Target, sink: Parameter) -> Values:
        """Return what a nested function finds in a parameter of one around it."""
        kept = self._resolver.substitution.kept(sink, target.bound)
        return self._resolver.everywhere((sink,)) if kept is None else kept

    def _filled(self, hop: Hop, effect: Effect, value: Value, depth: int = 0) -> Iterator[Effect]:
        """Return the effects of a hop behind which `effect` runs a parameter, which is `value`."""
        for whole in self._with(value, effect, depth):
            yield Effect(whole.sink, hop, whole, whole.length + 1)

    def _with(self, value: Value, effect: Effect, depth: int) -> Iterator[Effect]:
        """Return what an effect that runs a parameter becomes when that is `value`."""
        inner = list(effect.hops())
        for ending in self._run(inner[-1], value, depth):
            whole = ending
            for step in reversed(inner[:-1]):
                whole = Effect(whole.sink, step, whole, whole.length + 1)
            yield whole

    def _run(self, last: Hop, value: Value, depth: int) -> Iterator[Effect]:
        """Return the effects of the site `last` when what it runs is `value`."""
        site, row = last.site, last.row
        given = passed(site.call, site.function.id) if row is None else Passed((), unknown=True)
        for target in self._targets.of(value, given, row, At(site.function.id, site.call.span)):
            callee = target.callee
            if isinstance(callee, FunctionNode) and callee.id in self._summaries:
                self._depend(site, callee.id)
                hop = Hop(site, row, target.given, _makes_coroutine(callee))
                for effect in list(self._summaries[callee.id].values()):
                    own = isinstance(effect.sink, Parameter) and effect.sink.id == callee.id
                    if not own and self._narrowed(site, target, callee, effect.only)[0]:
                        yield from self._ended(hop, target, effect, depth)
            elif isinstance(callee, Request):
                yield Effect(callee, Hop(site, row, target.given, callee.endpoint.mode == "async"), None, 1)
            elif isinstance(callee, Parameter):
                yield Effect(callee, Hop(site, row, last.given, coroutine=False), None, 1)

    def _ended(self, hop: Hop, target: Target, effect: Effect, depth: int) -> Iterator[Effect]:
        """Return the effects of running a function that was handed over; what a closure keeps of its surroundings is what these got."""
        sink = effect.sink
        if isinstance(sink, Request):
            yield Effect(sink, hop, effect, effect.length + 1)
        elif depth < DEEPEST_CLOSURE:
            for value in self._kept_by_one(target, sink):
                if not self._targets.is_inert(value):
                    yield from self._filled(hop, effect, value, depth + 1)

    def _kept_by_one(self, target: Target, sink: Parameter) -> Values:
        """Return what a nested function that was handed over finds in a parameter of one around it, where not too many can be meant."""
        if target.binds(sink):
            return self._kept(target, sink)
        kept = tuple([value for value in self._kept(target, sink) if not isinstance(value, Parameter)])
        return kept if len(kept) <= MOST_KEPT else ()


def _makes_coroutine(function: FunctionNode) -> bool:
    return function.outline.is_async and not function.outline.is_generator


def _encloses(id_: str, function: FunctionNode) -> bool:
    return any(here.id == id_ for here in function.scopes())


def _shortest(effects: list[Effect]) -> tuple[Effect, ...]:
    """Return one effect for each end, whatever the receiver: of several ways the shortest stands for all."""
    found: dict[object, Effect] = {}
    for effect in effects:
        row = effect.hop.row
        key = (_end(effect), None if row is None else row.name)
        known = found.get(key)
        if known is None or effect.length < known.length:
            found[key] = effect
    return tuple(found.values())


def _remember(summary: dict[object, Effect], effect: Effect) -> bool:
    """Add an effect to those of a function; return whether that changed them."""
    key = _key(effect)
    known = summary.get(key)
    if known is None and len(summary) >= MOST_EFFECTS and effect.only is not None:
        # Too many to keep the subclasses apart that lead to the same end: one way stands for all of them.
        key = (_end(effect), effect.only.method)
        known = summary.get(key)
        if known is not None and known.only is not None:
            classes = known.only.classes | effect.only.classes
            if classes == known.only.classes and effect.length >= known.length:
                return False
            shorter = effect if effect.length < known.length else known
            summary[key] = replace(shorter, only=Only(effect.only.method, classes))
            return True
    if known is not None and effect.length >= known.length:
        return False
    if known is None and len(summary) >= (MOST_EFFECTS if effect.only is None else 2 * MOST_EFFECTS):
        return False
    summary[key] = effect
    return True


def _key(effect: Effect) -> object:
    """Return what two effects of a function have in common when one of them is enough."""
    return (_end(effect), effect.only)


def _end(effect: Effect) -> object:
    """Return what two effects that lead to the same have in common, whatever the receiver."""
    sink = effect.sink
    if isinstance(sink, Parameter):
        return sink
    # To look at a batch once and to do so until it ends are two things.
    polled = sink.endpoint.surface == "batch-poll" and any(hop.site.outline.repeated for hop in effect.hops())
    return (sink.endpoint.path, sink.endpoint.surface, sink.provider, sink.traits, sink.tier, polled)
