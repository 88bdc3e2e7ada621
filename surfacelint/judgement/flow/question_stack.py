"""Recursive questions, answered with an explicit stack, because they may nest as deeply as the code is long."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from typing import TypeVar

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


def answered(
    question: Question, reasoning: Callable[[Question], Generator[Question, Answer, Answer]], known: dict[Question, Answer]
) -> Answer:
    """Return the answer to a question.

    `reasoning` is a generator: it yields the questions that it depends on, receives their answers, and returns its own answer.
    All answers are added to `known`. A question must not depend on itself.
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
