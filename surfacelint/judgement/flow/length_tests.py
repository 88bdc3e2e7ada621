"""Tests of lengths that bound collections: `if len(rows) > 10: raise`, `if len(rows) > 20: rows = rows[:20]`, `assert len(rows) < 5`."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import MIRRORED, Call, Choice, Composite, Constant, Expr, Name, Slice, Subscript, dotted
from surfacelint.facts.function_bodies import Assign, Augment, Evaluate, For, If, Statement
from surfacelint.judgement.flow.enclosing_statements import Block, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.flow.statement_definitions import leaves
from surfacelint.system.records import record

_MOST_IF = {True: frozenset({"<", "<=", "=="}), False: frozenset({">", ">=", "!="})}
"""Comparisons of a length with a number that bound it, by whether they hold."""


@record(frozen=True, slots=True)
class LengthBound:
    """After statement `index` of a block, the collection at the access path `path` has at most `limit` items, or it is `otherwise`.

    Without a limit, it is `otherwise`.
    """

    index: int
    path: str
    limit: Expr | None
    otherwise: Expr | None = None


_BOUNDS: IdentityMemo[tuple[LengthBound, ...]] = IdentityMemo()


def length_bounds(block: Block) -> tuple[LengthBound, ...]:
    """Return the bounds that the statements of a block set for what comes after them in the block."""
    return _BOUNDS.get((block,), lambda: tuple(_bounds(block)))


def _bounds(block: Block) -> Iterator[LengthBound]:
    lengths: dict[str, Expr] = {}
    for index, statement in enumerate(block):
        match statement:
            case Assign(targets=(Name(id=name),), value=Call(function=Name(id="len")) as value):
                lengths[name] = value
            case Evaluate(value=Composite() | Choice() as test):  # `assert`
                yield from (LengthBound(index, path, limit) for path, limit in bounds_if(test, lengths, holds=True))
            case If(test=test, body=body, orelse=()):
                yield from _optional(index, test, body)
                for path, limit in bounds_if(test, lengths, holds=False):
                    if leaves(body):
                        yield LengthBound(index, path, limit)
                    elif (otherwise := _replaced(path, body)) is not None:
                        yield LengthBound(index, path, limit, otherwise)
            case If(test=test, body=(*_, Assign(targets=(Name(id=name),), value=one)), orelse=(*_, Assign(targets=(target,), value=other))):
                # The same as a conditional expression.
                bounded = {dotted(part) for part in (one, other)} - {None}
                paths = {path for holds in (True, False) for path, _ in bounds_if(test, lengths, holds=holds)}
                if target == Name(name) and bounded & paths and len(statement.body) == len(statement.orelse) == 1:
                    yield LengthBound(index, name, None, Choice((one, other), (test,)))
            case _:
                pass


def bounds_if(test: Expr, lengths: dict[str, Expr], *, holds: bool) -> Iterator[tuple[str, Expr]]:
    """Yield what a test bounds if it holds, or fails: access paths of collections, with the most items. `lengths` are names of lengths."""
    match test:
        case Composite(operator="not", parts=(part,)):
            yield from bounds_if(part, lengths, holds=not holds)
        case Choice(options=(limit, *options), operator="and") if not holds and len(options) == 1:
            # `if limit and len(rows) > limit`: a limit of zero or `None` has no known value.
            yield from ((path, number) for path, number in bounds_if(options[0], lengths, holds=False) if _is_given(limit, number))
        case Choice(options=options, operator="and" | "or" as operator) if (operator == "and") == holds:
            for option in options:
                yield from bounds_if(option, lengths, holds=holds)
        case Composite(operator=operator, parts=(left, right)) if operator in MIRRORED:
            for length, number, compared in ((left, right, operator), (right, left, MIRRORED[operator])):
                path = _measured(lengths.get(length.id, length) if isinstance(length, Name) else length)
                if path and compared in _MOST_IF[holds]:
                    yield path, number
        case _:
            pass


def _is_given(test: Expr, limit: Expr) -> bool:
    """Whether a test tells whether there is a limit: `limit`, `limit is not None`, `limit > 0`."""
    match test:
        case Composite(operator="is not" | ">" | "!=", parts=(value, Constant(value=None | 0))):
            return value == limit
        case _:
            return test == limit


def _optional(index: int, test: Expr, body: Block) -> Iterator[LengthBound]:
    """Yield the bounds of `if limit: rows = rows[:limit]`: the limit bounds the rows if it has a known value."""
    for statement in body:
        match statement:
            case Assign(targets=(target,), value=Subscript(value=value, index=Slice(lower=None, upper=limit, step=None))):
                path = dotted(target) or ""
                if limit is not None and target == value and path and _is_given(test, limit) and _replaced(path, body) is not None:
                    yield LengthBound(index, path, limit)
            case _:
                pass


def _measured(expr: Expr) -> str:
    """Return the access path of the collection whose length an expression is, empty if it is none."""
    match expr:
        case Call(function=Name(id="len"), arguments=(argument,)):
            return dotted(argument.value) or ""
        case _:
            return ""


def _replaced(path: str, body: Block) -> Expr | None:
    """Return what a block sets a name to, if exactly one of its statements sets it, outside of nested blocks."""
    setting = [statement for statement in statements_in(body) if any(dotted(target) == path for target in _targets(statement))]
    only = setting[0] if len(setting) == 1 else None
    return only.value if isinstance(only, Assign) and any(only is statement for statement in body) else None


def _targets(statement: Statement) -> tuple[Expr, ...]:
    match statement:
        case Assign(targets=targets):
            return targets
        case Augment(target=target) | For(target=target):
            return (target,)
        case _:
            return ()
