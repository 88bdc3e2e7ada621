"""Def-use inside one iteration: what a call reads from before it, what is made of its result, what of the item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from surfacelint.facts.expressions import Call, Expr, Position, walk
from surfacelint.judgement.flow.access_paths import (
    NO_KEYS,
    KeySet,
    covers,
    indexes,
    is_exact,
    is_slot_of,
    key_of,
    reads,
    root,
    target_keys,
    touches,
)
from surfacelint.judgement.flow.enclosing_statements import Block
from surfacelint.judgement.flow.identity_memo import ByIdentity
from surfacelint.judgement.flow.reaching_definitions import Reaching
from surfacelint.judgement.flow.statement_definitions import Definition, Stores, filled, sets
from surfacelint.system.records import record


def _settles(definition: Definition, key: str) -> bool:
    """Whether nothing that was set before `definition` is left of `key`."""
    return (definition.certain or definition.walked) and any(covers(each, key) for each in definition.keys)


Seen: TypeAlias = dict[tuple[str, int], Definition]
"""Definitions that were looked at, for a key each, by identity."""


def exposed(wanted: set[str], before: Reaching, by_item: KeySet, seen: Seen | None = None) -> set[str]:
    """Return the keys among `wanted`, or behind what they are made of in this iteration, that may hold a value from before it.

    With `seen`, keys are left out that an earlier question about the same function found.
    """
    return {key for key, definition in _traced(wanted, before, by_item, {} if seen is None else seen) if definition is None}


def made_by(wanted: set[str], before: Reaching, end: Position) -> bool:
    """Whether one of the keys `wanted`, or what they are made of in this iteration, may come from the call that ends at `end`."""
    values = (definition.value for _, definition in _traced(wanted, before, NO_KEYS, {}) if definition is not None)
    return any(isinstance(part, Call) and part.span.end == end for value in values for part in walk(value))


def _traced(wanted: set[str], before: Reaching, by_item: KeySet, seen: Seen) -> Iterator[tuple[str, Definition | None]]:
    """Yield the keys `wanted` and those that they are made of in this iteration, with each definition that may set them.

    With a key that may hold a value from before comes `None`, too. What is `seen` is left out.
    """
    pending = [(key, len(before)) for key in sorted(wanted)]
    while pending:
        key, position = pending.pop()
        for number, definition in before.of(key, position):
            if (key, id(definition)) in seen:
                break  # and so were those before it
            seen[key, id(definition)] = definition
            yield key, definition
            pending.extend((read, number) for read in sorted(reads(definition.value, by_item)))
            if _settles(definition, key):
                break
        else:
            yield key, None


def outliving(kept: set[str], before: Reaching) -> set[str]:
    """Return those of the objects at `kept` that were not made in the iteration.

    An object that something else names is that other object; one that a call gave, or that was picked from many, is a new one.
    """
    found: set[str] = set()
    pending = [(key, len(before)) for key in sorted(kept)]
    while pending:
        key, position = pending.pop()
        for number, definition in before.of(key, position):
            if definition.certain:
                named = key_of(definition.value)
                pending += [(named, number)] if named is not None and is_exact(named) else []
                break
        else:
            found.add(key)
    return found


@record(frozen=True, slots=True)
class _Row:
    """The keys that setting a target sets, and the keys that its value reads."""

    target: Expr
    keys: set[str]
    read: set[str]


class Flow:
    """What the statements of a block set and from what, in whatever order they run."""

    def __init__(self, pairs: tuple[tuple[Expr, Expr], ...], holders: Iterable[tuple[Expr, set[str]]] = ()) -> None:
        """`pairs` are targets and values, `holders` what may hold something of some keys from then on."""
        self._users: dict[str, list[tuple[str, _Row]]] = {}
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
        row = _Row(target, target_keys(target), read)
        same, is_slot = frozenset(row.keys), bool(indexes(target))
        for key in read:
            if is_slot or (key, same) not in self._seen:  # it makes no difference how often
                self._users.setdefault(root(key), []).append((key, row))
        self._seen.update((key, same) for key in read if not is_slot)
        return row

    def _ending(self, ends: frozenset[Position]) -> Iterable[Position]:
        """Return the ends of calls of the block that are among `ends`, which may be those of a whole function."""
        return filter(ends.__contains__, self._calls) if len(ends) > len(self._calls) else filter(self._calls.__contains__, ends)

    @classmethod
    def of(cls, block: Block, stores: Stores = filled) -> Flow:
        """Return the flow of a block; `stores` says what calls put where."""
        return _FLOWS.get((block, stores), lambda: cls(sets(block, stores)))

    def derived(self, start: Iterable[str], ends: frozenset[Position] = frozenset(), by_item: KeySet = NO_KEYS) -> set[str]:
        """Return the keys that are made from the keys `start`, or from a call whose end is in `ends`, anywhere in the block.

        Writing into the slot of an item (an index in `by_item`) does not spread to the container.
        """
        found = KeySet(start)
        pending = list(found)
        for row in (row for end in self._ending(ends) for row in self._calls[end]):
            if not is_slot_of(row.target, by_item):
                pending += found.update(row.keys)
        while pending:
            key = pending.pop()
            for each, row in self._users.get(root(key), ()):
                if touches(each, key) and not found.holds(row.keys) and not is_slot_of(row.target, by_item):
                    pending += found.update(row.keys)
        return set(found)


_FLOWS: ByIdentity[Flow] = ByIdentity()


def derived(
    block: Block,
    start: Iterable[str],
    *,
    ends: frozenset[Position] = frozenset(),
    by_item: KeySet = NO_KEYS,
    stores: Stores = filled,
) -> set[str]:
    """Return what the flow of a block derives; see `Flow.derived`."""
    return Flow.of(block, stores).derived(start, ends, by_item)
