"""Finds where code reads the results of a batch: the variable of one result, and the expression that leads to the output of the job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import libcst as cst

from surfacelint.facts.expressions import Span
from surfacelint.system.records import record
from surfacelint.visitors.side_effects import below
from surfacelint.visitors.source_tree import SourceTree

Loop: TypeAlias = "cst.For | cst.BaseComp"


@record(frozen=True, slots=True)
class ResultVariable:
    """A variable with a result, or with a part of one.

    - `name`: the variable. `skipped`: how many steps of the path to the answer it has behind it: 1 for `entry.result`.
    - `loop`: the loop or comprehension that sets it, or `None` for a parameter.
    - `statement`: the statement that reads the answer.
    - `is_attribute`: attributes lead from the variable to the answer, so that a missing answer raises an error.
    """

    name: str
    skipped: int
    loop: Loop | None
    statement: cst.BaseStatement
    is_attribute: bool


@record(frozen=True, slots=True)
class OutputRead:
    """An expression `job.output_file_id`, with the job."""

    node: cst.BaseExpression
    job: cst.BaseExpression


def statement_at(tree: SourceTree, span: Span) -> cst.BaseStatement | None:
    """Return the statement that a span of its first line begins."""
    found = [each for each in tree.all_nodes() if isinstance(each, cst.BaseStatement) and tree.span(each).start == span.start]
    return found[0] if found else None


def result_variable(tree: SourceTree, statement: cst.BaseStatement, answers: Sequence[str]) -> ResultVariable | None:
    """Return the variable from which a statement reads an answer. `answers` are the paths from a result to the answer."""
    for answer in answers:
        path = answer.split(".")
        for skipped in range(len(path)):
            for root, is_attribute in _readers(tree, statement, path[skipped:]):
                loop = _loop_of(tree, root, root.value)
                if skipped and loop is None:
                    source = _assigned_from(tree, root)
                    loop = None if source is None else _loop_of(tree, root, source)
                    if source is not None and loop is not None:
                        return ResultVariable(source, 0, loop, statement, is_attribute)
                return ResultVariable(root.value, skipped, loop, statement, is_attribute)
    return None


def _readers(tree: SourceTree, statement: cst.CSTNode, path: Sequence[str]) -> Iterator[tuple[cst.Name, bool]]:
    """Yield the names from which code follows a path of attributes or keys, and whether these are attributes."""
    for node in below(statement):
        if isinstance(node, cst.Name):
            here: cst.CSTNode = node
            is_attribute = True
            for step in path:
                outer = tree.parent(here)
                if isinstance(outer, cst.Attribute) and outer.value is here and outer.attr.value == step:
                    here = outer
                elif isinstance(outer, cst.Subscript) and outer.value is here and _key(outer) == step:
                    here, is_attribute = outer, False
                else:
                    break
            else:
                yield node, is_attribute


def _key(node: cst.Subscript) -> object:
    match node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as index))]:
            return index.evaluated_value
        case _:
            return None


def _loop_of(tree: SourceTree, node: cst.CSTNode, name: str) -> Loop | None:
    """Return the innermost loop or comprehension around a node whose variable is `name`."""
    for outer in tree.ancestors(node):
        if isinstance(outer, cst.For) and isinstance(outer.target, cst.Name) and outer.target.value == name:
            return outer
        if isinstance(outer, cst.BaseComp) and any(_sets(each, name) for each in clauses(outer)):
            return outer
        if isinstance(outer, cst.FunctionDef):
            return None
    return None


def clauses(node: cst.BaseComp) -> Iterator[cst.CompFor]:
    """Yield the `for` clauses of a comprehension, outermost first."""
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        yield clause
        clause = clause.inner_for_in


def _sets(clause: cst.CompFor, name: str) -> bool:
    return isinstance(clause.target, cst.Name) and clause.target.value == name


def _assigned_from(tree: SourceTree, name: cst.Name) -> str | None:
    """Return the variable from which another is assigned in the same loop: `entry` of `result = entry.result`."""
    for assign in tree.nodes(cst.Assign):
        target = assign.targets[0].target
        if isinstance(target, cst.Name) and target.value == name.value:
            value = assign.value
            while isinstance(value, cst.Attribute):
                value = value.value
            if isinstance(value, cst.Name):
                return value.value
    return None


def output_reads(tree: SourceTree, outputs: Sequence[str]) -> list[OutputRead]:
    """Return the places that read one of the attributes `outputs` of a job, in the order of the text."""
    found = [each for each in tree.nodes(cst.Attribute) if each.attr.value in outputs]
    return [OutputRead(each, each.value) for each in sorted(found, key=lambda each: tree.span(each).start)]
