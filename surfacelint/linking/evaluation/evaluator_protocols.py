"""Interfaces through which the parts of the evaluator call each other, in cycles too, without importing each other."""

from __future__ import annotations

from typing import Protocol

from surfacelint.facts.expressions import Expr
from surfacelint.linking.evaluation.abstract_values import Value, Values
from surfacelint.linking.evaluation.call_arguments import PassedArguments
from surfacelint.linking.evaluation.symbol_tables import FunctionNode


class ExpressionEvaluator(Protocol):
    """Evaluates expressions. `resolver.Resolver` implements it."""

    def evaluate(self, expr: Expr, scope: FunctionNode) -> Values:
        """Return the values that `expr` may have in `scope`."""

    def returned(self, function: FunctionNode) -> Values:
        """Return what a function returns, in terms of its own parameters."""


class ValueEvaluator(Protocol):
    """Evaluates attributes and calls of values. `value_operations.ValueOperations` implements it."""

    def attribute(self, value: Value, attr: str) -> Values:
        """Return the values of `value.attr`."""

    def call(self, value: Value, given: PassedArguments) -> Values:
        """Return the result of a call of `value` with the arguments `given`."""

    def plain_call(self, value: Value) -> Values:
        """Return the result of a call of `value` with unknown arguments."""

    def follow(self, values: Values, path: str) -> Values:
        """Apply `path`, a sequence of attributes, calls and items, to `values`."""
