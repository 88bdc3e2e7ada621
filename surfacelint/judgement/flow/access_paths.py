"""Keys: how data flow names what holds data.

A key is a name and the way from it: `self.history` for an attribute, `item.['prompt']` for a slot whose index is written down, and
`rows.[*]` for a slot that is not known. Two keys touch if one is the other or holds it; an unknown slot may be any slot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Collection,
    Comprehension,
    Constant,
    Expr,
    Lambda,
    Name,
    Slice,
    Starred,
    Subscript,
    children,
)

ANY_SLOT = "[*]"
"""The part of a key that stands for a slot whose index is not known."""


def key_of(expr: Expr) -> str | None:
    """Return the key of an expression that names something which is there, `None` for anything that is made."""
    parts: list[str] = []
    # The most asked question of all: the plain tests are several times as fast as a `match`.
    while not isinstance(expr, Name):
        if isinstance(expr, Attribute):
            parts.append(expr.attr)
            expr = expr.value
        elif isinstance(expr, Subscript):
            if not isinstance(expr.index, Slice):
                parts.append(_slot(expr.index))
            expr = expr.value
        elif isinstance(expr, Call) and isinstance(expr.function, Attribute) and expr.function.attr == "get" and expr.arguments:
            if not isinstance(expr.arguments[0].value, Constant):
                return None
            parts.append(_slot(expr.arguments[0].value))
            expr = expr.function.value
        else:
            return None
    return ".".join((expr.id, *reversed(parts))) if parts else expr.id


def _slot(index: Expr) -> str:
    known = isinstance(index, Constant) and isinstance(index.value, str) and "." not in index.value
    return f"[{index.value!r}]" if isinstance(index, Constant) and known else ANY_SLOT


def root(key: str) -> str:
    """Return the name that a key begins with."""
    return key.partition(".")[0]


def is_exact(key: str) -> bool:
    """Whether a key names one place, and not any slot of something."""
    return ANY_SLOT not in key


def covers(one: str, other: str) -> bool:
    """Whether setting the key `one` sets all of `other`."""
    return other == one or other.startswith(f"{one}.")


def touches(one: str, other: str) -> bool:
    """Whether two keys may be the same, or one may hold the other."""
    if ANY_SLOT not in one and ANY_SLOT not in other:
        return covers(one, other) or covers(other, one)
    pairs = zip(one.split("."), other.split("."), strict=False)
    return all(mine == theirs or (ANY_SLOT in (mine, theirs) and mine[0] == theirs[0] == "[") for mine, theirs in pairs)


def any_touch(keys: Iterable[str], others: Iterable[str]) -> str | None:
    """Return the first of the sorted `keys` that touches one of `others`."""
    kept = others if isinstance(others, KeySet) else KeySet(others)
    return next((key for key in sorted(keys) if kept.touched_by(key)), None)


class KeySet:
    """Keys, found by the name that they begin with."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._by_root: dict[str, set[str]] = {}
        self.update(keys)

    def __iter__(self) -> Iterator[str]:
        return (key for keys in self._by_root.values() for key in keys)

    def update(self, keys: Iterable[str]) -> list[str]:
        """Add keys; return those that are new."""
        fresh = []
        for key in keys:
            known = self._by_root.setdefault(root(key), set())
            if key not in known:
                known.add(key)
                fresh.append(key)
        return fresh

    def roots(self) -> Iterable[str]:
        """Return the names that they begin with."""
        return self._by_root

    def rooted(self, name: str) -> Iterable[str]:
        """Return those that begin with a name."""
        return self._by_root.get(name, ())

    def holds(self, keys: Iterable[str]) -> bool:
        """Whether all of some keys are among these."""
        return all(key in self._by_root.get(root(key), ()) for key in keys)

    def touched_by(self, key: str) -> bool:
        """Whether a key touches one of these."""
        return any(touches(key, other) for other in self._by_root.get(root(key), ()))

    def __bool__(self) -> bool:
        return bool(self._by_root)


NO_KEYS = KeySet()


def reads(expr: Expr, by_item: KeySet = NO_KEYS) -> set[str]:
    """Return the keys that evaluating `expr` reads.

    A method may read every slot of its receiver. Containers that are indexed by something in `by_item` are left out: such a
    read picks the slot of one item.
    """
    found: set[str] = set()
    stack = [expr]
    while stack:
        here = stack.pop()
        if isinstance(here, Lambda):
            found |= reads(here.body, by_item) - set(here.parameters)
            continue
        if isinstance(here, Comprehension):
            found |= _comprehension_reads(here, by_item)
            continue
        key = key_of(here)
        if key is None:
            stack.extend(children(here))
            receiver = key_of(here.function.value) if isinstance(here, Call) and isinstance(here.function, Attribute) else None
            if receiver is not None:
                found.add(f"{receiver}.{ANY_SLOT}")
            continue
        stack.extend(indexes(here))
        if not by_item or not is_slot_of(here, by_item):
            found.add(key)
    return found


def indexes(expr: Expr) -> list[Expr]:
    """Return the expressions by which something named by a key is indexed."""
    found: list[Expr] = []
    while True:
        if isinstance(expr, Attribute):
            expr = expr.value
        elif isinstance(expr, Subscript):
            found.append(expr.index)
            expr = expr.value
        elif isinstance(expr, Call) and isinstance(expr.function, Attribute):
            expr = expr.function.value
        else:
            return found


def is_slot_of(expr: Expr, by_item: KeySet) -> bool:
    """Whether `expr` is, or lies in, a slot that is picked by something in `by_item`: `results[i].score`."""
    return bool(by_item) and any(any_touch(reads(index), by_item) is not None for index in indexes(expr))


def argument_reads(call: Call, by_item: KeySet = NO_KEYS) -> set[str]:
    """Return the keys that evaluating the arguments of `call` reads, as `reads` does."""
    return {key for argument in call.arguments for key in reads(argument.value, by_item)}


def _comprehension_reads(expr: Comprehension, by_item: KeySet) -> set[str]:
    own = {key for clause in expr.clauses for key in target_keys(clause.target)}
    inner = {key for child in children(expr) for key in reads(child, by_item)}
    return {key for key in inner if root(key) not in own}


def target_keys(target: Expr) -> set[str]:
    """Return the keys that assigning to `target` sets; the container for a slot of something that is made."""
    match target:
        case Collection(items=items):
            return {key for item in items for key in target_keys(item)}
        case Starred(value=value):
            return target_keys(value)
        case _:
            key = key_of(target)
            if key is None and isinstance(target, Subscript):
                return target_keys(target.value)
            return set() if key is None else {key}
