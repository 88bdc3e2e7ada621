"""An editor, as pytest-lsp drives it: opens and edits documents, waits for the server, and applies edits as the protocol defines them."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import doors
from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path
from pytest_lsp import client_capabilities
from pytest_lsp.client import LanguageClient, make_test_lsp_client

COMMAND = [sys.executable, "-m", "surfacelint", "server"]

START = types.Range(types.Position(0, 0), types.Position(0, 0))

Row = tuple[str, int, int, str, str]
"""A finding: path below the folder, row and column (both from 1, in code points), code and message."""


def capabilities(*encodings: types.PositionEncodingKind) -> types.ClientCapabilities:
    """Return what an editor like Visual Studio Code can do, with notebooks, and some `encodings` of positions."""
    known = client_capabilities("visual-studio-code")
    known.notebook_document = types.NotebookDocumentClientCapabilities(types.NotebookDocumentSyncClientCapabilities())
    assert known.general is not None
    known.general.position_encodings = list(encodings) or None
    return known


def client() -> LanguageClient:
    """Return a client that lets the server register for changes of files."""
    made = make_test_lsp_client()
    made.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda params: None)
    return made


def uri_of(path: Path) -> str:
    """Return the URI of a file."""
    return str(from_fs_path(os.fspath(path)))


_CODECS = {
    types.PositionEncodingKind.Utf8: ("utf-8", 1),
    types.PositionEncodingKind.Utf16: ("utf-16-le", 2),
    types.PositionEncodingKind.Utf32: ("utf-32-le", 4),
}
"""Python's name of each encoding, and the number of bytes of its units."""


