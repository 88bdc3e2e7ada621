"""Finds the nodes around a place: visits only what holds it, and leaves everything beside it alone."""

from __future__ import annotations

from typing import TypeAlias, TypeGuard

import libcst as cst

from surfacelint.facts.expressions import Span
from surfacelint.visitors.source_tree import SourceTree

Reported: TypeAlias = "cst.BaseExpression | cst.BaseSmallStatement | cst.BaseCompoundStatement"
"""What a finding is reported at: nearly always a call, sometimes another expression or a statement."""


class PlaceVisitor(cst.CSTVisitor):
    """Collects in `path` the nodes that hold a span, outermost first. The last one is the innermost node of that span."""

    def __init__(self, tree: SourceTree, place: Span) -> None:
        """Look for the nodes of `tree` around `place`."""
        super().__init__()
        self.path: list[cst.CSTNode] = []
        self._tree = tree
        self._place = place

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Descend into a node if it holds the place."""
        span = self._tree.span(node)
        if span.start > self._place.start or span.end < self._place.end:
            return False
        self.path.append(node)
        return True


def path_to(tree: SourceTree, place: Span) -> tuple[cst.CSTNode, ...]:
    """Return the nodes around the expression or statement at `place`, outermost first and itself last; nothing if there is none.

    A span may belong to several nodes: to an expression and to the argument or statement that it is all of. The innermost one counts.
    """
    visitor = PlaceVisitor(tree, place)
    tree.module.visit(visitor)
    at = [number for number, node in enumerate(visitor.path) if is_reported(node) and tree.span(node) == place]
    return tuple(visitor.path[: at[-1] + 1]) if at else ()


def is_reported(node: cst.CSTNode) -> TypeGuard[Reported]:
    """Whether a node is of a kind that a finding may be reported at."""
    return isinstance(node, cst.BaseExpression | cst.BaseSmallStatement | cst.BaseCompoundStatement)
