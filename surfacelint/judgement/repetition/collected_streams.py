"""Streamed requests whose pieces are only collected: no user reads them as they arrive.

Such a request counts as a plain one. It streams because an example did so, or because an SDK demands it for long answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import (
    Argument,
    Attribute,
    Await,
    Call,
    Comprehension,
    Expr,
    Name,
    Position,
    Subscript,
    Yield,
    last_word,
    walk,
)
from surfacelint.facts.function_bodies import Assign, For, Return, Statement, Try, With
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import Block, expressions_in, expressions_of, statements_in
from surfacelint.linking.calls.request_summaries import Effect, Hop
from surfacelint.linking.evaluation.abstract_values import Function, Method
from surfacelint.linking.evaluation.call_arguments import PassedArguments, argument_for
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_COLLECTING = frozenset({"append", "extend", "get", "join", "strip", "decode", "startswith", "model_dump"})
"""Methods that inspect the pieces of an answer or put them together."""

_INSPECTING = frozenset({"getattr", "hasattr", "isinstance", "len", "str", "type"})
"""Functions that inspect the pieces of an answer."""

_TAKING = frozenset({"list", "tuple", "join"})
"""Functions and methods that take all pieces at once."""

_DEEPEST = 3
"""Nested functions that a stream or its pieces are passed to."""

COLLECTED, HANDED_ON, SHOWN = "collected", "handed on", "shown"
"""What a function does with a stream. `HANDED_ON` means that it yields the pieces or returns the stream: its callers decide."""


class CollectedStreams:
    """Finds collected streams in one program, memoized."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, bodies: Bodies) -> None:
        self._resolver = resolver
        self._whole = catalogue.whole_answers
        self._bodies = bodies
        self._known: dict[tuple[str, Position | None, frozenset[str], int], str] = {}

    def is_collected(self, effect: Effect) -> bool:
        """Whether the functions on the way to a request use its stream only to put the answer together."""
        for hop in reversed(list(effect.hops())):
            use = SHOWN if _is_repeated_by_library(hop) else self._use(hop.site.function, hop.site.call.span.end, frozenset(), 0)
            if use != HANDED_ON:
                return use == COLLECTED
        return False

    def _use(self, function: FunctionNode, end: Position | None, names: frozenset[str], depth: int) -> str:
        """Return what a function does with the stream that its call ending at `end` returns, or that its parameters `names` are."""
        key = (function.id, end, names, depth)
        if key not in self._known:
            body = self._bodies.body(function)
            uses = _Uses(self, function, depth)
            self._known[key] = SHOWN if body is None else _Stream.of(body.statements, end, names).use(body.statements, uses)
        return self._known[key]

    def is_whole(self, call: Call) -> bool:
        """Whether a call of a method of a stream waits for the whole answer."""
        return isinstance(call.function, Attribute) and call.function.attr in self._whole

    def callee_use(self, call: Call, argument: Argument, scope: FunctionNode, depth: int) -> str:
        """Return what the first-party function that a call runs does with the stream that is one of its arguments."""
        values = self._resolver.callee(call, scope) if depth < _DEEPEST else ()
        found = {self._passed_use(value, call, argument, scope, depth) for value in values}
        return found.pop() if len(found) == 1 else SHOWN

    def _passed_use(self, value: object, call: Call, argument: Argument, scope: FunctionNode, depth: int) -> str:
        if not isinstance(value, Function | Method):
            return SHOWN
        callee = self._resolver.function(value.id)
        given = PassedArguments(tuple((scope.id, each) for each in call.arguments), int(isinstance(value, Method)))
        names = [
            each.name for each in callee.outline.parameters if (scope.id, argument.value) in argument_for(callee.outline, given, each.name)
        ]
        return self._use(callee, None, frozenset(names), depth + 1) if names else SHOWN

    def only_inspects(self, call: Call, scope: FunctionNode, depth: int) -> bool:
        """Whether the first-party functions that a call may run only inspect a piece of an answer: `text_of(chunk)`."""
        values = self._resolver.callee(call, scope) if depth < _DEEPEST else ()
        if not values or not all(isinstance(value, Function | Method) for value in values):
            return False
        callees = [self._resolver.function(value.id) for value in values if isinstance(value, Function | Method)]
        bodies = [(callee, self._bodies.body(callee)) for callee in callees]
        return all(
            body is not None and collecting(expressions_in(body.statements), _Uses(self, callee, depth + 1)) == COLLECTED
            for callee, body in bodies
        )