class Editor:
    """An editor with a workspace of one folder. `texts` are the open documents by URI."""

    _versions = count(1)

    def __init__(self, lsp: LanguageClient, folder: Path, encoding: types.PositionEncodingKind = types.PositionEncodingKind.Utf16) -> None:
        """Talk to a server through a client that is initialized. `encoding` is that of positions."""
        self.lsp = lsp
        self.folder = folder
        self.texts: dict[str, str] = {}
        self.cells: dict[str, str] = {}
        self._encoding, self._unit = _CODECS[encoding]

    # What the user does.

    async def enter(self, folder: Path | None = None) -> None:
        """Add the folder, which may be another one, to the workspace, and wait until it is checked."""
        self.folder = folder or self.folder
        self._change_folders(added=[self.folder])
        await self.settled()

    def leave(self) -> None:
        """Remove the folder from the workspace."""
        self._change_folders(removed=[self.folder])

    def _change_folders(self, added: Sequence[Path] = (), removed: Sequence[Path] = ()) -> None:
        event = types.WorkspaceFoldersChangeEvent(
            *([types.WorkspaceFolder(uri_of(each), each.name) for each in part] for part in (added, removed))
        )
        self.lsp.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))

    def path(self, name: str) -> Path:
        """Return the path of a file in the folder."""
        return self.folder / name

    def uri(self, name: str) -> str:
        """Return the URI of a file in the folder."""
        return uri_of(self.path(name))

    def open(self, name: str, text: str | None = None, uri: str = "") -> str:
        """Open a file, or a document with a text. Returns its URI."""
        uri = uri or self.uri(name)
        with_ending = self.path(name).read_bytes().decode() if text is None else text
        self.texts[uri] = with_ending
        item = types.TextDocumentItem(uri, "python", next(self._versions), with_ending)
        self.lsp.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def edit(self, uri: str, *edits: tuple[types.Range | None, str]) -> None:
        """Replace ranges of a document, one after the other; without a range, all of it."""
        changes: list[types.TextDocumentContentChangeEvent] = []
        for where, text in edits:
            if where is None:
                self.texts[uri] = text
                changes.append(types.TextDocumentContentChangeWholeDocument(text))
            else:
                self.texts[uri] = self._replaced(self.texts[uri], [(where, text)])
                changes.append(types.TextDocumentContentChangePartial(where, text))
        place = types.VersionedTextDocumentIdentifier(next(self._versions), uri)
        self.lsp.text_document_did_change(types.DidChangeTextDocumentParams(place, changes))

    def close(self, uri: str) -> None:
        """Close a document."""
        del self.texts[uri]
        self.lsp.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def save(self, uri: str) -> None:
        """Write a document to its file."""
        name = to_fs_path(uri)
        assert name is not None
        Path(name).write_bytes(self.texts[uri].encode())
        self.lsp.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def changed_on_disk(self, *names: str) -> None:
        """Tell the server that files were changed by another program."""
        events = [types.FileEvent(self.uri(name), types.FileChangeType.Changed) for name in names]
        self.lsp.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))

    async def configure(self, values: dict[str, Any]) -> None:
        """Change the settings of the editor, and wait until everything is checked."""
        self.lsp.set_configuration(values, section="surfacelint")
        self.lsp.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        await self.settled()

    def open_notebook(self, name: str, *cells: str) -> list[str]:
        """Open a notebook with cells, of which those that start with `#` are text. Returns their URIs."""
        made, items = self._cells(name, cells)
        self.lsp.notebook_document_did_open(
            types.DidOpenNotebookDocumentParams(types.NotebookDocument(self.uri(name), "jupyter-notebook", 1, made), items)
        )
        return [cell.document for cell in made]

    def close_all(self) -> None:
        """Close all documents and notebooks."""
        for name in set(self.cells.values()):
            self.lsp.notebook_document_did_close(types.DidCloseNotebookDocumentParams(types.NotebookDocumentIdentifier(self.uri(name)), []))
        for uri in self.texts.keys() - self.cells.keys():
            self.close(uri)

    def add_cells(self, name: str, index: int, *cells: str) -> list[str]:
        """Insert cells into a notebook. Returns their URIs."""
        made, items = self._cells(name, cells)
        array = types.NotebookCellArrayChange(index, 0, made)
        self._change_notebook(name, types.NotebookDocumentCellChanges(types.NotebookDocumentCellChangeStructure(array, items)))
        return [cell.document for cell in made]

    def remove_cells(self, name: str, index: int, number: int) -> None:
        """Remove cells from a notebook."""
        array = types.NotebookCellArrayChange(index, number)
        self._change_notebook(name, types.NotebookDocumentCellChanges(types.NotebookDocumentCellChangeStructure(array)))

    def edit_cell(self, name: str, uri: str, where: types.Range, text: str) -> None:
        """Replace a range of a cell."""
        self.texts[uri] = self._replaced(self.texts[uri], [(where, text)])
        content = types.NotebookDocumentCellContentChanges(
            types.VersionedTextDocumentIdentifier(next(self._versions), uri), [types.TextDocumentContentChangePartial(where, text)]
        )
        self._change_notebook(name, types.NotebookDocumentCellChanges(text_content=[content]))

    def _cells(self, name: str, cells: Sequence[str]) -> tuple[list[types.NotebookCell], list[types.TextDocumentItem]]:
        numbers = [next(self._versions) for _ in cells]
        uris = [f"{self.uri(name).replace('file:', 'vscode-notebook-cell:')}#{number}" for number in numbers]
        self.texts.update(zip(uris, cells, strict=True))
        self.cells.update(dict.fromkeys(uris, name))
        languages = ["markdown" if cell.startswith("#") else "python" for cell in cells]
        kinds = [types.NotebookCellKind.Markup if each == "markdown" else types.NotebookCellKind.Code for each in languages]
        made = [types.NotebookCell(kind, uri) for kind, uri in zip(kinds, uris, strict=True)]
        items = [types.TextDocumentItem(*each) for each in zip(uris, languages, numbers, cells, strict=True)]
        return made, items

    def _change_notebook(self, name: str, change: types.NotebookDocumentCellChanges) -> None:
        place = types.VersionedNotebookDocumentIdentifier(next(self._versions), self.uri(name))
        event = types.NotebookDocumentChangeEvent(cells=change)
        self.lsp.notebook_document_did_change(types.DidChangeNotebookDocumentParams(place, event))

    def lines(self, uri: str) -> list[str]:
        """Return the lines of an open document without their endings."""
        return [line.rstrip("\r\n") for line in _lines(self.texts[uri])]

    def position(self, name: str, line: int, column: int) -> types.Position:
        """Return the position of a line and column (from 0, in code points) of an open file."""
        line_text = _lines(self.texts[self.uri(name)])[line]
        return types.Position(line, len(line_text[:column].encode(self._encoding)) // self._unit)

    async def settled(self, uri: str | None = None) -> None:
        """Wait until the server has checked everything so far: it answers requests about a document only then."""
        await self.actions(uri or self.uri("any.py"), START)

    # What the server says.

    async def actions(self, uri: str, where: types.Range, *only: str) -> Sequence[types.CodeAction]:
        """Return the code actions for a range."""
        context = types.CodeActionContext([], list(only) or None)
        found = await self.lsp.text_document_code_action_async(types.CodeActionParams(types.TextDocumentIdentifier(uri), where, context))
        return [each for each in found or () if isinstance(each, types.CodeAction)]

    async def action(self, uri: str, where: types.Range, title: str, **data: str) -> types.CodeAction:
        """Return the action whose title contains a text, with its edit. `data` replaces what the action carries."""
        (found,) = [each for each in await self.actions(uri, where) if title in each.title]
        assert isinstance(found.data, dict)
        found.data.update(data)
        return await self.lsp.code_action_resolve_async(found)

    async def hover(self, uri: str, place: types.Position) -> str:
        """Return the text that is shown at a position."""
        found = await self.lsp.text_document_hover_async(types.HoverParams(types.TextDocumentIdentifier(uri), place))
        return "" if found is None or not isinstance(found.contents, types.MarkupContent) else found.contents.value

    def diagnostics(self, uri: str) -> Sequence[types.Diagnostic]:
        """Return what the server shows of a document."""
        return self.lsp.diagnostics.get(uri, ())

    def rows(self) -> list[Row]:
        """Return all findings that the server shows in the folder."""
        found: list[Row] = []
        for uri, diagnostics in self.lsp.diagnostics.items():
            path = Path(to_fs_path(uri) or "/")
            if diagnostics and path.is_relative_to(self.folder):
                text = self.texts[uri] if uri in self.texts else path.read_bytes().decode("utf-8-sig", "replace")
                name = path.relative_to(self.folder).as_posix()
                found += [(name, *self._row(text, each.range.start), str(each.code), each.message) for each in diagnostics if each.code]
        return sorted(found)

    # Edits, as the protocol defines them.

    def apply(self, action: types.CodeAction) -> None:
        """Apply the edit of an action: to open documents, and else to files."""
        assert action.edit is not None
        assert action.edit.document_changes is not None
        for change in action.edit.document_changes:
            if isinstance(change, types.CreateFile):
                path = Path(to_fs_path(change.uri) or "")
                assert not path.exists()
                path.touch()
            elif isinstance(change, types.TextDocumentEdit):
                self._apply(change)

    def _apply(self, change: types.TextDocumentEdit) -> None:
        uri = change.text_document.uri
        edits = [(edit.range, edit.new_text) for edit in change.edits if not isinstance(edit, types.SnippetTextEdit)]
        if uri in self.cells:
            for where, text in edits:
                self.edit_cell(self.cells[uri], uri, where, text)
        elif uri in self.texts:
            assert change.text_document.version is not None
            self.edit(uri, (None, self._replaced(self.texts[uri], edits)))
        else:
            path = Path(to_fs_path(uri) or "")
            data = path.read_bytes()
            mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
            path.write_bytes(mark + self._replaced(data[len(mark) :].decode(), edits).encode())

    def _replaced(self, text: str, edits: Iterable[tuple[types.Range, str]]) -> str:
        """Return a text with ranges of it replaced, which do not overlap. Works on bytes of the encoding, unlike the server."""
        units = text.encode(self._encoding, "surrogatepass")
        places = [(self._offset(text, where.start), self._offset(text, where.end), new) for where, new in edits]
        for start, end, new in sorted(places, key=lambda place: place[:2], reverse=True):
            units = units[:start] + new.encode(self._encoding, "surrogatepass") + units[end:]
        return units.decode(self._encoding, "surrogatepass")

    def _offset(self, text: str, place: types.Position) -> int:
        lines = _lines(text)
        before = "".join(lines[: place.line]).encode(self._encoding, "surrogatepass")
        line = lines[place.line] if place.line < len(lines) else ""
        width = len(line.rstrip("\r\n").encode(self._encoding, "surrogatepass"))
        return len(before) + min(place.character * self._unit, width)

    def _row(self, text: str, place: types.Position) -> tuple[int, int]:
        """Return the row and column of a position as `check` writes them."""
        lines = _lines(text)
        line = lines[place.line] if place.line < len(lines) else ""
        before = line.encode(self._encoding, "surrogatepass")[: place.character * self._unit].decode(self._encoding, "surrogatepass")
        return place.line + 1, len(before.removeprefix("\ufeff")) + 1


@asynccontextmanager
async def served(*folders: Path, encoding: types.PositionEncodingKind | None = None) -> AsyncIterator[LanguageClient]:
    """Start a server for a workspace, and yield its client. The server ends with the block, if it lives as long."""
    made = client()
    await made.start_io(*COMMAND)
    workspace = [types.WorkspaceFolder(uri_of(folder), folder.name) for folder in folders]
    offered = () if encoding is None else (encoding,)
    await made.initialize_session(types.InitializeParams(capabilities=capabilities(*offered), workspace_folders=workspace))
    yield made
    if process(made).returncode is None:
        await made.shutdown_session()
    stop: Callable[[], Awaitable[None]] = made.stop
    await stop()


def process(lsp: LanguageClient) -> asyncio.subprocess.Process:
    """Return the process of the server."""
    found = lsp._server
    assert found is not None
    return found


def children(number: int) -> list[int]:
    """Return the processes that a process has started. Works on Linux."""
    return [int(word) for word in Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()]


def _lines(text: str) -> list[str]:
    """Return the lines of a text as the protocol and Python break them."""
    return re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)


def checked(folder: Path, *paths: str) -> list[Row]:
    """Return what `surfacelint check` finds in a folder."""
    done = doors.surfacelint(folder, "check", "--output-format", "json", *paths)
    assert done.returncode in (0, 1, 2), done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return sorted((each["filename"], each["location"]["row"], each["location"]["column"], each["code"], each["message"]) for each in rows)


def copied(source: Path, target: Path) -> Path:
    """Return a copy of a folder, without caches."""
    return Path(shutil.copytree(source, target, ignore=shutil.ignore_patterns(".surfacelint_cache", "__pycache__")))
