"""The repetitions around a call site: loops, comprehensions, and library functions that run it many times."""

from __future__ import annotations

from dataclasses import replace

from surfacelint.catalogue.repetition_rows import Progress, Repetition
from surfacelint.facts.expressions import Await, Call, Comprehension, Expr, Span
from surfacelint.facts.function_bodies import For, While, With
from surfacelint.judgement.flow.access_paths import assigned_paths
from surfacelint.judgement.flow.enclosing_statements import Block, EnclosingStatement, Surroundings, clause_of
from surfacelint.system.records import record


@record(frozen=True, slots=True, eq=False)
class EnclosingRepetition:
    """One repetition around a call. `kind` is `for`, `while`, `comprehension`, `call` or `decorator`.

    `depth` is the index of its statement among the statements around the call. `inner` are the expressions between the
    repetition and the call, the call last. `row` describes the library function that repeats, for kinds `call` and
    `decorator`. A decorator repeats the `body` of its function. `suspends` states that the coroutine around waits for each run of the
    call before the next begins.
    """

    kind: str
    span: Span
    target: Expr | None
    iterable: Expr | None
    depth: int
    inner: tuple[Expr, ...]
    node: For | While | Comprehension | Call
    is_async: bool = False
    row: Repetition | Progress | None = None
    suspends: bool = False
    body: Block = ()

    @property
    def block(self) -> Block:
        """The repeated statements; empty for a comprehension or call."""
        return self.node.body if isinstance(self.node, For | While) else self.body

    @property
    def targets(self) -> frozenset[str]:
        """The access paths of the loop variables, which hold the item."""
        return frozenset() if self.target is None else frozenset(assigned_paths(self.target))


def frames_around(around: Surroundings, row: Repetition | Progress | None) -> tuple[EnclosingRepetition, ...]:
    """Return the repetitions around the call that `around` describes, outermost first.

    `row` is the catalogue entry of the call itself, if it runs a callable many times.
    """
    found = [frame for depth, place in enumerate(around.places) if (frame := _statement_frame(place, depth, around)) is not None]
    found += _expression_frames(around)
    if found and is_suspended(around):
        found = [replace(frame, suspends=True) for frame in found]
    call = around.expressions[-1]
    if row is not None and isinstance(call, Call) and repeats_items(row):
        found.append(EnclosingRepetition("call", call.span, None, items_of(call, row), len(around.places), (call,), call, False, row))
    return tuple(found)


def repeats_items(row: Repetition | Progress) -> bool:
    """Whether a single call of the library function that `row` describes runs its callable many times."""
    if isinstance(row, Progress):
        return row.callable is not None
    return row.items != "loop" and row.per != "once"


def items_of(call: Call, row: Repetition | Progress) -> Expr | None:
    """Return the iterable of a repeating call: its receiver or one of its arguments."""
    if isinstance(row, Repetition) and row.items == "receiver":
        return getattr(call.function, "value", None)
    if isinstance(row, Repetition) and row.items == "none":
        return None
    for argument in call.arguments:
        if argument.name is not None and argument.name in row.keywords:
            return argument.value
    positional = [argument.value for argument in call.arguments if argument.name is None]
    position = row.argument if row.argument is not None else 1
    if isinstance(row, Progress) and row.style == "method":
        return getattr(call.function, "value", None)
    if isinstance(row, Repetition) and row.items == "arguments" and not positional and row.callable is None:
        # The arguments of a mapped task: `task.map(text=texts)`.
        return next((argument.value for argument in call.arguments if argument.name is not None and argument.name not in row.workers), None)
    return positional[position] if position < len(positional) else None


def _statement_frame(place: EnclosingStatement, depth: int, around: Surroundings) -> EnclosingRepetition | None:
    """Return the loop that a statement around the call is, `None` for other statements."""
    statement = place.statement
    inner = around.expressions
    if isinstance(statement, For) and place.role == "body":
        return EnclosingRepetition("for", statement.span, statement.target, statement.iterable, depth, inner, statement, statement.is_async)
    if isinstance(statement, While) and place.role in ("body", "test"):
        return EnclosingRepetition("while", statement.span, None, None, depth, inner, statement)
    return None


def _expression_frames(around: Surroundings) -> list[EnclosingRepetition]:
    """Return the comprehension clauses that repeat the call, outermost first."""
    found = []
    for number, expr in enumerate(around.expressions[:-1]):
        if isinstance(expr, Comprehension):
            inner = around.expressions[number + 1 :]
            for clause in expr.clauses[: clause_of(expr, inner[0])]:
                depth = len(around.places)
                found.append(
                    EnclosingRepetition("comprehension", expr.span, clause.target, clause.iterable, depth, inner, expr, clause.is_async)
                )
    return found


def awaited_inside(frame: EnclosingRepetition) -> bool:
    """Whether each run of the call is awaited before the next one begins."""
    inside = (frame.is_async and frame.kind == "comprehension") or any(isinstance(expr, Await) for expr in frame.inner)
    return inside or frame.suspends


def is_suspended(around: Surroundings) -> bool:
    """Whether `async with` enters the result of a call, or `async for` walks it: the coroutine waits for it there as for an `await`."""
    statement, role = around.places[-1].statement, around.places[-1].role
    if isinstance(statement, With | For) and statement.is_async and role in ("item", "iterable"):
        return True
    pairs = zip(around.expressions, around.expressions[1:], strict=False)
    clauses = ((clause, inner) for outer, inner in pairs if isinstance(outer, Comprehension) for clause in outer.clauses)
    return any(clause.is_async and inner is clause.iterable for clause, inner in clauses)
