"""Reads data files and user tables into `CatalogueData`.

Both have the schema of the dataclasses in `schema`, which define keys, types and allowed words. Keys have dashes for
underscores. A row with `paths` instead of `path` is short for one row per path, and `{get,post}` in a path for one path
per alternative. Paths in `async-paths` make rows of mode `async`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields, replace
from functools import cache, partial
from hashlib import sha256
from itertools import product
from math import prod
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Protocol, Union, get_args, get_origin, get_type_hints

from surfacelint.catalogue.name_hints import ComparisonHints, SmallCollectionHints
from surfacelint.catalogue.provider_rows import Endpoint, Provider
from surfacelint.catalogue.schema import CatalogueData
from surfacelint.system.did_you_mean import close
from surfacelint.system.records import record

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Reader = Callable[[object], Any]

DATA = Path(__file__).parent
_PATH_KEYS = {"path", "paths", "async-paths"}
_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST_PATHS = 10_000
"""The number of paths that a path with braces stands for at most."""


class CatalogueError(ValueError):
    """An invalid catalogue. The text names the source, row and key, and suggests what was meant."""


class _SchemaError(Exception):
    """What is wrong with a value. Each level that it passes through appends its name to `place`."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.place: list[str] = []


@record(frozen=True, slots=True)
class _Column:
    """One key of a table: the field that it sets, and the reader of its value."""

    field: str
    required: bool
    read: Reader


def parse(table: Mapping[str, object], where: str) -> CatalogueData:
    """Convert a parsed TOML table to rows. `where` names it in errors. Raises CatalogueError."""
    try:
        data: CatalogueData = _row(CatalogueData, table)
    except _SchemaError as fault:
        raise CatalogueError(
            f"{where}: {' '.join(reversed(fault.place))}: {fault.problem}" if fault.place else f"{where}: {fault.problem}"
        ) from None
    return data


def read(path: Path) -> CatalogueData:
    """Read one data file. Raises CatalogueError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path}: {error}") from error
    return parse(table, str(path))


class Shelf(Protocol):
    """A cache of the rows that an earlier run read."""

    def rows(self, key: str) -> CatalogueData | None:
        """Return the rows stored under a key, if there are any."""

    def keep_rows(self, key: str, rows: CatalogueData) -> None:
        """Store rows under a key, if possible."""


_READ: list[CatalogueData] = []


def builtin(shelf: Shelf | None = None) -> CatalogueData:
    """Return the built-in rows. Files are read in the order of their names; the first row for a path wins.

    They are read once per process. With a `shelf`, later processes do not read them again until the data or its readers
    change.
    """
    if not _READ:
        paths = sorted(DATA.glob("*/*.toml"))
        key = "" if shelf is None else _key([*paths, *sorted(DATA.glob("*.py"))])
        known = shelf.rows(key) if shelf is not None else None
        _READ.append(merge(map(read, paths)) if known is None else known)
        if known is None and shelf is not None:
            shelf.keep_rows(key, _READ[0])
    return _READ[0]


def _key(paths: Iterable[Path]) -> str:
    found = sha256()
    for path in paths:
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def merge(parts: Iterable[CatalogueData]) -> CatalogueData:
    """Join `parts`, earlier ones taking precedence. All rows of a provider become one row."""
    tables = list(parts)
    joined = {column.name: tuple(row for part in tables for row in getattr(part, column.name)) for column in _lists(CatalogueData)}
    sweep = ComparisonHints(**_words(ComparisonHints, [part.sweep for part in tables]))
    handful = SmallCollectionHints(**_words(SmallCollectionHints, [part.handful for part in tables]))
    joined["providers"] = _merge_providers(joined["providers"])
    return replace(CatalogueData(), sweep=sweep, handful=handful, **joined)


def _words(kind: Any, parts: list[Any]) -> dict[str, tuple[str, ...]]:
    return {column.name: tuple(word for part in parts for word in getattr(part, column.name)) for column in _lists(kind)}


def _lists(kind: Any) -> list[Field[Any]]:
    return [column for column in fields(kind) if column.default == ()]


def _merge_providers(providers: Iterable[Provider]) -> tuple[Provider, ...]:
    merged: dict[str, Provider] = {}
    for provider in providers:
        known = merged.get(provider.name)
        merged[provider.name] = provider if known is None else _extended(known, provider)
    return tuple(merged.values())


def _extended(first: Provider, second: Provider) -> Provider:
    """Join two rows of one provider: lists are joined; for single values, the first that is not the default wins."""
    changes: dict[str, Any] = {}
    for column in fields(Provider):
        mine, other = getattr(first, column.name), getattr(second, column.name)
        if column.name == "endpoints":
            changes[column.name] = mine + _unclaimed(mine, other)
        elif isinstance(mine, tuple):
            changes[column.name] = mine + tuple(row for row in other if row not in mine)
        elif mine == column.default:
            changes[column.name] = other
    return replace(first, **changes)


def _unclaimed(claimed: tuple[Endpoint, ...], endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    paths = {endpoint.path for endpoint in claimed}
    return tuple(endpoint for endpoint in endpoints if endpoint.path not in paths)


@cache
def _columns(kind: Any) -> dict[str, _Column]:
    """Return the columns of the row type `kind` by TOML key. A field whose metadata has the key `None` has no column."""
    hints = get_type_hints(kind)
    columns: dict[str, _Column] = {}
    for column in fields(kind):
        key = column.metadata.get("key", column.name.replace("_", "-"))
        if key is not None:
            required = column.default is MISSING and column.default_factory is MISSING
            read = _paths if column.name == "paths" else _reader(hints[column.name])
            columns[key] = _Column(column.name, required, read)
    return columns


@cache
def _hidden(kind: Any) -> dict[str, str]:
    """Return empty values for the fields of `kind` that have no key."""
    return {column.name: "" for column in fields(kind) if column.metadata.get("key", "") is None}


def _reader(hint: Any) -> Reader:
    """Return the function that checks a TOML value against a type hint of the schema, and converts it."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _reader(next(argument for argument in arguments if argument is not type(None)))
    if origin is Literal:
        return partial(_word, arguments)
    if origin is not tuple:
        return _SCALARS[hint] if hint in _SCALARS else partial(_row, hint)
    item = arguments[0]
    if get_origin(item) is tuple:
        return _pairs
    return partial(_list, _reader(item)) if item in _SCALARS else partial(_rows, item)


