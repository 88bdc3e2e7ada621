"""The settings: one dataclass whose fields are the TOML keys, the flags, the table of the documentation and the JSON Schema.

`Config().apply(file).apply(flags)` is the whole order of precedence. A `Layer` is what one place (a file, the command
line, the options of flake8) gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from surfacelint.facts.comment_directives import Declaration
from surfacelint.model.findings import Severity
from surfacelint.project.file_discovery import INCLUDE

if TYPE_CHECKING:
    from surfacelint.catalogue.schema import CatalogueData

OUTPUT_FORMATS = ("full", "concise", "json", "json-lines", "sarif", "github", "gitlab", "junit", "rdjson", "markdown", "html")
SEVERITIES = tuple(severity.value for severity in Severity)
EVERYTHING = "ALL"


class ConfigError(Exception):
    """A configuration that cannot be used. The text is one sentence: where, what, and what to do."""


Shape = Literal["codes", "patterns", "codes by pattern", "choice by code", "integer", "switch", "choice", "path", "workloads", "catalogue"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the outside sees of a field of `Config`: its name with dashes is the `key` in TOML.

    A setting that `adds` is joined to that of the layer below, the others replace it. `in_flake8` settings are options
    of flake8, too; the rest is decided by flake8's own options of the same name, or makes no sense there. Settings of
    the `whole_run` are those of the file nearest to all that is checked; the others may differ from file to file.
    """

    key: str
    shape: Shape
    help: str
    choices: tuple[str, ...] = ()
    option: bool = True
    adds: bool = False
    in_flake8: bool = False
    whole_run: bool = False

    @property
    def flag(self) -> str:
        """The option of the command line, empty where there is none."""
        return f"--{self.key}" if self.option else ""


def _setting(default: Any, shape: Shape, help: str, **more: Any) -> Any:
    return field(default=default, metadata={"shape": shape, "help": help, **more})


def _empty_catalogue() -> CatalogueData:
    from surfacelint.catalogue.schema import CatalogueData

    return CatalogueData()


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings that one place gives, by field name, already of the right type.

    `where` names the place in messages, `lines` tells the line of a field in it where that is known, and `words` that of a
    key or an element in a field. `file` is the file that it came from, `None` for what is given besides files and holds for
    all of them.
    """

    values: dict[str, Any]
    where: str = ""
    lines: dict[str, int] = field(default_factory=dict)
    file: Path | None = None
    words: dict[tuple[str, str], int] = field(default_factory=dict)

    def place(self, name: str, word: str = "") -> str:
        """Return where in the layer a field is given, or where in it a word is."""
        line = self.words.get((name, word), self.lines.get(name))
        return self.where if line is None else f"{self.where}:{line}"


@dataclass(frozen=True, slots=True)
class Selection:
    """The rule selectors of one layer. `select` is `None` where the layer does not start afresh."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()
    layer: Layer = field(default_factory=lambda: Layer({}), compare=False)

    def selected(self) -> Iterator[tuple[str, str]]:
        """Return what enables rules, each with the place that says so."""
        yield from ((word, self._place("select", word)) for word in self.select or ())
        yield from ((word, self._place("extend_select", word)) for word in self.extend_select)

    def ignored(self) -> Iterator[tuple[str, str]]:
        """Return what disables rules, each with the place that says so."""
        yield from ((word, self._place("ignore", word)) for word in self.ignore)
        yield from ((word, self._place("extend_ignore", word)) for word in self.extend_ignore)

    def _place(self, name: str, word: str) -> str:
        return self.layer.place(name, word) or name.replace("_", "-")


