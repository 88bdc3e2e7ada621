"""What code reads and changes, and which of its calls another could notice."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator

import libcst as cst
from libcst.helpers import get_full_name_for_node

from surfacelint.visitors.source_tree import SourceTree

_PLAIN_FUNCTIONS = frozenset(
    {"abs", "all", "any", "bool", "bytes", "dict", "divmod", "enumerate", "filter", "float", "format", "frozenset", "getattr", "hasattr"}
    | {"hash", "id", "int", "isinstance", "issubclass", "iter", "len", "list", "map", "max", "min", "next", "open", "ord", "chr", "pow"}
    | {"range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "type", "zip", "vars"}
)
"""Built-in functions that change nothing which code elsewhere can see. Reading a file counts as such."""

_PLAIN_MODULES = frozenset(
    {"base64", "copy", "datetime", "decimal", "functools", "hashlib", "html", "itertools", "json", "math", "operator", "os.path", "re"}
    | {"statistics", "string", "textwrap", "unicodedata", "numpy", "np"}
)
"""Modules whose functions compute values. `json.dump` writes, and is found by its name."""

_PLAIN_METHODS = frozenset(
    {"capitalize", "casefold", "count", "decode", "encode", "endswith", "find", "format", "get", "index", "isalnum", "isalpha", "isdigit"}
    | {"isspace", "items", "join", "keys", "lower", "lstrip", "match", "partition", "removeprefix", "removesuffix", "replace", "rfind"}
    | {"rpartition", "rsplit", "rstrip", "search", "split", "splitlines", "startswith", "strip", "sub", "title", "tolist", "to_list"}
    | {"translate", "upper", "values", "zfill", "findall", "finditer", "fullmatch", "group", "groups", "isoformat", "exists", "is_file"}
    | {"read", "read_text", "read_bytes", "readlines", "hexdigest", "model_dump", "as_posix", "astype", "copy", "intersection", "union"}
)
"""Methods of strings, containers, patterns and paths that read."""

CHANGING_METHODS = frozenset(
    {"add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popleft", "remove", "reverse", "setdefault", "sort"}
    | {"update", "popitem"}
)
"""Methods that change the container they belong to, and nothing else."""


def below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node and all nodes in it, outermost first."""
    stack = [node]
    while stack:
        here = stack.pop()
        yield here
        stack += reversed(here.children)


def variables(node: cst.CSTNode) -> Iterator[cst.Name]:
    """Yield the names in a node that are variables, and not attributes or keywords."""
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, cst.Name):
            yield here
        label = here.attr if isinstance(here, cst.Attribute) else here.keyword if isinstance(here, cst.Arg) else None
        stack += [each for each in reversed(here.children) if each is not label]


def paths_read(nodes: Iterable[cst.CSTNode]) -> set[str]:
    """Return the variables and dotted attributes that code mentions: `page`, `self.model`."""
    found: set[str] = set()
    for root in nodes:
        skipped: set[cst.CSTNode] = set()
        for node in below(root):
            if node in skipped:
                continue
            if isinstance(node, cst.Arg) and node.keyword is not None:
                skipped.add(node.keyword)
            if isinstance(node, cst.Attribute | cst.Name):
                name = get_full_name_for_node(node) if _is_dotted(node) else None
                if name is not None:
                    found.add(name)
                    skipped.update(below(node))
                elif isinstance(node, cst.Attribute):
                    skipped.add(node.attr)
    return found


def roots_read(nodes: Iterable[cst.CSTNode]) -> set[str]:
    """Return the variables that code mentions, without attributes."""
    return {path.partition(".")[0] for path in paths_read(nodes)}


