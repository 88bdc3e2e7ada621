"""What handlers read and others write: stores that outlive a call (variables of modules, attributes of objects), and queues."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import Attribute, Await, Call, Expr, Name, Subscript, Walrus, walk
from surfacelint.facts.module_outlines import MODULE_BODY
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import expressions_of, statements_in
from surfacelint.judgement.waiting.entry_points import Entries
from surfacelint.linking.evaluation.abstract_values import Class, Function, Instance, Method, Module
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, Source

Store = tuple[str, str]
"""A module or class by identifier, or a function with a pair of brackets behind it, and the name that it has there."""

_TAKING = frozenset({"get", "get_nowait"})
"""Methods that take what was put on a queue."""

_DEEPEST = 4
"""Names that are bound to parts of a store, and functions that it is handed to."""

_HELPERS = 2
"""Functions below a handler that read for it."""


class Shared:
    """Answers for one program."""

    def __init__(self, resolver: Resolver, bodies: Bodies, entries: Entries) -> None:
        self._resolver = resolver
        self._bodies = bodies
        self._entries = entries
        self._readers: list[FunctionNode] | None = None
        self._reads: dict[str, frozenset[Store]] = {}
        self._taken: dict[str, frozenset[Store]] = {}
        self._known: dict[Store, frozenset[str]] = {}

    def is_read(self, expr: Expr, scope: FunctionNode) -> bool:
        """Whether `expr` in `scope` is a part of a store that the handler of a request reads in another function."""
        return any(self._readers_of(store) - {scope.id} for store in self._stores(expr, scope, 0) if not _is_local(store))

    def is_taken(self, queue: Expr, scope: FunctionNode) -> bool:
        """Whether what `scope` puts on a queue is taken off it by the handler of a request, in another function."""
        stores = frozenset(self._stores(queue, scope, 0))
        return bool(stores) and any(stores & self._taken_by(reader) for reader in self._all_readers() if reader is not scope)

    def _stores(self, expr: Expr, scope: FunctionNode, depth: int) -> Iterator[Store]:
        """Return the stores that `expr` may be a part of."""
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

    def _bound(self, source: Source, name: str, scope: FunctionNode, depth: int) -> Iterator[Store]:
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

    # Who reads.

    def _readers_of(self, store: Store) -> frozenset[str]:
        known = self._known.get(store)
        if known is None:
            readers = [reader.id for reader in self._all_readers() if self._may_read(reader, store[1]) and store in self._read_by(reader)]
            known = self._known[store] = frozenset(readers)
        return known

    def _all_readers(self) -> list[FunctionNode]:
        """Return the handlers of requests and the functions that read for them."""
        if self._readers is None:
            points = ((function, self._entries.point(function)) for function in list(self._resolver.functions()))
            handlers = [function for function, point in points if point is not None and point.waits == "yes"]
            self._readers = list({each.id: each for handler in handlers for each in self._helped(handler, _HELPERS)}.values())
        return self._readers

    def _may_read(self, reader: FunctionNode, name: str) -> bool:
        """Whether a function says the name of a store, or may be handed the store."""
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
            queues = (call.function.value for call in calls if isinstance(call.function, Attribute) and call.function.attr in _TAKING)
            self._taken[function.id] = frozenset(store for queue in queues for store in self._stores(queue, function, 0))
        return self._taken[function.id]

    def _helped(self, function: FunctionNode, depth: int) -> Iterator[FunctionNode]:
        """Return a handler and the functions that it calls."""
        yield function
        for site in function.outline.calls if depth else ():
            for value in self._resolver.callee(site.call, function):
                if isinstance(value, Function | Method):
                    yield from self._helped(self._resolver.function(value.id), depth - 1)

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
    """Whether a store ends with the call that made it."""
    return store[0].endswith("()")
