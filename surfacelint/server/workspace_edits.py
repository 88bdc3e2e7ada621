"""Changes of files as workspace edits of the protocol, which the client applies. Only what differs is in an edit."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from itertools import takewhile
from operator import eq

from lsprotocol import types

from surfacelint.fixing.text_edits import BYTE_ORDER_MARK
from surfacelint.server.open_documents import OpenText, Snapshot, uri_of
from surfacelint.server.positions import PositionEncoding, split_lines
from surfacelint.server.questions import Changes, FileChange
from surfacelint.system.records import record


class EditError(Exception):
    """Changes that cannot be made an edit for this client. The text is one sentence."""


@record(frozen=True, slots=True)
class ClientEdits:
    """What the client can do with workspace edits."""

    encoding: PositionEncoding
    document_changes: bool
    creates_files: bool
    annotations: bool

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities, encoding: PositionEncoding) -> ClientEdits:
        """Read the capabilities of a client."""
        edits = capabilities.workspace.workspace_edit if capabilities.workspace is not None else None
        if edits is None:
            return cls(encoding, False, False, False)
        creates = types.ResourceOperationKind.Create in (edits.resource_operations or ())
        documents = bool(edits.document_changes)
        return cls(encoding, documents, documents and creates, documents and edits.change_annotation_support is not None)

    def workspace_edit(
        self, changes: Changes, documents: Snapshot, annotation: types.ChangeAnnotation | None = None
    ) -> types.WorkspaceEdit:
        """Return changes of files as an edit, which the `annotation` describes. Raises EditError."""
        name = None if annotation is None or not self.annotations else annotation.label
        operations = [each for change in changes.files for each in self._operations(change, documents, name)]
        if not self.document_changes:
            return types.WorkspaceEdit(changes=_by_uri(operations))
        described = None if annotation is None or name is None else {name: annotation}
        return types.WorkspaceEdit(document_changes=operations, change_annotations=described)

    def _operations(
        self, change: FileChange, documents: Snapshot, annotation: str | None
    ) -> Iterator[types.TextDocumentEdit | types.CreateFile]:
        if change.before is None and change.path not in documents.documents:
            if not self.creates_files:
                raise EditError(f"the editor cannot add {change.path}, which the edit needs")
            uri = uri_of(change.path)
            yield types.CreateFile(uri, options=types.CreateFileOptions(overwrite=False, ignore_if_exists=False), annotation_id=annotation)
            yield self._document_edit(uri, None, "", change.after, annotation)
        elif change.path in documents.notebooks:
            yield from self._cells(change, documents, annotation)
        else:
            document = documents.documents.get(change.path)
            before, after = change.before or "", change.after
            if document is None:  # clients do not count the byte order mark of a file as part of its text
                before, after = before.removeprefix(BYTE_ORDER_MARK), after.removeprefix(BYTE_ORDER_MARK)
                yield self._document_edit(uri_of(change.path), None, before, after, annotation)
            else:
                yield self._open_document_edit(document, before, after, annotation)

    def _cells(self, change: FileChange, documents: Snapshot, annotation: str | None) -> Iterator[types.TextDocumentEdit]:
        _, cells = documents.notebooks[change.path]
        before, after = (_sources(text or "{}") for text in (change.before, change.after))
        for cell, old, new in zip(cells, before, after, strict=True):
            if old != new:
                yield self._open_document_edit(cell, old, new, annotation)

    def _open_document_edit(self, document: OpenText, before: str, after: str, annotation: str | None) -> types.TextDocumentEdit:
        if before != document.text:
            raise EditError("the document has changed in the meantime; try again")
        return self._document_edit(document.uri, document.version, before, after, annotation)

    def _document_edit(self, uri: str, version: int | None, before: str, after: str, annotation: str | None) -> types.TextDocumentEdit:
        place = types.OptionalVersionedTextDocumentIdentifier(uri, version)
        edits: list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit] = []
        for span, text in text_edits(before, after, self.encoding):
            edits.append(types.TextEdit(span, text) if annotation is None else types.AnnotatedTextEdit(annotation, span, text))
        return types.TextDocumentEdit(place, edits)


def text_edits(before: str, after: str, encoding: PositionEncoding) -> Iterator[tuple[types.Range, str]]:
    """Yield the ranges of a text that differ in another one, with their new text."""
    old, new = split_lines(before), split_lines(after)
    for tag, first, last, begin, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        gone, come = "".join(old[first:last]), "".join(new[begin:end])
        same = _common(gone, come)
        same -= gone[:same].endswith("\r")  # no position is between the characters of a line ending
        rest = _common(gone[same:][::-1], come[same:][::-1])
        rest -= any(text[len(text) - rest - 1 : len(text) - rest + 1] == "\r\n" for text in (gone, come))
        start = sum(map(len, old[:first])) + same
        stop = sum(map(len, old[:last])) - rest
        yield types.Range(_position(old, start, encoding), _position(old, stop, encoding)), come[same : len(come) - rest]


def _common(first: str, second: str) -> int:
    """Return the number of characters with which both texts begin."""
    return sum(1 for _ in takewhile(bool, map(eq, first, second)))


def _position(lines: Sequence[str], offset: int, encoding: PositionEncoding) -> types.Position:
    """Return the position of an offset in the text of `lines`."""
    for number, line in enumerate(lines):
        if offset < len(line) or number == len(lines) - 1:
            return types.Position(number, encoding.width(line[:offset]))
        offset -= len(line)
    raise AssertionError("a text has at least one line")


def _sources(notebook: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(notebook)["cells"]]


def _by_uri(operations: Sequence[types.TextDocumentEdit | types.CreateFile]) -> dict[str, Sequence[types.TextEdit]]:
    """Return edits for clients that know no versions of documents."""
    found: dict[str, list[types.TextEdit]] = {}
    for each in operations:
        if isinstance(each, types.TextDocumentEdit):
            plain = [edit for edit in each.edits if isinstance(edit, types.TextEdit)]
            found.setdefault(each.text_document.uri, []).extend(plain)
    return dict(found)
