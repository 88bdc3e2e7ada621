"""Unresolved expressions, of which outlines and bodies consist.

An *unresolved* expression says how the source spells a value, not what it means; linking resolves it. It keeps only the
distinctions that linking and judgement need. Everything else is a `Composite` of its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any, TypeAlias

from surfacelint.system.records import record


@record(frozen=True, slots=True, order=True)
class Position:
    """A position in a file: 1-based line, 0-based column in code points."""

    line: int
    column: int


@record(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of a file. The end of a call's span is unique in its module and identifies the call."""

    start: Position
    end: Position


@record(frozen=True, slots=True)
class Name:
    """A plain name."""

    id: str


@record(frozen=True, slots=True)
class Attribute:
    """`value.attr`."""

    value: Expr
    attr: str


@record(frozen=True, slots=True)
class Argument:
    """One argument of a call. `name` is that of a keyword argument. `star` is `""`, `"*"` or `"**"`."""

    value: Expr
    name: str | None = None
    star: str = ""


@record(frozen=True, slots=True)
class Call:
    """`function(arguments)`. `span` excludes parentheses around the call."""

    function: Expr
    arguments: tuple[Argument, ...]
    span: Span


@record(frozen=True, slots=True)
class Subscript:
    """`value[index]`."""

    value: Expr
    index: Expr


@record(frozen=True, slots=True)
class Slice:
    """`lower:upper:step` inside a subscript."""

    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@record(frozen=True, slots=True)
class Constant:
    """A literal. For bytes and complex numbers, `value` is only the name of their type."""

    value: str | int | float | bool | None


@record(frozen=True, slots=True)
class Collection:
    """A list, tuple or set display; `kind` is `"list"`, `"tuple"` or `"set"`."""

    kind: str
    items: tuple[Expr, ...]


@record(frozen=True, slots=True)
class Mapping:
    """A dict display; a key of `None` marks a `**` item."""

    keys: tuple[Expr | None, ...]
    values: tuple[Expr, ...]


@record(frozen=True, slots=True)
class Starred:
    """`*value` in a display or a target."""

    value: Expr


@record(frozen=True, slots=True)
class Lambda:
    """A lambda. The outline also lists it as a function with the same span."""

    parameters: tuple[str, ...]
    body: Expr
    span: Span


@record(frozen=True, slots=True)
class Clause:
    """One `for target in iterable if conditions` of a comprehension."""

    target: Expr
    iterable: Expr
    conditions: tuple[Expr, ...]
    is_async: bool


@record(frozen=True, slots=True)
class Comprehension:
    """A comprehension. `kind` is `"list"`, `"set"`, `"dict"` or `"generator"`. A dict has two elements, the others one."""

    kind: str
    elements: tuple[Expr, ...]
    clauses: tuple[Clause, ...]
    span: Span


@record(frozen=True, slots=True)
class Await:
    """`await value`."""

    value: Expr


@record(frozen=True, slots=True)
class Yield:
    """`yield value` or `yield from value`."""

    value: Expr | None
    delegates: bool


@record(frozen=True, slots=True)
class Walrus:
    """`target := value`."""

    target: Expr
    value: Expr


@record(frozen=True, slots=True)
class Choice:
    """A value that is one of `options`: `a or b`, `a if c else b`. `tests` are evaluated, but are not the value.

    `operator` is `and`, `or`, or empty for a conditional expression.
    """

    options: tuple[Expr, ...]
    tests: tuple[Expr, ...] = ()
    operator: str = ""


@record(frozen=True, slots=True)
class Composite:
    """Any other expression, reduced to its parts. `operator` is `"|"`, `"+"`, `"<"`, `"format"` and so on."""

    operator: str
    parts: tuple[Expr, ...]


@record(frozen=True, slots=True)
class Element:
    """An item of iterating over `value`. Created for loop targets and unpacking, never written in source."""

    value: Expr


@record(frozen=True, slots=True)
class Enter:
    """The object that `with value as …` binds. Never written in source."""

    value: Expr


Expr: TypeAlias = (
    Name
    | Attribute
    | Call
    | Subscript
    | Slice
    | Constant
    | Collection
    | Mapping
    | Starred
    | Lambda
    | Comprehension
    | Await
    | Yield
    | Walrus
    | Choice
    | Composite
    | Element
    | Enter
)

NOTHING = Constant(None)


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the direct sub-expressions of `expr` in source order, without the bodies of lambdas."""
    return _CHILDREN[expr.__class__](expr)


def _present(*parts: Expr | None) -> tuple[Expr, ...]:
    return tuple([part for part in parts if part is not None])


def _clause_parts(clause: Clause) -> tuple[Expr, ...]:
    return (clause.target, clause.iterable, *clause.conditions)


def _nothing(_: Expr) -> tuple[Expr, ...]:
    return ()


def _value(expr: Attribute | Await | Starred | Element | Enter) -> tuple[Expr, ...]:
    return (expr.value,)


_CHILDREN: dict[type, Callable[[Any], tuple[Expr, ...]]] = {
    **dict.fromkeys((Name, Constant, Lambda), _nothing),
    **dict.fromkeys((Attribute, Await, Starred, Element, Enter), _value),
    Call: lambda expr: (expr.function, *[argument.value for argument in expr.arguments]),
    Subscript: lambda expr: (expr.value, expr.index),
    Walrus: lambda expr: (expr.target, expr.value),
    Collection: lambda expr: expr.items,
    Composite: lambda expr: expr.parts,
    Slice: lambda expr: _present(expr.lower, expr.upper, expr.step),
    Yield: lambda expr: _present(expr.value),
    Mapping: lambda expr: _present(*chain.from_iterable(zip(expr.keys, expr.values, strict=True))),
    Comprehension: lambda expr: (*expr.elements, *chain.from_iterable(map(_clause_parts, expr.clauses))),
    Choice: lambda expr: (*expr.tests, *expr.options),
}
"""How to get the sub-expressions of each kind: asked by the million, and a `match` tries one kind after the other."""


def walk(expr: Expr) -> list[Expr]:
    """Return `expr` and all its sub-expressions, outermost first, in source order, without the bodies of lambdas."""
    found: list[Expr] = []
    stack = [expr]
    while stack:
        here = stack.pop()
        found.append(here)
        inner = _CHILDREN[here.__class__](here)
        if inner:
            stack += inner[::-1]
    return found


def names(expr: Expr) -> frozenset[str]:
    """Return the plain names that `expr` reads, including those in the bodies of lambdas."""
    found: set[str] = set()
    stack = [expr]
    while stack:
        here = stack.pop()
        if isinstance(here, Name):
            found.add(here.id)
        elif isinstance(here, Lambda):
            found |= names(here.body) - set(here.parameters)
        else:
            stack.extend(children(here))
    return frozenset(found)


MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
"""Comparisons, each with the one that says the same of the exchanged sides."""


def last_word(expr: Expr) -> str:
    """Return the name of a name or attribute: `c` for `a.b.c`; an empty string for anything else."""
    return expr.attr if isinstance(expr, Attribute) else expr.id if isinstance(expr, Name) else ""


def dotted(expr: Expr) -> str | None:
    """Return `a.b.c` for a chain of attributes on a name, `None` for anything else."""
    parts: list[str] = []
    while isinstance(expr, Attribute):
        parts.append(expr.attr)
        expr = expr.value
    if not isinstance(expr, Name):
        return None
    return ".".join((expr.id, *reversed(parts)))
