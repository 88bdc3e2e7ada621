"""The changes of one fix: of syntax trees in several files, with the imports they need."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.codemods.import_edits import ImportEdits
from surfacelint.codemods.refusals import Refusal, RefusedError
from surfacelint.codemods.tree_edits import Change, line_edits
from surfacelint.model.findings import Edit
from surfacelint.visitors.source_tree import SourceTree


class ProgramChanges:
    """Collects changes. `names` are the symbols of the batch module that they use."""

    def __init__(self, module: str) -> None:
        """`module` is the absolute name of the batch module."""
        self._module = module
        self._changes: dict[int, tuple[Document, SourceTree, dict[cst.CSTNode, Change]]] = {}
        self._imports: dict[str, ImportEdits] = {}
        self.names: set[str] = set()
        self._places: set[object] = set()

    def first(self, place: object) -> bool:
        """Whether this is the first question about a place, so that it is changed once."""
        is_first = place not in self._places
        self._places.add(place)
        return is_first

    def change(self, document: Document, tree: SourceTree, node: cst.CSTNode, change: Change) -> None:
        """Change a node of a tree, after the changes of nodes inside of it and earlier changes of it."""
        changes = self._changes.setdefault(id(tree), (document, tree, {}))[2]
        earlier = changes.get(node)
        changes[node] = change if earlier is None else _in_order(earlier, change)

    def name(self, document: Document, tree: SourceTree, node: cst.CSTNode, symbol: str) -> str:
        """Return how the code at `node` writes a symbol of the batch module. Raises `RefusedError`."""
        imports = self._imports.get(document.path)
        if imports is None:
            imports = self._imports[document.path] = ImportEdits(document, tree.span(node).start)
        self.names.add(symbol)
        found = imports.name(self._module, symbol)
        if isinstance(found, Refusal):
            raise RefusedError(found.reason)
        return found

    def edits(self) -> tuple[Edit, ...]:
        """Return the edits of all files."""
        return tuple(sorted(set(self._edits())))

    def _edits(self) -> Iterator[Edit]:
        for document, tree, changes in self._changes.values():
            yield from line_edits(document, tree, changes)
        for imports in self._imports.values():
            yield from imports.edits()


def _in_order(first: Change, second: Change) -> Change:
    return lambda node: second(first(node))
