"""Blocks as they run if some tests are known to hold or to fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeAlias

from surfacelint.facts.expressions import Choice, Expr, Position, Span, walk
from surfacelint.facts.function_bodies import If, Leave, Raise, Return, Statement
from surfacelint.judgement.flow.enclosing_statements import Block, expressions_of, statements_in

Decide: TypeAlias = Callable[[Expr], bool | None]
"""Returns whether a test holds, `None` if it may do either."""


def branch_tests(block: Block) -> Iterator[Expr]:
    """Yield the tests of the `if` statements in a block, nested ones too."""
    return (statement.test for statement in statements_in(block) if isinstance(statement, If))


def choice_tests(block: Block) -> Iterator[Expr]:
    """Yield the tests of the conditional expressions in a block."""
    for statement in statements_in(block):
        for _, expr in expressions_of(statement):
            for part in walk(expr):
                if isinstance(part, Choice):
                    yield from part.tests


def decided(block: Block, decide: Decide) -> Block:
    """Return a block without the branches, and the options of conditional expressions, that do not run by `decide`."""
    found: list[Statement] = []
    for statement in block:
        holds = decide(statement.test) if isinstance(statement, If) else None
        if isinstance(statement, If) and holds is not None:
            found += decided(statement.body if holds else statement.orelse, decide)
        else:
            found.append(_rewritten(statement, decide))
        if found and isinstance(found[-1], Leave | Return | Raise):
            break
    is_same = len(found) == len(block) and all(one is other for one, other in zip(found, block, strict=True))
    return block if is_same else tuple(found)


def _rewritten(fact: Any, decide: Decide) -> Any:
    """Return a statement, an expression or a tuple of them with only what may run; the same object if nothing changes."""
    if isinstance(fact, tuple):
        if fact and isinstance(fact[0], Statement):
            return decided(fact, decide)
        parts = tuple([_rewritten(each, decide) for each in fact])
        return fact if all(one is other for one, other in zip(parts, fact, strict=True)) else parts
    if isinstance(fact, Choice) and len(fact.tests) == 1 and len(fact.options) == 2:
        holds = decide(fact.tests[0])
        if holds is not None:
            return _rewritten(fact.options[0 if holds else 1], decide)
    changes = {}
    kind: type = type(fact)
    for name in _parts(kind):
        before = getattr(fact, name)
        after = _rewritten(before, decide)
        if after is not before:
            changes[name] = after
    return replace(fact, **changes) if changes else fact


@cache
def _parts(kind: type) -> tuple[str, ...]:
    """Return the names of the fields of a kind of fact; nothing for plain values and places."""
    return tuple([field.name for field in fields(kind)]) if is_dataclass(kind) and not issubclass(kind, Span | Position) else ()
