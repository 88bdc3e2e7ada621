"""What is looked up by a part of the item."""

from __future__ import annotations

from collections.abc import Collection

import libcst as cst

from surfacelint.visitors.source_tree import SourceTree


def is_keyed(tree: SourceTree, node: cst.CSTNode, own: Collection[str]) -> bool:
    """Whether a name in `own` is looked up in `node`: `key in cache`, `cache[key]`."""
    parent = tree.parent(node)
    if isinstance(parent, cst.ComparisonTarget):
        comparison = tree.parent(parent)
        return isinstance(comparison, cst.Comparison) and mentions(tree, comparison.left, own)
    return isinstance(parent, cst.Subscript) and parent.value is node and any(mentions(tree, each, own) for each in parent.slice)


def mentions(tree: SourceTree, node: cst.CSTNode, own: Collection[str]) -> bool:
    """Whether a node has a name in `own`."""
    return any(isinstance(each, cst.Name) and each.value in own for each in tree.within(node))
