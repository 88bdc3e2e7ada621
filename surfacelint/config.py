"""Configuration: one dataclass whose fields are the settings, the TOML keys and the command-line flags.

`Config().apply(file).apply(flags)` is the whole order of precedence. A `Layer` is what one place (a file, the command
line, the options of flake8) gives; every layer is read by the same code, so a wrong value is wrong everywhere in the
same words.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from surfacelint.suggestions import suggestion

if TYPE_CHECKING:
    from surfacelint.catalogue.schema import CatalogueData

OUTPUT_FORMATS = ("full", "concise", "json", "json-lines", "sarif", "github", "gitlab", "junit", "rdjson", "markdown", "html")
EVERYTHING = "ALL"


class ConfigError(Exception):
    """A configuration that cannot be used. The text is one sentence: where, what, and what to do."""


class _WrongValueError(Exception):
    """A value that a setting cannot take; says what was expected and what is there."""


Shape = Literal["codes", "patterns", "codes by pattern", "integer", "switch", "choice", "catalogue"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the outside sees of a field of `Config`: `key` in TOML, `flag` on the command line (empty where there is none).

    A setting that `adds` is joined to that of the layer below, the others replace it. `in_flake8` settings are options
    of flake8, too; the rest is decided by flake8's own options of the same name, or makes no sense there.
    """

    key: str
    flag: str
    shape: Shape
    help: str
    choices: tuple[str, ...] = ()
    adds: bool = False
    in_flake8: bool = False


def _setting(default: Any, setting: Setting) -> Any:
    return field(default=default, metadata={"setting": setting})


def _empty_catalogue() -> CatalogueData:
    from surfacelint.catalogue.schema import CatalogueData

    return CatalogueData()


@dataclass(frozen=True, slots=True)
class Selection:
    """The rule selectors of one layer. `select` is `None` where the layer does not start afresh; `where` names the layer."""

    select: tuple[str, ...] | None
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]
    where: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings that one place gives, by field name, already of the right type. `where` names the place in messages."""

    values: Mapping[str, Any]
    where: str


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of a run. `root` is the project root: module names and relative patterns start there.

    `source` is the file that gave settings. `select`, `extend_select`, `ignore` and `extend_ignore` are those of the
    last layer that had any; `earlier` keeps those below it, because each layer is applied to what the layers below
    enabled; `selectors_from` names the last one in messages.
    """

    root: Path = field(default_factory=Path.cwd)
    source: Path | None = None
    earlier: tuple[Selection, ...] = ()
    selectors_from: str = ""
    select: tuple[str, ...] | None = _setting(
        None,
        Setting("select", "--select", "codes", "Rules to enable in place of the default ones: codes, prefixes of codes, or ALL."),
    )
    extend_select: tuple[str, ...] = _setting(
        (),
        Setting("extend-select", "--extend-select", "codes", "Rules to enable on top of those that are."),
    )
    ignore: tuple[str, ...] = _setting((), Setting("ignore", "--ignore", "codes", "Rules to disable: codes or prefixes of codes."))
    extend_ignore: tuple[str, ...] = _setting(
        (),
        Setting("extend-ignore", "--extend-ignore", "codes", "The same as ignore, for those used to flake8."),
    )
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = _setting(
        (),
        Setting("per-file-ignores", "--per-file-ignores", "codes by pattern", "Rules to disable in the files that a pattern matches."),
    )
    exclude: tuple[str, ...] = _setting(
        (),
        Setting("exclude", "--exclude", "patterns", "Files and folders to leave out, besides environments, caches and what git ignores."),
    )
    extend_exclude: tuple[str, ...] = _setting(
        (),
        Setting("extend-exclude", "--extend-exclude", "patterns", "Files and folders to leave out on top of exclude.", adds=True),
    )
    force_exclude: bool = _setting(
        False,
        Setting("force-exclude", "--force-exclude", "switch", "Leave excluded files out even where they are given by name."),
    )
    min_items: int = _setting(
        100,
        Setting("min-items", "--min-items", "integer", "Stay silent about repetitions that are known to be shorter.", in_flake8=True),
    )
    check_tests: bool = _setting(False, Setting("check-tests", "--check-tests", "switch", "Report findings in test code.", in_flake8=True))
    output_format: str = _setting(
        "full",
        Setting("output-format", "--output-format", "choice", "How to print findings.", choices=OUTPUT_FORMATS),
    )
    catalogue: CatalogueData = field(
        default_factory=_empty_catalogue,
        metadata={"setting": Setting("catalogue", "", "catalogue", "Providers, handlers and progress displays of your own.")},
    )

    def apply(self, layer: Layer) -> Config:
        """Return these settings with those of `layer` over them."""
        values = dict(layer.values)
        for name, setting in settings().items():
            if setting.adds and name in values:
                values[name] = getattr(self, name) + values[name]
        if not _SELECTORS.isdisjoint(values):
            fresh = {"select": None, "extend_select": (), "ignore": (), "extend_ignore": ()}
            values = {"earlier": self.selections, "selectors_from": layer.where, **fresh, **values}
        return replace(self, **values)

    @property
    def selections(self) -> tuple[Selection, ...]:
        """The rule selectors of all layers, lowest first."""
        last = Selection(self.select, self.extend_select, self.ignore + self.extend_ignore, self.selectors_from)
        return self.earlier if last == Selection(None, (), ()) else (*self.earlier, last)

    def ignores(self, code: str, path: Path) -> bool:
        """Say whether `per-file-ignores` disables the rule `code` in the file at `path`."""
        return any(
            covers(selector, code) and matches(pattern, path, self.root)
            for pattern, selectors in self.per_file_ignores
            for selector in selectors
        )


