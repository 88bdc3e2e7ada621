"""From the paths that the user names to the Python files and notebooks below them. Lists files; reads none of them.

Inside of a git work tree git says what belongs to the project, so ignored files stay out; anywhere else the directories
are walked. Links to directories are never followed, so a loop of links cannot trap the walk.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import TypeAlias

from surfacelint.project.repositories import Ground, tracked
from surfacelint.system.file_dependencies import Basis
from surfacelint.system.git import answers, ignores, work_tree
from surfacelint.system.records import record

SUFFIXES = (".py", ".ipynb")
INCLUDE = tuple(f"*{suffix}" for suffix in SUFFIXES)

# Directories of this name hold tools' own data, copies or other people's packages. No name as common as `build` or
# `dist` is listed: excluding somebody's code by its name alone would be a silent pass.
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

# Names of virtual environments that lack the marker; a package of such a name (`env/__init__.py`) is code.
ENVIRONMENT_NAMES = frozenset({".env", ".venv", "env", "venv", "virtualenv"})
ENVIRONMENT_MARKERS = ("pyvenv.cfg", "conda-meta")

Governs: TypeAlias = Callable[[str], bool]

# Around a single file in no project at all, perhaps in a home directory, so many directories are looked at.
LOOSE_DIRECTORIES = 200


@record(frozen=True, slots=True)
class Discovery:
    """Absolute paths of the files, sorted and each once, and a sentence for every asked path that yields nothing.

    `warnings` are about what could not be left out.
    """

    files: tuple[Path, ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def discover(
    paths: Sequence[str | Path],
    exclude: Sequence[str] = (),
    *,
    root: Path | None = None,
    force: bool = False,
    include: Sequence[str] = INCLUDE,
    basis: Basis | None = None,
    governs: Governs | None = None,
) -> Discovery:
    """Return the Python files and notebooks that `paths` name or hold, sorted.

    `exclude` are glob patterns beside the built-in ones, matched against the files and directories below an asked path:
    with a slash in it against the path relative to `root` (default: the current directory), without one against the
    bare name. `include` are patterns of the same kind: what none of them matches is left out. A file that is named
    itself is always taken, unless `force` says that excludes hold for it too. Nothing is raised: a path that does not
    exist, cannot be listed or holds no Python is a sentence in `errors`. `basis` is told of all that this rests on. What
    lies in a directory that `exclude` does not govern, it does not leave out.
    """
    basis = basis or Basis()
    base = absolute(root or Path.cwd())
    found: set[str] = set()
    errors: list[str] = []
    warnings: list[str] = []
    for path in paths:
        text = absolute(path)
        basis.look(text)
        if os.path.isdir(text):
            below = _below(text, Exclusion.compile(exclude, base, text, include, basis, governs), errors, warnings)
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
    basis: Basis | None = None,
    governs: Governs | None = None,
) -> tuple[Path, ...]:
    """Return what lies beside a file of no project: the Python in a bounded number of directories, the nearest ones."""
    base = absolute(directory)
    walk = _walk(base, Exclusion.compile(exclude, base, base, include, basis or Basis(), governs), [], LOOSE_DIRECTORIES)
    return tuple(map(Path, sorted(_within(base) + file for file in walk)))


def shown(path: Path) -> str:
    """Return an absolute path as users type it: from where the tool runs, if it lies below."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)


def absolute(path: str | Path) -> str:
    """Return `path` as absolute one without `.` and `..`. Links stay as they are, so that users see the paths that they typed."""
    return os.path.normpath(Path(path).absolute())


@record(frozen=True, slots=True, eq=False)
class Exclusion:
    """Which files below the directory `asked` are left out. Paths are relative to it, with forward slashes.

    `paths` and `names` match what `prefix` and a path make together, and bare names; `None` matches nothing. `basis` is told of the
    directories that are looked at. `governs` tells of a directory, by its absolute path, whether the patterns are about what it holds.
    """

    asked: str
    prefix: str
    paths: re.Pattern[str] | None
    names: re.Pattern[str] | None
    basis: Basis
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
        basis: Basis | None = None,
        governs: Governs | None = None,
    ) -> Exclusion:
        """Return the exclusion for the directory `asked`, with `patterns` relative to the directory `root`.

        What `include` does not match is no file to check.
        """
        paths: list[str] = []
        names: list[str] = []
        for pattern in patterns:
            whole = pattern.replace(os.sep, "/").rstrip("/")
            clean = whole.removeprefix(root.replace(os.sep, "/") + "/").removeprefix("./")
            (paths if "/" in whole else names).append(clean)
        prefix = _relative(asked, root)
        prefix = "" if prefix == "." or prefix.startswith("../") or prefix == ".." else f"{prefix}/"
        if root.startswith(asked + os.sep):
            paths = [f"{_relative(root, asked)}/{pattern.lstrip('/')}" for pattern in paths]
        included = None if tuple(include) == INCLUDE else cls.compile(include, root, asked)
        matched = _any_of(variant for pattern in paths for variant in _variants(pattern))
        return cls(asked, prefix, matched, _any_of(names), basis or Basis(), included, governs)

    def is_python(self, path: str) -> bool:
        """Tell whether the file at `path` is one to check, if it is not left out."""
        return path.endswith(SUFFIXES) if self.included is None else self.included._matches(path, path.rpartition("/")[2])

    def file(self, path: str) -> bool:
        """Tell whether the file at `path` is left out."""
        directory, _, name = path.rpartition("/")
        return self.directory(directory) or self._leaves_out(path, name)

    def directory(self, path: str) -> bool:
        """Tell whether the directory at `path`, or one above it, is left out."""
        known = self._directories.get(path)
        if known is not None:
            return known
        unknown = [path]
        while (above := unknown[-1].rpartition("/")[0]) not in self._directories:
            unknown.append(above)
        known = self._directories[above]
        for place in reversed(unknown):
            known = known or self._is_left_out(place)
            self._directories[place] = known
        return known

    def _is_left_out(self, path: str) -> bool:
        name = path.rpartition("/")[2]
        return (
            name in DEFAULT_EXCLUDE
            or name.endswith(DEFAULT_EXCLUDE_SUFFIXES)
            or self._leaves_out(path, name)
            or self._is_environment(_within(self.asked) + path)
        )

    def _leaves_out(self, path: str, name: str) -> bool:
        if not self._matches(path, name):
            return False
        return self.governs is None or self.governs((_within(self.asked) + path).rpartition("/")[0])

    def _is_environment(self, directory: str) -> bool:
        self.basis.look(directory)
        return is_environment(directory)

    def _matches(self, path: str, name: str) -> bool:
        return (self.names is not None and bool(self.names.match(name))) or (
            self.paths is not None and bool(self.paths.match(self.prefix + path))
        )


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """Return one expression for all glob `patterns`, or `None` if there are none."""
    regexes = [fnmatch.translate(pattern) for pattern in patterns]
    return re.compile("|".join(regexes)) if regexes else None


