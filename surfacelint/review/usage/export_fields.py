"""Typed access to the fields of one record of an export, which nothing has checked before.

A field that is missing, empty or null is `None`. Anything else that is not what the caller asks for is a UsageError with
file, line and field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NoReturn

from surfacelint.review.usage.usage_rows import UsageError

LARGEST = 10**15
"""The largest plausible count or amount. More in one row is a corrupt file."""

PLACES = 12
"""Decimal places of amounts. Prices of single tokens have seven or eight."""

_FIRST_YEAR, _LAST_YEAR = 2015, 2099
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?(?:Z|UTC|([+-])(\d\d)(?::?(\d\d))?)?", re.ASCII
)
_TRUE, _FALSE = ("true", "t", "1", "yes"), ("false", "f", "0", "no")


class ExportFields:
    """The fields of a record. `path` and `line` say where it is, `outer` is the name of the field that holds it, with a dot."""

    __slots__ = ("_values", "line", "outer", "path")

    def __init__(self, path: str, line: int, values: Mapping[str, object], outer: str = "") -> None:
        self.path = path
        self.line = line
        self.outer = outer
        self._values = values

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) not in (None, "")

    def names(self) -> frozenset[str]:
        """Return the names of all fields."""
        return frozenset(self._values)

    def error(self, name: str, problem: str) -> UsageError:
        """Return an error about a field."""
        return UsageError(f"{self.path}:{self.line}: {self.outer}{name}: {problem}")

    def value(self, name: str) -> object:
        """Return a field as it is in the file."""
        return self._values.get(name)

    def word(self, *names: str) -> str:
        """Return the text, number or truth value in the first field that has one as a text in lower case. Raises UsageError."""
        for name in names:
            value = self._values.get(name)
            if isinstance(value, bool | int):
                return str(value).lower()
            if value not in (None, ""):
                return self.text(name).lower()
        return ""

    def text(self, *names: str) -> str:
        """Return the text of the first field that has one, or an empty text. Raises UsageError."""
        for name in names:
            value = self._values.get(name)
            if value in (None, ""):
                continue
            if not isinstance(value, str):
                raise self.error(name, f"{_shown(value)} is not a text; export the file again")
            # Older exports of Langfuse put JSON strings into cells.
            if len(value) > 1 and value[0] == value[-1] == '"':
                value = _unquoted(value)
            return value.strip()
        return ""

    def required_text(self, *names: str) -> str:
        """Return the text of the first field that has one. Raises UsageError if none has."""
        return self.text(*names) or self._missing(names[0])

    def count(self, *names: str) -> int | None:
        """Return the whole number in the first field that has one. Raises UsageError."""
        for name in names:
            number = self._number(name)
            if number is not None:
                if number != int(number):
                    raise self.error(name, f"{_shown(self._values[name])} is not a whole number; export the file again")
                return int(number)
        return None

    def amount(self, *names: str) -> Decimal | None:
        """Return the amount in the first field that has one, rounded so that sums are exact. Raises UsageError."""
        return next((round(Decimal(number), PLACES) for name in names if (number := self._number(name)) is not None), None)

    def switch(self, name: str) -> bool | None:
        """Return a truth value. Raises UsageError."""
        value = self._values.get(name)
        if value in (None, "") or isinstance(value, bool):
            return value if isinstance(value, bool) else None
        text = str(value).strip().lower()
        if text not in _TRUE + _FALSE:
            raise self.error(name, f"{_shown(value)} is neither true nor false; export the file again")
        return text in _TRUE

    def time(self, *names: str) -> datetime | None:
        """Return the time in the first field that has one: ISO 8601, or seconds, milli-, micro- or nanoseconds since 1970.

        Times without a zone are UTC, which all supported exports use. Raises UsageError.
        """
        for name in names:
            value = self._values.get(name)
            if value in (None, ""):
                continue
            found = _parsed_time(self.text(name) if isinstance(value, str) else value)
            if found is None:
                raise self.error(name, f"{_shown(value)} is not a time; use ISO 8601, such as 2026-11-01T00:00:00Z")
            return found
        return None

    def required_time(self, *names: str) -> datetime:
        """Return the time in the first field that has one. Raises UsageError if none has."""
        found = self.time(*names)
        return found if found is not None else self._missing(names[0])

    def inner(self, name: str) -> ExportFields:
        """Return the fields of an object in a field: empty if there is none. Cells may hold JSON. Raises UsageError."""
        value = self._values.get(name)
        if isinstance(value, str) and value:
            value = _json(value)
        if value in (None, ""):
            value = {}
        if not isinstance(value, dict):
            raise self.error(name, f"{_shown(self._values.get(name))} is not an object; export the file again")
        return ExportFields(self.path, self.line, value, f"{self.outer}{name}.")

    def items(self, name: str) -> Iterator[ExportFields]:
        """Yield the objects of a list in a field, in order. Raises UsageError."""
        value = self._values.get(name)
        if value is None:
            return
        if not isinstance(value, list):
            raise self.error(name, f"{_shown(value)} is not a list; export the file again")
        for number, item in enumerate(value):
            if not isinstance(item, dict):
                raise self.error(f"{name}[{number}]", f"{_shown(item)} is not an object; export the file again")
            yield ExportFields(self.path, self.line, item, f"{self.outer}{name}[{number}].")

    def _missing(self, name: str) -> NoReturn:
        raise self.error(name, "the row has no value here; export the file again with this column")

    def _number(self, name: str) -> Decimal | int | None:
        value = self._values.get(name)
        if isinstance(value, str):
            value = _decimal(self.text(name))
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or (isinstance(value, Decimal) and not value.is_finite()):
            raise self.error(name, f"{_shown(self._values[name])} is not a number; write numbers as 1234.5, without separators")
        if value < 0:
            raise self.error(name, f"{_shown(self._values[name])} is negative; take credits and corrections out of the export")
        if value > LARGEST:
            raise self.error(name, f"{_shown(self._values[name])} is too large for one row; export the file again")
        return value


def json_number(text: str) -> Decimal:
    """Return a number that JSON writes with a point or an exponent. Raises ValueError if its exponent is out of bounds."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"the number {text[:40]} is out of bounds") from None


