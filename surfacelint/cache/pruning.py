"""Removes the oldest entries of a cache that has grown too large, and no other files."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress

from surfacelint.cache.marked_folder import STALE, discard, is_draft, is_folder, is_marked

SUFFIXES = ("outline", "sketch", "imports", "bodies", "outcome", "rows", "findings", "text")
"""The endings of the names of entries. A file with another one is never removed."""

_VERSION = re.compile(r"[0-9a-f]{24}")
_FOLDER = re.compile(r"[0-9a-f]{2}")
_ENTRY = re.compile(rf"[0-9a-f]{{62}}\.(?:{'|'.join(SUFFIXES)})")
_SCANS = re.compile(r"scans-[0-9a-f]{16}\.json")


def prune(folder: str, most: int) -> int:
    """Remove the oldest files of a cache, of any version, until at most `most` bytes are left. Return the number of bytes left.

    Does nothing in a folder without the cache marker. Links are neither followed nor removed. Files with names that a store
    does not use are kept. Drafts are removed once they are too old to belong to a running process.
    """
    if not is_marked(folder):
        return 0
    kept = 0
    long_ago = time.time_ns() - STALE * 1_000_000_000
    for changed, path, size in sorted(_files(folder), reverse=True):
        if is_draft(path):
            if changed < long_ago:
                discard(path)
        elif kept + size > most:
            discard(path)
        else:
            kept += size
    return kept


def _files(folder: str) -> Iterator[tuple[int, str, int]]:
    """Yield modification time, path and size of each file that a store wrote."""
    for version in _folders(folder, _VERSION):
        yield from _named(version, _SCANS)
        for inner in _folders(version, _FOLDER):
            yield from _named(inner, _ENTRY)


def _folders(folder: str, name: re.Pattern[str]) -> Iterator[str]:
    yield from (entry.path for entry, status in _entries(folder) if name.fullmatch(entry.name) and is_folder(status))


def _named(folder: str, name: re.Pattern[str]) -> Iterator[tuple[int, str, int]]:
    for entry, status in _entries(folder):
        whole = entry.name.rsplit(".", 2)[0] if is_draft(entry.name) else entry.name
        if name.fullmatch(whole) and entry.is_file(follow_symlinks=False):
            yield status.st_mtime_ns, entry.path, status.st_size


def _entries(folder: str) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    """Yield the entries of a folder with their own status; links are not followed."""
    with suppress(OSError), os.scandir(folder) as scan:
        for entry in scan:
            with suppress(OSError):
                yield entry, entry.stat(follow_symlinks=False)
