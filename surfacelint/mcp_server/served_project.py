"""The project that a server shows: which paths a client may name, and the settings that apply to them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from surfacelint.config import Config, anchored, discover_each, layer
from surfacelint.pipeline import engine
from surfacelint.project.brace_patterns import literal
from surfacelint.project.file_discovery import absolute, display_path
from surfacelint.project.module_names import project_root
from surfacelint.system.records import record


class RefusedError(Exception):
    """A request that is not answered. The text is one sentence for the client: what is wrong, and what to do."""


@record(frozen=True, slots=True)
class Scope:
    """Paths of a request that belong to one project, their settings, and the links that are not read, as shown to users."""

    paths: tuple[str, ...]
    config: Config
    unread: tuple[str, ...]


@record(frozen=True, slots=True)
class ServedProject:
    """The project at the absolute path `root`. Paths of clients start at the working directory, which is inside.

    It may contain other projects, such as a repository in the repository.
    """

    root: Path

    @classmethod
    def here(cls) -> ServedProject:
        """Return the project around the working directory, as `check` sees it. Raises RefusedError if that may be a whole disk."""
        root = project_root([Path.cwd()])
        home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
        if root == root.parent or os.path.realpath(root) == os.path.realpath(home):
            raise RefusedError(f"{root} is not a project: pass the folder of one, as in `surfacelint mcp path/to/project`")
        return cls(root)

    def scopes(self, paths: Sequence[str], select: Sequence[str] = ()) -> tuple[Scope, ...]:
        """Return the scopes of a request about `paths`, with only the rules that `select` selects, if there are any selectors.

        The cache is off, because a server writes nothing. Raises RefusedError for a path that leaves the project, ConfigError
        for settings that cannot be used.
        """
        given: dict[str, object] = {"cache": False, **({"select": list(select)} if select else {})}
        projects = discover_each([self._inside(path) for path in paths])
        return tuple(self._scope(each.paths, each.config.apply(layer(given, "tool call"))) for each in projects)

    def _scope(self, paths: tuple[str, ...], config: Config) -> Scope:
        if not config.root.is_relative_to(self.root):
            config = replace(config, root=self.root)
        if config.baseline:
            self.require(Path(config.baseline))
        links = [path for path in engine.files([config.root], config)[0] if path.is_symlink() and not self._holds(path)]
        excluded = layer({"extend-exclude": [literal(path.as_posix()) for path in links]}, "tool call")
        return Scope(paths, config.apply(anchored(excluded, config.root)), tuple(map(display_path, links)))

    def require(self, path: Path) -> None:
        """Raise RefusedError if an absolute path, which need not exist, leads out of the project."""
        if not self._holds(path):
            raise RefusedError(f"{display_path(path)} leads out of the project {self.root}: only files inside it are read")

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


def unread_warnings(scopes: Iterable[Scope]) -> list[str]:
    """Return a warning for each link that is not read."""
    return [f"{link}: not read, because it links to a file outside the project" for scope in scopes for link in scope.unread]
