"""The language server: registers what it can do, and passes events and requests of the protocol to the session."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from surfacelint.server.code_actions import KINDS
from surfacelint.server.session import Session
from surfacelint.system.version import __version__

_WATCHED = ("**/*.py", "**/*.ipynb", "**/pyproject.toml", "**/surfacelint.toml", "**/surfacelint-baseline.json", "**/.gitignore")
"""Files whose changes may change findings."""

_FILES = types.FileOperationRegistrationOptions([types.FileOperationFilter(types.FileOperationPattern("**/*"))])


def serve() -> None:
    """Serve the client on standard input and output until it ends the session. Nothing else can print to standard output."""
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    language_server().start_io(stdin, stdout)


def language_server() -> LanguageServer:
    """Return a server with all features, for one session."""
    server = LanguageServer(
        "surfacelint",
        __version__,
        text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
        notebook_document_sync=types.NotebookDocumentSyncOptions([types.NotebookDocumentFilterWithNotebook("*")], save=True),
    )
    session = Session(server)
    _register_life(server, session)
    _register_documents(server, session)
    _register_workspace(server, session)
    _register_requests(server, session)
    return server


def _register_life(server: LanguageServer, session: Session) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        session.initialize(params, server.workspace.position_encoding or types.PositionEncodingKind.Utf16)

    @server.feature(types.INITIALIZED)
    async def initialized(_params: types.InitializedParams) -> None:
        await session.initialized(list(_registrations(server.client_capabilities)))

    @server.feature(types.SHUTDOWN)
    async def shutdown(_params: None) -> None:
        await session.end()


def _registrations(capabilities: types.ClientCapabilities) -> Iterator[types.Registration]:
    """Yield what the server asks a client to report, as far as the client can be asked."""
    workspace = capabilities.workspace
    if workspace is None:
        return
    if workspace.did_change_watched_files is not None and workspace.did_change_watched_files.dynamic_registration:
        watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        yield types.Registration("surfacelint-files", method, types.DidChangeWatchedFilesRegistrationOptions(watchers))
    if workspace.did_change_configuration is not None and workspace.did_change_configuration.dynamic_registration:
        method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
        yield types.Registration("surfacelint-settings", method, types.DidChangeConfigurationRegistrationOptions("surfacelint"))


def _register_documents(server: LanguageServer, session: Session) -> None:
    """Register what happens to documents, in place of what pygls does: it breaks lines elsewhere, and changes positions in events."""
    events: dict[str, Callable[[Any], None]] = {
        types.TEXT_DOCUMENT_DID_OPEN: session.opened,
        types.TEXT_DOCUMENT_DID_CHANGE: session.edited,
        types.TEXT_DOCUMENT_DID_CLOSE: session.closed,
        types.NOTEBOOK_DOCUMENT_DID_OPEN: session.opened_notebook,
        types.NOTEBOOK_DOCUMENT_DID_CHANGE: session.edited_notebook,
        types.NOTEBOOK_DOCUMENT_DID_CLOSE: session.closed_notebook,
    }
    for name, event in events.items():
        del server.protocol.fm.builtin_features[name]
        server.feature(name)(partial(event))
    for saved in (types.TEXT_DOCUMENT_DID_SAVE, types.NOTEBOOK_DOCUMENT_DID_SAVE):
        server.feature(saved)(lambda _params: session.changed())


def _register_workspace(server: LanguageServer, session: Session) -> None:
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(lambda _params: session.changed())
    for files in (types.WORKSPACE_DID_CREATE_FILES, types.WORKSPACE_DID_RENAME_FILES, types.WORKSPACE_DID_DELETE_FILES):
        server.feature(files, _FILES)(lambda _params: session.changed())
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(lambda params: session.changed_folders(params.event))
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(lambda params: session.changed_settings(params.settings))


def _register_requests(server: LanguageServer, session: Session) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        return await session.hover(params)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(KINDS, resolve_provider=True))
    async def code_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await session.code_actions(params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        return await session.resolve(action)
