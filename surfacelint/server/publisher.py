"""Which diagnostics the client shows of each document, and what has to be sent so that these are the current ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from lsprotocol import types

from surfacelint.server.open_documents import OpenDocuments
from surfacelint.system.records import record

ByDocument: TypeAlias = Mapping[Path, Mapping[str, list[types.Diagnostic]]]
"""Diagnostics by file and by URI of the document that shows them."""


@record(frozen=True, slots=True)
class Shown:
    """What a scope has to show. `versions` are those of its open documents at that time; `open_only` leaves out all others."""

    diagnostics: ByDocument
    versions: Mapping[str, int]
    open_only: bool = False


@dataclass(slots=True)
class Publisher:
    """Sends diagnostics that have changed. `owner` returns the scope of a file, the only one that shows diagnostics of it."""

    documents: OpenDocuments
    owner: Callable[[Path], Path]
    send: Callable[[types.PublishDiagnosticsParams], None]
    _scopes: dict[Path, Shown] = field(default_factory=dict)
    _problems: dict[Path, tuple[str, types.Diagnostic]] = field(default_factory=dict)
    _sent: dict[str, tuple[int | None, list[types.Diagnostic]]] = field(default_factory=dict)

    def show(self, scope: Path, shown: Shown) -> None:
        """Show what a scope has found, and no problem with its settings any more."""
        self._scopes[scope] = shown
        self._problems.pop(scope, None)
        self._update()

    def show_problem(self, scope: Path, uri: str, problem: types.Diagnostic) -> None:
        """Show a problem with the settings of a scope, besides what it found before."""
        self._problems[scope] = (uri, problem)
        self._update()

    def forget(self, scope: Path) -> None:
        """Show nothing of a scope any more."""
        self._scopes.pop(scope, None)
        self._problems.pop(scope, None)
        self._update()

    def owner_of(self, uri: str) -> Path | None:
        """Return the scope of an open document."""
        place = self.documents.place(uri)
        return None if place is None else self.owner(place[0])

    def _update(self) -> None:
        wanted: dict[str, list[types.Diagnostic]] = {}
        versions: dict[str, int] = {}
        for scope, shown in self._scopes.items():
            versions.update(shown.versions)
            for path, by_uri in shown.diagnostics.items():
                if self.owner(path) == scope:
                    for uri, diagnostics in by_uri.items():
                        if not shown.open_only or self.documents.get(uri) is not None:
                            wanted.setdefault(uri, []).extend(diagnostics)
        for uri, problem in self._problems.values():
            if problem not in wanted.get(uri, []):  # one file may be the settings of several scopes
                wanted.setdefault(uri, []).append(problem)
        for uri in {*wanted, *self._sent}:
            self._publish(uri, wanted.get(uri, []), versions.get(uri))

    def _publish(self, uri: str, diagnostics: list[types.Diagnostic], version: int | None) -> None:
        document = self.documents.get(uri)
        if document is not None and version is not None and document.version != version:
            return  # the text has changed, and its next version is being checked
        known = self._sent.get(uri, (None, []))
        current = (None if document is None else document.version, diagnostics)
        if current == known or (not diagnostics and not known[1]):
            return
        self._sent[uri] = current
        if not diagnostics and document is None:
            del self._sent[uri]
        self.send(types.PublishDiagnosticsParams(uri, diagnostics, current[0]))
