"""Def-use inside one iteration: what a call reads from before it, what is made of its result, what of the item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from surfacelint.facts.expressions import Call, Expr, Position, walk
from surfacelint.judgement.by_identity import ByIdentity
from surfacelint.judgement.definitions import Definition, Stores, filled, sets
from surfacelint.judgement.keys import NO_KEYS, KeySet, covers, is_exact, is_slot_of, key_of, reads, root, target_keys, touches
from surfacelint.judgement.places import Block
from surfacelint.judgement.reaching import Reaching
from surfacelint.records import record


def _settles(definition: Definition, key: str) -> bool:
    """Whether nothing that was set before `definition` is left of `key`."""
    return (definition.certain or definition.walked) and any(covers(each, key) for each in definition.keys)


def exposed(wanted: set[str], before: Reaching, by_item: KeySet) -> set[str]:
    """Return the keys among `wanted`, or behind what they are made of in this iteration, that may hold a value from before it."""
    return {key for key, definition in _traced(wanted, before, by_item) if definition is None}


def made_by(wanted: set[str], before: Reaching, end: Position) -> bool:
    """Whether one of the keys `wanted`, or what they are made of in this iteration, may come from the call that ends at `end`."""
    values = (definition.value for _, definition in _traced(wanted, before, NO_KEYS) if definition is not None)
    return any(isinstance(part, Call) and part.span.end == end for value in values for part in walk(value))


def _traced(wanted: set[str], before: Reaching, by_item: KeySet) -> Iterator[tuple[str, Definition | None]]:
    """Yield the keys `wanted` and those that they are made of in this iteration, with each definition that may set them.

    With a key that may hold a value from before comes `None`, too.
    """
    pending = [(key, len(before)) for key in sorted(wanted)]
    seen: set[tuple[str, int]] = set()
    while pending:
        key, position = pending.pop()
        if (key, position) in seen:
            continue
        seen.add((key, position))
        for number, definition in before.of(key, position):
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
class Flow:
    """What the statements of a block set and from what, in whatever order they run.

    Each row is a target, the keys that setting it sets, the keys that its value reads, and the value.
    """

    rows: tuple[tuple[Expr, set[str], set[str], Expr], ...]

    @classmethod
    def of(cls, block: Block, stores: Stores = filled) -> Flow:
        """Return the flow of a block; `stores` says what calls put where."""
        return _FLOWS.get((block, stores), lambda: cls(tuple([_row(target, value) for target, value in sets(block, stores)])))

    def derived(self, start: set[str], ends: frozenset[Position] = frozenset(), by_item: KeySet = NO_KEYS) -> set[str]:
        """Return the keys that are made from the keys `start`, or from a call whose end is in `ends`, anywhere in the block.

        Writing into the slot of an item (an index in `by_item`) does not spread to the container.
        """
        found = KeySet(start)
        pending = list(start)
        users: dict[str, list[tuple[str, set[str]]]] = defaultdict(list)
        for target, keys, read, value in self.rows:
            if is_slot_of(target, by_item):
                continue
            for key in read:
                users[root(key)].append((key, keys))
            if ends and any(isinstance(part, Call) and part.span.end in ends for part in walk(value)):
                pending += found.update(keys)
        while pending:
            key = pending.pop()
            for each, keys in users.get(root(key), ()):
                if touches(each, key):
                    pending += found.update(keys)
        return set(found)


def _row(target: Expr, value: Expr) -> tuple[Expr, set[str], set[str], Expr]:
    return target, target_keys(target), reads(value), value


_FLOWS: ByIdentity[Flow] = ByIdentity()


def derived(
    block: Block,
    start: set[str],
    *,
    ends: frozenset[Position] = frozenset(),
    by_item: KeySet = NO_KEYS,
    stores: Stores = filled,
) -> set[str]:
    """Return what the flow of a block derives; see `Flow.derived`."""
    return Flow.of(block, stores).derived(start, ends, by_item)
