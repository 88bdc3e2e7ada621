"""Queues that the program itself fills: a worker that takes items from one walks them, as a loop over the items would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Attribute, Call, Expr, Name, names, walk
from surfacelint.judgement.flow.access_paths import argument_reads, first_overlap
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition, frames_around
from surfacelint.judgement.flow.enclosing_statements import Surroundings
from surfacelint.judgement.flow.iteration_dataflow import derived
from surfacelint.judgement.repetition.manual_iteration import Supply, manual_iteration, taken_from, waits_for_item
from surfacelint.linking.evaluation.abstract_values import Function, Instance, Method
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.constants import definition
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_FILLING = frozenset({"put", "put_nowait"})
"""Methods that put one item into a queue."""

_DEEPEST = 6
"""Names bound to names, and calls through which a parameter is followed to its callers."""

_Made: TypeAlias = tuple[str, Call]
"""Where a queue is made: the module, and the call that makes it."""

MayBeMany: TypeAlias = Callable[[EnclosingRepetition, Surroundings, FunctionNode], bool]
"""Returns whether a repetition in a function may be over many items that are there from the start."""


class FilledQueues:
    """Answers for the queues and other endless supplies of one program. `may_be_many` judges the loops that fill a queue."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, bodies: Bodies, may_be_many: MayBeMany) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies
        self._may_be_many = may_be_many
        self._filling: list[tuple[Call, FunctionNode]] | None = None
        self._filled: dict[_Made, bool] = {}

    def has_items(self, supply: Supply, scope: FunctionNode) -> bool:
        """Whether a supply in a function holds many items: a queue that a loop over items fills, an iterator with an end."""
        if supply.returned:
            return isinstance(supply.source, Call) and self._returns_items(supply.source, scope)
        if not supply.waits:
            paths = self._resolver.paths(supply.source, scope)
            return bool(paths or not supply.flows) and not any(map(self._is_endless, paths))
        return self._is_filled(supply.source, scope)

    def _returns_items(self, call: Call, scope: FunctionNode) -> bool:
        """Whether a function that a call runs returns the next item of something: `return cursor.fetchone()`."""
        for value in self._resolver.callee(call, scope):
            function = self._resolver.function(value.id) if isinstance(value, Function | Method) else None
            if function is None:
                continue
            returned = {name for expr in function.outline.returns for name in names(expr)}
            values = [binding.value for binding in function.outline.bindings if names(binding.target) & returned]
            for part in (part for expr in (*function.outline.returns, *values) for part in walk(expr)):
                source = taken_from(part)
                if source is not None and isinstance(part, Call) and self._holds(source, part, function):
                    return True
        return False

    def _holds(self, source: Expr, take: Call, function: FunctionNode) -> bool:
        """Whether a source that a function takes one item from holds many."""
        if waits_for_item(take):
            return self._is_filled(source, function)
        return not any(map(self._is_endless, self._resolver.paths(source, function)))

    def _is_endless(self, path: str) -> bool:
        rows = (self._catalogue.iteration(each) for each in (path, path.removesuffix("()")))
        return any(row is not None and row.effect == "endless" for row in rows)

    def _is_filled(self, source: Expr, scope: FunctionNode) -> bool:
        """Whether a loop over items fills one of the queues that an expression may be."""
        made = sorted(set(self._made(source, scope)), key=lambda each: (each[0], each[1].span))
        return any(map(self._is_filled_queue, made))

    def _is_filled_queue(self, made: _Made) -> bool:
        if made not in self._filled:
            self._filled[made] = any(
                self._fills_from_items(call, function)
                for call, function in self._fillings()
                if isinstance(call.function, Attribute) and made in self._made(call.function.value, function)
            )
        return self._filled[made]

    def _fillings(self) -> list[tuple[Call, FunctionNode]]:
        """Return the calls in the program that put an item into something."""
        if self._filling is None:
            self._filling = [
                (site.call, function)
                for function in self._resolver.functions()
                for site in function.outline.calls
                if isinstance(site.call.function, Attribute) and site.call.function.attr in _FILLING
            ]
        return self._filling

    def _fills_from_items(self, call: Call, function: FunctionNode) -> bool:
        """Whether a call that puts an item into a queue is in a loop over many items, of which each round puts one."""
        around = self._bodies.around_call(function, call.span.end)
        if around is None:
            return False
        put = argument_reads(call)
        for frame in frames_around(around, None):
            start = frame.targets or manual_iteration(frame).variables
            item = derived(frame.block, start) | start if start else set()
            if not frame.is_async and first_overlap(put, item) is not None and self._may_be_many(frame, around, function):
                return True
        return False

    def _made(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> Iterator[_Made]:
        """Yield the calls that make the queues which `expr` may be."""
        if depth > _DEEPEST:
            return
        if isinstance(expr, Call):
            if self._makes_queue(expr, scope):
                yield scope.module.name, expr
            return
        if isinstance(expr, Name):
            holder = scope.scope_of(expr.id)
            if holder is not None and any(parameter.name == expr.id for parameter in holder.outline.parameters):
                for _, given in self._resolver.callers.get(holder.id, ()):
                    for caller, value in argument_for(holder.outline, given, expr.id):
                        yield from self._made(value, self._resolver.function(caller), depth + 1)
                return
        defined = definition(self._resolver, expr, scope)
        if defined is not None:
            yield from self._made(defined[0], defined[1], depth + 1)
        elif isinstance(expr, Attribute):
            yield from self._made_for_attribute(expr, scope, depth)

    def _made_for_attribute(self, expr: Attribute, scope: FunctionNode, depth: int) -> Iterator[_Made]:
        """Yield the calls that make what an attribute of an instance is set to."""
        for owner in self._resolver.evaluate(expr.value, scope):
            if isinstance(owner, Instance):
                for setter, binding in self._resolver.classes.node(owner.id).attributes.get(expr.attr, []):
                    if binding.value is not None:
                        yield from self._made(binding.value, setter, depth + 1)

    def _makes_queue(self, call: Call, scope: FunctionNode) -> bool:
        rows = (self._catalogue.iteration(f"{path}().get") for path in self._resolver.called_paths(call, scope))
        return any(row is not None and row.effect == "queue" for row in rows)