def _decimal(text: str) -> object:
    """Return the number in a text, `None` for an empty one, and the text itself if it is none. Dollar signs are ignored."""
    text = text.removeprefix("$")
    if not text:
        return None
    try:
        return Decimal(text) if text.isascii() and "_" not in text else text
    except InvalidOperation:
        return text


def _json(text: str) -> object:
    try:
        return json.loads(text, parse_float=json_number)
    except (ValueError, RecursionError):
        return text


def _unquoted(text: str) -> str:
    inner = _json(text)
    return inner if isinstance(inner, str) else text


def _parsed_time(value: object) -> datetime | None:
    if isinstance(value, str):
        if value.replace(".", "", 1).isdecimal() and value.isascii():
            return _from_epoch(Decimal(value))
        return _from_iso(value)
    return _from_epoch(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _from_epoch(number: Decimal | int) -> datetime | None:
    try:
        for unit in (1, 1_000, 1_000_000, 1_000_000_000):
            if 0 < number < 5_000_000_000 * unit:
                return _plausible(datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=int(number * 1_000_000 / unit)))
    except (ArithmeticError, ValueError):
        pass
    return None


@lru_cache(maxsize=64)
def _from_iso(text: str) -> datetime | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, zone_hours, zone_minutes = match.groups(default="")
    offset = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
    try:
        zone = timezone(-offset if sign == "-" else offset)
        micro = int(fraction.ljust(6, "0")[:6] or 0)
        return _plausible(datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micro, zone))
    except ValueError:
        return None


def _plausible(time: datetime) -> datetime | None:
    return time if _FIRST_YEAR <= time.year <= _LAST_YEAR else None


def _shown(value: object) -> str:
    """Return a value for a message, shortened."""
    text = str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"
