"""Encodes facts as JSON and decodes them. The code for each dataclass is generated from its fields and types.

A value becomes a table with one row `[kind, field, …]` per dataclass instance in it, inner ones first. Fields refer to other
instances by row number. So shared objects stay shared, rows are flat, and decoding does not recurse. Positions and spans
are written inline, because there are so many, and sets of plain values are sorted. The format is JSON because no input can make
its parser run code. The decoder checks the type of each field.
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
"""Classes that are written inline, and how many numbers each takes."""


class CodecError(ValueError):
    """Data that this codec did not write."""


class Codec(Generic[_Fact]):
    """Encodes and decodes values of one dataclass and of all dataclasses in its fields."""

    def __init__(self, root: type[_Fact]) -> None:
        """`root`, and every dataclass in its fields, is frozen and has slots."""
        self._root = root
        kinds = _reachable(root)
        self._encoders = _Encoders({kind: number for number, kind in enumerate(kinds)})
        self._decoders = [_decoder(kind) for kind in kinds]

    def encode(self, fact: _Fact) -> list[Any]:
        """Return the table of a fact. Raises RecursionError if the fact is nested too deeply."""
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
        """Return the fact of a table. Raises CodecError if `rows` is not a table of this codec."""
        decoders = self._decoders
        found: list[Any] = []
        try:
            for row in rows:
                found.append(decoders[row[0]](row, found))
        except (TypeError, IndexError, KeyError, ValueError) as error:
            raise CodecError(str(error)) from None
        if not found or type(found[-1]) is not self._root:
            raise CodecError("contains another type")
        last: _Fact = found[-1]
        return last

    def dumps(self, fact: _Fact) -> bytes:
        """Encode a fact to bytes. Raises ValueError or RecursionError if it cannot be encoded."""
        return json.dumps(self.encode(fact), separators=(",", ":")).encode("ascii")

    def loads(self, data: bytes) -> _Fact:
        """Decode a fact from bytes. Raises CodecError for anything that this codec did not write."""
        try:
            rows = json.loads(data)
        except (ValueError, RecursionError, MemoryError) as error:
            raise CodecError(str(error)) from None
        return self.decode(rows)


_CODECS: dict[type, Codec[Any]] = {}


def codec(root: type[_Fact]) -> Codec[_Fact]:
    """Return the codec of a dataclass. Codecs are created once."""
    if root not in _CODECS:
        _CODECS[root] = Codec(root)
    return _CODECS[root]


@cache
def _hints(kind: Any) -> dict[str, Any]:
    module = sys.modules[kind.__module__]
    hints: dict[str, Any] = get_type_hints(kind, vars(module))
    return {column.name: hints[column.name] for column in fields(kind)}


def _classes(hint: Any) -> list[type]:
    """Return the classes in a type hint, including those in tuples, sets and unions."""
    if get_origin(hint) is Literal:
        return []
    if get_origin(hint) in (tuple, frozenset, Union, UnionType):
        return [kind for part in get_args(hint) if part is not Ellipsis for kind in _classes(part)]
    return [hint]


def _reachable(root: Any) -> list[Any]:
    """Return the dataclasses that need rows, in an order that depends only on the code."""
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


# Encoding.


class _Encoders(dict[type, "_Encoder"]):
    """Encoders by class, generated on first use: most runs only decode."""

    def __init__(self, numbers: dict[Any, int]) -> None:
        super().__init__()
        self._numbers = numbers

    def __missing__(self, kind: type) -> _Encoder:
        encoder = self[kind] = _encoder(kind, self._numbers[kind])
        return encoder


def _encoder(kind: Any, number: int) -> _Encoder:
    parts = [str(number)]
    for name, hint in _hints(kind).items():
        parts.append(_encoding_of(f"value.{name}", hint))
    return _compiled("encode", ["def encode(value, number):", f"    return [{', '.join(parts)}]"], {})  # type: ignore[no-any-return]


def _encoding_of(value: str, hint: Any) -> str:
    """Return the source of an expression that encodes the expression `value` of type `hint`."""
    if hint is Position:
        return f"[{value}.line, {value}.column]"
    if hint is Span:
        return f"[{value}.start.line, {value}.start.column, {value}.end.line, {value}.end.column]"
    if _is_union(hint):
        kinds = [part for part in get_args(hint) if part is not NoneType]
        if all(kind in _SCALARS for kind in kinds):
            return value
        inner = _encoding_of(value, kinds[0]) if len(kinds) == 1 else f"number({value})"
        return f"(None if {value} is None else {inner})" if NoneType in get_args(hint) else inner
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        if parts[-1] is Ellipsis:
            return value if parts[0] in _SCALARS else f"[{_encoding_of('each', parts[0])} for each in {value}]"
        return f"[{', '.join(_encoding_of(f'{value}[{place}]', part) for place, part in enumerate(parts))}]"
    if get_origin(hint) is frozenset:
        return f"sorted({value})"
    return value if hint in _SCALARS or get_origin(hint) is Literal else f"number({value})"


# Decoding.


class _DecoderSource:
    """Builds the source of one decoder. `names` are the globals of the generated code.

    Type checks are inlined, because a function call for each would take most of the time.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"CodecError": CodecError, "intern": sys.intern, "position": _position, "span": _span, "wrong": _wrong}

    def name(self, value: Any) -> str:
        """Add a value to the globals of the generated code, and return its name."""
        name = f"given_{len(self.names)}"
        self.names[name] = value
        return name

    def read(self, value: str, hint: Any) -> str:
        """Return the source of an expression that decodes the JSON expression `value` to type `hint`."""
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
        if get_origin(hint) is frozenset:
            return f"frozenset({self.sequence(value, (*get_args(hint), Ellipsis))})"
        if get_origin(hint) is Literal:
            return f"(intern({value}) if {value} in {self.name(get_args(hint))} else wrong({value}))"
        return self.scalar(value, [hint]) if hint in _SCALARS else self.reference(value, [hint])

    def scalar(self, value: str, hints: list[Any]) -> str:
        """Return the source that decodes a value of one of some plain types. An integer is accepted for `float`."""
        plain = [hint for hint in (*hints, *((int,) if float in hints else ())) if hint is not str]
        checked = f"{value} if {self.is_one(value, plain)} else wrong({value})" if plain else f"wrong({value})"
        # JSON creates a new string each time, and most are the same few names.
        return f"(intern({value}) if {value}.__class__ is str else {checked})" if str in hints else f"({checked})"

    def is_one(self, value: str, kinds: list[Any]) -> str:
        """Return the source of a test whether the class of `value` is exactly one of `kinds`."""
        if len(kinds) == 1:
            return f"{value}.__class__ is {self.name(kinds[0])}"
        return f"{value}.__class__ in {self.name(frozenset(kinds))}"

    def sequence(self, value: str, parts: tuple[Any, ...]) -> str:
        """Return the source that decodes a tuple."""
        if parts[-1] is Ellipsis:
            item = f"item_{value.count('item')}"
            return f"tuple([{self.read(item, parts[0])} for {item} in {value}])"
        return f"({', '.join(self.read(f'{value}[{place}]', part) for place, part in enumerate(parts))},)"

    def reference(self, value: str, kinds: list[Any]) -> str:
        """Return the source that decodes a reference to a row."""
        meant = f"meant_{len(self.names)}"
        return f"({meant} if {self.is_one(f'({meant} := found[{value}])', kinds)} else wrong({meant}))"


