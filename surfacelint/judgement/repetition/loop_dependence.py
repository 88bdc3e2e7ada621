"""Loop-carried dependence of a call: a run reads what an earlier run made, or works on an object that an earlier run changed."""

from __future__ import annotations

from collections.abc import Iterable

from surfacelint.facts.expressions import Call, Comprehension, Expr, Name, Slice, Subscript, walk
from surfacelint.facts.function_bodies import Augment, For, While
from surfacelint.judgement.flow.access_paths import NO_PATHS, AccessPaths, assigned_paths, covers, first_overlap, reads, root
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import expressions_in, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.flow.iteration_dataflow import (
    calls_behind,
    derived,
    made_anew,
    only_filtered,
    outliving,
    paths_behind,
    upward_exposed,
)
from surfacelint.judgement.flow.reaching_definitions import ReachingDefinitions, definitions_before
from surfacelint.judgement.flow.statement_definitions import CallWrites, assignments
from surfacelint.judgement.repetition.call_site_facts import CallSiteFacts
from surfacelint.judgement.repetition.manual_iteration import item_sources, manual_iteration


def loop_carried_path(frame: EnclosingRepetition, facts: CallSiteFacts) -> str | None:
    """Return the access path of a loop-carried dependence: a run of the call reads what an earlier run made. `None` without one."""
    if frame.kind == "comprehension":
        outside = {path for path in facts.carried_state() if root(path) not in frame.targets}
        return min(outside) if outside else None
    before = definitions_before(facts.around.places, frame.depth, facts.call_writes)
    inner = inner_targets(frame, facts)
    own = frame.targets | inner
    item = item_paths(frame, facts.call_writes)
    by_item = AccessPaths({*item, *inner}) if inner else item
    end = facts.call.span.end

    def carried(wanted: set[str], by_item: AccessPaths, among: set[str] | None = None) -> str | None:
        exposed = upward_exposed(wanted, before, NO_PATHS if among is not None else by_item)
        read = {path for path in facts.expand_properties(exposed) if root(path) not in own and (among is None or path in among)}
        made = derived(frame.block, set(), ends=frozenset({end}), by_item=by_item, call_writes=facts.call_writes)
        carriers = AccessPaths(path for path in made if root(path) not in own)
        found = (path for path in sorted(read) if carriers.overlaps_any(path) and not only_filtered(path, frame.block))
        return next((path for path in found if not made_anew(path, frame.block, end, carriers, facts.call_writes)), None)

    carrier = carried(facts.request_paths(by_item), by_item) or carried(_walked_inside(frame, facts, item), item)
    if carrier is None and by_item and (rebuilt := _rebuilt(frame)):
        carrier = carried(facts.request_paths(NO_PATHS), by_item, rebuilt)
    if carrier is not None:
        return carrier
    kept = (path for path in sorted(outliving(set(facts.carried_state()), before)) if root(path) not in own)
    return next((path for path in kept if not made_anew(path, frame.block, end, NO_PATHS, facts.call_writes)), None)


def _is_made_here(name: str, before: ReachingDefinitions, facts: CallSiteFacts) -> bool:
    """Whether a name surely holds an object that was made in this iteration."""
    bound = next((each for _, each in before.of(name, len(before)) if name in each.keys and not each.adds), None)
    return bound is not None and bound.certain and facts.is_new(bound.value)


_REBUILT: IdentityMemo[set[str]] = IdentityMemo()


def _rebuilt(frame: EnclosingRepetition) -> set[str]:
    """Return the sequences that a repetition takes slices of and sets as a whole. The slices of two rounds may overlap."""
    return _REBUILT.get((frame.block,), lambda: _find_rebuilt(frame))


def _find_rebuilt(frame: EnclosingRepetition) -> set[str]:
    whole = {target.id for target, _ in assignments(frame.block) if isinstance(target, Name)}
    parts = (part for expr in expressions_in(frame.block) for part in walk(expr)) if whole else ()
    sliced = (part.value for part in parts if isinstance(part, Subscript) and isinstance(part.index, Slice))
    return {value.id for value in sliced if isinstance(value, Name) and value.id in whole}


