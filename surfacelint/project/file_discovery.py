"""Finds the Python files and notebooks below the paths that the user passes. Does not read them.

Inside a git work tree, git lists the files, so ignored files are excluded. Elsewhere, the directories are walked. Links to
directories are not followed, so cycles of links are harmless.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import TypeAlias

from surfacelint.project.brace_patterns import alternatives, literal
from surfacelint.project.repositories import RealDirectories, tracked
from surfacelint.system.file_dependencies import Dependencies
from surfacelint.system.git import answers, ignores, work_tree
from surfacelint.system.records import record

SUFFIXES = (".py", ".ipynb")
INCLUDE = tuple(f"*{suffix}" for suffix in SUFFIXES)

# Directories of these names contain tool data, copies or installed packages. Common names such as `build` and `dist` are
# not listed, because they may contain code, which would then not be checked without notice.
DEFAULT_EXCLUDE = frozenset(
    {
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".history",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pants.d",
        ".pyenv",
        ".pytest_cache",
        ".pytype",
        ".ruff_cache",
        ".surfacelint_cache",
        ".svn",
        ".tox",
        ".vscode",
        "__pycache__",
        "__pypackages__",
        "_build",
        "buck-out",
        "dist-packages",
        "node_modules",
        "site-packages",
    }
)
DEFAULT_EXCLUDE_SUFFIXES = (".dist-info", ".egg-info", ".egg")

# Names of virtual environments without a marker file. A package of such a name (`env/__init__.py`) is code.
ENVIRONMENT_NAMES = frozenset({".env", ".venv", "env", "venv", "virtualenv"})
ENVIRONMENT_MARKERS = ("pyvenv.cfg", "conda-meta")

Governs: TypeAlias = Callable[[str], bool]

# The number of directories to look at around a file outside of any project, which may be in a folder for everything.
LOOSE_DIRECTORIES = 2_000


@record(frozen=True, slots=True)
class Discovery:
    """Sorted absolute paths of the files, an error for each passed path without files, and warnings about ignored files.

    `gaps` has a sentence for each part of the project that was not looked at.
    """

    files: tuple[Path, ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Around:
    """Sorted absolute paths of the files around others. `complete` is false if there may be more."""

    files: tuple[Path, ...]
    complete: bool


def discover(
    paths: Sequence[str | Path],
    exclude: Sequence[str] = (),
    *,
    root: Path | None = None,
    force: bool = False,
    include: Sequence[str] = INCLUDE,
    dependencies: Dependencies | None = None,
    governs: Governs | None = None,
) -> Discovery:
    """Return the Python files and notebooks that `paths` name or contain, sorted.

    - `exclude`: glob patterns in addition to the built-in ones, for files and directories below `paths`. A pattern with a
      slash is matched against the path relative to `root` (default: the working directory), others against the name.
    - `include`: patterns of the same kind. Files that match none are skipped.
    - `force`: excludes also apply to files in `paths`. By default, a file that is passed by name is always included.
    - `dependencies`: records all paths that the result depends on.
    - `governs`: tells whether `exclude` applies to the contents of a directory, by its absolute path.

    Does not raise: paths that do not exist, cannot be listed or contain no Python are reported in `errors`.
    """
    dependencies = dependencies or Dependencies()
    base = absolute(root or Path.cwd())
    found: set[str] = set()
    errors: list[str] = []
    warnings: list[str] = []
    for path in paths:
        text = absolute(path)
        dependencies.look(text)
        if os.path.isdir(text):
            below = _below(text, Exclusion.compile(exclude, base, text, include, dependencies, governs), errors, warnings)
            if not below:
                errors.append(f"no Python files under {path}")
            found |= below
        elif os.path.isfile(text):
            if not (force and Exclusion.compile(exclude, base, base, governs=governs).file(_relative(text, base))):
                found.add(text)
        elif os.path.lexists(text):
            errors.append(f"{path} is neither a file nor a directory")
        else:
            errors.append(f"{path} does not exist")
    return Discovery(tuple(map(Path, sorted(found))), tuple(errors), tuple(warnings))


def nearby(
    directory: Path,
    exclude: Sequence[str] = (),
    include: Sequence[str] = INCLUDE,
    dependencies: Dependencies | None = None,
    governs: Governs | None = None,
) -> Around:
    """Return the Python files around a file outside of any project: those in a limited number of the nearest directories."""
    base = absolute(directory)
    rest: list[str] = []
    exclusion = Exclusion.compile(exclude, base, base, include, dependencies or Dependencies(), governs)
    walk = _walk(base, exclusion, [], limit=LOOSE_DIRECTORIES, rest=rest)
    return Around(tuple(map(Path, sorted(_within(base) + file for file in walk))), not rest)


def display_path(path: Path) -> str:
    """Return an absolute path as users type it: relative to the working directory if it is below."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)


