"""Verdicts on repetitions: work over independent items, or a pattern that is right as it is (retry, sweep, sampling …).

A verdict follows from data flow in the function that contains the repetition, and is about one repetition only: an exempt inner
loop says nothing about the loop around it.
"""

from __future__ import annotations

from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Collection,
    Comprehension,
    Constant,
    Expr,
    Name,
    Slice,
    Subscript,
    walk,
)
from surfacelint.facts.function_bodies import While
from surfacelint.judgement.flow.access_paths import NO_PATHS, AccessPaths, argument_reads, first_overlap, reads
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import calls_in
from surfacelint.judgement.flow.iteration_dataflow import derived
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.repetition.call_site_facts import CallSiteFacts
from surfacelint.judgement.repetition.loop_dependence import changed_object, follows_item, item_paths, loop_carried_path
from surfacelint.judgement.repetition.loop_exits import exit_kind, lazily_searched
from surfacelint.judgement.repetition.manual_iteration import manual_iteration
from surfacelint.judgement.repetition.sweeps import mapped_name, swept_name
from surfacelint.judgement.size.last_assignments import with_last_assignments
from surfacelint.judgement.size.local_items import ANSWER, SAME
from surfacelint.system.records import record

_LISTING = frozenset({"tolist", "to_list"})
"""Methods of columns and arrays that return a list of all values."""

_KEEPING = frozenset({"copy", "reset_index", "astype", "fillna", "dropna", "to_numpy"})
"""Methods of tables and columns that return as many rows, or nearly."""

ITEMS = "items"
"""Kind of verdict on a repetition over independent items."""


@record(frozen=True, slots=True)
class Verdict:
    """The kind of one repetition, and the name in the code that shows it."""

    kind: str
    name: str = ""


def judge(frame: EnclosingRepetition, facts: CallSiteFacts) -> Verdict:
    """Return the verdict on the repetition `frame` of the call site that `facts` describe."""
    if frame.kind in ("call", "comprehension") and (taker := lazily_searched(frame, facts.around)):
        return Verdict("search", taker)
    if frame.kind == "call":
        return _judge_mapped(frame, facts)
    if frame.kind in ("comprehension", "decorator"):
        return _judge_items(frame, facts)
    if facts.asks_person(frame):
        return Verdict("conversation")
    if facts.arrives_over_time(frame):
        return Verdict("arrivals")
    ended = _ended(frame, facts)
    if ended is not None:
        # A loop that ends on the result may also carry it from round to round.
        carrier = loop_carried_path(frame, facts) if ended.kind == "search" else None
        if carrier is None:
            return ended
        # One that goes through the data and may give up is no agent, whose answers decide how many rounds there are.
        return Verdict("chain" if follows_item(frame, facts) and facts.few_items(frame) != ANSWER else "dependent", carrier)
    if frame.kind == "while" and not iterates_over_items(frame, facts):
        carrier = loop_carried_path(frame, facts) or changed_object(frame, facts)
        return Verdict("open-ended") if carrier is None else _dependent(frame, facts, carrier)
    return _judge_items(frame, facts)


def _ended(frame: EnclosingRepetition, facts: CallSiteFacts) -> Verdict | None:
    """Return the verdict on a loop that ends once the call succeeds or when its result decides; `None` for other loops."""
    end = facts.call.span.end
    made = derived(frame.block, set(), ends=frozenset({end}), by_item=item_paths(frame, facts.call_writes), call_writes=facts.call_writes)
    found = exit_kind(frame, facts.around, end, made, facts.failure_words)
    return None if found is None else Verdict(*found)


def repeated_calls(frame: EnclosingRepetition) -> list[Call]:
    """Return the calls in the header and the block of a repetition."""
    found = list(calls_in(frame.block))
    header = frame.iterable if frame.iterable is not None else frame.node.test if isinstance(frame.node, While) else None
    if header is not None:
        found += [part for part in walk(header) if isinstance(part, Call)]
    return found


def _judge_mapped(frame: EnclosingRepetition, facts: CallSiteFacts) -> Verdict:
    """Judge a call that runs its callable many times: `pool.map`, `df.apply`."""
    if frame.row is not None and getattr(frame.row, "dependent", False):
        return Verdict("dependent", frame.row.name)
    if state := facts.carried_state():
        return Verdict("dependent", min(state))
    if facts.ignores_item:
        return _drawn_or_same(frame, facts)
    if (varied := mapped_name(frame, facts)) is not None:
        return Verdict("sweep", varied)
    if facts.in_chunks(frame) and (facts.list_input or facts.joins_items(NO_PATHS, ())):
        return Verdict("packed")
    return _items_or_few(frame, facts)


