"""What to say about a word that nobody knows: the known one that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def close(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, `None` if none is close. Case, and `_` for `-`, are slips."""
    folded = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(word.casefold().replace("_", "-"), folded, n=1)
    return folded[found[0]] if found else None


def suggestion(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Say which of the `known` words was meant; without a close one say `otherwise`, or list them all."""
    words = list(known)
    meant = close(word, words)
    return f"did you mean {meant!r}?" if meant is not None else otherwise or f"use one of {', '.join(words)}"
