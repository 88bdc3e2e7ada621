"""What is found along a way to a request, hop by hop, remembered: long ways have their ends in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from surfacelint.linking.calls.request_summaries import Effect

_Found = TypeVar("_Found")


def first_along(way: Effect | None, look: Callable[[Effect], _Found], nothing: _Found, known: dict[Effect, _Found]) -> _Found:
    """Return the first thing that `look` finds at a hop of a way, where it begins or later; else `nothing`, which is false.

    `known` are the answers of earlier questions with the same `look`.
    """
    passed: list[Effect] = []
    found = nothing
    while way is not None:
        if way in known:
            found = known[way]
            break
        passed.append(way)
        found = look(way)
        if found:
            break
        way = way.rest
    known.update(dict.fromkeys(passed, found))
    return found


def unseen(way: Effect, seen: set[Effect]) -> Iterator[Effect]:
    """Yield a way and the ways that begin at its later hops, without those `seen` before."""
    for tail in way.tails():
        if tail in seen:
            return  # and so was what is behind it
        seen.add(tail)
        yield tail
