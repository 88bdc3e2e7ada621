"""What a repetition is: work over independent items, or one of the shapes at which a reviewer would say nothing.

Everything here is by data flow in the body of the function that holds the repetition. Each verdict is about one frame:
an exempt frame hides only itself.
"""

from __future__ import annotations

from collections.abc import Callable

from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Comprehension,
    Expr,
    Name,
    Slice,
    Subscript,
    dotted,
    walk,
)
from surfacelint.facts.function_bodies import For, While
from surfacelint.judgement.flow.access_paths import KeySet, any_touch, argument_reads, reads, root, target_keys
from surfacelint.judgement.flow.enclosing_repetitions import Frame
from surfacelint.judgement.flow.enclosing_statements import Around, Block, calls_in
from surfacelint.judgement.flow.identity_memo import ByIdentity
from surfacelint.judgement.flow.iteration_dataflow import derived, exposed, outliving
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.flow.statement_definitions import Stores
from surfacelint.judgement.repetition.loop_exits import exit_kind
from surfacelint.judgement.repetition.manual_iteration import item_sources, iteration_variables
from surfacelint.judgement.size.local_items import SAME
from surfacelint.system.records import record

ITEMS = "items"
"""The verdict on a frame that repeats a call over independent items."""


@record(frozen=True, slots=True)
class Verdict:
    """What one frame is, and the name that shows it."""

    kind: str
    name: str = ""


@record(frozen=True, slots=True)
class Subject:
    """The call site under judgement, in its function.

    `fed_back` are the keys that calling the site both reads and changes behind its arguments: state of a receiver, a
    history that is passed in. `varies` tells for an argument (by keyword or position) whether it only picks a model or
    a parameter of it, `reaches` and `is_input` whether what is made of some keys in a block reaches the request, and whether as a part
    of its input. `converses` tells frames in which a person is asked, `handful` what the few items of a frame are, `arrives`
    frames whose items come over time, `in_chunks` frames that walk over parts of many items each, `takes_list` arguments that the
    callee declares to be lists, `stores` what calls put where. `ignores_item` says that what the site runs many times reads nothing that
    it is given.
    """

    around: Around
    call: Call
    fed_back: frozenset[str]
    requested: Callable[[KeySet], set[str]]
    list_input: bool
    varies: Callable[[int, str | None], bool]
    converses: Callable[[Frame], bool]
    handful: Callable[[Frame], str]
    reaches: Callable[[KeySet, Block], bool]
    is_input: Callable[[KeySet, Block], bool]
    in_chunks: Callable[[Frame], bool]
    arrives: Callable[[Frame], bool]
    ignores_item: bool
    is_text: Callable[[Expr], bool]
    takes_list: Callable[[int, str | None], bool]
    sweep_names: frozenset[str]
    sweep_words: frozenset[str]
    stores: Stores
    looked_into: Callable[[set[str]], set[str]]


def judge(frame: Frame, subject: Subject) -> Verdict:
    """Return what `frame` is for the call site `subject`."""
    if frame.kind == "call":
        return _judge_mapped(frame, subject)
    if frame.kind == "comprehension":
        return _judge_items(frame, subject)
    if subject.converses(frame):
        return Verdict("conversation")
    if subject.arrives(frame):
        return Verdict("arrivals")
    ended = _ended(frame, subject)
    if ended is not None:
        # A loop that ends on the result may feed it back until then.
        carrier = carried(frame, subject) if ended.kind == "search" else None
        return ended if carrier is None else Verdict("dependent", carrier)
    if frame.kind == "while" and not counts_items(frame, subject):
        carrier = carried(frame, subject)
        return Verdict("open-ended") if carrier is None else Verdict("dependent", carrier)
    return _judge_items(frame, subject)


