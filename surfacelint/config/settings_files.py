"""From paths to settings: the nearest file that has some, what it extends, and the files of folders further down."""

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
from surfacelint.project.file_discovery import absolute, shown
from surfacelint.project.module_names import common_directory, is_repository, project_root
from surfacelint.system.safe_reading import InputError, parse, read_text

FILE_NAMES = ("surfacelint.toml", "pyproject.toml")
TABLE = "tool.surfacelint"

MOST_DOTS = 10_000
"""Dots in a line of TOML beyond which it might be one key that takes more than a second to read."""


def discover(paths: Sequence[str | Path] = (), file: str | Path | None = None, isolated: bool = False) -> Config:
    """Return the settings for a run over `paths`: the defaults, and over them `file` or the nearest file above `paths`.

    Without `file`, and unless `isolated`, files nearer to the code decide about it, as in ruff: see `Hierarchy`. Raises
    ConfigError.
    """
    root = project_root(paths)
    if isolated:
        return Config(root=root)
    if file is not None:
        # Named for this run, it speaks as the command line does, from where the user stands.
        return _settings(_read(file, named=True), root, Path.cwd())
    found = _nearest(common_directory(paths))
    if found is None:
        return Config(root=root, hierarchical=True)
    folder = found.source.parent
    around = root.is_relative_to(folder) and not is_repository(root)
    return replace(_settings(found, folder if around else root), hierarchical=True)


