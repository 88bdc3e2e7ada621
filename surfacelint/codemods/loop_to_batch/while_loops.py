"""Replaces a `while` loop over items by a `for` loop before the rest of the fix is made."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from surfacelint.codemods.loop_to_batch.item_walks import ItemWalk
from surfacelint.codemods.loop_to_batch.request_routes import Route, RoutedCall
from surfacelint.codemods.refusals import RefusedError
from surfacelint.codemods.tree_edits import Rewriter
from surfacelint.visitors.source_tree import SourceTree


def walked_by_for(
    tree: SourceTree, loop: cst.While | cst.For, walk: ItemWalk, routes: tuple[Route, ...]
) -> tuple[cst.For, tuple[Route, ...]]:
    """Put a walk in the place of a loop. Return the loop over its items, and the routes in the rewritten tree. Raises `RefusedError`."""
    replaced = tree.module.visit(Rewriter(tree, {loop: lambda _: cst.FlattenSentinel([*walk.before, walk.loop, *walk.after])}))
    new_tree = tree.rewritten(replaced)
    spelled = new_tree.code(walk.loop.target), new_tree.code(walk.loop.iter)
    made = [node for node in new_tree.nodes(cst.For) if (new_tree.code(node.target), new_tree.code(node.iter)) == spelled]
    if len(made) != 1:
        raise RefusedError("another loop walks the same items")
    moved = tuple(replace(route, calls=(_moved(route, made[0], new_tree), *route.calls[1:])) for route in routes)
    return made[0], moved


def _moved(route: Route, loop: cst.For, tree: SourceTree) -> RoutedCall:
    """Return the first call of a route in the rewritten loop."""
    first = route.calls[0]
    spelled = first.tree.code(first.node)
    found = [node for node in tree.inside(loop.body) if isinstance(node, cst.Call) and tree.code(node) == spelled]
    if len(found) != 1 or any(call.tree is first.tree for call in route.calls[1:]):
        raise RefusedError(f"`{spelled.splitlines()[0]}` is sent more than once in the loop")
    return replace(first, tree=tree, node=found[0])
