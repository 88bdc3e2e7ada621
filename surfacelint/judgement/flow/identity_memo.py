"""Answers about statements that are asked for again and again: by identity, since comparing them takes as long as asking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

MOST = 5_000
"""Answers that are remembered; then the older half is forgotten."""

Answer = TypeVar("Answer")


class ByIdentity(Generic[Answer]):
    """Answers by the objects that they are about."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], tuple[Answer, tuple[object, ...]]] = {}

    def get(self, about: tuple[object, ...], compute: Callable[[], Answer]) -> Answer:
        """Return `compute()`, or what it gave before about the same objects, which are kept alive with it."""
        key = tuple(map(id, about))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST:
                for old in list(self._known)[: MOST // 2]:
                    del self._known[old]
            known = self._known[key] = compute(), about
        return known[0]
