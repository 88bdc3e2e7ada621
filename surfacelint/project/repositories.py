"""The files of a repository, and of those inside of it, as git lists them.

An index may hold any path. So what git lists counts only where the way to it leads through real directories, below the one that is asked
about.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import field

from surfacelint.system.file_dependencies import Basis
from surfacelint.system.git import work_tree
from surfacelint.system.records import record

MODULES = ".gitmodules"
"""The file at the top of a work tree that declares submodules."""

LARGEST_MODULES = 1_000_000
"""Bytes beyond which a file is none that declares submodules."""

_JUNCTION = 0xA0000003
"""How Windows marks a directory that leads to another one."""


@record(frozen=True, slots=True, eq=False)
class Ground:
    """What really lies below the directory `base`, which ends with a separator. Paths are relative to it, with forward slashes."""

    base: str
    _directories: dict[str, bool] = field(default_factory=lambda: {"": True})

    def holds(self, path: str) -> bool:
        """Say whether the way to a path leads through real directories only."""
        if path.startswith("/") or (os.name == "nt" and ("\\" in path or ":" in path)):
            return False
        return self.has_directory(path.rpartition("/")[0])

    def has_directory(self, path: str) -> bool:
        """Say whether a path is a real directory, and all those on the way to it. Looks at each directory once."""
        known = self._directories.get(path)
        end = 0
        while known is None:
            # From above, so that of a way that leads nowhere no more than its start is looked at.
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
    """The `files` that git tracks or would offer to track below a directory, relative to it, each repository once.

    Not all of them are there. `silent` are the inner repositories in which git fails.
    """

    files: list[str]
    silent: list[str]


def tracked(directory: str, ground: Ground, basis: Basis) -> Tracked | None:
    """Return what git says of an absolute directory, which is the `ground`, and of the repositories below it; `None` without git."""
    output = basis.listed(directory)
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
        for inner in _inner(ground.base + start, listed, basis):
            place = start + inner
            if place in seen or not ground.has_directory(place):
                continue
            seen.add(place)
            basis.look(ground.base + place)
            if not os.path.lexists(f"{ground.base}{place}/.git"):
                continue
            further = basis.listed(ground.base + place)
            if further is None:
                silent.append(place)
            else:
                waiting.append((f"{place}/", further))
    return Tracked(files, silent)


def _inner(directory: str, listed: list[str], basis: Basis) -> Iterator[str]:
    """Yield the repositories among the paths that git lists below a directory: new ones, and submodules. May yield one twice."""
    yield from (path.removesuffix("/") for path in listed if path.endswith("/"))
    place = work_tree(directory)
    if place is None:
        return
    top, below = place
    modules = f"{top}{os.sep}{MODULES}"
    basis.look(modules)
    declared = _declared(modules)
    if declared:
        start = f"{below}/" if below else ""
        # A submodule is in the index, under the very path that it is declared with.
        yield from {path.removeprefix(start) for path in declared if path.startswith(start)}.intersection(listed)


def _declared(modules: str) -> list[str]:
    """Return the paths of submodules that a file declares. As for git, a link is none."""
    try:
        status = os.lstat(modules)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_MODULES:
            return []
        with open(modules, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            pairs = [line.partition("=") for line in file]
    except (OSError, ValueError):
        return []
    return [value.strip().strip('"') for key, _, value in pairs if key.strip() == "path"]
