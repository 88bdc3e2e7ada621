"""Origin of the items of an iterable, within one function: the call or the name that they come from."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import field
from itertools import islice
from typing import TypeAlias

from surfacelint.facts.expressions import (
    Attribute,
    Await,
    Call,
    Choice,
    Collection,
    Comprehension,
    Constant,
    Expr,
    Lambda,
    Mapping,
    Name,
    Slice,
    Starred,
    Subscript,
    children,
    dotted,
)
from surfacelint.judgement.flow.question_stack import answered
from surfacelint.judgement.flow.reaching_definitions import ProgramPoint, ReachingDefinitions
from surfacelint.judgement.flow.statement_definitions import Definition
from surfacelint.system.records import record

_WRAPPERS = tuple(Name(name) for name in ("list", "set", "sorted", "tuple", "enumerate", "reversed"))
"""Functions that return the items of their argument unchanged."""

_PART_METHODS = frozenset({"get", "split", "items", "keys", "values", "pop"})
"""Methods that return a part of their receiver, whatever their arguments are."""

_NEUTRAL = "nothing"
"""Description of a value without items, or with the few that the code lists: it does not contradict other descriptions."""


@record(frozen=True, slots=True)
class Origin:
    """The name that items come from, which the function does not set itself.

    If `is_field`, the items are in a field of its value. If `is_made`, a call makes the items from it, or they are in one of
    several entries.
    """

    name: str
    is_field: bool
    is_made: bool = False


@record(frozen=True, slots=True)
class OriginMemo:
    """Memo for one function: descriptions and origins of names at points of its body."""

    made: dict[tuple[str, ProgramPoint], str] = field(default_factory=dict)
    origins: dict[tuple[str, ProgramPoint], Origin | None] = field(default_factory=dict)


@record(frozen=True, slots=True)
class IterationStart:
    """The state of a function before an iteration begins.

    `definitions` may have run. `parameters` have a value from the caller. `opens` tells calls that read a file: the file name says
    nothing about its items. `describe` returns what the items of an expression are, empty if unknown. `known` is the function's memo.
    """

    definitions: ReachingDefinitions
    parameters: frozenset[str]
    opens: Callable[[Call], bool]
    describe: Callable[[Expr], str]
    known: OriginMemo


_Question: TypeAlias = tuple[str, int]
"""A name, and the number of the definition before which its value is in question."""


def description_of(expr: Expr, before: IterationStart) -> str:
    """Return the description of what the items of `expr` are made of, if it is known on every path of the code; else empty.

    Only expressions that are evaluated once for the whole loop count.
    """
    answers: dict[_Question, str] = {}
    run = _description_of(expr, len(before.definitions), before)
    found = ""
    try:
        question = next(run)
        while True:
            question = run.send(answered(question, lambda asked: _value_of(*asked, before), answers))
    except StopIteration as done:
        found = done.value
    return "" if found == _NEUTRAL else found


def _description_of(expr: Expr, position: int, before: IterationStart) -> Generator[_Question, str, str]:
    """Return the description of the items of `expr` before the definition with number `position`."""
    if _is_empty(expr):
        return _NEUTRAL
    parts = _evaluated_once(expr, before.opens)
    for part in parts:
        found = before.describe(part)
        if found:
            return found
    for path in sorted({path for part in parts for path in [dotted(part)] if path is not None}):
        found = yield path, position
        if found not in ("", _NEUTRAL):
            return found
    return _NEUTRAL if _is_display(expr) else ""


def _value_of(path: str, position: int, before: IterationStart) -> Generator[_Question, str, str]:
    """Return the description of what a name holds, whichever definition set it last; empty if one of them has no description."""
    last = next(before.definitions.of(path, position), None)
    if last is None:
        return "" if path.partition(".")[0] in before.parameters else _NEUTRAL
    number, definition = last
    spot = (path, before.definitions.spot(number + 1))
    known = before.known.made.get(spot)
    if known is None:
        known = before.known.made[spot] = yield from _value_after(path, number, definition, before)
    return known


def _value_after(path: str, number: int, definition: Definition, before: IterationStart) -> Generator[_Question, str, str]:
    """Return the description of what a name holds after `definition`, joined with earlier values if it is not certain to run."""
    answer = _NEUTRAL
    if definition.adds and not definition.loops:
        return (yield path, number)  # one item more
    for value in definition.loops or (definition.value,):
        found = yield from _description_of(value, number, before)
        if not found:
            return ""
        answer = found if found != _NEUTRAL else answer
    if definition.certain and answer != _NEUTRAL:
        return answer
    earlier = yield path, number
    if definition.certain:
        return earlier or _NEUTRAL  # the other branch of an `if` may have set it
    return answer if earlier == _NEUTRAL else earlier


def _is_empty(expr: Expr) -> bool:
    return expr == Constant(None) or (isinstance(expr, Collection) and not expr.items) or (isinstance(expr, Mapping) and not expr.keys)


def _is_display(expr: Expr) -> bool:
    """Whether an expression lists its items, so that its form shows how few they are."""
    return isinstance(expr, Collection) and not any(isinstance(item, Starred) for item in expr.items)


def _evaluated_once(expr: Expr, opens: Callable[[Call], bool]) -> list[Expr]:
    """Return the parts of an expression that are evaluated once, not once per item."""
    found: list[Expr] = []
    stack = [expr]
    while stack:
        here = stack.pop()
        found.append(here)
        if isinstance(here, Comprehension):
            stack += [clause.iterable for clause in here.clauses]
        elif not isinstance(here, Lambda) and not (isinstance(here, Call) and opens(here)):
            stack += children(here)
    return found


def origin_of(expr: Expr, before: IterationStart) -> Origin | None:
    """Return the name that the items of `expr` come from, followed through assignments, first arguments and receivers.

    Return `None` at a call that reads a file, and at a name that several statements may have set last.
    """
    here, position = expr, len(before.definitions)
    steps: list[_Step | tuple[str, ProgramPoint]] = []
    found: Origin | None = None
    while True:
        if isinstance(here, Name):
            last = list(islice(before.definitions.of(here.id, position), 2))
            spot = (here.id, before.definitions.spot(last[0][0] + 1 if last else 0))
            if not last or spot in before.known.origins:
                found = before.known.origins[spot] if last else Origin(here.id, is_field=False)
                break
            position, definition = last[0]
            steps.append(spot)
            if not (definition.certain or definition.loops or len(last) == 1):
                break
            here = (definition.loops or (definition.value,))[0]
            continue
        step = None if isinstance(here, Call) and before.opens(here) else _source_step(here)
        if step is None:
            break
        steps.append(step)
        here = step.expr
    for each in reversed(steps):
        if not isinstance(each, _Step):
            before.known.origins[each] = found
        elif found is not None:
            found = Origin(found.name, found.is_field or each.is_field, found.is_made or each.is_made)
    return found


@record(frozen=True, slots=True)
class _Step:
    expr: Expr
    is_field: bool = False
    is_made: bool = False


def _source_step(expr: Expr) -> _Step | None:
    """Return the expression that `expr` takes its items from, `None` if it makes them itself."""
    match expr:
        case Call(function=Attribute(attr=attr), arguments=(argument, *_)) if attr not in _PART_METHODS or argument.name is not None:
            return _Step(argument.value, is_made=True)
        case Call(function=Attribute(value=value, attr=attr), arguments=arguments):
            is_field = attr == "get" or (
                attr == "pop" and any(isinstance(each.value, Constant) and isinstance(each.value.value, str) for each in arguments)
            )
            return _Step(value, is_field, is_made=attr == "pop" and not is_field)
        case Call(function=function, arguments=(argument, *_)):
            return _Step(argument.value, is_made=function not in _WRAPPERS)
        case Attribute(value=value):
            return _Step(value, is_field=True)
        case Subscript(value=value, index=index):
            is_field = isinstance(index, Constant) and isinstance(index.value, str)
            return _Step(value, is_field, is_made=not is_field and not isinstance(index, Slice))
        case Await(value=value) | Starred(value=value) | Choice(options=(value, *_)):
            return _Step(value)
        case Comprehension(clauses=(clause, *inner)):
            return _Step(clause.iterable, is_made=bool(inner))
        case _:
            return None
