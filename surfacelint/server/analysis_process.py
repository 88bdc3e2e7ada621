"""The server's end of the process that analyses: asks one question at a time, and starts the process again if it dies."""

from __future__ import annotations

import asyncio
import pickle
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from itertools import count
from pathlib import Path

from surfacelint.config import ConfigError
from surfacelint.server.questions import HEAD, Answer, Answered, Asked, Failed, FromServer, Question, Reached, ToServer, Withdrawn

ATTEMPTS = 2
"""How often a question is asked if the process dies over it."""

_START = "import sys; del sys.path[0]; sys.path += sys.argv[1:]; from surfacelint.server.analysis_worker import main; main()"
"""The program of the process. Python puts the working directory first, where a user's module could be taken for one of Python's own."""


GRACE = 10.0
"""Seconds that the process has to end the analysis for a withdrawn question. Then it is killed, because it may be stuck."""


COMMAND = (sys.executable, "-c", _START, str(Path(__file__).parents[2]))
"""The command of the process. If our package was found in the folder that Python was started in, the process finds it there, too."""


class AnalysisError(Exception):
    """The analysis failed. The text is one sentence."""


class _DiedError(Exception):
    """The process died before it answered."""


class AnalysisProcess:
    """A process that answers questions, each in turn. It lives until `stop`, or until this process ends."""

    def __init__(self) -> None:
        self._running: _Running | None = None
        self._turn = asyncio.Lock()
        self._numbers = count(1)

    async def ask(self, question: Question, reached: Callable[[str], None] = lambda stage: None) -> Answer:
        """Return the answer to a question. If the caller is cancelled, the analysis ends early, too.

        `reached` is called with the name of each stage. Raises ConfigError, and AnalysisError if the analysis or its process fails.
        """
        async with self._turn:
            for _ in range(ATTEMPTS):
                if self._running is None or self._running.is_over:
                    self._running = await _Running.start()
                try:
                    return await self._running.ask(next(self._numbers), question, reached)
                except _DiedError:
                    continue
        raise AnalysisError(f"the process that analyses died {ATTEMPTS} times in a row, so the findings are those before the last change")

    async def start(self) -> None:
        """Start the process before there is a question, because that takes a moment."""
        async with self._turn:
            if self._running is None:
                self._running = await _Running.start()

    async def stop(self) -> None:
        """End the process."""
        if self._running is not None:
            await self._running.stop()


class _Running:
    """One process, from its start to its end."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._unanswered: set[int] = set()
        self._waiting: dict[int, tuple[asyncio.Future[Answer], Callable[[str], None]]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls) -> _Running:
        """Start a process."""
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe))

    @property
    def is_over(self) -> bool:
        """Whether the process has ended."""
        return self._reader.done()

    async def ask(self, number: int, question: Question, reached: Callable[[str], None]) -> Answer:
        """Return the answer. Raises what `AnalysisProcess.ask` raises, and _DiedError."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(_retrieve)
        self._waiting[number] = (answer, reached)
        self._unanswered.add(number)
        try:
            await self._send(Asked(number, question))
            return await answer
        except asyncio.CancelledError:
            if not self.is_over:
                asyncio.get_running_loop().call_later(GRACE, self._end_if_stuck, number)
                await self._send(Withdrawn(number))
            raise
        finally:
            self._waiting.pop(number, None)

    async def stop(self) -> None:
        """Kill the process."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reader

    def _end_if_stuck(self, number: int) -> None:
        """Kill the process if it still works on a question. Questions after it are asked again."""
        if number in self._unanswered and self._process.returncode is None:
            self._process.kill()

    async def _send(self, message: FromServer) -> None:
        assert self._process.stdin is not None
        data = pickle.dumps(message)
        try:
            self._process.stdin.write(HEAD.pack(len(data)) + data)
            await self._process.stdin.drain()
        except (ConnectionError, RuntimeError) as error:  # the event loop has closed the pipe of a dead process
            raise _DiedError from error

    async def _read(self) -> None:
        """Hand each message to the caller that waits for it, until the process ends."""
        try:
            while True:
                self._hand_over(await self._receive())
        except (asyncio.IncompleteReadError, ConnectionError):
            for answer, _ in self._waiting.values():
                if not answer.done():
                    answer.set_exception(_DiedError())

    async def _receive(self) -> ToServer:
        """Return the next message. Unpickling is safe: the pipe is private to this process and the one that it started."""
        assert self._process.stdout is not None
        head = await self._process.stdout.readexactly(HEAD.size)
        message: ToServer = pickle.loads(await self._process.stdout.readexactly(HEAD.unpack(head)[0]))
        return message

    def _hand_over(self, message: ToServer) -> None:
        if not isinstance(message, Reached):
            self._unanswered.discard(message.number)
        answer, reached = self._waiting.get(message.number, (None, None))
        if answer is None or reached is None or answer.done():
            return  # the caller no longer waits
        match message:
            case Reached():
                reached(message.stage)
            case Failed():
                answer.set_exception(ConfigError(message.problem) if message.is_setting else AnalysisError(message.problem))
            case Answered(answer=found) if found is not None:
                answer.set_result(found)


def _retrieve(answer: asyncio.Future[Answer]) -> None:
    """Look at an error, so that it is not logged if no one waits for the answer any more."""
    if not answer.cancelled():
        answer.exception()
