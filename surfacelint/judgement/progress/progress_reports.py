"""How a loop tells others how far it is: by the state of a job, a socket, a stream, a row, a queue, or a store that a handler reads."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Progress
from surfacelint.facts.expressions import Attribute, Call, Expr, Position, Span, Yield, walk
from surfacelint.facts.function_bodies import Assign, Augment, Statement, Try
from surfacelint.judgement.flow.access_paths import any_touch, is_exact, key_of, reads, root, target_keys
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_repetitions import Frame
from surfacelint.judgement.flow.enclosing_statements import Block, calls_in, expressions_in, expressions_of, statements_in
from surfacelint.judgement.flow.expression_text import spell
from surfacelint.judgement.flow.identity_memo import ByIdentity
from surfacelint.judgement.flow.iteration_dataflow import derived
from surfacelint.judgement.flow.question_stack import circular
from surfacelint.judgement.repetition.loop_counters import Counting, counting_in, is_slot
from surfacelint.judgement.waiting.shared_state import Shared
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effects
from surfacelint.linking.evaluation.abstract_values import Function, Method
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_DEEPEST = 2
"""Helpers inside of helpers that report."""

_PUTTING = frozenset({"put", "put_nowait"})
"""Methods that put something on a queue."""


@record(frozen=True, slots=True)
class Report:
    """What reports: `name` as the user spells it, `audience` as in the catalogue, and where it stands in the loop."""

    name: str
    audience: str
    span: Span


_ROOTS: ByIdentity[frozenset[str]] = ByIdentity()


class Reports:
    """Finds reports of progress, in one program."""

    def __init__(self, effects: Effects, resolver: Resolver, catalogue: Catalogue, bodies: Bodies, shared: Shared) -> None:
        self._effects = effects
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies
        self._shared = shared
        self._known: dict[tuple[str, Span, frozenset[Position]], Report | None] = {}
        self._asking: dict[str, frozenset[Position]] = {}
        self._always: dict[tuple[str, int], Progress | None] = {}

    def within(self, frame: Frame, call: Call, scope: FunctionNode) -> Report | None:
        """Return what tells others about the rounds of `frame`, which repeats `call` in `scope`."""
        if not frame.block:
            return None
        if scope.id not in self._asking:
            sites = self._effects.sites.get(scope.id, ())
            asking = [site for site, ways in sites if any(isinstance(way.sink, Request) for way in ways)]
            self._asking[scope.id] = frozenset(site.call.span.end for site in asking)
        known = self._asking[scope.id]
        requests = known if call.span.end in known else known | {call.span.end}
        key = (scope.id, frame.span, requests)
        if key not in self._known:
            self._known[key] = self._within(frame, requests, scope)
        return self._known[key]

    def _within(self, frame: Frame, requests: frozenset[Position], scope: FunctionNode) -> Report | None:
        counting = counting_in(frame, requests)
        return self._in_block(frame.block, scope, counting, 0) or self._streamed(frame.block, scope, counting)

    def _in_block(self, block: Block, scope: FunctionNode, counting: Counting, depth: int) -> Report | None:
        failing = {id(statement) for tried in statements_in(block) for handler in _handlers(tried) for statement in statements_in(handler)}
        for statement in statements_in(block):
            for part in [part for _, expr in expressions_of(statement) for part in walk(expr) if isinstance(part, Call)]:
                if id(statement) in failing and not _hands_over(part, counting):
                    continue  # it tells of a failure, not of rounds
                found = self._called(part, block, scope, counting, depth)
                if found is not None:
                    return found
            found = self._set(statement, block, scope, counting)
            if found is not None:
                return found
        return None

    # Calls.

    def _called(self, call: Call, block: Block, scope: FunctionNode, counting: Counting, depth: int) -> Report | None:
        row = self._row(call, scope)
        if row is not None and self._says_it(row, call, block, counting):
            return Report(spell(call.function), row.audience, call.span)
        counted = any(counting.counts(argument.value) for argument in call.arguments)
        if counted and isinstance(call.function, Attribute):
            owner, method = call.function.value, call.function.attr
            if method == "update" and self._shared.is_read(owner, scope):
                return Report(spell(call.function), "remote", call.span)
            if method in _PUTTING and self._shared.is_taken(owner, scope):
                return Report(spell(call.function), "browser", call.span)
        for callee, is_method in self._callees(call, scope) if depth < _DEEPEST else ():
            if call.span.end in counting.requests:
                # What one item does on its way is no report on all of them, but the state of a task is.
                audience = self._by_itself(callee, _DEEPEST - 1)
            else:
                audience = self._through(call, scope, callee, counting, depth, is_method=is_method) if counted else self._by_itself(callee)
            if audience:
                return Report(spell(call.function), audience, call.span)
        return None

    def _row(self, call: Call, scope: FunctionNode) -> Progress | None:
        rows = (self._catalogue.progress(path) for path in self._resolver.called_paths(call, scope))
        return next((row for row in rows if row is not None and row.style in ("remote", "channel", "store")), None)

    def _says_it(self, row: Progress, call: Call, block: Block, counting: Counting) -> bool:
        """Whether a call reports progress: what does nothing else, what carries a count, what keeps a count that was set."""
        if row.style == "channel":
            message = [argument.value for number, argument in enumerate(call.arguments) if number >= (row.argument or 0)]
            # What goes to a person may hold the answer as well; what is kept with an answer is a record.
            record = row.audience == "remote" and any(map(counting.answers_in, message))
            return any(map(counting.counts, message)) and not record
        return row.style == "remote" or any(_counted_slots(statement, counting) for statement in statements_in(block))

    def _callees(self, call: Call, scope: FunctionNode) -> Iterator[tuple[FunctionNode, bool]]:
        for value in self._resolver.everywhere(self._resolver.callee(call, scope)):
            if isinstance(value, Function | Method):
                yield self._resolver.function(value.id), isinstance(value, Method)

    def _through(self, call: Call, scope: FunctionNode, callee: FunctionNode, counting: Counting, depth: int, *, is_method: bool) -> str:
        """Return the audience of what a helper that is given a count tells it to."""
        body = self._bodies.body(callee)
        if body is None:
            return ""
        inner = counting.into(call, scope, callee, body.statements, is_method=is_method)
        found = self._in_block(body.statements, callee, inner, depth + 1)
        return "" if found is None else found.audience

    def _by_itself(self, callee: FunctionNode, depth: int = 0) -> str:
        """Return the audience of a helper that reports, whatever it is given."""
        row = self._always_in(callee, depth)
        return "" if row is None else row.audience

    def _always_in(self, callee: FunctionNode, depth: int) -> Progress | None:
        key = (callee.id, depth)
        if key not in self._always:
            with circular(self._always, key, None):
                self._always[key] = next(self._always_through(callee, depth), None)
        return self._always[key]

    def _always_through(self, callee: FunctionNode, depth: int) -> Iterator[Progress]:
        for site in callee.outline.calls:
            row = self._row(site.call, callee)
            if row is not None and row.style == "remote":
                yield row
            inner = [self._always_in(each, depth + 1) for each, _ in self._callees(site.call, callee) if depth + 1 < _DEEPEST]
            yield from (found for found in inner if found is not None)

    # What is set.

    def _set(self, statement: Statement, block: Block, scope: FunctionNode, counting: Counting) -> Report | None:
        """Return the report in a slot of a store that a handler reads."""
        for target in _counted_slots(statement, counting):
            if isinstance(statement, Augment) and not self._is_of_a_job(target, block, scope):
                continue
            if self._shared.is_read(target, scope):
                return Report(spell(target), "remote", statement.span)
        return None

    def _is_of_a_job(self, target: Expr, block: Block, scope: FunctionNode) -> bool:
        """Whether a slot that is counted up belongs to one run: picked by its id, or set by the run outside of the loop as well.

        Other counters are those of a service, such as the number of its calls.
        """
        key = key_of(target)
        if key is None or not is_exact(key):
            return key is not None
        return root(key) in _ROOTS.get((block,), lambda: self._set_outside(block, scope))

    def _set_outside(self, block: Block, scope: FunctionNode) -> frozenset[str]:
        """Return the names of what a function sets slots of outside of a block."""
        body = self._bodies.body(scope)
        inside = set(map(id, statements_in(block)))
        around = (each for each in statements_in(body.statements) if id(each) not in inside) if body is not None else ()
        return frozenset(root(other) for each in around for part in _slots(each) for other in target_keys(part))

    # Streams.

    def _streamed(self, block: Block, scope: FunctionNode, counting: Counting) -> Report | None:
        """Return the report that a generator yields to a response."""
        if not scope.outline.is_generator:
            return None
        for statement in statements_in(block):
            for part in (part for _, expr in expressions_of(statement) for part in walk(expr)):
                if isinstance(part, Yield) and part.value is not None and counting.counts(part.value):
                    consumer = self._consumer(scope, 0)
                    return None if consumer is None else Report(consumer, "browser", statement.span)
        return None

    def _consumer(self, generator: FunctionNode, depth: int) -> str | None:
        """Return the response that sends what a generator yields, as the user spells it."""
        for site in self._effects.edges.get(generator.id, ()):
            body = self._bodies.body(site.function)
            if body is None:
                continue
            ends = frozenset({site.call.span.end})
            made = derived(body.statements, set(), ends=ends)
            for call in calls_in(body.statements):
                rows = [self._catalogue.progress(path) for path in self._resolver.called_paths(call, site.function)]
                sent = [argument.value for argument in call.arguments]
                holds = any(isinstance(part, Call) and part.span.end in ends for value in sent for part in walk(value))
                holds = holds or any(any_touch(reads(value), made) is not None for value in sent)
                if holds and any(row is not None and row.style == "stream" for row in rows):
                    return spell(call.function)
            again = depth < _DEEPEST and site.function.outline.is_generator
            found = self._consumer(site.function, depth + 1) if again and _yields(body.statements) else None
            if found is not None:
                return found
        return None


def _handlers(statement: Statement) -> list[Block]:
    return [handler.body for handler in statement.handlers] if isinstance(statement, Try) else []


def _hands_over(call: Call, counting: Counting) -> bool:
    """Whether a call is given a count as it is. What a method of an object says, which holds one, need not be about it."""
    values = [argument.value for argument in call.arguments]
    return any(counting.counts(value) for value in values if not (isinstance(value, Call) and isinstance(value.function, Attribute)))


def _slots(statement: Statement) -> list[Expr]:
    """Return the attributes and items that a statement sets."""
    match statement:
        case Assign(targets=targets):
            return [target for target in targets if is_slot(target)]
        case Augment(target=target) if is_slot(target):
            return [target]
        case _:
            return []


def _counted_slots(statement: Statement, counting: Counting) -> list[Expr]:
    """Return the slots that a statement sets to a count."""
    if isinstance(statement, Augment):
        return [target for target in _slots(statement) if any(map(counting.counters.touched_by, target_keys(target)))]
    return _slots(statement) if isinstance(statement, Assign) and counting.counts(statement.value) else []


def _yields(block: Block) -> bool:
    return any(isinstance(part, Yield) for part in expressions_in(block))
