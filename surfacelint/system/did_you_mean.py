"""Suggestions for unknown words: the most similar known word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def close(word: str, known: Iterable[str]) -> str | None:
    """Return the most similar known word, or `None` if none is close. Ignores case and the difference of `_` and `-`."""
    folded = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(word.casefold().replace("_", "-"), folded, n=1)
    return folded[found[0]] if found else None


def suggestion(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return "did you mean …?" with the closest known word. Without one, return `otherwise`, or list all known words."""
    words = list(known)
    meant = close(word, words)
    return f"did you mean {meant!r}?" if meant is not None else otherwise or f"use one of {', '.join(words)}"
