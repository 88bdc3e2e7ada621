"""Records what the output of a run depends on: the state of paths before they were read, and the listings of git.

Imports very little, because it runs at the start of every run.
"""

from __future__ import annotations

import os
from zlib import crc32

from surfacelint.system.git import listing

Stamp = tuple[int, int, int, int]
"""The state of a path: size, modification time and status change time in nanoseconds, inode."""

NOTHING = (-1, -1, -1, -1)
"""The stamp of a path that does not exist."""

FRESH = 2_000_000_000
"""Nanoseconds that must pass after a change before times are reliable: some file systems have a resolution of two seconds."""


class Dependencies:
    """The dependencies of a run: `places` are absolute paths with their stamps, `listings` directories with checksums of git's output.

    `repeatable` is false if another run might have another result, because a process died or memory ran out.
    """

    __slots__ = ("_before", "listings", "places", "repeatable")

    def __init__(self) -> None:
        self.places: dict[str, Stamp] = {}
        self.listings: dict[str, int] = {}
        self.repeatable = True
        self._before: dict[str, Stamp] = {}

    def look(self, path: str) -> None:
        """Record the stamp of a path, unless it is recorded already."""
        if path not in self.places:
            self.places[path] = stamp(path)

    def touched(self, path: str, before: Stamp) -> None:
        """Record that this run changed a path, whose stamp was `before`."""
        self.places[path] = stamp(path)
        self._before[path] = before

    def listed(self, directory: str) -> bytes | None:
        """Return git's listing of a directory (see `git.listing`), and record its checksum; `None` if git fails."""
        output = listing(directory)
        self.listings[directory] = checksum(output)
        return output

    def is_settled(self, started: int, now: int) -> bool:
        """Whether nothing but this run has changed any path since the run `started`, or shortly before. Times are in nanoseconds."""
        return all(
            noted == stamp(path) and changed(noted) <= now - FRESH and changed(self._before.get(path, noted)) <= started - FRESH
            for path, noted in self.places.items()
        )


def changed(status: Stamp) -> int:
    """Return the time of the last change in a stamp, in nanoseconds."""
    return max(status[1], status[2])


def stamp(path: str) -> Stamp:
    """Return the stamp of a path. Links are followed."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return NOTHING
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def checksum(output: bytes | None) -> int:
    """Return the checksum of a listing of git, -1 for `None`."""
    return -1 if output is None else crc32(output)