def anchored(layer: Layer, folder: Path) -> Layer:
    """Return a layer whose relative paths and patterns are relative to `folder`. A pattern without a slash is about names."""
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
    return pattern[: len(pattern) - len(bare)] + Path(absolute(folder / bare)).as_posix()


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The settings of each file of a run: those of the nearest folder that has some, with what was given on the command line over them."""

    run: Config
    _folders: dict[str, Config] = field(default_factory=dict, compare=False)

    def at(self, path: Path) -> Config:
        """Return the settings that hold for the file at an absolute path. Raises ConfigError."""
        if not self.run.hierarchical:
            return self.run
        folder = str(path).rpartition(os.sep)[0]  # Asked about each file of a project, for which pathlib is slow.
        known = self._folders.get(folder)
        return self._in(Path(folder)) if known is None else known

    def home(self, path: Path) -> Path:
        """Return the folder that says what a file is part of: the root, or one further down that has settings of its own."""
        source = self.at(path).source if self.run.hierarchical else None
        return self.run.root if source is None or not source.is_relative_to(self.run.root) else source.parent

    def governed_by(self, config: Config) -> Callable[[str], bool]:
        """Return what tells whether the nearest settings to the files in a folder, given by its absolute path, are `config`."""
        return lambda folder: self.at(Path(folder, "_")) is config

    def unheard(self, paths: Iterable[Path]) -> Iterator[str]:
        """Return a sentence for each file of settings of those `paths` that says something about the whole run, and is not asked.

        What says the same as the run has it does no harm.
        """
        asked = "the default ones" if self.run.source is None else f"taken from {shown(self.run.source)}"
        others = {id(config): config for config in map(self.at, paths) if config is not self.run}
        said = {each for config in others.values() for each in self._unheard(config)}
        for place, key in sorted(said):
            yield f"{place}: {key!r} has no effect here: it is for a whole run, and the settings of this one are {asked}"

    def _unheard(self, config: Config) -> Iterator[tuple[str, str]]:
        for name, setting in settings().items():
            layer = next((each for each in reversed(config.layers) if each.file is not None and name in each.values), None)
            if not setting.whole_run or layer is None:
                continue
            known, wanted = getattr(self.run, name), getattr(config, name)
            if known != wanted and not (setting.adds and set(layer.values[name]) <= set(known)):
                yield layer.place(name), setting.key

    def folders(self) -> Iterator[Config]:
        """Return the settings of the run, and those of each folder asked about so far that has some of its own."""
        yield self.run
        seen = {id(self.run)}
        for config in self._folders.values():
            if id(config) not in seen:
                seen.add(id(config))
                yield config

    def looked_at(self) -> list[str]:
        """Return the files that settings were looked for in, and the folders that had none but may get some."""
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
        """Return the settings of a file, or the default ones; those of the run where they are its own."""
        if self.run.source == (None if found is None else found.source):
            return self.run
        return self._over(Config(root=folder) if found is None else _settings(found, folder))

    def _over(self, config: Config) -> Config:
        """Return settings of files with those over them that hold for the whole run."""
        for given in self.run.layers:
            if given.file is None:
                config = config.apply(given)
        return config


@dataclass(frozen=True, slots=True)
class _File:
    """A configuration file: its table of ours under `header`, and what it takes to name a line of it."""

    source: Path
    shown: str
    text: str
    header: str
    table: Mapping[str, object]

    def layer(self, folder: Path | None = None) -> Layer:
        """Return its settings, with paths and patterns relative to `folder`, or to its own."""
        read = layer(self.table, self.shown, self.text, self.header, self.source)
        return anchored(read, folder or self.source.parent)


def _settings(file: _File, root: Path, folder: Path | None = None) -> Config:
    """Return the settings of a file over those of the files that it extends."""
    *extended, nearest = [each.layer(folder if each is file else None) for each in reversed(_chain(file))]
    config = Config(root=root)
    for each in (*extended, nearest):
        config = config.apply(each)
    return config


def _chain(file: _File) -> list[_File]:
    """Return a file and those that it extends, one after another. Raises ConfigError for a circle."""
    chain = [file]
    seen = {os.path.realpath(file.source)}
    while target := chain[-1].table.get("extend"):
        last = chain[-1]
        if not isinstance(target, str):
            last.layer()  # which says what is wrong
            break
        path = last.source.parent / os.path.expanduser(target)  # noqa: PTH111 - which does not fail where there is no such user
        if not os.path.isfile(path):
            raise ConfigError(f"{last.layer().place('extend')}: extends {target}, which is no file; the path is relative to {last.shown}")
        following = _read(path)
        real = os.path.realpath(following.source)
        if real in seen:
            circle = " -> ".join(each.shown for each in (*chain, following))
            raise ConfigError(f"{file.shown}: extends itself: {circle}")
        seen.add(real)
        chain.append(following)
    return chain


def _nearest(folder: Path) -> _File | None:
    return next((found for each in (folder, *folder.parents) if (found := _in_folder(each)) is not None), None)


def _in_folder(folder: Path) -> _File | None:
    candidates = (folder / name for name in FILE_NAMES)
    return next((found for path in candidates if _is_file(path) and (found := _open(path)) is not None), None)


def _is_file(path: Path) -> bool:
    """Say whether there is a regular file, which a FIFO by that name is not. Unlike the method of `Path` it raises nothing."""
    return os.path.isfile(path)


def _read(path: str | Path, named: bool = False) -> _File:
    found = _open(path, named)
    if found is None:
        raise ConfigError(f"{path}: there is no [{TABLE}] table in it; add one or name another file")
    return found


def _open(path: str | Path, named: bool = False) -> _File | None:
    """Read a file; `None` stands for a pyproject.toml that says nothing about us. One that is `named` for this run may be a pipe."""
    source = Path(absolute(path))
    name = shown(source)
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
        raise ConfigError(f"{name}:{line_of(text, '', 'tool') or 1}: settings stand in it without a table: leave out [{TABLE}]")
    if source.name == "pyproject.toml" and "surfacelint" in document:
        raise ConfigError(f"{name}:{line_of(text, '', 'surfacelint') or 1}: [surfacelint] is nobody's table; write [{TABLE}]")
    return None if source.name == "pyproject.toml" else _File(source, name, text, "", document)


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Return what a TOML text says. Raises ConfigError, naming `where`."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    # A dotted key takes the parser the square of its length, and no key spans lines.
    if sum(line.count(".") ** 2 for line in text.split("\n")) > MOST_DOTS**2:
        raise ConfigError(f"{where}: is too long to read: a line may hold {MOST_DOTS:,} dots, and several of them fewer")
    try:
        document: dict[str, Any] = parse(tomllib.loads, text, "valid TOML")
    except InputError as error:
        raise ConfigError(f"{where}: {error}") from None
    return document
