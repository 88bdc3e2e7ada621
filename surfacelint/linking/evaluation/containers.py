"""Iteration, subscripts and `with` on values of all kinds, and the methods of containers."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import NOTHING, Constant, Expr, Mapping, Slice
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    BuiltinMethod,
    Class,
    External,
    Instance,
    Items,
    Method,
    Module,
    Parameter,
    Text,
    Value,
    Values,
    WrittenContainer,
    extended,
    external,
    listed,
    union,
)
from surfacelint.linking.evaluation.call_arguments import PassedArguments
from surfacelint.linking.evaluation.caller_arguments import CallerArguments
from surfacelint.linking.evaluation.class_attributes import ClassAttributes
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator, ValueEvaluator
from surfacelint.linking.evaluation.name_lookup import NameLookup
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode

_ITEM_METHODS = frozenset({"get", "pop", "setdefault", "popleft", "get_nowait"})
"""Methods that return one item."""

_METHODS = _ITEM_METHODS | {"values", "keys", "items", "copy"}

MOST_WRITES = 200
"""Most writes into one container that are evaluated: a container with more of them holds data, not callables."""


class Containers:
    """Evaluates what is taken out of containers and other values."""

    def __init__(
        self,
        program: ProgramIndex,
        expressions: ExpressionEvaluator,
        values: ValueEvaluator,
        names: NameLookup,
        class_attributes: ClassAttributes,
        caller_arguments: CallerArguments,
    ) -> None:
        self._program = program
        self._memo = program.memo
        self._expressions = expressions
        self._values = values
        self._names = names
        self._class_attributes = class_attributes
        self._everywhere = caller_arguments.everywhere

    def contents(self, container: WrittenContainer) -> Values:
        """Return the contents of a container as displays: one list and one dict at most, with everything that is put into it."""
        return self._memo.answer(("contents", container), lambda: self._contents(container))

    def _contents(self, container: WrittenContainer) -> Values:
        holder = self._holder(container)
        if isinstance(holder, ClassNode):
            assigned = self._class_attributes.bindings(holder, container.name)
        else:
            assigned = self._names.bindings(container.name, holder)
        found: list[Value] = [value for value in assigned if isinstance(value, Items)]
        for write in holder.writes[container.name][:MOST_WRITES]:
            written = self._expressions.evaluate(write.display, write.function)
            if write.function.id != container.holder:  # the holder's own parameters stay parameters
                written = self._everywhere(written)
            found += [value for value in written if isinstance(value, Items) and _may_be_callable(value)]
        lists = [value for value in found if isinstance(value, Items) and not value.keys]
        dicts = [value for value in found if isinstance(value, Items) and value.keys]
        whole: list[Value] = []
        if lists:
            whole.append(Items(tuple(dict.fromkeys(item for value in lists for item in value.items))))
        if dicts:
            pairs = dict.fromkeys(pair for value in dicts for pair in zip(value.items, value.keys, strict=False))
            called = union([value.called for value in dicts])
            whole.append(Items(tuple(item for item, _ in pairs), tuple(key for _, key in pairs), called))
        return tuple(whole)

    def _holder(self, container: WrittenContainer) -> FunctionNode | ClassNode:
        module, _, qualname = container.holder.rpartition(":")
        node = self._program.module(module)
        assert node is not None
        return node.functions.get(qualname) or node.classes[qualname]

    def attribute(self, container: Items | WrittenContainer, attr: str) -> Values:
        """Return an attribute of a container: one of its methods, or what is stored under that name."""
        if isinstance(container, WrittenContainer):
            displays = [write.display for write in self._holder(container).writes[container.name]]
            if any(isinstance(display, Mapping) and Constant(attr) in display.keys for display in displays):
                return union([self.attribute(inner, attr) for inner in self.contents(container) if isinstance(inner, Items)])
        elif attr in container.keys:
            return union([item for key, item in zip(container.keys, container.items, strict=False) if key == attr])
        return (BuiltinMethod(container, attr),) if attr in _METHODS else NONE

    def flat(self, values: Values) -> Iterator[Value]:
        """Yield values, with containers replaced by their contents, nested ones included."""
        seen: set[Value] = set()
        stack = list(values)
        while stack:
            value = stack.pop()
            if value in seen:
                continue
            seen.add(value)
            if isinstance(value, Items):
                stack += [inner for item in value.items for inner in item]
            elif isinstance(value, WrittenContainer):
                stack += self.contents(value)
            else:
                yield value

    def element(self, value: Value) -> Values:
        """Return the items of an iteration over a value."""
        match value:
            case Items(items=items, called=called):
                return called or union(items)
            case WrittenContainer():
                return union([self.element(inner) for inner in self.contents(value)])
            case External(path=path, host=host, element=element):
                row = self._program.catalogue.returns(f"{path}[]") if element else None
                return external(row.value, host, element) if row is not None else element or external(f"{path}[]", host)
            case Instance(element=element) if element:
                return element
            case Parameter():
                return extended(value, "[]")
            case Instance():
                # an iterator may return itself, so this question may ask itself
                return self._memo.answer(("element", value), lambda: self._iterated(value))
            case _:
                return NONE

    def _iterated(self, value: Instance) -> Values:
        return self._class_attributes.managed(value) or union(
            [
                self.element(item)
                for method in self._class_attributes.attribute(value, "__iter__")
                for item in self._values.plain_call(method)
            ]
        )

    def item(self, value: Value, index: Expr) -> Values:
        """Return the values of `value[index]`."""
        if isinstance(index, Slice):
            return (value,)
        if isinstance(value, WrittenContainer):
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
                return extended(value, f"['{key}']")
            if isinstance(key, int) and not isinstance(key, bool) and key >= 0:
                return extended(value, f"[{key}]")
        if isinstance(value, Instance) and isinstance(index, Constant) and isinstance(index.value, str):
            return self._memo.answer(("item", value, index.value), lambda: self._looked_up(value, str(index.value)))
        if isinstance(value, Text | Class):
            return (value,) if isinstance(value, Class) else NONE
        return union(value.items) if isinstance(value, Items) else self.element(value)

    def _looked_up(self, value: Instance, key: str) -> Values:
        """Return what an instance gives back for a key: by its own method, or the field of a `TypedDict`."""
        methods = [method for method in self._class_attributes.attribute(value, "__getitem__") if isinstance(method, Method)]
        return union([self._values.plain_call(method) for method in methods]) or self._class_attributes.attribute(value, key)

    def _entered(self, value: Instance) -> Values:
        methods = [method for name in ("__enter__", "__aenter__") for method in self._class_attributes.attribute(value, name)]
        return union([self._values.plain_call(method) for method in methods])

    def enter(self, value: Value) -> Values:
        """Return what `with value as name` binds."""
        match value:
            case Instance():
                return self._memo.answer(("enter", value), lambda: self._entered(value)) or (value,)
            case Items(items=items):  # the items of a generator function that a decorator made a context manager
                return union(items)
            case _:
                return (value,)

    def call(self, container: Items | WrittenContainer, name: str, given: PassedArguments) -> Values:
        """Return the result of a method of a container."""
        if name in _ITEM_METHODS:
            index = given.arguments[0][1].value if given.arguments else NOTHING
            return self.item(container, index)
        if name == "copy":
            return (container,)
        displays = [
            each for each in ((container,) if isinstance(container, Items) else self.contents(container)) if isinstance(each, Items)
        ]
        called = union([display.called for display in displays])
        if name == "keys":
            return listed(called)
        if name == "values" and not called:
            return (container,)
        values = union([item for display in displays for item in display.items])
        if name == "values":
            return listed(values)
        return listed((Items((called, values)),)) if name == "items" else NONE


def _may_be_callable(value: Value) -> bool:
    """Whether a value may be callable, or hold something that is."""
    if isinstance(value, Items):
        return any(_may_be_callable(inner) for item in value.items for inner in item)
    return not isinstance(value, Text | Module)
