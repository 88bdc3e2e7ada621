"""A sample of the rows of a file, which finds rows that another file has, too."""

from __future__ import annotations

from hashlib import blake2b
from heapq import heappush, heapreplace

SIZE = 1024


class RowSketch:
    """The rows whose identities have the smallest hashes, at most `SIZE` of them (a bottom-k sketch).

    Two files choose the same rows among those that both have. So their sketches meet unless they share only a few in a
    thousand, whatever the number of rows.
    """

    def __init__(self) -> None:
        self._largest: list[int] = []
        self._lines: dict[int, int] = {}

    def add(self, identity: tuple[str, ...], line: int) -> None:
        """Add a row."""
        digest = int.from_bytes(blake2b("\0".join(identity).encode("utf-8", "replace"), digest_size=8).digest(), "big")
        if digest in self._lines:
            return
        if len(self._lines) < SIZE:
            heappush(self._largest, -digest)
        elif digest < -self._largest[0]:
            del self._lines[-heapreplace(self._largest, -digest)]
        else:
            return
        self._lines[digest] = line

    def shared(self, other: RowSketch) -> tuple[int, int] | None:
        """Return the lines of a row that both files have, here and in the other file: the first one here. `None` if there is none."""
        lines = [(line, other._lines[digest]) for digest, line in self._lines.items() if digest in other._lines]
        return min(lines, default=None)
