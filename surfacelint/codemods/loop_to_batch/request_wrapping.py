"""Wraps the client of each request, and adapts the functions on the way to it to rehearsals."""

from __future__ import annotations

from functools import partial

import libcst as cst

from surfacelint.codemods.loop_to_batch.program_changes import ProgramChanges
from surfacelint.codemods.loop_to_batch.request_routes import Route, RoutedCall
from surfacelint.codemods.refusals import RefusedError
from surfacelint.model.workloads import RequestRoute
from surfacelint.visitors.lasting_effects import is_sleep

_REASONS = {
    "streaming": "the answer is streamed",
    "chained": "each request continues an earlier response",
    "elsewhere": "the client uses another host",
    "local": "the model runs on your own hardware",
    "discounted": "the request already has the batch price",
}
"""Why a request with a trait is not moved."""

_FEATURES = {
    "openai": "openai",
    "azure-openai": "azure",
    "anthropic": "anthropic",
    "groq": "groq",
    "together": "together",
    "mistral": "mistral",
    "google-genai": "gemini",
}
"""The feature of the batch module for the requests of each provider, by its name in the catalogue."""


def feature_of(request: RequestRoute) -> str:
    """Return the feature of the batch module that the request of a route needs. Raises `RefusedError` if there is none."""
    endpoint = request.endpoint
    for trait in request.traits:
        if trait in _REASONS:
            raise RefusedError(_REASONS[trait])
    feature = _FEATURES.get(request.provider)
    if not endpoint.batch or feature is None:
        raise RefusedError(f"no batch API that the fix can use takes `{endpoint.path}`")
    if request.provider != endpoint.provider:
        raise RefusedError(f"the client of `{endpoint.path}` sends its requests to {request.provider}")
    return feature


def hold_back(route: Route, changes: ProgramChanges) -> None:
    """Send a request only in the last pass: it stays realtime, like those of other providers between which the program chooses.

    Raises `RefusedError` if a rehearsal cannot end before it.
    """
    call = route.last
    line = next(
        (each for each in call.tree.ancestors(call.node) if isinstance(each, cst.SimpleStatementLine | cst.BaseCompoundStatement)), None
    )
    if not isinstance(line, cst.SimpleStatementLine) or len(route.calls) == 1:
        feature_of(route.request)  # says why it cannot move
        raise RefusedError(f"`{call.tree.code(call.node.func)}` cannot be held back")
    end_rehearsal(call, line, changes)


def end_rehearsal(call: RoutedCall, line: cst.SimpleStatementLine, changes: ProgramChanges) -> None:
    """Leave a line of the function that holds a call, and what follows it, to the last pass."""
    block = call.tree.parent(line)
    statements: list[cst.CSTNode] = [*block.body] if isinstance(block, cst.IndentedBlock) else [line]
    earlier = [call.tree.code(each).strip() for each in statements[: statements.index(line)]]
    if "end_rehearsal()" in earlier or not changes.first((call.document.path, line, "held back")):
        return
    name = changes.name(call.document, call.tree, line, "end_rehearsal")

    def held_back(updated: cst.SimpleStatementLine) -> cst.FlattenSentinel[cst.BaseStatement]:
        end = cst.parse_statement(f"{name}()").with_changes(leading_lines=updated.leading_lines)
        return cst.FlattenSentinel([end, updated.with_changes(leading_lines=[])])

    changes.change(call.document, call.tree, line, held_back)


def wrap_request(route: Route, changes: ProgramChanges) -> None:
    """Wrap the client in the call that sends a request: `client.responses.create` → `batchable(client).responses.create`."""
    call = route.last
    if not changes.first(call.place):
        return
    path = route.request.endpoint.path
    attributes = (path.rpartition("().")[2] if "()." in path else path.partition(".")[2]).split(".")
    node: cst.BaseExpression = call.node.func
    for expected in reversed(attributes):
        if not isinstance(node, cst.Attribute) or node.attr.value != expected:
            raise RefusedError(f"`{call.tree.code(call.node.func)}` hides the client of the request")
        node = node.value
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "batchable":
        return
    name = changes.name(call.document, call.tree, call.node, "batchable")
    changes.change(call.document, call.tree, node, lambda client: cst.Call(cst.parse_expression(name), [cst.Arg(_bare(client))]))


def adapt_function(call: RoutedCall, changes: ProgramChanges) -> None:
    """Adapt the function that holds a call on the way: pauses are for realtime requests, and `except:` may not catch a rehearsal."""
    function = call.tree.function_around(call.node)
    if function is None or not changes.first((call.document.path, function, "body")):
        return
    for handler in caught_by(call):
        if handler.type is None:
            changes.change(call.document, call.tree, handler, _with_exception)
        elif "BaseException" in call.tree.code(handler.type):
            raise RefusedError(f"`except BaseException` in `{function.name.value}` would catch the end of a rehearsal")
    for node in call.tree.inside(function):
        if isinstance(node, cst.Expr) and isinstance(node.value, cst.Call) and is_sleep(node):
            name = changes.name(call.document, call.tree, node, "pause")
            changes.change(call.document, call.tree, node.value.func, partial(_named, name))


def end_rehearsals(call: RoutedCall, block: cst.IndentedBlock, changes: ProgramChanges) -> None:
    """End rehearsals at the start of a block of the function that holds a call."""
    if not changes.first((call.document.path, block)):
        return
    end = cst.parse_statement(f"{changes.name(call.document, call.tree, block, 'end_rehearsal')}()")
    changes.change(call.document, call.tree, block, lambda updated: updated.with_changes(body=[end, *updated.body]))


def caught_by(call: RoutedCall) -> list[cst.ExceptHandler]:
    """Return the handlers of the `try` statements whose body holds a call, in its own function."""
    found: list[cst.ExceptHandler] = []
    inner: cst.CSTNode = call.node
    for node in call.tree.ancestors(call.node):
        if isinstance(node, cst.FunctionDef):
            break
        if isinstance(node, cst.Try) and inner is node.body:
            found += node.handlers
        inner = node
    return found


def _named(name: str, _: object) -> cst.BaseExpression:
    return cst.parse_expression(name)


def _with_exception(handler: cst.ExceptHandler) -> cst.ExceptHandler:
    return handler.with_changes(type=cst.Name("Exception"), whitespace_after_except=cst.SimpleWhitespace(" "))


def _bare(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.with_changes(lpar=[], rpar=[]) if getattr(node, "lpar", None) else node