def changed_object(frame: EnclosingRepetition, facts: CallSiteFacts) -> str | None:
    """Return an access path of the object whose data is sent and that the result changes, where the item does not choose the object.

    It is a part of something larger that the next round chooses from, such as the best leaf of a tree.
    """
    before = definitions_before(facts.around.places, frame.depth, facts.call_writes)
    own = frame.targets | inner_targets(frame, facts)
    chosen = {root(path) for path in paths_behind(facts.request_paths(NO_PATHS) | _walked_inside(frame, facts, NO_PATHS), before)} - own
    made = derived(frame.block, set(), ends=frozenset({facts.call.span.end}), call_writes=facts.call_writes)
    item = item_paths(frame, facts.call_writes)
    changed = (path for path in sorted(made) if "." in path and root(path) in chosen and not _is_made_here(root(path), before, facts))
    return next((path for path in changed if not any(covers(each, path) for each in item.rooted(root(path)))), None)


def _walked_inside(frame: EnclosingRepetition, facts: CallSiteFacts, by_item: AccessPaths) -> set[str]:
    """Return the access paths that the iterables of the repetitions between `frame` and the call read: the items of a round."""
    found: set[str] = set()
    for place in facts.around.places[frame.depth + 1 :]:
        if isinstance(place.statement, For) and place.role == "body":
            found |= reads(place.statement.iterable, by_item)
    for expr in frame.inner:
        if isinstance(expr, Comprehension):
            found |= {path for clause in expr.clauses for path in reads(clause.iterable, by_item)}
    return found


def follows_item(frame: EnclosingRepetition, facts: CallSiteFacts) -> bool:
    """Whether the number of rounds of a loop follows from the data that it goes through, as that of a window over a text."""
    if frame.kind == "while":
        variables = _stepped(frame, facts) | manual_iteration(frame).variables
        return bool(variables) and facts.reaches_request(AccessPaths(derived(frame.block, variables)), frame.block)
    if frame.iterable is None or (_builtin_calls([frame.iterable], "range") and not _is_measured(frame.iterable, frame, facts)):
        return False
    return facts.reaches_request(item_paths(frame, facts.call_writes), frame.block)


def _is_measured(number: Expr, frame: EnclosingRepetition, facts: CallSiteFacts) -> bool:
    """Whether a number is made from the length of something."""
    before = definitions_before(facts.around.places[: frame.depth + 1], -1, facts.call_writes)
    return _builtin_calls([number, *calls_behind(reads(number), before)], "len")


def _builtin_calls(exprs: Iterable[Expr], name: str) -> bool:
    return any(isinstance(part, Call) and part.function == Name(name) for expr in exprs for part in walk(expr))


def _stepped(frame: EnclosingRepetition, facts: CallSiteFacts) -> set[str]:
    """Return the access paths that the test of a `while` loop reads and that each round moves on or shortens, whatever the answer is."""
    if not isinstance(frame.node, While):
        return set()
    made = derived(frame.block, set(), ends=frozenset({facts.call.span.end}), call_writes=facts.call_writes)
    tested = reads(frame.node.test) - made
    moved = (each for each in statements_in(frame.block) if isinstance(each, Augment) and first_overlap(reads(each.value), made) is None)
    cut = (part.value for _, value in assignments(frame.block) for part in walk(value) if _is_rest(part) and isinstance(part, Subscript))
    set_here = {path for target, _ in assignments(frame.block) for path in assigned_paths(target)}
    return {path for target in (*(each.target for each in moved), *cut) for path in assigned_paths(target) & tested & set_here}


def _is_rest(part: Expr) -> bool:
    """Whether an expression is a slice that leaves out the beginning: `text[1000:]`."""
    return isinstance(part, Subscript) and isinstance(part.index, Slice) and part.index.lower is not None and part.index.upper is None


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
