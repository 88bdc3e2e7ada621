"""What counts the rounds of a loop: indices, counters, the length of what the rounds fill, and what is made of these."""

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
from surfacelint.judgement.flow.access_paths import NO_KEYS, KeySet, key_of, reads, root, target_keys
from surfacelint.judgement.flow.enclosing_repetitions import Frame
from surfacelint.judgement.flow.enclosing_statements import Block, expressions_in, statements_in
from surfacelint.judgement.flow.iteration_dataflow import derived
from surfacelint.judgement.flow.statement_definitions import filled, sets
from surfacelint.linking.evaluation.call_arguments import argument_for, passed
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_STEPS = frozenset({"enumerate", "range"})
"""Python's functions that give a loop its number of the round."""


@record(frozen=True, slots=True)
class Counting:
    """What counts in a block: `counters` hold a number of rounds, or something made of it; `growing` are filled as the rounds go on.

    The calls that end at `requests` ask a model: what they make of a number is an answer, and counts nothing; `answers` hold what they
    gave.
    """

    counters: KeySet
    growing: frozenset[str]
    requests: frozenset[Position] = frozenset()
    answers: KeySet = NO_KEYS

    def counts(self, expr: Expr) -> bool:
        """Whether `expr` says which round it is. An index into something picks an item and says nothing."""
        stack = [expr]
        while stack:
            here = stack.pop()
            if isinstance(here, Lambda) or (isinstance(here, Call) and here.span.end in self.requests):
                continue
            key = key_of(here)
            if key is not None and self.counters.touched_by(key):
                return True
            if _is_length(here) and isinstance(here, Call):
                if key_of(here.arguments[0].value) in self.growing:
                    return True
                continue
            stack += [here.value] if isinstance(here, Subscript) else children(here)
        return False

    def answers_in(self, expr: Expr) -> bool:
        """Whether `expr` holds an answer."""
        given = any(isinstance(part, Call) and part.span.end in self.requests for part in walk(expr))
        return given or any(map(self.answers.touched_by, reads(expr)))

    def into(self, call: Call, scope: FunctionNode, callee: FunctionNode, block: Block, *, is_method: bool) -> Counting:
        """Return what counts in the body of `callee`, which `call` in `scope` runs."""
        given = passed(call, scope.id, skip=int(is_method))
        counted = [
            parameter.name
            for parameter in callee.outline.parameters
            if any(self.counts(expr) for _, expr in argument_for(callee.outline, given, parameter.name))
        ]
        return _spread(Counting(KeySet(counted), frozenset()), block)


def counting_in(frame: Frame, requests: frozenset[Position]) -> Counting:
    """Return what counts the rounds of a loop in which the calls that end at `requests` ask a model."""
    start = _numbers(frame)
    growing: set[str] = set()
    anew = {key for each in frame.block if isinstance(each, Assign) for target in each.targets for key in target_keys(target)}
    for statement in statements_in(frame.block):
        match statement:
            case Augment(target=target, value=value) if isinstance(value, Constant) or _is_length(value):
                start |= target_keys(target)
            case Assign(targets=(target,), value=Composite(operator="+", parts=parts)) if target in parts and _has_number(parts):
                start |= target_keys(target)
            case _:
                pass
    start -= anew  # what each round sets anew counts something within it
    for part in expressions_in(frame.block):
        for holder, _ in filled(part) if isinstance(part, Call) else ():
            growing |= {key for key in [key_of(holder)] if key is not None}
    for statement in statements_in(frame.block):
        for target in statement.targets if isinstance(statement, Assign) else ():
            growing |= {key for key in [key_of(target.value)] if key is not None} if isinstance(target, Subscript) else set()
    answers = derived(frame.block, set(), ends=requests)
    return _spread(Counting(KeySet(start), frozenset(growing), requests, KeySet(answers)), frame.block)


def _spread(counting: Counting, block: Block) -> Counting:
    """Add to the counters what is made of them in a block."""
    rows = [(target_keys(target), value) for target, value in sets(block)]
    users: dict[str, list[tuple[set[str], Expr]]] = {}
    for row in rows:
        for name in {part.id for part in walk(row[1]) if isinstance(part, Name)}:
            users.setdefault(name, []).append(row)
    while rows:
        fresh = {root(key) for keys, value in rows if counting.counts(value) for key in counting.counters.update(keys)}
        rows = [row for name in sorted(fresh) for row in users.get(name, ())]
    return counting


def _numbers(frame: Frame) -> set[str]:
    """Return what holds the number of the round in the header of a loop."""
    if frame.iterable is None or frame.target is None or isinstance(frame.node, While):
        return set()
    steps = {part.function.id for part in walk(frame.iterable) if isinstance(part, Call) and isinstance(part.function, Name)} & _STEPS
    if "enumerate" in steps and isinstance(frame.target, Collection) and isinstance(frame.node, For):
        return target_keys(frame.target.items[0])
    return target_keys(frame.target) if "range" in steps and isinstance(frame.target, Name) else set()


def _is_length(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.function == Name("len") and len(expr.arguments) == 1


def _has_number(parts: tuple[Expr, ...]) -> bool:
    return any(isinstance(part, Constant) or _is_length(part) for part in parts)


def is_slot(target: Expr) -> bool:
    """Whether a target is a part of something: an attribute or an item."""
    return isinstance(target, Attribute | Subscript)
