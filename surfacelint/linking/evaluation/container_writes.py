"""What is put into containers after they are made: registries, lists of jobs, queues, contexts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeGuard

from surfacelint.facts.expressions import Attribute, Call, Collection, Comprehension, Constant, Expr, Lambda, Mapping, Name, Subscript
from surfacelint.linking.evaluation.abstract_values import Class, Module
from surfacelint.linking.evaluation.question_memo import Memo
from surfacelint.linking.evaluation.symbol_tables import Filling, FunctionNode, ModuleNode

if TYPE_CHECKING:
    from surfacelint.linking.evaluation.resolver import Resolver

_ADDING = frozenset({"append", "appendleft", "add", "insert", "put", "put_nowait", "set"})
"""Methods that put their last argument into the receiver."""

_JOINING = frozenset({"extend", "update"})
"""Methods that put the items of their argument into the receiver."""


def collect_fillings(module: ModuleNode) -> None:
    """Note at the scopes and classes of a module what its functions put into their containers."""
    for function in module.functions.values():
        for container, display in _fillings(function):
            _note(module, container, Filling(display, function))


def place_fillings(resolver: Resolver) -> bool:
    """Note what modules put into containers of other modules and of classes where these are. If anything, all answers are forgotten."""
    waiting: list[tuple[Expr, Filling]] = []
    for module in [node for node in resolver.modules.values() if node is not None and resolver.is_open(node)]:
        waiting += module.foreign
        module.foreign = []
    placed = [_place(resolver, container, filling) for container, filling in waiting]
    if any(placed):
        resolver.memo = Memo()
    return any(placed)


def _place(resolver: Resolver, container: Expr, filling: Filling) -> bool:
    if isinstance(container, Name):
        found = resolver.names.origin(container.id, filling.function)
        if found is not None:
            found[0].body.filled.setdefault(found[1], []).append(filling)
        return found is not None
    placed = False
    for value in resolver.evaluate(container.value, filling.function) if isinstance(container, Attribute) else ():
        module = resolver.module(value.name) if isinstance(value, Module) else None
        holder = resolver.classes.node(value.id) if isinstance(value, Class) else None if module is None else module.body
        if holder is not None and isinstance(container, Attribute):
            holder.filled.setdefault(container.attr, []).append(filling)
            placed = True
    return placed


def _fillings(function: FunctionNode) -> Iterator[tuple[Expr, Expr]]:
    for binding in function.outline.bindings:
        if isinstance(binding.target, Subscript) and _can_run(binding.value):
            yield binding.target.value, Mapping((binding.target.index,), (binding.value,))
        elif _is_namespace(binding.target, function) and _can_run(binding.value):
            yield binding.target.value, Mapping((Constant(binding.target.attr),), (binding.value,))
    for site in function.outline.calls:
        call = site.call
        if not isinstance(call.function, Attribute) or not call.arguments or call.arguments[-1].star:
            continue
        value = call.arguments[-1].value
        if call.function.attr in _JOINING and isinstance(value, Name | Collection | Mapping | Comprehension):
            yield call.function.value, value
        elif call.function.attr in _ADDING and _can_run(value):
            yield call.function.value, Collection("list", (value,))


def _is_namespace(target: Expr, function: FunctionNode) -> TypeGuard[Attribute]:
    """Whether a target is an attribute of a name that is not the receiver, which classes know of."""
    if not isinstance(target, Attribute) or not isinstance(target.value, Name):
        return False
    return function.owner is None or function.first != target.value.id


def _can_run(value: Expr) -> bool:
    """Whether a value can be something that is called, or hold something that is."""
    match value:
        case Collection(items=items):
            return any(_can_run(item) for item in items)
        case Mapping(values=values):
            return any(_can_run(item) for item in values)
        case _:
            return isinstance(value, Name | Attribute | Lambda | Call)


def _note(module: ModuleNode, container: Expr, filling: Filling) -> None:
    match container:
        case Name(id=name):
            here = filling.function.scope_of(name)
            if here is None:
                return
            if any(source.imported is not None for source in here.names[name]):
                module.foreign.append((container, filling))
            else:
                here.filled.setdefault(name, []).append(filling)
        case Attribute(value=Name(id=name), attr=attr):
            owner = next((here.owner for here in filling.function.scopes() if here.owner is not None and here.first == name), None)
            if owner is not None:
                owner.filled.setdefault(attr, []).append(filling)
            else:
                module.foreign.append((container, filling))
        case _:
            pass
