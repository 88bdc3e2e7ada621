"""Matches the arguments of a call with the parameters of a function."""

from __future__ import annotations

from surfacelint.facts.expressions import Argument, Call, Constant, Element, Expr, Subscript
from surfacelint.facts.module_outlines import FunctionOutline, Parameter
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class PassedArguments:
    """The arguments of a call, each with the identifier of the function that contains it.

    `skip` is the number of leading parameters without an argument here: 1 for a method, which gets its receiver. `unknown` is set if
    a library makes the call (a pool, a framework), so that parameters without an argument may still get one.
    """

    arguments: tuple[tuple[str, Argument], ...]
    skip: int = 0
    unknown: bool = False


def passed(call: Call, scope: str, *, skip: int = 0) -> PassedArguments:
    """Return the arguments of `call` in `scope`."""
    return PassedArguments(tuple([(scope, argument) for argument in call.arguments]), skip)


def argument_for(outline: FunctionOutline, given: PassedArguments, name: str) -> list[tuple[str, Expr]]:
    """Return the expressions that may be passed for the parameter `name`, each with its scope."""
    for scope, argument in given.arguments:
        if argument.name == name:
            return [(scope, argument.value)]
    parameter, position = _position(outline, name)
    if parameter is None:
        return []
    if parameter.kind == "**":
        return [(scope, argument.value) for scope, argument in given.arguments if argument.name is not None]
    if position is None:
        return _spread(given, "**", None)
    wanted = position - given.skip
    if wanted < 0:
        return []
    return _positional(given, wanted, rest=parameter.kind == "*") or _spread(given, "**", name)


@record(frozen=True, slots=True)
class Share:
    """An expression that reaches a parameter: as its value, `packed` as an item of `*name`, or as the value of `key` in `**name`."""

    scope: str
    expr: Expr
    packed: bool = False
    key: str | None = None


def shares_for(outline: FunctionOutline, given: PassedArguments, name: str) -> list[Share]:
    """Return what may be passed for the parameter `name`, as `argument_for` does, with the items of `*name` and `**name` apart.

    In `f(*args, **kwargs)`, an argument may be in either of them.
    """
    parameter, position = _position(outline, name)
    if parameter is not None and parameter.kind == "**":
        taken = {each.name for each in outline.parameters if each.kind != "**"}
        named = [(scope, argument) for scope, argument in given.arguments if argument.name is not None and argument.name not in taken]
        spread = [Share(scope, argument.value) for scope, argument in given.arguments if argument.star == "**"]
        return [Share(scope, argument.value, packed=True, key=argument.name) for scope, argument in named] + spread
    found = argument_for(outline, given, name)
    if parameter is not None and parameter.kind == "*":
        return [Share(scope, expr, packed=True) for scope, expr in found]
    if position is not None and any(isinstance(expr, Subscript) for _, expr in found):
        found += [each for each in _spread(given, "**", name) if each not in found]
    return [Share(scope, expr) for scope, expr in found]


def _position(outline: FunctionOutline, name: str) -> tuple[Parameter | None, int | None]:
    for number, parameter in enumerate(outline.parameters):
        if parameter.name == name:
            return parameter, None if parameter.kind == "keyword" else number
    return None, None


def _positional(given: PassedArguments, wanted: int, *, rest: bool) -> list[tuple[str, Expr]]:
    found: list[tuple[str, Expr]] = []
    number = 0
    for scope, argument in given.arguments:
        if argument.star == "*":
            # Any of the remaining parameters may get any of its items.
            if number <= wanted or rest:
                value: Expr = Subscript(argument.value, Constant(wanted - number)) if number <= wanted else Element(argument.value)
                found.append((scope, Element(argument.value) if rest else value))
            break
        if argument.name is not None or argument.star:
            continue
        if number == wanted or (rest and number >= wanted):
            found.append((scope, argument.value))
            if not rest:
                break
        number += 1
    return found


def _spread(given: PassedArguments, star: str, name: str | None) -> list[tuple[str, Expr]]:
    if name is None:
        return []
    return [(scope, Subscript(argument.value, Constant(name))) for scope, argument in given.arguments if argument.star == star]
