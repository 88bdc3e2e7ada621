"""Where the items of an iterable come from, within one function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
from surfacelint.judgement.dataflow import Setters
from surfacelint.judgement.definitions import Definition
from surfacelint.records import record

_WRAPPERS = tuple(Name(name) for name in ("list", "set", "sorted", "tuple", "enumerate", "reversed"))
"""What gives the items of its argument as they are."""

_TAKES = frozenset({"get", "split", "items", "keys", "values", "pop"})
"""Methods that take a part of their receiver, whatever their arguments are."""

_NEUTRAL = "nothing"


@record(frozen=True, slots=True)
class Origin:
    """Where items come from in a function: `name` is a name that it does not set itself.

    `is_field` says that the items are in a field of what it holds, `is_made`
    that a call makes the items from it, or that they are in one of several entries.
    """

    name: str
    is_field: bool
    is_made: bool = False


@record(frozen=True, slots=True)
class Before:
    """What has run before an iterable is walked over: what `setters` find.

    `parameters` have a value from outside, and calls that `opens` tells read a file, of which its name says nothing.
    """

    setters: Setters
    parameters: frozenset[str]
    opens: Callable[[Call], bool]


def made_of(expr: Expr, before: Before, gives: Callable[[Expr], str]) -> str:
    """Return what `gives` says of an expression that the items of `expr` come from, whichever way the code took; else an empty text.

    Only what is evaluated once for the loop counts.
    """
    found = _made_of(expr, len(before.setters), before, gives, {})
    return "" if found == _NEUTRAL else found


def _made_of(expr: Expr, position: int, before: Before, gives: Callable[[Expr], str], known: dict[tuple[str, int], str]) -> str:
    if _is_empty(expr):
        return _NEUTRAL
    parts = _once(expr, before.opens)
    for part in parts:
        found = gives(part)
        if found:
            return found
    for key in sorted({key for part in parts for key in [dotted(part)] if key is not None}):
        if (key, position) not in known:
            known[key, position] = ""
            known[key, position] = _set(key, position, before, gives, known)
        if known[key, position] not in ("", _NEUTRAL):
            return known[key, position]
    return ""


def _set(key: str, position: int, before: Before, gives: Callable[[Expr], str], known: dict[tuple[str, int], str]) -> str:
    """Return what a key holds whoever set it last; empty where one of those who may have holds something else."""
    answer = _NEUTRAL
    for number, definition in before.setters.of(key, position):
        for value in definition.loops or (definition.value,):
            found = _made_of(value, number, before, gives, known)
            if not found:
                return ""
            answer = found if found != _NEUTRAL else answer
        if definition.certain:
            return answer
    return "" if key.partition(".")[0] in before.parameters else answer


def _is_empty(expr: Expr) -> bool:
    return expr == Constant(None) or (isinstance(expr, Collection) and not expr.items) or (isinstance(expr, Mapping) and not expr.keys)


def _once(expr: Expr, opens: Callable[[Call], bool]) -> list[Expr]:
    """Return the parts of an expression that are evaluated once where it is, and not once for each item."""
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


def origin_of(expr: Expr, before: Sequence[Definition], opens: Callable[[Call], bool]) -> Origin | None:
    """Return the name behind what `expr` walks over, followed through assignments, its first argument or its receiver.

    Calls that `opens` tells end the walk, and so does a name that several statements may have set last.
    """
    here, position, is_field, is_made = expr, len(before), False, False
    setters = Setters(before)
    while True:
        if isinstance(here, Name):
            found = list(setters.of(here.id, position))
            if not found:
                return Origin(here.id, is_field, is_made)
            position, definition = found[0]
            if not (definition.certain or definition.loops or len(found) == 1):
                return None
            here = (definition.loops or (definition.value,))[0]
            continue
        if isinstance(here, Call) and opens(here):
            return None
        step = _behind(here)
        if step is None:
            return None
        is_field = is_field or step.is_field
        is_made = is_made or step.is_made
        here = step.expr


@record(frozen=True, slots=True)
class _Step:
    expr: Expr
    is_field: bool = False
    is_made: bool = False


def _behind(expr: Expr) -> _Step | None:
    """Return what `expr` takes its items from."""
    match expr:
        case Call(function=Attribute(attr=attr), arguments=(argument, *_)) if attr not in _TAKES or argument.name is not None:
            return _Step(argument.value, is_made=True)
        case Call(function=Attribute(value=value, attr=attr)):
            return _Step(value, is_field=attr == "get")
        case Call(function=function, arguments=(argument, *_)):
            return _Step(argument.value, is_made=function not in _WRAPPERS)
        case Attribute(value=value):
            return _Step(value, is_field=True)
        case Subscript(value=value, index=index):
            is_field = isinstance(index, Constant) and isinstance(index.value, str)
            return _Step(value, is_field, is_made=not is_field and not isinstance(index, Slice))
        case Await(value=value) | Starred(value=value) | Choice(options=(value, *_)):
            return _Step(value)
        case Comprehension(clauses=(clause, *_)):
            return _Step(clause.iterable)
        case _:
            return None
