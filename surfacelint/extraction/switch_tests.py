"""Tests that a constant can decide: which expressions are one, what a `case` tests, and which blocks are always left."""

from __future__ import annotations

import ast
from typing import TypeGuard

from surfacelint.extraction.ast_expressions import OPERATORS, Converter
from surfacelint.extraction.expression_listener import NULL_LISTENER
from surfacelint.facts.expressions import Attribute, Call, Choice, Collection, Composite, Constant, Expr, Name, Subscript

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"})

_LOOKUPS = frozenset({"get", "pop"})
"""Methods of a dict that return an entry."""

_EXITS = frozenset({"exit", "quit", "_exit"})


def is_switch(test: Expr) -> bool:
    """Whether known values of names, attributes and entries may decide a test."""
    match test:
        case Composite(operator="not", parts=(part,)):
            return is_switch(part)
        case Choice(options=options, tests=tests):
            return any(is_switch(part) for part in (*options, *tests))
        case Composite(operator=operator, parts=(left, right)) if operator in _COMPARISONS:
            return _is_value(left) and _is_value(right)
        case Constant():
            return True
        case _:
            return _is_value(test)


def _is_value(expr: Expr) -> bool:
    """Whether an expression reads a name, an attribute or an entry, or is a constant or a display of constants."""
    while True:
        match expr:
            case Attribute(value=value) | Subscript(value=value, index=Constant()):
                expr = value
            case Call(function=Attribute(value=value, attr=attr), arguments=arguments) if attr in _LOOKUPS and arguments:
                expr = value
            case Collection(items=items):
                return all(isinstance(item, Constant | Attribute) for item in items)
            case _:
                return isinstance(expr, Name | Constant)


def case_test(converter: Converter, subject: Expr, pattern: ast.pattern) -> Expr | None:
    """Return what a `case` with a pattern of values tests of its subject; `None` for other patterns."""
    match pattern:
        case ast.MatchValue(value=value):
            return Composite(OPERATORS[ast.Eq], (subject, converter.expression(value, NULL_LISTENER)))
        case ast.MatchSingleton(value=value):
            return Composite(OPERATORS[ast.Is], (subject, Constant(value)))
        case ast.MatchOr(patterns=patterns):
            tests = [case_test(converter, subject, each) for each in patterns]
            return Choice(tuple([test for test in tests if test is not None]), (), OPERATORS[ast.Or]) if None not in tests else None
        case _:
            return None


def always_leaves(block: list[ast.stmt]) -> bool:
    """Whether a block ends with a statement after which nothing in the block around it runs."""
    last = block[-1] if block else None
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        function = last.value.func
        return (function.attr if isinstance(function, ast.Attribute) else function.id if _is_name(function) else "") in _EXITS
    if isinstance(last, ast.If):
        return bool(last.orelse) and always_leaves(last.body) and always_leaves(last.orelse)
    return isinstance(last, ast.Return | ast.Raise | ast.Continue | ast.Break)


def _is_name(node: ast.expr) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)
