"""Loop exits: loops that end once the call succeeds (retries) or when its result decides (searches)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import TypeAlias

from surfacelint.facts.expressions import Call, Composite, Comprehension, Constant, Expr, Name, Position, names, walk
from surfacelint.facts.function_bodies import Assign, Augment, For, If, Leave, Return, Statement, Try, While, With
from surfacelint.judgement.flow.access_paths import NO_PATHS, access_path, assigned_paths, first_overlap, reads, root
from surfacelint.judgement.flow.block_exits import Guard, RemainingStatements, always_leaves, exit_guards, guards_of_exits, stop_flag
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Block, Surroundings, blocks_of, expressions_of, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.flow.iteration_dataflow import upward_exposed
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.flow.statement_definitions import container_writes

_UNTIL_FOUND = frozenset({"any", "all", "next"})
"""Functions that take items of a lazy iterable until one of them decides."""


def exit_kind(
    frame: EnclosingRepetition, around: Surroundings, end: Position, made: set[str], failure_words: frozenset[str]
) -> tuple[str, str] | None:
    """Return `retry` or `search` for a loop that ends once the call succeeds or when its result decides; `None` for others.

    With the kind comes the name that shows it. `end` is where the call ends; `made` are the access paths made from its result.
    """
    after = _after_success(frame, around)
    made = made | _set_on_result(frame, made, end)
    if any(map(always_leaves, after)):
        return "retry", ""
    if isinstance(frame.node, While):
        if flag := _stop_flag(frame.node.test, after):
            return "retry", flag
        if _depends_on_result(frame.node.test, made, frame, end):
            return "search", _names_of(frame.node.test)
    early = _before_call(frame, around)
    for rests in (*after, early):
        for guard in exit_guards(rests, made, end):
            test = _deciding(guard, made, frame, end)
            if test is not None and (rests is not early or _comes_from_before(test, made, frame, around)):
                return "search", _names_of(test)
    for test, paths in _COUNTED.get((frame.node,), lambda: tuple(_find_counted(frame, failure_words))):
        if any(_gains_accepted(path, frame.block, made, end) for path in paths):
            return "search", _names_of(test)
    return None


def _set_on_result(frame: EnclosingRepetition, made: set[str], end: Position) -> set[str]:
    """Return the variables that a loop sets where the result of a call passes a test: a flag, or the item that was accepted."""
    choices = _CHOICES.get((frame.node,), lambda: _find_choices(frame))
    keys: list[str | Position] = [end, *{root(path) for path in made}]
    about = [each for key in keys for each in choices.get(key, ())]
    return {name for test, names in about if _depends_on_result(test, made, frame, end) for name in names}


_Choice: TypeAlias = tuple[Expr, frozenset[str]]
"""A test, and the variables that are set if it holds."""

_CHOICES: IdentityMemo[dict[str | Position, list[_Choice]]] = IdentityMemo()


def _find_choices(frame: EnclosingRepetition) -> dict[str | Position, list[_Choice]]:
    """Return the choices of a loop by the variables that their tests read, and by the ends of the calls in these."""
    found: dict[str | Position, list[_Choice]] = {}
    for statement in statements_in(frame.block):
        if not isinstance(statement, If):
            continue
        targets = [target for each in statement.body if isinstance(each, Assign) for target in each.targets]
        names = frozenset(target.id for target in targets if isinstance(target, Name))
        calls = {part.span.end for part in walk(statement.test) if isinstance(part, Call)}
        for key in {root(path) for path in reads(statement.test)} | calls if names else ():
            found.setdefault(key, []).append((statement.test, names))
    return found


def _deciding(guard: Guard, made: set[str], frame: EnclosingRepetition, end: Position) -> Expr | None:
    """Return the test by which the result of a call decides that the loop ends; `None` if it does not.

    An exit behind several tests that waits until something has added up, such as ten failures, does not follow from one result.
    """
    for number, test in enumerate(guard):
        if _depends_on_result(test, made, frame, end):
            return None if any(_counts(inner, frame) for inner in guard[number + 1 :]) else test
    return None


def _counts(test: Expr, frame: EnclosingRepetition) -> bool:
    """Whether a test compares something that the loop only adds to."""
    grown = (path for part in walk(test) if (path := length_operand(part)) is not None)
    if any(_accumulates(path, frame) for path in reads(test)):
        return True
    return any(_adds_to(path, statement) for path in grown for statement in statements_in(frame.block))


def _before_call(frame: EnclosingRepetition, around: Surroundings) -> tuple[RemainingStatements, ...]:
    """Return the block of a loop, if statements run in it before the one that contains the call."""
    top = around.places[frame.depth + 1] if frame.depth + 1 < len(around.places) else None
    return () if top is None or not top.index else (RemainingStatements(top.block, 0, direct=True),)


def _comes_from_before(test: Expr, made: set[str], frame: EnclosingRepetition, around: Surroundings) -> bool:
    """Whether a test before the call reads what an earlier iteration made from its result."""
    before = definitions_before(around.places[: frame.depth + 2], frame.depth)
    return first_overlap(upward_exposed(reads(test), before, NO_PATHS) & reads(test), made) is not None


def lazily_searched(frame: EnclosingRepetition, around: Surroundings) -> str:
    """Return the function that takes items of a lazy repetition until one decides: `any(accept(row) for row in rows)`. Else empty."""
    lazy = isinstance(frame.node, Comprehension) and frame.node.kind == "generator"
    if not lazy and not (isinstance(frame.node, Call) and frame.node.function in (Name("map"), Name("filter"))):
        return ""
    takers = (outer for outer in around.expressions if isinstance(outer, Call) and outer.arguments)
    taker = next((outer.function for outer in takers if outer.arguments[0].value is frame.node), None)
    return taker.id if isinstance(taker, Name) and taker.id in _UNTIL_FOUND else ""


_COUNTED: IdentityMemo[tuple[_Choice, ...]] = IdentityMemo()


def _find_counted(frame: EnclosingRepetition, failure_words: frozenset[str]) -> Iterator[_Choice]:
    """Yield the tests that end a loop by a number: `if len(found) >= 10: break`, with what they count, without counters of failures."""
    tests = [frame.node.test] if isinstance(frame.node, While) else []
    tests += [guard[-1] for _, guard in guards_of_exits(frame.block)]
    for test in tests:
        lengths = {path for part in walk(test) if (path := length_operand(part)) is not None}
        counters = {path for path in reads(test) if _accumulates(path, frame) and not _counts_failures(path, failure_words)}
        if lengths or counters:
            yield test, frozenset(lengths | counters)


def _counts_failures(path: str, words: frozenset[str]) -> bool:
    """Whether a counter is named as one of failures. A loop that ends on many of them has not found what it was after."""
    name = path.rpartition(".")[2].lower()
    return any(word in name for word in words)


def _gains_accepted(path: str, block: Block, made: set[str], end: Position) -> bool:
    """Whether a block adds to the collection at `path` only after a look at a result: those that are accepted are counted."""
    adding = list(_additions(path, block, made, end, accepted=False))
    return bool(adding) and all(adding)


def _additions(path: str, block: Block, made: set[str], end: Position, *, accepted: bool) -> Iterator[bool]:
    """Yield for each statement that adds to the collection or counter at `path` whether a result passed a test before."""
    for statement in block:
        if _adds_to(path, statement):
            yield accepted
        decides = isinstance(statement, If) and _reads_result(statement.test, made, end)
        for role, inner in blocks_of(statement):
            if role != "handler":
                passed = decides and not (isinstance(statement, If) and role == "body" and _is_refusal(statement.test))
                yield from _additions(path, inner, made, end, accepted=accepted or passed)
        if decides and isinstance(statement, If) and isinstance(statement.body[-1], Leave):
            accepted = True


def _is_refusal(test: Expr) -> bool:
    """Whether a test holds where there is nothing: `not answer`, `answer is None`."""
    match test:
        case Composite(operator="not") | Composite(operator="is", parts=(_, Constant(value=None))):
            return True
        case _:
            return False


def _reads_result(test: Expr, made: set[str], end: Position) -> bool:
    return any(isinstance(part, Call) and part.span.end == end for part in walk(test)) or first_overlap(reads(test), made) is not None


def _names_of(test: Expr) -> str:
    """Return the names in a test, for an explanation."""
    return ", ".join(sorted(names(test)))


def _after_success(frame: EnclosingRepetition, around: Surroundings) -> list[tuple[RemainingStatements, ...]]:
    """Return the statements that run in the iteration after the call succeeded, inner blocks first."""
    found: list[tuple[RemainingStatements, ...]] = []
    inside = around.places[frame.depth + 1 :]
    entered = accumulate((isinstance(place.statement, For | While) and place.role == "body" for place in inside), initial=0)
    for place, loops in reversed(list(zip(inside, entered, strict=False))):
        own, direct = place.statement, loops == 0
        rest = RemainingStatements(place.block, place.index + 1, direct)
        if isinstance(own, Return):
            rests: tuple[RemainingStatements, ...] = (RemainingStatements((own,), 0, direct),)
        elif isinstance(own, Try) and place.role == "body":
            rests = (RemainingStatements(own.orelse, 0, direct), RemainingStatements(own.final, 0, direct), rest)
        elif isinstance(own, If) and place.role == "test":
            rests = (RemainingStatements(place.block, place.index, direct),)
        else:
            rests = (rest,)
        found.append(tuple([each for each in rests if each.first < len(each.block)]))
    return found


def _stop_flag(test: Expr, after: list[tuple[RemainingStatements, ...]]) -> str:
    """Return the flag that ends a loop after any successful call: `done` of `while not done`. Empty without one."""
    direct = (rests for rests in after if rests and rests[0].direct)
    return next((flag for rests in direct if (flag := stop_flag(rests, test))), "")


def _depends_on_result(test: Expr, made: set[str], frame: EnclosingRepetition, end: Position) -> bool:
    """Whether a test depends on the result of the call that ends at `end`.

    A running total of the results does not count as the result, and neither does the number of results.
    """
    if any(isinstance(part, Call) and part.span.end == end for part in walk(test)):
        return True
    counts = {path for part in walk(test) if (path := length_operand(part)) is not None and grows_every_round(path, frame)}
    results = {path for path in reads(test) - counts if first_overlap({path}, made) is not None}
    return bool(results) and not all(_accumulates(path, frame) for path in results)


def length_operand(expr: Expr) -> str | None:
    """Return the access path whose length `len(…)` takes, `None` for any other expression."""
    if isinstance(expr, Call) and isinstance(expr.function, Name) and expr.function.id == "len" and len(expr.arguments) == 1:
        return access_path(expr.arguments[0].value)
    return None


_GAINING: IdentityMemo[dict[str, bool]] = IdentityMemo()
_ADDING: IdentityMemo[dict[str, bool]] = IdentityMemo()


def grows_every_round(path: str, frame: EnclosingRepetition) -> bool:
    """Whether every completed iteration adds to the collection at `path`, so that its length counts iterations."""
    known = _GAINING.get((frame.block,), dict)
    if path not in known:
        known[path] = _grows_every_round(path, frame)
    return known[path]


def _grows_every_round(path: str, frame: EnclosingRepetition) -> bool:
    always = {id(statement) for statement in always_run(frame.block)}
    adding = [statement for statement in statements_in(frame.block) if _adds_to(path, statement)]
    return bool(adding) and all(id(statement) in always for statement in adding)


def always_run(block: Block, after: Position | None = None) -> Iterator[Statement]:
    """Yield the statements of a block that run in every iteration that neither fails nor ends the loop.

    With `after`, only iterations count that ran the call which ends there: statements behind a later `continue` are left out.
    """
    yield from _always_run(block, after, frozenset() if after is None else skipping(block))


def _always_run(block: Block, after: Position | None, skips: frozenset[int]) -> Iterator[Statement]:
    for statement in block:
        yield statement
        if isinstance(statement, With | Try):
            yield from _always_run(statement.body, after, skips)
        if after is not None and statement.span.end > after and id(statement) in skips:
            return


_SKIPPING: IdentityMemo[frozenset[int]] = IdentityMemo()


def skipping(block: Block) -> frozenset[int]:
    """Return the statements of a block, by identity, that may continue with the next iteration and skip what follows."""
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


def _adds_to(path: str, statement: Statement) -> bool:
    """Whether a statement adds to the collection or number at an access path."""
    own = [expr for _, expr in expressions_of(statement)]
    state_values = (holder for expr in own for part in walk(expr) if isinstance(part, Call) for holder, _ in container_writes(part))
    return any(access_path(holder) == path for holder in state_values) or (
        isinstance(statement, Augment) and path in assigned_paths(statement.target)
    )


def _accumulates(path: str, frame: EnclosingRepetition) -> bool:
    """Whether the loop only ever adds to an access path."""
    return _ADDING.get((frame.block,), lambda: _find_adding(frame.block)).get(path, False)


def _find_adding(block: Block) -> dict[str, bool]:
    """Return the access paths that a block sets, each with whether it only ever adds to it."""
    found: dict[str, bool] = {}
    for statement in statements_in(block):
        if isinstance(statement, Augment):
            for path in assigned_paths(statement.target):
                found.setdefault(path, True)
        else:
            found.update((path, False) for role, expr in expressions_of(statement) if role == "target" for path in assigned_paths(expr))
    return found
