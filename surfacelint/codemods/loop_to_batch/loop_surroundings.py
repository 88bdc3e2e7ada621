"""What the code around a loop expects of it: who consumes its generator, what produces its items, and what its answers change elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.codemods.loop_to_batch.called_functions import CalledFunction, called_functions, read_properties
from surfacelint.codemods.loop_to_batch.carried_state import written_after
from surfacelint.codemods.loop_to_batch.repeatable_code import is_repeatable, one_line, own_names_of
from surfacelint.codemods.loop_to_batch.request_counts import Known
from surfacelint.codemods.loop_to_batch.request_routes import Route
from surfacelint.codemods.refusals import RefusedError
from surfacelint.facts.module_outlines import MODULE_BODY
from surfacelint.visitors.lasting_effects import OwnNames, dotted_path, effects_of, is_output
from surfacelint.visitors.source_tree import SourceTree

_WALKING = ("__iter__", "__next__")


def check_items(document: Document, tree: SourceTree, loop: cst.For, routes: Iterable[Route]) -> None:
    """Raise `RefusedError` if making the items does something that others see between the items, or sends requests."""
    asking = _asking(routes)
    _check_positions(document, tree, loop)
    if not isinstance(loop.iter, cst.Call):
        return
    for found in called_functions(document, loop.iter):
        called_tree, called = found.tree, found.node
        if not any(isinstance(node, cst.Yield) for node in called_tree.inside(called)):
            continue
        own = own_names_of(called_tree, called)
        if any(isinstance(node, cst.Call) and called_tree.code(node.func) in asking for node in called_tree.inside(called)):
            raise RefusedError(f"`{tree.code(loop.iter.func)}` sends requests, too")
        effects = (each for each in effects_of(called_tree, called.body, own) if each.path != "yield")
        if any(not is_repeatable(found.document, called_tree, each, called, 2) for each in effects) or _prints(called_tree, called):
            raise RefusedError(f"`{tree.code(loop.iter.func)}` does more than to make the items")


def _check_positions(document: Document, tree: SourceTree, loop: cst.For) -> None:
    """Raise `RefusedError` if an item reads how far the loop is from what it walks: `reader.line_num`."""
    walked = {dotted_path(node) for node in tree.within(loop.iter) if isinstance(node, cst.Name | cst.Attribute)}
    moving = {"line_num", "tell"}
    if any(document.functions_named(each) for each in _WALKING):
        moving |= document.tree(MODULE_BODY).once(_moved_by_walking)
    for node in tree.inside(loop.body):
        if isinstance(node, cst.Attribute) and node.attr.value in moving and dotted_path(node.value) in walked:
            raise RefusedError(f"`{tree.code(node)}` changes while the loop takes its items")


def _moved_by_walking(whole: SourceTree) -> frozenset[str]:
    """Return the attributes that iterators of a module set while they are walked."""
    found: set[str] = set()
    for method in whole.nodes(cst.FunctionDef):
        if method.name.value in _WALKING:
            for node in whole.inside(method):
                targets = [each.target for each in node.targets] if isinstance(node, cst.Assign) else []
                targets += [node.target] if isinstance(node, cst.AugAssign) else []
                found.update(each.attr.value for each in targets if isinstance(each, cst.Attribute))
    return frozenset(found)


def check_consumers(document: Document, tree: SourceTree, loop: cst.For, routes: Iterable[Route]) -> None:
    """Raise `RefusedError` if the loop yields its answers to code that may stop early, or that sends requests itself."""
    function = tree.function_around(loop)
    if function is None or not any(isinstance(node, cst.Yield) for node in tree.inside(loop.body)):
        return
    asking = _asking(routes)
    whole = document.tree(MODULE_BODY)
    for call in whole.nodes(cst.Call):
        if dotted_path(call.func).rpartition(".")[2] == function.name.value:
            _check_consumer(whole, call, asking)


def check_exits(tree: SourceTree, loop: cst.For, known: Known) -> None:
    """Raise `RefusedError` if the program may end at an answer. It may end at a failure or before the request."""
    inside = set(tree.inside(loop.body))
    start = min((tree.span(call).end for call in known if call in inside), default=None)
    for node in tree.inside(loop.body):
        if start is None or not _ends_program(node) or tree.span(node).start < start:
            continue
        if not any(isinstance(outer, cst.ExceptHandler) for outer in tree.ancestors(node)):
            raise RefusedError(f"`{one_line(tree, node)}` ends the program at an answer")


def _ends_program(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
        return dotted_path(raised) in ("SystemExit", "KeyboardInterrupt")
    return isinstance(node, cst.Call) and dotted_path(node.func) in ("sys.exit", "exit", "quit", "os._exit", "os.abort")


def check_properties(document: Document, tree: SourceTree, loop: cst.For, known: Known) -> None:
    """Raise `RefusedError` if an item reads a property before its request that does what must not happen twice."""
    inside = set(tree.inside(loop.body))
    end = min((tree.span(call).end for call in known if call in inside), default=None)
    for node in tree.inside(loop.body):
        if end is None or not isinstance(node, cst.Attribute) or tree.span(node).start > end:
            continue
        for found in read_properties(document, node):
            effects = effects_of(found.tree, found.node.body, own_names_of(found.tree, found.node))
            if any(not is_repeatable(found.document, found.tree, each, found.node, 2) for each in effects):
                raise RefusedError(f"`{one_line(tree, node)}` changes something each time it is read")


def check_callers(document: Document, tree: SourceTree, loop: cst.For) -> None:
    """Raise `RefusedError` if the function of an asynchronous loop runs several times at once: each run would make batches of its own."""
    function = tree.function_around(loop)
    if function is None or function.asynchronous is None:
        return
    whole = document.tree(MODULE_BODY)
    for call in whole.nodes(cst.Call):
        if dotted_path(call.func).rpartition(".")[2] != function.name.value:
            continue
        outer = [dotted_path(each.func).rpartition(".")[2] for each in whole.ancestors(call) if isinstance(each, cst.Call)]
        if {"gather", "create_task", "ensure_future", "TaskGroup"} & set(outer):
            raise RefusedError(f"`{function.name.value}` runs several times at once")


def _asking(routes: Iterable[Route]) -> set[str]:
    return {call.tree.code(call.node.func) for route in routes for call in route.calls}


def _check_consumer(tree: SourceTree, call: cst.Call, asking: set[str]) -> None:
    parent = tree.parent(call)
    if isinstance(parent, cst.For) and parent.iter is call:
        for node in tree.inside(parent.body):
            if isinstance(node, cst.Break | cst.Return):
                raise RefusedError(f"`{one_line(tree, node)}` ends the loop over `{one_line(tree, call)}` at an answer")
            if isinstance(node, cst.Call) and tree.code(node.func) in asking:
                raise RefusedError(f"the loop over `{one_line(tree, call)}` sends requests, too")
    elif isinstance(parent, cst.Arg):
        outer = tree.parent(parent)
        name = dotted_path(outer.func).rpartition(".")[2] if isinstance(outer, cst.Call) else ""
        if name in ("zip", "next", "any", "all", "islice", "takewhile"):
            raise RefusedError(f"`{name}` takes the answers one by one")


def check_answers(loop: cst.For, tree: SourceTree, routes: Iterable[Route], known: Known, own: OwnNames) -> None:
    """Raise `RefusedError` if what an item does with its answer changes what the functions on the way to the next request read."""
    written = written_after(tree, loop, known, own)
    for route in routes:
        for call in route.calls[1:]:
            function = call.tree.function_around(call.node)
            if function is None or call.document is not route.calls[0].document:
                continue
            local = own_names_of(call.tree, function).bound
            for node in call.tree.inside(function):
                path = dotted_path(node) if isinstance(node, cst.Name | cst.Attribute | cst.Subscript) else ""
                if path in written and path.partition(".")[0] not in local:
                    raise RefusedError(f"`{path}` carries from one item to the next")
    document = next(iter(routes)).calls[0].document
    shared = _shared_writes(tree, loop, known, document)
    for place in _shared_reads(tree, loop, known, document):
        if place in shared:
            raise RefusedError(f"`{place[1]}` carries from one item to the next")


def _shared_writes(tree: SourceTree, loop: cst.For, known: Known, document: Document) -> set[tuple[str, str]]:
    """Return what functions of other modules write that the loop calls with its answers, as module and path."""
    end = min(tree.span(call).end for call in known)
    found: set[tuple[str, str]] = set()
    for call in _plain_calls(tree, loop):
        if tree.span(call).start > end:
            for called in _imported(call, document):
                own = own_names_of(called.tree, called.node)
                effects = effects_of(called.tree, called.node.body, own)
                found |= {(called.document.path, each.path) for each in effects if each.kind != "use"}
    return found


def _shared_reads(tree: SourceTree, loop: cst.For, known: Known, document: Document) -> Iterator[tuple[str, str]]:
    """Yield what functions of other modules read that the loop calls before or in its request, as module and path."""
    end = min(tree.span(call).end for call in known)
    for call in _plain_calls(tree, loop):
        if tree.span(call).end <= end:
            for called in _imported(call, document):
                for node in called.tree.inside(called.node.body):
                    if isinstance(node, cst.Name):
                        yield called.document.path, node.value


def _plain_calls(tree: SourceTree, loop: cst.For) -> Iterator[cst.Call]:
    return (node for node in tree.inside(loop.body) if isinstance(node, cst.Call) and isinstance(node.func, cst.Name))


def _imported(call: cst.Call, document: Document) -> Iterator[CalledFunction]:
    """Yield the function of another module of the project that a call of an imported name runs."""
    return (each for each in called_functions(document, call) if each.document is not document)


def _prints(tree: SourceTree, function: cst.FunctionDef) -> bool:
    return any(isinstance(node, cst.Expr) and is_output(node) for node in tree.inside(function))
