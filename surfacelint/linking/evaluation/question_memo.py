"""Remembered answers to questions that ask each other, in cycles too, and what has to be forgotten when facts change."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar, cast

from surfacelint.linking.evaluation.abstract_values import NONE, Values, holds

DEEPEST = 200
"""Questions inside of questions. A deeper one is answered after the outermost one, so that no chain of calls overflows the stack."""

MOST_TIMES = 8
"""How often one question of a cycle is answered anew before its answer counts as final. Real code needs 2 to 4."""

Fact: TypeAlias = tuple[str, str]
"""Something that is only known bit by bit: one of the three kinds below, and what it is about."""

CALLERS, SUBCLASSES, RELEVANT = "callers of", "subclasses of", "relevance of"
"""Who calls a function or makes a class, which classes inherit from one or fit it, whether a module counts."""

_Read = TypeVar("_Read")


def differing(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Return the keys under which two mappings have something else."""
    return [key for key in dict.fromkeys((*before, *now)) if before.get(key) != now.get(key)]


class _Question:
    """A question whose answer may still change.

    `index` is its place among the unfinished questions, `lowest` the lowest index that it depends on. `asked` are the unfinished
    questions that it asked, with the answers it got; `readers` are the questions that asked it. `times` counts its computations.
    """

    __slots__ = ("asked", "compute", "index", "keep", "key", "lowest", "readers", "times", "values", "waiting")

    def __init__(self, key: object, compute: Callable[[], Values], keep: object, index: int) -> None:
        self.key = key
        self.compute = compute
        self.keep = keep
        self.index = index
        self.lowest = index
        self.values: Values = NONE
        self.asked: dict[_Question, Values] = {}
        self.readers: dict[_Question, None] = {}
        self.times = 0
        self.waiting = False

    @property
    def is_stale(self) -> bool:
        """Whether it was never computed, or rests on answers that have changed since."""
        return not self.times or any(question.values != values for question, values in self.asked.items())


class _Cycle:
    """The keys of questions that depend on each other: whatever one of them leans on, all of them do."""

    __slots__ = ("is_dropped", "keys")

    def __init__(self, keys: list[object]) -> None:
        self.keys = keys
        self.is_dropped = False


class _Answer:
    """A final answer that leans on facts. `source` stands for it where others lean on it: its key, or the cycle that it is part of."""

    __slots__ = ("keep", "source", "values")

    def __init__(self, values: Values, keep: object, source: object) -> None:
        self.values = values
        self.keep = keep
        self.source = source