def _ended(frame: Frame, subject: Subject) -> Verdict | None:
    """Return the verdict on a loop that ends once the call succeeds, or when its result says so."""
    end = subject.call.span.end
    made = derived(frame.block, set(), ends=frozenset({end}), by_item=item_keys(frame, subject.stores), stores=subject.stores)
    found = exit_kind(frame, subject.around, end, made)
    return None if found is None else Verdict(*found)


def own_calls(frame: Frame) -> list[Call]:
    """Return the calls in the header and the block of a frame."""
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
    if subject.ignores_item:
        return Verdict("sampling")
    if subject.list_input and subject.in_chunks(frame):
        return Verdict("packed")
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
    inner = inner_targets(frame, subject)
    own = frame.targets | inner
    item = item_keys(frame, subject.stores)
    by_item = KeySet({*item, *inner}) if inner else item
    wanted = subject.requested(by_item)
    read = {key for key in subject.looked_into(exposed(wanted, before, by_item)) if root(key) not in own}
    made = derived(frame.block, set(), ends=frozenset({subject.call.span.end}), by_item=by_item, stores=subject.stores)
    carrier = any_touch(read, {key for key in made if root(key) not in own})
    if carrier is not None:
        return carrier
    kept = {key for key in outliving(set(subject.fed_back), before) if root(key) not in own}
    return min(kept) if kept else None


_ITEMS: ByIdentity[KeySet] = ByIdentity()


def item_keys(frame: Frame, stores: Stores) -> KeySet:
    """Return what holds the item or is made from it anywhere in the frame."""
    return _ITEMS.get((frame.node, frame.target, stores), lambda: KeySet(_item_keys(frame, stores)))


def _item_keys(frame: Frame, stores: Stores) -> set[str]:
    start = set(frame.targets)
    if isinstance(frame.node, Comprehension):
        for clause in frame.node.clauses:
            if any_touch(reads(clause.iterable), start) is not None:
                start |= target_keys(clause.target)
        return start
    if frame.kind == "while":
        start |= iteration_variables(frame)
    elif frame.kind == "for":
        start |= item_sources(frame.block)  # its own target may only count
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


def _sweeps(frame: Frame, subject: Subject, item: KeySet) -> str | None:
    """Return the name that shows that the frame varies the model or a parameter of it, not the data."""
    target = next(iter(frame.targets), "") if len(frame.targets) == 1 else ""
    if target.lower() in subject.sweep_names:
        return target
    compared = None if frame.iterable is None else _compared(frame.iterable, subject)
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
        # Who is asked, with what is passed; or else what is asked about, by what is passed.
        passed = KeySet(argument_reads(subject.call))
        asked = bool(passed) and subject.is_input(passed, frame.block)
        return dotted(receiver) or target if asked or not subject.is_input(item, frame.block) else None
    return None


def _compared(iterable: Expr, subject: Subject) -> str | None:
    """Return the name among those that an iterable is made of which says that it holds models or the like: `self.models.keys()`."""
    last = [part.attr if isinstance(part, Attribute) else part.id for part in walk(iterable) if isinstance(part, Attribute | Name)]
    plurals = {name for name in subject.sweep_names if name.endswith("s") and name[:-1] in subject.sweep_names}
    for name in last:
        lower = name.lower()
        counted = lower.removeprefix("n_").removeprefix("num_")
        if lower in plurals or counted in plurals or not subject.sweep_words.isdisjoint(lower.split("_")):
            return name
    return None


def _packed(frame: Frame, subject: Subject, item: KeySet) -> bool:
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


# While loops that walk over items.


def counts_items(frame: Frame, subject: Subject) -> bool:
    """Whether a while loop shows the items that it walks over: an index against a length, a worklist, a cursor."""
    steps = iteration_variables(frame)
    if not steps:
        return False
    # A counter that the call does not look at counts rounds.
    wanted = argument_reads(subject.call) | reads(subject.call.function)
    return any_touch(wanted, derived(frame.block, steps, stores=subject.stores)) is not None
