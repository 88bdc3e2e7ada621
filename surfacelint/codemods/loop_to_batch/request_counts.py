"""How many requests an item sends one after the other, and how often it tries again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

import libcst as cst

from surfacelint.codemods.loop_to_batch.call_spelling import COMPREHENSIONS
from surfacelint.codemods.loop_to_batch.request_routes import Route, RoutedCall
from surfacelint.codemods.refusals import RefusedError
from surfacelint.system.records import record
from surfacelint.visitors.lasting_effects import dotted_path
from surfacelint.visitors.source_tree import SourceTree, children

MOST_STAGES = 4
"""Most requests of an item that are moved to batches: each takes as long as a batch."""

_MOST_ATTEMPTS, _USUAL_ATTEMPTS = 5, 3
_CONCURRENT = frozenset({"gather", "create_task", "ensure_future", "as_completed", "map", "imap", "starmap", "submit"})
_EVENT_LOOPS = frozenset({"asyncio.run", "anyio.run", "run_until_complete"})


@record(frozen=True, slots=True)
class Count:
    """How many requests some code sends one after the other, at least and at most, unless it fails."""

    least: int
    most: int

    def then(self, other: Count) -> Count:
        """Return the count of both, one after the other."""
        return Count(self.least + other.least, self.most + other.most)

    def either(self, other: Count) -> Count:
        """Return the count of one of both."""
        return Count(min(self.least, other.least), max(self.most, other.most))


NONE = Count(0, 0)
ONE = Count(1, 1)


class Known(dict[cst.Call, Count]):
    """The counts of calls of one tree that lead to requests."""

    _around: frozenset[cst.CSTNode] = frozenset()
    _size = 0

    def around(self, tree: SourceTree) -> frozenset[cst.CSTNode]:
        """Return the calls and all nodes that hold one."""
        if self._size != len(self):
            found: set[cst.CSTNode] = set()
            for call in self:
                found.add(call)
                for outer in tree.ancestors(call):
                    if outer in found:
                        break
                    found.add(outer)
            self._around, self._size = frozenset(found), len(self)
        return self._around


def call_counts(routes: Iterable[Route], depth: int = 0) -> Known:
    """Return the counts of the calls at `depth` of some routes, which are the same before it."""
    found = Known()
    by_call: dict[cst.Call, list[Route]] = {}
    for route in routes:
        by_call.setdefault(route.calls[depth].node, []).append(route)
    for call, alike in by_call.items():
        beyond = [route for route in alike if len(route.calls) > depth + 1]
        counts = [function_count(callee, same, depth + 1) for callee, same in by_function(beyond, depth + 1)]
        found[call] = reduce(Count.either, counts) if counts else ONE
    return found


def function_count(call: RoutedCall, routes: list[Route], depth: int) -> Count:
    """Return the count of the function that holds a call at `depth` of some routes."""
    known = call_counts(routes, depth)
    function = enclosing_function(call)
    # Of several calls of one function, the analysis follows the first.
    spelled = {call.tree.code(node.func): count for node, count in known.items()}
    for node in call.tree.inside(function):
        if isinstance(node, cst.Call) and node not in known and call.tree.code(node.func) in spelled:
            known[node] = spelled[call.tree.code(node.func)]
    return count_requests(call.tree, function, known)


def by_function(routes: list[Route], depth: int) -> list[tuple[RoutedCall, list[Route]]]:
    """Return the routes by the function that holds their call at `depth`, each with one such call."""
    found: dict[tuple[str, str], list[Route]] = {}
    for route in routes:
        call = route.calls[depth]
        found.setdefault((call.document.path, call.function), []).append(route)
    return [(alike[0].calls[depth], alike) for alike in found.values()]


def enclosing_function(call: RoutedCall) -> cst.CSTNode:
    """Return the function around a call, or the module."""
    return next((each for each in call.tree.ancestors(call.node) if isinstance(each, cst.FunctionDef | cst.Lambda)), call.tree.module)


def count_requests(tree: SourceTree, node: cst.CSTNode, known: Known) -> Count:
    """Return how many requests a run of `node` sends one after the other."""
    return _Counting(known, known.around(tree)).count(node)


@record(frozen=True, slots=True)
class _Counting:
    """Counts the requests of code. Only the nodes in `around` hold any."""

    known: Known
    around: frozenset[cst.CSTNode]

    def count(self, node: cst.CSTNode | None) -> Count:
        """Return how many requests a run of `node` sends one after the other."""
        if node is None or node not in self.around:
            return NONE
        match node:
            case cst.If(test=test, body=body, orelse=orelse) | cst.IfExp(test=test, body=body, orelse=orelse):
                return self.count(test).then(self.count(body).either(self.count(orelse)))
            case cst.BooleanOperation(left=left, right=right):
                return self.count(left).then(self.count(right).either(NONE))
            case cst.IndentedBlock(body=statements) | cst.Module(body=statements):
                return self._count_block(statements)
            case cst.ExceptHandler():
                return NONE  # runs only after a failure
            case cst.FunctionDef(body=body) | cst.Lambda(body=body):
                return self.count(body)
            case cst.Try(body=body, orelse=orelse, finalbody=finalbody):
                return self.count(body).then(self.count(orelse)).then(self.count(finalbody))
            case _:
                inner = [self.count(child) for child in children(node) if not isinstance(child, cst.FunctionDef)]
                total = reduce(Count.then, inner, NONE)
                return total.then(self.known[node]) if isinstance(node, cst.Call) and node in self.known else total

    def _count_block(self, statements: Sequence[cst.CSTNode]) -> Count:
        total = NONE
        for position, statement in enumerate(statements):
            if isinstance(statement, cst.If) and statement.orelse is None and ends_block(statement.body):
                rest = self._count_block(statements[position + 1 :])
                return total.then(self.count(statement.test)).then(self.count(statement.body).either(rest))
            if not isinstance(statement, cst.FunctionDef | cst.ClassDef):
                total = total.then(self.count(statement))
            if ends_block(statement):
                break
        return total


def ends_block(statement: cst.CSTNode) -> bool:
    """Whether nothing runs after a statement in its block: it returns, raises, or goes on with the next item."""
    match statement:
        case cst.IndentedBlock(body=statements):
            return bool(statements) and ends_block(statements[-1])
        case cst.SimpleStatementLine(body=[*_, last]):
            return isinstance(last, cst.Return | cst.Raise | cst.Continue | cst.Break)
        case _:
            return False


def attempts(routes: Iterable[Route], within: cst.CSTNode) -> int:
    """Return how often the code tries a failed request, at most. `within` is the body of the repetition.

    Raises `RefusedError` if a loop on the way to a request sends one for each of several items, or does not end.
    """
    most = 1
    for route in routes:
        for depth, call in enumerate(route.calls):
            most = max(most, _attempts_around(call, within if depth == 0 else None))
    return min(most, _MOST_ATTEMPTS)


def _attempts_around(call: RoutedCall, within: cst.CSTNode | None) -> int:
    most = 1
    for node in () if call.node is within else call.tree.ancestors(call.node):
        if node is within or isinstance(node, cst.Lambda):
            return most
        if isinstance(node, cst.For | cst.While):
            most = max(most, _attempts_of_loop(call, node))
        elif isinstance(node, COMPREHENSIONS):
            raise RefusedError(f"`{call.tree.code(node)}` sends a request for each of several parts of one item")
        elif isinstance(node, cst.Call) and node is not call.node:
            _check_outer_call(call, node, within)
        elif isinstance(node, cst.FunctionDef):
            return max([most, *(_attempts_of_decorator(each.decorator, call.tree) for each in node.decorators)])
    return most


def _check_outer_call(call: RoutedCall, outer: cst.Call, within: cst.CSTNode | None) -> None:
    path = dotted_path(outer.func)
    name = path.rpartition(".")[2]
    if path in _EVENT_LOOPS or name in _EVENT_LOOPS:
        raise RefusedError(f"`{path}` starts an event loop for each item")
    if within is None and name in _CONCURRENT and (name != "gather" or any(arg.star for arg in outer.args)):
        raise RefusedError(f"`{path}` in `{call.function}` sends several requests at a time for one item")


def _attempts_of_loop(call: RoutedCall, loop: cst.For | cst.While) -> int:
    has_try = any(isinstance(node, cst.Try) for node in call.tree.inside(loop))
    if isinstance(loop, cst.While):
        if has_try:
            limits = [int(node.value) for node in call.tree.inside(loop.test) if isinstance(node, cst.Integer)]
            return max(limits, default=_USUAL_ATTEMPTS) or _USUAL_ATTEMPTS
        raise RefusedError(f"`while {call.tree.code(loop.test)}` sends requests until an answer ends it")
    is_count = isinstance(loop.iter, cst.Call) and dotted_path(loop.iter.func) == "range"
    used = {node.value for node in call.tree.inside(call.node) if isinstance(node, cst.Name)}
    ends = any(isinstance(node, cst.Return | cst.Break) for node in call.tree.inside(loop.body))
    if not is_count or not ends or dotted_path(loop.target) in used:
        raise RefusedError(f"`for {call.tree.code(loop.target)} in {call.tree.code(loop.iter)}` sends several requests for one item")
    numbers = [int(arg.value.value) for arg in cst.ensure_type(loop.iter, cst.Call).args if isinstance(arg.value, cst.Integer)]
    return max(numbers, default=_USUAL_ATTEMPTS) if has_try else 1


def is_retried_by_decorator(call: RoutedCall) -> bool:
    """Whether a decorator of the function that holds a call tries again."""
    function = enclosing_function(call)
    decorators = function.decorators if isinstance(function, cst.FunctionDef) else ()
    return any(_attempts_of_decorator(each.decorator, call.tree) > 1 for each in decorators)


def _attempts_of_decorator(decorator: cst.BaseExpression, tree: SourceTree) -> int:
    name = dotted_path(decorator.func if isinstance(decorator, cst.Call) else decorator).lower()
    if "retry" not in name and "backoff" not in name and "on_exception" not in name:
        return 1
    numbers = [int(node.value) for node in tree.inside(decorator) if isinstance(node, cst.Integer) and _counts_attempts(tree, node)]
    return max(numbers, default=_USUAL_ATTEMPTS)


def _counts_attempts(tree: SourceTree, number: cst.Integer) -> bool:
    argument = tree.parent(number)
    outer = tree.parent(argument) if argument is not None else None
    if not isinstance(argument, cst.Arg) or not isinstance(outer, cst.Call):
        return False
    words = [dotted_path(outer.func), argument.keyword.value if argument.keyword is not None else ""]
    return any(part in word.lower() for word in words for part in ("attempt", "tries", "retries", "times"))