def _variants(pattern: str) -> tuple[str, ...]:
    """Return the spellings under which `fnmatch`, whose `*` crosses slashes, means what `.gitignore` means by `pattern`."""
    pattern = pattern.lstrip("/")
    return (pattern, pattern.replace("**/", ""), pattern.removesuffix("/**"))


def is_environment(path: str) -> bool:
    """Tell whether the directory at `path` is an environment of installed packages."""
    if any(os.path.lexists(f"{path}/{marker}") for marker in ENVIRONMENT_MARKERS):
        return True
    return path.rpartition("/")[2] in ENVIRONMENT_NAMES and not os.path.lexists(f"{path}/__init__.py")


def _below(directory: str, exclusion: Exclusion, errors: list[str], warnings: list[str]) -> set[str]:
    """Return the absolute paths of the files below `directory`.

    Adds a sentence to `errors` for what cannot be listed, and to `warnings` where git does not say what it ignores.
    """
    base = _within(directory)
    tree = work_tree(directory)
    ground = Ground(base)
    found = None if tree is None else tracked(directory, ground, exclusion.basis)
    if tree is not None and found is None:
        warnings.extend(_unheard(directory, tree[0]))
    if found is None or (not found.files and ignores(directory)):
        return {base + file for file in _walk(directory, exclusion, errors)}
    candidates = [base + file for file in found.files if exclusion.is_python(file) and ground.holds(file) and not exclusion.file(file)]
    # Git also lists what is deleted from the work tree alone, and links to nowhere.
    files = set(filter(os.path.isfile, candidates))
    for path in candidates if len(files) < len(candidates) else ():
        exclusion.basis.look(path)
    for inner in found.silent:
        if not exclusion.directory(inner):
            warnings.extend(_unheard(base + inner, base + inner))
            files.update(base + file for file in _walk(directory, exclusion, errors, start=inner))
    return files


def _unheard(directory: str, top: str) -> Iterator[str]:
    """Yield what to say about a directory in which git fails, if the work tree at `top` may have files that git ignores."""
    if not answers() or os.path.lexists(f"{top}{os.sep}.gitignore"):
        place = shown(Path(directory))
        what = "is missing or fails there" if answers() else "does not answer"
        yield f"{place}: git {what}, so files that it ignores are not left out; see `git -C {place} status`"


def _walk(directory: str, exclusion: Exclusion, errors: list[str], limit: int | None = None, start: str = "") -> Iterator[str]:
    """Yield the files below `start` in `directory`, level by level, relative to the latter; at most `limit` directories are listed."""
    level = [start]
    while level and (limit is None or limit > 0):
        following: list[str] = []
        for path in level[:limit]:
            exclusion.basis.look(_within(directory) + path if path else directory)
            try:
                with os.scandir(_within(directory) + path) as scan:
                    entries = list(scan)
            except OSError as error:
                errors.append(f"cannot list {error.filename}: {error.strerror}")
                continue
            yield from _sort_out(path, entries, exclusion, following)
        limit = None if limit is None else limit - len(level)
        level = sorted(following)


def _sort_out(path: str, entries: Iterable[os.DirEntry[str]], exclusion: Exclusion, directories: list[str]) -> Iterator[str]:
    """Yield the Python files among the `entries` of the directory `path`, and add its directories to `directories`."""
    for entry in entries:
        below = f"{path}/{entry.name}" if path else entry.name
        if entry.is_dir(follow_symlinks=False):
            if not exclusion.directory(below):
                directories.append(below)
        elif exclusion.is_python(below) and _is_file(entry) and not exclusion.file(below):
            yield below


def _is_file(entry: os.DirEntry[str]) -> bool:
    # Only `Path` takes a link to itself for what it is, no file; `entry` would raise.
    return Path(entry.path).is_file() if entry.is_symlink() else entry.is_file()


def _within(directory: str) -> str:
    """Return what goes before the relative path of something in `directory`."""
    return directory if directory.endswith(os.sep) else directory + os.sep


def _relative(path: str, start: str) -> str:
    """Return `path` relative to `start` with forward slashes; as it is where there is no way (other Windows drive)."""
    if path.startswith(start + os.sep):
        return path.removeprefix(start + os.sep).replace(os.sep, "/")
    try:
        return os.path.relpath(path, start).replace(os.sep, "/")
    except ValueError:
        return path.replace(os.sep, "/")