class Memo:
    """Answers by key, with cycles solved to a fixed point (tabling with completion).

    A question that is asked while it is being answered gives what is known of its answer so far. The unfinished questions are a stack
    in the order in which they were first asked; as in Tarjan's algorithm, a question that depends on no earlier one ends a strongly
    connected component. Those of its questions that rest on answers which have changed are computed again until none does, and
    then all of them are final together. An answer never comes to contain itself: what would only grow in a cycle is left out.
    """

    def __init__(self) -> None:
        self.firm: dict[object, Values] = {}
        """The answers that rest on nothing that may change: most of them, and asked for most often."""
        self._keep: list[object] = []
        self._leaning: dict[object, _Answer] = {}
        self._notes: dict[object, Any] = {}
        self._users: dict[object, dict[object, None]] = {}
        self._unfinished: dict[object, _Question] = {}
        self._component: list[_Question] = []
        """All unfinished questions, in the order of their indexes."""
        self._stack: list[_Question] = []
        """Those that are being computed."""
        self._consulted: list[object] = []
        """What the unfinished questions lean on so far: each on all from where the list ended when it was asked."""
        self._noting = 0

    def forget(self, changed: Iterable[Fact]) -> list[Any]:
        """Forget all that leans on one of the facts `changed`, directly or not; return what was noted of it."""
        stack: list[object] = list(changed)
        notes: list[Any] = []
        while stack:
            for user in self._users.pop(stack.pop(), ()):
                if self._drop(user):
                    stack.append(user)
                elif user in self._notes:
                    stack.append(user)
                    notes.append(self._notes.pop(user))
        return notes

    def _drop(self, source: object) -> bool:
        """Drop the answers that `source` stands for; return whether there are any."""
        if not isinstance(source, _Cycle):
            known = self._leaning.get(source)
            if known is None or isinstance(known.source, _Cycle):
                return False
            del self._leaning[source]
            return True
        if source.is_dropped:
            return False
        source.is_dropped = True
        for key in source.keys:
            del self._leaning[key]
        return True

    def consult(self, fact: Fact) -> None:
        """Note that the questions being answered lean on a fact."""
        self._consulted.append(fact)

    def noted(self, key: object, compute: Callable[[], _Read]) -> _Read:
        """Return `compute()` or what it gave before, which is no answer but made of answers."""
        known = self._notes.get(key)
        if known is None:
            start = len(self._consulted)
            self._noting += 1
            try:
                known = self._notes[key] = compute()
            finally:
                self._noting -= 1
            self._lean(key, start)
        return cast(_Read, known)

    def answer(self, key: object, compute: Callable[[], Values], keep: object = None) -> Values:
        """Return `compute()` or what it gave before. `keep` is kept alive with the answer, for keys made of an identity."""
        firm = self.firm.get(key)
        if firm is not None:
            return firm
        known = self._leaning.get(key)
        if known is not None:
            self._consulted.append(known.source)
            return known.values
        question = self._unfinished.get(key)
        if question is None:
            index = len(self._component)
            question = self._unfinished[key] = _Question(key, compute, keep, index)
            self._component.append(question)
            if len(self._stack) < DEEPEST:
                if self._first(question):
                    return question.values
            else:
                question.lowest = 0
        self._read(question)
        return question.values

    def _read(self, question: _Question) -> None:
        """Note that the question being computed rests on an unfinished one."""
        reader = self._stack[-1]
        reader.asked[question] = question.values
        question.readers[reader] = None
        reader.lowest = min(reader.lowest, question.lowest)

    def _first(self, question: _Question) -> bool:
        """Compute a question for the first time; return whether its answer is final."""
        start = len(self._consulted)
        self._run(question)
        if question.lowest < question.index:
            return False
        alone = question.index == len(self._component) - 1 and not question.readers
        if not alone and not self._solve(question):
            return False
        self._finish(question.index, start)
        return True

    def _run(self, question: _Question) -> None:
        """Compute a question, and note what it rests on."""
        question.asked = {}
        question.times += 1
        self._stack.append(question)
        try:
            values = question.compute()
        except BaseException:
            if len(self._stack) == 1:
                self._abandon()
            raise
        finally:
            self._stack.pop()
        if question.times > 1:
            before = question.values
            values = tuple([value for value in values if value in before or not any(holds(value, old) for old in before)])
        question.values = values

    def _abandon(self) -> None:
        """Forget all unfinished questions, of which one could not be computed."""
        self._unfinished.clear()
        self._component.clear()
        self._consulted.clear()

    def _solve(self, first: _Question) -> bool:
        """Compute the questions from `first` on until none rests on an answer that has changed; return whether all are final.

        They are not where they come to depend on an earlier question: then they are solved together with that one. What was never
        computed comes first, and of the rest what was asked last: that is nearest to the leaves.
        """
        seen = first.index
        waiting: list[tuple[bool, int]] = []
        while True:
            for question in self._component[seen:]:
                self._wait(question, waiting)
            seen = len(self._component)
            if not waiting:
                return True
            question = self._component[-heapq.heappop(waiting)[1]]
            question.waiting = False
            if not question.is_stale or question.times >= MOST_TIMES:
                continue
            before = question.values
            question.lowest = first.index
            self._run(question)
            if question.lowest < first.index:
                first.lowest = question.lowest
                for left in waiting:
                    self._component[-left[1]].waiting = False
                return False
            if question.values != before:
                for reader in question.readers:
                    self._wait(reader, waiting)

    def _wait(self, question: _Question, waiting: list[tuple[bool, int]]) -> None:
        """Put a question among those to be computed, if it has to be."""
        if not question.waiting and question.is_stale:
            question.waiting = True
            heapq.heappush(waiting, (question.times > 0, -question.index))

    def _finish(self, first: int, start: int) -> None:
        """Make the questions from index `first` on final, which lean on what was consulted since `start`."""
        questions = self._component[first:]
        del self._component[first:]
        source: object = questions[0].key if len(questions) == 1 else _Cycle([question.key for question in questions])
        leaning = self._lean(source, start)
        for question in questions:
            del self._unfinished[question.key]
            if leaning:
                self._leaning[question.key] = _Answer(question.values, question.keep, source)
            else:
                self.firm[question.key] = question.values
                self._keep.append(question.keep)
            question.readers, question.asked = {}, {}  # they refer to each other, and no search for reference cycles runs
        if leaning:
            self._consulted.append(source)
        if not self._stack and not self._noting:
            self._consulted.clear()  # no question is open that could lean on anything

    def _lean(self, source: object, start: int) -> bool:
        """Note what has been consulted since `start` as what `source` leans on; return whether that is anything."""
        found = set(self._consulted[start:])
        del self._consulted[start:]
        for other in found:
            known = self._users.get(other)
            if known is None:
                self._users[other] = {source: None}
            else:
                known[source] = None
        return bool(found)
