"""Finds how a loop reports its progress to others: through a job's state, a socket, a queue, a stream or a store that a handler reads."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Progress
from surfacelint.facts.expressions import Attribute, Call, Position, Span, walk
from surfacelint.facts.function_bodies import Statement, Try
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Block, expressions_of, statements_in
from surfacelint.judgement.flow.expression_text import source_text
from surfacelint.judgement.progress.stored_progress import StoredProgress, counted_targets
from surfacelint.judgement.progress.streamed_progress import StreamedProgress
from surfacelint.judgement.repetition.loop_counters import RoundCounters, round_counters
from surfacelint.judgement.waiting.shared_state import SharedState
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effects
from surfacelint.linking.evaluation.abstract_values import Function, Method
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_DEEPEST = 2
"""Nested helper functions that are searched for reports."""

PUT_METHODS = frozenset({"put", "put_nowait"})
"""Methods that put an item on a queue."""


@record(frozen=True, slots=True)
class Report:
    """A progress report: its callee or target as spelled (`name`), its `audience` as in the catalogue, and its place in the loop."""

    name: str
    audience: str
    span: Span


class ProgressReports:
    """Finds the progress reports of one program."""

    def __init__(self, effects: Effects, resolver: Resolver, catalogue: Catalogue, bodies: Bodies, shared: SharedState) -> None:
        self._effects = effects
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies
        self._shared = shared
        self._stored = StoredProgress(bodies, shared)
        self._streamed = StreamedProgress(effects, resolver, catalogue, bodies)
        self._known: dict[tuple[str, Span, frozenset[Position]], Report | None] = {}
        self._requests: dict[str, frozenset[Position]] = {}
        self._unconditional: dict[tuple[str, int], Progress | None] = {}

    def within(self, frame: EnclosingRepetition, call: Call, scope: FunctionNode) -> Report | None:
        """Return the report about the rounds of `frame`, a repetition of `call` in `scope`, or `None`."""
        if not frame.block:
            return None
        if scope.id not in self._requests:
            sites = self._effects.sites.get(scope.id, ())
            leading = [site for site, ways in sites if any(isinstance(way.sink, Request) for way in ways)]
            self._requests[scope.id] = frozenset(site.call.span.end for site in leading)
        known = self._requests[scope.id]
        requests = known if call.span.end in known else known | {call.span.end}
        key = (scope.id, frame.span, requests)
        if key not in self._known:
            self._known[key] = self._within(frame, requests, scope)
        return self._known[key]

    def _within(self, frame: EnclosingRepetition, requests: frozenset[Position], scope: FunctionNode) -> Report | None:
        counting = round_counters(frame, requests)
        found = self._in_block(frame.block, scope, counting, 0)
        if found is not None:
            return found
        streamed = self._streamed.response(frame.block, scope, counting)
        return None if streamed is None else Report(streamed[0], "browser", streamed[1])

    def _in_block(self, block: Block, scope: FunctionNode, counting: RoundCounters, depth: int) -> Report | None:
        failing = {id(statement) for tried in statements_in(block) for handler in _handlers(tried) for statement in statements_in(handler)}
        for statement in statements_in(block):
            for part in [part for _, expr in expressions_of(statement) for part in walk(expr) if isinstance(part, Call)]:
                if id(statement) in failing and not _passes_count(part, counting):
                    continue  # it reports a failure, not progress
                found = self._called(part, block, scope, counting, depth)
                if found is not None:
                    return found
            target = self._stored.target(statement, block, scope, counting)
            if target is not None:
                return Report(source_text(target), "remote", statement.span)
        return None

    def _called(self, call: Call, block: Block, scope: FunctionNode, counting: RoundCounters, depth: int) -> Report | None:
        """Return the report that a call makes: through the catalogue, shared state, a queue or a helper function."""
        row = self._row(call, scope)
        if row is not None and self._reports_progress(row, call, block, counting):
            return Report(source_text(call.function), row.audience, call.span)
        counted = any(counting.counts(argument.value) for argument in call.arguments)
        if counted and isinstance(call.function, Attribute):
            owner, method = call.function.value, call.function.attr
            if method == "update" and self._shared.is_read(owner, scope):
                return Report(source_text(call.function), "remote", call.span)
            if method in PUT_METHODS and self._shared.is_taken(owner, scope):
                return Report(source_text(call.function), "browser", call.span)
        for callee, is_method in self._callees(call, scope) if depth < _DEEPEST else ():
            if call.span.end in counting.requests:
                # What a request's own function reports is about one item. Only the state of a task is about all of them.
                audience = self._unconditional_audience(callee, _DEEPEST - 1)
            elif counted:
                audience = self._helper_audience(call, scope, callee, counting, depth, is_method=is_method)
            else:
                audience = self._unconditional_audience(callee)
            if audience:
                return Report(source_text(call.function), audience, call.span)
        return None

    def _row(self, call: Call, scope: FunctionNode) -> Progress | None:
        """Return the catalogue row of a call that may report progress to others."""
        rows = (self._catalogue.progress(path) for path in self._resolver.called_paths(call, scope))
        return next((row for row in rows if row is not None and row.style in ("remote", "channel", "store")), None)

    def _reports_progress(self, row: Progress, call: Call, block: Block, counting: RoundCounters) -> bool:
        """Whether a call of a catalogue row reports progress: always, if its message holds a count, or if it saves a count."""
        if row.style == "channel":
            message = [argument.value for number, argument in enumerate(call.arguments) if number >= (row.argument or 0)]
            # A message to a person may also hold the answer. A stored message with the answer is just a record of it.
            stores_answer = row.audience == "remote" and any(map(counting.answers_in, message))
            return any(map(counting.counts, message)) and not stores_answer
        return row.style == "remote" or any(counted_targets(statement, counting) for statement in statements_in(block))

    def _callees(self, call: Call, scope: FunctionNode) -> Iterator[tuple[FunctionNode, bool]]:
        """Return the first-party functions that a call may run, and for each whether it is a bound method."""
        for value in self._resolver.everywhere(self._resolver.callee(call, scope)):
            if isinstance(value, Function | Method):
                yield self._resolver.function(value.id), isinstance(value, Method)

    def _helper_audience(
        self, call: Call, scope: FunctionNode, callee: FunctionNode, counting: RoundCounters, depth: int, *, is_method: bool
    ) -> str:
        """Return the audience to which a helper function reports a count that it is given."""
        body = self._bodies.body(callee)
        if body is None:
            return ""
        inner = counting.into(call, scope, callee, body.statements, is_method=is_method)
        found = self._in_block(body.statements, callee, inner, depth + 1)
        return "" if found is None else found.audience

    def _unconditional_audience(self, callee: FunctionNode, depth: int = 0) -> str:
        """Return the audience of a helper function that reports progress regardless of its arguments."""
        row = self._unconditional_row(callee, depth)
        return "" if row is None else row.audience

    def _unconditional_row(self, callee: FunctionNode, depth: int) -> Progress | None:
        key = (callee.id, depth)
        if key not in self._unconditional:
            self._unconditional[key] = next(self._unconditional_rows(callee, depth), None)
        return self._unconditional[key]

    def _unconditional_rows(self, callee: FunctionNode, depth: int) -> Iterator[Progress]:
        for site in callee.outline.calls:
            row = self._row(site.call, callee)
            if row is not None and row.style == "remote":
                yield row
            inner = [self._unconditional_row(each, depth + 1) for each, _ in self._callees(site.call, callee) if depth + 1 < _DEEPEST]
            yield from (found for found in inner if found is not None)


def _handlers(statement: Statement) -> list[Block]:
    return [handler.body for handler in statement.handlers] if isinstance(statement, Try) else []


def _passes_count(call: Call, counting: RoundCounters) -> bool:
    """Whether a call receives a count directly. The result of a method of an object that holds a count may be something else."""
    values = [argument.value for argument in call.arguments]
    return any(counting.counts(value) for value in values if not (isinstance(value, Call) and isinstance(value.function, Attribute)))
