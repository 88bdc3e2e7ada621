"""Facts as JSON and back. The schema is that of the dataclasses: functions are generated from their fields and types.

A value becomes a table: one row for each dataclass in it, inner ones first, `[kind, field, …]`, where other dataclasses are numbers of
rows. So what is one object stays one object, nothing is nested, and nothing recurses in decoding. Positions and spans, of which there are
most, are numbers in place. JSON because no bytes whatever can make its reader run or crash; that each field is of its type is checked.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, Literal, NoReturn, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from surfacelint.facts.expressions import Position, Span

_Fact = TypeVar("_Fact")

_Encoder: TypeAlias = Callable[[Any, Callable[[Any], int]], list[Any]]

_SCALARS = (str, int, float, bool, NoneType)
_INLINE = {Position: 2, Span: 4}
"""Classes that are written in place, as so many numbers."""


class CodecError(ValueError):
    """Something that was not written by this codec."""


class Codec(Generic[_Fact]):
    """Writes and reads values of one dataclass, and of all that its fields lead to."""

    def __init__(self, root: type[_Fact]) -> None:
        """`root` is a frozen dataclass with slots, and so is all that its fields name."""
        self._root = root
        kinds = _reachable(root)
        self._encoders = _Encoders({kind: number for number, kind in enumerate(kinds)})
        self._decoders = [_decoder(kind) for kind in kinds]

    def encode(self, fact: _Fact) -> list[Any]:
        """Return the table of a fact. Raises RecursionError where it is nested too deeply."""
        rows: list[Any] = []
        numbers: dict[int, int] = {}
        encoders = self._encoders

        def number(value: Any) -> int:
            known = numbers.get(id(value))
            if known is None:
                row = encoders[value.__class__](value, number)
                known = numbers[id(value)] = len(rows)
                rows.append(row)
            return known

        number(fact)
        return rows

    def decode(self, rows: Any) -> _Fact:
        """Return the fact whose table `rows` is. Raises CodecError where it is none."""
        decoders = self._decoders
        found: list[Any] = []
        try:
            for row in rows:
                found.append(decoders[row[0]](row, found))
        except (TypeError, IndexError, KeyError, ValueError) as error:
            raise CodecError(str(error)) from None
        if not found or type(found[-1]) is not self._root:
            raise CodecError("holds something else")
        last: _Fact = found[-1]
        return last

    def dumps(self, fact: _Fact) -> bytes:
        """Return a fact as bytes. Raises ValueError or RecursionError for one that cannot be written."""
        return json.dumps(self.encode(fact), separators=(",", ":")).encode("ascii")

    def loads(self, data: bytes) -> _Fact:
        """Return the fact that `data` holds. Raises CodecError for whatever else it holds."""
        try:
            rows = json.loads(data)
        except (ValueError, RecursionError, MemoryError) as error:
            raise CodecError(str(error)) from None
        return self.decode(rows)


_CODECS: dict[type, Codec[Any]] = {}


def codec(root: type[_Fact]) -> Codec[_Fact]:
    """Return the codec of a dataclass, made once."""
    if root not in _CODECS:
        _CODECS[root] = Codec(root)
    return _CODECS[root]


@cache
def _hints(kind: Any) -> dict[str, Any]:
    module = sys.modules[kind.__module__]
    hints: dict[str, Any] = get_type_hints(kind, vars(module))
    return {column.name: hints[column.name] for column in fields(kind)}


def _classes(hint: Any) -> list[type]:
    """Return the classes that a type hint names, those inside of tuples and unions too."""
    if get_origin(hint) is Literal:
        return []
    if get_origin(hint) in (tuple, Union, UnionType):
        return [kind for part in get_args(hint) if part is not Ellipsis for kind in _classes(part)]
    return [hint]


def _reachable(root: Any) -> list[Any]:
    """Return the dataclasses that need rows, in an order that depends on the code alone."""
    found: dict[Any, None] = {root: None}
    waiting = [root]
    while waiting:
        for hint in _hints(waiting.pop()).values():
            for kind in _classes(hint):
                if kind not in found and kind not in _SCALARS and kind not in _INLINE:
                    found[kind] = None
                    waiting.append(kind)
    return list(found)


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType)


def _compiled(name: str, lines: list[str], names: dict[str, Any]) -> Any:
    exec("\n".join(lines), names)
    return names[name]


# Writing.


class _Encoders(dict[type, "_Encoder"]):
    """Encoders by class, written when they are needed first: most runs read what earlier ones wrote."""

    def __init__(self, numbers: dict[Any, int]) -> None:
        super().__init__()
        self._numbers = numbers

    def __missing__(self, kind: type) -> _Encoder:
        encoder = self[kind] = _encoder(kind, self._numbers[kind])
        return encoder


def _encoder(kind: Any, number: int) -> _Encoder:
    parts = [str(number)]
    for name, hint in _hints(kind).items():
        parts.append(_written(f"value.{name}", hint))
    return _compiled("encode", ["def encode(value, number):", f"    return [{', '.join(parts)}]"], {})  # type: ignore[no-any-return]


def _written(value: str, hint: Any) -> str:
    """Return the expression that writes `value`, of which the type is `hint`."""
    if hint is Position:
        return f"[{value}.line, {value}.column]"
    if hint is Span:
        return f"[{value}.start.line, {value}.start.column, {value}.end.line, {value}.end.column]"
    if _is_union(hint):
        kinds = [part for part in get_args(hint) if part is not NoneType]
        if all(kind in _SCALARS for kind in kinds):
            return value
        inner = _written(value, kinds[0]) if len(kinds) == 1 else f"number({value})"
        return f"(None if {value} is None else {inner})" if NoneType in get_args(hint) else inner
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        if parts[-1] is Ellipsis:
            return value if parts[0] in _SCALARS else f"[{_written('each', parts[0])} for each in {value}]"
        return f"[{', '.join(_written(f'{value}[{place}]', part) for place, part in enumerate(parts))}]"
    return value if hint in _SCALARS or get_origin(hint) is Literal else f"number({value})"


# Reading.


class _Reading:
    """The source of one decoder while it is put together: `names` are what the generated code refers to.

    Checks are written out where they are made: calling something for each of them would take longer than all the rest.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"CodecError": CodecError, "intern": sys.intern, "position": _position, "span": _span, "wrong": _wrong}

    def name(self, value: Any) -> str:
        """Return a name for a value that the generated code needs."""
        name = f"given_{len(self.names)}"
        self.names[name] = value
        return name

    def read(self, value: str, hint: Any) -> str:
        """Return the expression that reads the JSON `value` as a `hint`."""
        if hint in _INLINE:
            return f"{'position' if hint is Position else 'span'}({value})"
        if _is_union(hint):
            kinds = [part for part in get_args(hint) if part is not NoneType]
            if all(kind in _SCALARS for kind in kinds):
                inner = self.scalar(value, kinds)
            else:
                inner = self.read(value, kinds[0]) if len(kinds) == 1 else self.reference(value, kinds)
            return f"(None if {value} is None else {inner})" if NoneType in get_args(hint) else inner
        if get_origin(hint) is tuple:
            return self.sequence(value, get_args(hint))
        if get_origin(hint) is Literal:
            return f"(intern({value}) if {value} in {self.name(get_args(hint))} else wrong({value}))"
        return self.scalar(value, [hint]) if hint in _SCALARS else self.reference(value, [hint])

    def scalar(self, value: str, hints: list[Any]) -> str:
        """Return the expression that reads a value of one of some plain types: a whole number will do for a `float`."""
        plain = [hint for hint in (*hints, *((int,) if float in hints else ())) if hint is not str]
        checked = f"{value} if {self.is_one(value, plain)} else wrong({value})" if plain else f"wrong({value})"
        # JSON makes a new string each time, and the same few names are most of them.
        return f"(intern({value}) if {value}.__class__ is str else {checked})" if str in hints else f"({checked})"

    def is_one(self, value: str, kinds: list[Any]) -> str:
        """Return the test whether a value is of one of some classes itself."""
        if len(kinds) == 1:
            return f"{value}.__class__ is {self.name(kinds[0])}"
        return f"{value}.__class__ in {self.name(frozenset(kinds))}"

    def sequence(self, value: str, parts: tuple[Any, ...]) -> str:
        """Return the expression that reads a tuple."""
        if parts[-1] is Ellipsis:
            item = f"item_{value.count('item')}"
            return f"tuple([{self.read(item, parts[0])} for {item} in {value}])"
        return f"({', '.join(self.read(f'{value}[{place}]', part) for place, part in enumerate(parts))},)"

    def reference(self, value: str, kinds: list[Any]) -> str:
        """Return the expression that reads the number of a row."""
        meant = f"meant_{len(self.names)}"
        return f"({meant} if {self.is_one(f'({meant} := found[{value}])', kinds)} else wrong({meant}))"


