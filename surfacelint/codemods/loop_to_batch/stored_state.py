"""Files and tables that an item reads before its request and that an earlier item wrote, however deep in the functions that it calls."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.codemods.loop_to_batch.called_functions import called_functions
from surfacelint.codemods.loop_to_batch.lookups import is_keyed, mentions
from surfacelint.codemods.loop_to_batch.repeatable_code import own_names_of
from surfacelint.codemods.loop_to_batch.request_counts import enclosing_function
from surfacelint.codemods.loop_to_batch.request_routes import Route, RoutedCall
from surfacelint.codemods.refusals import RefusedError
from surfacelint.system.records import record
from surfacelint.visitors.call_arguments import method_name
from surfacelint.visitors.lasting_effects import own_names, sql_of, target_names
from surfacelint.visitors.source_tree import SourceTree

Use: TypeAlias = Literal["read", "write"]

_DEEPEST = 2
_READERS = frozenset({"read_text", "read_bytes"})
_WRITERS = frozenset({"write_text", "write_bytes"})
_READ_TABLE = re.compile(r"\bfrom\s+[\"`]?(\w+)")
_WRITTEN_TABLE = re.compile(r"\b(?:into|update|delete\s+from)\s+[\"`]?(\w+)")


@record(frozen=True, slots=True)
class _Code:
    """Code that uses stores. `own` are the names that an item binds, `given` the source of the arguments that parameters have."""

    document: Document
    tree: SourceTree
    own: frozenset[str]
    given: Mapping[str, str]

    def place(self, node: cst.BaseExpression) -> str:
        """Return how the program spells a place that is the same for all items, or an empty string."""
        names = {each.value for each in self.tree.within(node) if isinstance(each, cst.Name)}
        if isinstance(node, cst.Name) and node.value in self.given:
            return self.given[node.value]
        return "" if names & self.own else self.tree.code(node)


def check_stores(repetition: cst.CSTNode, routes: Collection[Route]) -> None:
    """Raise `RefusedError` if an item reads a file or a table before its request that an item writes after it.

    What is looked up by a part of the item, as in `key in load()`, does not count.
    """
    read, written = set[str](), set[str]()
    for depth in range(max(len(route.calls) for route in routes)):
        calls = [route.calls[depth] for route in routes if len(route.calls) > depth]
        for scope, together in _by_scope(calls, repetition if depth == 0 else None).items():
            tree = together[0].tree
            if isinstance(scope, cst.FunctionDef | cst.Lambda):
                own = own_names_of(tree, scope).bound
            else:
                own = own_names(tree, scope).bound | frozenset(target_names(getattr(scope, "target", scope)))
            code = _Code(together[0].document, tree, own, {})
            ends = [tree.span(call.node).end for call in together]
            first, last = min(ends), max(ends)
            for node in _calls(tree, scope, {call.node for call in calls}):
                start = tree.span(node).start
                if start > first:
                    written.update(_used(code, node, "write", _DEEPEST))
                if start <= last and not _is_looked_up(tree, node, own):
                    read.update(_used(code, node, "read", _DEEPEST))
    for store in sorted(read & written):
        raise RefusedError(f"`{store}` carries from one item to the next")


def _by_scope(calls: Iterable[RoutedCall], scope: cst.CSTNode | None) -> dict[cst.CSTNode, list[RoutedCall]]:
    """Return calls by the code around them that runs for one item: `scope`, or else the function that holds each."""
    found: dict[cst.CSTNode, list[RoutedCall]] = {}
    for call in calls:
        found.setdefault(enclosing_function(call) if scope is None else scope, []).append(call)
    return found


def _calls(tree: SourceTree, scope: cst.CSTNode, skipped: Collection[cst.Call]) -> Iterator[cst.Call]:
    body = getattr(scope, "body", scope)
    return (node for node in tree.inside(body) if isinstance(node, cst.Call) and node not in skipped)


def _used(code: _Code, call: cst.Call, use: Use, deepest: int) -> Iterator[str]:
    """Yield the stores that a call reads or writes, and those that the functions do which it runs."""
    yield from _direct(code, call, use)
    for called in called_functions(code.document, call) if deepest else ():
        own = own_names_of(called.tree, called.node).bound
        names = [each.name.value for each in called.node.params.params]
        names = names[1:] if names[:1] in (["self"], ["cls"]) else names
        plain = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
        given = {name: code.place(value) for name, value in zip(names, plain, strict=False)}
        inner = _Code(called.document, called.tree, own - {"self", "cls"}, given)
        for node in _calls(called.tree, called.node, ()):
            yield from _used(inner, node, use, deepest - 1)


def _direct(code: _Code, call: cst.Call, use: Use) -> Iterator[str]:
    method = method_name(call)
    if isinstance(call.func, cst.Attribute) and method in (_READERS if use == "read" else _WRITERS):
        place = code.place(call.func.value)
    elif isinstance(call.func, cst.Name) and call.func.value == "open" and call.args:
        place = code.place(call.args[0].value) if _opens_for(call.args[1:]) == use else ""
    elif isinstance(call.func, cst.Attribute) and method == "open":
        place = code.place(call.func.value) if _opens_for(call.args) == use else ""
    else:
        sql = sql_of(call) if use == "write" or len(call.args) == 1 else ""  # what is given in parameters is looked up
        yield from (_READ_TABLE if use == "read" and sql.startswith("select") else _WRITTEN_TABLE).findall(sql)
        return
    if place:
        yield place


def _opens_for(arguments: Iterable[cst.Arg]) -> Use:
    modes = [arg.value.evaluated_value for arg in arguments if isinstance(arg.value, cst.SimpleString)]
    return "write" if any(isinstance(each, str) and re.fullmatch("[rbt]*[wax+][bt+]*", each) for each in modes) else "read"


def _is_looked_up(tree: SourceTree, call: cst.Call, own: frozenset[str]) -> bool:
    """Whether a part of the item is looked up in what a call returns: `key in load()`, `load()[key]`, `done = load()` for `key in done`."""
    parent = tree.parent(call)
    if isinstance(parent, cst.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0].target, cst.Name):
        scope = tree.parent(tree.parent(parent) or parent)
        named = {} if scope is None else tree.once_for(scope, _names)
        target = parent.targets[0].target
        uses = named.get(target.value, [])
        return len(uses) > 1 and all(_is_asked(tree, each, own) for each in uses if each is not target)
    return _is_asked(tree, call, own)


def _names(tree: SourceTree, scope: cst.CSTNode) -> dict[str, list[cst.Name]]:
    """Return the names in a scope by what they are."""
    found: dict[str, list[cst.Name]] = {}
    for node in tree.inside(scope):
        if isinstance(node, cst.Name):
            found.setdefault(node.value, []).append(node)
    return found


def _is_asked(tree: SourceTree, node: cst.CSTNode, own: frozenset[str]) -> bool:
    parent = tree.parent(node)
    call = tree.parent(parent) if isinstance(parent, cst.Attribute) else None
    asks = isinstance(call, cst.Call) and any(mentions(tree, each.value, own) for each in call.args)
    return asks or is_keyed(tree, node, own)
