"""Streamed requests whose pieces are only collected: no user reads them as they arrive.

Such a request counts as a plain one. It streams because an example did so, or because an SDK demands it for long answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Attribute, Await, Call, Comprehension, Expr, Name, Position, Yield, walk
from surfacelint.facts.function_bodies import Assign, For, Statement, With
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import Block, expressions_in, expressions_of, statements_in
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.system.records import record

_COLLECTING = frozenset({"append", "extend", "get", "join", "strip", "decode"})
"""Methods that inspect the pieces of an answer or put them together."""

_INSPECTING = frozenset({"getattr", "hasattr", "isinstance", "len", "str", "type"})
"""Functions that inspect the pieces of an answer."""


class CollectedStreams:
    """Finds collected streams in one program, memoized."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, bodies: Bodies) -> None:
        self._resolver = resolver
        self._whole = catalogue.whole_answers
        self._bodies = bodies
        self._known: dict[Request, bool] = {}

    def is_collected(self, request: Request) -> bool:
        """Whether the function of a request uses its stream only to put the answer together."""
        if request not in self._known:
            body = self._bodies.body(self._resolver.function(request.function))
            self._known[request] = body is not None and _Stream.of(body.statements, request.span.end).is_collected(
                body.statements, self._whole
            )
        return self._known[request]


@record(frozen=True, slots=True)
class _Stream:
    """The stream that the call ending at `end` returns, and the names that refer to it."""

    end: Position
    names: frozenset[str]

    @classmethod
    def of(cls, block: Block, end: Position) -> _Stream:
        unnamed = cls(end, frozenset())
        return cls(end, frozenset(name for statement in statements_in(block) for name in unnamed._given(statement)))

    def _given(self, statement: Statement) -> Iterator[str]:
        """Yield the names that a statement binds to the stream."""
        pairs: Iterable[tuple[Expr, Expr | None]] = ()
        if isinstance(statement, Assign):
            pairs = [(statement.value, target) for target in statement.targets]
        elif isinstance(statement, With):
            pairs = statement.items
        yield from (target.id for value, target in pairs if isinstance(target, Name) and self._is(value))

    def _is(self, expr: Expr) -> bool:
        """Whether an expression is the stream or one of its attributes, such as its texts."""
        while isinstance(expr, Await | Attribute):
            expr = expr.value
        return self._occurs(expr)

    def _occurs(self, expr: Expr) -> bool:
        return expr.span.end == self.end if isinstance(expr, Call) else isinstance(expr, Name) and expr.id in self.names

    def is_collected(self, block: Block, whole: frozenset[str]) -> bool:
        """Whether each use of the stream in a block collects its pieces, or takes the whole answer by a method in `whole`."""
        used, collected, named = 0, 0, 0
        for statement in statements_in(block):
            named += any(True for _ in self._given(statement))
            collected += isinstance(statement, For) and self._is(statement.iterable) and _only_collects(expressions_in(statement.body))
            for part in (part for role, expr in expressions_of(statement) if role != "target" for part in walk(expr)):
                used += self._occurs(part)
                if isinstance(part, Comprehension):
                    over = sum(self._is(clause.iterable) for clause in part.clauses)
                    collected += over if _only_collects(inner for element in part.elements for inner in walk(element)) else 0
                elif isinstance(part, Call) and isinstance(part.function, Attribute) and part.function.attr in whole:
                    collected += self._is(part.function.value)
        return bool(collected) and used == collected + named


def _only_collects(parts: Iterable[Expr]) -> bool:
    """Whether the expressions evaluated for each piece only collect it: none yields it, prints it or passes it on."""
    for part in parts:
        if isinstance(part, Yield):
            return False
        if isinstance(part, Call):
            function = part.function
            known = (
                function.attr in _COLLECTING
                if isinstance(function, Attribute)
                else isinstance(function, Name) and function.id in _INSPECTING
            )
            if not known:
                return False
    return True
