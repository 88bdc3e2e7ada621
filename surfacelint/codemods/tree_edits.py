"""Edits that turn the lines of a syntax tree into those of a rewritten tree. Lines that stay the same are not touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Edit
from surfacelint.visitors.source_tree import SourceTree

Change = Callable[[Any], "cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[Any]"]
"""Returns what takes the place of a node, whose parts have been rewritten already."""


class Rewriter(cst.CSTTransformer):
    """Applies the changes of single nodes of a tree, inner nodes first. Visits only what holds one of them."""

    def __init__(self, tree: SourceTree, changes: Mapping[cst.CSTNode, Change]) -> None:
        super().__init__()
        self._changes = changes
        self._around = {outer for node in changes for outer in tree.ancestors(node)}

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Visit the nodes below a node only if one of them has a change."""
        return node in self._around

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        """Do nothing. LibCST would look for a method of this name."""

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None:
        """Do nothing, as above."""

    def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> Any:
        """Replace a node that has a change."""
        change = self._changes.get(original_node)
        return updated_node if change is None else change(updated_node)


def preceded_by(code: str) -> Change:
    """Return the change that puts a statement before another. Comments above that stay above both."""
    first = cst.parse_statement(code)

    def change(updated: Any) -> cst.FlattenSentinel[Any]:
        leading = getattr(updated, "leading_lines", ())
        return cst.FlattenSentinel([first.with_changes(leading_lines=leading), updated.with_changes(leading_lines=[])])

    return change


def replaced_by(code: str) -> Change:
    """Return the change that puts an expression in the place of another."""
    return lambda _: cst.parse_expression(code)


def catching_exceptions(handler: cst.ExceptHandler) -> cst.ExceptHandler:
    """Return `except Exception:` for `except:`."""
    return handler.with_changes(type=cst.Name("Exception"), whitespace_after_except=cst.SimpleWhitespace(" "))


def line_edits(document: Document, tree: SourceTree, changes: Mapping[cst.CSTNode, Change]) -> tuple[Edit, ...]:
    """Return the edits of whole lines that apply changes to a tree of a document."""
    rewriter = Rewriter(tree, changes)
    statements = None if tree.original else _changed_statements(tree, changes)
    if statements is None:
        return tuple(_edits(document, tree.first_row, tree.original or tree.text, tree.code(tree.module.visit(rewriter))))
    edits: list[Edit] = []
    regions: list[tuple[int, int, str, str]] = []
    for each in statements:
        block = tree.parent(each)
        start, end = tree.rows(each)
        made = each.visit(rewriter)
        before = tree.block_code(block, [each])
        after = tree.block_code(block, made if isinstance(made, cst.FlattenSentinel) else [made] if isinstance(made, cst.CSTNode) else [])
        if regions and regions[-1][1] == start:  # lines next to each other are one edit
            start, _, *above = regions.pop()
            before, after = above[0] + before, above[1] + after
        regions.append((start, end, before, after))
    for start, _, before, after in regions:
        edits += _edits(document, start, before, after)
    return tuple(edits)


def _changed_statements(tree: SourceTree, changes: Mapping[cst.CSTNode, Change]) -> list[cst.BaseStatement] | None:
    """Return the statements of blocks that hold all changes, in order and none in another; `None` if a change is in no statement.

    Only they are spelled and compared: a function may have hundreds of loops, and each has a fix of its own.
    """
    found: dict[cst.CSTNode, cst.BaseStatement] = {}
    for node in changes:
        around = (node, *tree.ancestors(node))
        held = [each for each, outer in pairwise(around) if isinstance(each, cst.BaseStatement) and isinstance(outer, _BLOCKS)]
        if not held:
            return None
        found[held[0]] = held[0]
    inner = [each for each in found if any(outer in found for outer in tree.ancestors(each))]
    return sorted((each for node, each in found.items() if node not in inner), key=tree.rows)


_BLOCKS = (cst.Module, cst.IndentedBlock)


def _edits(document: Document, first_row: int, old: str, new: str) -> Iterator[Edit]:
    """Yield the edits that turn lines of a document into others. `first_row` is that of the first line."""
    before, after = old.split("\n")[:-1], new.split("\n")[:-1]
    for kind, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            row = first_row + start
            text = "".join(f"{line}\n" for line in after[new_start:new_end])
            yield document.edit(Span(Position(row, 0), Position(row + end - start, 0)), text)