def _row(kind: Any, table: object) -> Any:
    if not isinstance(table, Mapping):
        raise _wrong("a table", table)
    columns = _columns(kind)
    values: dict[str, Any] = dict(_hidden(kind))
    for key, value in table.items():
        column = columns.get(key)
        if column is None:
            raise _SchemaError(f"unknown key {key!r}{suggestion(key, columns)}")
        try:
            values[column.field] = column.read(value)
        except _SchemaError as fault:
            fault.place.append(key)
            raise
    missing = [key for key, column in columns.items() if column.required and column.field not in values]
    if missing:
        raise _SchemaError(f"missing key {missing[0]!r}")
    return kind(**values)


def _rows(kind: Any, value: object) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _wrong("a list of tables", value)
    return tuple(row for number, table in enumerate(value, start=1) for row in _numbered_rows(kind, number, table))


def _numbered_rows(kind: Any, number: int, table: object) -> list[Any]:
    try:
        return [_row(kind, spelled) for spelled in _spelled_out(kind, table)]
    except _SchemaError as fault:
        fault.place.append(f"#{number}{_label(table)}")
        raise


def _spelled_out(kind: Any, table: object) -> Iterable[object]:
    """Return one table per path of `table`, if rows of this kind have a single `path`."""
    columns = _columns(kind)
    if not isinstance(table, Mapping) or "path" not in columns or not _PATH_KEYS & table.keys():
        return (table,)
    if "path" in table and "paths" in table:
        raise _SchemaError("has both 'path' and 'paths'")
    rest = {key: value for key, value in table.items() if key not in _PATH_KEYS}
    plain = _paths(table.get("paths", [table["path"]] if "path" in table else []))
    awaited = _paths(table.get("async-paths", [])) if "mode" in columns else ()
    return [{"path": path, **rest} for path in plain] + [{"path": path, **rest, "mode": "async"} for path in awaited]


def _paths(value: object) -> tuple[str, ...]:
    return tuple(path for written in _list(_SCALARS[str], value) for path in _alternatives(written))


def _alternatives(path: str) -> Iterable[str]:
    """Yield each path that `path` abbreviates by alternatives in braces."""
    if "{" not in path:
        return (path,)
    fixed = _BRACES.split(path)
    choices = [part.split(",") if index % 2 else [part] for index, part in enumerate(fixed)]
    if prod(map(len, choices)) > _MOST_PATHS:
        raise _SchemaError(f"a path with braces stands for more than {_MOST_PATHS:,} paths")
    return map("".join, product(*choices))


def _label(table: object) -> str:
    """Return a label for a row in errors: its name or first path in parentheses."""
    if isinstance(table, Mapping):
        for key in ("name", "path", "paths", "of", "match"):
            value = table.get(key)
            if isinstance(value, list) and value:
                value = value[0]
            if isinstance(value, str):
                return f" ({value})"
    return ""


def _list(read: Reader, value: object) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _wrong("a list", value)
    return tuple(map(read, value))


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping):
        raise _wrong("a table", value)
    text = _SCALARS[str]
    return tuple(sorted((key, text(item)) for key, item in value.items()))


def _word(words: tuple[str, ...], value: object) -> str:
    if value in words:
        return str(value)
    if not isinstance(value, str):
        raise _wrong("text", value)
    raise _SchemaError(f"unknown value {value!r}{suggestion(value, words)}; one of {', '.join(filter(None, words))}")


def _scalar(name: str, kinds: tuple[type[object], ...], value: object) -> object:
    # Exact types, because a bool is also an int in Python.
    if type(value) not in kinds:
        raise _wrong(name, value)
    return value


_SCALARS: dict[Any, Reader] = {
    str: partial(_scalar, "text", (str,)),
    bool: partial(_scalar, "true or false", (bool,)),
    int: partial(_scalar, "a whole number", (int,)),
    float: partial(_scalar, "a number", (int, float)),
}
_NAMES = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}


def _wrong(wanted: str, value: object) -> _SchemaError:
    return _SchemaError(f"expected {wanted}, found {_NAMES.get(type(value), type(value).__name__)}")


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the end of an error message that suggests the known word closest to `word`; empty without a close one."""
    meant = close(word, known)
    return f"; did you mean {meant!r}?" if meant is not None else ""
