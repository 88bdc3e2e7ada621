"""Loops that are cut short by a number: `if index >= 10: break`, `if done < 20: ask(row)`, `while done < 20`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

from surfacelint.facts.expressions import Call, Choice, Collection, Composite, Constant, Expr, Name, Position
from surfacelint.facts.function_bodies import Augment, If, Leave, Return, Statement, While
from surfacelint.judgement.flow.enclosing_repetitions import Frame
from surfacelint.judgement.flow.enclosing_statements import Around, Block, expressions_in, statements_in
from surfacelint.judgement.flow.identity_memo import ByIdentity
from surfacelint.judgement.repetition.loop_exits import always_run, gains_one, measured, skipping
from surfacelint.system.records import record

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}

_LENGTHS: ByIdentity[list[tuple[Expr, str]]] = ByIdentity()
"""The expressions of a block that are how long something is, each with its key."""


def capped(frame: Frame, around: Around, number: Callable[[Expr], int | None]) -> int | None:
    """Return how often the call that `around` leads to runs at most in a loop, by what counts its rounds; `None` where nothing says so.

    One round more or less does not matter. `number` tells the value of an expression.
    """
    if frame.kind not in ("for", "while"):
        return None
    call = around.expressions[-1]
    assert isinstance(call, Call)
    caps = _caps(frame, call.span.end, number)
    found = [caps.ending, caps.skipping[bisect_left(caps.skips, call.span.start)]]
    for place in around.places[frame.depth + 1 :] if caps.counters else ():
        if isinstance(place.statement, If) and place.role == "body":
            found.append(_limit(place.statement.test, ("<", "<="), caps.counters, number))
    return _least(found)


def _least(limits: Iterable[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


@record(frozen=True, slots=True)
class _Caps:
    """What counts the rounds that came by a call, and how many there are at most.

    `ending` is where the loop ends, `skipping` where rounds go on with the next before the call: one limit for each number of the
    statements, the ends of which are `skips`, that stand before it.
    """

    counters: set[Expr]
    ending: int | None
    skips: list[Position]
    skipping: list[int | None]


_SKIPS: ByIdentity[list[Position]] = ByIdentity()
_CAPS: ByIdentity[dict[int, _Caps]] = ByIdentity()


def _caps(frame: Frame, end: Position, number: Callable[[Expr], int | None]) -> _Caps:
    """Return what caps the rounds that came by the call that ends at `end`: the same for all calls between two that may skip."""
    known = _CAPS.get((frame.node,), dict)
    passed = bisect_right(_SKIPS.get((frame.block,), lambda: _skips(frame.block)), end)
    if passed not in known:
        known[passed] = _capped(frame, list(always_run(frame.block, end)), number)
    return known[passed]


def _capped(frame: Frame, run: list[Statement], number: Callable[[Expr], int | None]) -> _Caps:
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
    return _Caps(counters, _least(ending), skips, skipping)


def _skips(block: Block) -> list[Position]:
    """Return where the statements end that may go on with the next round."""
    skips = skipping(block)
    return sorted(each.span.end for each in statements_in(block) if id(each) in skips)


def _counters(frame: Frame, always: frozenset[int]) -> set[Expr]:
    """Return what is the number of the round: an index, what each round adds a number to, or how long a list is to which it adds."""
    found: set[Expr] = set()
    steps = frame.iterable.function if isinstance(frame.iterable, Call) else None
    if steps == Name("enumerate") and isinstance(frame.target, Collection) and frame.target.items:
        found.add(frame.target.items[0])
    if steps == Name("range") and frame.target is not None:
        found.add(frame.target)
    lengths = _LENGTHS.get(
        (frame.block,), lambda: [(part, key) for part in expressions_in(frame.block) if (key := measured(part)) is not None]
    )
    found |= {part for part, key in lengths if gains_one(key, frame)}
    targets: dict[Expr, bool] = {}
    for statement in _AUGMENTS.get((frame.block,), lambda: [each for each in statements_in(frame.block) if isinstance(each, Augment)]):
        counts = id(statement) in always and isinstance(statement.value, Constant)
        targets[statement.target] = targets.get(statement.target, True) and counts
    return found | {target for target, counts in targets.items() if counts}


_AUGMENTS: ByIdentity[list[Augment]] = ByIdentity()


def _limit(test: Expr, operators: tuple[str, ...], counters: set[Expr], number: Callable[[Expr], int | None]) -> int | None:
    """Return the number that a test compares a counter with by one of `operators`."""
    if isinstance(test, Choice) and test.operator == ("or" if ">" in operators else "and"):
        limits = (_limit(option, operators, counters, number) for option in test.options)
        return min((limit for limit in limits if limit is not None), default=None)
    if not isinstance(test, Composite) or len(test.parts) != 2 or test.operator not in _MIRRORED:
        return None
    one, other = test.parts
    if one in counters and test.operator in operators:
        return _rounds(number(other))
    if other in counters and _MIRRORED[test.operator] in operators:
        return _rounds(number(one))
    return None


def _rounds(number: int | None) -> int | None:
    """Return the rounds that a comparison with `number` lets happen; what is compared with nothing counts down."""
    return None if number is None or number < 1 else number + 1
