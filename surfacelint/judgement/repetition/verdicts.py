"""Verdicts on repetitions: work over independent items, or a pattern that is right as it is (retry, sweep, sampling …).

A verdict follows from data flow in the function that contains the repetition, and is about one repetition only: an exempt inner
loop says nothing about the loop around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from surfacelint.facts.expressions import (
    Argument,
    Attribute,
    Call,
    Comprehension,
    Constant,
    Expr,
    Name,
    Slice,
    Subscript,
    children,
    dotted,
    walk,
)
from surfacelint.facts.function_bodies import For, While
from surfacelint.judgement.flow.access_paths import AccessPaths, argument_reads, assigned_paths, first_overlap, reads, root
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Block, Surroundings, calls_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.flow.iteration_dataflow import derived, outliving, upward_exposed
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.flow.statement_definitions import CallWrites
from surfacelint.judgement.repetition.loop_exits import exit_kind
from surfacelint.judgement.repetition.manual_iteration import Supply, item_sources, manual_iteration
from surfacelint.judgement.size.local_items import SAME
from surfacelint.system.records import record

ITEMS = "items"
"""Kind of verdict on a repetition over independent items."""


@record(frozen=True, slots=True)
class Verdict:
    """The kind of one repetition, and the name in the code that shows it."""

    kind: str
    name: str = ""


@record(frozen=True, slots=True)
class CallSiteFacts:
    """Facts about the call site under judgement.

    - `carried_state`: access paths of state that the site both reads and changes: a receiver's state, a history that is passed in.
    - `request_paths`: returns the access paths that go into the request, given those that index the slot of an item.
    - `is_setting`: whether an argument (position, keyword) only selects the model or sets one of its parameters.
    - `is_list`: whether an argument (position, keyword) is a list of inputs; `list_input`: whether the endpoint takes a list.
    - `reaches_request`, `reaches_input`: whether data made from access paths in a block reaches the request, or the input of the request.
    - `asks_person`: whether each round asks a person. `arrives_over_time`: whether the items arrive over time, as messages of a queue do.
    - `few_items`: what the items of a small collection are, empty if there may be many.
    - `has_items`: whether a source that may never end holds many items that the program itself puts there.
    - `in_chunks`: whether each item is a part of many items. `is_text`: whether an expression is a string.
    - `ignores_item`: whether the repeated callable ignores its argument.
    - `call_writes`: returns the writes of a call. `expand_properties`: replaces properties by the access paths that they read.
    - `sweep_names`, `sweep_words`: names of variables that hold models or their parameters, and words in such names.
    """

    around: Surroundings
    call: Call
    carried_state: frozenset[str]
    request_paths: Callable[[AccessPaths], set[str]]
    list_input: bool
    is_setting: Callable[[int, str | None], bool]
    asks_person: Callable[[EnclosingRepetition], bool]
    few_items: Callable[[EnclosingRepetition], str]
    reaches_request: Callable[[AccessPaths, Block], bool]
    reaches_input: Callable[[AccessPaths, Block], bool]
    has_items: Callable[[Supply], bool]
    in_chunks: Callable[[EnclosingRepetition], bool]
    arrives_over_time: Callable[[EnclosingRepetition], bool]
    ignores_item: bool
    is_text: Callable[[Expr], bool]
    is_list: Callable[[int, str | None], bool]
    sweep_names: frozenset[str]
    sweep_words: frozenset[str]
    call_writes: CallWrites
    expand_properties: Callable[[set[str]], set[str]]


def judge(frame: EnclosingRepetition, facts: CallSiteFacts) -> Verdict:
    """Return the verdict on the repetition `frame` of the call site that `facts` describe."""
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
        return ended if carrier is None else Verdict("dependent", carrier)
    if frame.kind == "while" and not iterates_over_items(frame, facts):
        carrier = loop_carried_path(frame, facts)
        return Verdict("open-ended") if carrier is None else Verdict("dependent", carrier)
    return _judge_items(frame, facts)


def _ended(frame: EnclosingRepetition, facts: CallSiteFacts) -> Verdict | None:
    """Return the verdict on a loop that ends once the call succeeds or when its result decides; `None` for other loops."""
    end = facts.call.span.end
    made = derived(frame.block, set(), ends=frozenset({end}), by_item=item_paths(frame, facts.call_writes), call_writes=facts.call_writes)
    found = exit_kind(frame, facts.around, end, made)
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
    if facts.carried_state:
        return Verdict("dependent", min(facts.carried_state))
    if facts.ignores_item:
        return Verdict("sampling")
    if facts.list_input and facts.in_chunks(frame):
        return Verdict("packed")
    return _items_or_few(frame, facts)


def _judge_items(frame: EnclosingRepetition, facts: CallSiteFacts) -> Verdict:
    """Judge a loop or comprehension that runs over all of its items."""
    carrier = loop_carried_path(frame, facts)
    if carrier is not None:
        return Verdict("dependent", carrier)
    item = item_paths(frame, facts.call_writes)
    if not item and frame.kind != "while":
        return Verdict("sampling")
    if not facts.reaches_request(item, frame.block):
        return Verdict("sampling")
    swept = _sweeps(frame, facts, item)
    if swept is not None:
        return Verdict("sweep", swept)
    if facts.list_input and _packed(frame, facts, item):
        return Verdict("packed")
    return _items_or_few(frame, facts)


def _items_or_few(frame: EnclosingRepetition, facts: CallSiteFacts) -> Verdict:
    """Return the verdict on independent items, which may be a small collection or equal each time."""
    what = facts.few_items(frame)
    if not what:
        return Verdict(ITEMS)
    return Verdict("sampling") if what == SAME else Verdict("handful", what)


# Dependence.


def loop_carried_path(frame: EnclosingRepetition, facts: CallSiteFacts) -> str | None:
    """Return the access path of a loop-carried dependence: a run of the call reads what an earlier run made. `None` without one."""
    if frame.kind == "comprehension":
        outside = {path for path in facts.carried_state if root(path) not in frame.targets}
        return min(outside) if outside else None
    before = definitions_before(facts.around.places, frame.depth, facts.call_writes)
    inner = inner_targets(frame, facts)
    own = frame.targets | inner
    item = item_paths(frame, facts.call_writes)
    by_item = AccessPaths({*item, *inner}) if inner else item
    wanted = facts.request_paths(by_item)
    read = {path for path in facts.expand_properties(upward_exposed(wanted, before, by_item)) if root(path) not in own}
    made = derived(frame.block, set(), ends=frozenset({facts.call.span.end}), by_item=by_item, call_writes=facts.call_writes)
    carrier = first_overlap(read, {path for path in made if root(path) not in own})
    if carrier is not None:
        return carrier
    kept = {path for path in outliving(set(facts.carried_state), before) if root(path) not in own}
    return min(kept) if kept else None


_ITEMS: IdentityMemo[AccessPaths] = IdentityMemo()


def item_paths(frame: EnclosingRepetition, call_writes: CallWrites) -> AccessPaths:
    """Return the access paths that hold the item, or a value made from it anywhere in the repetition."""
    return _ITEMS.get((frame.node, frame.target, call_writes), lambda: AccessPaths(_item_paths(frame, call_writes)))


def _item_paths(frame: EnclosingRepetition, call_writes: CallWrites) -> set[str]:
    """Find the access paths that hold the item of a repetition, or a value made from it."""
    start = set(frame.targets)
    if isinstance(frame.node, Comprehension):
        for clause in frame.node.clauses:
            if first_overlap(reads(clause.iterable), start) is not None:
                start |= assigned_paths(clause.target)
        return start
    if frame.kind == "while":
        start |= manual_iteration(frame).all_variables
    elif frame.kind == "for":
        start |= item_sources(frame.block)  # the loop variable may only count
    return derived(frame.block, start, call_writes=call_writes) if start else set()


def inner_targets(frame: EnclosingRepetition, facts: CallSiteFacts) -> set[str]:
    """Return the loop variables between the repetition and the call."""
    found: set[str] = set()
    for place in facts.around.places[frame.depth + 1 :]:
        if isinstance(place.statement, For) and place.role == "body":
            found |= assigned_paths(place.statement.target)
    for expr in frame.inner:
        if isinstance(expr, Comprehension):
            for clause in expr.clauses:
                found |= assigned_paths(clause.target)
    return found


# Sweeps and lists of inputs.


def _sweeps(frame: EnclosingRepetition, facts: CallSiteFacts, item: AccessPaths) -> str | None:
    """Return the name which shows that the repetition varies the model or one of its parameters, not the data; `None` if it does not."""
    target = next(iter(frame.targets), "") if len(frame.targets) == 1 else ""
    if target.lower() in facts.sweep_names:
        return target
    models = None if frame.iterable is None else _name_of_models(frame.iterable, facts)
    if models is not None:
        return models
    varied: list[str] = []
    for number, argument in enumerate(facts.call.arguments):
        if first_overlap(reads(argument.value), item) is None:
            continue
        if not facts.is_setting(number, argument.name):
            return None
        varied.append(argument.name or dotted(argument.value) or target or "a parameter")
    if varied:
        return varied[0]
    receiver = facts.call.function.value if isinstance(facts.call.function, Attribute) else facts.call.function
    if facts.call.arguments and first_overlap(reads(receiver), item) is not None:
        # The item is a client that gets the input as an argument, or it is the input of a client that is passed.
        passed = AccessPaths(argument_reads(facts.call))
        asked = bool(passed) and facts.reaches_input(passed, frame.block)
        return dotted(receiver) or target if asked or not facts.reaches_input(item, frame.block) else None
    return None


def _name_of_models(iterable: Expr, facts: CallSiteFacts) -> str | None:
    """Return the name in an iterable which says that it holds models or their parameters: `models` of `self.models.keys()`."""
    plurals = {name for name in facts.sweep_names if name.endswith("s") and name[:-1] in facts.sweep_names}
    for name in _names_of_items(iterable):
        lower = name.lower()
        counted = lower.removeprefix("n_").removeprefix("num_")
        if lower in plurals or counted in plurals or not facts.sweep_words.isdisjoint(lower.split("_")):
            return name
    return None


def _names_of_items(iterable: Expr) -> Iterator[str]:
    """Yield the names that say what an iterable holds: of an entry or field, its own name and not that of the object around it."""
    stack = [iterable]
    while stack:
        match stack.pop():
            case (
                Subscript(index=Constant(value=str(name)))
                | Call(function=Attribute(attr="get"), arguments=(Argument(value=Constant(value=str(name))), *_))
                | Attribute(attr=name)
                | Name(id=name)
            ):
                yield name
            case Call(function=Attribute(value=value, attr=method), arguments=arguments):
                yield method
                stack += [*(argument.value for argument in reversed(arguments)), value]
            case other:
                stack += reversed(children(other))


def _packed(frame: EnclosingRepetition, facts: CallSiteFacts, item: AccessPaths) -> bool:
    """Whether each request already gets a list of inputs: a slice, a chunk, a comprehension over a part of the items."""
    if facts.in_chunks(frame) or any("batch" in target.lower() for target in frame.targets):
        return True
    for number, argument in enumerate(facts.call.arguments):
        if first_overlap(reads(argument.value), item) is not None and facts.is_list(number, argument.name):
            return True
        if first_overlap(reads(argument.value), manual_iteration(frame).parts) is not None:
            return True
        for part in walk(argument.value):
            if isinstance(part, Comprehension):
                return True
            if isinstance(part, Subscript) and isinstance(part.index, Slice) and not facts.is_text(part.value):
                return True
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
