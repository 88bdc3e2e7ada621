"""Flags that tell later code of an error: `bad = False`, then `bad = True` in an `except` block, then `if bad:`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from surfacelint.facts.expressions import Attribute, Composite, Constant, Expr, Name, Position
from surfacelint.facts.function_bodies import Assign, Handler, If, Try
from surfacelint.judgement.flow.enclosing_statements import Block, EnclosingStatement, blocks_of
from surfacelint.linking.evaluation.conditions import OPPOSITES, satisfies
from surfacelint.system.records import record

IsAbout = Callable[[Handler], bool]
"""Whether a handler is one of the errors in question."""


@record(frozen=True, slots=True)
class _Test:
    """A test of one name or attribute."""

    subject: Expr
    operator: str
    value: Constant


@record(frozen=True, slots=True)
class _Assigned:
    """A value that is assigned, in a `handler` of an error, or in the body of a `try` that has one (`tried`)."""

    value: Expr
    place: Position
    handler: Handler | None
    tried: Handler | None


def flagging_handler(place: EnclosingStatement, block: Block, is_about: IsAbout) -> Handler | None:
    """Return the handler that must have run for the branch in `place` to run, by a flag that statements of `block` assign.

    Only the handler turns the flag on, or what a `try` makes without an error turns it off.
    """
    statement = place.statement
    if not isinstance(statement, If) or place.role not in ("body", "orelse"):
        return None
    test = _test(statement.test, holds=place.role == "body")
    if test is None:
        return None
    start = statement.span.start
    assigned = [each for each in _assignments(test.subject, block, is_about, None, None) if each.place < start]
    on = [each for each in assigned if isinstance(each.value, Constant) and satisfies(each.value, test.operator, test.value)]
    made = [each for each in assigned if not isinstance(each.value, Constant)]
    if any(each.tried is None for each in made):
        return None
    if made:
        return made[0].tried if on else None
    return on[0].handler if on and all(each.handler is not None for each in on) else None


def _test(test: Expr, *, holds: bool) -> _Test | None:
    match test:
        case Composite(operator="not", parts=(part,)):
            return _test(part, holds=not holds)
        case Composite(operator="==" | "!=" | "is" | "is not" as operator, parts=(subject, Constant() as value)) if _is_name(subject):
            return _Test(subject, operator if holds else OPPOSITES[operator], value)
        case _:
            return _Test(test, "true" if holds else "false", Constant(None)) if _is_name(test) else None


def _is_name(expr: Expr) -> bool:
    return isinstance(expr, Name | Attribute)


def _assignments(subject: Expr, block: Block, is_about: IsAbout, handler: Handler | None, tried: Handler | None) -> Iterator[_Assigned]:
    for statement in block:
        if isinstance(statement, Assign) and subject in statement.targets:
            yield _Assigned(statement.value, statement.span.start, handler, tried)
        if isinstance(statement, Try):
            found = next((each for each in statement.handlers if is_about(each)), None)
            yield from _assignments(subject, statement.body, is_about, handler, tried or found)
            for each in statement.handlers:
                yield from _assignments(subject, each.body, is_about, each if is_about(each) else handler, tried)
            yield from _assignments(subject, (*statement.orelse, *statement.final), is_about, handler, tried)
        else:
            for _, inner in blocks_of(statement):
                yield from _assignments(subject, inner, is_about, handler, tried)
