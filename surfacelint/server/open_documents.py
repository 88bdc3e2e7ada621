"""What the editor has open, saved or not: text documents, and notebooks as lists of cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path, urlparse

from surfacelint.project.file_discovery import SUFFIXES, absolute
from surfacelint.server.positions import PositionEncoding, split_lines

PYTHON = "python"
"""The name of our language in the protocol."""

UNTITLED = "untitled"
"""The scheme of documents that have no file yet."""


@dataclass(frozen=True)
class OpenText:
    """One version of a text document, or of a notebook cell, as the client has it."""

    uri: str
    language: str
    version: int
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines with their endings."""
        return split_lines(self.text)

    def changed(self, version: int, changes: Iterable[types.TextDocumentContentChangeEvent], encoding: PositionEncoding) -> OpenText:
        """Return the next version of the document."""
        text = self
        for change in changes:
            new = change.text
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = (encoding.offset(text.lines, place) for place in (change.range.start, change.range.end))
                new = text.text[: min(start, end)] + new + text.text[max(start, end) :]
            text = OpenText(self.uri, self.language, version, new)
        return OpenText(self.uri, self.language, version, text.text)


@dataclass(frozen=True, slots=True)
class OpenNotebook:
    """One version of a notebook: its cells in order, whose texts are documents of their own."""

    uri: str
    version: int
    cells: tuple[types.NotebookCell, ...]
    metadata: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is open at one moment, by path: text documents, and notebooks with the documents of their cells."""

    documents: dict[Path, OpenText]
    notebooks: dict[Path, tuple[OpenNotebook, tuple[OpenText, ...]]]

    def texts(self) -> dict[Path, str]:
        """Return the text of each file for the analysis; for a notebook, its JSON."""
        texts = {path: document.text for path, document in self.documents.items() if _is_ours(path, document.language)}
        return texts | {path: notebook_json(notebook, cells) for path, (notebook, cells) in self.notebooks.items()}

    def others(self) -> dict[Path, str]:
        """Return the text of each open file that is no code, such as settings."""
        return {path: each.text for path, each in self.documents.items() if not _is_ours(path, each.language)}

    def all(self) -> Iterator[OpenText]:
        """Yield all documents, also those of cells."""
        yield from self.documents.values()
        yield from (cell for _, cells in self.notebooks.values() for cell in cells)

    def scripts(self) -> tuple[Path, ...]:
        """Return the open files that only their language, not their suffix, shows to be Python."""
        return tuple(path for path, each in self.documents.items() if each.language == PYTHON and path.suffix not in SUFFIXES)

    def document(self, path: Path, cell: int | None) -> OpenText | None:
        """Return the open document of a file, or of a 1-based cell of a notebook."""
        if cell is None:
            return self.documents.get(path)
        _, cells = self.notebooks.get(path, (None, ()))
        return cells[cell - 1] if 0 < cell <= len(cells) else None


class OpenDocuments:
    """The open documents by URI. `encoding` is that of positions in changes."""

    def __init__(self) -> None:
        self.encoding = PositionEncoding()
        self.home = Path.cwd()
        """The folder that documents without a file count as part of."""
        self._texts: dict[str, OpenText] = {}
        self._notebooks: dict[str, OpenNotebook] = {}
        self._notebook_of: dict[str, str] = {}

    def open(self, items: Iterable[types.TextDocumentItem], notebook: str | None = None) -> None:
        """Add text documents; with the URI of a notebook, as cells of it."""
        for item in items:
            self._texts[item.uri] = OpenText(item.uri, item.language_id, item.version, item.text)
            if notebook is not None:
                self._notebook_of[item.uri] = notebook

    def change(self, document: types.VersionedTextDocumentIdentifier, changes: Iterable[types.TextDocumentContentChangeEvent]) -> None:
        """Apply changes to a document. One that is not open stays closed."""
        known = self._texts.get(document.uri)
        if known is not None:
            self._texts[document.uri] = known.changed(document.version, changes, self.encoding)

    def close(self, uris: Iterable[str]) -> None:
        """Remove text documents."""
        for uri in uris:
            self._texts.pop(uri, None)
            self._notebook_of.pop(uri, None)

    def open_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """Add a notebook with its cells."""
        document = params.notebook_document
        self._notebooks[document.uri] = OpenNotebook(document.uri, document.version, tuple(document.cells), _metadata(document.metadata))
        self.open(params.cell_text_documents, document.uri)

    def change_notebook(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """Apply changes to a notebook: its metadata, its list of cells, and their texts."""
        uri, change = params.notebook_document.uri, params.change
        known = self._notebooks.get(uri)
        if known is None:
            return
        cells = list(known.cells)
        for structure in (change.cells.structure,) if change.cells is not None and change.cells.structure is not None else ():
            start, length = structure.array.start, structure.array.delete_count
            cells[start : start + length] = structure.array.cells or ()
            self.open(structure.did_open or (), uri)
            self.close(each.uri for each in structure.did_close or ())
        data = {each.document: each for each in (change.cells.data or () if change.cells is not None else ())}
        cells = [data.get(each.document, each) for each in cells]
        for content in change.cells.text_content or () if change.cells is not None else ():
            self.change(content.document, content.changes)
        metadata = known.metadata if change.metadata is None else _metadata(change.metadata)
        self._notebooks[uri] = OpenNotebook(uri, params.notebook_document.version, tuple(cells), metadata)

    def close_notebook(self, params: types.DidCloseNotebookDocumentParams) -> None:
        """Remove a notebook with its cells."""
        known = self._notebooks.pop(params.notebook_document.uri, None)
        cells = () if known is None else tuple(cell.document for cell in known.cells)
        self.close((*cells, *(each.uri for each in params.cell_text_documents)))

    def get(self, uri: str) -> OpenText | None:
        """Return the document with a URI."""
        return self._texts.get(uri)

    def place(self, uri: str) -> tuple[Path, int | None] | None:
        """Return the file of a document, and for a cell its 1-based number; `None` if it has no place in a file system."""
        notebook = self._notebooks.get(self._notebook_of.get(uri, ""))
        path = self.path(uri if notebook is None else notebook.uri)
        if path is None or notebook is None:
            return None if path is None else (path, None)
        numbers = {cell.document: number for number, cell in enumerate(notebook.cells, 1)}
        return (path, numbers[uri]) if uri in numbers else None

    def path(self, uri: str) -> Path | None:
        """Return the path of a URI; for a document without a file, one in the home folder that no file has."""
        scheme, _, name, *_ = urlparse(uri)
        if scheme == UNTITLED:
            return _free(self.home, Path(name).name or "untitled", ".ipynb" if uri in self._notebooks else ".py")
        found = to_fs_path(uri)
        return None if found is None else Path(absolute(found))

    def snapshot(self) -> Snapshot:
        """Return what is open now."""
        texts = ((self.path(uri), text) for uri, text in self._texts.items() if uri not in self._notebook_of)
        notebooks = ((self.path(uri), (each, self._cells(each))) for uri, each in self._notebooks.items())
        return Snapshot(
            {path: text for path, text in texts if path is not None}, {path: each for path, each in notebooks if path is not None}
        )

    def _cells(self, notebook: OpenNotebook) -> tuple[OpenText, ...]:
        return tuple(self._texts.get(cell.document) or OpenText(cell.document, "", 0, "") for cell in notebook.cells)


def uri_of(path: Path) -> str:
    """Return the URI of a file."""
    uri: str = from_fs_path(str(path)) or ""
    return uri


def notebook_json(notebook: OpenNotebook, cells: Sequence[OpenText]) -> str:
    """Return a notebook as the JSON of its file, without outputs."""
    rows = [
        {
            "cell_type": "code" if cell.kind == types.NotebookCellKind.Code else "markdown",
            "metadata": {} if text.language == PYTHON else {"vscode": {"languageId": text.language}},
            "source": text.text,
        }
        for cell, text in zip(notebook.cells, cells, strict=True)
    ]
    return json.dumps({"cells": rows, "metadata": notebook.metadata, "nbformat": 4, "nbformat_minor": 5})


def _metadata(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def _is_ours(path: Path, language: str) -> bool:
    return language == PYTHON or path.suffix in SUFFIXES


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """Return the path of the first name that no file has: `stem`, then `stem-2` and so on."""
    names = (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}" for number in count(1))
    return next(path for name in names if not (path := folder / name).exists())
