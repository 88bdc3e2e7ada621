"""Where in a body a call stands: the statements and comprehension clauses around it, outermost first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surfacelint.facts.bodies import Assign, Augment, Body, Evaluate, For, If, Raise, Return, Statement, Try, While, With
from surfacelint.facts.expressions import Call, Comprehension, Expr, Position, children, walk
from surfacelint.records import record

Block = tuple[Statement, ...]


@record(frozen=True, slots=True)
class Place:
    """One statement around the call: `role` is the part of it in which the call stands.

    Roles are `body`, `orelse`, `handler`, `final` for blocks and `value`, `test`, `iterable`, `item` for expressions.
    `block[index]` is the statement.
    """

    statement: Statement
    role: str
    block: Block
    index: int


@record(frozen=True, slots=True)
class Around:
    """Everything around a call: the statements, and the expressions of the innermost one, both outermost first.

    The call itself comes last.
    """

    places: tuple[Place, ...]
    expressions: tuple[Expr, ...]


def locate(body: Body, end: Position) -> Around | None:
    """Return what is around the call that ends at `end`; `None` where the body has no such call (it is a default value or decorator)."""
    found = _in_block(body.statements, end)
    if found is None:
        return None
    places, expressions = found
    return Around(tuple(reversed(places)), tuple(expressions))


def _in_block(block: Block, end: Position) -> tuple[list[Place], list[Expr]] | None:
    for index, statement in enumerate(block):
        for role, expr in expressions_of(statement):
            path = expression_path(expr, end)
            if path is not None:
                return [Place(statement, role, block, index)], path
        for role, inner in blocks_of(statement):
            found = _in_block(inner, end)
            if found is not None:
                found[0].append(Place(statement, role, block, index))
                return found
    return None


def expression_path(expr: Expr, end: Position) -> list[Expr] | None:
    """Return the expressions from `expr` down to the call that ends at `end`, `None` if it is not in there."""
    stack: list[tuple[Expr, int]] = [(expr, 0)]
    path: list[Expr] = []
    while stack:
        here, depth = stack.pop()
        del path[depth:]
        path.append(here)
        if isinstance(here, Call) and here.span.end == end:
            return path
        stack.extend((child, depth + 1) for child in reversed(children(here)))
    return None


def expressions_of(statement: Statement) -> list[tuple[str, Expr]]:
    """Return the expressions that a statement itself evaluates, with their roles, in the order of evaluation."""
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
    """Return the blocks of a statement with their roles."""
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


def entered(places: Iterable[Place]) -> Iterator[Expr]:
    """Return what the `with` statements among places hold open, outermost first."""
    for place in places:
        if isinstance(place.statement, With) and place.role == "body":
            yield from (value for value, _ in place.statement.items)


def statements_in(block: Block) -> Iterator[Statement]:
    """Return all statements of a block, nested ones included, in source order."""
    for statement in block:
        yield statement
        for _, inner in blocks_of(statement):
            yield from statements_in(inner)


def expressions_in(block: Block) -> Iterator[Expr]:
    """Return all expressions of all statements of a block, with their sub-expressions."""
    for statement in statements_in(block):
        for _, expr in expressions_of(statement):
            yield from walk(expr)


def calls_in(block: Block) -> Iterator[Call]:
    """Return all calls in a block."""
    for expr in expressions_in(block):
        if isinstance(expr, Call):
            yield expr


def clause_of(comprehension: Comprehension, inner: Expr) -> int:
    """Return how many clauses of a comprehension repeat the part `inner` that it directly contains.

    The first iterable runs once, the element runs for every clause.
    """
    if any(inner is element for element in comprehension.elements):
        return len(comprehension.clauses)
    for number, clause in enumerate(comprehension.clauses):
        if inner is clause.iterable:
            return number
        if any(inner is condition for condition in clause.conditions):
            return number + 1
    return 0
