"""Finds what functions put into containers after these are made: registries, lists of jobs, queues, namespaces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeGuard

from surfacelint.catalogue.value_rows import Assembly
from surfacelint.facts import expressions
from surfacelint.facts.expressions import Attribute, Call, Collection, Comprehension, Constant, Expr, Lambda, Name, Subscript
from surfacelint.linking.evaluation.symbol_tables import ContainerWrite, FunctionNode, ModuleNode

_ADD_ITEM = frozenset({"append", "appendleft", "add", "insert", "put", "put_nowait", "set"})
"""Methods that put their last argument into the receiver."""

_ADD_ITEMS = frozenset({"extend", "update"})
"""Methods that put the items of their argument into the receiver."""


def collect_writes(module: ModuleNode, assemblies: Mapping[str, Assembly]) -> None:
    """Note container writes of a module at the scopes and classes that hold the containers.

    What the methods of `assemblies` add to an object counts as written to it.

    Writes into containers of other modules and classes become `foreign_writes` of the module.
    """
    for function in module.functions.values():
        for container, display in _writes(function, assemblies):
            _note(module, container, ContainerWrite(display, function))


def _writes(function: FunctionNode, assemblies: Mapping[str, Assembly]) -> Iterator[tuple[Expr, Expr]]:
    """Yield each container that a function writes to, with a display of what it puts there."""
    for binding in function.outline.bindings:
        if isinstance(binding.target, Subscript) and _may_be_callable(binding.value):
            yield binding.target.value, expressions.Mapping((binding.target.index,), (binding.value,))
        elif _is_namespace(binding.target, function) and _may_be_callable(binding.value):
            yield binding.target.value, expressions.Mapping((Constant(binding.target.attr),), (binding.value,))
    for site in function.outline.calls:
        call = site.call
        if not isinstance(call.function, Attribute) or not call.arguments or call.arguments[-1].star:
            continue
        assembly = assemblies.get(call.function.attr)
        if assembly is not None:
            yield from ((call.function.value, Collection("list", (part,))) for part in _added(call, assembly))
            continue
        value = call.arguments[-1].value
        if call.function.attr in _ADD_ITEMS and isinstance(value, Name | Collection | expressions.Mapping | Comprehension):
            yield _outermost(call.function.value, value)
        elif call.function.attr in _ADD_ITEM and _may_be_callable(value):
            yield _outermost(call.function.value, Collection("list", (value,)))


def _added(call: Call, assembly: Assembly) -> Iterator[Expr]:
    """Yield the part that a call adds to an assembly."""
    positional = [argument.value for argument in call.arguments if argument.name is None]
    yield from (argument.value for argument in call.arguments if argument.name == assembly.keyword)
    yield from positional[assembly.argument : assembly.argument + 1]


def _outermost(container: Expr, display: Expr) -> tuple[Expr, Expr]:
    """Return the container that has a name, and what is put there: `groups` and `{key: [job]}` for `groups[key].append(job)`."""
    match container:
        case Subscript(value=outer, index=key):
            return outer, expressions.Mapping((key,), (display,))
        case Call(function=Attribute(value=outer, attr="setdefault"), arguments=(first, *_)):
            return outer, expressions.Mapping((first.value,), (display,))
        case _:
            return container, display


def _is_namespace(target: Expr, function: FunctionNode) -> TypeGuard[Attribute]:
    """Whether a target is an attribute of a name other than the receiver, whose attributes `ClassNode` holds."""
    if not isinstance(target, Attribute) or not isinstance(target.value, Name):
        return False
    return function.owner is None or function.first != target.value.id


def _may_be_callable(value: Expr) -> bool:
    """Whether a value may be callable, or hold something that is."""
    match value:
        case Collection(items=items):
            return any(_may_be_callable(item) for item in items)
        case expressions.Mapping(values=values):
            return any(_may_be_callable(item) for item in values)
        case _:
            return isinstance(value, Name | Attribute | Lambda | Call)


def _note(module: ModuleNode, container: Expr, write: ContainerWrite) -> None:
    match container:
        case Name(id=name):
            here = write.function.scope_of(name)
            if here is None:
                return
            if any(source.imported is not None for source in here.names[name]):
                module.foreign_writes.append((container, write))
            else:
                here.writes.setdefault(name, []).append(write)
        case Attribute(value=Name(id=name), attr=attr):
            owner = next((here.owner for here in write.function.scopes() if here.owner is not None and here.first == name), None)
            if owner is not None:
                owner.writes.setdefault(attr, []).append(write)
            else:
                module.foreign_writes.append((container, write))
        case _:
            pass