def is_pause(statement: cst.CSTNode) -> bool:
    """Whether a statement only sleeps."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Expr(value=value)]):
            call = value.expression if isinstance(value, cst.Await) else value
            return isinstance(call, cst.Call) and (get_full_name_for_node(call.func) or "").rpartition(".")[2] == "sleep"
        case _:
            return False


def may_not_run(tree: SourceTree, node: cst.CSTNode, around: cst.CSTNode) -> bool:
    """Whether `around` evaluates a part of it only under a condition: in `a if b else c`, or on the right of `and` and `or`."""
    inner = node
    for outer in tree.ancestors(node):
        if outer is around:
            return False
        if (isinstance(outer, cst.IfExp) and outer.test is not inner) or (
            isinstance(outer, cst.BooleanOperation) and outer.left is not inner
        ):
            return True
        inner = outer
    return False


def paths_changed(nodes: Iterable[cst.CSTNode]) -> set[str]:
    """Return the variables and dotted attributes that code assigns, or changes by a method of containers."""
    found: set[str] = set()
    for root in nodes:
        for node in below(root):
            found.update(_changed_by(node))
    return found


def _changed_by(node: cst.CSTNode) -> Iterator[str]:
    match node:
        case cst.AssignTarget(target=target) | cst.AnnAssign(target=target) | cst.AugAssign(target=target) | cst.For(target=target):
            yield from _targets(target)
        case cst.NamedExpr(target=target) | cst.CompFor(target=target):
            yield from _targets(target)
        case cst.AsName(name=target):
            yield from _targets(target)
        case cst.Del(target=target):
            yield from _targets(target)
        case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value=method))) if method in CHANGING_METHODS:
            yield from _targets(owner)
        case _:
            pass


def _targets(target: cst.CSTNode) -> Iterator[str]:
    match target:
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for each in elements:
                yield from _targets(each.value)
        case cst.Subscript(value=owner):
            yield from _targets(owner)
        case cst.Name() | cst.Attribute() if _is_dotted(target):
            yield get_full_name_for_node(target) or ""
        case cst.Attribute(value=owner):
            yield from _targets(owner)
        case cst.Call(func=cst.Attribute(value=owner)):
            yield from _targets(owner)
        case _:
            pass


def common_paths(read: set[str], changed: set[str]) -> list[str]:
    """Return the changed paths that are among those read, or are a part of one, or have one as a part."""
    return sorted(each for each in changed if any(each == other or _is_part(each, other) or _is_part(other, each) for other in read))


def noticed(tree: SourceTree, nodes: Iterable[cst.CSTNode], ignored: Iterable[cst.CSTNode] = ()) -> cst.CSTNode | None:
    """Return the first call, `raise` or `yield` in code that another could notice, or whose effect is unknown. `None` if there is none.

    `tree` is that of the file: the functions that it defines are looked into.
    """
    skipped = set(ignored)
    for root in nodes:
        for node in below(root):
            if node in skipped:
                continue
            if isinstance(node, cst.Raise | cst.Yield | cst.Await) or (isinstance(node, cst.Call) and not _is_plain(tree, node)):
                return node
    return None


def _is_plain(tree: SourceTree, call: cst.Call) -> bool:
    match call.func:
        case cst.Name(value=name):
            return (name in _PLAIN_FUNCTIONS and hasattr(builtins, name)) or _is_class(name) or _runs_plainly(tree, name)
        case cst.Attribute(value=owner, attr=cst.Name(value=method)):
            module = get_full_name_for_node(owner) if _is_dotted(owner) else ""
            if module in _PLAIN_MODULES:
                return method not in ("dump", "save", "savetxt", "tofile")
            return (
                method in _PLAIN_METHODS
                or (method in CHANGING_METHODS and _is_dotted(owner))
                or (module == "" and method in CHANGING_METHODS)
            )
        case _:
            return False


def _is_class(name: str) -> bool:
    """Whether a name is that of a class by convention: making a plain object changes nothing."""
    return name[:1].isupper() and not name.isupper()


def _runs_plainly(tree: SourceTree, name: str) -> bool:
    """Whether a function that the tree defines only computes its result from its arguments."""
    found = [each for each in tree.module.body if isinstance(each, cst.FunctionDef) and each.name.value == name]
    if len(found) != 1 or found[0].decorators or found[0].asynchronous is not None:
        return False
    inside = list(below(found[0].body))
    if any(isinstance(node, cst.Global | cst.Nonlocal | cst.Raise | cst.Yield | cst.Await) for node in inside):
        return False
    calls = [node for node in inside if isinstance(node, cst.Call)]
    own = {each.name.value for each in found[0].params.params} | paths_changed([found[0].body])
    changes = [node for node in calls if isinstance(node.func, cst.Attribute) and node.func.attr.value in CHANGING_METHODS]
    return all(_is_plain_inside(tree, call, name) for call in calls) and all(
        set(_targets(each.func.value)) <= own for each in changes if isinstance(each.func, cst.Attribute)
    )


def _is_plain_inside(tree: SourceTree, call: cst.Call, around: str) -> bool:
    if isinstance(call.func, cst.Name) and call.func.value == around:
        return True
    return _is_plain(tree, call)


def _is_dotted(node: cst.CSTNode) -> bool:
    while isinstance(node, cst.Attribute):
        node = node.value
    return isinstance(node, cst.Name)


def _is_part(path: str, whole: str) -> bool:
    return path.startswith(f"{whole}.")
