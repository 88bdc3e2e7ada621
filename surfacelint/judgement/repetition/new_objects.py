"""New objects: calls that make an object of their own each time, by a constructor or as a copy."""

from __future__ import annotations

from surfacelint.facts.expressions import Call, Expr, last_word
from surfacelint.linking.evaluation.abstract_values import Class, External, Function, Method, Value
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_COPYING = frozenset({"copy", "deepcopy", "model_copy"})
"""Functions and methods that copy an object, by their last word."""

_DEEPEST = 4
"""Functions that are followed: a helper that returns what another helper makes."""


class NewObjects:
    """Answers for the calls of one program."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._known: dict[tuple[str, int], bool] = {}

    def is_new(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> bool:
        """Whether each evaluation of an expression in a function makes a new object."""
        if not isinstance(expr, Call):
            return False
        if last_word(expr.function) in _COPYING:
            return True
        # A module of the program may also be known by the path of a library.
        own = [value for value in self._resolver.callee(expr, scope) if not isinstance(value, External)]
        return bool(own) and all(isinstance(value, Class) or self._returns_new(value, depth) for value in own)

    def _returns_new(self, value: Value, depth: int) -> bool:
        if not isinstance(value, Function | Method):
            return False
        question = (value.id, depth)
        if question not in self._known:
            node = self._resolver.function(value.id)
            returned = node.outline.returns if depth < _DEEPEST else ()
            self._known[question] = bool(returned) and all(self.is_new(each, node, depth + 1) for each in returned)
        return self._known[question]
