"""Constants behind expressions: numbers, strings and flags that the code fixes, through names and across modules."""

from __future__ import annotations

from typing import TypeAlias

from surfacelint.facts.expressions import Attribute, Call, Composite, Constant, Expr, Mapping, Name
from surfacelint.linking.evaluation.abstract_values import Module
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, ModuleNode, Source

Known: TypeAlias = str | int | float | bool

_DEEPEST = 12
"""Names bound to names bound to names: deeper than this nobody writes."""


def constant(resolver: Resolver, expr: Expr, scope: FunctionNode, depth: int = 0) -> Known | None:
    """Return the one constant that `expr` is in `scope`, `None` where it is not fixed."""
    if depth > _DEEPEST:
        return None
    match expr:
        case Constant(value=value):
            return value
        case Composite(operator="-", parts=(Constant(value=int(number)),)):
            return -number
        case Composite(operator=("+" | "-" | "*" | "//") as operator, parts=parts):
            return _arithmetic(operator, [constant(resolver, part, scope, depth + 1) for part in parts])
        case _:
            defined = definition(resolver, expr, scope)
            return None if defined is None else constant(resolver, defined[0], defined[1], depth + 1)


def definition(resolver: Resolver, expr: Expr, scope: FunctionNode) -> tuple[Expr, FunctionNode] | None:
    """Return the only expression that a name or attribute is bound to, with its scope; `None` where there are none or several."""
    match expr:
        case Name(id=name):
            here = scope.scope_of(name)
            return _star_imported(resolver, name, scope) if here is None else _only(resolver, here.names[name], here)
        case Attribute(value=value, attr=attr):
            return _attribute(resolver, value, attr, scope)
        case _:
            return None


def member(expr: Expr, name: str) -> Expr | None:
    """Return what a dict display, or a call that makes an object, gives for `name`."""
    match expr:
        case Mapping(keys=keys, values=values):
            return next((value for key, value in zip(keys, values, strict=True) if key == Constant(name)), None)
        case Call(arguments=arguments):
            return next((argument.value for argument in arguments if argument.name == name), None)
        case _:
            return None


def _attribute(resolver: Resolver, value: Expr, attr: str, scope: FunctionNode) -> tuple[Expr, FunctionNode] | None:
    if isinstance(value, Name) and value.id == scope.first and scope.owner is not None:
        owner = scope.owner
        bound = owner.attributes.get(attr, [])
        members = owner.members.get(attr, [])
        if len(bound) == 1 and not members and bound[0][1].value is not None:
            return bound[0][1].value, bound[0][0]
        return _only(resolver, members, owner.scope) if not bound else None
    for owner_value in resolver.evaluate(value, scope):
        if isinstance(owner_value, Module):
            module = resolver.module(owner_value.name)
            return None if module is None else _exported(resolver, attr, module)
    return None


def _only(resolver: Resolver, sources: list[Source], scope: FunctionNode, depth: int = 0) -> tuple[Expr, FunctionNode] | None:
    if len(sources) != 1 or depth > _DEEPEST:
        return None
    source = sources[0]
    if source.value is not None:
        return source.value, source.function or scope
    if source.imported is not None and source.imported.symbol:
        imported = source.imported
        canonical = resolver.source.resolve(imported.module, scope.module.name, imported.level)
        module = None if canonical is None else resolver.module(canonical)
        if module is not None and module is not scope.module:
            return _exported(resolver, imported.symbol or "", module, depth + 1)
    return None


def _exported(resolver: Resolver, name: str, module: ModuleNode, depth: int = 0) -> tuple[Expr, FunctionNode] | None:
    """Return what a module binds one of its names to, or what it imports it from with all others."""
    sources = module.body.names.get(name)
    if sources is None:
        return _star_imported(resolver, name, module.body, depth)
    return _only(resolver, sources, module.body, depth)


def _star_imported(resolver: Resolver, name: str, scope: FunctionNode, depth: int = 0) -> tuple[Expr, FunctionNode] | None:
    """Return what the only module with that name binds it to, of those whose names the module of `scope` imports all."""
    found: list[tuple[Expr, FunctionNode] | None] = []
    for source in scope.module.body.names.get("*", ()) if not name.startswith("_") else ():
        imported = source.imported
        canonical = None if imported is None else resolver.source.resolve(imported.module, scope.module.name, imported.level)
        module = None if canonical is None else resolver.module(canonical)
        if module is not None and module is not scope.module and name in module.body.names:
            found.append(_only(resolver, module.body.names[name], module.body, depth + 1))
    return found[0] if len(found) == 1 else None


def _arithmetic(operator: str, values: list[Known | None]) -> Known | None:
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    if len(numbers) != len(values) or not numbers:
        return None
    result = numbers[0]
    for number in numbers[1:]:
        if operator == "//" and number == 0:
            return None
        result = {"+": result + number, "-": result - number, "*": result * number, "//": result // (number or 1)}[operator]
    return result
