"""What a repetition is: work over independent items, or one of the shapes at which a reviewer would say nothing.

Everything here is by data flow in the body of the function that holds the repetition. Each verdict is about one frame:
an exempt frame hides only itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from surfacelint.facts.bodies import Augment, For, If, Leave, Raise, Return, Statement, Try, While, With
from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Comprehension,
    Expr,
    Name,
    Position,
    Slice,
    Subscript,
    dotted,
    names,
    walk,
)
from surfacelint.judgement.dataflow import derived, exposed, outliving
from surfacelint.judgement.definitions import Stores, definitions_before, filled
from surfacelint.judgement.frames import Frame
from surfacelint.judgement.handfuls import SAME
from surfacelint.judgement.keys import KeySet, any_touch, argument_reads, key_of, reads, root, target_keys
from surfacelint.judgement.places import Around, Block, blocks_of, calls_in, expressions_of, statements_in
from surfacelint.judgement.stepping import drawn, stepping

ITEMS = "items"
"""The verdict on a frame that repeats a call over independent items."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one frame is, and the name that shows it."""

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """The call site under judgement, in its function.

    `fed_back` are the keys that calling the site both reads and changes behind its arguments: state of a receiver, a
    history that is passed in. `varies` tells for an argument (by keyword or position) whether it only picks a model or
    a parameter of it. `is_user_input` tells calls that ask a person, `handful` what the few items of a frame are, `arrives`
    frames whose items come over time, `in_chunks` frames that walk over parts of many items each, `takes_list` arguments that the
    callee declares to be lists,
    `stores` what calls put where.
    """

    around: Around
    call: Call
    fed_back: frozenset[str]
    requested: Callable[[KeySet], set[str]]
    list_input: bool
    varies: Callable[[int, str | None], bool]
    is_user_input: Callable[[Call], bool]
    handful: Callable[[Frame], str]
    reaches: Callable[[set[str], Block], bool]
    in_chunks: Callable[[Frame], bool]
    arrives: Callable[[Frame], bool]
    is_text: Callable[[Expr], bool]
    takes_list: Callable[[int, str | None], bool]
    sweep_names: frozenset[str]
    stores: Stores
    looked_into: Callable[[set[str]], set[str]]


def judge(frame: Frame, subject: Subject) -> Verdict:
    """Return what `frame` is for the call site `subject`."""
    if frame.kind == "call":
        return _judge_mapped(frame, subject)
    if frame.kind == "comprehension":
        return _judge_items(frame, subject)
    if any(subject.is_user_input(call) for call in _own_calls(frame)):
        return Verdict("conversation")
    if subject.arrives(frame):
        return Verdict("arrivals")
    ended = _ending(frame, subject)
    if ended is not None:
        # A loop that ends on the result may feed it back until then.
        carrier = carried(frame, subject) if ended.kind == "search" else None
        return ended if carrier is None else Verdict("dependent", carrier)
    if frame.kind == "while" and not counts_items(frame, subject):
        carrier = carried(frame, subject)
        return Verdict("open-ended") if carrier is None else Verdict("dependent", carrier)
    return _judge_items(frame, subject)


def _own_calls(frame: Frame) -> list[Call]:
    found = list(calls_in(frame.block))
    header = frame.iterable if frame.iterable is not None else frame.node.test if isinstance(frame.node, While) else None
    if header is not None:
        found += [part for part in walk(header) if isinstance(part, Call)]
    return found


def _judge_mapped(frame: Frame, subject: Subject) -> Verdict:
    if frame.row is not None and getattr(frame.row, "dependent", False):
        return Verdict("dependent", frame.row.name)
    if subject.fed_back:
        return Verdict("dependent", min(subject.fed_back))
    return _counted(frame, subject)


