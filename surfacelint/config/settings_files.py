"""Finds the configuration files that apply to paths: the nearest one, the files it extends, and those in folders below."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from surfacelint.cache.replay import LARGEST_SETTINGS
from surfacelint.config.settings import Config, ConfigError, Layer, settings
from surfacelint.config.toml_lines import line_of
from surfacelint.config.toml_values import layer
from surfacelint.project.brace_patterns import literal
from surfacelint.project.file_discovery import absolute, display_path
from surfacelint.project.module_names import common_directory, is_repository, project_root
from surfacelint.system.safe_reading import InputError, parse, read_text

FILE_NAMES = ("surfacelint.toml", "pyproject.toml")
TABLE = "tool.surfacelint"

MOST_DOTS = 10_000
"""The maximum number of dots in a line of TOML. A single dotted key with more takes over a second to parse."""


def discover(paths: Sequence[str | Path] = (), file: str | Path | None = None, isolated: bool = False) -> Config:
    """Return the settings for a run over `paths`: the defaults, overridden by `file` or by the nearest file above `paths`.

    Without `file`, and unless `isolated`, files nearer to the code override these settings for it, as in ruff (see
    `Hierarchy`). Raises ConfigError.
    """
    root = project_root(paths)
    if isolated:
        return Config(root=root)
    if file is not None:
        # A file passed with `--config` is like an option: its paths are relative to the working directory.
        return _settings(_read(file, named=True), root, Path.cwd())
    found = _nearest(common_directory(paths))
    if found is None:
        return Config(root=root, hierarchical=True)
    folder = found.source.parent
    around = root.is_relative_to(folder) and not is_repository(root)
    return replace(_settings(found, folder if around else root), hierarchical=True)


def anchored(layer: Layer, folder: Path) -> Layer:
    """Return a layer with its paths and patterns made absolute, relative to `folder`. A pattern without a slash matches names."""
    values = dict(layer.values)
    for name in values:
        match settings()[name].shape:
            case "path" if values[name]:
                values[name] = absolute(folder / values[name])
            case "patterns":
                values[name] = tuple(_anchored(pattern, folder) for pattern in values[name])
            case "codes by pattern":
                values[name] = tuple((_anchored(pattern, folder), codes) for pattern, codes in values[name])
            case _:
                pass
    return replace(layer, values=values)


def _anchored(pattern: str, folder: Path) -> str:
    bare = pattern.removeprefix("!")
    if "/" not in bare.rstrip("/") or Path(bare).is_absolute():
        return pattern
    whole = Path(absolute(folder / bare))
    above = next(each for each in (folder, *folder.parents) if whole.is_relative_to(each))
    return pattern[: len(pattern) - len(bare)] + f"{literal(above.as_posix()).rstrip('/')}/{whole.relative_to(above).as_posix()}"


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The settings of each source file: those of the nearest configuration file, overridden by options of the command line."""

    run: Config
    _folders: dict[str, Config] = field(default_factory=dict, compare=False)

    def at(self, path: Path) -> Config:
        """Return the settings for the file at an absolute path. Raises ConfigError."""
        if not self.run.hierarchical:
            return self.run
        folder = str(path).rpartition(os.sep)[0]  # Called for each file of a project; pathlib would be slow.
        known = self._folders.get(folder)
        return self._in(Path(folder)) if known is None else known

    def home(self, path: Path) -> Path:
        """Return the folder of the package that a file belongs to: the nearest one with its own settings, or the root."""
        source = self.at(path).source if self.run.hierarchical else None
        return self.run.root if source is None or not source.is_relative_to(self.run.root) else source.parent

    def governed_by(self, config: Config) -> Callable[[str], bool]:
        """Return a predicate: whether `config` applies to files in the folder at an absolute path."""
        return lambda folder: self.at(Path(folder, "_")) is config

    def ignored_run_settings(self, paths: Iterable[Path]) -> Iterator[str]:
        """Yield a warning for each setting of the whole run that a file nearer to `paths` sets to another value, without effect."""
        used = "uses the defaults" if self.run.source is None else f"takes it from {display_path(self.run.source)}"
        others = {id(config): config for config in map(self.at, paths) if config is not self.run}
        said = {each for config in others.values() for each in self._unheard(config)}
        for place, key in sorted(said):
            yield f"{place}: {key!r} has no effect here: it applies to a whole run, and this run {used}"

    def _unheard(self, config: Config) -> Iterator[tuple[str, str]]:
        for name, setting in settings().items():
            layer = next((each for each in reversed(config.layers) if each.file is not None and name in each.values), None)
            if not setting.whole_run or layer is None:
                continue
            known, wanted = getattr(self.run, name), getattr(config, name)
            if known != wanted and not (setting.adds and set(layer.values[name]) <= set(known)):
                yield layer.place(name), setting.key

    def folders(self) -> Iterator[Config]:
        """Yield the settings of the run, then those of each folder with its own settings that was asked about so far."""
        yield self.run
        seen = {id(self.run)}
        for config in self._folders.values():
            if id(config) not in seen:
                seen.add(id(config))
                yield config

    def looked_at(self) -> list[str]:
        """Return the paths on which the settings depend: configuration files, and folders where one may be added."""
        folders = {self.run.root, *map(Path, self._folders)}
        found = [str(path) for folder in folders for name in FILE_NAMES if _is_file(path := folder / name)]
        given = [str(layer.file) for config in self.folders() for layer in config.layers if layer.file is not None]
        return [*map(str, folders), *found, *given, *([self.run.baseline] if self.run.baseline else [])]

    def _in(self, folder: Path) -> Config:
        known = self._folders.get(str(folder))
        if known is None:
            if not folder.is_relative_to(self.run.root):
                known = self.run
            elif folder == self.run.root:
                known = self._of(_nearest(folder), folder)
            else:
                found = _in_folder(folder)
                known = self._in(folder.parent) if found is None else self._of(found, folder)
            self._folders[str(folder)] = known
        return known

    def _of(self, found: _File | None, folder: Path) -> Config:
        """Return the settings of a file, or the defaults without one; `self.run` if that is the file of the run."""
        if self.run.source == (None if found is None else found.source):
            return self.run
        return self._over(Config(root=folder) if found is None else _settings(found, folder))

    def _over(self, config: Config) -> Config:
        """Return settings of files, overridden by the options of the run."""
        for given in self.run.layers:
            if given.file is None:
                config = config.apply(given)
        return config


