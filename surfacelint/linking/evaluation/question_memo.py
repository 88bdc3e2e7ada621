"""Memo for questions that depend on each other, cyclically too, with invalidation when facts change."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar, cast

DEEPEST = 200
"""Maximal nesting of questions. A deeper one is answered after the outermost one, so that no chain of calls overflows the stack."""

MOST_TIMES = 8
"""How often a question of a cycle is computed before its answer counts as final. Real code needs 2 to 4."""

Fact: TypeAlias = tuple[str, str]
"""Something that becomes known bit by bit: one of the three kinds below, and its subject."""

CALLERS, SUBCLASSES, RELEVANT = "callers of", "subclasses of", "relevance of"
"""The calls of a function or class, the classes that inherit from a class or fit it, whether a module leads to a provider."""

_Values = TypeVar("_Values", bound=tuple[Any, ...])
_Read = TypeVar("_Read")


def differing(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Return the keys whose values differ between two mappings."""
    return [key for key in dict.fromkeys((*before, *now)) if before.get(key) != now.get(key)]


class _Question:
    """A question whose answer may still change.

    `index` is its position among the unfinished questions, `lowest` the lowest index that it depends on. `asked` are the unfinished
    questions that it asked, with the answers it got; `readers` are the questions that asked it. `times` counts its computations.
    """

    __slots__ = ("asked", "compute", "index", "keep", "key", "lowest", "readers", "times", "values", "waiting")

    def __init__(self, key: object, compute: Callable[[], tuple[Any, ...]], keep: object, index: int) -> None:
        self.key = key
        self.compute = compute
        self.keep = keep
        self.index = index
        self.lowest = index
        self.values: tuple[Any, ...] = ()
        # Most questions depend on no unfinished one: a dict of their own for each would be a tenth of the time.
        self.asked: dict[_Question, tuple[Any, ...]] | None = None
        self.readers: dict[_Question, None] | None = None
        self.times = 0
        self.waiting = False

    @property
    def is_stale(self) -> bool:
        """Whether it was never computed, or depends on answers that have changed since."""
        return not self.times or any(question.values != values for question, values in (self.asked or {}).items())


class _Component:
    """The keys of a strongly connected component: whatever one of these questions depends on, all of them do."""

    __slots__ = ("is_dropped", "keys")

    def __init__(self, keys: list[object]) -> None:
        self.keys = keys
        self.is_dropped = False


class _Answer:
    """A final answer that depends on facts. `source` represents it where others depend on it: its key, or its component."""

    __slots__ = ("keep", "source", "values")

    def __init__(self, values: tuple[Any, ...], keep: object, source: object) -> None:
        self.values = values
        self.keep = keep
        self.source = source


class _Dependencies:
    """Which answers and notes depend on which facts, and on which other answers.

    `consulted` are the facts and answers that unfinished questions depend on: each question on all that were added since it was asked.
    """

    __slots__ = ("_users", "consulted")

    def __init__(self) -> None:
        self.consulted: list[object] = []
        self._users: dict[object, dict[object, None]] = {}

    def record(self, source: object, start: int) -> bool:
        """Note that `source` depends on everything consulted since `start`; return whether there is anything."""
        found = set(self.consulted[start:])
        del self.consulted[start:]
        for other in found:
            known = self._users.get(other)
            if known is None:
                self._users[other] = {source: None}
            else:
                known[source] = None
        return bool(found)

    def pop_users(self, source: object) -> Iterable[object]:
        """Remove and return everything that depends on `source` directly."""
        return self._users.pop(source, ())

    def clear(self) -> None:
        """Forget all dependencies."""
        self.consulted.clear()
        self._users.clear()


def _never(one: object, other: object) -> bool:
    """Whether a value contains another one: plain values contain none."""
    return False


