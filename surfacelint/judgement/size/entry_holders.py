"""What holds an entry: the dicts and tables that an expression may be, followed through names, entries and callers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from surfacelint.facts.expressions import Attribute, Call, Collection, Comprehension, Constant, Expr, Mapping, Name, Starred, Subscript
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.constants import definition, member
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

Holder: TypeAlias = tuple[Expr, FunctionNode]
"""An expression that makes a dict or table, and the function in which it stands."""

_DEEPEST = 10
"""Names, entries and calls that are followed."""

_MOST = 24
"""Holders of one expression. With more of them nothing is known."""


class EntryHolders:
    """Holders in one program. `grows` tells whether the functions given add to what a name or attribute holds."""

    def __init__(self, resolver: Resolver, grows: Callable[[Expr, FunctionNode, FunctionNode], bool]) -> None:
        self._resolver = resolver
        self._grows = grows
        self._parameters: dict[tuple[str, str, int], list[Holder] | None] = {}

    def of(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> list[Holder] | None:
        """Return the holders that `expr` may be; `None` if one of them is unknown."""
        if depth > _DEEPEST:
            return None
        match expr:
            case Subscript(value=value, index=Constant(value=str() | int() as key)):
                outer = self.of(value, scope, depth + 1)
                if outer is None or not any(isinstance(holder, Mapping | Collection) for holder, _ in outer):
                    return None if outer is None else [(expr, scope)]
                return self._joined([(entry(holder, key), where) for holder, where in outer], depth)
            case Call(function=Attribute(value=value, attr="copy"), arguments=()):
                return self.of(value, scope, depth + 1)
            case Name() | Attribute():
                return self._named(expr, scope, depth)
            case Mapping() | Collection() | Comprehension() | Call() | Subscript():
                return [(expr, scope)]
            case _:
                return None

    def _named(self, expr: Name | Attribute, scope: FunctionNode, depth: int) -> list[Holder] | None:
        """Return the holders that a name or attribute may be."""
        defined = definition(self._resolver, expr, scope)
        if defined is not None:
            return None if self._grows(expr, scope, defined[1]) else self.of(defined[0], defined[1], depth + 1)
        if not isinstance(expr, Name) or len(scope.names.get(expr.id, ())) != 1:
            return None
        question = (scope.id, expr.id, depth)
        if question not in self._parameters:
            self._parameters[question] = self._passed(expr.id, scope, depth)
        return self._parameters[question]

    def _passed(self, name: str, scope: FunctionNode, depth: int) -> list[Holder] | None:
        """Return the holders that all known callers pass for a parameter."""
        parameter = next((each for each in scope.outline.parameters if each.name == name), None)
        passed: list[tuple[Expr | None, FunctionNode]] = []
        for caller, given in self._resolver.callers.get(scope.id, ()) if parameter is not None else ():
            if parameter is not None and parameter.kind == "**":
                named = [argument for _, argument in given.arguments if argument.name is not None]
                passed.append((Mapping(tuple([Constant(each.name) for each in named]), tuple([each.value for each in named])), caller))
                continue
            found = argument_for(scope.outline, given, name)
            if given.unknown or len(found) != 1:
                return None
            passed.append((found[0][1], self._resolver.function(found[0][0])))
        return self._joined(passed, depth)

    def _joined(self, found: list[tuple[Expr | None, FunctionNode]], depth: int) -> list[Holder] | None:
        """Return the holders of several expressions, `None` if one of them is unknown or missing."""
        holders: list[Holder] = []
        for expr, where in found:
            more = None if expr is None else self.of(expr, where, depth + 1)
            if more is None or len(holders) + len(more) > _MOST:
                return None
            holders += more
        return holders or None


def entry(holder: Expr, key: str | int | None) -> Expr | None:
    """Return the expression for an entry of a dict display or call, or for an item of a list display."""
    match holder, key:
        case Collection(items=items), int():
            is_plain = -len(items) <= key < len(items) and not any(isinstance(item, Starred) for item in items)
            return items[key] if is_plain else None
        case _, str():
            return member(holder, key)
        case _:
            return None
