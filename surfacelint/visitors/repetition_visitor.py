"""Finds the repetition around a call: the loops, comprehensions and repeating calls, with the parts that a rewrite moves or keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

import libcst as cst

from surfacelint.system.records import record
from surfacelint.visitors.place_visitor import Reported, is_reported

Statements: TypeAlias = "tuple[cst.BaseStatement | cst.BaseSmallStatement, ...]"
Guard: TypeAlias = "cst.If | cst.Try | cst.TryStar | cst.With | cst.Match"

_SCOPES = (cst.FunctionDef, cst.ClassDef, cst.Lambda)


@record(frozen=True, slots=True)
class LoopParts:
    """A `for` or `while` loop around a call.

    - `holder` is the statement of its body that holds the call; `before` and `after` are the statements beside it. A call in the test
      of a `while` loop has no holder.
    - `guards` are the statements between the loop and the call that decide whether or how it runs, outermost first.
    """

    node: cst.For | cst.While
    before: Statements
    holder: cst.BaseStatement | cst.BaseSmallStatement | None
    after: Statements
    guards: tuple[Guard, ...]

    @property
    def targets(self) -> cst.BaseExpression | None:
        """What holds the item; `None` for `while`."""
        return self.node.target if isinstance(self.node, cst.For) else None

    @property
    def items(self) -> cst.BaseExpression:
        """What the loop walks over, or the test of `while`."""
        return self.node.iter if isinstance(self.node, cst.For) else self.node.test

    @property
    def otherwise(self) -> cst.Else | None:
        """The `else` clause of the loop."""
        return self.node.orelse


@record(frozen=True, slots=True)
class ComprehensionParts:
    """A comprehension or generator expression around a call, by the clause that repeats it."""

    node: cst.BaseComp
    clause: cst.CompFor

    @property
    def targets(self) -> cst.BaseExpression:
        """What holds the item."""
        return self.clause.target

    @property
    def items(self) -> cst.BaseExpression:
        """What the clause walks over."""
        return self.clause.iter


@record(frozen=True, slots=True)
class RepeatingCall:
    """A call that runs a callable for each item: `map(ask, rows)`, `pool.map(ask, rows)`, `df["text"].apply(ask)`."""

    node: cst.Call

    @property
    def worker(self) -> cst.BaseExpression | None:
        """The callable: the first argument that has the form of one."""
        return next(
            (each.value for each in self.node.args if isinstance(each.value, cst.Name | cst.Attribute | cst.Lambda | cst.Call)), None
        )

    @property
    def items(self) -> cst.BaseExpression | None:
        """What the call runs over: the argument after the callable, the only other argument, or the receiver."""
        given = [each.value for each in self.node.args if each.keyword is None and each.value is not self.worker]
        receiver = self.node.func.value if isinstance(self.node.func, cst.Attribute) else None
        return given[0] if given else receiver

    @property
    def targets(self) -> None:
        """A call has no name for the item."""


Round: TypeAlias = LoopParts | ComprehensionParts | RepeatingCall


@record(frozen=True, slots=True)
class Repetition:
    """The repetitions around a call in one function, outermost first, without those around the function itself."""

    rounds: tuple[Round, ...]
    call: Reported

    @property
    def innermost(self) -> Round | None:
        """The repetition that directly repeats the call."""
        return self.rounds[-1] if self.rounds else None


def header(each: Round) -> cst.CSTNode:
    """Return what begins a repetition: the loop statement, the clause of a comprehension, or the call."""
    return each.clause if isinstance(each, ComprehensionParts) else each.node


def repetition_around(path: Sequence[cst.CSTNode], repeats: bool) -> Repetition | None:
    """Return the repetition around the expression that ends a path of nodes, or `None` without a repetition.

    `repeats` states that the expression is a call that repeats a callable itself.
    """
    call = path[-1]
    assert is_reported(call)
    start = next((number for number in range(len(path) - 2, -1, -1) if isinstance(path[number], _SCOPES)), -1) + 1
    rounds = list(_rounds(path[start:]))
    if repeats and isinstance(call, cst.Call):
        rounds.append(RepeatingCall(call))
    return Repetition(tuple(rounds), call) if rounds else None


def _rounds(path: Sequence[cst.CSTNode]) -> Iterator[Round]:
    for number, (node, inner) in enumerate(pairwise(path), start=1):
        if isinstance(node, cst.For | cst.While) and (inner is node.body or inner is getattr(node, "test", None)):
            yield _loop(node, path[number:])
        elif isinstance(node, cst.BaseComp):
            yield from _clauses(node, path[number:])


def _loop(node: cst.For | cst.While, inside: Sequence[cst.CSTNode]) -> LoopParts:
    """Take apart a loop. `inside` are the nodes from its body (or test) to the call."""
    suite, *rest = inside
    guards: list[Guard] = []
    for each in rest:
        if isinstance(each, cst.For | cst.While):
            break
        if isinstance(each, cst.If | cst.Try | cst.TryStar | cst.With | cst.Match):
            guards.append(each)
    if not isinstance(suite, cst.IndentedBlock | cst.SimpleStatementSuite):
        return LoopParts(node, (), None, (), ())
    at = next(number for number, each in enumerate(suite.body) if each is rest[0])
    return LoopParts(node, tuple(suite.body[:at]), suite.body[at], tuple(suite.body[at + 1 :]), tuple(guards))


def _clauses(node: cst.BaseComp, inside: Sequence[cst.CSTNode]) -> Iterator[ComprehensionParts]:
    """Yield the clauses that repeat what is inside: all of them for the element, the ones before it for a part of a clause."""
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        below = inside[inside.index(clause) + 1] if clause in inside else None
        if below is clause.iter:
            return
        yield ComprehensionParts(node, clause)
        if below is not None and below is not clause.inner_for_in:
            return
        clause = clause.inner_for_in