def _judge_items(frame: Frame, subject: Subject) -> Verdict:
    """Judge a loop or comprehension that runs to its end."""
    carrier = carried(frame, subject)
    if carrier is not None:
        return Verdict("dependent", carrier)
    item = item_keys(frame, subject.stores)
    if not item and frame.kind != "while":
        return Verdict("sampling")
    if not subject.reaches(item, frame.block):
        return Verdict("sampling")
    swept = _sweeps(frame, subject, item)
    if swept is not None:
        return Verdict("sweep", swept)
    if subject.list_input and _packed(frame, subject, item):
        return Verdict("packed")
    return _counted(frame, subject)


def _counted(frame: Frame, subject: Subject) -> Verdict:
    """Tell a handful, and what is the same each time, from items."""
    what = subject.handful(frame)
    if not what:
        return Verdict(ITEMS)
    return Verdict("sampling") if what == SAME else Verdict("handful", what)


# Dependence.


def carried(frame: Frame, subject: Subject) -> str | None:
    """Return a key through which a run of the call reads what an earlier run made, `None` if there is none."""
    if frame.kind == "comprehension":
        outside = {key for key in subject.fed_back if root(key) not in frame.targets}
        return min(outside) if outside else None
    before = definitions_before(subject.around.places, frame.depth, subject.stores)
    own = set(frame.targets) | inner_targets(frame, subject)
    by_item = KeySet(item_keys(frame, subject.stores) | own)
    wanted = subject.requested(by_item)
    read = {key for key in subject.looked_into(exposed(wanted, before, by_item)) if root(key) not in own}
    made = derived(frame.block, set(), ends=frozenset({subject.call.span.end}), by_item=by_item, stores=subject.stores)
    carrier = any_touch(read, {key for key in made if root(key) not in own})
    if carrier is not None:
        return carrier
    kept = {key for key in outliving(set(subject.fed_back), before) if root(key) not in own}
    return min(kept) if kept else None


def item_keys(frame: Frame, stores: Stores) -> set[str]:
    """Return what holds the item or is made from it anywhere in the frame."""
    start = set(frame.targets)
    if isinstance(frame.node, Comprehension):
        for clause in frame.node.clauses:
            if any_touch(reads(clause.iterable), start) is not None:
                start |= target_keys(clause.target)
        return start
    if frame.kind == "while":
        start |= stepping(frame)
    elif frame.kind == "for":
        start |= drawn(frame.block)  # its own target may only count
    return derived(frame.block, start, stores=stores) if start else set()


def inner_targets(frame: Frame, subject: Subject) -> set[str]:
    """Return the targets of the loops between the frame and the call."""
    found: set[str] = set()
    for place in subject.around.places[frame.depth + 1 :]:
        if isinstance(place.statement, For) and place.role == "body":
            found |= target_keys(place.statement.target)
    for expr in frame.inner:
        if isinstance(expr, Comprehension):
            for clause in expr.clauses:
                found |= target_keys(clause.target)
    return found


# What of the item reaches the call.


def _sweeps(frame: Frame, subject: Subject, item: set[str]) -> str | None:
    """Return the name that shows that the frame varies the model or a parameter of it, not the data."""
    target = next(iter(frame.targets), "") if len(frame.targets) == 1 else ""
    if target.lower() in subject.sweep_names:
        return target
    compared = None if frame.iterable is None else _compared(frame.iterable, subject.sweep_names)
    if compared is not None:
        return compared
    varied: list[str] = []
    for number, argument in enumerate(subject.call.arguments):
        if any_touch(reads(argument.value), item) is None:
            continue
        if not subject.varies(number, argument.name):
            return None
        varied.append(argument.name or dotted(argument.value) or target or "a parameter")
    if varied:
        return varied[0]
    receiver = subject.call.function.value if isinstance(subject.call.function, Attribute) else subject.call.function
    if subject.call.arguments and any_touch(reads(receiver), item) is not None:
        return dotted(receiver) or target
    return None


def _compared(iterable: Expr, sweep_names: frozenset[str]) -> str | None:
    """Return the name among those that an iterable is made of which says that it holds models or the like: `self.models.keys()`."""
    last = [part.attr if isinstance(part, Attribute) else part.id for part in walk(iterable) if isinstance(part, Attribute | Name)]
    plurals = {name for name in sweep_names if name.endswith("s") and name[:-1] in sweep_names}
    return next((name for name in last if name.lower() in plurals or name.lower().removeprefix("n_").removeprefix("num_") in plurals), None)


