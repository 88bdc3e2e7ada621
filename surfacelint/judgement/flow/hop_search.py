"""Searches along the hops of an effect, memoized per hop: many effects share their last hops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from surfacelint.linking.calls.request_summaries import Effect

_Found = TypeVar("_Found")


def first_along(effect: Effect | None, look: Callable[[Effect], _Found], nothing: _Found, known: dict[Effect, _Found]) -> _Found:
    """Return the first true result of `look` for an effect and its tails, hop by hop towards the request; else `nothing`.

    `known` is the memo of earlier searches with the same `look`.
    """
    passed: list[Effect] = []
    found = nothing
    while effect is not None:
        if effect in known:
            found = known[effect]
            break
        passed.append(effect)
        found = look(effect)
        if found:
            break
        effect = effect.rest
    known.update(dict.fromkeys(passed, found))
    return found


def unseen_tails(effect: Effect, seen: set[Effect]) -> Iterator[Effect]:
    """Yield an effect and its tails that are not in `seen`, and add them to it."""
    for tail in effect.tails():
        if tail in seen:
            return  # its own tails were seen with it
        seen.add(tail)
        yield tail
