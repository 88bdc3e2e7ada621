"""Alternatives in glob patterns: `{src,tools}/*.py` stands for `src/*.py` and `tools/*.py`, as in ruff. They may be nested."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from functools import lru_cache

MOST = 10_000
"""The maximum number of patterns that the patterns of one setting stand for. A few braces in a row could stand for millions."""

LONGEST = 4_096
"""The maximum length of a pattern with braces. No path is longer."""


def are_too_many(patterns: Iterable[str]) -> bool:
    """Whether patterns stand for more than `MOST` others, or one with braces has more than `LONGEST` characters."""
    room = MOST
    for pattern in patterns:
        if "{" in pattern and len(pattern) > LONGEST:
            return True
        room -= _number(pattern)
        if room < 0:
            return True
    return False


def literal(path: str) -> str:
    """Return a pattern that matches only this path."""
    return glob.escape(path).replace("{", "[{]")


@lru_cache(maxsize=1_000)
def alternatives(pattern: str) -> tuple[str, ...]:
    """Return the patterns without braces that a pattern stands for. A brace without a partner is an ordinary character.

    So are all braces of a pattern that stands for too many others: it may have them from the name of a folder.
    """
    if are_too_many((pattern,)):
        return (pattern,)
    paired = _paired(pattern)
    around: list[tuple[list[str], list[str]]] = []
    done: list[str] = []
    begun = [""]
    start = 0
    for place in _marks(pattern, paired):
        begun = [each + pattern[start:place] for each in begun]
        start = place + 1
        match pattern[place]:
            case "{":
                around.append((done, begun))
                done, begun = [], [""]
            case ",":
                done, begun = [*done, *begun], [""]
            case _:
                inner = [*done, *begun]
                done, before = around.pop()
                begun = [each + choice for each in before for choice in inner]
    return tuple(each + pattern[start:] for each in begun)


def separated(text: str) -> list[str]:
    """Return the parts between the commas of a list, except commas inside braces."""
    words, depth = [""], 0
    for character in text:
        depth = max(0, depth + (character == "{") - (character == "}"))
        if character == "," and not depth:
            words.append("")
        else:
            words[-1] += character
    return words if not depth else text.split(",")


def _number(pattern: str) -> int:
    """Return how many patterns a pattern stands for, or a number above `MOST` if there are more than that."""
    paired = _paired(pattern)
    around: list[tuple[int, int]] = []
    done, begun = 0, 1
    for place in _marks(pattern, paired):
        match pattern[place]:
            case "{":
                around.append((done, begun))
                done, begun = 0, 1
            case ",":
                done, begun = min(done + begun, MOST + 1), 1
            case _:
                inner = done + begun
                done, before = around.pop()
                begun = min(before * inner, MOST + 1)
    return begun


def _marks(pattern: str, paired: frozenset[int]) -> Iterable[int]:
    """Yield the places of the braces with a partner, and of the commas between them."""
    depth = 0
    for place, character in enumerate(pattern):
        if place in paired:
            depth += 1 if character == "{" else -1
            yield place
        elif character == "," and depth:
            yield place


def _paired(pattern: str) -> frozenset[int]:
    """Return the places of the braces that have a partner. One in brackets, `[{]`, has none."""
    found: set[int] = set()
    opened: list[int] = []
    for place, character in enumerate(pattern if "{" in pattern else ""):
        if character == "{" and pattern[max(place - 1, 0) : place + 2] != "[{]":
            opened.append(place)
        elif character == "}" and opened:
            found.update((opened.pop(), place))
    return frozenset(found)
