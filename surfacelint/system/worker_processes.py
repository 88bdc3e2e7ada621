"""Runs work in forked processes, where the system supports it. If a worker dies, only its current piece of work is lost."""

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
"""The header of each result on a pipe: the number of the piece, and the number of bytes that follow."""

_CHUNK = 1 << 20

FEWEST = 24
"""The minimum number of pieces per worker. With fewer, forking costs more than it saves."""


def cores() -> int:
    """Return the number of processes that can run at a time."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def can_fork() -> bool:
    """Whether worker processes are supported. macOS can fork, but its libraries may crash in the child."""
    return os.name == "posix" and sys.platform != "darwin"


def map_in_parallel(pieces: Sequence[_Piece], work: Callable[[_Piece], bytes], jobs: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield the number of each piece and the result of `work`, in any order; the result is `None` if the worker died.

    `work` must not raise. If workers are not supported, or there are few pieces, this process does the work.
    """
    jobs = min(jobs, len(pieces) // FEWEST)
    if jobs < 2 or not can_fork():
        yield from ((number, work(piece)) for number, piece in enumerate(pieces))
        return
    yield from _answers([_Worker(list(range(first, len(pieces), jobs)), pieces, work) for first in range(jobs)], jobs)


def map_in_separate_processes(pieces: Sequence[_Piece], work: Callable[[_Piece], bytes], jobs: int) -> Iterator[tuple[int, bytes | None]]:
    """Like `spread`, but with a new process for each piece, in order, `jobs` at a time, so that memory is released."""
    yield from _answers([_Worker([number], pieces, work) for number in range(len(pieces))], jobs)


def map_in_one_worker(pieces: Sequence[_Piece], work: Callable[[_Piece], bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Like `spread`, but with a single worker for all pieces, so that no piece can crash this process."""
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
    """A process that works on the pieces `left`, in order. If it dies, a new process continues after the current piece."""

    def __init__(self, left: list[int], pieces: Sequence[_Piece], work: Callable[[_Piece], bytes]) -> None:
        self.left = left
        self.pipe = -1
        self._pieces = pieces
        self._work = work
        self._process = 0
        self._read = bytearray()

    def start(self) -> None:
        """Start the process."""
        reading, writing = os.pipe()
        process = os.fork()
        if not process:
            # The child inherits only the reading ends of other pipes, so it does not keep these open.
            os.close(reading)
            self._run(writing)
        os.close(writing)
        self.pipe, self._process = reading, process

    def _run(self, pipe: int) -> NoReturn:
        """Do the work in the child process, then exit without running any cleanup of the parent."""
        with suppress(BaseException):
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            for number in self.left:
                answer = self._work(self._pieces[number])
                data = memoryview(_HEAD.pack(number, len(answer)) + answer)
                while data:
                    data = data[os.write(pipe, data) :]
        os._exit(0)

    def answers(self) -> Iterator[tuple[int, bytes | None]]:
        """Yield the next results of the worker, or `None` for its current piece if it has died."""
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
        """Close the pipe, kill the process if it still has work, and wait for it."""
        if self.pipe < 0:
            return
        os.close(self.pipe)
        self.pipe = -1
        with suppress(OSError):
            if self.left:
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
