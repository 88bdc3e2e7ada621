"""Reads the records of export files: CSV and other tables, JSON, JSON lines, each also compressed with gzip.

Files may have gigabytes and come from anywhere. Records are read one after the other, in memory that does not grow with the
file, and every problem is a UsageError with the line.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn, TextIO

from surfacelint.review.usage.export_fields import ExportFields, json_number
from surfacelint.review.usage.usage_rows import UsageError

LARGEST_RECORD = 32_000_000
"""The maximum length of a record in characters. Exports with prompts have records of megabytes."""

MOST_REPETITIVE = 200
"""How many times its size a compressed file may unpack to. The same long prompt in each record makes at most about 140."""

LARGEST_PLAUSIBLE = 10_000_000
"""The number of bytes that any compressed file may unpack to."""

_CHUNK = 1 << 16
_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_OTHER_FILES = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook; unpack it, or save it as CSV",
    b"PAR1": "a Parquet file; choose CSV, JSON or JSON lines in the settings of the export",
    b"%PDF": "a PDF; export CSV or JSON",
    b"<": "HTML or XML; export CSV or JSON",
}
_LISTS = ("data", "dalle_api_data", "observations", "results", "tts_api_data", "whisper_api_data")
"""Fields of a page that hold its records."""


def records(path: str) -> Iterator[ExportFields]:
    """Yield the records of a file, pages without their frame. Raises UsageError."""
    try:
        with _opened(path) as text:
            start = _skip_space(text)
            yield from (_json_records(path, text, start) if start.strip() in ("{", "[") else _table_records(path, text, start))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (EOFError, zlib.error) as error:
        raise UsageError(f"{path}: the compressed file is damaged: {error}; download it again") from None
    except ValueError as error:
        if isinstance(error, UnicodeError):
            raise UsageError(f"{path}: not valid text: {error}; save the file as UTF-8") from None
        raise UsageError(f"{path}: cannot be read: {error}") from None


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    """Open a file as text. Raises UsageError, OSError and ValueError."""
    with Path(path).open("rb") as file, ExitStack() as unpacking:
        data = unpacking.enter_context(_Unpacked(path, file)) if file.peek(2)[:2] == b"\x1f\x8b" else file
        with io.TextIOWrapper(data, encoding=_encoding(path, data.peek(256)[:256]), newline="") as text:
            yield text


class _Unpacked(gzip.GzipFile):
    """The content of a compressed file. A small file must not take hours: one that unpacks to far more than an export is refused."""

    def __init__(self, path: str, packed: BinaryIO) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._path = path
        self._packed = packed
        self._length = 0

    def read1(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises UsageError."""
        data = super().read1(size)
        self._length += len(data)
        if self._length > max(LARGEST_PLAUSIBLE, MOST_REPETITIVE * self._packed.tell()):
            problem = f"the compressed file unpacks to more than {MOST_REPETITIVE} times its size"
            raise UsageError(f"{self._path}: {problem}, which no export does; unpack it, and look at it")
        return data


def _encoding(path: str, begin: bytes) -> str:
    for magic, name in _OTHER_FILES.items():
        if begin.startswith(magic):
            raise UsageError(f"{path}: this is {name}")
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if begin.startswith(mark):
            return encoding
    if b"\0" in begin:
        raise UsageError(f"{path}: not text, or in an encoding other than UTF-8; save the file as UTF-8")
    return "utf-8"


def _skip_space(text: TextIO) -> str:
    """Read up to the first character that is no space, and return what was read."""
    read = ""
    while len(read) < _CHUNK and (character := text.read(1)):
        read += character
        if not character.isspace():
            break
    return read


def _table_records(path: str, text: TextIO, start: str) -> Iterator[ExportFields]:
    limit = csv.field_size_limit(LARGEST_RECORD)
    try:
        yield from _rows(path, _Lines(path, text, start))
    finally:
        csv.field_size_limit(limit)


class _Lines:
    """The lines of a text with their line breaks, from the first that is not blank. `number` counts those that were taken."""

    def __init__(self, path: str, text: TextIO, start: str) -> None:
        self._path = path
        self._text = text
        self.number = start.count("\n")
        self.first = start[start.rfind("\n") + 1 :] + text.readline(LARGEST_RECORD)
        self._waiting = self.first

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._waiting or self._text.readline(LARGEST_RECORD)
        self._waiting = ""
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) >= LARGEST_RECORD:
            problem = f"the line is longer than {LARGEST_RECORD / 1e6:.0f} MB"
            raise UsageError(f"{self._path}:{self.number}: {problem}; export without prompts and answers")
        return line


