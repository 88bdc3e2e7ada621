"""Constant values of expressions: numbers, strings and flags, followed through names and across modules."""

from __future__ import annotations

from typing import TypeAlias

from surfacelint.facts.expressions import Attribute, Call, Composite, Constant, Expr, Mapping, Name
from surfacelint.linking.evaluation.abstract_values import Module
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, ModuleNode, NameBinding

Known: TypeAlias = str | int | float | bool

_DEEPEST = 12
"""Longest chain of names bound to names."""


def constant(resolver: Resolver, expr: Expr, scope: FunctionNode, depth: int = 0) -> Known | None:
    """Return the constant that `expr` evaluates to in `scope`, `None` if it is not constant."""
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
    """Return the expression that a name or attribute is bound to, with its scope; `None` if there is none, or more than one."""
    match expr:
        case Name(id=name):
            here = scope.scope_of(name)
            return _star_imported(resolver, name, scope) if here is None else _only(resolver, here.names[name], here)
        case Attribute(value=value, attr=attr):
            return _attribute(resolver, value, attr, scope)
        case _:
            return None


def member(expr: Expr, name: str) -> Expr | None:
    """Return the expression for `name` in a dict display, or in the keyword arguments of a constructor call."""
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
            module = resolver.program.module(owner_value.name)
            return None if module is None else _exported(resolver, attr, module)
    return None


def _only(resolver: Resolver, sources: list[NameBinding], scope: FunctionNode, depth: int = 0) -> tuple[Expr, FunctionNode] | None:
    if len(sources) != 1 or depth > _DEEPEST:
        return None
    source = sources[0]
    if source.value is not None:
        return source.value, source.function or scope
    if source.imported is not None and source.imported.symbol:
        imported = source.imported
        canonical = resolver.program.source.resolve(imported.module, scope.module.name, imported.level)
        module = None if canonical is None else resolver.program.module(canonical)
        if module is not None and module is not scope.module:
            return _exported(resolver, imported.symbol or "", module, depth + 1)
    return None


def _exported(resolver: Resolver, name: str, module: ModuleNode, depth: int = 0) -> tuple[Expr, FunctionNode] | None:
    """Return the definition of a name in a module, or in a module from which it imports `*`."""
    sources = module.body.names.get(name)
    if sources is None:
        return _star_imported(resolver, name, module.body, depth)
    return _only(resolver, sources, module.body, depth)


def _star_imported(resolver: Resolver, name: str, scope: FunctionNode, depth: int = 0) -> tuple[Expr, FunctionNode] | None:
    """Return the definition of a name that comes from `import *`, `None` unless exactly one such module has it."""
    found: list[tuple[Expr, FunctionNode] | None] = []
    for source in scope.module.body.names.get("*", ()) if not name.startswith("_") else ():
        imported = source.imported
        canonical = None if imported is None else resolver.program.source.resolve(imported.module, scope.module.name, imported.level)
        module = None if canonical is None else resolver.program.module(canonical)
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
