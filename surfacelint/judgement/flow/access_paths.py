"""Access paths: the names by which data-flow analysis knows the places that hold data.

An access path is a string: a variable, then the attributes and slots that lead to the place. `self.history` is an attribute,
`item.['prompt']` a slot with a constant index, `rows.[*]` a slot with an unknown index, which may be any slot. Two access paths
overlap if they are the same place or one place holds the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Collection,
    Comprehension,
    Constant,
    Expr,
    Lambda,
    Name,
    Slice,
    Starred,
    Subscript,
    children,
)

ANY_SLOT = "[*]"
"""The part of an access path for a slot with an unknown index."""


def access_path(expr: Expr) -> str | None:
    """Return the access path of an expression that names an existing object, `None` for an expression that makes a new one."""
    parts: list[str] = []
    # This is the hottest function of judgement. Plain tests are several times as fast as a `match`.
    while not isinstance(expr, Name):
        if isinstance(expr, Attribute):
            parts.append(expr.attr)
            expr = expr.value
        elif isinstance(expr, Subscript):
            if not isinstance(expr.index, Slice):
                parts.append(_slot(expr.index))
            expr = expr.value
        elif isinstance(expr, Call) and isinstance(expr.function, Attribute) and expr.function.attr == "get" and expr.arguments:
            if not isinstance(expr.arguments[0].value, Constant) or expr.arguments[-1].name is not None:
                return None  # with keywords it is a request: `api.get("/pages", page=2)`
            parts.append(_slot(expr.arguments[0].value))
            expr = expr.function.value
        else:
            return None
    return ".".join((expr.id, *reversed(parts))) if parts else expr.id


def _slot(index: Expr) -> str:
    known = isinstance(index, Constant) and isinstance(index.value, str) and "." not in index.value
    return f"[{index.value!r}]" if isinstance(index, Constant) and known else ANY_SLOT


def root(path: str) -> str:
    """Return the variable that an access path begins with."""
    return path.partition(".")[0]


def is_exact(path: str) -> bool:
    """Whether an access path names one place: it has no slot with an unknown index."""
    return ANY_SLOT not in path


def covers(one: str, other: str) -> bool:
    """Whether assigning to the access path `one` replaces all of `other`."""
    return other == one or other.startswith(f"{one}.")


def touches(one: str, other: str) -> bool:
    """Whether two access paths may overlap: they may be the same place, or one may hold the other."""
    if one == other:
        return True
    if ANY_SLOT not in one and ANY_SLOT not in other:
        outer, inner = (one, other) if len(one) < len(other) else (other, one)
        return inner.startswith(outer) and inner[len(outer)] == "."
    for mine, theirs in zip(one.split("."), other.split("."), strict=False):  # called too often for a generator
        if mine != theirs and not (ANY_SLOT in (mine, theirs) and mine[0] == theirs[0] == "["):
            return False
    return True


def touches_any(path: str, others: Iterable[str]) -> bool:
    """Whether an access path may overlap one of others."""
    for other in others:  # noqa: SIM110 - called too often for a generator
        if touches(path, other):
            return True
    return False


def first_overlap(paths: Iterable[str], others: Iterable[str]) -> str | None:
    """Return the first of the sorted access paths `paths` that overlaps one of `others`, `None` without an overlap."""
    kept = others if isinstance(others, AccessPaths) else AccessPaths(others)
    return next((path for path in sorted(paths) if kept.overlaps_any(path)), None)


_MANY = 4
"""Access paths of one variable from which on an index is quicker than a comparison with each."""


def _prefixes(path: str) -> list[str]:
    """Return the access paths of the objects that hold what is at an access path."""
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


class _PrefixIndex:
    """Access paths that do not change any more, with the objects that hold them."""

    def __init__(self, paths: set[str]) -> None:
        self._paths = paths
        self._inexact = [path for path in paths if not is_exact(path)]
        self._holders = {prefix for path in paths for prefix in _prefixes(path)}

    def overlaps_any(self, path: str) -> bool:
        """Whether an access path, which is not one of these, overlaps one of them."""
        if not is_exact(path):
            return touches_any(path, self._paths)
        if path in self._holders or not self._paths.isdisjoint(_prefixes(path)):
            return True
        return touches_any(path, self._inexact)


class AccessPaths:
    """A set of access paths, indexed by the variable that they begin with."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._by_root: dict[str, set[str]] = {}
        self._indexes: dict[str, _PrefixIndex] = {}
        self.update(paths)

    def __iter__(self) -> Iterator[str]:
        return (path for paths in self._by_root.values() for path in paths)

    def update(self, paths: Iterable[str]) -> list[str]:
        """Add access paths and return the new ones."""
        fresh = []
        for path in paths:
            name = root(path)
            known = self._by_root.setdefault(name, set())
            if path not in known:
                known.add(path)
                fresh.append(path)
                self._indexes.pop(name, None)
        return fresh

    def roots(self) -> Iterable[str]:
        """Return the variables that the access paths begin with."""
        return self._by_root

    def rooted(self, name: str) -> Iterable[str]:
        """Return the access paths that begin with a variable."""
        return self._by_root.get(name, ())

    def holds(self, paths: Iterable[str]) -> bool:
        """Whether the set holds all of the given access paths."""
        return all(path in self._by_root.get(root(path), ()) for path in paths)

    def overlaps_any(self, path: str) -> bool:
        """Whether an access path overlaps one of this set."""
        name = root(path)
        others = self._by_root.get(name)
        if others is None or path in others:
            return others is not None
        if len(others) < _MANY:
            return touches_any(path, others)
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = _PrefixIndex(others)
        return index.overlaps_any(path)

    def __bool__(self) -> bool:
        return bool(self._by_root)


