"""Names in an expression, replaced by what they were last assigned."""

from __future__ import annotations

from dataclasses import replace

from surfacelint.facts.expressions import (
    Argument,
    Attribute,
    Call,
    Choice,
    Clause,
    Collection,
    Composite,
    Comprehension,
    Expr,
    Name,
    Position,
    Slice,
    Span,
    Subscript,
    dotted,
)
from surfacelint.judgement.flow.reaching_definitions import ReachingDefinitions

UNKNOWN = Composite("", ())
"""An expression about which nothing is known."""

_NOWHERE = Span(Position(0, 0), Position(0, 0))

_MOST_ASSIGNMENTS = 32
"""Assignments to look through for one expression. A name behind more of them is unknown."""


def with_last_assignments(expr: Expr, before: ReachingDefinitions, *, bounded: bool = False) -> Expr:
    """Return `expr` with each name replaced by the value that the definitions in `before` surely assigned to it last.

    A name that was changed in another way becomes `UNKNOWN`. A list that items were added to becomes a sum, and one that each branch
    of an `if` sets a choice. With `bounded`, a collection whose length was tested becomes a slice of at most as many items.
    """
    return _Substitution(before, bounded=bounded).substituted(expr, len(before))


class _Substitution:
    """Replaces the names of one expression."""

    def __init__(self, before: ReachingDefinitions, *, bounded: bool) -> None:
        self._before = before
        self._bounded = bounded
        self._left = _MOST_ASSIGNMENTS

    def substituted(self, expr: Expr, position: int) -> Expr:
        """Return `expr` with names as they are before the definition with number `position`."""
        match expr:
            case Name():
                return self._tested(expr, expr.id, position)
            case Attribute() if self._bounded and (path := dotted(expr)):
                return self._tested(expr, path, position)
            case Call(function=Attribute(value=value, attr=attr) as function, arguments=arguments, span=span):
                given = self._arguments(arguments, position)
                owner = self.substituted(value, position)
                return Call(function if owner is value else Attribute(owner, attr), given, span)
            case Call(function=function, arguments=arguments, span=span):
                return Call(function, self._arguments(arguments, position), span)
            case Subscript(value=value, index=index):
                return Subscript(self.substituted(value, position), index)
            case Comprehension(kind=kind, elements=elements, clauses=clauses, span=span):
                replaced = tuple([replace(clause, iterable=self.substituted(clause.iterable, position)) for clause in clauses])
                return Comprehension(kind, elements, replaced, span)
            case _:
                return expr

    def _arguments(self, arguments: tuple[Argument, ...], position: int) -> tuple[Argument, ...]:
        return tuple([Argument(self.substituted(argument.value, position), argument.name, argument.star) for argument in arguments])

    def _tested(self, expr: Name | Attribute, path: str, position: int) -> Expr:
        """Return the value of a name or attribute before a definition, cut to what the last test of its length lets pass."""
        for bound in self._before.bounds(path) if self._bounded else ():
            if bound.last > position:
                continue
            if any(number >= bound.last for number, _ in self._before.of(path, position)):
                break  # it was set after the test
            self._left -= 1
            if bound.limit is None:
                return self.substituted(bound.otherwise or UNKNOWN, bound.first)
            value = self._tested(expr, path, bound.first) if self._left > 0 else UNKNOWN
            cut = Subscript(value, Slice(None, bound.limit, None))
            return cut if bound.otherwise is None else Choice((cut, self.substituted(bound.otherwise, bound.first)))
        return self._last_value(expr, position) if isinstance(expr, Name) else expr

    def _last_value(self, expr: Name, position: int) -> Expr:
        """Return the last value of a name before the definition with number `position`; the name itself without a definition."""
        name = expr.id
        branches: list[Expr] = []
        for number, definition in self._before.naming(name, position):
            adds = name in definition.keys and definition.adds
            if not adds and not any(path == name or path.startswith(f"{name}.[") for path in definition.keys):
                continue
            self._left -= 1
            if self._left < 0:
                return UNKNOWN
            if adds and not branches:
                loops = tuple([Clause(UNKNOWN, self.substituted(loop, number), (), False) for loop in definition.loops])
                added = Comprehension("list", (UNKNOWN,), loops, _NOWHERE) if loops else Collection("list", (UNKNOWN,))
                return Composite("+", (self._tested(expr, name, number), added))
            if adds or not definition.certain or definition.keys != {name}:
                return UNKNOWN
            value = self.substituted(definition.value if definition.cut is None else definition.cut, number)
            branches.append(value)
            if definition.branch in ("", "first"):
                return value if len(branches) == 1 else Choice(tuple(branches[::-1]))
        return UNKNOWN if branches else expr
