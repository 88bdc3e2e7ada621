"""Finds what conditions say about the classes of names: `isinstance(x, A)`, `type(x) is A`, and the patterns of `match`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from surfacelint.facts.expressions import Attribute, Call, Choice, Collection, Composite, Expr, Name

_SAME = frozenset({"is", "=="})

TypeTest = tuple[Expr, tuple[Expr, ...], bool]
"""A name or attribute, the classes of which it is an instance if the condition holds, and whether the condition says the opposite."""


def tests_types(test: Expr) -> bool:
    """Whether a condition says anything about classes."""
    return not isinstance(test, Name) and any(True for found in (type_tests, contradicted) for _ in found(test))


def type_tests(test: Expr) -> Iterator[TypeTest]:
    """Yield what holds where the condition `test` holds."""
    match test:
        case Call(function=Name(id="isinstance"), arguments=arguments) if len(arguments) == 2:
            yield from _tested(arguments[0].value, arguments[1].value)
        case Composite(operator=operator, parts=(Call(function=Name(id="type"), arguments=(argument,)), class_)) if operator in _SAME:
            yield from _tested(argument.value, class_)
        case Composite(operator="not", parts=(negated,)):
            yield from contradicted(negated)
        case Choice(operator="and", options=options):
            for option in options:
                yield from type_tests(option)
        case _:
            return


def contradicted(test: Expr) -> Iterator[TypeTest]:
    """Yield what holds where the condition `test` does not hold."""
    if isinstance(test, Choice) and test.operator == "or":
        for option in test.options:
            yield from contradicted(option)
    elif not (isinstance(test, Choice) and test.operator == "and"):
        yield from ((target, classes, not negated) for target, classes, negated in type_tests(test))


def _tested(target: Expr, classes: Expr) -> Iterator[TypeTest]:
    parts = classes.items if isinstance(classes, Collection) else classes.parts if isinstance(classes, Composite) else (classes,)
    if isinstance(target, Name | Attribute):
        yield target, tuple(parts), False


def leaves(statements: list[ast.stmt]) -> bool:
    """Whether control never reaches the end of a block, by its last statement."""
    return isinstance(statements[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def class_patterns(pattern: ast.pattern) -> list[ast.MatchClass]:
    """Return the patterns of classes of which one has to match for a whole pattern to match; none if there may be other ways."""
    match pattern:
        case ast.MatchClass():
            return [pattern]
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return class_patterns(inner)
        case ast.MatchOr(patterns=patterns):
            found = [class_patterns(each) for each in patterns]
            return [each for part in found for each in part] if all(found) else []
        case _:
            return []
