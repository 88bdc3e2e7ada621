"""Determines whether a user waits for a function, by following the call graph backwards to its entry points."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Attribute, Expr, Lambda, Name, last_word
from surfacelint.facts.module_outlines import LAMBDA, MODULE_BODY
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.graph_reachability import Reachability
from surfacelint.judgement.waiting.entry_points import EntryPoint, EntryPoints
from surfacelint.judgement.waiting.fire_and_forget import FireAndForget
from surfacelint.linking.calls.call_graph import CallGraph, Site
from surfacelint.linking.calls.request_summaries import Effects
from surfacelint.linking.evaluation.abstract_values import External, Function, Method, Parameter
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode, NameBinding
from surfacelint.model.workloads import Waiting
from surfacelint.system.records import record

MOST_GUESSES = 20
"""Most possible callers, matched by name, that are followed for one function."""


_BUILTIN_METHODS = frozenset(name for made in (bytes, deque, dict, list, set, str) for name in dir(made))
"""Methods of Python's own types: an unknown receiver of one of these is more likely an object of such a type than one of the program."""

_INSPECTING = ("builtins.", "inspect.", "functools.", "typing.", "logging.")
"""Beginnings of the paths of functions that look at a function or wrap it, and do not keep it."""

_FindEntryPoint = Callable[[FunctionNode], EntryPoint | None]
"""Returns the entry point of a function."""


@record(frozen=True, slots=True)
class _CallerStep:
    """A step backwards from a function to its callers.

    `dispatched` says that a call on the path only starts the next function, as a task queue does. `dropped` says that a call on the path
    never waits for the work it started. `guessed` says that a call on the path is only possible. `handed` says that code outside the
    project gets a function on the path, and may call it at any time.
    """

    function: FunctionNode
    dispatched: bool = False
    dropped: bool = False
    guessed: bool = False
    handed: bool = False


@record(frozen=True, slots=True)
class _EntryAnswer:
    """The answer at an entry point. `guessed` says that a call on the path to it is only possible."""

    answer: Waiting
    guessed: bool


