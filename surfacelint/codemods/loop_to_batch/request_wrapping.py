"""Wraps the client of each request, and adapts the functions on the way to it to rehearsals."""

from __future__ import annotations

import libcst as cst

from surfacelint.codemods.loop_to_batch.program_changes import ProgramChanges
from surfacelint.codemods.loop_to_batch.request_routes import Route, RoutedCall
from surfacelint.codemods.refusals import RefusedError
from surfacelint.codemods.tree_edits import catching_exceptions, preceded_by, replaced_by
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

FEATURES = {
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
    feature = FEATURES.get(request.provider)
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


def end_rehearsal(call: RoutedCall, statement: cst.CSTNode, changes: ProgramChanges) -> None:
    """Leave a statement of the function that holds a call, and what follows it, to the last pass."""
    block = call.tree.parent(statement)
    statements: list[cst.CSTNode] = [*block.body] if isinstance(block, cst.IndentedBlock) else [statement]
    so_far = [call.tree.code(each).strip() for each in statements[: statements.index(statement) + 1]]
    if "end_rehearsal()" in so_far or not changes.first((call.document.path, statement, "held back")):
        return
    name = changes.name(call.document, call.tree, statement, "end_rehearsal")
    changes.change(call.document, call.tree, statement, preceded_by(f"{name}()"))


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
    for handler in _caught_by(call):
        if handler.type is None:
            changes.change(call.document, call.tree, handler, catching_exceptions)
        elif "BaseException" in call.tree.code(handler.type):
            raise RefusedError(f"`except BaseException` in `{function.name.value}` would catch the end of a rehearsal")
    for node in call.tree.inside(function):
        if isinstance(node, cst.Expr) and isinstance(node.value, cst.Call) and is_sleep(node):
            name = changes.name(call.document, call.tree, node, "pause")
            changes.change(call.document, call.tree, node.value.func, replaced_by(name))


def _caught_by(call: RoutedCall) -> list[cst.ExceptHandler]:
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


def _bare(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.with_changes(lpar=[], rpar=[]) if getattr(node, "lpar", None) else node
