"""The call graph: what each call site of the relevant modules may run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surfacelint.facts.expressions import Argument, Call, Composite, Constant, Expr, Name
from surfacelint.facts.module_outlines import MODULE_BODY, CallSite
from surfacelint.linking.calls.call_targets import CallPlace, Request, Target, TargetFinder
from surfacelint.linking.evaluation.abstract_values import Class, External, Function, Instance, Method, Partial, Value
from surfacelint.linking.evaluation.call_arguments import PassedArguments, passed
from surfacelint.linking.evaluation.foreign_writes import place_foreign_writes
from surfacelint.linking.evaluation.library_paths import is_answer, is_client
from surfacelint.linking.evaluation.program_index import Callers
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode, stores_arguments
from surfacelint.system.records import record

_MOST_ROUNDS = 4
"""Most rounds of linking. Constructor arguments decide attributes, and attributes decide callees: each round follows one more link."""


@record(frozen=True, slots=True, eq=False)
class Site:
    """A call site with its targets. It is `obscure` if nothing is known of its callee.

    `instantiated` are the classes of which it makes instances. `received` are the values that each target receives, if it is a function
    outside of the relevant modules: it can lead to a request only through them.
    """

    function: FunctionNode
    outline: CallSite
    targets: tuple[Target, ...]
    obscure: bool
    instantiated: tuple[str, ...] = ()
    received: tuple[tuple[Value, ...], ...] = ()

    @property
    def call(self) -> Call:
        """The call expression."""
        return self.outline.call


@record(frozen=True, slots=True)
class CallGraph:
    """All call sites by the identifier of their function, in the order of the modules and of the source."""

    sites: dict[str, tuple[Site, ...]]
    functions: dict[str, FunctionNode]


class Linker:
    """Builds the call graph of the relevant modules and of the functions that they run elsewhere."""

    def __init__(self, resolver: Resolver, targets: TargetFinder) -> None:
        self._resolver = resolver
        self._program = resolver.program
        self._targets = targets
        self._relevant: dict[str, None] = {}
        self._storing: set[str] = set()
        self._sites: dict[str, tuple[Site, ...]] = {}
        self._calls: dict[str, list[tuple[str, PassedArguments]]] = {}

    def link(self, relevant: Iterable[str]) -> CallGraph:
        """Return the call graph of the modules `relevant`. A second call with more modules reuses what is known."""
        self._relevant = dict.fromkeys(sorted(relevant))
        self._storing = set()
        for name in self._relevant:
            self._program.module(name)
        self._learn(frozenset(self._relevant), self._program.callers)
        if place_foreign_writes(self._resolver):
            self._sites.clear()
        graph = CallGraph({}, {})
        for _ in range(_MOST_ROUNDS):
            graph = self._round()
            if not self._learn(self._program.relevant, self._callers(graph)):
                break
        return graph

    def _learn(self, relevant: frozenset[str], callers: Callers) -> bool:
        """Update the facts of the resolver and drop the sites that depended on old ones; return whether the callers changed."""
        changed, forgotten = self._resolver.learn(relevant, callers)
        for site in forgotten:
            self._sites.pop(site.function.id, None)
        return changed

    def _round(self) -> CallGraph:
        graph = CallGraph({}, {})
        waiting = [function for name in self._relevant for function in self._functions(name)]
        waiting.reverse()
        while waiting:
            function = waiting.pop()
            if function.id in graph.functions:
                continue
            graph.functions[function.id] = function
            sites = graph.sites[function.id] = self._linked(function)
            for site in sites:
                for target, received in zip(site.targets, site.received, strict=True):
                    if isinstance(target.callee, FunctionNode) and self._may_lead_to_request(target.callee, received):
                        waiting += self._linked_with(target.callee)
        return graph

    def _linked(self, function: FunctionNode) -> tuple[Site, ...]:
        """Return the call sites of a function: those of the last round, unless they depend on something that changed."""
        known = self._sites.get(function.id)
        if known is None:
            known = self._sites[function.id] = tuple([self._site(function, outline) for outline in function.outline.calls])
            self._calls[function.id] = [call for site in known for call in _called(site)]
        return known

    def _functions(self, name: str) -> list[FunctionNode]:
        """Return the functions of a relevant module, and the methods that its classes inherit from other modules."""
        module = self._program.module(name)
        if module is None:
            return []
        found = list(module.functions.values())
        for node in module.classes.values():
            for base in self._resolver.classes.bases(node.id)[1:]:
                if isinstance(base, ClassNode) and base.module.name not in self._relevant:
                    found += [base.module.functions[qualname] for qualname in base.methods.values()]
        return found

    def _may_lead_to_request(self, callee: FunctionNode, received: Iterable[Value]) -> bool:
        """Whether a callee may lead to a request: outside of the relevant modules, only through the values that it receives."""
        if self._may_lead_by_itself(callee):
            return True
        # An object that stores a client may send requests in all of its methods.
        if callee.owner is not None and self._is_storing(callee.owner.id):
            return True
        return any(self._may_lead(value) for value in received)

    def _may_lead_by_itself(self, callee: FunctionNode) -> bool:
        return callee.module.name in self._relevant or _is_closure(callee)

    def _received(self, target: Target) -> tuple[Value, ...]:
        """Return the values that a callee receives, with the contents of containers, unless it may lead to a request by itself."""
        if not isinstance(target.callee, FunctionNode) or self._may_lead_by_itself(target.callee):
            return ()
        found: dict[Value, None] = {}
        for scope, argument in target.given.arguments:
            if isinstance(argument.value, Constant) or (isinstance(argument.value, Composite) and argument.value.operator == "format"):
                continue  # a string leads to no request
            values = self._resolver.evaluate(argument.value, self._program.function(scope))
            found.update(dict.fromkeys(self._resolver.containers.flat(values)))
            passed_on = (
                self._resolver.caller_arguments.keyword_arguments(values) if argument.star == "**" else self._resolver.everywhere(values)
            )
            if passed_on != values:
                found.update(dict.fromkeys(self._resolver.containers.flat(passed_on)))
        return tuple(found)

    def _may_lead(self, value: Value) -> bool:
        """Whether the receiver of a value may send requests through it: a client, an object that stores one, or relevant code."""
        match value:
            case External():
                return is_client(self._program.catalogue, value) and not is_answer(self._program.catalogue, value)
            case Instance(id=id_) | Class(id=id_):
                return self._is_relevant(id_) or self._is_storing(id_)
            case Method(id=id_, receiver=receiver):
                return self._may_lead(receiver) or self._is_relevant(id_)
            case Function(id=id_):
                return self._is_relevant(id_) or _is_closure(self._program.function(id_))
            case _:
                return isinstance(value, Partial)

    def _is_relevant(self, id_: str) -> bool:
        return id_.rpartition(":")[0] in self._relevant

    def _is_storing(self, id_: str) -> bool:
        return any(isinstance(base, ClassNode) and base.id in self._storing for base in self._resolver.classes.bases(id_))

    def _linked_with(self, callee: FunctionNode) -> list[FunctionNode]:
        """Return the functions to link with a callee: itself, its closures, and all methods of an object that stores its arguments."""
        found = [callee.module.functions[qualname] for _, qualname in callee.outline.definitions if qualname in callee.module.functions]
        owner = callee.owner
        if owner is not None and callee.module.name not in self._relevant and stores_arguments(callee):
            self._storing.add(owner.id)
            found += [owner.module.functions[qualname] for qualname in owner.methods.values()]
        return [callee, *found]

    def _callers(self, graph: CallGraph) -> Callers:
        callers: Callers = {}
        for id_, function in graph.functions.items():
            for called, given in self._calls[id_]:
                callers.setdefault(called, []).append((function, given))
        for function in graph.functions.values():
            for name, decorators, scope in _decorated(function):
                given = PassedArguments(((scope.id, Argument(Name(name))),))
                for value in (value for decorator in decorators for value in self._resolver.evaluate(decorator, scope)):
                    if isinstance(value, Function | Method):
                        skipped = PassedArguments(given.arguments, int(isinstance(value, Method)))
                        callers.setdefault(value.id, []).append((scope, skipped))
        return callers

    # One call site.

    def _site(self, function: FunctionNode, outline: CallSite) -> Site:
        """Return a call site with its targets, as a note of the memo: it is forgotten when facts that it depends on change."""
        return self._program.memo.noted(("site", id(outline)), lambda: self._resolved(function, outline))

    def _resolved(self, function: FunctionNode, outline: CallSite) -> Site:
        call = outline.call
        given = passed(call, function.id)
        place = CallPlace(function.id, call.span, outline.awaited)
        values = self._resolver.callee(call, function)
        targets: dict[object, Target] = {}
        for value in values:
            for target in self._targets.of(value, given, None, place):
                key = target.callee.id if isinstance(target.callee, FunctionNode) else target.callee
                targets.setdefault((key, target.row.name if target.row else "", target.receiver, target.bound), target)
        for target in self._targets.assembled(call, values, function, place):
            targets.setdefault((target.callee, ""), target)
        if not any(isinstance(target.callee, FunctionNode | Request) for target in targets.values()):
            for target in self._targets.guessed(call, given, values, function, place):
                targets.setdefault((target.callee, target.row.name if target.row else ""), target)
        instantiated = tuple([value.id for value in values if isinstance(value, Class)])
        found = tuple(targets.values())
        received = tuple([self._received(target) for target in found])
        return Site(function, outline, found, not values, instantiated, received)


def _is_closure(function: FunctionNode) -> bool:
    """Whether a function is defined in another one, so that it may capture the arguments of that."""
    return function.outline.parent not in (None, MODULE_BODY)


def _called(site: Site) -> Iterator[tuple[str, PassedArguments]]:
    """Yield the functions that a site runs and the classes that it instantiates, each with the arguments that it passes."""
    for target in site.targets:
        if isinstance(target.callee, FunctionNode):
            yield target.callee.id, target.given
    for id_ in site.instantiated:
        yield id_, passed(site.call, site.function.id)


def _decorated(function: FunctionNode) -> Iterator[tuple[str, tuple[Expr, ...], FunctionNode]]:
    """Yield the name and decorators of a function, or of each class of a module body, and the scope in which the decorators run."""
    if function.outline.qualname == MODULE_BODY:
        yield from ((node.outline.qualname, node.outline.decorators, function) for node in function.module.classes.values())
    elif function.parent is not None and function.owner is None:
        yield function.outline.name, function.outline.decorators, function.parent
