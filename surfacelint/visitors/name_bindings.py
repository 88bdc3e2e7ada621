"""The names that a file binds, each with its scope."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import TypeAlias

import libcst as cst

from surfacelint.facts.expressions import Position
from surfacelint.system.records import record
from surfacelint.visitors.source_tree import SourceTree

Scope: TypeAlias = "cst.Module | cst.FunctionDef | cst.ClassDef | cst.Lambda"


@record(frozen=True, slots=True)
class NameBinding:
    """A name that `scope` binds. `node` is the name in the source, or the whole alias in an import."""

    name: str
    scope: Scope
    node: cst.CSTNode


def name_bindings(tree: SourceTree) -> tuple[NameBinding, ...]:
    """Return the names that the code of `tree` binds, in no particular order. A comprehension keeps its names to itself."""
    found = [NameBinding(name, _scope(tree, node), node) for node in tree.all_nodes() for name in _bound(tree, node)]
    shared = {(scope, name) for scope, name in _global_names(tree)}
    return tuple(NameBinding(each.name, tree.module, each.node) if (each.scope, each.name) in shared else each for each in found)


def bindings_by_name(tree: SourceTree) -> dict[str, tuple[NameBinding, ...]]:
    """Return the same, by name."""
    found: dict[str, list[NameBinding]] = {}
    for each in name_bindings(tree):
        found.setdefault(each.name, []).append(each)
    return {name: tuple(each) for name, each in found.items()}


def scopes_at(tree: SourceTree, place: Position) -> tuple[Scope, ...]:
    """Return the functions around a place, and the module. A class is not among them unless it directly holds the place."""
    starts, nodes = tree.once(_scopes_by_start)
    last = bisect_right(starts, place) - 1
    candidates = (nodes[last], *tree.ancestors(nodes[last])) if last >= 0 else ()
    scopes = [each for each in candidates if isinstance(each, cst.FunctionDef | cst.ClassDef | cst.Lambda)]
    around = [each for each in scopes if place <= tree.span(each).end]
    inner: list[Scope] = [each for number, each in enumerate(around) if number == 0 or not isinstance(each, cst.ClassDef)]
    return (*inner, tree.module)


def _scopes_by_start(tree: SourceTree) -> tuple[list[Position], list[cst.CSTNode]]:
    kinds: tuple[type[cst.FunctionDef | cst.ClassDef | cst.Lambda], ...] = (cst.FunctionDef, cst.ClassDef, cst.Lambda)
    found = sorted(((tree.span(each).start, each) for kind in kinds for each in tree.nodes(kind)), key=lambda pair: pair[0])
    return [start for start, _ in found], [each for _, each in found]


def mentioned_names(tree: SourceTree) -> frozenset[str]:
    """Return every variable that occurs in `tree`, without attributes and keywords. A new variable needs another name."""
    return frozenset(node.value for node in tree.nodes(cst.Name) if not is_label(tree, node))


def fresh_name(wanted: str, taken: frozenset[str]) -> str:
    """Return `wanted`, or the first of `wanted_2`, `wanted_3` … that is not taken."""
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


RESULT_NAMES = (("rows", "row"), ("results", "result"), ("replies", "reply"), ("received", "each"))
"""Names for the results of a request and for one of them."""


def fresh_result_names(taken: frozenset[str], first: int = 0) -> tuple[str, str]:
    """Return two names for results and one result that are not taken, from `RESULT_NAMES` if possible."""
    for plural, single in RESULT_NAMES[first:]:
        if plural not in taken and single not in taken:
            return plural, single
    return fresh_name(RESULT_NAMES[first][0], taken), fresh_name(RESULT_NAMES[first][1], taken)


def is_label(tree: SourceTree, name: cst.Name) -> bool:
    """Whether a name is that of an attribute or of a keyword."""
    match tree.parent(name):
        case cst.Attribute(attr=label) | cst.Arg(keyword=label):
            return label is name
        case _:
            return False


_BINDING = frozenset(
    {cst.FunctionDef, cst.ClassDef, cst.Param, cst.ImportAlias, cst.ImportFrom, cst.MatchAs, cst.MatchStar, cst.MatchMapping, cst.TypeAlias,
     cst.Name}
)  # fmt: skip
"""The classes of nodes that may bind a name. A match against each pattern below takes much longer than a look-up."""


def _bound(tree: SourceTree, node: cst.CSTNode) -> Iterator[str]:
    if type(node) not in _BINDING:
        return
    match node:
        case cst.FunctionDef(name=cst.Name(value=name)) | cst.ClassDef(name=cst.Name(value=name)) | cst.Param(name=cst.Name(value=name)):
            yield name
        case cst.ImportAlias():
            yield import_name(node)
        case cst.ImportFrom(names=cst.ImportStar()):
            yield "*"
        case (
            cst.MatchAs(name=cst.Name(value=name)) | cst.MatchStar(name=cst.Name(value=name)) | cst.MatchMapping(rest=cst.Name(value=name))
        ):
            yield name
        case cst.TypeAlias(name=cst.Name(value=name)):
            yield name
        case cst.Name(value=name) if _is_target(tree, node):
            yield name
        case _:
            pass


def import_name(alias: cst.ImportAlias) -> str:
    """Return the name that one part of an import statement binds."""
    if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
        return alias.asname.name.value
    node = alias.name
    while isinstance(node, cst.Attribute):
        assert isinstance(node.value, cst.Name | cst.Attribute)
        node = node.value
    return node.value


def _is_target(tree: SourceTree, name: cst.Name) -> bool:
    """Whether a name is assigned, as a whole or in a tuple. Names of comprehensions and of imports do not count here."""
    node: cst.CSTNode = name
    parent = tree.parent(node)
    while isinstance(parent, cst.Element | cst.StarredElement | cst.Tuple | cst.List):
        node, parent = parent, tree.parent(parent)
    match parent:
        case cst.AssignTarget() | cst.AnnAssign() | cst.AugAssign() | cst.NamedExpr() | cst.For():
            return parent.target is node
        case cst.AsName():
            return not isinstance(tree.parent(parent), cst.ImportAlias)
        case cst.Del():
            return True
        case _:
            return False


def _scope(tree: SourceTree, node: cst.CSTNode) -> Scope:
    """Return the scope in which a node binds a name. The name of a function or class belongs to the scope around it."""
    for outer in tree.ancestors(node):
        if isinstance(outer, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            return outer
    return tree.module


def _global_names(tree: SourceTree) -> Iterator[tuple[Scope, str]]:
    for statement in tree.nodes(cst.Global):
        for item in statement.names:
            yield _scope(tree, statement), item.name.value
