"""Whether an expression is a list for certain, so that code may take its length, cut it and walk it twice."""

from __future__ import annotations

import libcst as cst

from surfacelint.facts.expressions import Attribute, Call, Collection, Comprehension, Expr, Name, Subscript, dotted
from surfacelint.facts.module_outlines import FunctionOutline, ModuleOutline

_ANNOTATIONS = frozenset({"list", "List", "Sequence", "tuple", "Tuple", "MutableSequence"})
_FUNCTIONS = frozenset({"list", "sorted", "tuple"})
_METHODS = frozenset({"split", "splitlines", "rsplit", "readlines", "tolist", "to_list", "findall", "fetchall"})


def is_list(node: cst.BaseExpression, function: FunctionOutline, module: ModuleOutline) -> bool:
    """Whether `node` in a function is a list or tuple, by its own form, its annotation or its only assignment."""
    match node:
        case cst.List() | cst.ListComp():
            return True
        case cst.Call(func=cst.Name(value=name)):
            return name in _FUNCTIONS
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=method))):
            return method in _METHODS
        case cst.Name(value=name):
            return _is_list_variable(name, function, module)
        case _:
            return False


def _is_list_variable(name: str, function: FunctionOutline, module: ModuleOutline) -> bool:
    parameter = next((each for each in function.parameters if each.name == name), None)
    own = [each for each in function.bindings if each.target == Name(name)]
    if parameter is not None:
        return not own and parameter.annotation is not None and _is_list_type(parameter.annotation)
    bound = own or [each for each in module.functions[0].bindings if each.target == Name(name)]
    return bool(bound) and all(
        (each.annotation is not None and _is_list_type(each.annotation)) or _is_list_value(each.value) for each in bound
    )


def _is_list_type(annotation: Expr) -> bool:
    whole = annotation.value if isinstance(annotation, Subscript) else annotation
    return (dotted(whole) or "").rpartition(".")[2] in _ANNOTATIONS


def _is_list_value(value: Expr) -> bool:
    match value:
        case Collection(kind=kind):
            return kind in ("list", "tuple")
        case Comprehension(kind=kind):
            return kind == "list"
        case Call(function=Name(id=name)):
            return name in _FUNCTIONS
        case Call(function=Attribute(attr=method)):
            return method in _METHODS
        case _:
            return False
