"""What iterating over, subscripting and entering values gives, and the methods of displays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surfacelint.facts.expressions import NOTHING, Constant, Expr, Slice
from surfacelint.linking.arguments import Passed
from surfacelint.linking.values import NONE, Class, External, Instance, Items, Parameter, Text, Value, Values, external, taken, union

if TYPE_CHECKING:
    from surfacelint.linking.resolution import Resolver


class Containers:
    """Items of values, in one program."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def element(self, value: Value) -> Values:
        """Return what iterating over a value gives."""
        match value:
            case Items(items=items):
                return union(items)
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
        if isinstance(value, Items) and isinstance(index, Constant):
            if value.keys:
                chosen = [item for key, item in zip(value.keys, value.items, strict=False) if key is not None and key == index.value]
                return union(chosen) if chosen else union(value.items)
            number = index.value
            if isinstance(number, int) and -len(value.items) <= number < len(value.items):
                return value.items[number]
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

    def call(self, items: Items, name: str, given: Passed) -> Values:
        everything = union(items.items)
        if name in ("get", "pop", "setdefault"):
            index = given.arguments[0][1].value if given.arguments else NOTHING
            return self.item(items, index)
        if name == "values" or name == "copy":
            return (items,)
        pair = Items((NONE, everything))
        return (Items(((pair,),)),) if name == "items" else NONE