def _judge_items(frame: EnclosingRepetition, facts: CallSiteFacts) -> Verdict:
    """Judge a loop or comprehension that runs over all of its items."""
    carrier = loop_carried_path(frame, facts)
    if carrier is not None:
        return _dependent(frame, facts, carrier)
    item = item_paths(frame, facts.call_writes)
    if (not item and frame.kind != "while") or not facts.reaches_request(item, frame.block):
        return _drawn_or_same(frame, facts)
    swept = swept_name(frame, facts, item)
    if swept is not None:
        return Verdict("sweep", swept)
    if facts.list_input and _packed(frame, facts, item):
        return Verdict("packed")
    if not facts.list_input and _is_chunk(frame, facts, item) and facts.joins_items(item, frame.block):
        return Verdict("packed")
    return _items_or_few(frame, facts)


def _dependent(frame: EnclosingRepetition, facts: CallSiteFacts, carrier: str) -> Verdict:
    """Return the verdict on a repetition whose rounds need earlier ones. It is a chain if the answers do not decide how many there are."""
    is_chain = facts.has_few_rounds(frame) or (follows_item(frame, facts) and facts.few_items(frame) != ANSWER)
    return Verdict("chain" if is_chain else "dependent", carrier)


def _items_or_few(frame: EnclosingRepetition, facts: CallSiteFacts) -> Verdict:
    """Return the verdict on independent items, which may be a small collection or equal each time."""
    what = facts.few_items(frame)
    if not what:
        return Verdict(ITEMS)
    return _drawn_or_same(frame, facts) if what == SAME else Verdict("handful", what)


def _drawn_or_same(frame: EnclosingRepetition, facts: CallSiteFacts) -> Verdict:
    """Return the verdict on a repetition that only counts: each run may draw an item of its own."""
    if frame.kind in ("for", "while") and (changed := changed_object(frame, facts)) is not None:
        return Verdict("dependent", changed)
    return Verdict(ITEMS) if facts.draws_input(frame) else Verdict("sampling")


# Lists of inputs.


def _is_chunk(frame: EnclosingRepetition, facts: CallSiteFacts, item: AccessPaths) -> bool:
    """Whether the repetition runs over chunks of items."""
    if facts.in_chunks(frame) or any("batch" in target.lower() for target in frame.targets):
        return True
    arguments = (argument.value for argument in facts.call.arguments if first_overlap(reads(argument.value), item) is not None)
    parts = (part for argument in arguments for part in walk(argument))
    return any(isinstance(part, Subscript) and isinstance(part.index, Slice) and not facts.is_text(part.value) for part in parts)


def _packed(frame: EnclosingRepetition, facts: CallSiteFacts, item: AccessPaths) -> bool:
    """Whether each request already gets a list of inputs: a slice, a chunk, a comprehension over a part of the items."""
    if facts.in_chunks(frame) or any("batch" in target.lower() for target in frame.targets):
        return True
    for number, argument in enumerate(facts.call.arguments):
        if first_overlap(reads(argument.value), item) is not None and facts.is_list(number, argument.name):
            return True
        if first_overlap(reads(argument.value), manual_iteration(frame).parts) is not None:
            return True
        if isinstance(argument.value, Collection) and len(argument.value.items) == 1:
            continue  # a list of one input, however that is made
        for part in walk(argument.value):
            if isinstance(part, Comprehension):
                return True
            if isinstance(part, Subscript) and isinstance(part.index, Slice) and not facts.is_text(part.value):
                return True
        if first_overlap(reads(argument.value), item) is not None and _holds_many(argument.value, frame, facts):
            return True
    return False


def _holds_many(expr: Expr, frame: EnclosingRepetition, facts: CallSiteFacts) -> bool:
    """Whether an argument is a list or a part of one, by what the iteration assigns: `part = texts[i * n : (i + 1) * n]`."""
    value = with_last_assignments(expr, definitions_before(facts.around.places, frame.depth))
    made = value.function if isinstance(value, Call) else None
    if made in (Name("list"), Name("sorted")) or (isinstance(made, Attribute) and made.attr in _LISTING):
        return True
    while True:
        match value:
            case Subscript(value=whole, index=Slice(lower=lower)):
                # A constant start cuts a text: `row["text"][:8000]`.
                return lower is not None and not isinstance(lower, Constant) and not facts.is_text(whole)
            case Call(function=Attribute(value=inner, attr=attr)) if attr in _KEEPING:
                value = inner
            case Subscript(value=inner) | Attribute(value=inner):
                value = inner
            case _:
                return False


# `while` loops over items.


def iterates_over_items(frame: EnclosingRepetition, facts: CallSiteFacts) -> bool:
    """Whether a `while` loop iterates over items, by an index, a worklist or a cursor that the call uses."""
    iteration = manual_iteration(frame)
    if not iteration.all_variables:
        return False
    # A counter that the call does not use counts rounds, not items.
    wanted = argument_reads(facts.call) | reads(facts.call.function)
    if _leads_to(iteration.variables, wanted, frame, facts):
        return True
    return any(_leads_to(supply.paths, wanted, frame, facts) and facts.has_items(supply) for supply in iteration.supplies)


def _leads_to(variables: frozenset[str], wanted: set[str], frame: EnclosingRepetition, facts: CallSiteFacts) -> bool:
    made = derived(frame.block, variables, call_writes=facts.call_writes) if variables else set()
    return first_overlap(wanted, made) is not None
