"""What to say about a word that nobody knows: the known one that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggestion(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Say which of the `known` words was meant; without a close one say `otherwise`, or list them all."""
    words = list(known)
    folded = {each.casefold(): each for each in words}
    close = difflib.get_close_matches(word.casefold().replace("_", "-"), folded, n=1)
    return f"did you mean {folded[close[0]]!r}?" if close else otherwise or f"use one of {', '.join(words)}"