def absolute(path: str | Path) -> str:
    """Return `path` as an absolute path without `.` and `..`. Links are not resolved, so that users see the paths they typed."""
    return os.path.normpath(Path(path).absolute())


@record(frozen=True, slots=True, eq=False)
class Exclusion:
    """The files and directories to exclude below the directory `asked`. Paths are relative to it, with forward slashes.

    `paths` matches a path with `prefix` before it, `names` a bare name; `None` matches nothing. `included`, if given, matches
    the files to check. `dependencies` records the directories that were looked at. `governs` tells whether the patterns apply to
    the contents of a directory, by its absolute path.
    """

    asked: str
    prefix: str
    paths: re.Pattern[str] | None
    names: re.Pattern[str] | None
    dependencies: Dependencies
    included: Exclusion | None = None
    governs: Governs | None = None
    _directories: dict[str, bool] = field(default_factory=lambda: {"": False})

    @classmethod
    def compile(
        cls,
        patterns: Iterable[str],
        root: str,
        asked: str,
        include: Sequence[str] = INCLUDE,
        dependencies: Dependencies | None = None,
        governs: Governs | None = None,
    ) -> Exclusion:
        """Return the exclusion for the directory `asked`, with `patterns` and `include` relative to the directory `root`."""
        paths: list[str] = []
        names: list[str] = []
        place = root.replace(os.sep, "/")
        for pattern in (plain for given in patterns for plain in alternatives(given)):
            whole = pattern.replace(os.sep, "/").rstrip("/")
            clean = whole.removeprefix(f"{place}/").removeprefix(f"{literal(place)}/").removeprefix("./")
            (paths if "/" in whole else names).append(clean)
        prefix = _relative(asked, root)
        prefix = "" if prefix == "." or prefix.startswith("../") or prefix == ".." else f"{prefix}/"
        if root.startswith(asked + os.sep):
            paths = [f"{_relative(root, asked)}/{pattern.lstrip('/')}" for pattern in paths]
        included = None if tuple(include) == INCLUDE else cls.compile(include, root, asked)
        matched = _any_of(variant for pattern in paths for variant in _variants(pattern))
        return cls(asked, prefix, matched, _any_of(names), dependencies or Dependencies(), included, governs)

    def is_python(self, path: str) -> bool:
        """Whether the name or the include patterns make the file at `path` one to check, if it is not excluded."""
        return path.endswith(SUFFIXES) if self.included is None else self.included._matches(path, path.rpartition("/")[2])

    def file(self, path: str) -> bool:
        """Whether the file at `path` is excluded."""
        directory, _, name = path.rpartition("/")
        return self.directory(directory) or self._excludes(path, name)

    def directory(self, path: str) -> bool:
        """Whether the directory at `path`, or one above it, is excluded."""
        known = self._directories.get(path)
        if known is not None:
            return known
        unknown = [path]
        while (above := unknown[-1].rpartition("/")[0]) not in self._directories:
            unknown.append(above)
        known = self._directories[above]
        for place in reversed(unknown):
            known = known or self._excludes_directory(place)
            self._directories[place] = known
        return known

    def _excludes_directory(self, path: str) -> bool:
        name = path.rpartition("/")[2]
        return (
            name in DEFAULT_EXCLUDE
            or name.endswith(DEFAULT_EXCLUDE_SUFFIXES)
            or self._excludes(path, name)
            or self._is_environment(_within(self.asked) + path)
        )

    def _excludes(self, path: str, name: str) -> bool:
        if not self._matches(path, name):
            return False
        return self.governs is None or self.governs((_within(self.asked) + path).rpartition("/")[0])

    def _is_environment(self, directory: str) -> bool:
        self.dependencies.look(directory)
        return is_environment(directory)

    def _matches(self, path: str, name: str) -> bool:
        return (self.names is not None and bool(self.names.match(name))) or (
            self.paths is not None and bool(self.paths.match(self.prefix + path))
        )


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """Return one regular expression for all glob `patterns`, or `None` if there are none."""
    regexes = [fnmatch.translate(pattern) for pattern in patterns]
    return re.compile("|".join(regexes)) if regexes else None


