"""Loop limits: numbers that cut a loop short, as in `if index >= 10: break`, `if done < 20: ask(row)`, `while done < 20`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

from surfacelint.facts.expressions import MIRRORED, Call, Choice, Collection, Composite, Constant, Expr, Name, Position
from surfacelint.facts.function_bodies import Augment, If, Leave, Return, Statement, While
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Block, Surroundings, expressions_in, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.repetition.loop_exits import always_run, grows_every_round, length_operand, skipping
from surfacelint.system.records import record

_LENGTHS: IdentityMemo[list[tuple[Expr, str]]] = IdentityMemo()
"""The `len(…)` expressions of a block, each with the access path that it measures."""


def most_runs(frame: EnclosingRepetition, around: Surroundings, number: Callable[[Expr], int | None]) -> int | None:
    """Return the largest number of times that a loop runs the call in it, by the limits on its counters; `None` without a limit.

    The result may be one too high. `number` returns the value of an expression, if known.
    """
    if frame.kind not in ("for", "while"):
        return None
    call = around.expressions[-1]
    assert isinstance(call, Call)
    limits = _limits(frame, call.span.end, number)
    found = [limits.ending, limits.skipping[bisect_left(limits.skips, call.span.start)]]
    for place in around.places[frame.depth + 1 :] if limits.counters else ():
        if isinstance(place.statement, If) and place.role == "body":
            found.append(_limit(place.statement.test, ("<", "<="), limits.counters, number))
    return _least(found)


def _least(limits: Iterable[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


@record(frozen=True, slots=True)
class _Limits:
    """The counters of the rounds that reach a call, and the limits on them.

    `ending` is the limit at which the loop ends. `skips` are the ends of statements that may skip the rest of a round;
    `skipping[n]` is the limit from the first `n` of them.
    """

    counters: set[Expr]
    ending: int | None
    skips: list[Position]
    skipping: list[int | None]


_SKIPS: IdentityMemo[list[Position]] = IdentityMemo()
_LIMITS: IdentityMemo[dict[int, _Limits]] = IdentityMemo()


def _limits(frame: EnclosingRepetition, end: Position, number: Callable[[Expr], int | None]) -> _Limits:
    """Return the limits on the rounds that reach the call which ends at `end`, computed once between two skipping statements."""
    known = _LIMITS.get((frame.node,), dict)
    passed = bisect_right(_SKIPS.get((frame.block,), lambda: _skips(frame.block)), end)
    if passed not in known:
        known[passed] = _find_limits(frame, list(always_run(frame.block, end)), number)
    return known[passed]


def _find_limits(frame: EnclosingRepetition, run: list[Statement], number: Callable[[Expr], int | None]) -> _Limits:
    """Find the counters of a loop and the limits on them, in its test and in the statements `run` of every round."""
    counters = _counters(frame, frozenset(map(id, run)))
    ending: list[int | None] = []
    skips: list[Position] = []
    skipping: list[int | None] = [None]
    if isinstance(frame.node, While):
        ending.append(_limit(frame.node.test, ("<", "<="), counters, number))
    for statement in run if counters else ():
        if not isinstance(statement, If):
            continue
        if any(isinstance(each, Return) or (isinstance(each, Leave) and each.kind == "break") for each in statement.body):
            ending.append(_limit(statement.test, (">", ">=", "=="), counters, number))
        elif any(isinstance(each, Leave) for each in statement.body):
            skips.append(statement.span.end)
            skipping.append(_least((skipping[-1], _limit(statement.test, (">", ">="), counters, number))))
    return _Limits(counters, _least(ending), skips, skipping)


def _skips(block: Block) -> list[Position]:
    """Return the ends of the statements that may continue with the next round."""
    skips = skipping(block)
    return sorted(each.span.end for each in statements_in(block) if id(each) in skips)


def _counters(frame: EnclosingRepetition, always: frozenset[int]) -> set[Expr]:
    """Return the expressions that count rounds: an index, a number that each round increments, the length of a growing list."""
    found: set[Expr] = set()
    called = frame.iterable.function if isinstance(frame.iterable, Call) else None
    if called == Name("enumerate") and isinstance(frame.target, Collection) and frame.target.items:
        found.add(frame.target.items[0])
    if called == Name("range") and frame.target is not None:
        found.add(frame.target)
    lengths = _LENGTHS.get(
        (frame.block,), lambda: [(part, path) for part in expressions_in(frame.block) if (path := length_operand(part)) is not None]
    )
    found |= {part for part, path in lengths if grows_every_round(path, frame)}
    targets: dict[Expr, bool] = {}
    for statement in _AUGMENTS.get((frame.block,), lambda: [each for each in statements_in(frame.block) if isinstance(each, Augment)]):
        counts = id(statement) in always and isinstance(statement.value, Constant)
        targets[statement.target] = targets.get(statement.target, True) and counts
    return found | {target for target, counts in targets.items() if counts}


_AUGMENTS: IdentityMemo[list[Augment]] = IdentityMemo()


def _limit(test: Expr, operators: tuple[str, ...], counters: set[Expr], number: Callable[[Expr], int | None]) -> int | None:
    """Return the limit in a test that compares a counter with a number by one of `operators`; `None` without one."""
    if isinstance(test, Choice) and test.operator == ("or" if ">" in operators else "and"):
        limits = (_limit(option, operators, counters, number) for option in test.options)
        return min((limit for limit in limits if limit is not None), default=None)
    if not isinstance(test, Composite) or len(test.parts) != 2 or test.operator not in MIRRORED:
        return None
    one, other = test.parts
    if one in counters and test.operator in operators:
        return _rounds(number(other))
    if other in counters and MIRRORED[test.operator] in operators:
        return _rounds(number(one))
    return None


def _rounds(number: int | None) -> int | None:
    """Return the number of rounds that a comparison with `number` allows; `None` for 0 and below, where the counter counts down."""
    return None if number is None or number < 1 else number + 1
