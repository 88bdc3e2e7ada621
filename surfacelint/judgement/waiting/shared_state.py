"""Recognises shared state: module variables, attributes and queues through which other code passes data to request handlers."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import Attribute, Await, Call, Expr, Name, Subscript, Walrus, walk
from surfacelint.facts.module_outlines import MODULE_BODY
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import expressions_of, statements_in
from surfacelint.judgement.waiting.entry_points import EntryPoints
from surfacelint.linking.evaluation.abstract_values import Class, Function, Instance, Method, Module
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, NameBinding

Store = tuple[str, str]
"""A variable or attribute: the id of its module, class or function (the latter followed by `()`), and its name."""

_TAKE_METHODS = frozenset({"get", "get_nowait"})
"""Methods that take an item from a queue."""

_DEEPEST = 4
"""Names and callers that are followed from an expression to a store."""

_HELPERS = 2
"""Nested calls below a handler that may read for it."""


class SharedState:
    """The shared state of one program."""

    def __init__(self, resolver: Resolver, bodies: Bodies, entries: EntryPoints) -> None:
        self._resolver = resolver
        self._bodies = bodies
        self._entries = entries
        self._readers: list[FunctionNode] | None = None
        self._reads: dict[str, frozenset[Store]] = {}
        self._taken: dict[str, frozenset[Store]] = {}
        self._known: dict[Store, frozenset[str]] = {}

    def is_read(self, expr: Expr, scope: FunctionNode) -> bool:
        """Whether `expr` in `scope` is part of a store that a request handler reads, in a function other than `scope`."""
        return any(self._readers_of(store) - {scope.id} for store in self._stores(expr, scope, 0) if not _is_local(store))

    def is_taken(self, queue: Expr, scope: FunctionNode) -> bool:
        """Whether a request handler, in a function other than `scope`, takes items from a queue that `scope` fills."""
        stores = frozenset(self._stores(queue, scope, 0))
        return bool(stores) and any(stores & self._taken_by(reader) for reader in self._all_readers() if reader is not scope)

    def _stores(self, expr: Expr, scope: FunctionNode, depth: int) -> Iterator[Store]:
        """Return the stores that `expr` may be part of."""
        match expr:
            case Name(id=name):
                yield from self._named(name, scope, depth)
            case Attribute(value=value, attr=attr):
                yield from self._attributes(value, attr, scope)
                yield from self._stores(value, scope, depth)
            case Subscript(value=value) | Await(value=value) | Walrus(value=value) | Call(function=Attribute(value=value)):
                yield from self._stores(value, scope, depth)
            case _:
                pass

    def _attributes(self, value: Expr, attr: str, scope: FunctionNode) -> Iterator[Store]:
        for owner in self._resolver.evaluate(value, scope):
            if isinstance(owner, Instance | Class):
                yield owner.id, attr
            elif isinstance(owner, Module):
                yield owner.name, attr

    def _named(self, name: str, scope: FunctionNode, depth: int) -> Iterator[Store]:
        here = scope.scope_of(name)
        if here is None or depth > _DEEPEST:
            return
        if here.outline.qualname == MODULE_BODY:
            yield here.module.name, name
        elif any(isinstance(source.value, Call) for source in here.names[name]):
            yield f"{here.id}()", name
        for source in here.names[name]:
            yield from self._bound(source, name, here, depth)

    def _bound(self, source: NameBinding, name: str, scope: FunctionNode, depth: int) -> Iterator[Store]:
        if source.imported is not None and source.imported.symbol:
            module = self._resolver.source.resolve(source.imported.module, scope.module.name, source.imported.level)
            if module is not None:
                yield module, source.imported.symbol
        elif source.parameter is not None:
            for caller, given in self._resolver.callers.get(scope.id, ()):
                for _, expr in argument_for(scope.outline, given, name):
                    yield from self._stores(expr, caller, depth + 1)
        elif source.value is not None and scope.outline.qualname != MODULE_BODY:
            yield from self._stores(source.value, scope, depth + 1)

    def _readers_of(self, store: Store) -> frozenset[str]:
        """Return the ids of the handlers and helpers that read a store."""
        known = self._known.get(store)
        if known is None:
            readers = [reader.id for reader in self._all_readers() if self._may_read(reader, store[1]) and store in self._read_by(reader)]
            known = self._known[store] = frozenset(readers)
        return known

    def _all_readers(self) -> list[FunctionNode]:
        """Return all request handlers and the functions that they call."""
        if self._readers is None:
            points = ((function, self._entries.point(function)) for function in list(self._resolver.functions()))
            handlers = [function for function, point in points if point is not None and point.waits == "yes"]
            self._readers = list({each.id: each for handler in handlers for each in self._with_helpers(handler, _HELPERS)}.values())
        return self._readers

    def _may_read(self, reader: FunctionNode, name: str) -> bool:
        """Whether a function mentions the name of a store, or may receive the store as an argument."""
        if reader.id in self._resolver.callers:
            return True
        scopes = reader.module.functions.values()
        names = {imported.name for scope in scopes for imported in scope.outline.imports if imported.symbol == name}
        return self._bodies.mentions(reader, {name, *names})

    def _read_by(self, function: FunctionNode) -> frozenset[Store]:
        if function.id not in self._reads:
            self._reads[function.id] = frozenset(self._read_in(function))
        return self._reads[function.id]

    def _taken_by(self, function: FunctionNode) -> frozenset[Store]:
        if function.id not in self._taken:
            calls = (site.call for site in function.outline.calls)
            queues = (call.function.value for call in calls if isinstance(call.function, Attribute) and call.function.attr in _TAKE_METHODS)
            self._taken[function.id] = frozenset(store for queue in queues for store in self._stores(queue, function, 0))
        return self._taken[function.id]

    def _with_helpers(self, function: FunctionNode, depth: int) -> Iterator[FunctionNode]:
        """Return a handler and the functions that it calls, up to `depth` calls deep."""
        yield function
        for site in function.outline.calls if depth else ():
            for value in self._resolver.callee(site.call, function):
                if isinstance(value, Function | Method):
                    yield from self._with_helpers(self._resolver.function(value.id), depth - 1)

    def _read_in(self, function: FunctionNode) -> Iterator[Store]:
        body = self._bodies.body(function)
        for statement in statements_in(body.statements) if body is not None else ():
            for role, expr in expressions_of(statement):
                for part in walk(expr) if role != "target" else ():
                    if isinstance(part, Name):
                        yield from self._named(part.id, function, _DEEPEST)
                    elif isinstance(part, Attribute):
                        yield from self._attributes(part.value, part.attr, function)


def _is_local(store: Store) -> bool:
    """Whether a store is a local variable of one call."""
    return store[0].endswith("()")
