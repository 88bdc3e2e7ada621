"""What a handler's response is made of, and the requests that it waits for without using their results."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Attribute, Await, Call, Choice, Expr, Position, walk
from surfacelint.facts.function_bodies import Evaluate, For, If, Raise, Return, Statement, While
from surfacelint.judgement.evidence import Evidence, requested
from surfacelint.judgement.flow.access_paths import KeySet, any_touch, argument_reads, reads, root
from surfacelint.judgement.flow.enclosing_statements import Block, expressions_of, statements_in
from surfacelint.judgement.flow.identity_memo import ByIdentity
from surfacelint.judgement.flow.iteration_dataflow import derived
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.findings import TraceStep
from surfacelint.model.workloads import Workload

_ANSWERS = frozenset({"http", "rpc", "tool"})
"""Who gets what the handler returns. A bot or a page sends its answer by other calls, of which nothing is said here."""


def follow_ups(evidence: Evidence) -> Iterator[Workload]:
    """Return the requests that a handler waits for although its response is made of another request's result, and not of theirs."""
    for id_ in evidence.effects.sites:
        function = evidence.resolver.function(id_)
        with evidence.guard.judging(function):
            point = evidence.entries.point(function)
            if point is None or point.waits != "yes" or point.medium not in _ANSWERS:
                continue
            body = evidence.sites.bodies.body(function)
            if body is None:
                continue
            waited = list(_waited(evidence, function))
            unused = [effect for effect in waited if not is_used(evidence, effect, body.statements)]
            if len(unused) == len(waited):
                continue
            for effect in unused:
                waiting = evidence.waits.waiting(function)
                entry = TraceStep(evidence.locate(function, effect.hop.site.call.span), f"{waiting.entry} waits for it")
                silence = evidence.out_of_scope(requested(effect))
                yield evidence.workload("follow-up", effect, (entry,), about=waiting.entry, silence=silence)


def _waited(evidence: Evidence, function: FunctionNode) -> Iterator[Effect]:
    """Return one effect for each site of a handler that makes a realtime request once and waits for it."""
    for site, ways in evidence.effects.sites[function.id]:
        for way in () if site.outline.repeated else ways:
            started = any(isinstance(hop.row, Repetition) and hop.row.starts for hop in way.hops())
            if way.is_realtime and not started:
                yield way
                break


def is_used(evidence: Evidence, effect: Effect, block: Block) -> bool:
    """Whether the response may depend on the result of a site: on its value, on a branch, or on an error that it raises."""
    end = effect.hop.site.call.span.end
    uses = _USES.get((block,), lambda: _Uses(block))
    made = KeySet(derived(block, set(), ends=frozenset({end})))
    # What is given the result may keep it.
    kept = uses.kept(made)
    made.update(derived(block, {*made, *kept}, ends=frozenset({end})) | kept)
    if end in uses.deciding_calls or uses.decides(made):
        return True
    statement, expr = uses.holders.get(end, (None, None))
    # Anywhere else than dropped by its statement, or kept under a name, a result may become anything.
    is_set_aside = (bool(made) and expr is not None and _is_call(expr, end)) or isinstance(statement, Evaluate)
    return not is_set_aside or any(_raises(evidence, tail) for tail in effect.tails() if tail is not effect)


class _Uses:
    """What a body uses, found by the names of what is used and by the ends of calls."""

    def __init__(self, block: Block) -> None:
        self.holders: dict[Position, tuple[Statement, Expr]] = {}
        self.deciding_calls: set[Position] = set()
        self._deciding: dict[str, list[set[str]]] = {}
        self._given: dict[str, list[tuple[set[str], set[str]]]] = {}
        for statement in statements_in(block):
            for _, expr in expressions_of(statement):
                for call in (part for part in walk(expr) if isinstance(part, Call)):
                    self.holders.setdefault(call.span.end, (statement, expr))
                    self._note(call)
            for expr in _deciding(statement):
                self.deciding_calls.update(part.span.end for part in walk(expr) if isinstance(part, Call))
                read = reads(expr)
                for name in {root(key) for key in read}:
                    self._deciding.setdefault(name, []).append(read)

    def _note(self, call: Call) -> None:
        read, receiver = argument_reads(call), _receiver(call)
        for name in {root(key) for key in read} if receiver else ():
            self._given.setdefault(name, []).append((read, receiver))

    def kept(self, made: KeySet) -> set[str]:
        """Return what has methods that are given something of `made`."""
        given = [each for name in made.roots() for each in self._given.get(name, ())]
        return {key for read, receiver in given if any_touch(read, made) is not None for key in receiver}

    def decides(self, made: KeySet) -> bool:
        """Whether something of `made` makes the response, or decides which it is."""
        return any(any_touch(read, made) is not None for name in made.roots() for read in self._deciding.get(name, ()))


_USES: ByIdentity[_Uses] = ByIdentity()


def _receiver(call: Call) -> set[str]:
    return reads(call.function.value) if isinstance(call.function, Attribute) else set()


def _deciding(statement: Statement) -> list[Expr]:
    """Return the expressions of a statement that make the response, or decide which it is."""
    if isinstance(statement, Return | Raise | If | While | For):
        return [expr for role, expr in expressions_of(statement) if role != "target"]
    return []


def _is_call(expr: Expr, end: Position) -> bool:
    """Whether an expression is nothing but the call that ends at `end`, perhaps under a condition."""
    match expr:
        case Await(value=value):
            return _is_call(value, end)
        case Choice(options=options, tests=tests) if tests:
            return any(_is_call(option, end) for option in options)
        case _:
            return isinstance(expr, Call) and expr.span.end == end


def _raises(evidence: Evidence, effect: Effect) -> bool:
    """Whether a function on the way to the request may end the handler with an error of its own, as a moderation does."""
    body = evidence.sites.bodies.body(effect.hop.site.function)
    return body is None or any(isinstance(statement, Raise) for statement in statements_in(body.statements))
