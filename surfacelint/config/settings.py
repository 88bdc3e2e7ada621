"""All settings, in one dataclass: its fields define the TOML keys, the options, the table in the documentation and the JSON Schema.

Precedence is `Config().apply(file).apply(options)`. A `Layer` holds the settings from one place: a file, the command
line, or the options of flake8.
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
from surfacelint.project.brace_patterns import alternatives, literal
from surfacelint.project.file_discovery import INCLUDE

if TYPE_CHECKING:
    from surfacelint.catalogue.schema import CatalogueData

OUTPUT_FORMATS = ("full", "concise", "json", "json-lines", "sarif", "github", "gitlab", "junit", "rdjson", "markdown", "html")
SEVERITIES = tuple(severity.value for severity in Severity)
EVERYTHING = "ALL"


class ConfigError(Exception):
    """A configuration error. The text is one sentence for the user: where the problem is, what it is, and what to do."""


Shape = Literal[
    "codes", "patterns", "codes by pattern", "choice by code", "integer", "switch", "choice", "path", "module", "workloads", "catalogue"
]


@dataclass(frozen=True, slots=True)
class Setting:
    """How users see a field of `Config`: the TOML `key` is its name with dashes.

    - `option`: it is also an option of the command line.
    - `adds`: its values are appended to those of lower layers. Other settings replace them.
    - `in_flake8`: it is also an option of flake8. flake8 has its own options for the others, or they do not apply.
    - `whole_run`: the file nearest to all checked paths decides. Other settings may differ from file to file.
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
        """The option of the command line, empty if there is none."""
        return f"--{self.key}" if self.option else ""


def _setting(default: Any, shape: Shape, help: str, **more: Any) -> Any:
    return field(default=default, metadata={"shape": shape, "help": help, **more})


def _empty_catalogue() -> CatalogueData:
    from surfacelint.catalogue.schema import CatalogueData

    return CatalogueData()


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings from one place, by field name and validated.

    `where` names the place in messages. `lines` has the line of each field, if known, and `words` the line of each key or
    element inside a field. `file` is the configuration file, `None` for options, which apply to all files.
    """

    values: dict[str, Any]
    where: str = ""
    lines: dict[str, int] = field(default_factory=dict)
    file: Path | None = None
    words: dict[tuple[str, str], int] = field(default_factory=dict)

    def place(self, name: str, word: str = "") -> str:
        """Return the place, with its line if known, of a field or of a word in it."""
        line = self.words.get((name, word), self.lines.get(name))
        return self.where if line is None else f"{self.where}:{line}"


@dataclass(frozen=True, slots=True)
class Selection:
    """The rule selectors of one layer. `select` is `None` if the layer only changes what lower layers selected."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()
    layer: Layer = field(default_factory=lambda: Layer({}), compare=False)

    def selected(self) -> Iterator[tuple[str, str]]:
        """Yield each selector that enables rules, with its place."""
        yield from ((word, self._place("select", word)) for word in self.select or ())
        yield from ((word, self._place("extend_select", word)) for word in self.extend_select)

    def ignored(self) -> Iterator[tuple[str, str]]:
        """Yield each selector that disables rules, with its place."""
        yield from ((word, self._place("ignore", word)) for word in self.ignore)
        yield from ((word, self._place("extend_ignore", word)) for word in self.extend_ignore)

    def _place(self, name: str, word: str) -> str:
        return self.layer.place(name, word) or name.replace("_", "-")


