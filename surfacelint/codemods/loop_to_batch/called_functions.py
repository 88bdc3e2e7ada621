"""The functions of the project that a call runs, as far as names show."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.facts.module_outlines import MODULE_BODY
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
    if not found and isinstance(call.func, cst.Name):
        found = list(_named(document, "__call__")) if _makes_object(document, name) else []
    if len(found) == 1:
        yield from found


def read_properties(document: Document, node: cst.CSTNode) -> Iterator[CalledFunction]:
    """Yield the property that an attribute reads, if only one function of the file has the name."""
    if isinstance(node, cst.Attribute):
        found = list(_named(document, node.attr.value))
        decorators = [each.decorator for one in found for each in one.node.decorators]
        if len(found) == 1 and any(dotted_path(each).endswith("property") for each in decorators):
            yield from found


def _makes_object(document: Document, name: str) -> bool:
    """Whether the module binds a name to a new object of one of its classes: `number = Numbers()`."""
    return name in document.assigned and name in document.tree(MODULE_BODY).once(_objects)


def _objects(whole: SourceTree) -> frozenset[str]:
    classes = {each.name.value for each in whole.nodes(cst.ClassDef)}
    making = (each for each in whole.nodes(cst.Assign) if isinstance(each.value, cst.Call) and dotted_path(each.value.func) in classes)
    return frozenset(dotted_path(target.target) for each in making for target in each.targets)


def _definitions(tree: SourceTree) -> dict[str, list[cst.FunctionDef]]:
    found: dict[str, list[cst.FunctionDef]] = {}
    for node in tree.nodes(cst.FunctionDef):
        found.setdefault(node.name.value, []).append(node)
    return found


def _named(document: Document, name: str) -> Iterator[CalledFunction]:
    for outline in document.functions_named(name):
        try:
            tree = document.tree(outline.qualname)
        except UnreadableError:
            continue
        yield from (CalledFunction(document, tree, node) for node in tree.once(_definitions).get(name, ()))


def _imported(document: Document, root: str, rest: str) -> Iterator[tuple[Document, str]]:
    """Yield the document that a name comes from, with the function in it: of `ask` after `from llm import ask`, of `llm.ask`."""
    for each in document.imports:
        if each.name != root or "." in rest:
            continue
        if rest:
            module = f"{each.module}.{each.symbol}" if each.symbol and each.module else each.symbol or each.module
            other, symbol = document.imported(module, each.level), rest
        else:
            other, symbol = document.imported(each.module, each.level), each.symbol or ""
        if other is not None:
            yield other, symbol
