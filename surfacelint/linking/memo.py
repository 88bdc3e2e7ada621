"""Remembered answers to questions that ask each other, in circles too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from surfacelint.linking.values import NONE, Values

DEEPEST = 200
"""Questions inside of questions. Deeper ones stay without an answer, so that no chain of helpers overflows the stack."""


CALLERS, SUBCLASSES, RELEVANT = 1, 2, 4
"""What an answer may rest on that is only known bit by bit: who calls a function, which classes inherit from one, which modules count."""

_Read = TypeVar("_Read")


class _Answer:
    """An answer that may be forgotten, and the facts that it rests on; `keep` is kept alive with it."""

    __slots__ = ("grounds", "keep", "lowest", "values")

    def __init__(self, values: Values, keep: object, grounds: int, lowest: int) -> None:
        self.values = values
        self.keep = keep
        self.grounds = grounds
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
        self._grounds = 0
        self._leaning: dict[object, _Answer] = {}
        self._open: dict[object, int] = {}
        self._lowest: list[int] = []
        self._provisional: dict[object, _Answer] = {}
        self._waiting: dict[int, list[object]] = {}

    def forget(self, changed: int) -> None:
        """Forget the answers that rest on one of the facts `changed`."""
        self._leaning = {key: answer for key, answer in self._leaning.items() if not answer.grounds & changed}

    def consult(self, fact: int) -> None:
        """Note that the question being answered rests on a fact."""
        self._grounds |= fact

    def noted(self, compute: Callable[[], _Read]) -> tuple[_Read, int]:
        """Return `compute()`, and the facts that it rests on."""
        outside, self._grounds = self._grounds, 0
        found = compute()
        grounds, self._grounds = self._grounds, self._grounds | outside
        return found, grounds

    def answer(self, key: object, compute: Callable[[], Values], keep: object = None) -> Values:
        """Return `compute()` or what it gave before. `keep` is kept alive with the answer, for keys made of an identity."""
        firm = self.firm.get(key)
        if firm is not None:
            return firm
        known = self._leaning.get(key)
        if known is not None:
            self._grounds |= known.grounds
            return known.values
        open_at = self._open.get(key)
        if open_at is not None:
            self._depend(open_at)
            return NONE
        known = self._provisional.get(key)
        if known is not None:
            self._grounds |= known.grounds
            self._depend(known.lowest)
            return known.values
        if len(self._lowest) >= DEEPEST:
            self._depend(0)
            return NONE
        return self._compute(key, compute, keep)

    def _depend(self, depth: int) -> None:
        if self._lowest and depth < self._lowest[-1]:
            self._lowest[-1] = depth

    def _compute(self, key: object, compute: Callable[[], Values], keep: object) -> Values:
        depth = len(self._lowest)
        outside, self._grounds = self._grounds, 0
        self._open[key] = depth
        self._lowest.append(depth)
        try:
            values = compute()
        finally:
            del self._open[key]
            lowest = self._lowest.pop()
        for inner in self._waiting.pop(depth, ()):
            self._provisional.pop(inner, None)
        grounds = self._grounds
        self._grounds |= outside
        if lowest < depth:
            self._provisional[key] = _Answer(values, keep, grounds, lowest)
            self._waiting.setdefault(lowest, []).append(key)
            self._depend(lowest)
        elif grounds:
            self._leaning[key] = _Answer(values, keep, grounds, lowest)
        else:
            self.firm[key] = values
            self._keep.append(keep)
        return values
