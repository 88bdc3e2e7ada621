"""Conditions on parameters: what must be passed for a call to run, as clauses of which each must hold (conjunctive normal form)."""

from __future__ import annotations

from itertools import combinations, product
from typing import TypeAlias

from surfacelint.facts.expressions import Constant
from surfacelint.linking.evaluation.abstract_values import Parameter
from surfacelint.system.records import HashedOnce, record

MOST_CLAUSES = 6
"""A condition keeps no more clauses than this. Fewer clauses only make it hold more often."""

MOST_TESTS = 4
"""A clause with more tests than this is left out."""


@record(frozen=True, slots=True)
class Test(HashedOnce):
    """A test of what is passed for a parameter: a comparison with `value`, or whether it is `"true"` or `"false"`.

    A model or URL is `"named"` or `"unnamed"`, and a library object is a `"client"`. Of these, the values that are known to be
    possible count as all. `absent` is the value that the test sees when the dict passed lacks the entry.
    """

    subject: Parameter
    operator: str
    value: Constant
    absent: Constant | None = None


Clause: TypeAlias = frozenset[Test]
"""Tests of which at least one must hold."""

Condition: TypeAlias = frozenset[Clause]

ALWAYS: Condition = frozenset()
NEVER: Condition = frozenset({frozenset()})

OPPOSITES = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "is": "is not",
    "is not": "is",
    "named": "unnamed",
    "unnamed": "named",
    "true": "false",
    "false": "true",
}
"""The comparison that holds where another one fails."""

_EXACT = frozenset({"==", "is", "named", "client"})
"""Comparisons that only one value passes."""


def single(test: Test) -> Condition:
    """Return the condition that one test holds."""
    return frozenset({frozenset({test})})


def both(one: Condition, other: Condition) -> Condition:
    """Return the condition that two conditions hold."""
    if not one or not other or one == other:
        return one or other
    found = one | other
    if frozenset() in found or _contradicts([clause for clause in found if len(clause) == 1]):
        return NEVER
    return found if len(found) <= MOST_CLAUSES else frozenset(sorted(found, key=_order)[:MOST_CLAUSES])


def either(one: Condition, other: Condition) -> Condition:
    """Return the condition that at least one of two conditions holds."""
    if not one or not other:
        return ALWAYS
    if frozenset() in one or frozenset() in other:
        return other if frozenset() in one else one
    clauses = [first | second for first, second in product(one, other)]
    found = ALWAYS
    for clause in sorted(clauses, key=_order):
        if len(clause) <= MOST_TESTS and not _holds_anyway(clause):
            found = both(found, frozenset({clause}))
    return found


def satisfies(constant: Constant, operator: str, value: Constant) -> bool:
    """Whether a constant passes a test; true where Python could not compare them."""
    own, other = constant.value, value.value
    match operator:
        case "true":
            return bool(own)
        case "false":
            return not own
        case "==" | "named" | "client":
            return own == other
        case "!=" | "unnamed":
            return own != other
        case "is":
            return own is None if other is None else own == other and type(own) is type(other)
        case "is not":
            return not satisfies(constant, "is", value)
        case _:
            return _is_ordered(own, operator, other)


def _is_ordered(own: object, operator: str, other: object) -> bool:
    if not isinstance(own, int | float) or not isinstance(other, int | float):
        return True
    return {"<": own < other, "<=": own <= other, ">": own > other, ">=": own >= other}.get(operator, True)


def _excludes(one: Test, other: Test) -> bool:
    """Whether no value passes two tests."""
    if one.subject != other.subject:
        return False
    for first, second in ((one, other), (other, one)):
        if first.operator in _EXACT and not satisfies(first.value, second.operator, second.value):
            return True
    return OPPOSITES.get(one.operator) == other.operator and one.value == other.value


def _contradicts(clauses: list[Clause]) -> bool:
    tests = [test for clause in clauses for test in clause]
    return any(_excludes(one, other) for one, other in combinations(tests, 2))


def _holds_anyway(clause: Clause) -> bool:
    """Whether one of the tests of a clause holds where another one fails."""
    return any(
        one.subject == other.subject and OPPOSITES.get(one.operator) == other.operator and one.value == other.value
        for one, other in combinations(clause, 2)
    )


def _order(clause: Clause) -> list[tuple[str, ...]]:
    """Return a key that sorts clauses, so that results do not depend on hashing."""
    return sorted(
        (test.subject.id, test.subject.name, test.subject.path, test.operator, repr(test.value), repr(test.absent)) for test in clause
    )
