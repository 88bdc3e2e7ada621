"""How loops end: once the call succeeds, or when its result says so."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from surfacelint.facts.bodies import Assign, Augment, For, If, Leave, Raise, Return, Statement, Try, While, With
from surfacelint.facts.expressions import Call, Choice, Composite, Constant, Expr, Name, Position, dotted, names, walk
from surfacelint.judgement.definitions import filled, leaves
from surfacelint.judgement.frames import Frame
from surfacelint.judgement.keys import any_touch, key_of, reads, target_keys
from surfacelint.judgement.places import Around, Block, blocks_of, expressions_of, statements_in


def ending(frame: Frame, around: Around, end: Position, made: set[str]) -> tuple[str, str] | None:
    """Return the kind of a loop that ends once the call that ends at `end` succeeds, or when its result says so.

    With it comes the name that shows it. `made` are the keys that are made from the result.
    """
    after = list(_after_success(frame, around))
    if any(_always_leaves(block, loops) for block, loops in after):
        return "retry", ""
    if isinstance(frame.node, While):
        if flag := _lowered(frame.node.test, after):
            return "retry", flag
        if _steers(frame.node.test, made, frame, end):
            return "search", spell_test(frame.node.test)
    for block, loops in after:
        for test in _leaving_tests(block, loops):
            if _steers(test, made, frame, end):
                return "search", spell_test(test)
    return None


def spell_test(test: Expr) -> str:
    """Return the names of a test, for an explanation."""
    return ", ".join(sorted(names(test)))


def _after_success(frame: Frame, around: Around) -> list[tuple[Block, int]]:
    """Return the blocks that run in the iteration after the call came back without an error, inner ones first.

    With each comes the number of loops between it and the frame, whose `break` does not leave the frame.
    """
    blocks: list[tuple[Block, int]] = []
    inside = around.places[frame.depth + 1 :]
    entered = accumulate((isinstance(place.statement, For | While) and place.role == "body" for place in inside), initial=0)
    for place, loops in reversed(list(zip(inside, entered, strict=False))):
        own = place.statement
        rest = place.block[place.index + 1 :]
        if isinstance(own, Return):
            rest = (own,)
        elif isinstance(own, Try) and place.role == "body":
            rest = (*own.orelse, *own.final, *rest)
        elif isinstance(own, If) and place.role == "test":
            rest = (own, *rest)
        blocks.append((rest, loops))
    return blocks


def _always_leaves(block: Block, loops: int) -> bool:
    """Whether a block always breaks out of the frame or returns; `loops` counts the loops entered on the way in."""
    for statement in block:
        match statement:
            case Return():
                return True
            case Leave(kind="break"):
                return loops == 0
            case Leave() | Raise():
                return False
            case If(body=body, orelse=orelse):
                if orelse and _always_leaves(body, loops) and _always_leaves(orelse, loops):
                    return True
            case With(body=body) | Try(body=body):
                if _always_leaves(body, loops):
                    return True
            case _:
                pass
    return False


def _lowered(test: Expr, after: list[tuple[Block, int]]) -> str:
    """Return the flag that stops a loop as soon as the call came back: `done` of `while not done`, which is set whatever came back."""
    for block, loops in after:
        for statement in block if loops == 0 else ():
            if isinstance(statement, Assign) and isinstance(statement.value, Constant):
                flag = next((dotted(target) for target in statement.targets if _stops(test, target, statement.value)), None)
                if flag:
                    return flag
            if leaves((statement,)):
                break
    return ""


def _stops(test: Expr, target: Expr, value: Constant) -> bool:
    """Whether a test fails once `target` is `value`."""
    match test:
        case Choice(options=parts, operator="and"):
            return any(_stops(part, target, value) for part in parts)
        case Composite(operator="not", parts=(inner,)):
            return inner == target and bool(value.value)
        case _:
            return test == target and not value.value


def _leaving_tests(block: Block, loops: int) -> list[Expr]:
    """Return the tests that decide whether a block breaks out of the frame or returns."""
    found: list[Expr] = []
    for statement in block:
        if isinstance(statement, If):
            inside = [*statement.body, *statement.orelse]
            if any(_leaves_frame(nested, loops) for nested in inside):
                found.append(statement.test)
        deeper = loops + isinstance(statement, For | While)
        for role, inner in blocks_of(statement):
            if role != "handler":
                found += _leaving_tests(inner, deeper)
    return found


def _leaves_frame(statement: Statement, loops: int) -> bool:
    return isinstance(statement, Return) or (isinstance(statement, Leave) and statement.kind == "break" and loops == 0)


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


def gains_one(key: str, frame: Frame) -> bool:
    """Whether each iteration that comes through adds to what `key` holds, whatever the result is: then its length counts iterations."""
    always = {id(statement) for statement in always_run(frame.block)}
    adding = [statement for statement in statements_in(frame.block) if _adds_to(key, statement)]
    return bool(adding) and all(id(statement) in always for statement in adding)


def always_run(block: Block, after: Position | None = None) -> Iterator[Statement]:
    """Yield the statements of a block that run unless something fails, or ends the loop.

    With `after` it is about rounds that ran the call which ends there: what follows a later `continue` is left out.
    """
    for statement in block:
        yield statement
        inside = statement.body if isinstance(statement, With | Try) else (statement,)
        if isinstance(statement, With | Try):
            yield from always_run(inside, after)
        if after is not None and statement.span.end > after and _skips(inside):
            return


def _skips(block: Block) -> bool:
    """Whether a block may go on with the next round, so that not every round comes to what follows."""
    return any(isinstance(each, Leave) and each.kind == "continue" for each in statements_in(block))


def _adds_to(key: str, statement: Statement) -> bool:
    own = [expr for _, expr in expressions_of(statement)]
    puts = (holder for expr in own for part in walk(expr) if isinstance(part, Call) for holder, _ in filled(part))
    return any(key_of(holder) == key for holder in puts) or (isinstance(statement, Augment) and key in target_keys(statement.target))


def _accumulates(key: str, frame: Frame) -> bool:
    """Whether a key is only ever added to in the frame."""
    added = False
    for statement in statements_in(frame.block):
        if isinstance(statement, Augment) and key in target_keys(statement.target):
            added = True
        elif any(role == "target" and key in target_keys(expr) for role, expr in expressions_of(statement)):
            return False
    return added
