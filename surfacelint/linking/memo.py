"""Remembered answers to questions that ask each other, in circles too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from surfacelint.linking.values import NONE, Values

DEEPEST = 200
"""Questions inside of questions. Deeper ones stay without an answer, so that no chain of helpers overflows the stack."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer; `keep` is kept alive with it, `passing` says that it may change once more callers are known."""

    values: Values
    keep: object
    passing: bool
    lowest: int = 0


class Memo:
    """Answers by key. A question that is asked while it is being answered adds nothing to itself.

    An answer found inside of such a circle is incomplete until the question that closes the circle is answered: it serves while
    that one is open, and is forgotten with it. So each question of a circle is answered a bounded number of times.

    `consulted` counts how often an answer was used that depends on which callers are known.
    """

    def __init__(self) -> None:
        self.consulted = 0
        self._answers: dict[object, _Answer] = {}
        self._open: dict[object, int] = {}
        self._lowest: list[int] = []
        self._provisional: dict[object, _Answer] = {}
        self._waiting: dict[int, list[object]] = {}

    def forget(self, *, all_: bool = False) -> None:
        """Forget the answers that depend on which callers are known, or all of them."""
        self._answers = {} if all_ else {key: answer for key, answer in self._answers.items() if not answer.passing}

    def consult(self) -> None:
        """Note that the question being answered asks who calls a function."""
        self.consulted += 1

    def answer(self, key: object, compute: Callable[[], Values], keep: object = None) -> Values:
        """Return `compute()` or what it gave before. `keep` is kept alive with the answer, for keys made of an identity."""
        known = self._answers.get(key)
        if known is not None:
            self.consulted += known.passing
            return known.values
        open_at = self._open.get(key)
        if open_at is not None:
            self._depend(open_at)
            return NONE
        known = self._provisional.get(key)
        if known is not None:
            self.consulted += known.passing
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
        before = self.consulted
        self._open[key] = depth
        self._lowest.append(depth)
        try:
            values = compute()
        finally:
            del self._open[key]
            lowest = self._lowest.pop()
        for inner in self._waiting.pop(depth, ()):
            self._provisional.pop(inner, None)
        answer = _Answer(values, keep, self.consulted != before, lowest)
        if lowest >= depth:
            self._answers[key] = answer
        else:
            self._provisional[key] = answer
            self._waiting.setdefault(lowest, []).append(key)
            self._depend(lowest)
        return values
