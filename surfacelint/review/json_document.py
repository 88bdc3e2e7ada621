"""The JSON document of a review: records to text and back, and its JSON Schema. All three follow the fields of the records."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from surfacelint.review.records import SCHEMA_VERSION, Review
from surfacelint.system.safe_reading import InputError, parse

SCHEMA_NAME = "review.schema.json"
LARGEST = 256_000_000
"""The maximum size of a document in bytes."""

LARGEST_NUMBER = 10**18
"""The largest whole number in a document."""

LONGEST_AMOUNT = 60
"""The maximum length of an amount of money in characters."""

_AMOUNT = r"-?\d+(\.\d+)?"
_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}


def to_text(review: Review) -> str:
    """Return the JSON document of a review."""
    return json.dumps(plain(review), indent=2, ensure_ascii=False) + "\n"


def plain(value: Any) -> Any:
    """Return a record as JSON values: records are objects, tuples are lists, and amounts of money are strings."""
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return int(value) if isinstance(value, float) and value.is_integer() else value


def from_text(text: str) -> Review:
    """Return the review in a JSON document. Unknown keys are ignored. Raises InputError that says which part is wrong."""
    found = parse(lambda given: json.loads(given, parse_constant=_no_constant), text, "JSON")
    if not isinstance(found, dict) or "schema_version" not in found or "workloads" not in found:
        raise InputError(
            "not a review: it has no `schema_version` and `workloads`; create it with `surfacelint review --output-format json`"
        )
    version = found["schema_version"]
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise InputError(f"has schema version {version!r}, and this surfacelint reads version {SCHEMA_VERSION}; create it again")
    review = _value(Review, found, "the document")
    assert isinstance(review, Review)
    return review


def schema() -> str:
    """Return the JSON Schema of the document, as the package ships it."""
    named: dict[str, Any] = {}
    whole = _schema_of(Review, named)
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "surfacelint review",
        **named.pop(whole["$ref"].rpartition("/")[2]),
        "$defs": dict(sorted(named.items())),
    }
    document["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _value(kind: Any, value: Any, where: str) -> Any:
    """Return a JSON value as a value of a type. `where` names it in messages."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        (inner,) = (each for each in get_args(kind) if each is not NoneType)
        return None if value is None else _value(inner, value, where)
    if origin is Literal:
        return value if value in get_args(kind) and isinstance(value, str) else _wrong(where, value, f"one of {', '.join(get_args(kind))}")
    if origin is tuple:
        items = value if isinstance(value, list) else _wrong(where, value, "a list")
        return tuple([_value(get_args(kind)[0], item, f"{where}[{number}]") for number, item in enumerate(items)])
    if is_dataclass(kind):
        return _record(kind, value, where)
    return _CHECKS[kind](value, where)


def _record(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        _wrong(where, value, "an object")
    inside = "" if kind is Review else f"{where}."
    found = {}
    for each in fields(kind):
        if each.name in value:
            found[each.name] = _value(_hints(kind)[each.name], value[each.name], f"{inside}{each.name}")
        elif each.default is MISSING:
            raise InputError(f"not a review: {where} has no `{each.name}`")
    return kind(**found)


def _wrong(where: str, value: object, wanted: str) -> Any:
    shown = json.dumps(value, ensure_ascii=False)
    raise InputError(f"not a review: `{where}` must be {wanted}, not {shown if len(shown) <= 60 else f'{shown[:60]}…'}")


def _text(value: object, where: str) -> str:
    return value if isinstance(value, str) else str(_wrong(where, value, "a string"))


def _integer(value: object, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER:
        return value
    return int(_wrong(where, value, f"a whole number of at most {LARGEST_NUMBER:,}"))


def _number(value: object, where: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):  # an integer that is too large for a float
            if math.isfinite(value):
                return float(value)
    return float(_wrong(where, value, "a number"))


def _switch(value: object, where: str) -> bool:
    return value if isinstance(value, bool) else bool(_wrong(where, value, "true or false"))


def _money(value: object, where: str) -> Decimal:
    if isinstance(value, str) and len(value) <= LONGEST_AMOUNT and re.fullmatch(_AMOUNT, value, re.ASCII):
        return Decimal(value)
    return Decimal(_wrong(where, value, 'an amount as a string, such as "12.50"'))


_CHECKS: dict[type, Callable[[object, str], Any]] = {str: _text, int: _integer, float: _number, bool: _switch, Decimal: _money}


def _schema_of(kind: Any, named: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type. Adds those of records to `named`."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        (inner,) = (each for each in get_args(kind) if each is not NoneType)
        return {"anyOf": [_schema_of(inner, named), {"type": "null"}]}
    if origin is Literal:
        return {"enum": list(get_args(kind))}
    if origin is tuple:
        return {"type": "array", "items": _schema_of(get_args(kind)[0], named)}
    if is_dataclass(kind):
        name = getattr(kind, "__name__", "")
        if name not in named:
            named[name] = {}
            named[name] = _record_schema(kind, named)
        return {"$ref": f"#/$defs/{name}"}
    return {"type": "string", "pattern": f"^{_AMOUNT}$"} if kind is Decimal else {"type": _SCALARS[kind]}


def _record_schema(kind: Any, named: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": kind.__doc__,
        "type": "object",
        "properties": {
            each.name: {"description": each.metadata["about"], **_schema_of(_hints(kind)[each.name], named)} for each in fields(kind)
        },
        "required": [each.name for each in fields(kind)],
    }
