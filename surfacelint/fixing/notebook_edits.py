"""Applies edits to the cells of a notebook: in the JSON text, so that everything outside of the edited lines keeps its bytes."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from surfacelint.fixing.text_edits import Replacement, UneditableError, normalized, replacements
from surfacelint.model.findings import Edit
from surfacelint.reading.file_decoding import without_magics
from surfacelint.system.records import record

_SPACE = re.compile(r"[ \t\r\n]*")
_CHARACTER = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_NEWLINES = frozenset((r"\n", r"\u000a", r"\u000A"))
_DECODER = json.JSONDecoder()


@record(frozen=True, slots=True)
class _Element:
    """A string of a source. `written` has its characters as JSON spells them. `number` is its place in the file, `None` if it is new."""

    written: tuple[str, ...]
    number: int | None


def json_of(data: bytes) -> str:
    """Return the JSON text of a notebook. Raises UneditableError if it is not UTF-8."""
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise UneditableError("it is not UTF-8") from error


def apply_cell_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply the edits of one notebook to its content. Raises UneditableError."""
    text = json_of(data)
    mark = data[: len(data) - len(text.encode())]
    by_cell: dict[int, list[Edit]] = {}
    for edit in edits:
        if edit.cell is None:
            raise UneditableError("an edit names no cell")
        by_cell.setdefault(edit.cell, []).append(edit)
    try:
        cells = list(_cells(text))
        for number in sorted(by_cell, reverse=True):
            start, end = _source(text, *cells[number - 1])
            text = text[:start] + _edited(text, start, end, by_cell[number]) + text[end:]
    except (ValueError, IndexError, KeyError, RecursionError) as error:
        raise UneditableError("its cells cannot be found") from error
    return mark + text.encode()


def _cells(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each cell. Before version 4 of the format, they were in worksheets."""
    notebook = dict(_members(text, _skip(text, 0)))
    if "cells" in notebook:
        yield from _items(text, notebook["cells"][0])
        return
    for start, _ in _items(text, notebook["worksheets"][0]):
        yield from _items(text, dict(_members(text, start))["cells"][0])


def _source(text: str, start: int, _end: int) -> tuple[int, int]:
    """Return the start and end of the source of the cell that starts at `start`."""
    cell = dict(_members(text, start))
    return cell["source"] if "source" in cell else cell["input"]


def _members(text: str, start: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each key of the object at `start`, with the start and end of its value."""
    at = _skip(text, start + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        yield key, (at, end)
        at = _next(text, end)


def _items(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each item of the list at `start`."""
    at = _skip(text, start + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        yield at, end
        at = _next(text, end)


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return at if space is None else space.end()


def _next(text: str, end: int) -> int:
    """Return the start of what follows a value that ends at `end`: the next value, or the closing bracket."""
    at = _skip(text, end)
    return _skip(text, at + 1) if text[at] == "," else at


def _edited(text: str, start: int, end: int, edits: Sequence[Edit]) -> str:
    """Return the JSON of a source with edits applied. The source is one string or a list of strings."""
    is_list = text[start] == "["
    places = list(_items(text, start)) if is_list else [(start, end)]
    if any(text[begin] != '"' for begin, _ in places):
        raise UneditableError("the source of a cell is not text")
    elements = [_Element(tuple(_CHARACTER.findall(text[begin + 1 : stop - 1])), number) for number, (begin, stop) in enumerate(places)]
    code = "".join(json.loads(text[begin:stop]) for begin, stop in places)
    _check_magics(code, edits)
    for each in reversed(replacements(code, edits)):
        elements = _replaced(elements, each, is_list, text.isascii())
    if not is_list:
        return "".join(f'"{"".join(element.written)}"' for element in elements)
    return text[start : places[0][0]] + _joined(text, places, elements) + text[places[-1][1] : end] if places else _list(elements)


def _replaced(elements: list[_Element], replacement: Replacement, is_list: bool, is_ascii: bool) -> list[_Element]:
    """Return the strings of a source with one replacement. In a list, each line of new code is a string of its own."""
    written = json.dumps(replacement.text, ensure_ascii=is_ascii)[1:-1]
    new = tuple(_CHARACTER.findall(written))
    offsets = [0]
    for element in elements:
        offsets.append(offsets[-1] + len(element.written))
    if not elements:
        return [_Element(line, None) for line in _lines(new)]
    first = max(number for number in range(len(elements)) if offsets[number] <= replacement.start)
    last = max(first, *(number for number in range(len(elements)) if offsets[number] < replacement.end), first)
    tail = elements[last].written[replacement.end - offsets[last] :]
    code = (*elements[first].written[: replacement.start - offsets[first]], *new, *tail)
    if not is_list:
        return [_Element(code, 0)]
    if code and code[-1] not in _NEWLINES and last + 1 < len(elements):
        last += 1
        code += elements[last].written
    known = {element.written: element.number for element in elements[first : last + 1]}
    made = [_Element(line, known.get(line)) for line in _lines(code)]
    return [*elements[:first], *made, *elements[last + 1 :]]


def _lines(code: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of code with their line feeds."""
    start = 0
    for number, character in enumerate(code, 1):
        if character in _NEWLINES:
            yield code[start:number]
            start = number
    if start < len(code):
        yield code[start:]


def _joined(text: str, places: Sequence[tuple[int, int]], elements: Sequence[_Element]) -> str:
    """Return the strings of a list, separated as in the file."""
    opening = text.rindex("[", 0, places[0][0])
    usual = text[places[0][1] : places[1][0]] if len(places) > 1 else f",{text[opening + 1 : places[0][0]] or ' '}"
    parts: list[str] = []
    for number, element in enumerate(elements):
        known = element.number
        if number:
            parts.append(text[places[known - 1][1] : places[known][0]] if known else usual)
        parts.append(f'"{"".join(element.written)}"')
    return "".join(parts)


def _list(elements: Iterable[_Element]) -> str:
    return "[" + ", ".join(f'"{"".join(element.written)}"' for element in elements) + "]"


def _check_magics(code: str, edits: Iterable[Edit]) -> None:
    """Raise UneditableError if an edit touches a line that is not Python, such as a magic, because it was checked as something else.

    Nothing may come before the magic of a whole cell.
    """
    lines = normalized(code).split("\n")
    checked = without_magics(normalized(code)).split("\n")
    foreign = {number for number, (line, other) in enumerate(zip(lines, checked, strict=True), 1) if line != other}
    if code.lstrip().startswith("%%"):
        foreign.update(range(1, min(foreign, default=0)))
    for edit in edits:
        start, end = edit.span.start, edit.span.end
        last = end.line - 1 if end.line > start.line and end.column == 0 else end.line
        if foreign.intersection(range(start.line, last + 1)):
            raise UneditableError(f"line {start.line} of cell {edit.cell} belongs to a magic")