class Memo:
    """Answers by key, with cycles solved to a fixed point (tabling with completion). An answer is a tuple of values.

    A question that is asked while it is being answered returns its answer so far. The unfinished questions are a stack in the order
    in which they were first asked. As in Tarjan's algorithm, a question that depends on no earlier one ends a strongly connected
    component. The questions of the component that depend on changed answers are computed again until there are none; then all of
    them are final. No answer contains itself, by `contains`: values that would only grow in a cycle are left out.
    """

    def __init__(self, contains: Callable[[Any, Any], bool] = _never) -> None:
        self._contains = contains
        self.firm: dict[object, tuple[Any, ...]] = {}
        """Final answers that depend on no fact: most of all answers, and asked for most often."""
        self._keep: list[object] = []
        self._dependent: dict[object, _Answer] = {}
        self._notes: dict[object, Any] = {}
        self._dependencies = _Dependencies()
        self._unfinished: dict[object, _Question] = {}
        self._open: list[_Question] = []
        """All unfinished questions, in the order of their indexes."""
        self._stack: list[_Question] = []
        """The questions that are being computed."""
        self._consulted = self._dependencies.consulted
        self._noting = 0
        self._is_settled = False

    def clear(self) -> None:
        """Forget everything. Only allowed while no question is being answered."""
        for remembered in (self.firm, self._keep, self._dependent, self._notes, self._dependencies):
            remembered.clear()
        self._abandon()

    def forget(self, changed: Iterable[Fact]) -> list[Any]:
        """Forget all answers and notes that depend on one of the facts `changed`, directly or not. Return the notes."""
        stack: list[object] = list(changed)
        notes: list[Any] = []
        while stack:
            for user in self._dependencies.pop_users(stack.pop()):
                if self._drop(user):
                    stack.append(user)
                elif user in self._notes:
                    stack.append(user)
                    notes.append(self._notes.pop(user))
        return notes

    def _drop(self, source: object) -> bool:
        """Drop the answers that `source` represents; return whether there are any."""
        if not isinstance(source, _Component):
            known = self._dependent.get(source)
            if known is None or isinstance(known.source, _Component):
                return False
            del self._dependent[source]
            return True
        if source.is_dropped:
            return False
        source.is_dropped = True
        for key in source.keys:
            del self._dependent[key]
        return True

    def consult(self, fact: Fact) -> None:
        """Note that the questions being answered depend on a fact, unless facts no longer change."""
        if not self._is_settled:
            self._consulted.append(fact)

    def settle(self) -> None:
        """Keep all answers for good: from now on, no fact changes. Only allowed while no question is being answered."""
        for key, known in self._dependent.items():
            self.firm[key] = known.values
            self._keep.append(known.keep)
        for remembered in (self._dependent, self._notes, self._dependencies):
            remembered.clear()
        self._is_settled = True

    def noted(self, key: object, compute: Callable[[], _Read]) -> _Read:
        """Return `compute()` or its remembered result, which may be any object computed from answers: a note."""
        known = self._notes.get(key)
        if known is None:
            start = len(self._consulted)
            self._noting += 1
            try:
                known = self._notes[key] = compute()
            finally:
                self._noting -= 1
            self._dependencies.record(key, start)
        return cast(_Read, known)

    def answer(self, key: object, compute: Callable[[], _Values], keep: object = None) -> _Values:
        """Return `compute()` or its remembered result. `keep` is kept alive with the answer, for keys that contain an `id()`."""
        firm = self.firm.get(key)
        if firm is not None:
            return cast(_Values, firm)
        known = self._dependent.get(key)
        if known is not None:
            self._consulted.append(known.source)
            return cast(_Values, known.values)
        question = self._unfinished.get(key)
        if question is None:
            index = len(self._open)
            question = self._unfinished[key] = _Question(key, compute, keep, index)
            self._open.append(question)
            if len(self._stack) < DEEPEST:
                if self._first(question):
                    return cast(_Values, question.values)
            else:
                question.lowest = 0
        self._read(question)
        return cast(_Values, question.values)

    def _read(self, question: _Question) -> None:
        """Note that the question being computed depends on an unfinished one."""
        reader = self._stack[-1]
        reader.asked = reader.asked or {}
        reader.asked[question] = question.values
        question.readers = question.readers or {}
        question.readers[reader] = None
        reader.lowest = min(reader.lowest, question.lowest)

    def _first(self, question: _Question) -> bool:
        """Compute a question for the first time; return whether its answer is final."""
        start = len(self._consulted)
        self._run(question)
        if question.lowest < question.index:
            return False
        alone = question.index == len(self._open) - 1 and not question.readers
        if alone and len(self._consulted) == start:
            self._open.pop()
            del self._unfinished[question.key]
            self.firm[question.key] = question.values
            self._keep.append(question.keep)
            return True
        if not alone and not self._solve(question):
            return False
        self._finish(question.index, start)
        return True

    def _run(self, question: _Question) -> None:
        """Compute a question, and note which unfinished questions it asks."""
        question.asked = None
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
            values = tuple([value for value in values if value in before or not any(self._contains(value, old) for old in before)])
        question.values = values

    def _abandon(self) -> None:
        """Forget all unfinished questions, because computing one of them failed."""
        self._unfinished.clear()
        self._open.clear()
        self._consulted.clear()

    def _solve(self, first: _Question) -> bool:
        """Compute the questions from `first` on until none depends on a changed answer; return whether all are final.

        They are not final if they come to depend on an earlier question: then they are solved together with that one. The worklist
        begins with questions that were never computed; of the others, the one asked last comes first, because it is nearest to the
        leaves.
        """
        seen = first.index
        waiting: list[tuple[bool, int]] = []
        while True:
            for question in self._open[seen:]:
                self._wait(question, waiting)
            seen = len(self._open)
            if not waiting:
                return True
            question = self._open[-heapq.heappop(waiting)[1]]
            question.waiting = False
            if not question.is_stale or question.times >= MOST_TIMES:
                continue
            before = question.values
            question.lowest = first.index
            self._run(question)
            if question.lowest < first.index:
                first.lowest = question.lowest
                for left in waiting:
                    self._open[-left[1]].waiting = False
                return False
            if question.values != before:
                for reader in question.readers or ():
                    self._wait(reader, waiting)

    def _wait(self, question: _Question, waiting: list[tuple[bool, int]]) -> None:
        """Add a question to the worklist if it is stale."""
        if not question.waiting and question.is_stale:
            question.waiting = True
            heapq.heappush(waiting, (question.times > 0, -question.index))

    def _finish(self, first: int, start: int) -> None:
        """Make the questions from index `first` on final. They depend on what was consulted since `start`."""
        questions = self._open[first:]
        del self._open[first:]
        source: object = questions[0].key if len(questions) == 1 else _Component([question.key for question in questions])
        depends = self._dependencies.record(source, start)
        for question in questions:
            del self._unfinished[question.key]
            if depends:
                self._dependent[question.key] = _Answer(question.values, question.keep, source)
            else:
                self.firm[question.key] = question.values
                self._keep.append(question.keep)
            question.readers = question.asked = None  # breaks reference cycles: the garbage collector is off
        if depends:
            self._consulted.append(source)
        if not self._stack and not self._noting:
            self._consulted.clear()  # no open question could depend on it