NO_PATHS = AccessPaths()


def reads(expr: Expr, by_item: AccessPaths = NO_PATHS) -> set[str]:
    """Return the access paths that evaluating `expr` reads.

    A method call may read every slot of its receiver. A container that is indexed by an access path in `by_item` is left out:
    such a read picks the slot of one item.
    """
    found: set[str] = set()
    stack = [expr]
    while stack:
        part = stack.pop()
        if isinstance(part, Name):
            found.add(part.id)
            continue
        if isinstance(part, Lambda):
            found |= reads(part.body, by_item) - set(part.parameters)
            continue
        if isinstance(part, Comprehension):
            found |= _comprehension_reads(part, by_item)
            continue
        path = access_path(part)
        if path is None:
            stack.extend(children(part))
            receiver = access_path(part.function.value) if isinstance(part, Call) and isinstance(part.function, Attribute) else None
            if receiver is not None:
                found.add(f"{receiver}.{ANY_SLOT}")
            continue
        stack.extend(indexes(part))
        if not by_item or not is_slot_of(part, by_item):
            found.add(path)
    return found


def indexes(expr: Expr) -> list[Expr]:
    """Return the index expressions of an access path: `i` of `results[i].score`."""
    found: list[Expr] = []
    while True:
        if isinstance(expr, Attribute):
            expr = expr.value
        elif isinstance(expr, Subscript):
            found.append(expr.index)
            expr = expr.value
        elif isinstance(expr, Call) and isinstance(expr.function, Attribute):
            expr = expr.function.value
        else:
            return found


def is_slot_of(expr: Expr, by_item: AccessPaths) -> bool:
    """Whether `expr` is, or lies in, a slot whose index is in `by_item`: `results[i].score`."""
    return bool(by_item) and any(first_overlap(reads(index), by_item) is not None for index in indexes(expr))


def argument_reads(call: Call, by_item: AccessPaths = NO_PATHS) -> set[str]:
    """Return the access paths that evaluating the arguments of `call` reads; see `reads`."""
    return {path for argument in call.arguments for path in reads(argument.value, by_item)}


def _comprehension_reads(expr: Comprehension, by_item: AccessPaths) -> set[str]:
    own = {path for clause in expr.clauses for path in assigned_paths(clause.target)}
    inner = {path for child in children(expr) for path in reads(child, by_item)}
    return {path for path in inner if root(path) not in own}


def assigned_paths(target: Expr) -> set[str]:
    """Return the access paths that assigning to `target` sets. For a slot of a new object, that is the container's."""
    match target:
        case Collection(items=items):
            return {path for item in items for path in assigned_paths(item)}
        case Starred(value=value):
            return assigned_paths(value)
        case _:
            path = access_path(target)
            if path is None and isinstance(target, Subscript):
                return assigned_paths(target.value)
            return set() if path is None else {path}
