"""The project around the checked files: its root, its files, and the module name of each file. Does not read files.

Module names are *canonical*: the dotted path from the root, so that every file has exactly one, however it is imported.
`Project.resolve` turns names in import statements into canonical ones. After `Project.build`, nothing accesses the file
system.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import TypeVar

from surfacelint.project.file_discovery import INCLUDE, Around, Governs, absolute, discover, nearby
from surfacelint.project.import_resolution import ROOT_PACKAGE, ImportResolver, join
from surfacelint.system.file_dependencies import Dependencies
from surfacelint.system.git import listing
from surfacelint.system.records import record

_Path = TypeVar("_Path", str, Path)

REPOSITORY = ".git"
ROOT_MARKERS = ("pyproject.toml", "surfacelint.toml", "setup.py", "setup.cfg", REPOSITORY)


@record(frozen=True, slots=True)
class SourceFile:
    """A Python file or notebook. `path` is absolute, `display` as the user would type it, `module` the canonical name.

    A dot in the name of a file or directory becomes `%2E` in `module`, so that dots always separate. Files that cannot be
    imported (notebooks, scripts without `.py`) are named `directory.<stem:suffix>`, which no import can spell.
    """

    path: Path
    display: str
    module: str
    is_package: bool
    is_notebook: bool

    @property
    def directory(self) -> str:
        """The canonical name of the directory of the file; empty for the root."""
        if self.is_package and self.module != ROOT_PACKAGE:
            return self.module
        return self.module.rpartition(".")[0]


def project_root(paths: Sequence[str | Path]) -> Path:
    """Return the absolute root of the project that contains `paths`.

    It is the root of their repository, because calls lead from one of its packages to another. Without a repository, it is
    the nearest folder at or above them with a marker such as `pyproject.toml`. Without a marker, it is the working directory if
    that contains them, otherwise the deepest folder around them and above their top-level package.
    """
    return _root_of(common_directory(paths), _marked_at_or_above, _repository)


def by_project(paths: Iterable[_Path]) -> tuple[tuple[_Path, ...], ...]:
    """Group paths by the project that each has alone, in order of appearance."""
    marked, repository = cache(_marked_at_or_above), cache(_repository)
    root_of = cache(lambda directory: _root_of(directory, marked, repository))
    groups: dict[Path, list[_Path]] = {}
    for path in paths:
        groups.setdefault(root_of(common_directory([path])), []).append(path)
    return tuple(map(tuple, groups.values()))


def marked_directories(paths: Iterable[str | Path]) -> frozenset[Path | None]:
    """Return the nearest directory with a marker at or above each path, `None` if there is none.

    It decides on the root, and on the settings of a run.
    """
    return frozenset(map(_marked_at_or_above, {common_directory([path]) for path in paths}))


def _root_of(start: Path, marked: Callable[[Path], Path | None], repository: Callable[[Path], Path | None]) -> Path:
    """Return the root of the project that contains the folder `start`."""
    directory = marked(start)
    if directory is not None:
        return repository(directory) or directory
    here = Path.cwd()
    if start.is_relative_to(here) and not _home().is_relative_to(here):
        return here
    while start != start.parent and os.path.isfile(start / "__init__.py"):
        start = start.parent
    return start


def _marked_at_or_above(start: Path) -> Path | None:
    return next((directory for directory in (start, *start.parents) if is_marked(directory)), None)


def _home() -> Path:
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none


def _repository(directory: Path) -> Path | None:
    """Return the root of the repository that contains a directory. Directories that git ignores belong to no repository.

    Nor does anything belong to a repository in the home directory: it contains settings, not the projects next to them.
    """
    root = next((each for each in (directory, *directory.parents) if is_repository(each)), None)
    if root is None or root == directory:
        return root
    at_home = os.path.realpath(root) == os.path.realpath(_home())
    return None if at_home or listing(str(directory)) == b"" else root


def is_repository(directory: Path) -> bool:
    """Whether a directory is the root of a repository."""
    return os.path.lexists(directory / REPOSITORY)


def paths_above_root(root: Path) -> list[str]:
    """Return the paths above a root, existing or not, that determine the root and the settings that apply there."""
    wanted = [marker for marker in ROOT_MARKERS if marker.endswith(".toml") or marker == REPOSITORY or not is_marked(root)]
    return [str(folder / marker) for folder in root.parents for marker in wanted]


def project_files(
    root: Path,
    asked: Sequence[Path],
    exclude: Sequence[str] = (),
    include: Sequence[str] = INCLUDE,
    dependencies: Dependencies | None = None,
    governs: Governs | None = None,
) -> Around:
    """Return all Python files and notebooks of the project at `root`, including the `asked` files, sorted.

    Files with a Python suffix belong to the project even if `include` does not match them. A root without a marker may be
    a folder for everything, so only a limited number of its directories is searched. `dependencies` and `governs` are as in `discover`.
    """
    patterns = tuple(dict.fromkeys((*INCLUDE, *include)))
    if is_marked(root):
        around = Around(discover([root], exclude, root=root, include=patterns, dependencies=dependencies, governs=governs).files, True)
    else:
        around = nearby(root, exclude, patterns, dependencies, governs)
    return Around(tuple(sorted({*around.files, *asked}, key=str)), around.complete)


def common_directory(paths: Sequence[str | Path]) -> Path:
    """Return the deepest directory at or above all of `paths`; without any, the working directory."""
    asked = [Path(absolute(path)) for path in paths] or [Path.cwd()]
    try:
        return Path(os.path.commonpath([path if os.path.isdir(path) else path.parent for path in asked]))
    except ValueError:
        # On Windows, paths on several drives have no common directory, so the project is the working directory.
        return Path.cwd()


def is_marked(directory: Path) -> bool:
    """Whether a directory is the root of a repository or contains a file that marks a project."""
    return any(os.path.lexists(directory / marker) for marker in ROOT_MARKERS)


@record(frozen=True, slots=True, eq=False)
class Project:
    """All files of a project, found by module name or path. `foreign` are top-level names of installed packages that matter."""

    root: Path
    files: tuple[SourceFile, ...]
    foreign: frozenset[str]
    _modules: dict[str, SourceFile]
    _paths: dict[str, SourceFile]
    _imports: ImportResolver
    _displays: dict[str, SourceFile] = field(default_factory=dict)

    @classmethod
    def build(cls, root: Path, files: Iterable[Path], foreign: frozenset[str] = frozenset()) -> Project:
        """Return the project of `files` (absolute paths) under `root`.

        `foreign` are names such as `openai` or `celery`: a module of the same name deep inside the project, such as an
        adapter `providers/openai.py`, is not mistaken for the installed package.
        """
        top = absolute(root)
        paths = {str(file): file for file in files}
        sources = _name_files(top, [paths[text] for text in sorted(paths)])
        imports = ImportResolver.build(
            root_name=_escape(Path(top).name),
            modules=[source.module for source in sources],
            packages=frozenset(source.module for source in sources if source.is_package),
            directories={source.directory for source in sources if not source.module.endswith(">")},
            foreign=foreign,
        )
        return cls(
            root=Path(top),
            files=sources,
            foreign=foreign,
            _modules={source.module: source for source in sources},
            _paths={str(source.path): source for source in sources},
            _imports=imports,
        )

    def file(self, module: str) -> SourceFile | None:
        """Return the file of a canonical name; `None` for a directory without `__init__.py` and for names outside the project."""
        return self._modules.get(module)

    def at(self, path: Path) -> SourceFile | None:
        """Return the file at an absolute path."""
        return self._paths.get(str(path))

    def shown_as(self, display: str) -> SourceFile | None:
        """Return the file that users see as `display`."""
        if not self._displays:
            self._displays.update({file.display: file for file in self.files})
        return self._displays.get(display)

    def submodule(self, package: str, name: str) -> str | None:
        """Return the canonical name of the module, package or directory `name` directly inside `package`."""
        return self._imports.submodule(package, name)

    def resolve(self, name: str, importer: SourceFile, level: int = 0) -> str | None:
        """Return the canonical name of what `importer` imports as `name`, or `None` if it is not in the project.

        `level` counts the leading dots of a relative import, whose `name` may be empty. The result names a module, a
        package, or a directory without `__init__.py`. A name is looked up whole: ask for `package.name` before
        `package` if either may be meant. `ImportResolver` documents the order of the search.
        """
        found = self.look_up(name, importer.directory, level)
        if found == importer.module and not level and not importer.is_package:
            # A module does not import itself: `redis.py` that imports redis means the installed package.
            return None
        return found

    def look_up(self, name: str, directory: str, level: int = 0) -> str | None:
        """Resolve `name` as for any file in the directory of that canonical name, except the file that is found."""
        return self._imports.look_up(name, directory, level)


def _escape(part: str) -> str:
    return part.replace("%", "%25").replace(".", "%2E")


def _name_files(root: str, paths: Sequence[Path]) -> tuple[SourceFile, ...]:
    """Return the source file of each path, in order."""
    prefix = root.rstrip(os.sep) + os.sep
    here = str(Path.cwd()).rstrip(os.sep) + os.sep
    directories: dict[str, str] = {}
    sources: list[SourceFile] = []
    packages: set[str] = set()
    for path in paths:
        text = str(path)
        relative = (text[len(prefix) :] if text.startswith(prefix) else os.path.relpath(text, root)).replace(os.sep, "/")
        folder, _, name = relative.rpartition("/")
        directory = directories.get(folder)
        if directory is None:
            directory = directories[folder] = ".".join(map(_escape, folder.split("/"))) if folder else ""
        display = (text[len(here) :] if text.startswith(here) else text).replace(os.sep, "/")
        sources.append(SourceFile(path, display, *_module_name(directory, name)))
        if name == "__init__.py":
            packages.add(directory)
    # Python cannot import `mod.py` next to the package `mod`.
    return tuple(
        _unimportable(source) if source.module in packages and not source.is_package and not source.module.endswith(">") else source
        for source in sources
    )


def _module_name(directory: str, name: str) -> tuple[str, bool, bool]:
    """Return `module`, `is_package` and `is_notebook` of the file `name` in `directory`."""
    stem, dot, suffix = name.rpartition(".")
    if dot and suffix == "py" and stem:
        if stem == "__init__":
            return directory or ROOT_PACKAGE, True, False
        return join(directory, _escape(stem)), False, False
    return join(directory, f"<{_escape(stem or name)}:{suffix if stem else ''}>"), False, suffix == "ipynb"


def _unimportable(source: SourceFile) -> SourceFile:
    directory, _, stem = source.module.rpartition(".")
    return SourceFile(source.path, source.display, join(directory, f"<{stem}:py>"), False, False)
