"""What the answer of a run rests on outside of the program: places in the file system, as they were before they were read, and git's word.

Imports next to nothing, because an answer is looked up before anything else is.
"""

from __future__ import annotations

import os
from zlib import crc32

from surfacelint.system.git import listing

Stamp = tuple[int, int, int, int]
"""Size, times of the last change of content and of rights in nanoseconds, inode."""

NOTHING = (-1, -1, -1, -1)
"""The stamp of a place where there is nothing."""

FRESH = 2_000_000_000
"""Nanoseconds that a place has to be left alone before its times say anything: some file systems count in steps of two seconds."""


class Basis:
    """`places` by absolute path with their stamps, `listings` of git by directory with their checksums.

    `lasting` says whether another run would come to the same: not where a process died or memory ran out.
    """

    __slots__ = ("_before", "lasting", "listings", "places")

    def __init__(self) -> None:
        self.places: dict[str, Stamp] = {}
        self.listings: dict[str, int] = {}
        self.lasting = True
        self._before: dict[str, Stamp] = {}

    def look(self, path: str) -> None:
        """Note how a place is, if that is not known."""
        if path not in self.places:
            self.places[path] = stamp(path)

    def touched(self, path: str, before: Stamp) -> None:
        """Note that we have just changed a place, which was as `before` says."""
        self.places[path] = stamp(path)
        self._before[path] = before

    def listed(self, directory: str) -> bytes | None:
        """Return what git tracks or would offer to track below a directory, and note it; `None` without git."""
        output = listing(directory)
        self.listings[directory] = checksum(output)
        return output

    def is_settled(self, started: int, now: int) -> bool:
        """Say whether nothing has changed since the run `started`, nor shortly before, by nobody but us; in nanoseconds."""
        return all(
            noted == stamp(path) and changed(noted) <= now - FRESH and changed(self._before.get(path, noted)) <= started - FRESH
            for path, noted in self.places.items()
        )


def changed(status: Stamp) -> int:
    """Return when a place was last changed, in nanoseconds."""
    return max(status[1], status[2])


def stamp(path: str) -> Stamp:
    """Return what tells whether a place has changed. Links are followed."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return NOTHING
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def checksum(output: bytes | None) -> int:
    """Return what stands for an answer of git."""
    return -1 if output is None else crc32(output)
