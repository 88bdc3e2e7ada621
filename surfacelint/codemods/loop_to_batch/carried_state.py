"""State that an item reads before its request and that an earlier item wrote. Rehearsals do not know it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import libcst as cst

from surfacelint.codemods.loop_to_batch.lookups import is_keyed, mentions
from surfacelint.system.records import record
from surfacelint.visitors.call_arguments import called_name
from surfacelint.visitors.lasting_effects import OwnNames, dotted_path, effects_of, is_output, is_sleep, target_names
from surfacelint.visitors.source_tree import SourceTree

_LISTINGS = frozenset({"listdir", "scandir", "iterdir", "glob", "rglob"})
_FILE_WRITERS = frozenset({"open", "write_text", "write_bytes"})


def carried_path(
    tree: SourceTree, loop: cst.For, requests: Collection[cst.Call], own: OwnNames, modules: frozenset[str] = frozenset()
) -> str:
    """Return the path of something that carries from one item to the next, or an empty string.

    What is looked up by a part of the item, as in a cache, does not count, nor does a call of a function in one of the imported `modules`.
    """
    listed = _listed_files(tree, loop, requests)
    if listed:
        return listed
    inside = set(tree.inside(loop))
    first = min((call for call in requests if call in inside), key=lambda call: tree.span(call).start, default=None)
    if first is None:
        return ""
    until = tree.span(first).end
    written = written_after(tree, loop, requests, own) - modules
    early = _bound_late(tree, loop)
    for read in _reads(tree, loop.body):
        if tree.span(read.node).end > until or read.path in _names(loop.target):
            continue
        looked_up = _is_looked_up(tree, read.node, own) and not _is_sent(tree, loop, read.node, first)
        if not _is_own(read.path, own, early) and not looked_up and not _is_printed(tree, read.node, requests):
            found = next((path for path in written if read.path == path or read.path.startswith(f"{path}.")), "")
            if found:
                return found
    return ""


def _listed_files(tree: SourceTree, loop: cst.For, requests: Collection[cst.Call]) -> str:
    """Return the call by which an item sees the files that earlier items wrote, or an empty string."""
    calls = [node for node in tree.inside(loop.body) if isinstance(node, cst.Call)]
    named = {call: called_name(call) for call in calls}
    start = min((tree.span(call).start for call in requests if call in named), default=None)
    writes = any(name in _FILE_WRITERS and start is not None and tree.span(call).start > start for call, name in named.items())
    listings = (call for call, name in named.items() if name in _LISTINGS and start is not None and tree.span(call).start < start)
    return next((tree.code(call.func) for call in listings if writes), "")


def written_after(tree: SourceTree, loop: cst.For, requests: Collection[cst.Call], own: OwnNames) -> frozenset[str]:
    """Return the paths that an item writes after its first request."""
    inside = set(tree.inside(loop))
    until = min(tree.span(call).end for call in requests if call in inside)
    statements = [node for node in tree.inside(loop.body) if isinstance(node, cst.BaseSmallStatement)]
    return frozenset(path for node in statements if tree.span(node).end > until for path in _written(tree, node, own))


@record(frozen=True, slots=True)
class _Read:
    path: str
    node: cst.CSTNode


def _names(target: cst.CSTNode) -> frozenset[str]:
    return frozenset(target_names(target))


def _is_own(path: str, own: OwnNames, late: frozenset[str]) -> bool:
    """Whether a path begins with a name that each item binds anew before it reads it."""
    root = path.partition(".")[0]
    return root in own.bound and root not in late


def _bound_late(tree: SourceTree, loop: cst.For) -> frozenset[str]:
    """Return the names that an item reads before it binds them."""
    first: dict[str, bool] = {}
    for node in tree.inside(loop.body):
        if isinstance(node, cst.Assign):
            for name in (name for target in node.targets for name in target_names(target.target)):
                reads = any(isinstance(each, cst.Name) and each.value == name for each in tree.within(node.value))
                first.setdefault(name, reads)
        elif isinstance(node, cst.For | cst.NamedExpr | cst.AnnAssign | cst.AsName):
            for name in target_names(node.name if isinstance(node, cst.AsName) else node.target):
                first.setdefault(name, False)
        elif isinstance(node, cst.Name):
            first.setdefault(node.value, True)
    return frozenset(name for name, is_read in first.items() if is_read) - _names(loop.target)


def _written(tree: SourceTree, node: cst.CSTNode, own: OwnNames) -> Iterator[str]:
    """Yield the paths that a simple statement writes, without those of values that an item has for itself."""
    if not isinstance(node, cst.BaseSmallStatement):
        return
    if isinstance(node, cst.Assign):
        yield from (name for target in node.targets for name in target_names(target.target))
    nothing = OwnNames(own.bound, own.fresh)
    for effect in effects_of(tree, node, nothing):
        if effect.kind in ("mutation", "rebinding", "assignment", "consumption"):
            yield effect.path
        elif effect.kind == "call" and "." in effect.path:
            yield effect.path.rpartition(".")[0]


def _reads(tree: SourceTree, body: cst.CSTNode) -> Iterator[_Read]:
    """Yield the names and attributes that a block reads, the longest path of each. Of a method call, its receiver is read."""
    for node in tree.inside(body):
        if not isinstance(node, cst.Name | cst.Attribute):
            continue
        parent = tree.parent(node)
        if isinstance(parent, cst.Attribute) and (parent.value is not node or dotted_path(parent)):
            continue
        if _is_written_to(tree, node):
            continue
        if isinstance(parent, cst.Arg) and parent.keyword is node:
            continue
        path = dotted_path(node)
        if isinstance(parent, cst.Call) and parent.func is node:
            path = path.rpartition(".")[0]
        if path and path != "self":
            yield _Read(path, node)


def _is_written_to(tree: SourceTree, node: cst.CSTNode) -> bool:
    """Whether a name is only read to be written to, itself or an entry: `count += 1`, `counts["all"] += 1`."""
    parent = tree.parent(node)
    while isinstance(parent, cst.Subscript) and parent.value is node:
        node, parent = parent, tree.parent(parent)
    return isinstance(parent, cst.AssignTarget | cst.AugAssign) and parent.target is node


def _is_looked_up(tree: SourceTree, node: cst.CSTNode, own: OwnNames) -> bool:
    """Whether something is read by a part of the item: `key in cache`, `cache[key]`, `store.has(key)`."""
    parent = tree.parent(node)
    asks = isinstance(parent, cst.Call) and parent.func is node and any(mentions(tree, each.value, own.bound) for each in parent.args)
    return asks or is_keyed(tree, node, own.bound)


def _is_sent(tree: SourceTree, loop: cst.For, node: cst.CSTNode, request: cst.Call) -> bool:
    """Whether what is looked up becomes a part of the request, and not only an answer that is already there."""
    parent, numbers = tree.parent(node), _numbers(loop)
    if isinstance(parent, cst.ComparisonTarget):
        return False
    if isinstance(parent, cst.Subscript) and any(_is_plain(tree, each, numbers) for each in tree.inside(parent)):
        return False  # an item reads and writes a place of its own
    start, holders = tree.span(request).start, {node}
    for statement in tree.inside(loop.body):
        if isinstance(statement, cst.Assign) and tree.span(statement).start < start:
            names = {name for target in statement.targets for name in target_names(target.target)}
            if any(each in holders for each in tree.inside(statement.value)) or statement.value in holders:
                holders |= {each for each in tree.inside(loop.body) if isinstance(each, cst.Name) and each.value in names}
    return any(each in holders for each in tree.inside(request))


def _is_plain(tree: SourceTree, node: cst.CSTNode, numbers: frozenset[str]) -> bool:
    """Whether a node is a whole name in `numbers`, and not a part of what it names."""
    return isinstance(node, cst.Name) and node.value in numbers and isinstance(tree.parent(node), cst.Index)


def _numbers(loop: cst.For) -> frozenset[str]:
    """Return the name of the item or its number, which no other item shares."""
    target = loop.target
    if isinstance(target, cst.Name):
        return frozenset({target.value})
    is_numbered = isinstance(loop.iter, cst.Call) and dotted_path(loop.iter.func).rpartition(".")[2] in ("enumerate", "iterrows")
    first = target.elements[0].value if isinstance(target, cst.Tuple) and is_numbered else None
    return frozenset({first.value}) if isinstance(first, cst.Name) else frozenset()


def _is_printed(tree: SourceTree, node: cst.CSTNode, requests: Collection[cst.Call]) -> bool:
    """Whether something is read only to be printed or returned or to decide about a pause, and not for a request."""
    for outer in tree.ancestors(node):
        if outer in requests:
            return False
        if isinstance(outer, cst.If):
            return outer.orelse is None and all(_only_pauses(each) for each in outer.body.body)
        if isinstance(outer, cst.BaseSmallStatement):
            return isinstance(outer, cst.Return) or is_output(outer)
    return False


def _only_pauses(statement: cst.CSTNode) -> bool:
    parts = statement.body if isinstance(statement, cst.SimpleStatementLine) else (statement,)
    return all(is_sleep(each) or is_output(each) for each in parts)