def _packed(frame: Frame, subject: Subject, item: set[str]) -> bool:
    """Whether each request of an endpoint that takes lists gets a list: a slice, a chunk, a comprehension over a part of the items."""
    if subject.in_chunks(frame) or any("batch" in target.lower() for target in frame.targets):
        return True
    for number, argument in enumerate(subject.call.arguments):
        if any_touch(reads(argument.value), item) is not None and subject.takes_list(number, argument.name):
            return True
        for part in walk(argument.value):
            if isinstance(part, Comprehension):
                return True
            if isinstance(part, Subscript) and isinstance(part.index, Slice) and not subject.is_text(part.value):
                return True
    return False


# How the frame ends.


def _ending(frame: Frame, subject: Subject) -> Verdict | None:
    """Return the verdict on a loop that ends once the call succeeds, or when its result says so."""
    after = list(_after_success(frame, subject))
    if any(_always_leaves(block, loops) for block, loops in after):
        return Verdict("retry")
    made = derived(
        frame.block, set(), ends=frozenset({subject.call.span.end}), by_item=KeySet(item_keys(frame, subject.stores)), stores=subject.stores
    )
    end = subject.call.span.end
    if isinstance(frame.node, While) and _steers(frame.node.test, made, frame, end):
        return Verdict("search", spell_test(frame.node.test))
    for block, loops in after:
        for test in _leaving_tests(block, loops):
            if _steers(test, made, frame, end):
                return Verdict("search", spell_test(test))
    return None


def spell_test(test: Expr) -> str:
    """Return the names of a test, for an explanation."""
    return ", ".join(sorted(names(test)))


def _after_success(frame: Frame, subject: Subject) -> list[tuple[Block, int]]:
    """Return the blocks that run in the iteration after the call came back without an error, inner ones first.

    With each comes the number of loops between it and the frame, whose `break` does not leave the frame.
    """
    blocks: list[tuple[Block, int]] = []
    inside = subject.around.places[frame.depth + 1 :]
    for number in reversed(range(len(inside))):
        place = inside[number]
        loops = sum(isinstance(outer.statement, For | While) and outer.role == "body" for outer in inside[:number])
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
    counted = {key for part in walk(test) if (key := _measured(part)) is not None and _gains_one(key, frame)}
    looked = {key for key in reads(test) - counted if any_touch({key}, made) is not None}
    return bool(looked) and not all(_accumulates(key, frame) for key in looked)


def _measured(expr: Expr) -> str | None:
    """Return the key of what `len` is asked for."""
    if isinstance(expr, Call) and isinstance(expr.function, Name) and expr.function.id == "len" and len(expr.arguments) == 1:
        return key_of(expr.arguments[0].value)
    return None


def _gains_one(key: str, frame: Frame) -> bool:
    """Whether each iteration that comes through adds to what `key` holds, whatever the result is: then its length counts iterations."""
    always = {id(statement) for statement in _always_run(frame.block)}
    adding = [statement for statement in statements_in(frame.block) if _adds_to(key, statement)]
    return bool(adding) and all(id(statement) in always for statement in adding)


def _always_run(block: Block) -> Iterator[Statement]:
    """Yield the statements of a block that run unless something fails."""
    for statement in block:
        yield statement
        if isinstance(statement, With | Try):
            yield from _always_run(statement.body)


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


# While loops that walk over items.


def counts_items(frame: Frame, subject: Subject) -> bool:
    """Whether a while loop shows the items that it walks over: an index against a length, a worklist, a cursor."""
    steps = stepping(frame)
    if not steps:
        return False
    # A counter that the call does not look at counts rounds.
    wanted = argument_reads(subject.call) | reads(subject.call.function)
    return any_touch(wanted, derived(frame.block, steps, stores=subject.stores)) is not None
