"""Remembered answers to questions that ask each other, in circles too."""

from __future__ import annotations

from collections.abc import Callable

from surfacelint.linking.values import NONE, Values

DEEPEST = 300
"""Questions inside of questions. Deeper ones stay without an answer, so that no chain of helpers overflows the stack."""


class Memo:
    """Answers by key. A question that is asked while it is being answered adds nothing to itself.

    An answer found inside of such a circle is incomplete until the question that closes the circle is answered: it serves while
    that one is open, and is forgotten with it. So each question of a circle is answered a bounded number of times.
    """

    def __init__(self) -> None:
        self._answers: dict[object, tuple[object, Values]] = {}
        self._open: dict[object, int] = {}
        self._lowest: list[int] = []
        self._provisional: dict[object, tuple[object, Values, int]] = {}
        self._waiting: dict[int, list[object]] = {}

    def clear(self) -> None:
        """Forget all answers."""
        self._answers.clear()
        self._provisional.clear()
        self._waiting.clear()

    def answer(self, key: object, compute: Callable[[], Values], keep: object = None) -> Values:
        """Return `compute()` or what it gave before. `keep` is kept alive with the answer, for keys made of an identity."""
        known = self._answers.get(key)
        if known is not None:
            return known[1]
        open_at = self._open.get(key)
        if open_at is not None:
            self._depend(open_at)
            return NONE
        provisional = self._provisional.get(key)
        if provisional is not None:
            self._depend(provisional[2])
            return provisional[1]
        if len(self._lowest) >= DEEPEST:
            self._depend(0)
            return NONE
        return self._compute(key, compute, keep)

    def _depend(self, depth: int) -> None:
        if self._lowest and depth < self._lowest[-1]:
            self._lowest[-1] = depth

    def _compute(self, key: object, compute: Callable[[], Values], keep: object) -> Values:
        depth = len(self._lowest)
        self._open[key] = depth
        self._lowest.append(depth)
        try:
            values = compute()
        finally:
            del self._open[key]
            lowest = self._lowest.pop()
        for inner in self._waiting.pop(depth, ()):
            self._provisional.pop(inner, None)
        if lowest >= depth:
            self._answers[key] = (keep, values)
        else:
            self._provisional[key] = (keep, values, lowest)
            self._waiting.setdefault(lowest, []).append(key)
            self._depend(lowest)
        return values