_SELECTORS = ("select", "extend_select", "ignore", "extend_ignore")


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of a run, or of the files of a folder that has settings of its own.

    `root` is the project root: module names and relative patterns start there. `hierarchical` says that files of
    settings nearer to the code decide about it. `layers` are what was applied, lowest first. `select`, `extend_select`,
    `ignore` and `extend_ignore` are those of the last layer that had any; `earlier` keeps those below it, because each
    layer is applied to what the layers below enabled.
    """

    root: Path = field(default_factory=Path.cwd)
    hierarchical: bool = False
    layers: tuple[Layer, ...] = field(default=(), compare=False)
    earlier: tuple[Selection, ...] = ()
    extend: str = _setting("", "path", "A file whose settings hold where this one says nothing.", option=False)
    select: tuple[str, ...] | None = _setting(
        None, "codes", "Rules to enable in place of the default ones: codes, prefixes of codes, or ALL."
    )
    extend_select: tuple[str, ...] = _setting((), "codes", "Rules to enable on top of those that are.")
    ignore: tuple[str, ...] = _setting((), "codes", "Rules to disable: codes or prefixes of codes.")
    extend_ignore: tuple[str, ...] = _setting((), "codes", "The same as ignore, for those used to flake8.")
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = _setting(
        (), "codes by pattern", "Rules to disable in the files that a pattern matches."
    )
    severity: tuple[tuple[str, str], ...] = _setting(
        (), "choice by code", "How much a rule matters, by code or prefix: info, warning or error.", choices=SEVERITIES
    )
    fail_on: str = _setting(
        "info", "choice", "The least severity that makes the exit code 1; all are shown.", choices=SEVERITIES, whole_run=True
    )
    include: tuple[str, ...] = _setting(INCLUDE, "patterns", "Files to check in the folders that are given.", whole_run=True)
    extend_include: tuple[str, ...] = _setting(
        (), "patterns", "Files to check on top of include, such as scripts without a suffix.", adds=True, whole_run=True
    )
    exclude: tuple[str, ...] = _setting(
        (), "patterns", "Files and folders to leave out, besides environments, caches and what git ignores."
    )
    extend_exclude: tuple[str, ...] = _setting((), "patterns", "Files and folders to leave out on top of exclude.", adds=True)
    force_exclude: bool = _setting(False, "switch", "Leave excluded files out even where they are given by name.", whole_run=True)
    baseline: str = _setting("", "path", "A file of known findings, which are not reported; see surfacelint baseline.", whole_run=True)
    min_items: int = _setting(100, "integer", "Stay silent about repetitions that are known to be shorter.", in_flake8=True)
    min_calls_per_day: int = _setting(1000, "integer", "Stay silent about workloads that are declared to make fewer calls.", in_flake8=True)
    workloads: tuple[tuple[str, Declaration], ...] = _setting(
        (), "workloads", "Facts that only you know, by function: volume, deadline, one-off, user-waits, background.", option=False
    )
    check_tests: bool = _setting(False, "switch", "Report findings in test code.", in_flake8=True)
    output_format: str = _setting("full", "choice", "How to print findings.", choices=OUTPUT_FORMATS, whole_run=True)
    jobs: int = _setting(0, "integer", "How many processes to read files with; 0 for one on each core.", whole_run=True)
    cache: bool = _setting(True, "switch", "Keep what was read of files for the next run.", whole_run=True)
    cache_dir: str = _setting(
        "", "path", "The folder for it, in place of .surfacelint_cache or of what SURFACELINT_CACHE_DIR names.", whole_run=True
    )
    catalogue: CatalogueData = field(
        default_factory=_empty_catalogue,
        metadata={"shape": "catalogue", "help": "Providers, handlers and progress displays of your own.", "option": False},
    )

    def __post_init__(self) -> None:
        """Refuse a text where texts are wanted: each of its letters would be taken for one, and `S` selects every rule."""
        for name, setting in settings().items():
            if setting.shape in ("codes", "patterns") and isinstance(value := getattr(self, name), str):
                raise ConfigError(f"{name} must be a tuple of texts, as in ({value!r},), not {value!r}")

    def apply(self, layer: Layer) -> Config:
        """Return these settings with those of `layer` over them."""
        values = dict(layer.values)
        for name, setting in settings().items():
            if setting.adds and name in values:
                values[name] = getattr(self, name) + values[name]
        if not values.keys().isdisjoint(_SELECTORS):
            fresh = {"select": None, "extend_select": (), "ignore": (), "extend_ignore": ()}
            values = {"earlier": self.selections, **fresh, **values}
        return replace(self, **values, layers=(*self.layers, layer))

    @property
    def selections(self) -> tuple[Selection, ...]:
        """The rule selectors of all layers, lowest first."""
        giving = (layer for layer in reversed(self.layers) if not layer.values.keys().isdisjoint(_SELECTORS))
        last = Selection(self.select, self.extend_select, self.ignore, self.extend_ignore, next(giving, Layer({})))
        return self.earlier if last == Selection() else (*self.earlier, last)

    @property
    def source(self) -> Path | None:
        """The nearest file that gave settings."""
        return next((layer.file for layer in reversed(self.layers) if layer.file is not None), None)

    def origin(self, name: str) -> Layer | None:
        """Return the highest layer that gives a field; `None` stands for the default."""
        return next((layer for layer in reversed(self.layers) if name in layer.values), None)

    @property
    def excluded(self) -> tuple[str, ...]:
        """All patterns of what to leave out."""
        return (*self.exclude, *self.extend_exclude)

    def excludes(self, path: Path) -> bool:
        """Say whether the file at `path` is to be left out."""
        return any(matches(pattern, path, self.root) for pattern in self.excluded)

    @property
    def included(self) -> tuple[str, ...]:
        """All patterns of what to check."""
        return (*self.include, *self.extend_include)

    def ignores(self, code: str, path: Path) -> bool:
        """Say whether `per-file-ignores` disables the rule `code` in the file at `path`."""
        return any(
            covers(selector, code) and matches(pattern, path, self.root)
            for pattern, selectors in self.per_file_ignores
            for selector in selectors
        )

    def declared(self, module: str, function: str) -> Declaration:
        """Return the facts about a function that `workloads` declares, all absent if there are none."""
        whole = Declaration()
        for name, facts in self.workloads:
            wanted, _, title = name.partition(":")
            if title == function and is_module(wanted, module):
                whole = whole.over(facts)
        return whole

    def severity_of(self, code: str) -> Severity | None:
        """Return the severity that the settings give to the rule `code`; the most specific selector decides."""
        found = [(-1 if selector == EVERYTHING else len(selector), value) for selector, value in self.severity if covers(selector, code)]
        return Severity(max(found)[1]) if found else None


@cache
def settings() -> dict[str, Setting]:
    """Return what the outside sees of each field of `Config`, by field name."""
    return {item.name: Setting(item.name.replace("_", "-"), **item.metadata) for item in fields(Config) if item.metadata}


def is_module(wanted: str, module: str) -> bool:
    """Say whether a dotted name means a module, which may lie deeper than the folder that names begin at."""
    return module == wanted or module.endswith(f".{wanted}")


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
    within = whole.is_relative_to(root) and not Path(here).is_absolute()
    inside = whole.relative_to(root) if within else whole
    places = [inside, *list(inside.parents)[:-1]]
    by_name = "/" not in pattern.rstrip("/")
    texts = [text for place in places for text in ((place.as_posix(), place.name) if by_name else (place.as_posix(),))]
    return any(fnmatchcase(text, each) for text in texts for each in variants)
