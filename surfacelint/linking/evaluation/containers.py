"""What iterating over, subscripting and entering values gives, and the methods of displays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from surfacelint.facts.expressions import NOTHING, Constant, Expr, Mapping, Slice
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    Class,
    External,
    Filled,
    Instance,
    Items,
    Member,
    Module,
    Parameter,
    Text,
    Value,
    Values,
    external,
    taken,
    union,
)
from surfacelint.linking.evaluation.call_arguments import Passed
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode

if TYPE_CHECKING:
    from surfacelint.linking.evaluation.resolver import Resolver

TAKING = frozenset({"get", "pop", "setdefault", "popleft", "get_nowait"})
"""Methods that give one item."""

METHODS = TAKING | {"values", "items", "copy"}

MOST_FILLINGS = 200
"""What is put into a container in more places than this is data."""


class Containers:
    """Items of values, in one program."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def contents(self, container: Filled) -> Values:
        """Return the displays that a container is like, with all that is put into it."""
        return self._resolver.memo.answer(("contents", container), lambda: self._contents(container))

    def _contents(self, container: Filled) -> Values:
        holder = self._holder(container)
        if isinstance(holder, ClassNode):
            made = self._resolver.classes.bindings(holder, container.name)
        else:
            made = self._resolver.names.bindings(container.name, holder)
        found: list[Value] = [value for value in made if isinstance(value, Items)]
        for filling in holder.filled[container.name][:MOST_FILLINGS]:
            put = self._resolver.evaluate(filling.display, filling.function)
            own = filling.function.id == container.holder  # its parameters stay what is passed for them
            found += [value for value in (put if own else self._resolver.everywhere(put)) if isinstance(value, Items) and _can_run(value)]
        lists = [value for value in found if isinstance(value, Items) and not value.keys]
        dicts = [value for value in found if isinstance(value, Items) and value.keys]
        whole: list[Value] = []
        if lists:
            whole.append(Items(tuple(dict.fromkeys(item for value in lists for item in value.items))))
        if dicts:
            pairs = dict.fromkeys(pair for value in dicts for pair in zip(value.items, value.keys, strict=False))
            whole.append(Items(tuple(item for item, _ in pairs), tuple(key for _, key in pairs)))
        return tuple(whole)

    def _holder(self, container: Filled) -> FunctionNode | ClassNode:
        module, _, qualname = container.holder.rpartition(":")
        node = self._resolver.module(module)
        assert node is not None
        return node.functions.get(qualname) or node.classes[qualname]

    def attribute(self, container: Items | Filled, attr: str) -> Values:
        """Return an attribute of a container: one of its methods, or what is put there as into a namespace."""
        if isinstance(container, Filled):
            displays = [filling.display for filling in self._holder(container).filled[container.name]]
            if any(isinstance(display, Mapping) and Constant(attr) in display.keys for display in displays):
                return union([self.attribute(inner, attr) for inner in self.contents(container) if isinstance(inner, Items)])
        elif attr in container.keys:
            return union([item for key, item in zip(container.keys, container.items, strict=False) if key == attr])
        return (Member(container, attr),) if attr in METHODS else NONE

    def flat(self, values: Values) -> Iterator[Value]:
        """Return values, with what is in containers in place of these."""
        seen: set[Value] = set()
        stack = list(values)
        while stack:
            value = stack.pop()
            if value in seen:
                continue
            seen.add(value)
            if isinstance(value, Items):
                stack += [inner for item in value.items for inner in item]
            elif isinstance(value, Filled):
                stack += self.contents(value)
            else:
                yield value

    def element(self, value: Value) -> Values:
        """Return what iterating over a value gives."""
        match value:
            case Items(items=items):
                return union(items)
            case Filled():
                return union([self.element(inner) for inner in self.contents(value)])
            case External(path=path, host=host):
                return external(f"{path}[]", host)
            case Parameter():
                return taken(value, "[]")
            case Instance():
                # an iterator is its own iterable
                return self._resolver.memo.answer(("element", value), lambda: self._iterated(value))
            case _:
                return NONE

    def _iterated(self, value: Instance) -> Values:
        return union(
            [
                self.element(item)
                for method in self._resolver.classes.attribute(value, "__iter__")
                for item in self._resolver.plain_call(method)
            ]
        )

    def item(self, value: Value, index: Expr) -> Values:
        if isinstance(index, Slice):
            return (value,)
        if isinstance(value, Filled):
            return union([self.item(inner, index) for inner in self.contents(value)])
        if isinstance(value, Items) and isinstance(index, Constant):
            if value.keys:
                chosen = [item for key, item in zip(value.keys, value.items, strict=False) if key is not None and key == index.value]
                return union(chosen) if chosen else union(value.items)
            number = index.value
            if isinstance(number, int) and -len(value.items) <= number < len(value.items):
                return value.items[number]
        if isinstance(value, Parameter) and isinstance(index, Constant):
            key = index.value
            if isinstance(key, str) and key.isidentifier():
                return taken(value, f"['{key}']")
            if isinstance(key, int) and not isinstance(key, bool) and key >= 0:
                return taken(value, f"[{key}]")
        if isinstance(value, Text | Class):
            return (value,) if isinstance(value, Class) else NONE
        return self.element(value)

    def _entered(self, value: Instance) -> Values:
        methods = [method for name in ("__enter__", "__aenter__") for method in self._resolver.classes.attribute(value, name)]
        return union([self._resolver.plain_call(method) for method in methods])

    def enter(self, value: Value) -> Values:
        match value:
            case Instance():
                return self._resolver.memo.answer(("enter", value), lambda: self._entered(value)) or (value,)
            case Items(items=items):  # a generator function made a context manager
                return union(items)
            case _:
                return (value,)

    def call(self, container: Items | Filled, name: str, given: Passed) -> Values:
        """Return what calling a method of a container gives."""
        if name in TAKING:
            index = given.arguments[0][1].value if given.arguments else NOTHING
            return self.item(container, index)
        if name == "values" or name == "copy":
            return (container,)
        pair = Items((NONE, self.element(container)))
        return (Items(((pair,),)),) if name == "items" else NONE


def _can_run(value: Value) -> bool:
    """Whether a value can be called, or holds something that can."""
    if isinstance(value, Items):
        return any(_can_run(inner) for item in value.items for inner in item)
    return not isinstance(value, Text | Module)
