"""The statements and expressions around a call in a function body, and traversal of blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias, TypeVar

from surfacelint.facts.expressions import Call, Comprehension, Expr, Position, Walrus, children, walk
from surfacelint.facts.function_bodies import Assign, Augment, Body, Evaluate, For, If, Raise, Return, Statement, Try, While, With
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.system.records import record

Block = tuple[Statement, ...]

_STATEMENTS: IdentityMemo[tuple[Statement, ...]] = IdentityMemo()
_EXPRESSIONS: IdentityMemo[tuple[Expr, ...]] = IdentityMemo()


@record(frozen=True, slots=True)
class EnclosingStatement:
    """One statement around a call. `block[index]` is the statement, `role` is the part of it that contains the call.

    Roles are `body`, `orelse`, `handler`, `final` for blocks and `value`, `test`, `iterable`, `item` for expressions.
    """

    statement: Statement
    role: str
    block: Block
    index: int


@record(frozen=True, slots=True)
class Surroundings:
    """Everything around a call: the statements, and the expressions of the innermost statement, both outermost first.

    The call itself comes last. In a chain of `elif`, the branches before that of the call count as one place.
    """

    places: tuple[EnclosingStatement, ...]
    expressions: tuple[Expr, ...]


Chain = tuple[EnclosingStatement, "Chain"] | None
"""The places around a statement as a linked list, innermost first."""


class CallPositions:
    """Index of the calls of one body, by the position where each call ends."""

    def __init__(self, body: Body) -> None:
        self._found: dict[Position, tuple[EnclosingStatement, Chain, Expr]] = {}
        self._ways: IdentityMemo[dict[Position, _Way]] = IdentityMemo()
        pending: list[tuple[Block, Chain]] = [(body.statements, None)]
        while pending:
            block, around = pending.pop()
            inner: list[tuple[Block, Chain]] = []
            for index, statement in enumerate(block):
                for role, expr in expressions_of(statement):
                    place = EnclosingStatement(statement, role, block, index)
                    for part in walk(expr):
                        if isinstance(part, Call):
                            self._found.setdefault(part.span.end, (place, around, expr))
                for role, each in blocks_of(statement):
                    if each:
                        place = EnclosingStatement(statement, role, block, index)
                        inner.append((each, around if _is_elif(place, around) else (place, around)))
            pending += reversed(inner)

    def of(self, end: Position) -> Surroundings | None:
        """Return the surroundings of the call that ends at `end`; `None` for one outside the body (a default value, a decorator)."""
        known = self._found.get(end)
        if known is None:
            return None
        place, chain, expr = known
        ways = self._ways.get((expr,), lambda: _ways(expr))
        return Surroundings(_unlinked((place, chain)), _unlinked(ways.get(end)))


def _is_elif(place: EnclosingStatement, around: Chain) -> bool:
    """Whether a place is a further `elif` of a chain. It adds nothing to the first one, and long chains would nest deeply."""
    if place.role != "orelse" or len(place.block) > 1 or around is None:
        return False
    outer, own = around[0], place.statement
    inside = isinstance(own, If) and isinstance(outer.statement, If) and outer.role == "orelse"
    return inside and not any(isinstance(part, Walrus) for _, expr in expressions_of(own) for part in walk(expr))


_Way: TypeAlias = tuple[Expr, "_Way | None"]
"""An expression and the expressions around it as a linked list, innermost first."""

_Part = TypeVar("_Part")


def _unlinked(chain: tuple[_Part, Any] | None) -> tuple[_Part, ...]:
    """Return the parts of a linked list, the last one first."""
    found: list[_Part] = []
    while chain is not None:
        found.append(chain[0])
        chain = chain[1]
    return tuple(reversed(found))


def _ways(expr: Expr) -> dict[Position, _Way]:
    """Return for each call in `expr` the expressions around it, by the end of the call."""
    found: dict[Position, _Way] = {}
    stack: list[_Way] = [(expr, None)]
    while stack:
        way = stack.pop()
        if isinstance(way[0], Call):
            found.setdefault(way[0].span.end, way)
        stack.extend((child, way) for child in reversed(children(way[0])))
    return found


def expressions_of(statement: Statement) -> list[tuple[str, Expr]]:
    """Return the expressions that a statement itself evaluates, with their roles, in evaluation order."""
    match statement:
        case Assign(targets=targets, value=value):
            return [("value", value), *(("target", target) for target in targets)]
        case Augment(target=target, value=value):
            return [("value", value), ("target", target)]
        case Evaluate(value=value):
            return [("value", value)]
        case For(target=target, iterable=iterable):
            return [("iterable", iterable), ("target", target)]
        case While(test=test) | If(test=test):
            return [("test", test)]
        case With(items=items):
            return [("item", value) for value, _ in items]
        case Return(value=optional) | Raise(value=optional):
            return [] if optional is None else [("value", optional)]
        case _:
            return []


def blocks_of(statement: Statement) -> list[tuple[str, Block]]:
    """Return the blocks of a statement, with their roles."""
    match statement:
        case For() | While() | If():
            return [("body", statement.body), ("orelse", statement.orelse)]
        case With():
            return [("body", statement.body)]
        case Try():
            handlers = [("handler", handler.body) for handler in statement.handlers]
            return [("body", statement.body), *handlers, ("orelse", statement.orelse), ("final", statement.final)]
        case _:
            return []


def context_managers(places: Iterable[EnclosingStatement]) -> Iterator[Expr]:
    """Yield the context managers of the `with` statements among `places`, outermost first."""
    for place in places:
        if isinstance(place.statement, With) and place.role == "body":
            yield from (value for value, _ in place.statement.items)


def statements_in(block: Block) -> tuple[Statement, ...]:
    """Return all statements of a block, including nested ones, in source order."""
    return _STATEMENTS.get((block,), lambda: tuple(_statements(block)))


def _statements(block: Block) -> Iterator[Statement]:
    stack = list(reversed(block))
    while stack:
        statement = stack.pop()
        yield statement
        for _, inner in reversed(blocks_of(statement)):
            stack += reversed(inner)


def inside_out(block: Block, is_known: Callable[[Block], bool] = lambda block: False) -> list[Block]:
    """Return a block and all nested blocks, inner blocks first, so that an answer about a block can use those about inner ones.

    Nested blocks that are known are left out, with all in them.
    """
    found: list[Block] = []
    pending = [block]
    while pending:
        here = pending.pop()
        found.append(here)
        pending += [inner for statement in here for _, inner in blocks_of(statement) if not is_known(inner)]
    return found[::-1]


def expressions_in(block: Block) -> tuple[Expr, ...]:
    """Return all expressions of all statements of a block, including sub-expressions."""
    return _EXPRESSIONS.get(
        (block,), lambda: tuple([part for each in statements_in(block) for _, expr in expressions_of(each) for part in walk(expr)])
    )


def calls_in(block: Block) -> Iterator[Call]:
    """Yield all calls in a block."""
    for expr in expressions_in(block):
        if isinstance(expr, Call):
            yield expr


def clause_of(comprehension: Comprehension, inner: Expr) -> int:
    """Return how many clauses of a comprehension repeat its direct part `inner`.

    The first iterable is evaluated once; the element is repeated by every clause.
    """
    if any(inner is element for element in comprehension.elements):
        return len(comprehension.clauses)
    for number, clause in enumerate(comprehension.clauses):
        if inner is clause.iterable:
            return number
        if any(inner is condition for condition in clause.conditions):
            return number + 1
    return 0
