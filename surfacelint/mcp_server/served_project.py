"""The project that a server shows: which paths a client may name, and the settings that apply to them."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from surfacelint.config import Config, anchored, discover, layer
from surfacelint.pipeline import engine
from surfacelint.project.file_discovery import absolute, display_path
from surfacelint.project.module_names import project_root
from surfacelint.system.records import record


class RefusedError(Exception):
    """A request that is not answered. The text is one sentence for the client: what is wrong, and what to do."""


@record(frozen=True, slots=True)
class Scope:
    """What a request is about: `paths` inside the project, their settings, and the links that are not read, as shown to users."""

    paths: tuple[str, ...]
    config: Config
    unread: tuple[str, ...]


@record(frozen=True, slots=True)
class ServedProject:
    """The project at the absolute path `root`. Paths of clients start at the working directory, which is inside."""

    root: Path

    @classmethod
    def here(cls) -> ServedProject:
        """Return the project around the working directory, as `check` sees it. Raises RefusedError if that may be a whole disk."""
        root = project_root([Path.cwd()])
        home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
        if root == root.parent or os.path.realpath(root) == os.path.realpath(home):
            raise RefusedError(f"{root} is not a project: pass the folder of one, as in `surfacelint mcp path/to/project`")
        return cls(root)

    def scope(self, paths: Sequence[str], select: Sequence[str] = ()) -> Scope:
        """Return the scope of a request about `paths`, with only the rules that `select` selects, if there are any selectors.

        The cache is off, because a server writes nothing. Raises RefusedError for a path that leaves the project, ConfigError
        for settings that cannot be used.
        """
        inside = tuple(self._inside(path) for path in paths)
        config = discover(inside)
        if not config.root.is_relative_to(self.root):
            config = replace(config, root=self.root)
        given: dict[str, object] = {"cache": False}
        if select:
            given["select"] = list(select)
        config = config.apply(layer(given, "tool call"))
        links = [path for path in engine.files([self.root], config)[0] if path.is_symlink() and not self._holds(path)]
        excluded = layer({"extend-exclude": [glob.escape(path.as_posix()) for path in links]}, "tool call")
        return Scope(inside, config.apply(anchored(excluded, self.root)), tuple(map(display_path, links)))

    def _inside(self, path: str) -> str:
        """Return a path as users type it. Nothing outside the project is looked at, not even to tell whether it exists."""
        if "\0" in path:
            raise RefusedError(f"{path!r} is not a path")
        known = Path(absolute(path))
        if not known.is_relative_to(self.root):
            raise RefusedError(f"{path!r} is outside the project {self.root}: only paths inside it can be named")
        if not self._holds(known):
            raise RefusedError(f"{path!r} leads out of the project {self.root} through a link: only files inside it are read")
        return display_path(known)

    def _holds(self, path: Path) -> bool:
        """Whether an absolute path is in the project once links are resolved."""
        try:
            return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root))
        except (OSError, ValueError):  # not a valid name
            return False


def unread_warnings(links: Iterable[str]) -> list[str]:
    """Return a warning for each link that is not read."""
    return [f"{link}: not read, because it links to a file outside the project" for link in links]
