"""Lookup of rows by path: under any spelling, by tail, or by pattern."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Generic, TypeVar

from surfacelint.catalogue.path_segments import prefixes, suffixes
from surfacelint.system.records import record

Row = TypeVar("Row")

# Rewriting a path usually ends sooner. The limit stops aliases that make a path longer each time.
_MOST_REWRITES = 20


@record(frozen=True, slots=True)
class Table(Generic[Row]):
    """Rows by `exact` path, by the `tails` of paths that begin with `*.`, and by `patterns`, grouped by the text before their `*`.

    `answers` caches lookups.
    """

    exact: Mapping[str, tuple[Row, ...]]
    tails: Mapping[str, tuple[Row, ...]]
    patterns: Mapping[str, tuple[tuple[str, Row], ...]]
    answers: dict[str, tuple[Row, ...]] = field(default_factory=dict, repr=False, compare=False)

    def find(self, path: str) -> tuple[Row, ...]:
        """Return the rows for a canonical path: exact ones, or those with the longest tail, or those whose pattern matches."""
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
    """Canonical spellings by alias (`rows`). `answers` caches lookups."""

    rows: Mapping[str, str]
    answers: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    heads: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)
    """For the part of a path before its first call, whether any alias may apply. Most have none."""

    def __post_init__(self) -> None:
        self.heads.update(dict.fromkeys((_head(row) for row in self.rows if _head(row) != row), True))

    def canonical(self, path: str) -> str:
        """Replace the longest prefix of `path` that is an alias, until there is none."""
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
    """Return the part of a path before its first call or item."""
    return path.partition("(")[0].partition("[")[0]


def tabulated(aliases: Aliases, rows: Iterable[tuple[str, Row]]) -> Table[Row]:
    """Index pairs of path and row. Of several rows with the same path and the same `requires`, the first wins."""
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
    """Add a row to the rows of its path, unless one has the same `requires`. Rows with more `requires` come first."""
    if not rows:
        return (row,)
    requires = getattr(row, "requires", ())
    if any(getattr(other, "requires", ()) == requires for other in rows):
        return rows
    return tuple(sorted((*rows, row), key=lambda other: -len(getattr(other, "requires", ()))))
