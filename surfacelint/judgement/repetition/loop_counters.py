"""Counters of the rounds of a loop: indices, incremented numbers, lengths of growing collections, and values made from these."""

from __future__ import annotations

from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Collection,
    Composite,
    Constant,
    Expr,
    Lambda,
    Name,
    Position,
    Subscript,
    children,
    walk,
)
from surfacelint.facts.function_bodies import Assign, Augment, For, While
from surfacelint.judgement.flow.access_paths import NO_PATHS, AccessPaths, access_path, assigned_paths, reads, root
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Block, expressions_in, statements_in
from surfacelint.judgement.flow.iteration_dataflow import derived
from surfacelint.judgement.flow.statement_definitions import assignments, container_writes
from surfacelint.linking.evaluation.call_arguments import argument_for, passed
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_NUMBERING = frozenset({"enumerate", "range"})
"""Python's functions that number the rounds of a loop."""


@record(frozen=True, slots=True)
class RoundCounters:
    """The counters of a loop. `counters` hold the number of the round or a value made from it; `growing` gain items in the rounds.

    The calls that end at `requests` ask a model. Their results are answers, not counts, even if a counter goes in. `answers` are the
    access paths that hold them.
    """

    counters: AccessPaths
    growing: frozenset[str]
    requests: frozenset[Position] = frozenset()
    answers: AccessPaths = NO_PATHS

    def counts(self, expr: Expr) -> bool:
        """Whether the value of `expr` tells the number of the round. Indexing with a counter picks an item and does not tell it."""
        stack = [expr]
        while stack:
            here = stack.pop()
            if isinstance(here, Lambda) or (isinstance(here, Call) and here.span.end in self.requests):
                continue
            path = access_path(here)
            if path is not None and self.counters.overlaps_any(path):
                return True
            if _is_length(here) and isinstance(here, Call):
                if access_path(here.arguments[0].value) in self.growing:
                    return True
                continue
            stack += [here.value] if isinstance(here, Subscript) else children(here)
        return False

    def answers_in(self, expr: Expr) -> bool:
        """Whether the value of `expr` contains an answer of a model."""
        given = any(isinstance(part, Call) and part.span.end in self.requests for part in walk(expr))
        return given or any(map(self.answers.overlaps_any, reads(expr)))

    def into(self, call: Call, scope: FunctionNode, callee: FunctionNode, block: Block, *, is_method: bool) -> RoundCounters:
        """Return the counters in the body `block` of `callee`, which `call` in `scope` runs."""
        given = passed(call, scope.id, skip=int(is_method))
        counted = [
            parameter.name
            for parameter in callee.outline.parameters
            if any(self.counts(expr) for _, expr in argument_for(callee.outline, given, parameter.name))
        ]
        return _spread(RoundCounters(AccessPaths(counted), frozenset()), block)


def round_counters(frame: EnclosingRepetition, requests: frozenset[Position]) -> RoundCounters:
    """Return the counters of a loop. The calls in it that end at `requests` ask a model."""
    start = _numbers(frame)
    growing: set[str] = set()
    anew = {path for each in frame.block if isinstance(each, Assign) for target in each.targets for path in assigned_paths(target)}
    for statement in statements_in(frame.block):
        match statement:
            case Augment(target=target, value=value) if isinstance(value, Constant) or _is_length(value):
                start |= assigned_paths(target)
            case Assign(targets=(target,), value=Composite(operator="+", parts=parts)) if target in parts and _has_number(parts):
                start |= assigned_paths(target)
            case _:
                pass
    start -= anew  # a counter that each round resets counts something inside the round
    for part in expressions_in(frame.block):
        for holder, _ in container_writes(part) if isinstance(part, Call) else ():
            growing |= {path for path in [access_path(holder)] if path is not None}
    for statement in statements_in(frame.block):
        for target in statement.targets if isinstance(statement, Assign) else ():
            growing |= {path for path in [access_path(target.value)] if path is not None} if isinstance(target, Subscript) else set()
    answers = derived(frame.block, set(), ends=requests)
    return _spread(RoundCounters(AccessPaths(start), frozenset(growing), requests, AccessPaths(answers)), frame.block)


def _spread(counting: RoundCounters, block: Block) -> RoundCounters:
    """Add to the counters the access paths that a block makes from them."""
    rows = [(assigned_paths(target), value) for target, value in assignments(block)]
    users: dict[str, list[tuple[set[str], Expr]]] = {}
    for row in rows:
        for name in {part.id for part in walk(row[1]) if isinstance(part, Name)}:
            users.setdefault(name, []).append(row)
    while rows:
        fresh = {root(path) for paths, value in rows if counting.counts(value) for path in counting.counters.update(paths)}
        rows = [row for name in sorted(fresh) for row in users.get(name, ())]
    return counting


def _numbers(frame: EnclosingRepetition) -> set[str]:
    """Return the loop variables that hold the number of the round."""
    if frame.iterable is None or frame.target is None or isinstance(frame.node, While):
        return set()
    called = {part.function.id for part in walk(frame.iterable) if isinstance(part, Call) and isinstance(part.function, Name)}
    if "enumerate" in called and isinstance(frame.target, Collection) and isinstance(frame.node, For):
        return assigned_paths(frame.target.items[0])
    return assigned_paths(frame.target) if "range" in called and isinstance(frame.target, Name) else set()


def _is_length(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.function == Name("len") and len(expr.arguments) == 1


def _has_number(parts: tuple[Expr, ...]) -> bool:
    return any(isinstance(part, Constant) or _is_length(part) for part in parts)


def is_attribute_or_item(target: Expr) -> bool:
    """Whether an assignment target is an attribute or an item of another object."""
    return isinstance(target, Attribute | Subscript)
