"""How many requests an item sends one after the other, and how often it tries again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst

from surfacelint.codemods.loop_to_batch.request_routes import Route, RoutedCall
from surfacelint.codemods.refusals import RefusedError
from surfacelint.visitors.lasting_effects import dotted_path
from surfacelint.visitors.source_tree import SourceTree

MOST_STAGES = 4
"""Most requests of an item that are moved to batches: each takes as long as a batch."""

_MOST_ATTEMPTS, _USUAL_ATTEMPTS = 5, 3
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_CONCURRENT = frozenset({"gather", "create_task", "ensure_future", "as_completed", "map", "imap", "starmap", "submit"})
_EVENT_LOOPS = frozenset({"asyncio.run", "anyio.run", "run_until_complete"})


def weights(routes: Iterable[Route]) -> dict[cst.Call, int]:
    """Return the most requests that each call in the repetition sends one after the other, by the first calls of the routes."""
    return _weights(list(routes), 0)


def _weights(routes: list[Route], depth: int) -> dict[cst.Call, int]:
    """Return the weights of the calls at `depth`, for routes that are the same before it."""
    found: dict[cst.Call, int] = {}
    for call in {route.calls[depth].node: route.calls[depth] for route in routes}.values():
        beyond = [route for route in routes if route.calls[depth].node is call.node and len(route.calls) > depth + 1]
        found[call.node] = max(
            (
                most_requests(callee.tree, _function(callee), _weights(alike, depth + 1))
                for callee, alike in _by_function(beyond, depth + 1)
            ),
            default=1,
        )
    return found


def _by_function(routes: list[Route], depth: int) -> list[tuple[RoutedCall, list[Route]]]:
    """Return the routes by the function that holds their call at `depth`, each with one such call."""
    found: dict[tuple[str, str], list[Route]] = {}
    for route in routes:
        call = route.calls[depth]
        found.setdefault((call.document.path, call.function), []).append(route)
    return [(alike[0].calls[depth], alike) for alike in found.values()]


def _function(call: RoutedCall) -> cst.CSTNode:
    return next((each for each in call.tree.ancestors(call.node) if isinstance(each, cst.FunctionDef | cst.Lambda)), call.tree.module)


def most_requests(tree: SourceTree, node: cst.CSTNode, known: dict[cst.Call, int]) -> int:
    """Return the most requests that a run of `node` sends one after the other, with the `known` weights of calls in it."""
    match node:
        case cst.If(test=test, body=body, orelse=orelse):
            branches = [most_requests(tree, each, known) for each in (body, orelse) if each is not None]
            return most_requests(tree, test, known) + max(branches)
        case cst.IfExp(test=test, body=body, orelse=orelse):
            return most_requests(tree, test, known) + max(most_requests(tree, body, known), most_requests(tree, orelse, known))
        case cst.IndentedBlock(body=statements) | cst.Module(body=statements):
            return _of_block(tree, statements, known)
        case cst.ExceptHandler():
            return 0  # runs only after a failure, in the last pass
        case cst.FunctionDef(body=body):
            return most_requests(tree, body, known)
        case _:
            inner = sum(most_requests(tree, child, known) for child in node.children if not isinstance(child, cst.FunctionDef))
            return inner + (known.get(node, 0) if isinstance(node, cst.Call) else 0)


def _of_block(tree: SourceTree, statements: Sequence[cst.CSTNode], known: dict[cst.Call, int]) -> int:
    total = 0
    for position, statement in enumerate(statements):
        if isinstance(statement, cst.If) and statement.orelse is None and ends_block(statement.body):
            test = most_requests(tree, statement.test, known)
            return total + test + max(most_requests(tree, statement.body, known), _of_block(tree, statements[position + 1 :], known))
        if not isinstance(statement, cst.FunctionDef | cst.ClassDef):
            total += most_requests(tree, statement, known)
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
        elif isinstance(node, _COMPREHENSIONS):
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
            return _USUAL_ATTEMPTS
        raise RefusedError(f"`while {call.tree.code(loop.test)}` sends requests until an answer ends it")
    is_count = isinstance(loop.iter, cst.Call) and dotted_path(loop.iter.func) == "range"
    used = {node.value for node in call.tree.inside(call.node) if isinstance(node, cst.Name)}
    if not is_count or dotted_path(loop.target) in used:
        raise RefusedError(f"`for {call.tree.code(loop.target)} in {call.tree.code(loop.iter)}` sends several requests for one item")
    numbers = [int(arg.value.value) for arg in cst.ensure_type(loop.iter, cst.Call).args if isinstance(arg.value, cst.Integer)]
    return max(numbers, default=_USUAL_ATTEMPTS) if has_try else 1


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