def _decoder(kind: Any) -> Callable[[Any, list[Any]], Any]:
    source = _DecoderSource()
    lines = ["def decode(row, found):"]
    hints = _hints(kind)
    lines.append(f"    if len(row) != {len(hints) + 1}: raise CodecError('other fields')")
    lines.append(f"    made = {source.name(kind.__new__)}({source.name(kind)})")
    for place, (name, hint) in enumerate(hints.items(), start=1):
        read = source.read(f"row[{place}]", hint)
        # Sets fields directly, without `__init__` and without the checks of frozen classes.
        frozen = kind.__dataclass_params__.frozen
        lines.append(f"    {source.name(getattr(kind, name).__set__)}(made, {read})" if frozen else f"    made.{name} = {read}")
    lines.append("    return made")
    return _compiled("decode", lines, source.names)  # type: ignore[no-any-return]


def _wrong(value: Any) -> NoReturn:
    raise CodecError(f"unexpected value {value!r:.40}")


def _position(value: Any) -> Position:
    line, column = value
    return Position(line, column) if line.__class__ is int and column.__class__ is int else _wrong(value)


def _span(value: Any) -> Span:
    first, left, last, right = value
    if first.__class__ is int and left.__class__ is int and last.__class__ is int and right.__class__ is int:
        return Span(Position(first, left), Position(last, right))
    return _wrong(value)
