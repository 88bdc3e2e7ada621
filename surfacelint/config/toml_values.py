"""Reads TOML values into settings. All layers use this module, so a wrong value has the same message everywhere."""

from __future__ import annotations

import json
import keyword
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surfacelint.config.settings import ConfigError, Layer, Setting, Shape, settings
from surfacelint.config.toml_lines import line_of, lines_of_words
from surfacelint.facts.comment_directives import FACTS, Declaration, Mistake, declare
from surfacelint.project.brace_patterns import LONGEST, MOST, are_too_many
from surfacelint.system.did_you_mean import suggestion

if TYPE_CHECKING:
    from surfacelint.catalogue.schema import CatalogueData

SCHEMA_KEY = "$schema"
"""The key by which editors find the JSON Schema of a TOML file. It is not a setting."""

LONGEST_QUOTE = 200
"""The maximum length of a wrong value in a message."""


class _WrongValueError(Exception):
    """A value that a setting does not accept. The text says what was expected and what was found."""


def layer(values: Mapping[str, object], where: str, text: str = "", table: str = "", file: Path | None = None) -> Layer:
    """Read settings by TOML key into a layer. Raises ConfigError.

    `where` names the source in messages. `text` and `table`, the source's text and the name of its table, are needed for
    line numbers. `file` is the configuration file, if it is one.
    """
    known = {setting.key: (name, setting) for name, setting in settings().items()}
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    words: dict[tuple[str, str], int] = {}
    for key, value in values.items():
        if key == SCHEMA_KEY:
            continue
        line = line_of(text, table, key)
        place = where if line is None else f"{where}:{line}"
        if key not in known:
            raise ConfigError(f"{place}: unknown key {_cut(repr(key))}{f' in [{table}]' if table else ''}; {suggestion(key, known)}")
        name, setting = known[key]
        try:
            found[name] = _READERS[setting.shape](setting, value, f"{place}: [{table}.{key}]" if table else f"{place}: [{key}]")
        except _WrongValueError as error:
            raise ConfigError(f"{place}: {key!r} must be {error}") from None
        except RecursionError:
            raise ConfigError(f"{place}: {key!r} is nested too deeply") from None
        if line is not None:
            lines[name] = line
            words.update({(name, word): number for word, number in lines_of_words(text, line, _named(value)).items()})
    return Layer(found, where, lines, file, words)


def _named(value: object) -> Iterator[str]:
    """Yield the words that messages may be about: keys of a table, and elements of a list or of the lists in a table."""
    if isinstance(value, dict):
        yield from map(str, value)
        for inner in value.values():
            yield from _named(inner) if isinstance(inner, list) else ()
    elif isinstance(value, list):
        yield from (item.strip() for item in value if isinstance(item, str))


def _wrong(expected: str, value: object) -> _WrongValueError:
    return _WrongValueError(f"{expected}, not {_cut(json.dumps(value, default=str, ensure_ascii=False))}")


def _cut(text: str) -> str:
    """Return `text`, shortened for a message."""
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def _read_words(expected: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(expected, value)
    return tuple(word for word in (item.strip() for item in value) if word)


def _read_codes(_setting: Setting, value: object, _where: str) -> tuple[str, ...]:
    return _read_words('a list of rule codes, as in ["SRF101"]', value)


def _read_patterns(_setting: Setting, value: object, _where: str) -> tuple[str, ...]:
    return _bounded(_read_words('a list of patterns, as in ["scripts/*"]', value))


def _read_codes_by_pattern(_setting: Setting, value: object, _where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    expected = 'a table of lists of rule codes by pattern, as in {"scripts/*" = ["SRF101"]}'
    if not isinstance(value, dict):
        raise _wrong(expected, value)
    return tuple((pattern, _read_words(expected, codes)) for pattern, codes in zip(_bounded(map(str, value)), value.values(), strict=True))


def _bounded(patterns: Iterable[str]) -> tuple[str, ...]:
    found = tuple(patterns)
    if are_too_many(found):
        raise _WrongValueError(
            f"patterns that stand for at most {MOST:,} without braces; those with braces have up to {LONGEST:,} characters"
        )
    return found


def _read_choice_by_code(setting: Setting, value: object, _where: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict) or not all(choice in setting.choices for choice in value.values()):
        raise _wrong(f'a table of {", ".join(setting.choices)} by rule code, as in {{SRF101 = "{setting.choices[0]}"}}', value)
    return tuple((str(code), str(choice)) for code, choice in value.items())


def _read_integer(_setting: Setting, value: object, _where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong("an integer of 0 or more", value)
    return value


def _read_switch(_setting: Setting, value: object, _where: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong("true or false", value)
    return value


def _read_choice(setting: Setting, value: object, _where: str) -> str:
    if value not in setting.choices:
        raise _wrong(f"one of {', '.join(setting.choices)}", value)
    return str(value)


def _read_path(_setting: Setting, value: object, _where: str) -> str:
    if not isinstance(value, str):
        raise _wrong('the path of a file, as in "path/to/file"', value)
    return value


def _read_module(_setting: Setting, value: object, _where: str) -> str:
    parts = value.split(".") if isinstance(value, str) else [""]
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
        raise _wrong('the dotted name of a module, as in "package.llm_batch"', value)
    return str(value)


def _read_workloads(_setting: Setting, value: object, where: str) -> tuple[tuple[str, Declaration], ...]:
    if not isinstance(value, dict) or not all(isinstance(facts, dict) for facts in value.values()):
        raise _wrong('a table of facts by function, as in {"pkg.jobs:nightly" = {volume = "200/day"}}', value)
    return tuple((_function(str(name), where), _facts(facts, f"{where} {name!r}")) for name, facts in value.items())


def _function(name: str, where: str) -> str:
    module, colon, function = name.partition(":")
    if not (module and colon and function):
        raise ConfigError(f"{where}: {name!r} is not a function; write module:function, such as pkg.jobs:nightly")
    return name


def _facts(facts: Mapping[str, object], where: str) -> Declaration:
    given: dict[str, str] = {}
    for name, value in facts.items():
        if name not in FACTS:
            raise ConfigError(f"{where}: unknown key {name!r}; {suggestion(name, FACTS)}")
        if name in ("volume", "deadline"):
            if not isinstance(value, str):
                raise ConfigError(f"{where}: {name!r} must be a string such as {'200/day' if name == 'volume' else '1h'}, not {value!r}")
            given[name] = value
        elif not isinstance(value, bool):
            raise ConfigError(f"{where}: {name!r} must be true or false, not {value!r}")
        elif value:
            given[name] = ""
    declared = declare(given)
    if isinstance(declared, Mistake):
        raise ConfigError(f"{where} {declared.problem}")
    return declared


def _read_catalogue(_setting: Setting, value: object, where: str) -> CatalogueData:
    from surfacelint.catalogue.loading import CatalogueError, parse

    if not isinstance(value, dict):
        raise _wrong("a table", value)
    try:
        return parse(value, where)
    except CatalogueError as error:
        raise ConfigError(str(error)) from None


_READERS: dict[Shape, Callable[[Setting, object, str], Any]] = {
    "codes": _read_codes,
    "patterns": _read_patterns,
    "codes by pattern": _read_codes_by_pattern,
    "choice by code": _read_choice_by_code,
    "integer": _read_integer,
    "switch": _read_switch,
    "choice": _read_choice,
    "path": _read_path,
    "module": _read_module,
    "workloads": _read_workloads,
    "catalogue": _read_catalogue,
}
