"""The process that analyses: reads numbered questions from a pipe, and writes the stages it reaches and the answers to another one.

It is a process of its own so that the server answers at once while it works, and so that its end is not that of the server.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from surfacelint.config import ConfigError
from surfacelint.server import baseline_changes, changes
from surfacelint.server.questions import (
    HEAD,
    AddComment,
    AddToBaseline,
    Answer,
    Answered,
    ApplyFixes,
    Asked,
    Check,
    Failed,
    FromServer,
    Question,
    Reached,
    ToServer,
    Withdrawn,
)
from surfacelint.server.scope_analysis import ScopeAnalysis
from surfacelint.system.timings import Timings


class WithdrawnError(BaseException):
    """The question needs no answer any more. Not an `Exception`, because the analysis reports those at the code it was looking at."""


@dataclass(slots=True)
class _Stages(Timings):
    """Timings that report each stage, and end the analysis at the next one once `is_withdrawn`."""

    reached: Callable[[str], None] = field(default=lambda stage: None)
    is_withdrawn: Callable[[], bool] = field(default=lambda: False)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Report a stage. Raises WithdrawnError."""
        self._go_on()
        self.reached(name)
        yield

    def count(self, name: str, number: int = 1) -> None:
        """Go on counting. Raises WithdrawnError."""
        self._go_on()

    def _go_on(self) -> None:
        if self.is_withdrawn():
            raise WithdrawnError


@dataclass(slots=True)
class _Inbox:
    """The questions that have arrived, and the numbers of those that were withdrawn."""

    questions: queue.SimpleQueue[Asked] = field(default_factory=queue.SimpleQueue)
    withdrawn: set[int] = field(default_factory=set)

    def fill(self, source: BinaryIO) -> None:
        """Read messages until the server closes the pipe, and end the process then, whatever it is doing."""
        while (message := _receive(source)) is not None:
            if isinstance(message, Withdrawn):
                self.withdrawn.add(message.number)
            else:
                self.questions.put(message)
        os._exit(0)


def main() -> None:
    """Answer questions until the server closes the pipe. Nothing that is printed can get between the answers."""
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    inbox = _Inbox()
    threading.Thread(target=inbox.fill, args=(source,), name="inbox", daemon=True).start()

    def send(message: ToServer) -> None:
        data = pickle.dumps(message)
        target.write(HEAD.pack(len(data)) + data)
        target.flush()

    while True:
        asked = inbox.questions.get()
        send(_answered(asked, inbox.withdrawn, send))
        inbox.withdrawn.discard(asked.number)


def _receive(source: BinaryIO) -> FromServer | None:
    """Return the next message, or `None` at the end of the pipe. Unpickling is safe: the pipe is private to the server and this process."""
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    message: FromServer = pickle.loads(source.read(HEAD.unpack(head)[0]))
    return message


def _answered(asked: Asked, withdrawn: set[int], send: Callable[[ToServer], None]) -> ToServer:
    """Answer a question. An error becomes a message."""
    number = asked.number
    stages = _Stages(reached=lambda stage: send(Reached(number, stage)), is_withdrawn=lambda: number in withdrawn)
    try:
        return Answered(number, _answer(asked.question, stages))
    except WithdrawnError:
        return Answered(number, None)
    except ConfigError as error:
        return Failed(number, str(error), is_setting=True)
    except OSError as error:
        return Failed(number, f"{error.filename or 'a file'}: {error.strerror or error}", is_setting=False)
    except Exception as error:
        traceback.print_exc()
        return Failed(number, f"surfacelint itself failed with {type(error).__name__}: {error}; please report it", is_setting=False)


def _answer(question: Question, stages: Timings) -> Answer:
    analysis = ScopeAnalysis.of(question.scope, question.texts, stages)
    match question:
        case Check():
            return analysis.report(fixes=question.fixes)
        case ApplyFixes():
            return changes.fixes(analysis, question)
        case AddComment():
            return changes.comment(analysis, question)
        case AddToBaseline():
            return baseline_changes.added(analysis, question)
