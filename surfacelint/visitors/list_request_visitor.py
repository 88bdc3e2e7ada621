"""Finds the parts of a request with one input: the input, and the places that read its result."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from surfacelint.catalogue.provider_rows import Endpoint
from surfacelint.system.records import record
from surfacelint.visitors.call_arguments import argument
from surfacelint.visitors.name_bindings import is_label
from surfacelint.visitors.source_tree import SourceTree

_STEP = re.compile(r"\[0\]|[^.\[\]]+")


@record(frozen=True, slots=True)
class ListRequest:
    """A request with one input to an endpoint that takes many.

    - `value`: the call, with its `await` if it has one. `item` is its input, `argument` the argument that holds it.
    - `rest`: the code between the response and the results of a list, such as `.data`; empty if the response is the list.
    - `results`: the expressions that are the result for the one input, such as `response.data[0]`.
    - `response`: the variable that holds the response, or empty.
    - `is_unused`: the code does not read the response.
    """

    call: cst.Call
    value: cst.BaseExpression
    item: cst.BaseExpression
    argument: cst.Arg
    rest: str
    results: tuple[cst.BaseExpression, ...]
    response: str = ""
    is_unused: bool = False


def list_request(tree: SourceTree, call: cst.Call, endpoint: Endpoint, scope: cst.CSTNode) -> ListRequest | str:
    """Return the parts of a request in `scope` (a function or module), or why it cannot take a list."""
    held = argument(call, endpoint.argument, endpoint.keywords)
    if held is None and call.args and call.args[0].keyword is None and not call.args[0].star:
        held = call.args[0] if endpoint.list_twin else None
    if held is None or any(each.star for each in call.args):
        return "the input is not an argument of its own"
    item, is_listed = _one_input(held.value)
    if item is None:
        return f"`{tree.code(held.value)}` may hold several inputs already"
    parent = tree.parent(call)
    value = parent if isinstance(parent, cst.Await) else call
    paths = [f"{path}[0]" if is_listed and path != "." and not path.endswith("[0]") else path for path in endpoint.list_result]
    if not paths:
        return f"where `{tree.code(call.func)}` returns the results of a list is not known"
    return _with_results(tree, ListRequest(call, value, item, held, "", ()), paths, scope)


def _one_input(value: cst.BaseExpression) -> tuple[cst.BaseExpression | None, bool]:
    """Return the only input in an argument, and whether it stands in a list."""
    if isinstance(value, cst.List):
        only = value.elements[0].value if len(value.elements) == 1 and isinstance(value.elements[0], cst.Element) else None
        return only, True
    if isinstance(value, cst.ListComp | cst.GeneratorExp | cst.Tuple):
        return None, True
    return value, False


def _with_results(tree: SourceTree, found: ListRequest, paths: Sequence[str], scope: cst.CSTNode) -> ListRequest | str:
    parent = tree.parent(found.value)
    if isinstance(parent, cst.Expr):
        return _replace(found, "", (), is_unused=True)
    name = _assigned_name(parent)
    if name is not None and "." not in paths:
        named = [node for node in own_nodes(scope) if isinstance(node, cst.Name) and node.value == name and not is_label(tree, node)]
        uses = [node for node in named if not _is_target(tree, node)]
        if len(named) - len(uses) != 1:
            return f"`{name}` is assigned more than once"
        return _by_path(tree, found, paths, uses, name)
    if "." in paths:
        return _replace(found, "", (found.value,))
    return _by_path(tree, found, paths, [found.value], "")


def _by_path(
    tree: SourceTree, found: ListRequest, paths: Sequence[str], roots: Sequence[cst.BaseExpression], response: str
) -> ListRequest | str:
    """Return the request whose response is read at `roots`, each of which must follow the same path to the one result."""
    for path in paths:
        ends = [_follow(tree, root, path) for root in roots]
        results = tuple(end for end in ends if end is not None)
        if roots and len(results) == len(roots):
            return _replace(found, _rest(tree, roots[0], results[0], path), results, response=response)
    for root in roots:
        if all(_follow(tree, root, path) is None for path in paths):
            whole = tree.parent(root)
            text = tree.code(whole if isinstance(whole, cst.Attribute) else root)
            return f"`{' '.join(text.split())}` is read, which belongs to the whole response and not to one input"
    return "the response is read in different ways" if roots else f"`{response}` is not read"


def _follow(tree: SourceTree, node: cst.BaseExpression, path: str) -> cst.BaseExpression | None:
    """Return the expression that reads `path` from `node`, by attributes or keys, or `None`."""
    here = node
    for step in _STEP.findall(path):
        outer = tree.parent(here)
        match outer:
            case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is here and name == step:
                here = outer
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]) if value is here:
                key = index.evaluated_value if isinstance(index, cst.SimpleString | cst.Integer) else None
                if key != (0 if step == "[0]" else step):
                    return None
                here = outer
            case _:
                return None
    return here


def _rest(tree: SourceTree, root: cst.BaseExpression, result: cst.BaseExpression, path: str) -> str:
    """Return the code that leads from the response to the results of a list, as the author spells it for one result."""
    if path.endswith("[0]") and isinstance(result, cst.Subscript):
        result = result.value
    return tree.code(result).removeprefix(tree.code(root))


def _replace(
    found: ListRequest, rest: str, results: tuple[cst.BaseExpression, ...], response: str = "", is_unused: bool = False
) -> ListRequest:
    return ListRequest(found.call, found.value, found.item, found.argument, rest, results, response, is_unused)


def _assigned_name(node: cst.CSTNode | None) -> str | None:
    match node:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
            return name
        case _:
            return None


def _is_target(tree: SourceTree, name: cst.Name) -> bool:
    return isinstance(tree.parent(name), cst.AssignTarget | cst.AugAssign | cst.AnnAssign | cst.For | cst.AsName)


def own_nodes(scope: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the nodes of a function or module, without those of the functions and classes in it."""
    for child in scope.children:
        if isinstance(scope, cst.FunctionDef) and child is not scope.body:
            continue
        yield from _outside_functions(child)


def _outside_functions(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        return
    yield node
    for child in node.children:
        yield from _outside_functions(child)
