"""Rows about values: what calls return, which paths mean the same, and what decorators and methods do to objects."""

from __future__ import annotations

from typing import Literal, TypeAlias

from surfacelint.system.records import record

Holds: TypeAlias = Literal["", "receiver", "argument", "rows"]
"""Where a collection or query gets what it holds from."""


@record(frozen=True, slots=True)
class Returns:
    """The value of the call or attribute at `path`.

    `value` is one of:

    - a path: a new type.
    - `receiver`: the same object.
    - `argument`: its first argument, wrapped.
    - `result`: the result of calling its first argument, as in dependency injection.
    - `entered`: what a `with` statement binds for its first argument.
    - `instance`: an instance of the class that is its first argument.
    - `item`, `items`, `named-items`, `item-and-more`: one of the objects that the receiver holds, a list or a dict of them, or a tuple
      that begins with one.

    `holds` says what the new value holds: what the `receiver` or the first `argument` holds, or `rows` of what the argument holds. A class
    holds its instances, and an object holds itself. `keyword` names the argument where it is not the first positional one.
    """

    path: str
    value: str
    keyword: str = ""
    holds: Holds = ""


@record(frozen=True, slots=True)
class Alias:
    """Other spellings (`paths`) of the path `of`: the same object, or one that behaves the same."""

    of: str
    paths: tuple[str, ...]


@record(frozen=True, slots=True)
class Decorated:
    """The type (`of`) that a function becomes under a decorator at one of `paths`.

    If the decorator gets the keyword named by `bind` (`bind=True`), the function's first parameter has that type too. Called as a
    function, the decorator gets the function first, or by one of `keywords`. A call of `of` itself is the path `of` with `.__call__`. The
    methods `runs` run the function where they are called; others that run or start it are repetition rows, and the rest do neither.
    """

    of: str
    paths: tuple[str, ...]
    bind: str = ""
    keywords: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class StoringMethod:
    """A method that stores its arguments in its receiver, which returns them later: the history of a chat."""

    name: str
    paths: tuple[str, ...]


@record(frozen=True, slots=True)
class Assembly:
    """An object at one of `paths` that runs the parts that were added to it, such as a pipeline of components.

    `add` is the method that adds a part, by position `argument` or by `keyword`. Each of the methods `runs` calls the method of the same
    name of every part. Only generation requests count: a part that takes lists gets what the parts before it produce.
    """

    name: str
    paths: tuple[str, ...]
    add: str
    argument: int
    keyword: str
    runs: tuple[str, ...]
