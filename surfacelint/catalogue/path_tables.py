"""Rows by path, as one asks for them: under any spelling, by a tail, by a pattern."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Generic, TypeVar

from surfacelint.catalogue.path_segments import prefixes, suffixes
from surfacelint.system.records import record

Row = TypeVar("Row")

# Rewriting a path ends sooner in practice; the bound is for rows that make it longer each time.
_MOST_REWRITES = 20


@record(frozen=True, slots=True)
class Table(Generic[Row]):
    """Rows by path: `exact` paths, `tails` of those that begin with `*.`, and, by what precedes the `*`, `patterns`.

    Remembers its answers.
    """

    exact: Mapping[str, tuple[Row, ...]]
    tails: Mapping[str, tuple[Row, ...]]
    patterns: Mapping[str, tuple[tuple[str, Row], ...]]
    answers: dict[str, tuple[Row, ...]] = field(default_factory=dict, repr=False, compare=False)

    def find(self, path: str) -> tuple[Row, ...]:
        """Return the rows for `path`, a canonical one: exact ones, or else those with the longest tail."""
        found = self.answers.get(path)
        if found is None:
            found = self.answers[path] = self._find(path)
        return found

    def _find(self, path: str) -> tuple[Row, ...]:
        found = self.exact.get(path)
        if found is None and self.tails:
            found = next((self.tails[tail] for tail in suffixes(path) if tail in self.tails), None)
        if found is None:
            rows = (pair for head, pairs in self.patterns.items() if path.startswith(head) for pair in pairs)
            found = tuple(row for pattern, row in rows if fnmatchcase(path, pattern))
        return found

    def first(self, path: str) -> Row | None:
        """Return the first of the rows for `path`."""
        found = self.find(path)
        return found[0] if found else None


@record(frozen=True, slots=True)
class Aliases:
    """Which spelling stands for which; remembers its answers."""

    rows: Mapping[str, str]
    answers: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    heads: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)
    """By what stands before the first call of a path, whether there may be a row for a prefix: for most there is none."""

    def __post_init__(self) -> None:
        self.heads.update(dict.fromkeys((_head(row) for row in self.rows if _head(row) != row), True))

    def canonical(self, path: str) -> str:
        """Replace the longest prefix of `path` that has a row, again and again."""
        answer = self.answers.get(path)
        if answer is None:
            answer = self.answers[path] = self._rewritten(path)
        return answer

    def _rewritten(self, path: str) -> str:
        seen = {path}
        for _ in range(_MOST_REWRITES):
            if not self._may_begin(_head(path)):
                break
            prefix = next((prefix for prefix in prefixes(path) if prefix in self.rows), None)
            if prefix is None:
                break
            path = self.rows[prefix] + path[len(prefix) :]
            if path in seen:
                break
            seen.add(path)
        return path

    def _may_begin(self, head: str) -> bool:
        known = self.heads.get(head)
        if known is None:
            known = self.heads[head] = any(prefix in self.rows for prefix in prefixes(head))
        return known


def _head(path: str) -> str:
    """Return what stands before the first call or item of a path."""
    return path.partition("(")[0].partition("[")[0]


def tabulated(aliases: Aliases, rows: Iterable[tuple[str, Row]]) -> Table[Row]:
    """Index pairs of path and row. Of several rows for one path the first wins, but for those with other `requires`."""
    exact: dict[str, tuple[Row, ...]] = {}
    tails: dict[str, tuple[Row, ...]] = {}
    patterns: dict[str, tuple[tuple[str, Row], ...]] = {}
    for path, row in rows:
        if path.startswith("*."):
            tails[path[2:]] = _placed(tails.get(path[2:], ()), row)
        elif "*" in path:
            head = path.partition("*")[0]
            patterns[head] = (*patterns.get(head, ()), (path, row))
        else:
            canonical = aliases.canonical(path)
            exact[canonical] = _placed(exact.get(canonical, ()), row)
    return Table(exact, tails, patterns)


def _placed(rows: tuple[Row, ...], row: Row) -> tuple[Row, ...]:
    """Add a row for a path that may have some: only one of each `requires`, more demanding ones first."""
    if not rows:
        return (row,)
    requires = getattr(row, "requires", ())
    if any(getattr(other, "requires", ()) == requires for other in rows):
        return rows
    return tuple(sorted((*rows, row), key=lambda other: -len(getattr(other, "requires", ()))))
