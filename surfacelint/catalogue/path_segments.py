"""Splits catalogue paths into segments: a name, `.name`, `()`, `('literal')` or `[]`."""

from __future__ import annotations

import re
from functools import lru_cache

_SEGMENT = re.compile(r"\.?[^.()\[\]]+|\([^)]*\)|\[[^\]]*\]")


def prefixes(path: str) -> list[str]:
    """Return the prefixes of `path` that end with a segment, longest first; the first is `path` itself."""
    return [path[: segment.end()] for segment in _SEGMENT.finditer(path)][::-1]


@lru_cache(maxsize=100_000)
def suffixes(path: str) -> tuple[str, ...]:
    """Return the tails of `path` that may follow the `*.` of a matching row, longest first."""
    found = (segment for segment in _SEGMENT.finditer(path) if segment.start())
    return tuple(path[segment.start() + 1 :] for segment in found if segment.group().startswith("."))
