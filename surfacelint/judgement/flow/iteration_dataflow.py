"""Data flow inside one iteration of a loop: values from earlier iterations, and values made from the item or a call's result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from surfacelint.facts.expressions import Call, Comprehension, Expr, Position, walk
from surfacelint.judgement.flow.access_paths import (
    NO_PATHS,
    AccessPaths,
    access_path,
    assigned_paths,
    covers,
    indexes,
    is_exact,
    is_slot_of,
    reads,
    root,
    touches,
)
from surfacelint.judgement.flow.enclosing_statements import Block
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.flow.reaching_definitions import ReachingDefinitions, definitions_in
from surfacelint.judgement.flow.statement_definitions import CallWrites, Definition, assignments, container_writes
from surfacelint.system.records import record


def _kills(definition: Definition, path: str) -> bool:
    """Whether `definition` kills every earlier definition of the access path `path`."""
    return (definition.certain or definition.walked) and any(covers(each, path) for each in definition.keys)


Seen: TypeAlias = dict[tuple[str, int], Definition]
"""Visited definitions: by access path, and by the identity of the definition."""


def upward_exposed(wanted: set[str], before: ReachingDefinitions, by_item: AccessPaths, seen: Seen | None = None) -> set[str]:
    """Return the upward-exposed access paths: those behind `wanted` that may hold a value from before this iteration.

    `wanted` are followed through the definitions of this iteration. With `seen`, access paths that an earlier call found are left out.
    """
    return {path for path, definition in _traced(wanted, before, by_item, {} if seen is None else seen) if definition is None}


def comes_from_call(wanted: set[str], before: ReachingDefinitions, end: Position) -> bool:
    """Whether one of the access paths `wanted` may come, within this iteration, from the call that ends at `end`."""
    return any(call.span.end == end for call in calls_behind(wanted, before))


def paths_behind(wanted: set[str], before: ReachingDefinitions) -> set[str]:
    """Return the access paths that are set within this iteration and that `wanted` may come from."""
    return {path for path, definition in _traced(wanted, before, NO_PATHS, {}) if definition is not None}


def calls_behind(wanted: set[str], before: ReachingDefinitions) -> Iterator[Call]:
    """Yield the calls from which the access paths `wanted` may come within this iteration."""
    for _, definition in _traced(wanted, before, NO_PATHS, {}):
        if definition is not None:
            yield from (part for part in walk(definition.value) if isinstance(part, Call))


def _traced(wanted: set[str], before: ReachingDefinitions, by_item: AccessPaths, seen: Seen) -> Iterator[tuple[str, Definition | None]]:
    """Yield the access paths `wanted` and those they are made from in this iteration, each with every definition that reaches it.

    An access path that may hold a value from before the iteration also comes with `None`. What is in `seen` is left out.
    """
    pending = [(path, len(before)) for path in sorted(wanted)]
    while pending:
        path, position = pending.pop()
        for number, definition in before.of(path, position):
            if (path, id(definition)) in seen:
                break  # the earlier ones were visited with it
            seen[path, id(definition)] = definition
            yield path, definition
            pending.extend((read, number) for read in sorted(reads(definition.value, by_item)))
            if _kills(definition, path):
                break
        else:
            yield path, None


def outliving(kept: set[str], before: ReachingDefinitions) -> set[str]:
    """Return those access paths of `kept` whose objects were not made in this iteration.

    A name that was assigned another access path refers to the same object. The result of a call and an item of a collection are
    new objects.
    """
    found: set[str] = set()
    pending = [(path, len(before)) for path in sorted(kept)]
    while pending:
        path, position = pending.pop()
        for number, definition in before.of(path, position):
            if definition.certain:
                named = access_path(definition.value)
                pending += [(named, number)] if named is not None and is_exact(named) else []
                break
        else:
            found.add(path)
    return found


@record(frozen=True, slots=True)
class _Row:
    """One assignment: its target, the access paths that it sets, and those that its value reads."""

    target: Expr
    paths: set[str]
    read: set[str]


class BlockFlow:
    """Flow-insensitive data flow of a block: what its statements set and from what, in any order."""

    def __init__(self, pairs: tuple[tuple[Expr, Expr], ...], holders: Iterable[tuple[Expr, set[str]]] = ()) -> None:
        """`pairs` are targets and values. `holders` are objects that may keep something of the given access paths."""
        self._users: dict[str, dict[str, list[_Row]]] = {}
        self._calls: dict[Position, list[_Row]] = {}
        self._seen: set[tuple[str, frozenset[str]]] = set()
        for target, value in pairs:
            row = self._add(target, reads(value))
            for part in walk(value):
                if isinstance(part, Call):
                    self._calls.setdefault(part.span.end, []).append(row)
        for target, read in holders:
            self._add(target, read)

    def _add(self, target: Expr, read: set[str]) -> _Row:
        """Record that setting `target` reads the access paths `read`."""
        row = _Row(target, assigned_paths(target), read)
        same, is_slot = frozenset(row.paths), bool(indexes(target))
        for path in read:
            if is_slot or (path, same) not in self._seen:  # repeated assignments add nothing
                self._users.setdefault(root(path), {}).setdefault(path, []).append(row)
        self._seen.update((path, same) for path in read if not is_slot)
        return row

    def _ending(self, ends: frozenset[Position]) -> Iterable[Position]:
        """Return the ends of calls in the block that are among `ends`, which may cover the whole function."""
        return filter(ends.__contains__, self._calls) if len(ends) > len(self._calls) else filter(self._calls.__contains__, ends)

    @classmethod
    def of(cls, block: Block, call_writes: CallWrites = container_writes) -> BlockFlow:
        """Return the flow of a block; `call_writes` describes the writes of calls."""
        return _FLOWS.get((block, call_writes), lambda: cls(assignments(block, call_writes)))

    def derived(self, start: Iterable[str], ends: frozenset[Position] = frozenset(), by_item: AccessPaths = NO_PATHS) -> set[str]:
        """Return the access paths that are made from `start`, or from a call whose end is in `ends`, anywhere in the block.

        A write into the slot of an item (an index in `by_item`) does not spread to the container.
        """
        found = AccessPaths(start)
        pending = list(found)
        for row in (row for end in self._ending(ends) for row in self._calls[end]):
            if not is_slot_of(row.target, by_item):
                pending += found.update(row.paths)
        while pending:
            path = pending.pop()
            users = self._users.get(root(path), {})
            for row in (row for read, rows in users.items() if touches(read, path) for row in rows):
                if not found.holds(row.paths) and not is_slot_of(row.target, by_item):
                    pending += found.update(row.paths)
        return set(found)


_FLOWS: IdentityMemo[BlockFlow] = IdentityMemo()


def derived(
    block: Block,
    start: Iterable[str],
    *,
    ends: frozenset[Position] = frozenset(),
    by_item: AccessPaths = NO_PATHS,
    call_writes: CallWrites = container_writes,
) -> set[str]:
    """Return the access paths that a block makes from others or from calls; see `Flow.derived`."""
    return BlockFlow.of(block, call_writes).derived(start, ends, by_item)


def only_filtered(path: str, block: Block) -> bool:
    """Whether a block only ever sets an access path to some items of a collection: `todo = [x for x in todo if …]`. No item is new."""
    values = [value for target, value in assignments(block) if path in assigned_paths(target)]
    return bool(values) and all(map(_filters, values))


def _filters(value: Expr) -> bool:
    """Whether an expression takes some items of a collection unchanged."""
    if not isinstance(value, Comprehension) or len(value.clauses) != 1:
        return False
    return value.elements == (value.clauses[0].target,)


def made_anew(path: str, block: Block, end: Position, made: AccessPaths, call_writes: CallWrites) -> bool:
    """Whether each iteration leaves an access path without anything of its call that ends at `end`: a history that it empties.

    `made` are the access paths that the block makes from the result of the call.
    """
    for _, definition in _traced({path}, definitions_in(block, call_writes), NO_PATHS, {}):
        if definition is not None and any(isinstance(part, Call) and part.span.end == end for part in walk(definition.value)):
            return False
    exposed = upward_exposed({path}, definitions_in(block, call_writes), NO_PATHS)
    return not any(touches(path, each) or made.overlaps_any(each) for each in exposed)