_SELECTORS = frozenset(("select", "extend_select", "ignore", "extend_ignore"))


def settings() -> dict[str, Setting]:
    """Return what the outside sees of each field of `Config`, by field name."""
    return {item.name: item.metadata["setting"] for item in fields(Config) if item.metadata}


def covers(selector: str, code: str) -> bool:
    """Say whether a rule selector means the rule `code`."""
    return selector == EVERYTHING or code.startswith(selector)


def matches(pattern: str, path: Path, root: Path) -> bool:
    """Say whether a glob pattern means the file at `path`: the file itself or a folder above it, up to `root`.

    As in ruff, `*` crosses slashes, a pattern without a slash is matched against names too, and a leading `!` turns the
    answer round.
    """
    if pattern.startswith("!"):
        return not matches(pattern[1:], path, root)
    here = pattern.removeprefix("./").removeprefix(f"{root.as_posix()}/").rstrip("/")
    variants = {here, here.replace("**/", "")}
    whole = root / path
    inside = whole.relative_to(root) if whole.is_relative_to(root) else None
    places = [whole] if inside is None else [inside, *list(inside.parents)[:-1]]
    return any(fnmatchcase(text, each) for place in places for text in (place.as_posix(), place.name) for each in variants)


def layer(values: Mapping[str, object], where: str, text: str = "", table: str = "") -> Layer:
    """Read settings by TOML key. `text` and `table` help to name the line of a key that is wrong."""
    known = {setting.key: (name, setting) for name, setting in settings().items()}
    found: dict[str, Any] = {}
    for key, value in values.items():
        line = _line_of(text, table, key)
        place = where if line is None else f"{where}:{line}"
        if key not in known:
            raise ConfigError(f"{place}: unknown key {key!r}{f' in [{table}]' if table else ''}; {suggestion(key, known)}")
        name, setting = known[key]
        try:
            found[name] = _READERS[setting.shape](setting, value, f"{place}: [{table}.{key}]" if table else f"{place}: [{key}]")
        except _WrongValueError as error:
            raise ConfigError(f"{place}: {key!r} must be {error}") from None
    return Layer(found, where)


