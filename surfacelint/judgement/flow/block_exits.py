"""How the statements of a block leave the loop around it, computed once per block."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import partial
from typing import TypeAlias

from surfacelint.facts.expressions import Call, Choice, Composite, Constant, Expr, Position, dotted, walk
from surfacelint.facts.function_bodies import Assign, For, If, Leave, Raise, Return, Statement, Try, While, With
from surfacelint.judgement.flow.access_paths import reads, root
from surfacelint.judgement.flow.enclosing_statements import Block, blocks_of, inside_out
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.flow.statement_definitions import leaving_statements
from surfacelint.system.records import record

Guard: TypeAlias = tuple[Expr, ...]
"""The nested tests that guard an exit of a loop, the outermost first."""

_NEAREST = 4
"""Most tests of a guard: those nearest to the exit."""


@record(frozen=True, slots=True)
class RemainingStatements:
    """The statements of a block from index `first` on. If `direct`, a `break` in them leaves the loop in question, not an inner one."""

    block: Block
    first: int
    direct: bool


def always_leaves(rests: tuple[RemainingStatements, ...]) -> bool:
    """Whether the statements of `rests`, run in order, always break out of the loop or return."""
    for rest in rests:
        decided = _exits(rest).decided(rest.first)
        if decided is not None:
            return decided
    return False


def exit_guards(rests: tuple[RemainingStatements, ...], made: set[str], end: Position) -> Iterator[Guard]:
    """Yield the guards of exits of the loop that read an access path in `made`, or contain the call that ends at `end`."""
    for rest in rests:
        yield from _exits(rest).guards_of(rest.first, {root(path) for path in made}, end)


def stop_flag(rests: tuple[RemainingStatements, ...], test: Expr) -> str:
    """Return the flag that statements always set so that the loop test `test` fails: `done` of `while not done`. Empty without one."""
    for rest in rests:
        flags, exits = _FLAGS.get((rest.block, test), partial(_flags_and_exits, rest.block, test))
        flag, left = bisect_left(flags, (rest.first, "")), bisect_left(exits, rest.first)
        if flag < len(flags) and (left == len(exits) or flags[flag][0] < exits[left]):
            return flags[flag][1]
        if left < len(exits):
            break
    return ""


_FLAGS: IdentityMemo[tuple[list[tuple[int, str]], list[int]]] = IdentityMemo()


def _flags_and_exits(block: Block, test: Expr) -> tuple[list[tuple[int, str]], list[int]]:
    """Return the indexes of the statements that set a stop flag, with its name, and of those that leave the block."""
    flags: list[tuple[int, str]] = []
    for index, statement in enumerate(block):
        if isinstance(statement, Assign) and isinstance(statement.value, Constant):
            flag = next((dotted(target) for target in statement.targets if _fails_when_set(test, target, statement.value)), None)
            flags += [(index, flag)] if flag else []
    return flags, leaving_statements(block)


def _fails_when_set(test: Expr, target: Expr, value: Constant) -> bool:
    """Whether `test` fails once `target` is `value`."""
    match test:
        case Choice(options=parts, operator="and"):
            return any(_fails_when_set(part, target, value) for part in parts)
        case Composite(operator="not", parts=(inner,)):
            return inner == target and bool(value.value)
        case _:
            return test == target and not value.value


class _Exits:
    """The exits of one block from the loop around it."""

    def __init__(self, block: Block, *, direct: bool) -> None:
        self._block = block
        self._direct = direct
        self._decided = _decided(block, direct=direct)
        self._guards: list[tuple[int, Guard]] | None = None
        self._by_root: dict[str, list[int]] = {}
        self._by_call: dict[Position, list[int]] = {}

    def decided(self, first: int) -> bool | None:
        """Return whether the statements from `first` on always leave the loop; `None` if they may reach the end of the block."""
        return self._decided[first]

    def guards_of(self, first: int, roots: set[str], end: Position) -> Iterator[Guard]:
        """Yield the guards of exits from statement `first` on that read a variable in `roots`, or contain the call that ends at `end`."""
        if self._guards is None:
            self._guards = []
            self._index_guards()
        start = bisect_left(self._guards, first, key=lambda each: each[0])
        named = [self._by_root[name] for name in roots if name in self._by_root]
        numbers = {number for found in (*named, self._by_call.get(end, [])) for number in found[bisect_left(found, start) :]}
        yield from (self._guards[number][1] for number in sorted(numbers))

    def _index_guards(self) -> None:
        """Read the guards of the exits of the block, and index them by the variables that they read and the calls that they contain."""
        assert self._guards is not None
        for index, guard in guards_of_exits(self._block, direct=self._direct):
            number = len(self._guards)
            self._guards.append((index, guard))
            for name in {root(path) for test in guard for path in reads(test)}:
                self._by_root.setdefault(name, []).append(number)
            for end in {part.span.end for test in guard for part in walk(test) if isinstance(part, Call)}:
                self._by_call.setdefault(end, []).append(number)


_EXITS: IdentityMemo[_Exits] = IdentityMemo()
_DIRECT, _INSIDE = object(), object()


def _exits(rest: RemainingStatements) -> _Exits:
    about = (rest.block, _DIRECT if rest.direct else _INSIDE)
    return _EXITS.get(about, lambda: _Exits(rest.block, direct=rest.direct))


def _decided(block: Block, *, direct: bool) -> list[bool | None]:
    """Return for each statement whether it and those after it always leave the loop; `None` if they may reach the end of the block."""
    whole: dict[int, bool | None] = {}
    found: list[bool | None] = []
    for inner in inside_out(block):
        found = [None]
        for statement in reversed(inner):
            decided = _decides(statement, whole, direct=direct)
            found.append(found[-1] if decided is None else decided)
        whole[id(inner)] = found[-1]
    return found[::-1]


def _decides(statement: Statement, whole: dict[int, bool | None], *, direct: bool) -> bool | None:
    """Return whether a statement always leaves the loop; `None` if control may continue behind it. `whole` are answers for its blocks."""
    match statement:
        case Return():
            return True
        case Leave(kind="break"):
            return direct
        case Leave() | Raise():
            return False
        case If(body=body, orelse=orelse):
            return True if orelse and whole[id(body)] and whole[id(orelse)] else None
        case With(body=body) | Try(body=body):
            return True if whole[id(body)] else None
        case _:
            return None


def guards_of_exits(block: Block, *, direct: bool = True) -> Iterator[tuple[int, Guard]]:
    """Yield the guards of the exits of the loop, each with the index of the statement of `block` that contains the exit."""
    for index, top in enumerate(block):
        stack: list[tuple[Statement, bool, Guard]] = [(top, direct, ())]
        while stack:
            statement, here, guard = stack.pop()
            deeper = here and not isinstance(statement, For | While)
            if isinstance(statement, If):
                guard = (*guard, statement.test)[-_NEAREST:]
            inside = [inner for role, inner in blocks_of(statement) if role != "handler"]
            if guard and any(_leaves_loop(each, direct=deeper) for inner in inside for each in inner):
                yield index, guard
            stack += [(each, deeper, guard) for inner in reversed(inside) for each in reversed(inner)]


def _leaves_loop(statement: Statement, *, direct: bool) -> bool:
    return isinstance(statement, Return) or (isinstance(statement, Leave) and statement.kind == "break" and direct)