def _decoder(kind: Any) -> Callable[[Any, list[Any]], Any]:
    reading = _Reading()
    lines = ["def decode(row, found):"]
    hints = _hints(kind)
    lines.append(f"    if len(row) != {len(hints) + 1}: raise CodecError('has other fields')")
    lines.append(f"    made = {reading.name(kind.__new__)}({reading.name(kind)})")
    for place, (name, hint) in enumerate(hints.items(), start=1):
        read = reading.read(f"row[{place}]", hint)
        # Past `__init__`, and past what keeps a frozen class from being changed.
        frozen = kind.__dataclass_params__.frozen
        lines.append(f"    {reading.name(getattr(kind, name).__set__)}(made, {read})" if frozen else f"    made.{name} = {read}")
    lines.append("    return made")
    return _compiled("decode", lines, reading.names)  # type: ignore[no-any-return]


def _wrong(value: Any) -> NoReturn:
    raise CodecError(f"holds {value!r:.40}")


def _position(value: Any) -> Position:
    line, column = value
    return Position(line, column) if line.__class__ is int and column.__class__ is int else _wrong(value)


def _span(value: Any) -> Span:
    first, left, last, right = value
    if first.__class__ is int and left.__class__ is int and last.__class__ is int and right.__class__ is int:
        return Span(Position(first, left), Position(last, right))
    return _wrong(value)
