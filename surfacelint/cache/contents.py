"""What a cache holds: numbers and sizes of its files by kind. For bug reports; no name of a file is told."""

from __future__ import annotations

import os
from collections import Counter

from surfacelint.cache.marked_folder import is_draft, is_marked
from surfacelint.system.records import record

_KINDS = {
    "outline": "outlines",
    "bodies": "bodies",
    "outcome": "workloads",
    "rows": "catalogue rows",
    "findings": "findings",
    "text": "texts of findings",
    "json": "scans and last runs",
}
"""What files hold, by the ending of their names."""


@record(frozen=True, slots=True)
class CacheContents:
    """The `state` of a cache folder, and the number of files and bytes of each kind in it, by kind."""

    state: str
    files: tuple[tuple[str, int, int], ...] = ()


def contents(folder: str) -> CacheContents:
    """Return what is in a cache folder. Links are not followed. Does not raise."""
    if not os.path.lexists(folder):
        return CacheContents("does not exist")
    if not is_marked(folder):
        return CacheContents("is not marked as a cache")
    numbers: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for path, _, names in os.walk(folder):
        for name in names:
            kind = _kind(name)
            numbers[kind] += 1
            sizes[kind] += _size(os.path.join(path, name))  # noqa: PTH118 - names may hold any bytes
    rows = tuple((kind, numbers[kind], sizes[kind]) for kind in sorted(numbers))
    return CacheContents("is writable" if os.access(folder, os.W_OK) else "is read-only", rows)


def _kind(name: str) -> str:
    return "drafts" if is_draft(name) else _KINDS.get(name.partition(".")[2], "others")


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0
