"""Is a user waiting? By reachability: every way into a function, backwards along the call graph to the entry points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Attribute, Expr, Lambda, Name
from surfacelint.facts.module_outlines import LAMBDA, MODULE_BODY
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.graph_reachability import Reach
from surfacelint.judgement.waiting.entry_points import Entries, EntryPoint
from surfacelint.judgement.waiting.fire_and_forget import LeftAlone
from surfacelint.linking.calls.call_graph import CallGraph, Site
from surfacelint.linking.calls.request_summaries import Effects
from surfacelint.linking.evaluation.abstract_values import External, Function, Method
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode, Source
from surfacelint.model.workloads import Waiting
from surfacelint.system.records import record

MOST_GUESSES = 20
"""Callers of the same name: more of them say that the name is too common to mean anything."""


_Point = Callable[[FunctionNode], EntryPoint | None]
"""How a function is entered from outside."""


@record(frozen=True, slots=True)
class _Way:
    """A function on a way in. `dispatched` says that a step starts it without waiting, `dropped` that one asks nothing of what it
    started, `guessed` that a step is only possible.
    """

    function: FunctionNode
    dispatched: bool = False
    dropped: bool = False
    guessed: bool = False


@record(frozen=True, slots=True)
class _End:
    """The answer at the end of a way in; `guessed` says that a step of the way is only possible."""

    answer: Waiting
    guessed: bool


class Waits:
    """Answers for functions of one program."""

    def __init__(
        self, graph: CallGraph, effects: Effects, entries: Entries, resolver: Resolver, catalogue: Catalogue, bodies: Bodies
    ) -> None:
        self._graph = graph
        self._effects = effects
        self._entries = entries
        self._resolver = resolver
        self._catalogue = catalogue
        self._left_alone = LeftAlone(graph, effects, resolver, catalogue, bodies)
        self._obscure: dict[str, list[Site]] = {}
        self._handing: dict[str, list[Site]] = {}
        self._note_possible_callers()
        self._declared = Reach[_Way, _End](lambda way: self._step(way, entries.point), _telling)
        self._undeclared = Reach[_Way, _End](lambda way: self._step(way, entries.found), _telling)
        self._conversing: dict[str, bool] = {}

    def waiting(self, function: FunctionNode) -> Waiting:
        """Return whether somebody waits for `function`: only if every way in is a waiting one.

        Where no way in is known for certain, a possible one from a waiting user is enough.
        """
        return self._answer(function, self._declared)

    def guessed(self, function: FunctionNode) -> Waiting:
        """Return what `waiting` would be if nothing were declared."""
        return self._answer(function, self._undeclared)

    def lets_go(self, site: Site, function: FunctionNode) -> bool:
        """Return whether a site starts `function` and goes on without it."""
        return _dispatches(site, function) or self._left_alone(site, function)

    def _answer(self, function: FunctionNode, ways: Reach[_Way, _End]) -> Waiting:
        # A way in that is only possible can make a user wait. It cannot show that nobody does.
        return next((end.answer for end in sorted(ways.ends(_Way(function)), key=lambda end: end.guessed)), Waiting("unknown"))

    def _step(self, way: _Way, point: _Point) -> tuple[list[_End], list[_Way]]:
        """Return what a way in ends with at a function, and the ways that it goes on by."""
        here = way.function
        entry = point(here)
        root = _root(here, entry)
        if root is not None:
            # What is started and not waited for may be waited for all the same.
            # A handler that has answered lets its user go, a chat does not.
            answered = way.dropped and entry is not None and entry.medium == "http"
            unsure = (way.dispatched or answered) and root.answer == "yes"
            return [_End(Waiting("unknown", root.entry) if unsure else root, way.guessed)], []
        ends, ways = [], []
        callers = [site for site in self._effects.edges.get(here.id, ()) if site.function.id != here.id]
        for site in callers:
            if self._in_conversation(site):
                ends.append(_End(Waiting("yes", f"conversation in {site.function.outline.title}"), way.guessed))
            else:
                dropped = way.dropped or self._left_alone(site, here)
                ways.append(_Way(site.function, way.dispatched or _dispatches(site, here), dropped, way.guessed))
        if not callers:
            others = self._uncalled(here)
            ways += [_Way(other, way.dispatched, way.dropped, way.guessed or other is not here.parent) for other in others]
        return ends, ways

    def _uncalled(self, function: FunctionNode) -> list[FunctionNode]:
        """Return who may run a function that nobody is known to call."""
        if function.parent is not None and function.parent.outline.qualname != MODULE_BODY:
            return [function.parent]
        name = function.outline.name
        callers = [site for site in self._handing.get(name, ()) if self._mentions(site, function)] or self._obscure.get(name, [])
        others = [site.function for site in callers if site.function.id != function.id]
        if not others and function.owner is not None and self._is_called_by_kind(function, function.owner):
            # Nobody calls the method by a name that we can follow: perhaps those who make the object do.
            others = [maker for maker, _ in self._resolver.callers.get(function.owner.id, ()) if maker.owner is not function.owner]
        return others[:MOST_GUESSES]

    def _is_called_by_kind(self, function: FunctionNode, owner: ClassNode) -> bool:
        """Whether callers may know a method only through a base class, or the object only as something to call."""
        name = function.outline.name
        bases = self._resolver.classes.bases(owner.id)[1:]
        return name == "__call__" or any(isinstance(base, ClassNode) and name in base.methods for base in bases)

    def _note_possible_callers(self) -> None:
        """Note the sites that may call a function: by the bare name that an obscure one calls, and by the names of what one hands over."""
        known: dict[tuple[str, str], tuple[str, ...]] = {}
        for site in (site for sites in self._graph.sites.values() for site in sites):
            if site.obscure:
                callee = site.call.function
                name = callee.attr if isinstance(callee, Attribute) else callee.id if isinstance(callee, Name) else None
                if name is not None:
                    self._obscure.setdefault(name, []).append(site)
            for name in {name for argument in site.call.arguments for name in _names(argument.value, site.function, known)}:
                self._handing.setdefault(name, []).append(site)

    def _mentions(self, site: Site, function: FunctionNode) -> bool:
        """Whether a function is among the arguments of a call of something that we cannot look into, which may call it."""
        if any(isinstance(value, Function | Method) for value in self._resolver.callee(site.call, site.function)):
            return False
        values = [argument.value for argument in site.call.arguments if isinstance(argument.value, Name | Attribute | Lambda)]
        found = (value for expr in values for value in self._resolver.evaluate(expr, site.function))
        return any(isinstance(value, Function | Method) and value.id == function.id for value in found)

    def _in_conversation(self, site: Site) -> bool:
        """Whether a site stands in a loop of a function that asks a person in a loop."""
        id_ = site.function.id
        if site.outline.repeated and id_ not in self._conversing:
            self._conversing[id_] = any(other.outline.repeated and self._asks(other) for other in self._graph.sites.get(id_, ()))
        return site.outline.repeated and self._conversing[id_]

    def _asks(self, site: Site) -> bool:
        values = self._resolver.callee(site.call, site.function)
        return any(isinstance(value, External) and self._catalogue.user_input(value.path) is not None for value in values)


def _names(value: Expr, function: FunctionNode, known: dict[tuple[str, str], tuple[str, ...]]) -> Iterable[str]:
    """Return the names that an argument may have where it is defined: its own, and that of what it is a variable or import for.

    `known` are the answers for names of scopes.
    """
    match value:
        case Attribute(attr=name):
            return (name,)
        case Lambda():
            return (LAMBDA,)
        case Name(id=name):
            scope = function.scope_of(name)
            if scope is None:
                return (name,)
            if (scope.id, name) not in known:
                known[scope.id, name] = (name, *dict.fromkeys(_sources(scope.names[name])))
            return known[scope.id, name]
        case _:
            return ()


def _sources(sources: Iterable[Source]) -> Iterator[str]:
    """Yield the names of what a name is bound to."""
    for source in sources:
        if source.imported is not None and source.imported.symbol:
            yield source.imported.symbol
        elif isinstance(source.value, Name):
            yield source.value.id
        elif isinstance(source.value, Attribute):
            yield source.value.attr
        elif isinstance(source.value, Lambda):
            yield LAMBDA


def _root(function: FunctionNode, point: EntryPoint | None) -> Waiting | None:
    if point is not None:
        return Waiting(point.waits, point.description)
    if function.outline.qualname == MODULE_BODY:
        return Waiting("no", f"script {function.module.name}")
    return None


def _dispatches(site: Site, function: FunctionNode) -> bool:
    """Whether a site starts a function without waiting for it."""
    for target in site.targets:
        if target.callee is function:
            return isinstance(target.row, Repetition) and target.row.starts and target.row.name == "start"
    return False


def _telling(ends: Iterable[_End]) -> frozenset[_End]:
    """Leave out all ends but the one that decides among those that are certain, and the one among those that are not."""
    certain = min((end for end in ends if not end.guessed), key=_rank, default=None)
    possible = min((end for end in ends if end.guessed and end.answer.answer == "yes"), key=_rank, default=None)
    return frozenset(end for end in (certain, possible) if end is not None)


def _rank(end: _End) -> tuple[int, str]:
    """Nobody waits if one end says so, somebody does if all of them do."""
    return ("no", "unknown", "yes").index(end.answer.answer), end.answer.entry
