"""Questions that ask each other: cycles are solved once, chains of any length are answered, and answers follow the facts."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import pytest

from surfacelint.linking.evaluation.abstract_values import Class, External, Values, holds, union
from surfacelint.linking.evaluation.question_memo import CALLERS, DEEPEST, Memo
from surfacelint.pipeline.engine import RECURSION_LIMIT

Rule = Callable[[Callable[[str], Values]], Values]
"""What a question answers, given what asks other questions."""


@pytest.fixture(autouse=True)
def _room_of_a_run() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(RECURSION_LIMIT)
    yield
    sys.setrecursionlimit(limit)


class Asking:
    """A memo, and questions by name; `times` counts how often each is computed."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.memo = Memo(holds)
        self.rules = rules
        self.times: Counter[str] = Counter()

    def ask(self, name: str) -> Values:
        return self.memo.answer(name, lambda: self._compute(name))

    def _compute(self, name: str) -> Values:
        self.times[name] += 1
        return self.rules[name](self.ask)


def joined(own: Values, *asked: str) -> Rule:
    return lambda ask: union([own, *map(ask, asked)])


def test_all_questions_of_a_cycle_get_the_same_answer_whichever_is_asked_first() -> None:
    a, b, c = (Class("m:A"),), (Class("m:B"),), (Class("m:C"),)
    rules = {"a": joined(a, "b"), "b": joined(b, "c"), "c": joined(c, "a")}
    for first in rules:
        asking = Asking(rules)
        asking.ask(first)
        assert {frozenset(asking.ask(name)) for name in rules} == {frozenset(a + b + c)}


@pytest.mark.parametrize("size", [50, 100, 200])
def test_a_dense_cycle_is_computed_a_bounded_number_of_times(size: int) -> None:
    def others(number: int) -> list[str]:
        return [f"q{(number * step + 1) % size}" for step in (1, 3, 7)]

    asking = Asking({f"q{number}": joined((Class(f"m:C{number % 5}"),), *others(number)) for number in range(size)})
    for number in range(size):
        asking.ask(f"q{number}")
    assert sum(asking.times.values()) <= 4 * size


@pytest.mark.parametrize("length", [DEEPEST - 1, DEEPEST + 1, 20 * DEEPEST])
def test_a_chain_of_any_length_is_answered(length: int) -> None:
    end = (Class("m:End"),)
    asking = Asking({"q0": joined(end)} | {f"q{number}": joined((), f"q{number - 1}") for number in range(1, length)})
    assert asking.ask(f"q{length - 1}") == end
    assert sum(asking.times.values()) <= 3 * length
    assert all(asking.ask(f"q{number}") == end for number in range(length))


def test_an_answer_never_comes_to_contain_itself() -> None:
    def longer(ask: Callable[[str], Values]) -> Values:
        inner = [(External(f"{value.path}.next"),) for value in ask("node") if isinstance(value, External)]
        return union([(External("lib.make()"),), *inner])

    asking = Asking({"node": longer, "user": joined((), "node")})
    assert asking.ask("user") == (External("lib.make()"),)
    assert asking.times["node"] <= 3


def test_an_answer_is_forgotten_with_all_of_its_cycle_when_a_fact_changes() -> None:
    facts: dict[str, Values] = {"f": (Class("m:Old"),)}

    def leaning(ask: Callable[[str], Values]) -> Values:
        asking.memo.consult((CALLERS, "f"))
        return union([facts["f"], ask("b")])

    asking = Asking({"a": leaning, "b": joined((), "a"), "c": joined((), "b"), "apart": joined((Class("m:Apart"),))})
    assert asking.ask("c") == facts["f"]
    asking.ask("apart")
    facts["f"] = (Class("m:New"),)
    assert asking.ask("c") == (Class("m:Old"),)
    asking.memo.forget([(CALLERS, "f")])
    assert asking.ask("c") == asking.ask("b") == (Class("m:New"),)
    asking.ask("apart")
    assert asking.times["apart"] == 1


def test_no_half_answer_outlives_an_error() -> None:
    broken = [True]

    def failing(ask: Callable[[str], Values]) -> Values:
        found = ask("a")
        if broken:
            raise RecursionError
        return found

    asking = Asking({"a": joined((Class("m:A"),), "b"), "b": failing})
    with pytest.raises(RecursionError):
        asking.ask("a")
    broken.clear()
    assert asking.ask("b") == asking.ask("a") == (Class("m:A"),)


@pytest.mark.parametrize(
    ("value", "part", "expected"),
    [
        (External("lib.f().g"), External("lib.f()"), True),
        (External("library"), External("lib"), False),
        (External("lib"), External("lib"), False),
    ],
)
def test_what_holds_what(value: External, part: External, expected: bool) -> None:
    assert holds(value, part) is expected
