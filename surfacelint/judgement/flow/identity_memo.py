"""A memo for functions of statements and expressions, keyed by identity, because comparing them is as slow as computing."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar
from weakref import WeakSet

MOST = 5_000
"""Answers that a memo keeps. When it is full, it drops the older half."""

Answer = TypeVar("Answer")


class IdentityMemo(Generic[Answer]):
    """Memoized answers, keyed by the identities of the objects that they are about."""

    _all: ClassVar[WeakSet[IdentityMemo[object]]] = WeakSet()

    def __init__(self) -> None:
        IdentityMemo._all.add(self)  # type: ignore[arg-type]
        self._known: dict[tuple[int, ...], tuple[Answer, tuple[object, ...]]] = {}

    def get(self, about: tuple[object, ...], compute: Callable[[], Answer]) -> Answer:
        """Return `compute()`, or its earlier result for the same objects. The memo keeps the objects alive."""
        key = tuple(map(id, about))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST:
                for old in list(self._known)[: MOST // 2]:
                    del self._known[old]
            known = self._known[key] = compute(), about
        return known[0]

    def knows(self, about: tuple[object, ...]) -> bool:
        """Whether there is an answer about these objects."""
        return tuple(map(id, about)) in self._known

    @classmethod
    def clear_all(cls) -> None:
        """Drop the answers of all memos. A process that analyses several programs would keep parts of each alive otherwise."""
        for memo in cls._all:
            memo._known.clear()
