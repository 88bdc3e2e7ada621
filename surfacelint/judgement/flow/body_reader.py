"""Bodies of functions, read on demand: only functions between a repetition or handler and a request are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from surfacelint.facts.expressions import Expr, Position
from surfacelint.facts.function_bodies import Body
from surfacelint.judgement.flow.decided_branches import branch_tests, decided
from surfacelint.judgement.flow.enclosing_statements import CallPositions, Surroundings
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_MOST_INDEXED = 200
"""Bodies whose call positions are kept. Lookups of one body come in a row, and rarely later."""


class BodySource(Protocol):
    """Supplies the bodies of functions and the text of modules."""

    def body(self, function: FunctionNode) -> Body | None:
        """Return the body of a function, `None` if it cannot be read."""

    def text(self, module: str) -> str:
        """Return the text of a module, empty if it cannot be read."""


class Bodies:
    """Bodies of functions and surroundings of call sites, memoized, without the branches that never run.

    `holds` tells whether a test of a function always holds or always fails, `None` if it may do either.
    """

    def __init__(self, source: BodySource, holds: Callable[[Expr, FunctionNode], bool | None]) -> None:
        self._source = source
        self._holds = holds
        self._bodies: dict[str, Body | None] = {}
        self._around: dict[tuple[str, Position], Surroundings | None] = {}
        self._positions: dict[str, CallPositions | None] = {}
        self._lines: dict[str, str] = {}
        self._split: tuple[str, list[str]] = ("", [])  # the module that was asked about last

    def body(self, function: FunctionNode) -> Body | None:
        """Return the body of a function, `None` if it cannot be read."""
        if function.id not in self._bodies:
            whole = self._source.body(function)
            self._bodies[function.id] = None if whole is None else self._running(whole, function)
        return self._bodies[function.id]

    def _running(self, whole: Body, function: FunctionNode) -> Body:
        """Return a body without the branches that never run."""
        known = {id(test): holds for test in branch_tests(whole.statements) if (holds := self._holds(test, function)) is not None}
        if not known:
            return whole
        return Body(decided(whole.statements, lambda test: known.get(id(test))), whole.comments)

    def mentions(self, function: FunctionNode, words: Iterable[str]) -> bool:
        """Whether the source lines of a function contain one of `words`. Much cheaper than reading the body."""
        lines = self._lines.get(function.id)
        if lines is None:
            first, last = function.outline.lines
            module = function.module.name
            if self._split[0] != module:
                self._split = module, self._source.text(module).split("\n")
            lines = self._lines[function.id] = "\n".join(self._split[1][first - 1 : last])
        return any(word in lines for word in words)

    def around(self, site: Site) -> Surroundings | None:
        """Return the statements and expressions around a call site; `None` if it is not in the body of its function."""
        return self.around_call(site.function, site.call.span.end)

    def around_call(self, function: FunctionNode, end: Position) -> Surroundings | None:
        """Return the statements and expressions around the call of a function that ends at `end`; `None` if its body has none."""
        id_ = function.id
        if (id_, end) not in self._around:
            if id_ not in self._positions:
                if len(self._positions) >= _MOST_INDEXED:
                    self._positions.clear()
                body = self.body(function)
                self._positions[id_] = None if body is None else CallPositions(body)
            found = self._positions[id_]
            self._around[id_, end] = None if found is None else found.of(end)
        return self._around[id_, end]
