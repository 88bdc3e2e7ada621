"""Whether the functions on the way to a request can run a second time: what they do before it must not outlast them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.codemods.loop_to_batch.called_functions import called_functions
from surfacelint.codemods.loop_to_batch.request_routes import RoutedCall
from surfacelint.codemods.refusals import RefusedError
from surfacelint.visitors.lasting_effects import (
    LastingEffect,
    OwnNames,
    dotted_path,
    effects_of,
    is_output,
    is_write,
    own_names,
    target_names,
)
from surfacelint.visitors.source_tree import SourceTree

_DEEPEST = 3
"""How deep calls of functions in the same file are followed."""

_REPEATED = frozenset({"assignment", "sleep"})
"""Effects that may happen twice: the last pass assigns the same values in the same order, and pauses do not count."""


def check_function(call: RoutedCall, *, whole: bool, sends_once: bool = False, aside: Collection[cst.CSTNode] = ()) -> None:
    """Raise `RefusedError` if the function that holds a call must not run up to that call twice.

    With `whole`, all of it must be repeatable, because another request may follow, or because it may send none; with `sends_once`, without
    what runs only after the call. Rehearsals end at the blocks in `aside`.
    """
    function = next((each for each in call.tree.ancestors(call.node) if isinstance(each, cst.FunctionDef | cst.Lambda)), None)
    if function is None:
        return
    own = own_names_of(call.tree, function)
    later = {*aside, *(_run_after(call.tree, call.node) if sends_once else ())}
    parts = [function.body] if whole or isinstance(function, cst.Lambda) else run_before(call.tree, call.node, function)
    around = {call.node, *call.tree.ancestors(call.node)}
    for part in parts:
        for effect in effects_of(call.tree, part, own):
            if effect.node in around and (effect.kind == "use" or not whole):
                continue  # happens after the request, or has been followed
            if not later.isdisjoint([effect.node, *call.tree.ancestors(effect.node)]):
                continue  # the rehearsal has ended
            if not is_repeatable(call.document, call.tree, effect, function, _DEEPEST):
                spelled = one_line(call.tree, effect.node)
                raise RefusedError(f"`{spelled}` in `{_name(function)}` runs before the request, and must not run twice")


def check_arguments(document: Document, tree: SourceTree, call: cst.Call) -> None:
    """Raise `RefusedError` if what a call in a repetition is given must not be computed twice."""
    own = OwnNames(frozenset(), frozenset())
    for effect in effects_of(tree, call, own):
        if effect.node is not call and not is_repeatable(document, tree, effect, call, _DEEPEST):
            raise RefusedError(f"`{one_line(tree, effect.node)}` runs before the request, and must not run twice")


def is_wholly_repeatable(call: RoutedCall) -> bool:
    """Whether all that the function of a call does may happen twice."""
    try:
        check_function(call, whole=True)
    except RefusedError:
        return False
    return True


def blocks_aside(call: RoutedCall, requests: Collection[cst.Call]) -> list[cst.IndentedBlock]:
    """Return the blocks of a function that run instead of a call, send no request, and do what must not happen twice."""
    function = call.tree.function_around(call.node)
    if function is None:
        return []
    own = own_names_of(call.tree, function)
    found: list[cst.IndentedBlock] = []
    for block in _run_instead(call.tree, call.node):
        sends = any(each in requests for each in call.tree.inside(block))
        effects = [] if sends else effects_of(call.tree, block, own)
        if any(not is_repeatable(call.document, call.tree, each, function, _DEEPEST) for each in effects):
            found.append(block)
    return found


def _run_instead(tree: SourceTree, node: cst.CSTNode) -> Iterator[cst.IndentedBlock]:
    """Yield the blocks after which `node` does not run any more."""
    inner = node
    for outer in tree.ancestors(node):
        if isinstance(outer, cst.FunctionDef | cst.Lambda | cst.For | cst.While):
            return
        if isinstance(outer, cst.IndentedBlock):
            statements: list[cst.CSTNode] = [*outer.body]
            guards = [each.body for each in statements[: statements.index(inner)] if isinstance(each, cst.If)]
            yield from (each for each in guards if isinstance(each, cst.IndentedBlock) and _returns(each))
        elif isinstance(outer, cst.If):
            other = outer.orelse.body if inner is outer.body and isinstance(outer.orelse, cst.Else) else None
            other = outer.body if inner is outer.orelse else other
            if isinstance(other, cst.IndentedBlock):
                yield other
        inner = outer


def _returns(block: cst.IndentedBlock) -> bool:
    last = block.body[-1]
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Return)


def _run_after(tree: SourceTree, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield statements that run only after `node` has run."""
    inner = node
    for outer in tree.ancestors(node):
        if isinstance(outer, cst.If | cst.IfExp | cst.BooleanOperation | cst.For | cst.While | cst.Try | cst.FunctionDef | cst.Lambda):
            return
        if isinstance(outer, cst.IndentedBlock):
            statements: list[cst.CSTNode] = [*outer.body]
            yield from statements[statements.index(inner) + 1 :]
        inner = outer


