"""Finds requests that a handler waits for although its response does not use their results."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Attribute, Await, Call, Choice, Expr, Position, walk
from surfacelint.facts.function_bodies import Evaluate, For, If, Raise, Return, Statement, While
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.access_paths import AccessPaths, argument_reads, first_overlap, reads, root
from surfacelint.judgement.flow.enclosing_statements import Block, expressions_of, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.flow.iteration_dataflow import derived
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.findings import TraceStep
from surfacelint.model.workloads import Workload

_RETURNING_MEDIA = frozenset({"http", "rpc", "tool"})
"""Media whose handlers return their response. Bots and pages send it through calls, which are not analysed."""


def follow_up_requests(evidence: Evidence) -> Iterator[Workload]:
    """Return the requests that a handler waits for although its response is made from the results of other requests."""
    for id_ in evidence.effects.sites:
        function = evidence.resolver.function(id_)
        with evidence.guard.judging(function):
            point = evidence.entries.point(function)
            if point is None or point.waits != "yes" or point.medium not in _RETURNING_MEDIA:
                continue
            body = evidence.sites.bodies.body(function)
            if body is None:
                continue
            waited = list(_awaited_requests(evidence, function))
            unused = [effect for effect in waited if not response_uses(evidence, effect, body.statements)]
            # Where the response is made from no request, storing their results is what the handler is for.
            if not unused or not any(response_needs(evidence, effect, body.statements) for effect in waited if effect not in unused):
                continue
            for effect in unused:
                waiting = evidence.waits.waiting(function)
                entry = TraceStep(evidence.locate(function, effect.hop.site.call.span), f"{waiting.entry} waits for the request")
                silence = evidence.out_of_scope_reason(effect)
                yield evidence.workload("follow-up", effect, (entry,), about=waiting.entry, silence=silence)


def _awaited_requests(evidence: Evidence, function: FunctionNode) -> Iterator[Effect]:
    """Return one effect for each call site of a handler that makes a realtime request once and waits for it."""
    for site, ways in evidence.effects.sites[function.id]:
        for way in () if site.outline.repeated else ways:
            started = any(isinstance(hop.row, Repetition) and hop.row.starts for hop in way.hops())
            if way.is_realtime and not started and evidence.unawaited_start(way) is None:
                yield way
                break


def response_uses(evidence: Evidence, effect: Effect, block: Block) -> bool:
    """Whether the response may depend on the result of a call site: on its value, a condition on it, or an error that it raises."""
    if response_needs(evidence, effect, block):
        return True
    end = effect.hop.site.call.span.end
    uses = _USES.get((block,), lambda: _Uses(block))
    statement, expr = uses.holders.get(end, (None, None))
    # The result is unused only if its statement drops it or just assigns it to a name.
    is_named = expr is not None and _is_call(expr, end) and bool(uses.made_from(end))
    return not is_named and not isinstance(statement, Evaluate)


def response_needs(evidence: Evidence, effect: Effect, block: Block) -> bool:
    """Whether the response depends on the result of a call site, as far as the data flow shows."""
    end = effect.hop.site.call.span.end
    uses = _USES.get((block,), lambda: _Uses(block))
    if end in uses.deciding_calls or uses.decides(uses.made_from(end)):
        return True
    return any(_raises(evidence, tail) for tail in effect.tails() if tail is not effect)


class _Uses:
    """What the statements of a body use, indexed by name and by end of call.

    `holders` are the statement and its expression that hold each call, `deciding_calls` the calls that decide the response.
    """

    def __init__(self, block: Block) -> None:
        self._block = block
        self._made: dict[Position, AccessPaths] = {}
        self.holders: dict[Position, tuple[Statement, Expr]] = {}
        self.deciding_calls: set[Position] = set()
        self._deciding: dict[str, list[set[str]]] = {}
        self._given: dict[str, list[tuple[set[str], set[str]]]] = {}
        for statement in statements_in(block):
            for _, expr in expressions_of(statement):
                for call in (part for part in walk(expr) if isinstance(part, Call)):
                    self.holders.setdefault(call.span.end, (statement, expr))
                    self._add_call(call)
            for expr in _deciding_expressions(statement):
                self.deciding_calls.update(part.span.end for part in walk(expr) if isinstance(part, Call))
                read = reads(expr)
                for name in {root(key) for key in read}:
                    self._deciding.setdefault(name, []).append(read)

    def _add_call(self, call: Call) -> None:
        read, receiver = argument_reads(call), _receiver(call)
        for name in {root(key) for key in read} if receiver else ():
            self._given.setdefault(name, []).append((read, receiver))

    def made_from(self, end: Position) -> AccessPaths:
        """Return the access paths that hold the result of the call that ends at `end`, or something made from it."""
        if end not in self._made:
            made = AccessPaths(derived(self._block, set(), ends=frozenset({end})))
            # An object whose method receives the result may keep it.
            kept = self.receivers(made)
            made.update(derived(self._block, {*made, *kept}, ends=frozenset({end})) | kept)
            self._made[end] = made
        return self._made[end]

    def receivers(self, made: AccessPaths) -> set[str]:
        """Return the access paths whose methods receive something of `made`."""
        given = [each for name in made.roots() for each in self._given.get(name, ())]
        return {key for read, receiver in given if first_overlap(read, made) is not None for key in receiver}

    def decides(self, made: AccessPaths) -> bool:
        """Whether something of `made` is part of the response or decides which response is sent."""
        return any(first_overlap(read, made) is not None for name in made.roots() for read in self._deciding.get(name, ()))


_USES: IdentityMemo[_Uses] = IdentityMemo()


def _receiver(call: Call) -> set[str]:
    return reads(call.function.value) if isinstance(call.function, Attribute) else set()


def _deciding_expressions(statement: Statement) -> list[Expr]:
    """Return the expressions of a statement that form the response or decide which response is sent."""
    if isinstance(statement, Return | Raise | If | While | For):
        return [expr for role, expr in expressions_of(statement) if role != "target"]
    return []


def _is_call(expr: Expr, end: Position) -> bool:
    """Whether an expression is only the call that ends at `end`, possibly awaited or conditional."""
    match expr:
        case Await(value=value):
            return _is_call(value, end)
        case Choice(options=options, tests=tests) if tests:
            return any(_is_call(option, end) for option in options)
        case _:
            return isinstance(expr, Call) and expr.span.end == end


def _raises(evidence: Evidence, effect: Effect) -> bool:
    """Whether the function in which `effect` begins may raise, as a moderation check does, and so end the handler."""
    body = evidence.sites.bodies.body(effect.hop.site.function)
    return body is None or any(isinstance(statement, Raise) for statement in statements_in(body.statements))
