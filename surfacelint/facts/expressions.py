"""Unresolved expressions: what both readings of a module, outline and body, are written in.

An expression here is *unresolved*: it says how the source spells a value, never what it means. Linking gives
meaning. Only the distinctions that linking and judging need are kept; everything else is a `Composite` of its parts.
"""

from __future__ import annotations

from itertools import chain
from typing import TypeAlias

from surfacelint.system.records import record


@record(frozen=True, slots=True, order=True)
class Position:
    """A place in a file: 1-based line, 0-based column in code points."""

    line: int
    column: int


@record(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of a file. The end of a call's span is unique in its module and identifies the call."""

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
    """One argument of a call: `name` for keywords, `star` is `""`, `"*"` or `"**"`."""

    value: Expr
    name: str | None = None
    star: str = ""


@record(frozen=True, slots=True)
class Call:
    """`function(arguments)` at `span`, parentheses around the call itself excluded."""

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
    """A literal. Bytes and complex numbers are kept as their source text's type name only."""

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
    """A lambda; the outline lists it as a function of its own under the same span."""

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
    """`kind` is `"list"`, `"set"`, `"dict"` or `"generator"`; a dict has two elements, the others one."""

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
    """A value that is one of its options: `a or b`, `a if c else b`. `tests` are read but are not the value.

    `operator` is `and` or `or`, empty for anything else.
    """

    options: tuple[Expr, ...]
    tests: tuple[Expr, ...] = ()
    operator: str = ""


@record(frozen=True, slots=True)
class Composite:
    """Any other expression, of which only the parts matter; `operator` is `"|"`, `"+"`, `"compare"`, `"format"` and so on."""

    operator: str
    parts: tuple[Expr, ...]


@record(frozen=True, slots=True)
class Element:
    """One item of iterating over `value`; never spelled in source, made for loop targets and unpacking."""

    value: Expr


@record(frozen=True, slots=True)
class Enter:
    """What `with value as …` binds; never spelled in source."""

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
    """Return the direct sub-expressions of `expr` in source order; a lambda's body is not one of them."""
    match expr:
        case Name() | Constant() | Lambda():
            return ()
        case Attribute(value=value) | Await(value=value) | Starred(value=value) | Element(value=value) | Enter(value=value):
            return (value,)
        case Call(function=function, arguments=arguments):
            return (function, *(argument.value for argument in arguments))
        case Subscript(value=first, index=second) | Walrus(target=first, value=second):
            return (first, second)
        case Collection(items=parts) | Composite(parts=parts):
            return parts
        case Slice(lower=lower, upper=upper, step=step):
            return _present(lower, upper, step)
        case Yield(value=optional):
            return _present(optional)
        case Mapping(keys=keys, values=values):
            return _present(*chain.from_iterable(zip(keys, values, strict=True)))
        case Comprehension(elements=elements, clauses=clauses):
            return (*elements, *chain.from_iterable(map(_clause_parts, clauses)))
        case Choice(options=options, tests=tests):
            return (*tests, *options)


def _present(*parts: Expr | None) -> tuple[Expr, ...]:
    return tuple(part for part in parts if part is not None)


def _clause_parts(clause: Clause) -> tuple[Expr, ...]:
    return (clause.target, clause.iterable, *clause.conditions)


def walk(expr: Expr) -> list[Expr]:
    """Return `expr` and all its sub-expressions, outermost first, in source order; lambda bodies are left out."""
    found: list[Expr] = []
    stack = [expr]
    while stack:
        here = stack.pop()
        found.append(here)
        stack.extend(reversed(children(here)))
    return found


def names(expr: Expr) -> frozenset[str]:
    """Return the plain names that evaluating `expr` reads, those inside lambda bodies included."""
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


def dotted(expr: Expr) -> str | None:
    """Return `a.b.c` for a chain of attributes on a name, `None` for anything else."""
    parts: list[str] = []
    while isinstance(expr, Attribute):
        parts.append(expr.attr)
        expr = expr.value
    if not isinstance(expr, Name):
        return None
    return ".".join((expr.id, *reversed(parts)))