@dataclass(frozen=True, slots=True)
class _File:
    """A configuration file: our table in it, the table's `header`, and the text for line numbers."""

    source: Path
    shown: str
    text: str
    header: str
    table: Mapping[str, object]

    def layer(self, folder: Path | None = None) -> Layer:
        """Return its settings, with paths and patterns relative to `folder` (default: the folder of the file)."""
        read = layer(self.table, self.shown, self.text, self.header, self.source)
        return anchored(read, folder or self.source.parent)


def _settings(file: _File, root: Path, folder: Path | None = None) -> Config:
    """Return the settings of a file, on top of those of the files that it extends."""
    *extended, nearest = [each.layer(folder if each is file else None) for each in reversed(_chain(file))]
    config = Config(root=root)
    for each in (*extended, nearest):
        config = config.apply(each)
    return config


def _chain(file: _File) -> list[_File]:
    """Return a file and the files that it extends, nearest first. Raises ConfigError for a cycle."""
    chain = [file]
    seen = {os.path.realpath(file.source)}
    while target := chain[-1].table.get("extend"):
        last = chain[-1]
        if not isinstance(target, str):
            last.layer()  # raises the error
            break
        path = last.source.parent / os.path.expanduser(target)  # noqa: PTH111 - does not fail if there is no such user
        if not os.path.isfile(path):
            raise ConfigError(
                f"{last.layer().place('extend')}: extends {target}, which is not a file; the path is relative to {last.shown}"
            )
        following = _read(path)
        real = os.path.realpath(following.source)
        if real in seen:
            cycle = " -> ".join(each.shown for each in (*chain, following))
            raise ConfigError(f"{file.shown}: extends itself: {cycle}; remove one of these `extend` settings")
        seen.add(real)
        chain.append(following)
    return chain


def _nearest(folder: Path) -> _File | None:
    return next((found for each in (folder, *folder.parents) if (found := _in_folder(each)) is not None), None)


def _in_folder(folder: Path) -> _File | None:
    candidates = (folder / name for name in FILE_NAMES)
    return next((found for path in candidates if _is_file(path) and (found := _open(path)) is not None), None)


def _is_file(path: Path) -> bool:
    """Whether there is a regular file (not a FIFO) at `path`. Unlike `Path.is_file`, never raises."""
    return os.path.isfile(path)


def _read(path: str | Path, named: bool = False) -> _File:
    found = _open(path, named)
    if found is None:
        raise ConfigError(f"{path}: has no [{TABLE}] table; add one, or name another file")
    return found


def _open(path: str | Path, named: bool = False) -> _File | None:
    """Read a configuration file, or return `None` for a pyproject.toml without our table. A file `named` by `--config` may be a pipe."""
    source = Path(absolute(path))
    name = display_path(source)
    try:
        text = read_text(source, LARGEST_SETTINGS, pipe=named)
    except InputError as error:
        raise ConfigError(f"{name}: {error}") from None
    if source.name == "pyproject.toml" and "surfacelint" not in text:
        return None
    document = parse_toml(text, name)
    tool = document.get("tool")
    if source.name != "surfacelint.toml" and isinstance(tool, dict) and "surfacelint" in tool:
        if not isinstance(tool["surfacelint"], dict):
            raise ConfigError(f"{name}: [{TABLE}] must be a table")
        return _File(source, name, text, TABLE, tool["surfacelint"])
    if source.name == "surfacelint.toml" and "tool" in document:
        raise ConfigError(f"{name}:{line_of(text, '', 'tool') or 1}: settings in this file have no table header: remove [{TABLE}]")
    if source.name == "pyproject.toml" and "surfacelint" in document:
        raise ConfigError(f"{name}:{line_of(text, '', 'surfacelint') or 1}: unknown table [surfacelint]; did you mean [{TABLE}]?")
    return None if source.name == "pyproject.toml" else _File(source, name, text, "", document)


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Parse TOML text. Raises ConfigError with a message that starts with `where`."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    # The parser needs quadratic time for a dotted key, and a key cannot span lines.
    if sum(line.count(".") ** 2 for line in text.split("\n")) > MOST_DOTS**2:
        raise ConfigError(f"{where}: has too many dots: the limit is {MOST_DOTS:,} in one line, and fewer per line if several have many")
    try:
        document: dict[str, Any] = parse(tomllib.loads, text, "valid TOML")
    except InputError as error:
        raise ConfigError(f"{where}: {error}") from None
    return document
