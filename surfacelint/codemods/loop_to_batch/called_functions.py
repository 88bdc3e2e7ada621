"""The functions of the project that a call runs, as far as names show."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.system.records import record
from surfacelint.visitors.lasting_effects import dotted_path
from surfacelint.visitors.source_tree import SourceTree, UnreadableError


@record(frozen=True, slots=True)
class CalledFunction:
    """A function that a call runs, with the document and the tree that hold it."""

    document: Document
    tree: SourceTree
    node: cst.FunctionDef


def called_functions(document: Document, call: cst.Call) -> Iterator[CalledFunction]:
    """Yield the function or method that a call by name runs, if only one function of the same or an imported file has the name."""
    path = dotted_path(call.func)
    root, _, rest = path.partition(".")
    name = path.rpartition(".")[2]
    if not name:
        return
    found = list(_named(document, name))
    if not found:
        found = [each for other, symbol in _imported(document, root, rest) for each in _named(other, symbol)]
    if len(found) == 1:
        yield from found


def _named(document: Document, name: str) -> Iterator[CalledFunction]:
    for outline in document.outline.functions:
        if outline.name == name:
            try:
                tree = document.tree(outline.qualname)
            except UnreadableError:
                continue
            yield from (CalledFunction(document, tree, node) for node in tree.nodes(cst.FunctionDef) if node.name.value == name)


def _imported(document: Document, root: str, rest: str) -> Iterator[tuple[Document, str]]:
    """Yield the document that a name comes from, with the function in it: of `ask` after `from llm import ask`, of `llm.ask`."""
    for function in document.outline.functions:
        for each in function.imports:
            if each.name != root or "." in rest:
                continue
            if rest:
                module = f"{each.module}.{each.symbol}" if each.symbol and each.module else each.symbol or each.module
                other, symbol = document.imported(module, each.level), rest
            else:
                other, symbol = document.imported(each.module, each.level), each.symbol or ""
            if other is not None:
                yield other, symbol