def _variants(pattern: str) -> tuple[str, ...]:
    """Return the `fnmatch` patterns (whose `*` matches slashes) that together mean what `pattern` means in `.gitignore`."""
    pattern = pattern.lstrip("/")
    return (pattern, pattern.replace("**/", ""), pattern.removesuffix("/**"))


def is_environment(path: str) -> bool:
    """Whether the directory at `path` is a virtual environment."""
    if any(os.path.lexists(f"{path}/{marker}") for marker in ENVIRONMENT_MARKERS):
        return True
    return path.rpartition("/")[2] in ENVIRONMENT_NAMES and not os.path.lexists(f"{path}/__init__.py")


def _below(directory: str, exclusion: Exclusion, errors: list[str], warnings: list[str]) -> set[str]:
    """Return the absolute paths of the files below `directory`.

    Adds directories that cannot be listed to `errors`, and repositories in which git fails to `warnings`.
    """
    base = _within(directory)
    tree = work_tree(directory)
    real = RealDirectories(base)
    found = None if tree is None else tracked(directory, real, exclusion.dependencies)
    if tree is not None and found is None:
        warnings.extend(_git_failure(directory, tree[0]))
    if found is None or (not found.files and ignores(directory)):
        return {base + file for file in _walk(directory, exclusion, errors)}
    candidates = [base + file for file in found.files if exclusion.is_python(file) and real.holds(file) and not exclusion.file(file)]
    # Git also lists files that are only deleted in the work tree, and broken links.
    files = set(filter(os.path.isfile, candidates))
    for path in candidates if len(files) < len(candidates) else ():
        exclusion.dependencies.look(path)
    for inner in found.silent:
        if not exclusion.directory(inner):
            warnings.extend(_git_failure(base + inner, base + inner))
            files.update(base + file for file in _walk(directory, exclusion, errors, start=inner))
    return files


def _git_failure(directory: str, top: str) -> Iterator[str]:
    """Yield a warning about a directory in which git fails, if the work tree at `top` may have ignored files."""
    if not answers() or os.path.lexists(f"{top}{os.sep}.gitignore"):
        place = display_path(Path(directory))
        what = "is missing or fails there" if answers() else "does not answer"
        yield f"{place}: git {what}, so ignored files are checked, too; see `git -C {place} status`"


def _walk(
    directory: str, exclusion: Exclusion, errors: list[str], *, start: str = "", limit: int | None = None, rest: list[str] | None = None
) -> Iterator[str]:
    """Yield the files below `start` in `directory`, level by level, relative to `directory`.

    Lists at most `limit` directories, and adds the next ones to `rest`.
    """
    level = [start]
    while level:
        following: list[str] = [] if limit is None else level[limit:]
        for path in level[:limit]:
            exclusion.dependencies.look(_within(directory) + path if path else directory)
            try:
                with os.scandir(_within(directory) + path) as scan:
                    entries = list(scan)
            except OSError as error:
                errors.append(f"cannot list {error.filename}: {error.strerror}")
                continue
            yield from _sort_out(path, entries, exclusion, following)
        if limit is not None:
            limit = max(0, limit - len(level))
            if not limit and following:
                (rest if rest is not None else []).extend(following)
                return
        level = sorted(following)


def _sort_out(path: str, entries: Iterable[os.DirEntry[str]], exclusion: Exclusion, directories: list[str]) -> Iterator[str]:
    """Yield the Python files among the `entries` of the directory `path`, and append its subdirectories to `directories`."""
    for entry in entries:
        below = f"{path}/{entry.name}" if path else entry.name
        if entry.is_dir(follow_symlinks=False):
            if not exclusion.directory(below):
                directories.append(below)
        elif exclusion.is_python(below) and _is_file(entry) and not exclusion.file(below):
            yield below


def _is_file(entry: os.DirEntry[str]) -> bool:
    # For a link to itself, `Path.is_file` returns false, but `entry.is_file` raises.
    return Path(entry.path).is_file() if entry.is_symlink() else entry.is_file()


def _within(directory: str) -> str:
    """Return `directory` with a trailing separator."""
    return directory if directory.endswith(os.sep) else directory + os.sep


def _relative(path: str, start: str) -> str:
    """Return `path` relative to `start` with forward slashes; unchanged if it is on another Windows drive."""
    if path.startswith(start + os.sep):
        return path.removeprefix(start + os.sep).replace(os.sep, "/")
    try:
        return os.path.relpath(path, start).replace(os.sep, "/")
    except ValueError:
        return path.replace(os.sep, "/")
