"""Finds the parts of a loop that polls a batch job: the poll, the status that the loop compares, and the pauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst
from libcst.helpers import get_full_name_for_node

from surfacelint.system.records import record
from surfacelint.visitors.call_arguments import called_name
from surfacelint.visitors.side_effects import below, paths_read
from surfacelint.visitors.source_tree import SourceTree

_COMPARISONS = (cst.Equal, cst.NotEqual, cst.In, cst.NotIn)


@record(frozen=True, slots=True)
class Pause:
    """A statement that sleeps. `seconds` is the argument of its call; `None` for a call that waits in another way."""

    statement: cst.SimpleStatementLine
    seconds: cst.BaseExpression | None


@record(frozen=True, slots=True)
class PollLoop:
    """A `while` loop that polls a job.

    - `poll`: the expression that gives the job or its status: the call, with its `await` if it has one.
    - `held`: the variables and attributes that the loop sets to values from the poll: `batch`, `self.batch`.
    - `compared`: pairs of an expression about the poll and what the loop compares it with.
    - `pauses`: the statements that sleep, except those in `except` blocks.
    """

    loop: cst.While
    poll: cst.BaseExpression
    held: frozenset[str]
    compared: tuple[tuple[cst.BaseExpression, cst.BaseExpression], ...]
    pauses: tuple[Pause, ...]
    is_async: bool

    @property
    def body(self) -> cst.IndentedBlock | None:
        """The statements of the loop, or `None` if they share the line of its head."""
        return self.loop.body if isinstance(self.loop.body, cst.IndentedBlock) else None


def poll_loop(tree: SourceTree, call: cst.Call) -> PollLoop | None:
    """Return the innermost `while` loop around a poll, or `None`."""
    loop = None
    is_async = False
    for outer in tree.ancestors(call):
        if loop is None and isinstance(outer, cst.While):
            loop = outer
        if isinstance(outer, cst.FunctionDef):
            is_async = outer.asynchronous is not None
            break
    if loop is None:
        return None
    parent = tree.parent(call)
    poll = parent if isinstance(parent, cst.Await) else call
    inside = tuple(below(loop))
    held = _held(inside, poll)
    compared = tuple(pair for node in inside for pair in _compared(node) if _is_about(pair[0], poll, held))
    return PollLoop(loop, poll, held, compared, tuple(_pauses(tree, loop, inside)), is_async)


def held_in(node: cst.CSTNode, held: Iterable[str]) -> set[str]:
    """Return those of the variables and attributes `held` that occur in a node."""
    read = paths_read([node])
    return {each for each in held if any(path == each or path.startswith(f"{each}.") for path in read)}


def _held(inside: tuple[cst.CSTNode, ...], poll: cst.BaseExpression) -> frozenset[str]:
    """Return the variables that the loop sets to a value that comes from the poll, directly or through other variables."""
    held: set[str] = set()
    found = [(get_full_name_for_node(target), target, value) for node in inside for target, value in _assignments(node)]
    assigned = [(name, value) for name, target, value in found if name is not None and isinstance(target, cst.Name | cst.Attribute)]
    while True:
        more = {name for name, value in assigned if name not in held and _is_about(value, poll, held)}
        if not more:
            return frozenset(held)
        held |= more


def _assignments(node: cst.CSTNode) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression]]:
    match node:
        case cst.Assign(targets=targets, value=value):
            yield from ((each.target, value) for each in targets)
        case cst.AnnAssign(target=target, value=cst.BaseExpression() as value):
            yield target, value
        case cst.NamedExpr(target=target, value=value):
            yield target, value
        case _:
            pass


def _is_about(expression: cst.CSTNode, poll: cst.BaseExpression, held: set[str] | frozenset[str]) -> bool:
    return any(node is poll for node in below(expression)) or bool(held_in(expression, held))


def _compared(node: cst.CSTNode) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression]]:
    match node:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
            if isinstance(operator, _COMPARISONS):
                yield left, right
                yield right, left
        case cst.Match(subject=subject, cases=cases):
            for case in cases:
                yield from ((subject, value.value) for value in below(case.pattern) if isinstance(value, cst.MatchValue))
        case _:
            pass


def _pauses(tree: SourceTree, loop: cst.While, inside: tuple[cst.CSTNode, ...]) -> Iterator[Pause]:
    for node in inside:
        if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1 or not isinstance(node.body[0], cst.Expr):
            continue
        value = node.body[0].value
        call = value.expression if isinstance(value, cst.Await) else value
        if not isinstance(call, cst.Call) or _in_handler(tree, node, loop):
            continue
        name = called_name(call)
        if name == "sleep" and len(call.args) == 1 and not call.args[0].star:
            yield Pause(node, call.args[0].value)
        elif "sleep" in name or "wait" in name or "pause" in name:
            yield Pause(node, None)


def _in_handler(tree: SourceTree, node: cst.CSTNode, loop: cst.While) -> bool:
    for outer in tree.ancestors(node):
        if outer is loop:
            return False
        if isinstance(outer, cst.ExceptHandler | cst.ExceptStarHandler):
            return True
    return False
