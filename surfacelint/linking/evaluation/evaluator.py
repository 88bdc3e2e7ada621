"""What the parts of evaluation ask of the whole: the interface that `resolver.Resolver` implements."""

from __future__ import annotations

from typing import Protocol

from surfacelint.facts.expressions import Expr
from surfacelint.linking.evaluation.abstract_values import Value, Values
from surfacelint.linking.evaluation.call_arguments import Passed
from surfacelint.linking.evaluation.symbol_tables import FunctionNode


class Evaluator(Protocol):
    """Evaluates expressions, calls and attributes of every kind of value."""

    def evaluate(self, expr: Expr, scope: FunctionNode) -> Values:
        """Return the values that `expr` may have in `scope`."""

    def attribute(self, value: Value, attr: str) -> Values:
        """Return the values of `value.attr`."""

    def call(self, value: Value, given: Passed) -> Values:
        """Return the values of a call of `value` with the arguments `given`."""

    def plain_call(self, value: Value) -> Values:
        """Return the values of a call of `value` with unknown arguments."""

    def returned(self, function: FunctionNode) -> Values:
        """Return what a function returns, in terms of its own parameters."""

    def follow(self, values: Values, path: str) -> Values:
        """Apply `path`, a sequence of attributes, calls and items, to `values`."""
