"""Remembered answers to questions that ask each other, in circles too, and what has to be forgotten when facts change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar, cast

from surfacelint.linking.values import NONE, Values

DEEPEST = 200
"""Questions inside of questions. Deeper ones stay without an answer, so that no chain of helpers overflows the stack."""

Fact: TypeAlias = tuple[str, str]
"""Something that is only known bit by bit: one of the three kinds below, and what it is about."""

CALLERS, SUBCLASSES, RELEVANT = "callers of", "subclasses of", "relevance of"
"""Who calls a function or makes a class, which classes inherit from one or fit it, whether a module counts."""

_Read = TypeVar("_Read")


def differing(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Return the keys under which two mappings have something else."""
    return [key for key in dict.fromkeys((*before, *now)) if before.get(key) != now.get(key)]


class _Answer:
    """An answer that is not firm; `keep` is kept alive with it, `lowest` is the depth of the question that it waits for."""

    __slots__ = ("keep", "lowest", "values")

    def __init__(self, values: Values, keep: object, lowest: int) -> None:
        self.values = values
        self.keep = keep
        self.lowest = lowest


class Memo:
    """Answers by key. A question that is asked while it is being answered adds nothing to itself.

    An answer found inside of such a circle is incomplete until the question that closes the circle is answered: it serves while
    that one is open, and is forgotten with it. So each question of a circle is answered a bounded number of times.
    """

    def __init__(self) -> None:
        self.firm: dict[object, Values] = {}
        """The answers that rest on nothing that may change: most of them, and asked for most often."""
        self._keep: list[object] = []
        self._leaning: dict[object, _Answer] = {}
        self._notes: dict[object, Any] = {}
        self._users: dict[object, dict[object, None]] = {}
        self._open: dict[object, int] = {}
        self._lowest: list[int] = []
        self._consulted: list[object] = []
        """What the questions that are open lean on so far: each on all from where the list ended when it was asked."""
        self._noting = 0
        self._provisional: dict[object, _Answer] = {}
        self._waiting: dict[int, list[object]] = {}

    def forget(self, changed: Iterable[Fact]) -> list[Any]:
        """Forget all that leans on one of the facts `changed`, directly or not; return what was noted of it."""
        stack: list[object] = list(changed)
        notes: list[Any] = []
        while stack:
            for user in self._users.pop(stack.pop(), ()):
                if self._leaning.pop(user, None) is not None:
                    stack.append(user)
                elif user in self._notes:
                    stack.append(user)
                    notes.append(self._notes.pop(user))
        return notes

    def consult(self, fact: Fact) -> None:
        """Note that the questions being answered lean on a fact."""
        self._consulted.append(fact)

    def noted(self, key: object, compute: Callable[[], _Read]) -> _Read:
        """Return `compute()` or what it gave before, which is no answer but made of answers."""
        known = self._notes.get(key)
        if known is None:
            start = len(self._consulted)
            self._noting += 1
            known = self._notes[key] = compute()
            self._noting -= 1
            self._lean(key, start)
        return cast(_Read, known)

    def answer(self, key: object, compute: Callable[[], Values], keep: object = None) -> Values:
        """Return `compute()` or what it gave before. `keep` is kept alive with the answer, for keys made of an identity."""
        firm = self.firm.get(key)
        if firm is not None:
            return firm
        known = self._leaning.get(key)
        if known is not None:
            self._consulted.append(key)
            return known.values
        open_at = self._open.get(key)
        if open_at is not None:
            self._depend(open_at)
            return NONE
        known = self._provisional.get(key)
        if known is not None:
            # What it leans on has been noted for the question that it waits for, which alone will be kept.
            self._depend(known.lowest)
            return known.values
        if len(self._lowest) >= DEEPEST:
            self._depend(0)
            return NONE
        return self._compute(key, compute, keep)

    def _depend(self, depth: int) -> None:
        if self._lowest and depth < self._lowest[-1]:
            self._lowest[-1] = depth

    def _lean(self, key: object, start: int) -> bool:
        """Note what has been consulted since `start` as what `key` leans on; return whether that is anything."""
        found = set(self._consulted[start:])
        del self._consulted[start:]
        for other in found:
            known = self._users.get(other)
            if known is None:
                self._users[other] = {key: None}
            else:
                known[key] = None
        return bool(found)

    def _compute(self, key: object, compute: Callable[[], Values], keep: object) -> Values:
        depth, start = len(self._lowest), len(self._consulted)
        self._open[key] = depth
        self._lowest.append(depth)
        try:
            values = compute()
        finally:
            del self._open[key]
            lowest = self._lowest.pop()
        for inner in self._waiting.pop(depth, ()):
            self._provisional.pop(inner, None)
        if lowest < depth:
            self._provisional[key] = _Answer(values, keep, lowest)
            self._waiting.setdefault(lowest, []).append(key)
            self._depend(lowest)
        elif self._lean(key, start):
            self._leaning[key] = _Answer(values, keep, lowest)
            self._consulted.append(key)
        else:
            self.firm[key] = values
            self._keep.append(keep)
        if not self._lowest and not self._noting:
            self._consulted.clear()  # nobody asked for the sake of anything
        return values
