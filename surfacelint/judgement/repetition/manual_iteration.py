"""Manual iteration: loops that fetch their items themselves, by an index, from a worklist, or with `next(…)`."""

from __future__ import annotations

from surfacelint.facts.expressions import Argument, Attribute, Call, Composite, Constant, Expr, Name, walk
from surfacelint.facts.function_bodies import Augment, While
from surfacelint.judgement.flow.access_paths import access_path, assigned_paths, first_overlap, reads
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Block, expressions_in, expressions_of, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo


def iteration_variables(frame: EnclosingRepetition) -> set[str]:
    """Return the access paths with which a `while` loop iterates over its items: `i` of `while i < len(rows)`, a worklist."""
    node = frame.node
    return set(_VARIABLES.get((node,), lambda: frozenset(_iteration_variables(node)))) if isinstance(node, While) else set()


_VARIABLES: IdentityMemo[frozenset[str]] = IdentityMemo()


def _iteration_variables(node: While) -> set[str]:
    """Return the access paths that a `while` loop tests and that its body advances or takes items from."""
    tested = reads(node.test)
    found: set[str] = set()
    for statement in statements_in(node.body):
        if isinstance(statement, Augment) and isinstance(statement.value, Constant):
            found |= assigned_paths(statement.target) & tested if _compares(node.test) else set()
        for _, expr in expressions_of(statement):
            owners = {owner for part in walk(expr) if (owner := _taken_from(part)) is not None}
            found |= {owner for owner in owners if first_overlap({owner}, tested) is not None}
    return found


_SOURCES: IdentityMemo[frozenset[str]] = IdentityMemo()


def item_sources(block: Block) -> frozenset[str]:
    """Return the access paths that a block takes one item from per run: `next(rows)`, `queue.get()`, `rows.pop()`."""
    return _SOURCES.get((block,), lambda: frozenset(owner for part in expressions_in(block) if (owner := _taken_from(part)) is not None))


def _compares(test: Expr) -> bool:
    return any(isinstance(part, Composite) and part.operator in ("<", "<=", ">", ">=", "!=") for part in walk(test))


def _taken_from(part: Expr) -> str | None:
    """Return the access path that a call takes one item from, `None` if it takes none."""
    if not isinstance(part, Call):
        return None
    if part.function == Name("next") and part.arguments:
        return access_path(part.arguments[0].value)
    if not isinstance(part.function, Attribute):
        return None
    positional = [argument for argument in part.arguments if argument.name is None]
    # `get("name")`, `pop("name")` and `pop(name, None)` are lookups.
    match positional:
        case []:
            takes = part.function.attr in ("pop", "popleft", "get", "get_nowait")
        case [Argument(value=Constant(value=int()))]:
            takes = part.function.attr == "pop"
        case _:
            takes = False
    return access_path(part.function.value) if takes else None
