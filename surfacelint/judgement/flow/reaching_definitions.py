"""Reaching definitions: the assignments that may have run before a place in a function body.

The definitions of a block are computed once, statement by statement, only as far as needed. The definitions that reach a place
are a view of them: the blocks around the place, each up to the statement that contains the place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from surfacelint.facts.expressions import Expr
from surfacelint.facts.function_bodies import If, Statement, Try, While, With
from surfacelint.judgement.flow.access_paths import root, touches_any
from surfacelint.judgement.flow.enclosing_statements import Block, EnclosingStatement
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.flow.length_tests import bounds_if, length_bounds
from surfacelint.judgement.flow.statement_definitions import CallWrites, Definition, DefinitionReader, container_writes, header_definitions
from surfacelint.system.records import record

ProgramPoint: TypeAlias = tuple[tuple["BlockDefinitions", int], ...]
"""A point in a body: the blocks around it, each with the number of its definitions that come before the point."""


class BlockDefinitions:
    """The definitions of one block in order, indexed by the variables that they set."""

    def __init__(self, block: Block, call_writes: CallWrites, *, certain: bool) -> None:
        self._block = block
        self._reader = DefinitionReader(call_writes)
        self._certain = certain
        self._ends = [0]
        self.found: list[Definition] = []
        self.by_root: dict[str, list[int]] = {}

    def before(self, index: int) -> int:
        """Return the number of definitions in the statements before `index`."""
        while len(self._ends) <= index:
            self.add(self._reader.statement(self._block[len(self._ends) - 1], certain=self._certain))
        return self._ends[index]

    def add(self, definitions: list[Definition]) -> None:
        """Add the definitions of one more statement."""
        for number, definition in enumerate(definitions, start=len(self.found)):
            for name in {root(path) for path in definition.keys}:
                self.by_root.setdefault(name, []).append(number)
        self.found += definitions
        self._ends.append(len(self.found))


_TABLES: IdentityMemo[BlockDefinitions] = IdentityMemo()
_HEADS: IdentityMemo[BlockDefinitions] = IdentityMemo()
_SURE, _UNSURE = object(), object()
"""Markers in the memo keys of `_TABLES`."""


def _table(block: Block, call_writes: CallWrites, *, certain: bool) -> BlockDefinitions:
    about = (block, call_writes, _SURE if certain else _UNSURE)
    return _TABLES.get(about, lambda: BlockDefinitions(block, call_writes, certain=certain))


def _head(statement: Statement) -> BlockDefinitions:
    """Return the definitions in the header of a statement."""
    return _HEADS.get((statement,), lambda: _read(header_definitions(statement)))


def _read(definitions: list[Definition]) -> BlockDefinitions:
    table = BlockDefinitions((), container_writes, certain=True)
    table.add(definitions)
    return table


@record(frozen=True, slots=True)
class ReachingBound:
    """A test after which the collection at `path` has at most `limit` items, or is `otherwise`; without a limit, it is `otherwise`.

    `first` and `last` are the numbers of the first definition in the statement of the test, and of the first one after it.
    """

    path: str
    limit: Expr | None
    otherwise: Expr | None
    first: int
    last: int


@record(frozen=True, slots=True, eq=False)
class LengthTests:
    """What comes before a place in one block: the statements before `index`, and `test` of a branch that is taken if it `holds`."""

    block: Block
    index: int
    table: BlockDefinitions | None
    start: int
    test: Expr | None = None
    holds: bool = True

    def bounds(self) -> Iterator[ReachingBound]:
        """Yield the bounds that the tests set, last first."""
        if self.test is not None:
            inside = self.start + (0 if self.table is None else self.table.before(self.index))
            yield from (ReachingBound(path, limit, None, inside, inside) for path, limit in bounds_if(self.test, {}, holds=self.holds))
        if self.table is None:
            return
        for bound in reversed(length_bounds(self.block)):
            if bound.index < self.index:
                first, last = [self.start + self.table.before(number) for number in (bound.index, bound.index + 1)]
                yield ReachingBound(bound.path, bound.limit, bound.otherwise, first, last)


class ReachingDefinitions:
    """The definitions that may reach a place. Their numbers count in source order."""

    def __init__(self, parts: list[tuple[BlockDefinitions, int]], tests: Sequence[LengthTests] = ()) -> None:
        """`parts` are blocks, outermost first, each with how many of its definitions come before the place.

        `tests` tell what may bound collections on the way.
        """
        self._tests = tests
        self._bounds: dict[str, list[ReachingBound]] | None = None
        self._tables = [table for table, _ in parts]
        self._starts = [0]
        for _, count in parts:
            self._starts.append(self._starts[-1] + count)

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, number: int) -> Definition:
        part = bisect_right(self._starts, number) - 1
        return self._tables[part].found[number - self._starts[part]]

    def naming(self, name: str, position: int) -> Iterator[tuple[int, Definition]]:
        """Yield the definitions before `position` of access paths that begin with variable `name`, with their numbers, last first."""
        for part in range(len(self._tables) - 1, -1, -1):
            table, start = self._tables[part], self._starts[part]
            numbers = table.by_root.get(name)
            if numbers is None or start >= position:
                continue
            last = bisect_left(numbers, min(position, self._starts[part + 1]) - start)
            for index in range(last - 1, -1, -1):
                yield start + numbers[index], table.found[numbers[index]]

    def of(self, path: str, position: int) -> Iterator[tuple[int, Definition]]:
        """Yield the definitions before `position` that may set the access path `path`, with their numbers, last first."""
        for number, definition in self.naming(root(path), position):
            if path in definition.keys or touches_any(path, definition.keys):
                yield number, definition

    def bounds(self, path: str) -> Sequence[ReachingBound]:
        """Return the tests before the place that bound the length of what an access path holds, last first."""
        if self._bounds is None:
            self._bounds = {}
            for tests in reversed(self._tests):
                for bound in tests.bounds():
                    self._bounds.setdefault(bound.path, []).append(bound)
        return self._bounds.get(path, ())

    def spot(self, position: int) -> ProgramPoint:
        """Return the point before definition `position`. It is equal in all views in which the same definitions reach it."""
        part = max(bisect_left(self._starts, position) - 1, 0)
        whole = zip(self._tables[:part], self._starts, self._starts[1:], strict=False)
        here = () if not self._tables else ((self._tables[part], position - self._starts[part]),)
        return (*((table, end - start) for table, start, end in whole), *here)


NOTHING_BEFORE = ReachingDefinitions([])


def definitions_before(
    places: Sequence[EnclosingStatement], within: int, call_writes: CallWrites = container_writes
) -> ReachingDefinitions:
    """Return the definitions that may run before a call within one iteration of the loop `places[within]`.

    With -1 for `within`, that is from the start of the function. `places` are the statements around the call.
    """
    parts: list[tuple[BlockDefinitions, int]] = []
    tests: list[LengthTests] = []
    start = 0
    for place in places[within + 1 :]:
        statement, table = place.statement, None
        if isinstance(statement, Try) and place.role in ("handler", "orelse", "final"):
            # The definitions of the `try` body run before its handler.
            tried = _table(statement.body, call_writes, certain=place.role == "orelse")
            parts.append((tried, tried.before(len(statement.body))))
            start += parts[-1][1]
        is_test = isinstance(statement, If) and place.role in ("body", "orelse")
        if place.index:
            table = _table(place.block, call_writes, certain=True)
            parts.append((table, table.before(place.index)))
        if place.index or is_test:
            test = statement.test if isinstance(statement, If) and is_test else None
            tests.append(LengthTests(place.block, place.index, table, start, test, place.role == "body"))
        start += parts[-1][1] if place.index else 0
        if isinstance(statement, With | If | While):
            head = _head(statement)
            parts.append((head, len(head.found)))
            start += len(head.found)
    return ReachingDefinitions([part for part in parts if part[1]], tests)


def definitions_in(block: Block, call_writes: CallWrites = container_writes) -> ReachingDefinitions:
    """Return all definitions of a block."""
    table = _table(block, call_writes, certain=True)
    return ReachingDefinitions([(table, table.before(len(block)))], [LengthTests(block, len(block), table, 0)])
