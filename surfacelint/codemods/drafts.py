"""A draft of the edits of one function: replaced nodes, and lines added before and after statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Edit
from surfacelint.visitors.source_tree import SourceTree

INDENT = "    "


class Draft:
    """Edits of a document, in terms of the nodes of one of its trees."""

    def __init__(self, document: Document, tree: SourceTree) -> None:
        """Start without edits."""
        self.document = document
        self.tree = tree
        self._lines = document.lines
        self._edits: dict[Span, str] = {}

    def edits(self) -> tuple[Edit, ...]:
        """Return the edits in the order of the text."""
        return tuple(self.document.edit(span, text) for span, text in sorted(self._edits.items()))

    def replace(self, node: cst.CSTNode, text: str) -> None:
        """Replace a node, without the parentheses around it."""
        self.replace_span(self.tree.span(node), text)

    def replace_span(self, span: Span, text: str) -> None:
        """Replace a span. Texts for the same empty span follow one another."""
        self._edits[span] = (self._edits.get(span, "") if span.start == span.end else "") + text

    def indent(self, statement: cst.CSTNode) -> str:
        """Return the blanks before a statement that begins its line."""
        start = self.tree.span(statement).start
        return self._lines[start.line - 1][: start.column]

    def before(self, statement: cst.CSTNode, lines: Sequence[str]) -> None:
        """Add lines before a statement, below the comments above it. The lines are indented as the statement is."""
        start = self.tree.span(statement).start
        indent = self.indent(statement)
        self.replace_span(Span(start, start), "".join(f"{line}\n{indent}" for line in lines))

    def after(self, statement: cst.CSTNode, lines: Sequence[str], deeper: str = "") -> None:
        """Add lines after a statement, indented as the statement is and by `deeper`."""
        row = self.tree.span(statement).end.line
        end = Position(row, len(self._lines[row - 1]))
        indent = self.indent(statement) + deeper
        self.replace_span(Span(end, end), "".join(f"\n{indent}{line}" for line in lines))

    def empty(self, position: Position) -> Span:
        """Return the empty span at a position."""
        return Span(position, position)

    def text(self, span: Span) -> str:
        """Return the source in a span."""
        first, last = span.start.line - 1, span.end.line - 1
        if first == last:
            return self._lines[first][span.start.column : span.end.column]
        return "\n".join([self._lines[first][span.start.column :], *self._lines[first + 1 : last], self._lines[last][: span.end.column]])

    def text_with(self, span: Span, replaced: Mapping[Span, str]) -> str:
        """Return the source in a span, with the parts in `replaced` replaced. Parts outside the span do not count."""
        parts, here = [], span.start
        for part, text in sorted(replaced.items()):
            if span.start <= part.start and part.end <= span.end:
                parts += [self.text(Span(here, part.start)), text]
                here = part.end
        return "".join([*parts, self.text(Span(here, span.end))])

    def source(self, node: cst.CSTNode) -> str:
        """Return the source of a node, with the parentheses around it."""
        return self.tree.code(node).strip()


def hoist_place(tree: SourceTree, node: cst.CSTNode) -> cst.BaseStatement | None:
    """Return the statement before which a part of it may run, or `None` if the part may run several times, late or not at all."""
    inner = node
    for outer in tree.ancestors(node):
        if isinstance(outer, cst.BaseComp) and inner is outer.for_in and inner is not node:
            # What a comprehension walks is evaluated once, before its first item.
            inner = outer
            continue
        if isinstance(outer, cst.CompFor) and outer.iter is inner:
            inner = outer
            continue
        if isinstance(outer, cst.Lambda | cst.BaseComp | cst.CompFor | cst.IfExp | cst.BooleanOperation | cst.FunctionDef | cst.ClassDef):
            return None
        if isinstance(outer, cst.SimpleStatementLine):
            return outer if len(outer.body) == 1 and isinstance(tree.parent(outer), cst.IndentedBlock | cst.Module) else None
        if isinstance(outer, cst.BaseCompoundStatement):
            return outer if isinstance(outer, cst.For) and outer.iter is inner else None
        inner = outer
    return None


def statement_around(tree: SourceTree, node: cst.CSTNode) -> cst.SimpleStatementLine | None:
    """Return the line that consists of the simple statement around a node; `None` if it is none or shares its line with others."""
    for outer in (node, *tree.ancestors(node)):
        if isinstance(outer, cst.SimpleStatementLine):
            return outer if len(outer.body) == 1 else None
        if isinstance(outer, cst.BaseCompoundStatement):
            return None
    return None
