"""From the requested paths to the project around them: which files are checked, its settings, its sources and its cache."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from surfacelint.cache.entry_store import Store
from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.loading import merge
from surfacelint.config import Config, Hierarchy, cache_folder, make_cache
from surfacelint.project import file_discovery
from surfacelint.project.module_names import Project, is_repository, project_files
from surfacelint.reading.source_reader import Sources
from surfacelint.system.file_dependencies import Dependencies, stamp
from surfacelint.system.records import record
from surfacelint.system.timings import Timings
from surfacelint.system.worker_processes import cores


@record(frozen=True, slots=True)
class Texts:
    """Texts that take the place of files on disk: `given` by absolute path, and the text of standard input with the file it represents.

    Files that are `absent` count as missing.
    """

    given: Mapping[Path, str]
    stdin: str | None = None
    stdin_filename: str | None = None
    absent: frozenset[Path] = frozenset()

    @property
    def by_path(self) -> dict[Path, str]:
        """All texts, by absolute path."""
        return dict(self.given) if self.stdin is None else {**self.given, _stdin_path(self.stdin_filename): self.stdin}


def set_up_project(
    paths: Sequence[str | Path],
    hierarchy: Hierarchy,
    texts: Texts,
    timings: Timings,
    dependencies: Dependencies,
) -> tuple[file_discovery.Discovery, Sources, Catalogue]:
    """Return the requested files, the sources of the project around them, and the catalogue that its settings extend.

    Opens the cache, and creates it if there is anything to check. Raises ConfigError if the cache folder may not be used.
    """
    config = hierarchy.run
    folder = cache_folder(config) if config.cache else None
    if folder is not None and any(map(os.path.exists, (*paths, folder))):
        create_cache(config, folder, dependencies)
    with timings.stage("listing files"):
        new = [path for path in texts.given if not os.path.lexists(path)]
        if texts.stdin is None:
            found = _with_new(paths, new, hierarchy, dependencies)
        else:
            found = _given(_stdin_path(texts.stdin_filename), hierarchy)
        around = _around(found.files, hierarchy, dependencies)
        kept = [*around.files, *(path for path in new if path not in found.files)]
        if texts.absent:
            found = replace(found, files=tuple(path for path in found.files if path not in texts.absent))
            kept = [path for path in kept if path not in texts.absent]
        found = replace(found, gaps=(*_gaps(around, paths, config), *_foreign_settings(config)))
    with timings.stage("opening the cache"):
        store = None if folder is None else Store.open(folder, config.root)
    # One catalogue serves all configuration files, because its rows describe installed packages.
    with timings.stage("catalogue"):
        catalogue = Catalogue.load(merge(each.catalogue for each in hierarchy.folders()), store)
    with timings.stage("naming files"):
        project = Project.build(config.root, kept, catalogue.packages)
    timings.count("files", len(project.files))
    if store is not None:
        with timings.stage("opening the cache"):
            store.recall(_looked_for(catalogue))
    batch_module = config.batch_module.rpartition(".")[2]
    return found, Sources(project, texts.by_path, store, timings, config.jobs or cores(), batch_module=batch_module), catalogue


def _with_new(
    paths: Sequence[str | Path], new: Sequence[Path], hierarchy: Hierarchy, dependencies: Dependencies
) -> file_discovery.Discovery:
    """Return the requested files, and those of the `new` ones, which do not exist yet, that `paths` name or contain."""
    places = [Path(file_discovery.absolute(path)) for path in paths]
    found = requested_files([path for path, place in zip(paths, places, strict=True) if place not in new], hierarchy, dependencies)
    added = [path for path in new if path in places or (any(map(path.is_relative_to, places)) and not hierarchy.at(path).excludes(path))]
    return replace(found, files=tuple(sorted((*found.files, *added), key=str))) if added else found


def _around(asked: Sequence[Path], hierarchy: Hierarchy, dependencies: Dependencies) -> file_discovery.Around:
    """Return the files of the project around the requested files, without those that the settings exclude."""
    whole = hierarchy.at(hierarchy.run.root / "_")
    included = tuple(dict.fromkeys((*whole.included, *hierarchy.run.included)))
    excluded = (*whole.excluded, *_own_cache(hierarchy.run))
    around = project_files(hierarchy.run.root, asked, excluded, included, dependencies, hierarchy.governed_by(whole))
    if not hierarchy.run.hierarchical:
        return around
    named = frozenset(asked)
    return replace(around, files=tuple(path for path in around.files if path in named or not _is_excluded(path, hierarchy, whole)))


def _gaps(around: file_discovery.Around, paths: Sequence[str | Path], config: Config) -> Iterator[str]:
    """Yield a sentence if not all files around the requested ones were found. A requested directory is always searched completely."""
    if not around.complete and str(config.root) not in map(file_discovery.absolute, paths):
        place, limit = file_discovery.display_path(config.root), file_discovery.LOOSE_DIRECTORIES
        yield (
            f"{place}: has more than {limit:,} folders, so calls into the rest are unknown; "
            f"add a pyproject.toml or surfacelint.toml at the root of your project, or pass a folder"
        )


def _foreign_settings(config: Config) -> Iterator[str]:
    """Yield a sentence if the settings were found in a folder above the project that has nothing to do with it."""
    if config.source is None or not config.hierarchical or config.source.is_relative_to(config.root):
        return
    around = [folder for folder in config.root.parents if is_repository(folder)]
    if not any(map(config.source.is_relative_to, around)):
        yield (
            f"{file_discovery.display_path(config.source)}: these settings are from outside of the project {config.root}; "
            f"name them with --config or `extend`, or use --isolated"
        )


def requested_files(paths: Sequence[str | Path], hierarchy: Hierarchy, dependencies: Dependencies) -> file_discovery.Discovery:
    """Return the files in `paths`, without those that nested configuration files exclude."""
    config = hierarchy.run
    found = file_discovery.discover(
        paths,
        (*config.excluded, *_own_cache(config)),
        root=config.root,
        force=config.force_exclude,
        include=config.included,
        dependencies=dependencies,
        governs=hierarchy.governed_by(config),
    )
    if not config.hierarchical:
        return found
    named = frozenset() if config.force_exclude else frozenset(map(file_discovery.absolute, paths))
    kept = tuple(path for path in found.files if str(path) in named or not _is_excluded(path, hierarchy, config))
    errors = found.errors
    if found.files and not kept and not config.force_exclude:
        errors = (*errors, f"no Python files under {', '.join(map(str, paths))} that the settings do not exclude")
    return replace(found, files=kept, errors=errors)


def _given(path: Path, hierarchy: Hierarchy) -> file_discovery.Discovery:
    """Return the file that standard input represents, unless `force-exclude` excludes it."""
    config = hierarchy.at(path)
    return file_discovery.Discovery(() if config.force_exclude and config.excludes(path) else (path,), ())


def _is_excluded(path: Path, hierarchy: Hierarchy, known: Config) -> bool:
    """Whether a nested configuration, other than the one `known` to discovery, excludes a file."""
    config = hierarchy.at(path)
    return config is not known and config.excludes(path)


def modules_named_as_files(paths: Sequence[str | Path], stdin: str | None, project: Project) -> frozenset[str]:
    """Return the modules of files that were passed by name instead of found in a directory."""
    if stdin is not None:
        return frozenset(file.module for file in project.files)
    files = (project.at(Path(file_discovery.absolute(path))) for path in paths)
    return frozenset(file.module for file in files if file is not None)


def _stdin_path(name: str | None) -> Path:
    """Return the absolute path that standard input represents."""
    return Path(file_discovery.absolute(name or "stdin.py"))


def _looked_for(catalogue: Catalogue) -> str:
    """Return a text that identifies what screening searches for, as key of its cached results."""
    return repr((sorted(catalogue.http_needles), sorted((root, sorted(words)) for root, words in catalogue.mentions.items())))


def _own_cache(config: Config) -> Iterator[str]:
    """Yield a pattern that excludes the cache directory if it lies in the project, because every run changes it."""
    if config.cache:
        folder = str(cache_folder(config))
        inside = folder.removeprefix(f"{config.root}{os.sep}")
        if inside != folder:
            yield f"./{glob.escape(inside.replace(os.sep, '/'))}"


def create_cache(config: Config, folder: Path, dependencies: Dependencies) -> None:
    """Create the cache directory before files are listed, because that changes its parent directory. Raises ConfigError."""
    before = stamp(str(folder.parent))
    if make_cache(config, folder):
        dependencies.touched(str(folder.parent), before)
