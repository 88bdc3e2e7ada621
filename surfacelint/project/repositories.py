"""The files of a repository and of the repositories inside it, as git lists them.

A hostile index may contain any path. Listed paths count only if they lead through real directories below the listed one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import field

from surfacelint.system.file_dependencies import Dependencies
from surfacelint.system.git import work_tree
from surfacelint.system.records import record
from surfacelint.system.safe_reading import InputError, read_regular

MODULES = ".gitmodules"
"""The file at the top of a work tree that declares submodules."""

LARGEST_MODULES = 1_000_000
"""The maximum size in bytes of a file that declares submodules."""

_JUNCTION = 0xA0000003
"""The reparse tag of a Windows junction, a directory that leads to another one."""


@record(frozen=True, slots=True, eq=False)
class RealDirectories:
    """The real directories below `base`, which ends with a separator. Paths are relative to it, with forward slashes."""

    base: str
    _directories: dict[str, bool] = field(default_factory=lambda: {"": True})

    def holds(self, path: str) -> bool:
        """Whether all directories of a path are real: no links, no junctions, inside `base`."""
        if path.startswith("/") or (os.name == "nt" and ("\\" in path or ":" in path)):
            return False
        return self.has_directory(path.rpartition("/")[0])

    def has_directory(self, path: str) -> bool:
        """Whether a path and all directories above it are real directories. Looks at each directory once."""
        known = self._directories.get(path)
        end = 0
        while known is None:
            # Top down, so that the check of a path that leads nowhere ends early.
            end = path.find("/", end + 1)
            above = path if end < 0 else path[:end]
            if above not in self._directories:
                self._directories[above] = self._is_directory(above)
            if above == path or not self._directories[above]:
                known = self._directories[path] = self._directories[above]
        return known

    def _is_directory(self, path: str) -> bool:
        if path.rpartition("/")[2] in ("", ".", ".."):
            return False
        try:
            status = os.lstat(self.base + path)
        except (OSError, ValueError):
            return False
        return stat.S_ISDIR(status.st_mode) and getattr(status, "st_reparse_tag", 0) != _JUNCTION


@record(frozen=True, slots=True)
class Tracked:
    """The tracked and untracked, not ignored `files` below a directory, relative to it; each repository is listed once.

    Some may not exist. `silent` are the inner repositories in which git fails.
    """

    files: list[str]
    silent: list[str]


def tracked(directory: str, real_directories: RealDirectories, dependencies: Dependencies) -> Tracked | None:
    """Return what git lists in the absolute `directory`, and in the repositories inside it; `None` if git fails."""
    output = dependencies.listed(directory)
    if output is None:
        return None
    files: list[str] = []
    silent: list[str] = []
    seen = {""}
    waiting = [("", output)]
    while waiting:
        start, output = waiting.pop()
        listed = [os.fsdecode(path) for path in output.split(b"\0") if path]
        files += [start + path for path in listed] if start else listed
        for inner in _inner(real_directories.base + start, listed, dependencies):
            place = start + inner
            if place in seen or not real_directories.has_directory(place):
                continue
            seen.add(place)
            dependencies.look(real_directories.base + place)
            if not os.path.lexists(f"{real_directories.base}{place}/.git"):
                continue
            further = dependencies.listed(real_directories.base + place)
            if further is None:
                silent.append(place)
            else:
                waiting.append((f"{place}/", further))
    return Tracked(files, silent)


def _inner(directory: str, listed: list[str], dependencies: Dependencies) -> Iterator[str]:
    """Yield the inner repositories among the paths that git lists: untracked ones and submodules. May yield one twice."""
    yield from (path.removesuffix("/") for path in listed if path.endswith("/"))
    place = work_tree(directory)
    if place is None:
        return
    top, below = place
    modules = f"{top}{os.sep}{MODULES}"
    dependencies.look(modules)
    declared = _declared(modules)
    if declared:
        start = f"{below}/" if below else ""
        # A submodule is in the index with the path of its declaration.
        yield from {path.removeprefix(start) for path in declared if path.startswith(start)}.intersection(listed)


def _declared(modules: str) -> list[str]:
    """Return the paths of submodules that a `.gitmodules` file declares. As in git, a link does not count."""
    try:
        if os.path.islink(modules):  # noqa: PTH114 - the path is a string
            return []
        text = read_regular(modules, LARGEST_MODULES).decode("utf-8", errors="replace")
    except (OSError, ValueError, InputError):
        return []
    pairs = [line.partition("=") for line in text.replace("\r", "\n").split("\n")]
    return [value.strip().strip('"') for key, _, value in pairs if key.strip() == "path"]
