"""Names in an expression, replaced by what they were last assigned."""

from __future__ import annotations

from dataclasses import replace

from surfacelint.facts.expressions import (
    Argument,
    Attribute,
    Call,
    Clause,
    Collection,
    Composite,
    Comprehension,
    Expr,
    Name,
    Position,
    Span,
    Subscript,
)
from surfacelint.judgement.flow.reaching_definitions import ReachingDefinitions

UNKNOWN = Composite("", ())
"""An expression about which nothing is known."""

_NOWHERE = Span(Position(0, 0), Position(0, 0))

_MOST_ASSIGNMENTS = 32
"""Assignments to look through for one expression. A name behind more of them is unknown."""


def with_last_assignments(expr: Expr, before: ReachingDefinitions) -> Expr:
    """Return `expr` with each name replaced by the value that the definitions in `before` surely assigned to it last.

    A name that was changed in another way becomes `UNKNOWN`. A list that items were added to becomes a sum.
    """
    return _Substitution(before).substituted(expr, len(before))


class _Substitution:
    """Replaces the names of one expression."""

    def __init__(self, before: ReachingDefinitions) -> None:
        self._before = before
        self._left = _MOST_ASSIGNMENTS

    def substituted(self, expr: Expr, position: int) -> Expr:
        """Return `expr` with names as they are before the definition with number `position`."""
        match expr:
            case Name():
                return self._last_value(expr, position)
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

    def _last_value(self, expr: Name, position: int) -> Expr:
        """Return the last value of a name before the definition with number `position`; the name itself without a definition."""
        name = expr.id
        for number, definition in self._before.naming(name, position):
            adds = name in definition.keys and definition.adds
            if not adds and not any(path == name or path.startswith(f"{name}.[") for path in definition.keys):
                continue
            self._left -= 1
            if self._left < 0:
                return UNKNOWN
            if adds:
                loops = tuple([Clause(UNKNOWN, self.substituted(loop, number), (), False) for loop in definition.loops])
                added = Comprehension("list", (UNKNOWN,), loops, _NOWHERE) if loops else Collection("list", (UNKNOWN,))
                return Composite("+", (self._last_value(expr, number), added))
            is_known = definition.certain and definition.keys == {name}
            return self.substituted(definition.value, number) if is_known else UNKNOWN
        return expr
