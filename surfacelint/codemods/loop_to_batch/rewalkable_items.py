"""Whether items can be walked a second time."""

from __future__ import annotations

import libcst as cst

from surfacelint.codemods.loop_to_batch.call_spelling import assigned_names
from surfacelint.visitors.call_arguments import called_name
from surfacelint.visitors.source_tree import SourceTree

_WALKERS = frozenset(
    {"range", "enumerate", "zip", "items", "values", "keys", "list", "sorted", "reversed", "iterrows", "itertuples", "chunk", "splitlines"}
)
_COLLECTIONS = ("list", "List", "Sequence", "tuple", "Tuple", "set", "Set", "dict", "Dict", "Collection", "Mapping", "DataFrame", "Series")


def is_rewalkable(tree: SourceTree, site: cst.Call, iterable: cst.BaseExpression) -> bool:
    """Whether walking an iterable a second time gives the same items again, as far as the function shows."""
    match iterable:
        case cst.List() | cst.Tuple() | cst.Set() | cst.Dict() | cst.ListComp() | cst.Attribute() | cst.Subscript() | cst.SimpleString():
            return True
        case cst.Call(func=cst.Name(value="range" | "repeat") | cst.Attribute(attr=cst.Name(value="repeat"))):
            return True
        case cst.Call(func=func, args=args) as call:
            again = isinstance(func, cst.Attribute) or all(is_rewalkable(tree, site, arg.value) for arg in args)
            return again and called_name(call) in _WALKERS
        case cst.Integer() | cst.Name(value="self"):
            return True
        case cst.Name(value=name):
            return _is_collection(tree, site, name)
        case _:
            return False


def _is_collection(tree: SourceTree, site: cst.Call, name: str) -> bool:
    function = tree.function_around(site)
    scope: cst.CSTNode = tree.module if function is None else function
    values = tree.once_for(scope, _assigned_values).get(name, ())
    if values:
        return all(isinstance(value, cst.List | cst.ListComp | cst.Tuple | cst.Dict | cst.Set) or _is_collecting(value) for value in values)
    parameters = () if function is None else (*function.params.params, *function.params.kwonly_params, *function.params.posonly_params)
    for parameter in parameters:
        if parameter.name.value == name and parameter.annotation is not None:
            return any(word in tree.code(parameter.annotation.annotation) for word in _COLLECTIONS)
    return False


def _assigned_values(tree: SourceTree, scope: cst.CSTNode) -> dict[str, list[cst.BaseExpression]]:
    """Return the values that a scope assigns to each name."""
    found: dict[str, list[cst.BaseExpression]] = {}
    for node in tree.inside(scope):
        if isinstance(node, cst.Assign):
            for name in assigned_names(node):
                found.setdefault(name, []).append(node.value)
    return found


def _is_collecting(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Call) and (
        called_name(value) in _WALKERS or called_name(value) in ("load", "loads", "read_csv", "tolist", "readlines", "split")
    )
