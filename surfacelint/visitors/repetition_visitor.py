"""Finds the repetition around a call: the loops, comprehensions and repeating calls, with the parts that a rewrite moves or keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeGuard

import libcst as cst

from surfacelint.system.records import record
from surfacelint.visitors.source_tree import Reported, is_reported

Statements: TypeAlias = "tuple[cst.BaseStatement | cst.BaseSmallStatement, ...]"
Guard: TypeAlias = "cst.If | cst.Try | cst.TryStar | cst.With | cst.Match"

_SCOPES = frozenset({cst.FunctionDef, cst.ClassDef, cst.Lambda})
_LOOPS = frozenset({cst.For, cst.While})
# Types are compared where a whole path is searched: `isinstance` of the abstract classes of LibCST takes ten times as long.
_REPEATING = _LOOPS | {cst.ListComp, cst.SetComp, cst.DictComp, cst.StarredDictComp, cst.GeneratorExp}


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
    """Return what begins a repetition: the loop statement, the target of a comprehension (the clause begins with blanks), or the call."""
    return each.clause.target if isinstance(each, ComprehensionParts) else each.node


def repetition_around(path: Sequence[cst.CSTNode], repeats: bool) -> Repetition | None:
    """Return the repetition around the expression that ends a path of nodes, or `None` without a repetition.

    `repeats` states that the expression is a call that repeats a callable itself.
    """
    call = path[-1]
    assert is_reported(call)
    scopes = [number for number, node in enumerate(path[:-1]) if type(node) in _SCOPES]
    rounds = list(_rounds(path[scopes[-1] + 1 if scopes else 0 :]))
    if repeats and isinstance(call, cst.Call):
        rounds.append(RepeatingCall(call))
    return Repetition(tuple(rounds), call) if rounds else None


def _rounds(path: Sequence[cst.CSTNode]) -> Iterator[Round]:
    for number in [number for number, node in enumerate(path[:-1], start=1) if type(node) in _REPEATING]:
        node, inner = path[number - 1], path[number]
        if isinstance(node, cst.BaseComp):
            yield from _clauses(node, path[number:])
        elif isinstance(node, cst.For | cst.While) and (inner is node.body or inner is getattr(node, "test", None)):
            yield _loop(node, path[number:])


def _loop(node: cst.For | cst.While, inside: Sequence[cst.CSTNode]) -> LoopParts:
    """Take apart a loop. `inside` are the nodes from its body (or test) to the call."""
    suite, *rest = inside
    if not isinstance(suite, cst.IndentedBlock | cst.SimpleStatementSuite):
        return LoopParts(node, (), None, (), ())
    loops = [number for number, each in enumerate(rest) if type(each) in _LOOPS]
    guards = tuple([each for each in rest[: loops[0] if loops else None] if _is_guard(each)])
    at = next(number for number, each in enumerate(suite.body) if each is rest[0])
    return LoopParts(node, tuple(suite.body[:at]), suite.body[at], tuple(suite.body[at + 1 :]), guards)


def _is_guard(node: cst.CSTNode) -> TypeGuard[Guard]:
    return isinstance(node, cst.If | cst.Try | cst.TryStar | cst.With | cst.Match)


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
