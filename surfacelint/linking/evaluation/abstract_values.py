"""Abstract values: what an expression may evaluate to, as far as linking can tell.

A set of values is a tuple without duplicates, in source order, so that results never depend on hashing. An empty tuple means *obscure*:
nothing is known, and nothing follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from surfacelint.facts.expressions import Argument
from surfacelint.system.records import HashedOnce, record

MOST_VALUES = 12
"""Longest set of values. An expression with more of them is a registry, and the first ones represent all."""

LONGEST_PATH = 160
"""Longest path of a library value, in characters. No API is that deep: a longer path comes from a cycle, and is obscure."""

LONGEST_STEPS = 80
"""Longest path of a parameter, in characters. A longer one comes from a cycle, and is obscure."""


@record(frozen=True, slots=True)
class Module:
    """A first-party module or package, by canonical name."""

    name: str


@record(frozen=True, slots=True)
class Function(HashedOnce):
    """A first-party function or lambda, by identifier `module:qualname`.

    `bound` holds what a closure captured: the values of the parameters of enclosing functions that it uses.
    """

    id: str
    bound: Bound = ()


@record(frozen=True, slots=True)
class Class:
    """A first-party class, by identifier. A `declared` one stands for its subclasses too: it comes from an annotation `type[X]`."""

    id: str
    declared: bool = False


@record(frozen=True, slots=True)
class Instance(HashedOnce):
    """An instance of a first-party class or of a subclass of it. An `exact` one comes from a constructor call, and is of no subclass.

    `via` is set for a receiver whose class has subclasses: the method whose receiver it is. Only subclasses that run this method
    are possible. `element` are the values that it holds, if it is a manager or query of the class that it was read from.
    """

    id: str
    exact: bool = False
    via: str = ""
    element: Values = ()


@record(frozen=True, slots=True)
class Method(HashedOnce):
    """A first-party function bound to a receiver."""

    id: str
    receiver: Instance | Class


@record(frozen=True, slots=True)
class External(HashedOnce):
    """A value from a library, by path (see `catalogue.schema`).

    `host` is the host of a client's `base_url`: a provider's name, `local`, `discounted` or `elsewhere`. For a client without one, it is
    what its requests share: `tier=flex`, `model=deepseek-chat`, or `model?=deepseek-chat` for a model that is a default. `element` are the
    values that it holds, of a collection or query of first-party objects: `Product.objects` holds instances of `Product`.
    """

    path: str
    host: str = ""
    element: Values = ()


@record(frozen=True, slots=True)
class Task:
    """A first-party function that was passed to a library decorator, or an attribute that a decorator gave to one.

    `path` is its path in the catalogue: `celery.app.task.Task()`, `celery.app.task.Task().delay`.
    """

    id: str
    path: str


@record(frozen=True, slots=True)
class Parameter(HashedOnce):
    """Whatever the caller passes for a parameter, with the steps of `path` applied to it."""

    id: str
    name: str
    path: str = ""

    @property
    def whole(self) -> Parameter:
        """The parameter without its path."""
        return Parameter(self.id, self.name)


@record(frozen=True, slots=True)
class Partial(HashedOnce):
    """A callable with some of its arguments; `scope` is the function that contains these."""

    function: Value
    arguments: tuple[Argument, ...]
    scope: str


@record(frozen=True, slots=True)
class Items(HashedOnce):
    """A list, tuple, set or dict with the values of each item. `keys` are the constant keys of a dict, aligned with the items.

    `called` are the classes and functions among the keys of a dict.
    """

    items: tuple[Values, ...]
    keys: tuple[str | None, ...] = ()
    called: Values = ()


@record(frozen=True, slots=True)
class WrittenContainer(HashedOnce):
    """A container that is written to after it is made: the variable or attribute `name` of the function or class `holder`.

    Its contents are evaluated only when something is taken out of it.
    """

    holder: str
    name: str


@record(frozen=True, slots=True)
class BuiltinMethod(HashedOnce):
    """A method of a container or a string, such as `registry.get`."""

    owner: Items | WrittenContainer | Text
    name: str


@record(frozen=True, slots=True)
class Super:
    """`super()` in the method `via` of a class."""

    id: str
    via: str = ""


@record(frozen=True, slots=True)
class Text:
    """A string, with `GAP` for each unknown part. A `default` applies unless whoever runs the program chooses another."""

    value: str
    default: bool = False


Value: TypeAlias = (
    Module
    | Function
    | Class
    | Instance
    | Method
    | External
    | Task
    | Parameter
    | Partial
    | Items
    | WrittenContainer
    | BuiltinMethod
    | Super
    | Text
)
Values: TypeAlias = tuple[Value, ...]
Bound: TypeAlias = tuple[tuple[Parameter, Values], ...]

NONE: Values = ()

GAP = "{}"
"""The placeholder for an unknown part of a string."""


def holds(value: Value, part: Value) -> bool:
    """Whether `value` is built from `part`: by further steps, as an item, by more text, or as a captured value."""
    match value, part:
        case External(path=path, element=()), External(path=start):
            return path != start and path.startswith(start) and path[len(start)] in ".(["
        case External(element=element), _ if element:
            return any(inner == part or holds(inner, part) for inner in element)
        case Parameter(path=path), Parameter(path=start):
            return value.whole == part.whole and path != start and path.startswith(start)
        case Text(value=text), Text(value=inner):
            return bool(inner) and text != inner and inner in text
        case Items(items=items), _:
            return any(inner == part or holds(inner, part) for item in items for inner in item)
        case Partial(function=function), _:
            return function == part or holds(function, part)
        case Function(bound=bound), _:
            return any(inner == part or holds(inner, part) for _, captured in bound for inner in captured)
        case _:
            return False


def union(parts: Iterable[Values]) -> Values:
    """Join sets of values in order."""
    known = [values for values in parts if values]
    if not known:
        return NONE
    if len(known) == 1 and len(known[0]) == 1:
        return known[0]
    found: dict[Value, None] = {}
    for values in known:
        for value in values:
            found[value] = None
            if len(found) >= MOST_VALUES:
                return tuple(found)
    return tuple(found)


def with_writes(values: Values, holder: str, name: str) -> Values:
    """Return the values of a variable or attribute that is bound to `values` and whose container is written to later."""
    return union([(WrittenContainer(holder, name),), tuple(value for value in values if not isinstance(value, Items))])


def external(path: str, host: str = "", element: Values = NONE) -> Values:
    """Return the value with a library path, obscure if the path is too long."""
    return (External(path, host, element),) if len(path) <= LONGEST_PATH else NONE


def listed(element: Values) -> Values:
    """Return a list of such items, obscure if nothing is known of them."""
    return (Items((element,)),) if element else NONE


def keyed(element: Values) -> Values:
    """Return a dict with such values under unknown keys, obscure if nothing is known of them."""
    return (Items((element,), (None,)),) if element else NONE


def extended(parameter: Parameter, step: str) -> Values:
    """Return a parameter with one more step on its path (`.name`, `()`, `[]` or a key), obscure if the path is too long."""
    return (Parameter(parameter.id, parameter.name, parameter.path + step),) if len(parameter.path) < LONGEST_STEPS else NONE


_SEGMENT = re.compile(r"\.\w+|\(\)|\[\]|\[\d+\]|\['\w+'\]|\('[^']*'\)")


@lru_cache(maxsize=20_000)
def segments(path: str) -> tuple[str, ...]:
    """Split the relative path of a `Parameter` into `.name`, `()`, `[]`, and items by key: `['name']`, `[0]`."""
    return tuple(_SEGMENT.findall(path))
