"""What is told about the expressions of a scope while they are converted."""

from __future__ import annotations

import ast
from typing import Protocol

from surfacelint.facts.expressions import Call, Expr, Span


class Listener(Protocol):
    """The scope for which expressions are converted. The converter reports to it."""

    def call(self, call: Call, *, awaited: bool) -> None:
        """Record a call in the current statement of the scope."""

    def function(self, node: ast.Lambda, span: Span) -> None:
        """Record a lambda. The listener reads its body."""

    def bind(self, target: Expr, value: Expr) -> None:
        """Record a binding of a comprehension target or a walrus."""

    def yields(self, value: Expr | None) -> None:
        """Record a yield."""

    def awaits(self) -> None:
        """Record an await."""

    def narrow(self, test: Expr, body: Span, orelse: Span) -> None:
        """Record what a condition says about classes where it holds and where it does not."""

    def repeat(self, by: int) -> None:
        """Enter (`1`) or leave (`-1`) a part that is repeated."""

    def reached(self) -> int:
        """Return the number of calls recorded so far."""

    def branch(self, test: Expr, first: int, *, holds: bool) -> None:
        """Record that the calls since the one with the number `first` run only if `test` is true, or false."""


class NullListener:
    """A listener that ignores everything, for expressions whose parts are recorded elsewhere."""

    def call(self, call: Call, *, awaited: bool) -> None:
        pass

    def function(self, node: ast.Lambda, span: Span) -> None:
        pass

    def bind(self, target: Expr, value: Expr) -> None:
        pass

    def yields(self, value: Expr | None) -> None:
        pass

    def awaits(self) -> None:
        pass

    def narrow(self, test: Expr, body: Span, orelse: Span) -> None:
        pass

    def repeat(self, by: int) -> None:
        pass

    def reached(self) -> int:
        return 0

    def branch(self, test: Expr, first: int, *, holds: bool) -> None:
        pass


NULL_LISTENER = NullListener()
