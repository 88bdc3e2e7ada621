"""One session with an editor: keeps track of what is open, has it checked, and answers requests about what was found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from surfacelint.config import ConfigError
from surfacelint.model.findings import Finding
from surfacelint.server import code_actions, hovers
from surfacelint.server.analysis_process import AnalysisError, AnalysisProcess
from surfacelint.server.checker import Checker, Found
from surfacelint.server.client_settings import SECTION, ClientSettings, ClientSettingsError
from surfacelint.server.client_view import ClientView
from surfacelint.server.code_actions import ActionError, Chosen, ClientActions
from surfacelint.server.diagnostics import diagnostic
from surfacelint.server.open_documents import OpenDocuments, uri_of
from surfacelint.server.positions import PositionEncoding
from surfacelint.server.publisher import Publisher
from surfacelint.server.questions import Changes
from surfacelint.server.workspace_edits import ClientEdits, EditError
from surfacelint.server.workspace_folders import WorkspaceFolders

ANSWER = 10.0
"""Seconds that a client has to answer what its settings are, before the defaults apply."""


class Session:
    """The state of a session. The methods are the events and requests of the protocol."""

    def __init__(self, client: LanguageServer) -> None:
        self._client = client
        self._documents = OpenDocuments()
        self._folders = WorkspaceFolders()
        self._process = AnalysisProcess()
        publisher = Publisher(self._documents, self._folders.owner, client.text_document_publish_diagnostics)
        self._view = ClientView(client, publisher)
        self._checker = Checker(self._process, self._documents, lambda path: self._folders.scope(path, self._documents), self._view)
        self._home = self._documents.home
        self._known: frozenset[Path] = frozenset()
        self._actions = ClientActions(False, False)
        self._edits = ClientEdits(PositionEncoding(), False, False, False)
        self._ready = asyncio.Event()
        self._starting: asyncio.Task[None] | None = None
        self._reload: asyncio.Task[None] | None = None

    # The life of a session.

    def initialize(self, params: types.InitializeParams, encoding: types.PositionEncodingKind | str) -> None:
        """Take what the client tells about itself."""
        self._documents.encoding = self._view.encoding = PositionEncoding(encoding)
        capabilities = params.capabilities
        self._actions, self._edits = ClientActions.of(capabilities), ClientEdits.of(capabilities, self._view.encoding)
        self._view.shows_progress = capabilities.window is not None and bool(capabilities.window.work_done_progress)
        folders = [each.uri for each in params.workspace_folders or ()]
        if params.workspace_folders is None and params.root_uri is not None:
            folders = [params.root_uri]
        self._folders.add(self._paths(folders))
        self._configure(params.initialization_options)
        self._starting = asyncio.create_task(self._process.start())  # while the client completes the handshake

    async def initialized(self, watches: Sequence[types.Registration]) -> None:
        """Ask for settings and for changes of files, then check everything."""
        with suppress(JsonRpcException):  # a client that does not report changes is told of them by saving
            await self._client.client_register_capability_async(types.RegistrationParams(watches))
        await self._ask_for_settings()
        self._ready.set()
        self.changed()

    async def end(self) -> None:
        """End the analysis."""
        await self._process.stop()

    # What changes.

    def changed(self, uri: str | None = None) -> None:
        """Check again, first the scope of the document with this URI."""
        if not self._ready.is_set():
            return
        self._documents.home = next(iter(self._folders.paths), self._home)
        scopes = self._folders.scopes(self._documents.snapshot())
        for gone in self._known.difference(scopes):
            self._checker.forget(gone)
            self._view.publisher.forget(gone)
        self._known = frozenset(scopes)
        place = None if uri is None else self._documents.place(uri)
        first = None if place is None else self._folders.owner(place[0])
        self._checker.changed(sorted(scopes, key=lambda scope: scope != first))

    def opened(self, params: types.DidOpenTextDocumentParams) -> None:
        """A document was opened."""
        self._documents.open((params.text_document,))
        self.changed(params.text_document.uri)

    def edited(self, params: types.DidChangeTextDocumentParams) -> None:
        """A document was edited."""
        self._documents.change(params.text_document, params.content_changes)
        self.changed(params.text_document.uri)

    def closed(self, params: types.DidCloseTextDocumentParams) -> None:
        """A document was closed: its file is as it is on disk."""
        self._documents.close((params.text_document.uri,))
        self.changed()

    def opened_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """A notebook was opened."""
        self._documents.open_notebook(params)
        self.changed(params.notebook_document.uri)

    def edited_notebook(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """A notebook was edited."""
        self._documents.change_notebook(params)
        self.changed(params.notebook_document.uri)

    def closed_notebook(self, params: types.DidCloseNotebookDocumentParams) -> None:
        """A notebook was closed."""
        self._documents.close_notebook(params)
        self.changed()

    def changed_settings(self, settings: object) -> None:
        """The settings of the client have changed. Requests wait until they are known."""
        self._ready.clear()
        self._reload = asyncio.create_task(self._read_settings(settings))

    async def _read_settings(self, settings: object) -> None:
        if not await self._ask_for_settings():
            self._configure(settings)
        self._ready.set()
        self.changed()

    def changed_folders(self, event: types.WorkspaceFoldersChangeEvent) -> None:
        """Folders were added or removed."""
        self._folders.remove(self._paths(each.uri for each in event.removed))
        self._folders.add(self._paths(each.uri for each in event.added))
        self.changed()

    def _configure(self, values: object, folder: Path | None = None) -> None:
        """Take the settings for a folder, or the general ones. Wrong ones are reported, and the last ones stay."""
        section = values.get(SECTION, values) if isinstance(values, dict) else values
        try:
            settings = ClientSettings.read(section)
        except ClientSettingsError as error:
            self._view.say(str(error), types.MessageType.Error)
            return
        if folder is None:
            self._folders.general = settings
        else:
            self._folders.configure(folder, settings)

    async def _ask_for_settings(self) -> bool:
        """Ask the client for its settings. Returns whether it can answer."""
        workspace = self._client.client_capabilities.workspace
        if workspace is None or not workspace.configuration:
            return False
        folders = (None, *self._folders.paths)
        items = [types.ConfigurationItem(None if folder is None else uri_of(folder), SECTION) for folder in folders]
        try:
            answer = self._client.workspace_configuration_async(types.ConfigurationParams(items))
            for folder, values in zip(folders, await asyncio.wait_for(answer, ANSWER), strict=False):
                if values is not None:
                    self._configure(values, folder)
        except (JsonRpcException, asyncio.TimeoutError) as error:
            self._view.say(f"the editor does not say what its settings are: {error or 'no answer'}", types.MessageType.Error)
        return True

    # Requests.

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """Return what there is to know about the findings at a position."""
        found, here = await self._at(params.text_document.uri, types.Range(params.position, params.position))
        if found is None or not here:
            return None
        text = hovers.markdown([finding for finding, _ in here], self._view.placement(found))
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), here[0][1].range)

    async def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """Return the actions on findings in a range, with their edits if the client cannot ask for them later."""
        uri = params.text_document.uri
        found, here = await self._at(uri, params.range)
        if found is None:
            return []
        actions = list(self._actions.listed(uri, here, params.context.only))
        return actions if self._actions.resolves else [await self.resolve(action) for action in actions if action.disabled is None]

    async def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """Return an action with its edit. If there is none, a message says why."""
        try:
            action.edit = await self._edit(Chosen.read(action.data))
        except (ActionError, EditError, ConfigError, AnalysisError) as error:
            self._view.say(f"nothing was changed: {error}")
        return action

    async def _edit(self, chosen: Chosen) -> types.WorkspaceEdit | None:
        place, found = await self._complete(chosen.uri)
        if place is None or found is None:
            raise ActionError("the code cannot be checked")
        findings = [finding for finding, _ in self._shown(chosen.uri, found)]
        changes = await self._process.ask(code_actions.question(chosen, found.scope, place[0], findings, found.documents))
        assert isinstance(changes, Changes)
        for each in changes.problems:
            self._view.say(each)
        if not changes.files:
            return None
        return self._edits.workspace_edit(changes, self._documents.snapshot(), code_actions.annotation(chosen, findings))

    async def _at(self, uri: str, where: types.Range) -> tuple[Found | None, list[tuple[Finding, types.Diagnostic]]]:
        """Return what the scope of a document has, and the findings in a range of the document, with their diagnostics."""
        _, found = await self._complete(uri)
        if found is None:
            return None, []
        return found, [(finding, shown) for finding, shown in self._shown(uri, found) if _touch(shown.range, where)]

    async def _complete(self, uri: str) -> tuple[tuple[Path, int | None] | None, Found | None]:
        """Return the file and cell of a document, and what its scope has, once everything so far is checked."""
        await self._ready.wait()
        place = self._documents.place(uri)
        return place, None if place is None else await self._checker.complete(self._folders.owner(place[0]))

    def _shown(self, uri: str, found: Found) -> Iterator[tuple[Finding, types.Diagnostic]]:
        """Yield the findings that a document shows."""
        placement = self._view.placement(found)
        for finding in found.report.findings:
            if placement.place(finding.location).uri == uri:
                yield finding, diagnostic(finding, placement)

    def _paths(self, uris: Iterable[str]) -> list[Path]:
        return [path for uri in uris if (path := self._documents.path(uri)) is not None]


def _touch(first: types.Range, second: types.Range) -> bool:
    """Whether two ranges overlap or meet."""
    return first.start <= second.end and second.start <= first.end
