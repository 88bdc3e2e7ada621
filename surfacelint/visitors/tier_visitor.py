"""Finds the keyword that selects the price tier of a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import libcst as cst

from surfacelint.system.records import record
from surfacelint.visitors.call_arguments import dict_entry, keyword_argument
from surfacelint.visitors.source_tree import SourceTree

Container: TypeAlias = "cst.Call | cst.Dict"


@record(frozen=True, slots=True)
class TierKeyword:
    """The argument, or entry of a dict, that selects a tier, among all `items` of its call or dict.

    `value` is what it is set to, and `variable` the name by which the request gets the call or dict, if it does not hold it itself.
    """

    items: Sequence[cst.CSTNode]
    item: cst.Arg | cst.DictElement
    value: cst.BaseExpression
    variable: str = ""


def tier_keyword(tree: SourceTree, request: cst.Call, name: str) -> TierKeyword | None:
    """Return the keyword `name` of a request: its own, or that of a dict, or of a constructor, which it is given as an argument.

    A dict or object may have a variable that is assigned once in the tree.
    """
    own = keyword_argument(request, name)
    if own is not None:
        return TierKeyword(request.args, own, own.value)
    for argument in request.args:
        container: cst.BaseExpression | None = argument.value
        variable = ""
        if isinstance(container, cst.Name):
            variable, container = container.value, _only_value(tree, container.value)
        found = _in_container(container, name, variable)
        if found is not None and len(found.items) == 1 and not variable and argument.keyword is not None:
            # Nothing would be left of the dict or object.
            return TierKeyword(request.args, argument, found.value)
        if found is not None:
            return found
    return None


def _in_container(container: cst.BaseExpression | None, name: str, variable: str) -> TierKeyword | None:
    if isinstance(container, cst.Call):
        found = keyword_argument(container, name)
        return None if found is None else TierKeyword(container.args, found, found.value, variable)
    if isinstance(container, cst.Dict):
        entry = dict_entry(container, name)
        return None if entry is None else TierKeyword(container.elements, entry, entry.value, variable)
    return None


def _only_value(tree: SourceTree, name: str) -> cst.BaseExpression | None:
    """Return the value of a variable that occurs as a target only once."""
    found = []
    for target in tree.nodes(cst.AssignTarget):
        parent = tree.parent(target)
        if isinstance(target.target, cst.Name) and target.target.value == name and isinstance(parent, cst.Assign):
            found.append(parent.value)
    return found[0] if len(found) == 1 else None
