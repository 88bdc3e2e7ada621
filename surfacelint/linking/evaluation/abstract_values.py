"""What an expression may evaluate to, as far as linking can tell.

A set of values is a tuple without duplicates in the order in which the source says them, so that results never depend on hashing. An empty
tuple means *obscure*: nothing is known, and nothing follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from surfacelint.facts.expressions import Argument
from surfacelint.system.records import HashedOnce, record

MOST_VALUES = 12
"""Sets are cut here: an expression with more possible values is a registry, and the first few stand for all."""

LONGEST_PATH = 160
"""External paths longer than this are obscure: no API is that deep, only a cycle makes one."""

LONGEST_STEPS = 80
"""Characters of what is taken of a parameter; more of it is a cycle."""


@record(frozen=True, slots=True)
class Module:
    """A first-party module or package, by canonical name."""

    name: str


@record(frozen=True, slots=True)
class Function(HashedOnce):
    """A first-party function or lambda, by identifier `module:qualname`.

    One that another function made and gave away has `bound`: what that was given for the parameters which this one uses.
    """

    id: str
    bound: Bound = ()


@record(frozen=True, slots=True)
class Class:
    """A first-party class, by identifier."""

    id: str


@record(frozen=True, slots=True)
class Instance(HashedOnce):
    """An instance of a first-party class or of a subclass of it; an `exact` one was seen being made.

    `via` is the method whose receiver it is, where there are subclasses: only those that run this method can be meant.
    """

    id: str
    exact: bool = False
    via: str = ""


@record(frozen=True, slots=True)
class Method(HashedOnce):
    """A first-party function bound to a receiver."""

    id: str
    receiver: Instance | Class


@record(frozen=True, slots=True)
class External(HashedOnce):
    """Something of a library, by path (see `catalogue.schema`).

    `host` is where a client's `base_url` leads: a provider's name, or `local`.
    """

    path: str
    host: str = ""


@record(frozen=True, slots=True)
class Task:
    """An attribute of a first-party function that a library decorated.

    `path` as the catalogue spells it (`celery.app.task.Task().delay`).
    """

    id: str
    path: str


@record(frozen=True, slots=True)
class Parameter(HashedOnce):
    """Whatever the caller passes for a parameter, and then `path` of it."""

    id: str
    name: str
    path: str = ""

    @property
    def whole(self) -> Parameter:
        """The parameter itself, whatever of it is meant."""
        return Parameter(self.id, self.name)


@record(frozen=True, slots=True)
class Partial(HashedOnce):
    """A callable with some arguments given; `scope` is the function in which these stand."""

    function: Value
    arguments: tuple[Argument, ...]
    scope: str


@record(frozen=True, slots=True)
class Items(HashedOnce):
    """A display or comprehension: the values of each item. `keys` are the constant keys of a dict, aligned with the items."""

    items: tuple[Values, ...]
    keys: tuple[str | None, ...] = ()


@record(frozen=True, slots=True)
class Filled(HashedOnce):
    """A container that is put into after it is made: the name or attribute `name` of the function or class `holder`.

    What is in it is only looked at when something is taken out of it.
    """

    holder: str
    name: str


@record(frozen=True, slots=True)
class Member(HashedOnce):
    """A method of a container or of a text, such as `registry.get`."""

    container: Items | Filled | Text
    name: str


@record(frozen=True, slots=True)
class Super:
    """`super()` in the method `via` of the class."""

    id: str
    via: str = ""


@record(frozen=True, slots=True)
class Text:
    """A string, with `GAP` in place of what is not known of it."""

    value: str


Value: TypeAlias = (
    Module | Function | Class | Instance | Method | External | Task | Parameter | Partial | Items | Filled | Member | Super | Text
)
Values: TypeAlias = tuple[Value, ...]
Bound: TypeAlias = tuple[tuple[Parameter, Values], ...]

NONE: Values = ()

GAP = "{}"
"""What stands in a text for a part that is not known."""


def holds(value: Value, part: Value) -> bool:
    """Whether a value is made of another one: by one more attribute or call, as an item, by more text or by bound arguments."""
    match value, part:
        case External(path=path), External(path=start):
            return path != start and path.startswith(start) and path[len(start)] in ".(["
        case Parameter(path=path), Parameter(path=start):
            return value.whole == part.whole and path != start and path.startswith(start)
        case Text(value=text), Text(value=inner):
            return bool(inner) and text != inner and inner in text
        case Items(items=items), _:
            return any(inner == part or holds(inner, part) for item in items for inner in item)
        case Partial(function=function), _:
            return function == part or holds(function, part)
        case Function(bound=bound), _:
            return any(inner == part or holds(inner, part) for _, kept in bound for inner in kept)
        case _:
            return False


def union(parts: Iterable[Values]) -> Values:
    """Join sets of values in order."""
    known = [values for values in parts if values]
    if len(known) == 1 and len(known[0]) == 1:
        return known[0]
    found: dict[Value, None] = {}
    for values in known:
        for value in values:
            found[value] = None
            if len(found) >= MOST_VALUES:
                return tuple(found)
    return tuple(found)


def filled(values: Values, holder: str, name: str) -> Values:
    """Return what a name or attribute is that is bound to `values` and then put into."""
    return union([(Filled(holder, name),), tuple(value for value in values if not isinstance(value, Items))])


def external(path: str, host: str = "") -> Values:
    """Return the value of a library path, obscure if it is too long."""
    return (External(path, host),) if len(path) <= LONGEST_PATH else NONE


def taken(parameter: Parameter, step: str) -> Values:
    """Return what is taken of a parameter by one more step (`.name`, `()` or `[]`), obscure if there are too many."""
    return (Parameter(parameter.id, parameter.name, parameter.path + step),) if len(parameter.path) < LONGEST_STEPS else NONE


_SEGMENT = re.compile(r"\.\w+|\(\)|\[\]|\[\d+\]|\['\w+'\]|\('[^']*'\)")


def segments(path: str) -> list[str]:
    """Split the relative path of a `Parameter` into `.name`, `()`, `[]`, and items by key: `['name']`, `[0]`."""
    return _SEGMENT.findall(path)
