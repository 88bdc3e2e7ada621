"""Questions that rest on questions, answered without recursion: chains of them are as long as the code is."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


def answered(
    question: Question, reasoning: Callable[[Question], Generator[Question, Answer, Answer]], known: dict[Question, Answer]
) -> Answer:
    """Return the answer to a question. `reasoning` yields the questions that it rests on, is sent their answers, and returns its own.

    `known` gets all answers. No question may rest on itself.
    """
    if question in known:
        return known[question]
    stack = [(question, reasoning(question))]
    value: Answer | None = None
    while stack:
        asked, run = stack[-1]
        try:
            further = next(run) if value is None else run.send(value)
        except StopIteration as done:
            value = known[asked] = done.value
            stack.pop()
            continue
        value = known.get(further)
        if value is None:
            stack.append((further, reasoning(further)))
    return known[question]


@contextmanager
def circular(known: dict[Question, Answer], question: Question, answer: Answer) -> Iterator[None]:
    """Give a question an answer for those that ask it while it is being answered; it is forgotten where that fails."""
    known[question] = answer
    try:
        yield
    except BaseException:
        del known[question]
        raise
