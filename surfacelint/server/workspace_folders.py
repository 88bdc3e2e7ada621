"""The folders of the workspace with the client's settings for each, and which of them a file is checked in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from surfacelint.server.client_settings import ClientSettings
from surfacelint.server.open_documents import OpenDocuments, Snapshot
from surfacelint.server.questions import Scope


@dataclass(slots=True)
class WorkspaceFolders:
    """Each folder is a scope of its own, and so is each open file outside of all folders. `general` settings apply to such files."""

    general: ClientSettings = field(default_factory=ClientSettings)
    _folders: dict[Path, ClientSettings | None] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The folders, in the order of the client."""
        return tuple(self._folders)

    def add(self, folders: Iterable[Path]) -> None:
        """Add folders."""
        self._folders.update({folder: None for folder in folders if folder not in self._folders})

    def remove(self, folders: Iterable[Path]) -> None:
        """Remove folders."""
        for folder in folders:
            self._folders.pop(folder, None)

    def configure(self, folder: Path, settings: ClientSettings) -> None:
        """Set the settings for a folder, which otherwise are the general ones."""
        if folder in self._folders:
            self._folders[folder] = settings

    def owner(self, path: Path) -> Path:
        """Return the path of the scope that a file is checked in: the innermost folder around it, or the file itself."""
        around = [folder for folder in self._folders if path.is_relative_to(folder)]
        return max(around, key=lambda folder: len(folder.parts), default=path)

    def scopes(self, documents: Snapshot) -> tuple[Path, ...]:
        """Return the paths of all scopes: the folders, and the open files of Python that are in none."""
        loose = (path for path in documents.texts() if self.owner(path) == path)
        return (*self._folders, *loose)

    def scope(self, path: Path, documents: OpenDocuments) -> Scope:
        """Return the scope at a path, with its current settings."""
        settings = self._folders.get(path) or self.general
        scripts = tuple(script for script in documents.snapshot().scripts() if self.owner(script) == path and script != path)
        # Without a workspace, edits may change the project of the file.
        writable = self.paths if path in self._folders or not self._folders else (*self.paths, path)
        return Scope(path, scripts, settings, writable)
