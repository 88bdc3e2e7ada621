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
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from surfacelint.facts.expressions import Position, Span

_Fact = TypeVar("_Fact")

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
        numbers = {kind: number for number, kind in enumerate(kinds)}
        self._encoders = {kind: _encoder(kind, numbers[kind]) for kind in kinds}
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


def _encoder(kind: Any, number: int) -> Callable[[Any, Callable[[Any], int]], list[Any]]:
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
    """The source of one decoder while it is put together: `names` are what the generated code refers to."""

    def __init__(self) -> None:
        readers = {"scalar": _scalar, "chosen": _chosen, "referred": _referred, "position": _position, "span": _span}
        self.names: dict[str, Any] = {"CodecError": CodecError, **readers}

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
                return f"scalar({value}, {self.name(_kinds(*kinds) | frozenset(get_args(hint)))})"
            inner = self.read(value, kinds[0]) if len(kinds) == 1 else self.reference(value, kinds)
            return f"(None if {value} is None else {inner})" if NoneType in get_args(hint) else inner
        if get_origin(hint) is tuple:
            return self.sequence(value, get_args(hint))
        if get_origin(hint) is Literal:
            return f"chosen({value}, {self.name(get_args(hint))})"
        if hint in _SCALARS:
            return f"scalar({value}, {self.name(_kinds(hint))})"
        return self.reference(value, [hint])

    def sequence(self, value: str, parts: tuple[Any, ...]) -> str:
        """Return the expression that reads a tuple."""
        if parts[-1] is Ellipsis:
            item = f"item_{value.count('item')}"
            return f"tuple([{self.read(item, parts[0])} for {item} in {value}])"
        return f"({', '.join(self.read(f'{value}[{place}]', part) for place, part in enumerate(parts))},)"

    def reference(self, value: str, kinds: list[Any]) -> str:
        """Return the expression that reads the number of a row."""
        return f"referred(found, {value}, {self.name(frozenset(kinds))})"


def _decoder(kind: Any) -> Callable[[Any, list[Any]], Any]:
    # Past `__init__`, which sets the fields of a frozen class three times as slowly.
    reading = _Reading()
    lines = ["def decode(row, found):"]
    hints = _hints(kind)
    lines.append(f"    if len(row) != {len(hints) + 1}: raise CodecError('has other fields')")
    lines.append(f"    made = {reading.name(kind.__new__)}({reading.name(kind)})")
    for place, (name, hint) in enumerate(hints.items(), start=1):
        lines.append(f"    {reading.name(getattr(kind, name).__set__)}(made, {reading.read(f'row[{place}]', hint)})")
    lines.append("    return made")
    return _compiled("decode", lines, reading.names)  # type: ignore[no-any-return]


def _kinds(*hints: Any) -> frozenset[type]:
    """Return the classes of what scalars of some types are: a whole number will do for a `float`."""
    return frozenset(hints) | (frozenset((int,)) if float in hints else frozenset())


def _chosen(value: Any, words: tuple[str, ...]) -> Any:
    if value not in words:
        raise CodecError(f"holds {value!r:.40}")
    return sys.intern(value)


def _scalar(value: Any, kinds: frozenset[type]) -> Any:
    if value.__class__ not in kinds:
        raise CodecError(f"holds {value!r:.40}")
    # JSON makes a new string each time, and the same few names are most of them.
    return sys.intern(value) if value.__class__ is str else value


def _referred(found: list[Any], number: Any, kinds: frozenset[type]) -> Any:
    value = found[number]
    if value.__class__ not in kinds:
        raise CodecError(f"refers to a {type(value).__name__}")
    return value


_NEW = object.__new__
_SET = {name: getattr(kind, name).__set__ for kind, names in ((Position, ("line", "column")), (Span, ("start", "end"))) for name in names}
_SET_LINE, _SET_COLUMN, _SET_START, _SET_END = _SET["line"], _SET["column"], _SET["start"], _SET["end"]


def _place(line: Any, column: Any) -> Position:
    if line.__class__ is not int or column.__class__ is not int:
        raise CodecError("holds no position")
    made = _NEW(Position)
    _SET_LINE(made, line)
    _SET_COLUMN(made, column)
    return made


def _position(value: Any) -> Position:
    line, column = value
    return _place(line, column)


def _span(value: Any) -> Span:
    first, left, last, right = value
    made = _NEW(Span)
    _SET_START(made, _place(first, left))
    _SET_END(made, _place(last, right))
    return made