class UserWaiting:
    """Answers whether a user waits, for the functions of one program."""

    def __init__(
        self, graph: CallGraph, effects: Effects, entries: EntryPoints, resolver: Resolver, catalogue: Catalogue, bodies: Bodies
    ) -> None:
        self._graph = graph
        self._effects = effects
        self._entries = entries
        self._resolver = resolver
        self._catalogue = catalogue
        self._is_forgotten = FireAndForget(graph, effects, resolver, catalogue, bodies)
        self._obscure_sites: dict[str, list[Site]] = {}
        self._passing_sites: dict[str, list[Site]] = {}
        self._note_possible_callers()
        self._declared = Reachability[_CallerStep, _EntryAnswer](lambda step: self._expand(step, entries.point), _deciding)
        self._undeclared = Reachability[_CallerStep, _EntryAnswer](lambda step: self._expand(step, entries.found), _deciding)
        self._conversing: dict[str, bool] = {}

    def waiting(self, function: FunctionNode) -> Waiting:
        """Return whether a user waits for `function`: yes if a user waits at every known entry point that leads to it.

        If no entry point is known, a possible one where a user waits is enough.
        """
        return self._answer(function, self._declared)

    def without_declarations(self, function: FunctionNode) -> Waiting:
        """Return the answer of `waiting`, ignoring declared facts."""
        return self._answer(function, self._undeclared)

    def starts_without_waiting(self, site: Site, function: FunctionNode) -> bool:
        """Whether a site starts `function` and does not wait for it."""
        return _dispatches(site, function) or self._is_forgotten(site, function)

    def starts_task(self, site: Site) -> bool:
        """Whether the coroutine that a site creates is started as a task: `create_task(ask(text))`."""
        return not site.outline.awaited and self._is_forgotten.is_started(site)

    def _answer(self, function: FunctionNode, paths: Reachability[_CallerStep, _EntryAnswer]) -> Waiting:
        # A possible path can show that a user waits, but not that no user waits.
        return next((end.answer for end in sorted(paths.ends(_CallerStep(function)), key=lambda end: end.guessed)), Waiting("unknown"))

    def _expand(self, step: _CallerStep, find_entry_point: _FindEntryPoint) -> tuple[list[_EntryAnswer], list[_CallerStep]]:
        """Return the answers at the function of a step, and the next steps to its callers."""
        here = step.function
        entry = find_entry_point(here)
        root = _answer_at(here, entry)
        if root is not None:
            # A user may wait for started work in other ways, unless an HTTP handler has already answered.
            # In a chat, the user still waits after the handler has returned. At a page or window, a thread only keeps it responsive.
            medium = "" if entry is None else entry.medium
            answered = step.dropped and medium == "http"
            started = ((step.dispatched and medium != "ui") or answered) and root.answer == "yes"
            unsure = started or (step.handed and root.answer == "no")
            return [_EntryAnswer(Waiting("unknown", root.entry) if unsure else root, step.guessed)], []
        answers, steps = [], []
        callers = [site for site in self._effects.edges.get(here.id, ()) if site.function.id != here.id]
        for site in callers:
            if self._in_conversation(site):
                answers.append(_EntryAnswer(Waiting("yes", f"conversation in {site.function.outline.title}"), step.guessed))
            else:
                dropped = step.dropped or self._is_forgotten(site, here)
                steps.append(replace(step, function=site.function, dispatched=step.dispatched or _dispatches(site, here), dropped=dropped))
        handing = [] if _is_nested(here) and not callers else list(self._handing_over(here))[:MOST_GUESSES]
        steps += [replace(step, function=site.function, handed=True) for site in handing]
        if not callers and not handing:
            others = self._possible_callers(here)
            steps += [replace(step, function=other, guessed=step.guessed or other is not here.parent) for other in others]
            if step.handed and not others:
                answers.append(_EntryAnswer(Waiting("unknown"), step.guessed))
        return answers, steps

    def _handing_over(self, function: FunctionNode) -> Iterator[Site]:
        """Yield the sites that hand a function to code outside the project of which nothing is known: a graph, a registry."""
        for site in self._passing_sites.get(function.outline.name, ()):
            if site.function.id != function.id and self._is_foreign(site) and self._passes(site, function):
                yield site

    def _is_foreign(self, site: Site) -> bool:
        """Whether the catalogue knows nothing of a callee. Of a known one, the call graph or the entry points say what it runs."""
        runs = any(not isinstance(target.callee, Parameter) for target in site.targets)
        if runs or site.function.outline.name.startswith("test"):
            return False
        return not any(self._is_understood(path) for path in self._resolver.called_paths(site.call, site.function))

    def _is_understood(self, path: str) -> bool:
        known = self._catalogue
        rows = (known.returns(f"{path}()"), known.repetition(path), known.retry(path), known.progress(path), known.decorated(path))
        entries = (known.entry(match, path) for match in ("register", "keyword", "decorator"))
        return path.startswith(_INSPECTING) or any(row is not None for row in (*rows, *entries))

    def _possible_callers(self, function: FunctionNode) -> list[FunctionNode]:
        """Return the functions that may call a function which has no known callers."""
        if function.parent is not None and _is_nested(function):
            return [function.parent]
        name = function.outline.name
        callers = [site for site in self._passing_sites.get(name, ()) if self._passes(site, function)] or self._obscure_sites.get(name, [])
        others = [site.function for site in callers if site.function.id != function.id]
        if not others and function.owner is not None and self._is_called_indirectly(function, function.owner):
            # No call of the method is known. Perhaps the functions that create its objects call it.
            others = [maker for maker, _ in self._resolver.callers.get(function.owner.id, ()) if maker.owner is not function.owner]
        return others[:MOST_GUESSES]

    def _is_called_indirectly(self, function: FunctionNode, owner: ClassNode) -> bool:
        """Whether a method may be called through a base class, or by calling the object."""
        name = function.outline.name
        bases = self._resolver.classes.bases(owner.id)[1:]
        return name == "__call__" or any(isinstance(base, ClassNode) and name in base.methods for base in bases)

    def _note_possible_callers(self) -> None:
        """Index the sites that may call a function: obscure calls by the name they call, and others by the names of their arguments."""
        known: dict[tuple[str, str], tuple[str, ...]] = {}
        for site in (site for sites in self._graph.sites.values() for site in sites):
            if site.obscure and (name := last_word(site.call.function)) and name not in _BUILTIN_METHODS:
                self._obscure_sites.setdefault(name, []).append(site)
            for name in {name for argument in site.call.arguments for name in _names(argument.value, site.function, known)}:
                self._passing_sites.setdefault(name, []).append(site)

    def _passes(self, site: Site, function: FunctionNode) -> bool:
        """Whether a call passes a function to code outside the project, which may call it."""
        if any(isinstance(value, Function | Method) for value in self._resolver.callee(site.call, site.function)):
            return False
        values = [argument.value for argument in site.call.arguments if isinstance(argument.value, Name | Attribute | Lambda)]
        found = (value for expr in values for value in self._resolver.evaluate(expr, site.function))
        return any(isinstance(value, Function | Method) and value.id == function.id for value in found)

    def _in_conversation(self, site: Site) -> bool:
        """Whether a site is in a loop of a function that asks for user input in a loop."""
        id_ = site.function.id
        if site.outline.repeated and id_ not in self._conversing:
            self._conversing[id_] = any(other.outline.repeated and self._asks_user(other) for other in self._graph.sites.get(id_, ()))
        return site.outline.repeated and self._conversing[id_]

    def _asks_user(self, site: Site) -> bool:
        values = self._resolver.callee(site.call, site.function)
        return any(isinstance(value, External) and self._catalogue.user_input(value.path) is not None for value in values)