@record(frozen=True, slots=True)
class _Uses:
    """Answers about the calls of one function that get a stream or a piece of one; `depth` functions are around it."""

    streams: CollectedStreams
    scope: FunctionNode
    depth: int

    def of_stream(self, call: Call, argument: Argument) -> str:
        """Return what a call does with the stream that is one of its arguments."""
        return COLLECTED if last_word(call.function) in _TAKING else self.streams.callee_use(call, argument, self.scope, self.depth)

    def inspects(self, call: Call) -> bool:
        """Whether a call only inspects a piece, or adds it to what is collected."""
        callee = call.function
        if isinstance(callee, Attribute) and callee.attr in _COLLECTING:
            return True
        known = isinstance(callee, Name) and callee.id in _INSPECTING
        return known or self.streams.only_inspects(call, self.scope, self.depth)


@record(frozen=True, slots=True)
class _Stream:
    """The stream that the call ending at `end` returns, and the names that refer to it."""

    end: Position | None
    names: frozenset[str]

    @classmethod
    def of(cls, block: Block, end: Position | None, names: frozenset[str]) -> _Stream:
        unnamed = cls(end, frozenset(names))
        return cls(end, names | {name for statement in statements_in(block) for name in unnamed._given(statement)})

    def _given(self, statement: Statement) -> Iterator[str]:
        """Yield the names that a statement binds to the stream."""
        pairs: Iterable[tuple[Expr, Expr | None]] = ()
        if isinstance(statement, Assign):
            pairs = [(statement.value, target) for target in statement.targets]
        elif isinstance(statement, With):
            pairs = statement.items
        yield from (target.id for value, target in pairs if isinstance(target, Name) and self._is(value))

    def _is(self, expr: Expr) -> bool:
        """Whether an expression is the stream or part of it, such as `stream.text_stream` or `response["body"]`."""
        while not self._occurs(expr):
            match expr:
                case (
                    Await(value=value) | Attribute(value=value) | Subscript(value=value) | Call(function=Attribute(value=value, attr="get"))
                ):
                    expr = value
                case _:
                    return False
        return True

    def _occurs(self, expr: Expr) -> bool:
        return expr.span.end == self.end if isinstance(expr, Call) else isinstance(expr, Name) and expr.id in self.names

    def use(self, block: Block, uses: _Uses) -> str:
        """Return what a block does with the stream: each use must collect its pieces, hand them on, or take the whole answer."""
        used, named, found = 0, 0, []
        for statement in statements_in(block):
            named += any(True for _ in self._given(statement))
            if isinstance(statement, For) and self._is(statement.iterable):
                found.append(collecting(_without_handlers(statement.body), uses))
            if isinstance(statement, Return) and statement.value is not None and self._is(statement.value):
                found.append(HANDED_ON)
            for part in (part for role, expr in expressions_of(statement) if role != "target" for part in walk(expr)):
                used += self._occurs(part)
                found += self._uses_in(part, uses)
            if isinstance(statement, Return) and isinstance(statement.value, Comprehension) and statement.value.kind == "generator":
                found += [HANDED_ON for clause in statement.value.clauses if self._is(clause.iterable)]
                used += sum(self._is(clause.iterable) for clause in statement.value.clauses)  # counted for the comprehension, too
        if not found or SHOWN in found or used != len(found) + named:
            return SHOWN
        return HANDED_ON if HANDED_ON in found else COLLECTED

    def _uses_in(self, part: Expr, uses: _Uses) -> Iterator[str]:
        """Yield what an expression itself does with the stream."""
        if isinstance(part, Comprehension):
            for clause in part.clauses:
                if self._is(clause.iterable):
                    yield collecting((inner for element in part.elements for inner in walk(element)), uses)
        elif isinstance(part, Yield) and part.delegates and part.value is not None and self._is(part.value):
            yield HANDED_ON
        elif isinstance(part, Call):
            if isinstance(part.function, Attribute) and uses.streams.is_whole(part) and self._is(part.function.value):
                yield COLLECTED
            yield from (uses.of_stream(part, argument) for argument in part.arguments if self._is(argument.value))


def collecting(parts: Iterable[Expr], uses: _Uses) -> str:
    """Return what the expressions evaluated for each piece of a stream do with it: print it or pass it on, yield it, or only collect it."""
    found = COLLECTED
    for part in parts:
        if isinstance(part, Yield):
            found = HANDED_ON
        elif isinstance(part, Call) and not uses.inspects(part):
            return SHOWN
    return found


def _without_handlers(block: Block) -> Iterator[Expr]:
    """Yield all expressions of a block except those in `except` blocks. Messages about an error show no piece of an answer."""
    handlers = (handler.body for each in statements_in(block) if isinstance(each, Try) for handler in each.handlers)
    left_out = {id(each) for body in handlers for each in statements_in(body)}
    kept = (each for each in statements_in(block) if id(each) not in left_out)
    return (part for each in kept for _, expr in expressions_of(each) for part in walk(expr))


def _is_repeated_by_library(hop: Hop) -> bool:
    """Whether a library runs the stream's function many times, or shows its results."""
    return hop.row is not None and getattr(hop.row, "items", "") != "loop"