def _rows(path: str, lines: _Lines) -> Iterator[ExportFields]:
    delimiter = max(",\t;", key=lines.first.count)
    line = lines.number + 1
    columns: list[str] = []
    try:
        for cells in csv.reader(lines, delimiter=delimiter, strict=True):
            if columns and cells:
                if len(cells) != len(columns):
                    problem = f"the row has {len(cells)} cells and the header {len(columns)}"
                    raise UsageError(f"{path}:{line}: {problem}; export the file again")
                yield ExportFields(path, line, dict(zip(columns, cells, strict=True)))
            elif cells:
                columns = _header(path, line, cells)
            line = lines.number + 1
    except csv.Error as error:
        raise UsageError(f"{path}:{line}: not a valid table: {error}; export the file again") from None


def _header(path: str, line: int, cells: list[str]) -> list[str]:
    columns = [cell.strip() for cell in cells]
    for column, number in Counter(columns).items():
        if column and number > 1:
            raise UsageError(f"{path}:{line}: the column {column} occurs twice; remove one of the two")
    return columns


def _json_records(path: str, text: TextIO, start: str) -> Iterator[ExportFields]:
    for line, value in _JsonValues(path, text, start).values():
        if not isinstance(value, dict):
            raise UsageError(f"{path}:{line}: the record is not an object; export the file again")
        record = ExportFields(path, line, value)
        lists = [name for name in _LISTS if isinstance(value.get(name), list)]
        if lists and not _is_record(value):
            for name in lists:
                yield from record.items(name)
        else:
            yield record


def _is_record(value: dict[str, object]) -> bool:
    """Whether an object with a list is a record itself: a time bucket of OpenAI or Anthropic."""
    return "start_time" in value or "starting_at" in value


class _JsonValues:
    """Reads the JSON values of a text: one after the other, and the elements of those that are arrays."""

    def __init__(self, path: str, text: TextIO, start: str) -> None:
        self._path = path
        self._text = text
        self._buffer = start
        self._position = 0
        self._line = 1
        self._complete = False
        self._found: object = None
        self._decoder = json.JSONDecoder(parse_float=json_number, parse_constant=self._refuse)

    def values(self) -> Iterator[tuple[int, object]]:
        """Yield each value with the line on which it begins. Raises UsageError."""
        while character := self._next():
            if character != "[":
                yield self._line, self._value()
                continue
            self._position += 1
            if self._next() == "]":
                self._position += 1
                continue
            while True:
                yield self._line, self._value()
                separator = self._next()
                self._position += 1
                if separator == "]":
                    break
                if separator != ",":
                    self._fail("the list ends in the middle" if not separator else f"a comma is missing before {separator}")
                self._next()

    def _next(self) -> str:
        """Return the next character that is no space, or an empty text at the end."""
        while True:
            while self._position < len(self._buffer):
                character = self._buffer[self._position]
                if not character.isspace():
                    return character
                self._line += character == "\n"
                self._position += 1
            if self._complete:
                return ""
            self._fill()

    def _fill(self) -> None:
        """Forget what was read. Then read as much as is left, so that a long value is looked at only a few times."""
        self._buffer = self._buffer[self._position :]
        self._position = 0
        if len(self._buffer) > LARGEST_RECORD:
            remedy = "write one record per line, for example with `jq -c '.data[]'`"
            self._fail(f"a record is longer than {LARGEST_RECORD / 1e6:.0f} MB", remedy)
        found = self._text.read(max(_CHUNK, len(self._buffer)))
        self._complete = not found
        self._buffer += found

    def _value(self) -> object:
        while (end := self._end_of_value()) is None:
            self._fill()
        self._line += self._buffer.count("\n", self._position, end)
        self._position = end
        return self._found

    def _end_of_value(self) -> int | None:
        """Read the value at the present position and return its end, or `None` if the buffer may not hold all of it."""
        try:
            self._found, end = self._decoder.raw_decode(self._buffer, self._position)
        except json.JSONDecodeError as error:
            if not (self._complete or self._is_certain(error)):
                return None
            self._line += self._buffer.count("\n", self._position, error.pos)
            cut = error.pos >= len(self._buffer) or error.msg.startswith("Unterminated")
            self._fail("the file ends in the middle of a record" if cut else f"not valid JSON: {error.msg}")
        except RecursionError:
            self._fail("a record is nested too deeply")
        except ValueError as error:
            self._fail(f"not valid JSON: {error}")
        return end

    def _is_certain(self, error: json.JSONDecodeError) -> bool:
        """Whether an error is one, however the text goes on: `tru` at the end of the buffer may be the begin of `true`."""
        return not error.msg.startswith(("Unterminated", "Invalid \\")) and error.pos < len(self._buffer) - len("-Infinity")

    def _refuse(self, name: str) -> NoReturn:
        raise ValueError(f"{name} is not a number")

    def _fail(self, problem: str, remedy: str = "export the file again") -> NoReturn:
        raise UsageError(f"{self._path}:{self._line}: {problem}; {remedy}")
