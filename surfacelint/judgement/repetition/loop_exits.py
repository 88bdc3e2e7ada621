"""How loops end: once the call succeeds, or when its result says so."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from surfacelint.facts.expressions import Call, Expr, Name, Position, names, walk
from surfacelint.facts.function_bodies import Augment, For, If, Leave, Return, Statement, Try, While, With
from surfacelint.judgement.flow.access_paths import any_touch, key_of, reads, target_keys
from surfacelint.judgement.flow.block_exits import Rest, always_leaves, exit_tests, stop_flag
from surfacelint.judgement.flow.enclosing_repetitions import Frame
from surfacelint.judgement.flow.enclosing_statements import Around, Block, blocks_of, expressions_of, statements_in
from surfacelint.judgement.flow.identity_memo import ByIdentity
from surfacelint.judgement.flow.statement_definitions import filled


def ending(frame: Frame, around: Around, end: Position, made: set[str]) -> tuple[str, str] | None:
    """Return the kind of a loop that ends once the call that ends at `end` succeeds, or when its result says so.

    With it comes the name that shows it. `made` are the keys that are made from the result.
    """
    after = _after_success(frame, around)
    if any(map(always_leaves, after)):
        return "retry", ""
    if isinstance(frame.node, While):
        if flag := _stop_flag(frame.node.test, after):
            return "retry", flag
        if _steers(frame.node.test, made, frame, end):
            return "search", spell_test(frame.node.test)
    for rests in after:
        for test in exit_tests(rests, made, end):
            if _steers(test, made, frame, end):
                return "search", spell_test(test)
    return None


def spell_test(test: Expr) -> str:
    """Return the names of a test, for an explanation."""
    return ", ".join(sorted(names(test)))


def _after_success(frame: Frame, around: Around) -> list[tuple[Rest, ...]]:
    """Return what runs in the iteration after the call came back without an error, inner blocks first."""
    found: list[tuple[Rest, ...]] = []
    inside = around.places[frame.depth + 1 :]
    entered = accumulate((isinstance(place.statement, For | While) and place.role == "body" for place in inside), initial=0)
    for place, loops in reversed(list(zip(inside, entered, strict=False))):
        own, direct = place.statement, loops == 0
        rest = Rest(place.block, place.index + 1, direct)
        if isinstance(own, Return):
            rests: tuple[Rest, ...] = (Rest((own,), 0, direct),)
        elif isinstance(own, Try) and place.role == "body":
            rests = (Rest(own.orelse, 0, direct), Rest(own.final, 0, direct), rest)
        elif isinstance(own, If) and place.role == "test":
            rests = (Rest(place.block, place.index, direct),)
        else:
            rests = (rest,)
        found.append(tuple([each for each in rests if each.first < len(each.block)]))
    return found


def _stop_flag(test: Expr, after: list[tuple[Rest, ...]]) -> str:
    """Return the flag that stops a loop as soon as the call came back: `done` of `while not done`, which is set whatever came back."""
    direct = (rests for rests in after if rests and rests[0].direct)
    return next((flag for rests in direct if (flag := stop_flag(rests, test))), "")


def _steers(test: Expr, made: set[str], frame: Frame, end: Position) -> bool:
    """Whether a test looks at the result of the call that ends at `end`.

    A budget that results add up to is not the result, and neither is their number.
    """
    if any(isinstance(part, Call) and part.span.end == end for part in walk(test)):
        return True
    counted = {key for part in walk(test) if (key := measured(part)) is not None and gains_one(key, frame)}
    looked = {key for key in reads(test) - counted if any_touch({key}, made) is not None}
    return bool(looked) and not all(_accumulates(key, frame) for key in looked)


def measured(expr: Expr) -> str | None:
    """Return the key of what `len` is asked for."""
    if isinstance(expr, Call) and isinstance(expr.function, Name) and expr.function.id == "len" and len(expr.arguments) == 1:
        return key_of(expr.arguments[0].value)
    return None


_GAINING: ByIdentity[dict[str, bool]] = ByIdentity()
_ADDING: ByIdentity[dict[str, bool]] = ByIdentity()


def gains_one(key: str, frame: Frame) -> bool:
    """Whether each iteration that comes through adds to what `key` holds, whatever the result is: then its length counts iterations."""
    known = _GAINING.get((frame.block,), dict)
    if key not in known:
        known[key] = _gains_one(key, frame)
    return known[key]


def _gains_one(key: str, frame: Frame) -> bool:
    always = {id(statement) for statement in always_run(frame.block)}
    adding = [statement for statement in statements_in(frame.block) if _adds_to(key, statement)]
    return bool(adding) and all(id(statement) in always for statement in adding)


def always_run(block: Block, after: Position | None = None) -> Iterator[Statement]:
    """Yield the statements of a block that run unless something fails, or ends the loop.

    With `after` it is about rounds that ran the call which ends there: what follows a later `continue` is left out.
    """
    yield from _always_run(block, after, frozenset() if after is None else skipping(block))


def _always_run(block: Block, after: Position | None, skips: frozenset[int]) -> Iterator[Statement]:
    for statement in block:
        yield statement
        if isinstance(statement, With | Try):
            yield from _always_run(statement.body, after, skips)
        if after is not None and statement.span.end > after and id(statement) in skips:
            return


_SKIPPING: ByIdentity[frozenset[int]] = ByIdentity()


def skipping(block: Block) -> frozenset[int]:
    """Return the statements in a block, by identity, that may go on with the next round, so that not every round comes to what follows."""
    return _SKIPPING.get((block,), lambda: frozenset(_skipping(block)))


def _skipping(block: Block) -> Iterator[int]:
    holding: set[int] = set()
    for statement in reversed(statements_in(block)):
        inside = [each for _, inner in blocks_of(statement) for each in inner]
        if (isinstance(statement, Leave) and statement.kind == "continue") or not holding.isdisjoint(map(id, inside)):
            holding.add(id(statement))
        skips = statement.body if isinstance(statement, With | Try) else (statement,)
        if not holding.isdisjoint(map(id, skips)):
            yield id(statement)


def _adds_to(key: str, statement: Statement) -> bool:
    own = [expr for _, expr in expressions_of(statement)]
    puts = (holder for expr in own for part in walk(expr) if isinstance(part, Call) for holder, _ in filled(part))
    return any(key_of(holder) == key for holder in puts) or (isinstance(statement, Augment) and key in target_keys(statement.target))


def _accumulates(key: str, frame: Frame) -> bool:
    """Whether a key is only ever added to in the frame."""
    known = _ADDING.get((frame.block,), dict)
    if key not in known:
        known[key] = _only_adds(key, frame)
    return known[key]


def _only_adds(key: str, frame: Frame) -> bool:
    added = False
    for statement in statements_in(frame.block):
        if isinstance(statement, Augment) and key in target_keys(statement.target):
            added = True
        elif any(role == "target" and key in target_keys(expr) for role, expr in expressions_of(statement)):
            return False
    return added
