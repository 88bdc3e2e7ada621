"""Writes of calls: what a call puts into containers, memories and objects of first-party classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Attribute, Call, Expr, Name, Position, Subscript
from surfacelint.facts.function_bodies import Body
from surfacelint.judgement.flow.access_paths import NO_PATHS, AccessPaths, access_path, first_overlap, is_exact, reads, root, touches
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import expressions_in
from surfacelint.judgement.flow.iteration_dataflow import BlockFlow, upward_exposed
from surfacelint.judgement.flow.reaching_definitions import definitions_in
from surfacelint.judgement.flow.statement_definitions import EMPTIED, CallWrites, container_writes, in_place_changes
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effects
from surfacelint.linking.evaluation.abstract_values import Function, Instance, Method
from surfacelint.linking.evaluation.call_arguments import argument_for, passed
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode, ModuleNode

_DEEPEST = 4
"""Nested calls that are followed: a setter that calls a setter. Deeper ones mostly concern some subclass of what a caller holds."""

_MOST_READ = 200
"""Access paths after which the reads of methods are no longer followed."""


class Writes:
    """The writes of the calls of one program, memoized.

    Each answer is for a `depth`, the number of nested calls that are followed, so that it does not depend on earlier questions, even
    where functions call each other in a cycle.
    """

    def __init__(self, effects: Effects, resolver: Resolver, catalogue: Catalogue, bodies: Bodies) -> None:
        self._effects = effects
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies
        self._of_calls: dict[tuple[str, Position, int], tuple[tuple[Expr, Expr], ...]] = {}
        self._of_functions: dict[tuple[str, int], tuple[tuple[str, str], ...]] = {}
        self._resets: dict[tuple[str, int], tuple[str, ...]] = {}
        self._receiver_reads: dict[str, frozenset[str]] = {}
        self._classes: dict[tuple[str, str], list[str]] = {}
        self._within: dict[tuple[str, int], CallWrites] = {}
        self._sessions: dict[str, frozenset[str]] = {}
        self._ways_of: dict[str, dict[Position, frozenset[str]]] = {}

    def within(self, scope: FunctionNode, depth: int = _DEEPEST) -> CallWrites:
        """Return the writes of calls in `scope`, as a function. It is the same object each time, so that memos can use it as a key."""
        known = self._within.get((scope.id, depth))
        if known is None:
            known = self._within[scope.id, depth] = lambda call: self._of(call, scope, depth)
        return known

    def is_first_party(self, call: Call, scope: FunctionNode) -> bool:
        """Whether a call runs first-party code, so that its writes are known."""
        return any(isinstance(value, Function | Method) for value in self._resolver.callee(call, scope))

    def written_parameters(self, function: FunctionNode) -> Iterator[str]:
        """Yield the parameters from which a function writes something into another parameter, such as its receiver."""
        yield from (parameter for _, parameter in self._writes_of(function, _DEEPEST))

    def is_object(self, expr: Expr, scope: FunctionNode) -> bool:
        """Whether an expression names an object of a first-party class."""
        return access_path(expr) is not None and any(isinstance(value, Instance) for value in self._resolver.evaluate(expr, scope))

    def expand_properties(self, paths: set[str], scope: FunctionNode) -> set[str]:
        """Return `paths` with first-party methods and properties replaced by what they read from their receiver.

        `self.prompt` becomes `self.history` if the property `prompt` reads `history`.
        """
        found: set[str] = set()
        pending: list[tuple[str, frozenset[str]]] = [(path, frozenset()) for path in sorted(paths)]
        seen: set[str] = set()
        while pending:
            path, through = pending.pop()
            if path in seen:
                continue
            seen.add(path)
            owner, _, name = path.rpartition(".")
            is_attribute = owner and is_exact(path) and "[" not in path and len(seen) <= _MOST_READ
            methods = self._methods(owner, name, scope) if is_attribute else []
            # A property that reads itself on another object, `parent.root` in `root`, would never end.
            new = [method for method in methods if method.id not in through]
            if not new:
                found.add(path)
            for method in new:
                receiver_reads = sorted(self._reads_of_receiver(method))
                pending += [(f"{owner}{read}", through | {method.id}) for read in receiver_reads]
        return found

    def _methods(self, owner: str, name: str, scope: FunctionNode) -> list[FunctionNode]:
        """Return the methods and properties `name` of the first-party classes that the object at `owner` may have."""
        classes = self._classes.get((scope.id, owner))
        if classes is None:
            values = self._resolver.evaluate(expression(owner), scope)
            classes = self._classes[scope.id, owner] = [value.id for value in values if isinstance(value, Instance)]
        found = []
        for id_ in classes:
            bases = self._resolver.classes.bases(id_)
            node = next((base for base in bases if isinstance(base, ClassNode) and name in base.methods), None)
            if node is not None:
                found.append(node.module.functions[node.methods[name]])
        return found

    def _reads_of_receiver(self, method: FunctionNode) -> frozenset[str]:
        """Return the access paths that a method reads from its receiver, without the receiver's name: `.history`."""
        known = self._receiver_reads.get(method.id)
        if known is None:
            body = self._bodies.body(method)
            every = {path for expr in expressions_in(body.statements) for path in reads(expr)} if body is not None else set()
            known = self._receiver_reads[method.id] = frozenset(
                path[len(root(path)) :] for path in every if root(path) == method.first and "." in path
            )
        return known

    def _of(self, call: Call, scope: FunctionNode, depth: int) -> Iterable[tuple[Expr, Expr]]:
        """Return the writes of a call, memoized."""
        if not call.arguments and not isinstance(call.function, Attribute):
            return ()
        question = (scope.id, call.span.end, depth)
        known = self._of_calls.get(question)
        if known is None:
            known = self._of_calls[question] = tuple(self._found(call, scope, depth))
        return known

    def _found(self, call: Call, scope: FunctionNode, depth: int) -> Iterator[tuple[Expr, Expr]]:
        """Yield the writes of a call. What goes into a database is no state that ties iterations."""
        sessions = self._sessions_of(scope.module)
        yield from (write for write in self._kept(call, scope, depth) if not sessions or access_path(write[0]) not in sessions)

    def _sessions_of(self, module: ModuleNode) -> frozenset[str]:
        """Return the access paths in a module, such as `db` and `self.session`, on which it calls methods of database sessions."""
        known = self._sessions.get(module.name)
        if known is None:
            called = (site.call.function for function in (*module.functions.values(), module.body) for site in function.outline.calls)
            methods = (each for each in called if isinstance(each, Attribute) and each.attr in self._catalogue.session_methods)
            known = self._sessions[module.name] = frozenset(path for each in methods if (path := access_path(each.value)) is not None)
        return known

    def _kept(self, call: Call, scope: FunctionNode, depth: int) -> Iterator[tuple[Expr, Expr]]:
        """Yield the writes of first-party callees, or else those of a library method that keeps its arguments."""
        own = [value for value in self._resolver.callee(call, scope) if isinstance(value, Function | Method)]
        for value in self._requesting(own, call, scope):
            callee = self._resolver.function(value.id)
            yield from self._by_callee(call, scope, callee, depth, is_method=isinstance(value, Method))
        if own:
            return
        if isinstance(call.function, Attribute) and any(map(self._catalogue.keeps, self._resolver.called_paths(call, scope))):
            yield from ((call.function.value, argument.value) for argument in call.arguments)
        elif isinstance(call.function, Attribute) and call.function.attr == "reset" and not call.arguments:
            yield call.function.value, EMPTIED
        else:
            yield from container_writes(call)

    def _requesting(self, own: list[Function | Method], call: Call, scope: FunctionNode) -> list[Function | Method]:
        """Return the callees that count. Where a call leads to requests, those that send none only stand in for others, as mocks do."""
        taken = self._ways(scope).get(call.span.end)
        if taken is None:
            return own
        return [value for value in own if value.id in taken or self._leads_to_request(value.id)]

    def _ways(self, scope: FunctionNode) -> Mapping[Position, frozenset[str]]:
        """Return the functions that each call of a function runs on its ways to requests, by the end of the call."""
        known = self._ways_of.get(scope.id)
        if known is None:
            sites = ((site, [way for way in ways if isinstance(way.sink, Request)]) for site, ways in self._effects.sites.get(scope.id, ()))
            known = self._ways_of[scope.id] = {
                site.call.span.end: frozenset(way.rest.hop.site.function.id for way in ways if way.rest is not None)
                for site, ways in sites
                if ways
            }
        return known

    def _leads_to_request(self, function: str) -> bool:
        return any(isinstance(effect.sink, Request) for effect in self._effects.summaries.get(function, ()))

    def _by_callee(
        self, call: Call, scope: FunctionNode, callee: FunctionNode, depth: int, *, is_method: bool
    ) -> Iterator[tuple[Expr, Expr]]:
        """Yield the writes of a first-party callee, in terms of the arguments of `call`."""
        given = passed(call, scope.id, skip=int(is_method))
        if is_method and isinstance(call.function, Attribute):
            yield from ((below(call.function.value, rest), EMPTIED) for rest in self._resets_of(callee, depth))
        for holder, parameter in self._writes_of(callee, depth):
            _, _, part = parameter.partition(".")
            if part and is_method and isinstance(call.function, Attribute) and access_path(call.function.value) is not None:
                yield below(call.function.value, holder.partition(".")[2]), below(call.function.value, part)
                continue
            value = [expr for _, expr in argument_for(callee.outline, given, parameter)]
            name, _, rest = holder.partition(".")
            owners = [expr for _, expr in argument_for(callee.outline, given, name)]
            if is_method and name == callee.first:
                owners = [call.function.value] if isinstance(call.function, Attribute) else []
            yield from ((below(owner, rest), each) for owner in owners for each in value)

    def _writes_of(self, function: FunctionNode, depth: int) -> tuple[tuple[str, str], ...]:
        """Return the access paths that a function writes to, each with what it writes: a parameter, or another attribute of its receiver.

        `("self.prompt", "text")`, `("self.running", "self.leaves")`.
        """
        known = self._of_functions.get((function.id, depth))
        if known is None:
            known = self._of_functions[function.id, depth] = tuple(dict.fromkeys(self._find_writes(function, depth)))
        return known

    def _resets_of(self, method: FunctionNode, depth: int) -> tuple[str, ...]:
        """Return the attributes of the receiver, without its name, that nothing is left of after a run of a method: `messages`."""
        known = self._resets.get((method.id, depth))
        if known is None:
            known = self._resets[method.id, depth] = tuple(sorted(self._find_resets(method, depth)))
        return known

    def _find_resets(self, method: FunctionNode, depth: int) -> Iterator[str]:
        body = self._bodies.body(method) if depth and _may_reset(method) else None
        if body is None:
            return
        definitions = definitions_in(body.statements, self.within(method, depth - 1))
        own = f"{method.first}."
        set_for_sure = (definitions[number] for number in range(len(definitions)) if definitions[number].certain)
        certain = {path for definition in set_for_sure for path in definition.keys}
        for path in (path for path in certain if path.startswith(own) and is_exact(path)):
            if not any(touches(path, each) for each in upward_exposed({path}, definitions, NO_PATHS)):
                yield path[len(own) :]

    def _find_writes(self, function: FunctionNode, depth: int) -> Iterator[tuple[str, str]]:
        """Yield the writes of a function between its parameters, as long as calls are not nested too deeply."""
        parameters = [parameter.name for parameter in function.outline.parameters]
        if parameters and depth and self._may_write(function, frozenset(parameters), depth - 1):
            body = self._bodies.body(function)
            if body is not None:
                yield from self._writes_in_body(function, body, parameters, depth - 1)

    def _may_write(self, function: FunctionNode, parameters: frozenset[str], depth: int) -> bool:
        """Whether the outline of a function shows a write below a parameter. Most show none, and their bodies need not be read."""
        if function.holds_functions:
            return True  # the outline leaves out what nested functions do
        outline, call_writes = function.outline, self.within(function, depth)
        targets = (binding.target for binding in outline.bindings if isinstance(binding.target, Attribute | Subscript))
        holders = (holder for site in outline.calls for holder, _ in call_writes(site.call))
        return any(root(path) in parameters for each in chain(targets, holders) if (path := access_path(each)) is not None)

    def _writes_in_body(self, function: FunctionNode, body: Body, parameters: list[str], depth: int) -> Iterator[tuple[str, str]]:
        """Yield the writes of a body: an access path below one parameter, and the other parameter that the value is made from."""
        call_writes = self.within(function, depth)
        changed = [
            (path, value) for holder, value in in_place_changes(body.statements, call_writes) if (path := access_path(holder)) is not None
        ]
        written = [(path, reads(value)) for path, value in changed if root(path) in parameters]
        flow = BlockFlow.of(body.statements if written else (), call_writes)
        for parameter in parameters if written else ():
            made = AccessPaths(flow.derived({parameter}))
            yield from ((path, parameter) for path, read in written if root(path) != parameter and first_overlap(read, made) is not None)
        if function.owner is not None and function.first is not None:
            yield from _between_attributes(function.first, [(path, read) for path, read in written if root(path) == function.first])


def _may_reset(method: FunctionNode) -> bool:
    """Whether a method sets an attribute of its receiver, or calls something that may empty one."""
    if method.first is None:
        return False
    receiver = Name(method.first)
    if any(isinstance(each.target, Attribute) and each.target.value == receiver for each in method.outline.bindings):
        return True
    called = (site.call.function for site in method.outline.calls)
    return any(isinstance(each, Attribute) and each.attr.startswith(("clear", "reset")) for each in called)


def _between_attributes(first: str, written: list[tuple[str, set[str]]]) -> Iterator[tuple[str, str]]:
    """Yield the attributes of a receiver that a method sets, each with another attribute that the value is made from."""
    sources = {path for _, read in written for path in read if root(path) == first and "." in path}
    for path, read in written:
        yield from ((path, source) for source in sorted(sources & read) if not touches(path, source))


def expression(path: str) -> Expr:
    """Return an access path as an expression."""
    name, _, rest = path.partition(".")
    return below(Name(name), rest)


def below(owner: Expr, rest: str) -> Expr:
    """Return the attribute or slot of `owner` that the rest of an access path leads to."""
    for part in rest.split(".") if rest else ():
        owner = Subscript(owner, Name("?")) if part.startswith("[") else Attribute(owner, part)
    return owner