def _wrong(expected: str, value: object) -> _WrongValueError:
    return _WrongValueError(f"{expected}, not {json.dumps(value, default=str, ensure_ascii=False)}")


def _read_words(expected: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(expected, value)
    return tuple(word for word in (item.strip() for item in value) if word)


def _read_codes(_setting: Setting, value: object, _where: str) -> tuple[str, ...]:
    return _read_words('a list of rule codes, as in ["SRF101"]', value)


def _read_patterns(_setting: Setting, value: object, _where: str) -> tuple[str, ...]:
    return _read_words('a list of patterns, as in ["scripts/*"]', value)


def _read_codes_by_pattern(_setting: Setting, value: object, _where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    expected = 'a table of lists of rule codes by pattern, as in {"scripts/*" = ["SRF101"]}'
    if not isinstance(value, dict):
        raise _wrong(expected, value)
    return tuple((str(pattern), _read_words(expected, codes)) for pattern, codes in value.items())


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
    "integer": _read_integer,
    "switch": _read_switch,
    "choice": _read_choice,
    "catalogue": _read_catalogue,
}


FILE_NAMES = ("surfacelint.toml", "pyproject.toml")
TABLE = "tool.surfacelint"
_HEADER = re.compile(r"\[\[?\s*([^]]+?)\s*\]\]?\s*(?:#.*)?")


def discover(paths: Sequence[str | Path] = (), file: str | Path | None = None, isolated: bool = False) -> Config:
    """Return the settings for a run over `paths`: the defaults, and over them `file` or the nearest file above `paths`."""
    from surfacelint.project import project_root

    root = project_root(paths)
    found = None if isolated else _read(file) if file is not None else _nearest(root)
    if found is None:
        return Config(root=root)
    folder = found.source.parent
    config = Config(root=folder if root.is_relative_to(folder) else root, source=found.source)
    return config.apply(layer(found.table, found.shown, found.text, found.header))


@dataclass(frozen=True, slots=True)
class _File:
    """A configuration file: its table of ours under `header`, and what it takes to name a line of it."""

    source: Path
    shown: str
    text: str
    header: str
    table: Mapping[str, object]


def _nearest(folder: Path) -> _File | None:
    candidates = (each / name for each in (folder, *folder.parents) for name in FILE_NAMES)
    return next((found for path in candidates if path.is_file() and (found := _open(path)) is not None), None)


def _read(path: str | Path) -> _File:
    found = _open(path)
    if found is None:
        raise ConfigError(f"{path}: there is no [{TABLE}] table in it; add one or name another file")
    return found


def _open(path: str | Path) -> _File | None:
    """Read a file; `None` stands for a pyproject.toml that says nothing about us."""
    from surfacelint.discovery import absolute

    source = Path(absolute(path))
    shown = str(source.relative_to(Path.cwd()) if source.is_relative_to(Path.cwd()) else source)
    try:
        text = source.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{shown}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{shown}: is not UTF-8, as TOML has to be") from None
    if source.name == "pyproject.toml" and "surfacelint" not in text:
        return None
    document = _parse(text, shown)
    tool = document.get("tool")
    if source.name != "surfacelint.toml" and isinstance(tool, dict) and "surfacelint" in tool:
        if not isinstance(tool["surfacelint"], dict):
            raise ConfigError(f"{shown}: [{TABLE}] must be a table")
        return _File(source, shown, text, TABLE, tool["surfacelint"])
    return None if source.name == "pyproject.toml" else _File(source, shown, text, "", document)


def _parse(text: str, shown: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{shown}: is not valid TOML: {error}") from None


def _line_of(text: str, table: str, key: str) -> int | None:
    """Return the line that gives `key` in `table`, where a plain look finds it."""
    inner = f"{table}.{key}" if table else key
    header = ""
    for number, line in enumerate(text.splitlines(), start=1):
        found = _HEADER.fullmatch(line.strip())
        if found:
            header = found.group(1)
            if header == inner or header.startswith(f"{inner}."):
                return number
        elif header == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return number
    return None