def _names(value: Expr, function: FunctionNode, known: dict[tuple[str, str], tuple[str, ...]]) -> Iterable[str]:
    """Return the names under which an argument may be defined: its own, and those of the variables and imports behind it.

    `known` is a memo by scope and name.
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


def _sources(sources: Iterable[NameBinding]) -> Iterator[str]:
    """Yield the names of the values to which a name is bound."""
    for source in sources:
        if source.imported is not None and source.imported.symbol:
            yield source.imported.symbol
        elif isinstance(source.value, Name):
            yield source.value.id
        elif isinstance(source.value, Attribute):
            yield source.value.attr
        elif isinstance(source.value, Lambda):
            yield LAMBDA


def _is_nested(function: FunctionNode) -> bool:
    return function.parent is not None and function.parent.outline.qualname != MODULE_BODY


def _answer_at(function: FunctionNode, point: EntryPoint | None) -> Waiting | None:
    """Return the answer at an entry point or the body of a script, or `None` anywhere else."""
    if point is not None:
        return Waiting(point.waits, point.description)
    if function.outline.qualname == MODULE_BODY:
        return Waiting("no", f"script {function.module.name}")
    return None


def _dispatches(site: Site, function: FunctionNode) -> bool:
    """Whether a site hands a function to a scheduler or queue that starts it."""
    for target in site.targets:
        if target.callee is function:
            return isinstance(target.row, Repetition) and target.row.starts and target.row.name == "start"
    return False


def _deciding(ends: Iterable[_EntryAnswer]) -> frozenset[_EntryAnswer]:
    """Return the deciding answer among the certain ones, and the deciding one among the guessed ones."""
    certain = min((end for end in ends if not end.guessed), key=_rank, default=None)
    possible = min((end for end in ends if end.guessed and end.answer.answer == "yes"), key=_rank, default=None)
    return frozenset(end for end in (certain, possible) if end is not None)


def _rank(end: _EntryAnswer) -> tuple[int, str]:
    """Order answers so that the first decides: `no` wins over `unknown`, and `unknown` over `yes`."""
    return ("no", "unknown", "yes").index(end.answer.answer), end.answer.entry
