"""Work spread over processes that are forked for it, where the system can fork. A worker that dies costs the piece that it was at."""

from __future__ import annotations

import os
import select
import signal
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Generic, NoReturn, TypeVar

_Piece = TypeVar("_Piece")

_HEAD = struct.Struct("!II")
"""What stands before each answer on a pipe: the number of the piece, and how many bytes follow."""

_CHUNK = 1 << 20

FEWEST = 24
"""Pieces for one worker below which forking costs more than it saves."""


def cores() -> int:
    """Return how many processes can run at a time."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def can_fork() -> bool:
    """Whether workers can be had. macOS forks, too, but its libraries may not survive it."""
    return os.name == "posix" and sys.platform != "darwin"


def spread(pieces: Sequence[_Piece], work: Callable[[_Piece], bytes], jobs: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield the number of each piece with what `work` makes of it, in whatever order; `None` for one at which its worker died.

    `work` must not raise. Without workers, or with too little to do for them, the work is done here.
    """
    jobs = min(jobs, len(pieces) // FEWEST)
    if jobs < 2 or not can_fork():
        yield from ((number, work(piece)) for number, piece in enumerate(pieces))
        return
    yield from _answers([_Worker(list(range(first, len(pieces), jobs)), pieces, work) for first in range(jobs)], jobs)


def each_apart(pieces: Sequence[_Piece], work: Callable[[_Piece], bytes], jobs: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield what `spread` does, with a process of its own for each piece, in their order, `jobs` at a time: so memory is given back."""
    yield from _answers([_Worker([number], pieces, work) for number in range(len(pieces))], jobs)


def elsewhere(pieces: Sequence[_Piece], work: Callable[[_Piece], bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Yield what `spread` does, with one other process for all pieces: none of them can take this one with it."""
    if pieces:
        yield from _answers([_Worker(list(range(len(pieces))), pieces, work)], 1)


def _answers(workers: Sequence[_Worker[_Piece]], jobs: int) -> Iterator[tuple[int, bytes | None]]:
    waiting = list(reversed(workers))
    running: dict[int, _Worker[_Piece]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                worker = waiting.pop()
                worker.start()
                running[worker.pipe] = worker
            poll = select.poll()
            for pipe in running:
                poll.register(pipe, select.POLLIN)
            for pipe, _ in poll.poll():
                worker = running.pop(pipe)
                yield from worker.answers()
                if worker.left:
                    running[worker.pipe] = worker
                else:
                    worker.end()
    finally:
        for worker in workers:
            worker.end()


class _Worker(Generic[_Piece]):
    """A process that answers for the pieces `left`, in order; and if it dies, another one in its place."""

    def __init__(self, left: list[int], pieces: Sequence[_Piece], work: Callable[[_Piece], bytes]) -> None:
        self.left = left
        self.pipe = -1
        self._pieces = pieces
        self._work = work
        self._process = 0
        self._read = bytearray()

    def start(self) -> None:
        """Fork."""
        reading, writing = os.pipe()
        process = os.fork()
        if not process:
            # Of all others' pipes this one holds the reading ends only, so that their end is still seen.
            os.close(reading)
            self._run(writing)
        os.close(writing)
        self.pipe, self._process = reading, process

    def _run(self, pipe: int) -> NoReturn:
        """Be the worker. Nothing that the process began with may run twice, so that it ends at once."""
        with suppress(BaseException):
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            for number in self.left:
                answer = self._work(self._pieces[number])
                data = memoryview(_HEAD.pack(number, len(answer)) + answer)
                while data:
                    data = data[os.write(pipe, data) :]
        os._exit(0)

    def answers(self) -> Iterator[tuple[int, bytes | None]]:
        """Yield what the worker says next; where it has died, that it could not do the piece that it was at."""
        data = os.read(self.pipe, _CHUNK)
        if not data:
            self.end()
            yield self.left.pop(0), None
            self._read.clear()
            if self.left:
                self.start()
            return
        self._read += data
        while len(self._read) >= _HEAD.size:
            number, length = _HEAD.unpack_from(self._read)
            end = _HEAD.size + length
            if len(self._read) < end:
                break
            answer = bytes(self._read[_HEAD.size : end])
            del self._read[:end]
            self.left.remove(number)
            yield number, answer

    def end(self) -> None:
        """Let go of the process, and make sure that it is gone."""
        if self.pipe < 0:
            return
        os.close(self.pipe)
        self.pipe = -1
        with suppress(OSError):
            if self.left:
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
