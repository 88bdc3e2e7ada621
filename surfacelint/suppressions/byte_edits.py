"""Applies edits to the bytes of a file, and keeps its encoding, byte order mark and line endings."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from collections.abc import Iterable

from surfacelint.facts.expressions import Position
from surfacelint.model.findings import Applicability, Edit, Fix

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


class UnfixableError(Exception):
    """A file that cannot be edited without changing other parts of it. The text says why and follows the name of the file."""


def applicable(fixes: Iterable[Fix], unsafe: bool) -> tuple[Fix, ...]:
    """Return the fixes to apply together: safe ones (with `unsafe`, unsafe ones too), and only the first of those that overlap."""
    grades = {Applicability.SAFE, Applicability.UNSAFE} if unsafe else {Applicability.SAFE}
    taken: list[Edit] = []
    chosen: list[Fix] = []
    for fix in sorted(set(fixes), key=lambda fix: fix.edits):
        if fix.applicability in grades and fix.edits and not any(_overlap(one, other) for one in fix.edits for other in taken):
            taken += fix.edits
            chosen.append(fix)
    return tuple(chosen)


def text_of(data: bytes) -> str:
    """Return the text of Python source as it is checked: without byte order mark, with line feeds. Raises UnfixableError."""
    return _decoded(data)[2].replace("\r\n", "\n").replace("\r", "\n")


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply the edits of one file to its content. Edits must not overlap. Raises UnfixableError."""
    mark, encoding, text = _decoded(data)
    lines = [line for line in _LINE.findall(text) if line]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for edit in sorted(set(edits), reverse=True):
        start, end = (_offset(starts, lines, position) for position in (edit.span.start, edit.span.end))
        text = text[:start] + edit.text + text[end:]
    try:
        return mark + text.encode(encoding)
    except UnicodeError as error:
        raise UnfixableError(f"cannot be edited: {error}") from error


def _decoded(data: bytes) -> tuple[bytes, str, str]:
    """Return byte order mark, encoding and text of Python source. Raises UnfixableError if encoding the text changes any byte."""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0].removesuffix("-sig")
        text = data[len(mark) :].decode(encoding)
        if text.encode(encoding) != data[len(mark) :]:
            raise UnfixableError(f"cannot be edited: writing it as {encoding} would change other bytes")
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise UnfixableError(f"cannot be edited: {error}") from error
    return mark, encoding, text


def _offset(starts: list[int], lines: list[str], position: Position) -> int:
    index = min(position.line - 1, len(lines))
    width = len(lines[index].rstrip("\r\n")) if index < len(lines) else 0
    return starts[index] + min(position.column, width)


def _overlap(one: Edit, other: Edit) -> bool:
    if one.path != other.path:
        return False
    if one.span.start == other.span.start:
        return True
    return one.span.start < other.span.end and other.span.start < one.span.end