def run_before(tree: SourceTree, node: cst.CSTNode, function: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the statements and expressions of a function that run before `node` the first time, and the one that holds it."""
    found: list[cst.CSTNode] = []
    inner = node
    for outer in tree.ancestors(node):
        if outer is function:
            break
        if isinstance(outer, cst.IndentedBlock | cst.SimpleStatementSuite | cst.SimpleStatementLine):
            found += outer.body[: list(outer.body).index(inner)]
            if isinstance(outer, cst.SimpleStatementLine):
                found.append(inner)
        elif isinstance(outer, cst.If | cst.While):
            found.append(outer.test)
        elif isinstance(outer, cst.With):
            found += outer.items
        elif isinstance(outer, cst.For):
            found.append(outer.iter)
        elif isinstance(outer, cst.Try) and inner is outer.orelse:
            found.append(outer.body)
        if isinstance(outer, cst.Try) and outer.finalbody is not None and inner is not outer.finalbody:
            found.append(outer.finalbody)  # runs at the end of a rehearsal, too
        inner = outer
    return found


def is_repeatable(document: Document, tree: SourceTree, effect: LastingEffect, function: cst.CSTNode, deepest: int) -> bool:
    """Whether an effect may happen twice in a function."""
    if effect.kind in _REPEATED:
        return not _is_marker(tree, effect, function)
    if effect.kind == "clock":
        return _is_only_logged(tree, effect.node, function)
    if effect.kind in ("call", "use", "context") and isinstance(effect.node, cst.Call) and deepest:
        for called in called_functions(document, effect.node):
            own = own_names_of(called.tree, called.node)
            given = _given_own(tree, effect.node, function, called.node)
            effects = [
                each
                for each in effects_of(called.tree, called.node.body, own)
                if each.path != "yield" and not (each.kind == "mutation" and each.path in given)
            ]
            lasting = [each for each in effects if effect.kind == "call" or not _is_own(each, own)]
            return all(is_repeatable(called.document, called.tree, each, called.node, deepest - 1) for each in lasting)
    return effect.kind in ("use", "context")


def _is_marker(tree: SourceTree, effect: LastingEffect, function: cst.CSTNode) -> bool:
    """Whether an effect marks a key as seen: `seen[key] = True`, where `function` asks only whether there is a key."""
    if not isinstance(effect.node, cst.Assign) or not any(isinstance(each.target, cst.Subscript) for each in effect.node.targets):
        return False
    asks = False
    for node in tree.inside(function):
        if not isinstance(node, cst.Name | cst.Attribute) or dotted_path(node) != effect.path:
            continue
        parent = tree.parent(node)
        if isinstance(parent, cst.ComparisonTarget):
            asks = True
        elif not isinstance(parent, cst.Subscript) or not isinstance(tree.parent(parent), cst.AssignTarget | cst.AugAssign):
            return False
    return asks


def _given_own(tree: SourceTree, call: cst.Call, function: cst.CSTNode, called: cst.FunctionDef) -> frozenset[str]:
    """Return the parameters of a called function that are given what `function` has made: changes of these do not outlast it."""
    own = own_names_of(tree, function) if isinstance(function, cst.FunctionDef | cst.Lambda) else own_names(tree, function)
    names = [each.name.value for each in (*called.params.posonly_params, *called.params.params)]
    names = names[1:] if isinstance(call.func, cst.Attribute) and names[:1] in (["self"], ["cls"]) else names
    arguments = [arg for arg in call.args if not arg.star]
    positional = zip(names, (arg for arg in arguments if arg.keyword is None), strict=False)
    given = [*positional, *((arg.keyword.value, arg) for arg in arguments if arg.keyword is not None)]
    return frozenset(name for name, arg in given if isinstance(arg.value, cst.Name) and arg.value.value in own.fresh)


def _is_own(effect: LastingEffect, own: OwnNames) -> bool:
    """Whether an effect is a call of a method of something that the function has, of which nothing else is known."""
    return effect.kind == "call" and effect.path.partition(".")[0] in own.bound and not is_write(effect.node)


def own_names_of(tree: SourceTree, function: cst.FunctionDef | cst.Lambda) -> OwnNames:
    own = own_names(tree, function.body)
    parameters = function.params
    collected = {each.name.value for each in (parameters.star_arg, parameters.star_kwarg) if isinstance(each, cst.Param)}
    every = {each.name.value for each in (*parameters.params, *parameters.kwonly_params, *parameters.posonly_params)}
    return OwnNames(own.bound | every | collected, own.fresh | collected)


def _is_only_logged(tree: SourceTree, clock: cst.CSTNode, function: cst.CSTNode) -> bool:
    """Whether what a clock shows is only printed or logged."""
    if is_logged(tree, clock):
        return True
    names, pending = set[str](), list(_assigned(tree, clock))
    if not pending:
        return False
    while pending:
        name = pending.pop()
        names.add(name)
        for use in tree.inside(function):
            if isinstance(use, cst.Name) and use.value == name and not is_logged(tree, use):
                onward = [each for each in _assigned(tree, use) if each not in names]
                if not onward and not any(each in names for each in _assigned(tree, use)):
                    return False
                pending += onward
    return True


def _assigned(tree: SourceTree, node: cst.CSTNode) -> Iterator[str]:
    """Yield the names that the assignment around an expression, or with it as a target, binds."""
    for outer in tree.ancestors(node):
        if isinstance(outer, cst.Assign):
            for target in outer.targets:
                yield from target_names(target.target)
        if isinstance(outer, cst.BaseSmallStatement):
            return


def is_logged(tree: SourceTree, node: cst.CSTNode) -> bool:
    """Whether a node is part of a statement that only prints or logs."""
    return any(is_output(outer) for outer in tree.ancestors(node) if isinstance(outer, cst.Expr))


def _name(function: cst.FunctionDef | cst.Lambda) -> str:
    return function.name.value if isinstance(function, cst.FunctionDef) else "the lambda"


def one_line(tree: SourceTree, node: cst.CSTNode) -> str:
    """Return the source of a node on one line, without its comments and without backticks, and not too long."""
    text = " ".join(tree.code(node).split()).replace("`", "'")
    return text if len(text) <= 60 else f"{text[:57]}..."