_SELECTORS = ("select", "extend_select", "ignore", "extend_ignore")


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of a run, or of the files in a folder with its own configuration file.

    `root` is the project root, where module names and relative patterns start. If `hierarchical`, the configuration file
    nearest to a source file applies to it. `layers` are the applied layers, lowest first. `select`, `extend_select`,
    `ignore` and `extend_ignore` come from the last layer that had any. `earlier` has the selectors of the layers below,
    because each layer changes the set of rules that the lower layers enabled.
    """

    root: Path = field(default_factory=Path.cwd)
    hierarchical: bool = False
    layers: tuple[Layer, ...] = field(default=(), compare=False)
    earlier: tuple[Selection, ...] = ()
    extend: str = _setting("", "path", "A configuration file to extend. This file overrides its settings.", option=False)
    select: tuple[str, ...] | None = _setting(None, "codes", "Rules to enable instead of the defaults: codes, code prefixes, or ALL.")
    extend_select: tuple[str, ...] = _setting((), "codes", "Rules to enable in addition to the selected ones.")
    ignore: tuple[str, ...] = _setting((), "codes", "Rules to disable: codes or code prefixes.")
    extend_ignore: tuple[str, ...] = _setting((), "codes", "Rules to disable in addition to ignore, as in flake8.")
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = _setting(
        (), "codes by pattern", "Rules to disable in files that match a pattern."
    )
    severity: tuple[tuple[str, str], ...] = _setting(
        (), "choice by code", "Severity by rule code or prefix: info, warning or error.", choices=SEVERITIES
    )
    fail_on: str = _setting(
        "info", "choice", "Minimum severity that fails the run (exit status 1). All findings are shown.", choices=SEVERITIES, whole_run=True
    )
    include: tuple[str, ...] = _setting(INCLUDE, "patterns", "Patterns of files to check in the given folders.", whole_run=True)
    extend_include: tuple[str, ...] = _setting(
        (), "patterns", "Patterns of files to check in addition to include, such as scripts without a suffix.", adds=True, whole_run=True
    )
    exclude: tuple[str, ...] = _setting(
        (), "patterns", "Files and folders to exclude, in addition to virtual environments, caches and files that git ignores."
    )
    extend_exclude: tuple[str, ...] = _setting((), "patterns", "Files and folders to exclude in addition to exclude.", adds=True)
    force_exclude: bool = _setting(False, "switch", "Exclude matching files even if they are passed by name.", whole_run=True)
    baseline: str = _setting(
        "", "path", "Baseline file of known findings, which are not reported. See surfacelint baseline.", whole_run=True
    )
    min_items: int = _setting(100, "integer", "Do not report repetitions known to have fewer items.", in_flake8=True)
    min_calls_per_day: int = _setting(1000, "integer", "Do not report workloads declared to make fewer calls per day.", in_flake8=True)
    workloads: tuple[tuple[str, Declaration], ...] = _setting(
        (), "workloads", "Declared facts by function: volume, deadline, one-off, user-waits, background.", option=False
    )
    check_tests: bool = _setting(False, "switch", "Check test code, too.", in_flake8=True)
    batch_module: str = _setting(
        "llm_batch",
        "module",
        "Module that fixes create and import, to submit batches and wait for them: its dotted name.",
        whole_run=True,
    )
    output_format: str = _setting("full", "choice", "Output format for findings.", choices=OUTPUT_FORMATS, whole_run=True)
    jobs: int = _setting(0, "integer", "Number of processes. 0 uses one per core.", whole_run=True)
    cache: bool = _setting(True, "switch", "Cache results for the next run.", whole_run=True)
    cache_dir: str = _setting(
        "", "path", "Cache folder. Default: $SURFACELINT_CACHE_DIR, or .surfacelint_cache in the project root.", whole_run=True
    )
    catalogue: CatalogueData = field(
        default_factory=_empty_catalogue,
        metadata={"shape": "catalogue", "help": "Your own providers, handlers and progress displays.", "option": False},
    )

    def __post_init__(self) -> None:
        """Reject a string where a tuple of strings is needed: each letter would count as an element, and `S` selects every rule."""
        for name, setting in settings().items():
            if setting.shape in ("codes", "patterns") and isinstance(value := getattr(self, name), str):
                raise ConfigError(f"{name} must be a tuple of strings, such as ({value!r},), not {value!r}")

    def apply(self, layer: Layer) -> Config:
        """Return these settings, overridden by those of `layer`."""
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
        """The nearest configuration file, if there is one."""
        return next((layer.file for layer in reversed(self.layers) if layer.file is not None), None)

    def origin(self, name: str) -> Layer | None:
        """Return the highest layer that sets a field, or `None` if it has its default value."""
        return next((layer for layer in reversed(self.layers) if name in layer.values), None)

    @property
    def excluded(self) -> tuple[str, ...]:
        """All exclude patterns."""
        return (*self.exclude, *self.extend_exclude)

    def excludes(self, path: Path) -> bool:
        """Whether the exclude patterns match the file at `path`."""
        return any(matches(pattern, path, self.root) for pattern in self.excluded)

    @property
    def included(self) -> tuple[str, ...]:
        """All include patterns."""
        return (*self.include, *self.extend_include)

    def ignores(self, code: str, path: Path) -> bool:
        """Whether `per-file-ignores` disables the rule `code` in the file at `path`."""
        return any(
            covers(selector, code) and matches(pattern, path, self.root)
            for pattern, selectors in self.per_file_ignores
            for selector in selectors
        )

    def declared(self, module: str, function: str) -> Declaration:
        """Return the facts that `workloads` declares about a function; without any, an empty declaration."""
        whole = Declaration()
        for name, facts in self.workloads:
            wanted, _, title = name.partition(":")
            if title == function and is_module(wanted, module):
                whole = whole.over(facts)
        return whole

    def severity_of(self, code: str) -> Severity | None:
        """Return the configured severity of the rule `code`, if any. The most specific selector wins."""
        found = [(-1 if selector == EVERYTHING else len(selector), value) for selector, value in self.severity if covers(selector, code)]
        return Severity(max(found)[1]) if found else None


@cache
def settings() -> dict[str, Setting]:
    """Return the `Setting` of each field of `Config` that users can set, by field name."""
    return {item.name: Setting(item.name.replace("_", "-"), **item.metadata) for item in fields(Config) if item.metadata}


def is_module(wanted: str, module: str) -> bool:
    """Whether `wanted` names `module` or its trailing part: users may write names from a source folder below the root."""
    return module == wanted or module.endswith(f".{wanted}")


def covers(selector: str, code: str) -> bool:
    """Whether a rule selector includes the rule `code`."""
    return selector == EVERYTHING or code.startswith(selector)


def matches(pattern: str, path: Path, root: Path) -> bool:
    """Whether a glob pattern matches the file at `path` or a folder above it, up to `root`.

    As in ruff, `*` matches slashes, a pattern without a slash is matched against names too, braces hold alternatives, and a leading `!`
    negates the pattern.
    """
    if pattern.startswith("!"):
        return not matches(pattern[1:], path, root)
    return any(_matches(plain, path, root) for plain in alternatives(pattern))


def _matches(pattern: str, path: Path, root: Path) -> bool:
    place = root.as_posix()
    here = pattern.removeprefix("./").removeprefix(f"{place}/").removeprefix(f"{literal(place)}/").rstrip("/")
    variants = {here, here.replace("**/", "")}
    whole = root / path
    within = whole.is_relative_to(root) and not Path(here).is_absolute()
    inside = whole.relative_to(root) if within else whole
    places = [inside, *list(inside.parents)[:-1]]
    by_name = "/" not in pattern.rstrip("/")
    texts = [text for place in places for text in ((place.as_posix(), place.name) if by_name else (place.as_posix(),))]
    return any(fnmatchcase(text, each) for text in texts for each in variants)
