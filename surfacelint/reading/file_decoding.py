"""Decodes Python files and notebooks to text with line feeds as line breaks.

A notebook becomes the text of one module: its code cells in order. Each line of a cell stays one line, so a location in
the text maps to a location in a cell.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

from surfacelint.project.module_names import SourceFile
from surfacelint.system.records import record
from surfacelint.system.safe_reading import InputError, parse

# Larger files are data tables in Python syntax. Parsing one takes seconds and gigabytes.
LARGEST_SOURCE = 1_000_000
# Notebooks include outputs such as images. Their code has the same limit as any source.
LARGEST_NOTEBOOK = 64_000_000

# Cell magics that run the cell as Python in the notebook itself. Cells with other magics are skipped.
PYTHON_CELL_MAGICS = frozenset({"capture", "debug", "prun", "python", "python3", "pypy", "time", "timeit"})

# Line magics that work without `%`, in cells of one line: `cd ..`, `pip install openai`. Source: IPython 9.18, `%lsmagic`
# and `InteractiveShell.transform_cell`.
_AUTOMAGIC = re.compile(
    r"[ \t]*(?:alias|alias_magic|autoawait|autocall|automagic|bookmark|cat|cd|clear|code_wrap|colors|conda|config|cp|debug|dhist|dirs"
    r"|doctest_mode|ed|edit|env|gui|hist|history|killbgscripts|ldir|less|lf|lk|ll|load|load_ext|loadpy|logoff|logon|logstart|logstate"
    r"|logstop|ls|lsmagic|lx|macro|magic|mamba|man|matplotlib|micromamba|mkdir|more|mv|notebook|page|pastebin|pdb|pdef|pdoc|pfile|pinfo"
    r"|pinfo2|pip|popd|pprint|precision|prun|psearch|psource|pushd|pwd|pycat|pylab|quickref|recall|rehashx|reload_ext|rep|rerun|reset"
    r"|reset_selective|rm|rmdir|run|save|sc|set_env|sx|system|tb|time|timeit|unalias|unload_ext|uv|who|who_ls|whos|xdel|xmode)(?:[ \t]|$)"
)

_CHUNK = 262_144
_BINARY: int = getattr(os, "O_BINARY", 0)

_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=]", re.MULTILINE)
_MAGIC = re.compile(r"[ \t]*(?:%{1,2}[A-Za-z_]|!|\?|[\w.*%]+\?{1,2}[ \t]*$|[A-Za-z_][\w.,'\"\[\] \t]*=[ \t]*[!%]\w)")
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_SURROGATE = re.compile("[\ud800-\udfff]")


class UnreadableError(Exception):
    """A file cannot be decoded to text. The text says why and follows the name of the file: "too large: …".

    `line` and `column` are the 1-based place of the problem.
    """

    def __init__(self, problem: str, line: int = 1, column: int = 1) -> None:
        """Take the reason and the place."""
        super().__init__(problem)
        self.line, self.column = line, column


@record(frozen=True, slots=True)
class Cell:
    """A code cell. `index` is its 1-based position among all cells, `line` the 1-based line of the text where it starts."""

    index: int
    line: int


@record(frozen=True, slots=True)
class BrokenCell:
    """A code cell that does not compile and is replaced by comments. `line` and `column` of the `problem` are 1-based in the cell."""

    index: int
    line: int
    problem: str
    column: int = 1


@record(frozen=True, slots=True)
class Source:
    """The text of a file. `cells` are the code cells of a notebook in order, empty for other files.

    `originals` are the texts of the cells as the notebook has them, with their magics.
    """

    file: SourceFile
    text: str
    cells: tuple[Cell, ...] = ()
    broken_cells: tuple[BrokenCell, ...] = ()
    originals: tuple[str, ...] = ()

    def place(self, line: int) -> tuple[int | None, int]:
        """Return the index of the cell (`None` outside notebooks) and the 1-based line in it of the 1-based `line` of the text."""
        position = bisect_right(self.cells, line, key=lambda cell: cell.line)
        if not position:
            return None, line
        cell = self.cells[position - 1]
        return cell.index, line - cell.line + 1


def read(file: SourceFile) -> Source:
    """Return the decoded source of `file`.

    Raises `UnreadableError` for a file that is missing, not permitted, too large, binary or wrongly encoded, and for an
    `.ipynb` file that is not a notebook.
    """
    try:
        data = read_bytes(file)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from error
    return decode(file, data)


def read_bytes(file: SourceFile) -> bytes:
    """Return the content of `file`. Raises OSError, also if it exceeds the limit for notebooks."""
    # Takes half the time of `open`, and every file of the project is read.
    descriptor = os.open(file.path, os.O_RDONLY | _BINARY)
    try:
        chunks = [os.read(descriptor, _CHUNK)]
        while chunks[-1]:
            if len(chunks) * _CHUNK > LARGEST_NOTEBOOK:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            chunks.append(os.read(descriptor, _CHUNK))
        return chunks[0] if len(chunks) == 2 else b"".join(chunks)
    finally:
        os.close(descriptor)


def decode(file: SourceFile, data: bytes) -> Source:
    """Decode `data`, the content of `file`. Raises `UnreadableError` as `read` does."""
    if file.is_notebook:
        return _decode_notebook(file, data)
    _check_size(len(data), LARGEST_SOURCE)
    if b"\0" in data:
        raise UnreadableError("not text: it contains null bytes")
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        name = encoding.removesuffix("-sig").upper()
        before = data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode(encoding, "replace")
        problem = f"not valid {name} in line {line}: save the file as UTF-8, or declare its encoding in line 1"
        raise UnreadableError(problem, line, len(before) + 1) from error
    except (ValueError, LookupError) as error:
        raise UnreadableError(f"cannot be decoded as {encoding}: {error}") from error
    return Source(file, _normalize_line_breaks(text))


def given_source(file: SourceFile, text: str) -> Source:
    """Return the source of a Python file whose text is given. Raises `UnreadableError` as `read` does."""
    _check_size(len(text.encode("utf-8", "surrogatepass")), LARGEST_SOURCE)
    if "\0" in text:
        raise UnreadableError("not text: it contains null bytes")
    return Source(file, _normalize_line_breaks(text))


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise UnreadableError(f"too large: {size / 1e6:.1f} MB, the limit is {limit / 1e6:.0f} MB")


def _encoding(data: bytes) -> str:
    """Return the encoding of Python source from its byte order mark or declaration (PEP 263)."""
    first, _, rest = data.removeprefix(codecs.BOM_UTF8).partition(b"\n")
    if not _CODING.search(first + b"\n" + rest.partition(b"\n")[0]):
        return "utf-8-sig"
    # Imported late: few files have a declaration.
    import tokenize

    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError as error:
        raise UnreadableError(f"wrong encoding declaration: {error.msg}") from error


def _normalize_line_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _decode_notebook(file: SourceFile, data: bytes) -> Source:
    _check_size(len(data), LARGEST_NOTEBOOK)
    code_cells = list(_code_cells(_load_notebook(data)))
    _check_size(sum(len(text) for _, text in code_cells), LARGEST_SOURCE)
    parts: list[str] = []
    cells: list[Cell] = []
    broken: list[BrokenCell] = []
    line = 1
    for index, original in code_cells:
        text = without_magics(original)
        problem = _syntax_problem(text)
        if problem is not None:
            broken.append(BrokenCell(index, *problem))
            text = _commented_out(text)
        cells.append(Cell(index, line))
        parts.append(text)
        line += text.count("\n") + 1
    originals = tuple(original for _, original in code_cells)
    return Source(file, "".join(f"{part}\n" for part in parts), tuple(cells), tuple(broken), originals)


def _load_notebook(data: bytes) -> dict[str, Any]:
    """Parse the JSON of a notebook."""
    # Imported late: only notebooks need it.
    import json

    try:
        notebook = parse(json.loads, data, "a notebook")
    except InputError as error:
        raise UnreadableError(str(error)) from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells", notebook.get("worksheets")), list):
        raise UnreadableError("not a notebook: it has no list of cells")
    return notebook


def _code_cells(notebook: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield the 1-based index and the text of each Python cell; nothing if the notebook's kernel runs another language."""
    if not _is_python(notebook):
        return
    for index, cell in enumerate(_cells(notebook), 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code" and _at(cell, "metadata", "vscode", "languageId") in (None, "python"):
            source = cell.get("source", cell.get("input"))
            lines = source if isinstance(source, list) else [source]
            text = "".join(part for part in lines if isinstance(part, str))
            # JSON may contain lone surrogates, which Python source may not.
            yield index, _normalize_line_breaks(_SURROGATE.sub("?", text)).removesuffix("\n")


def _is_python(notebook: dict[str, Any]) -> bool:
    languages = (_at(notebook, "metadata", "language_info", "name"), _at(notebook, "metadata", "kernelspec", "language"))
    return all(language is None or str(language).lower().startswith(("python", "ipython")) for language in languages)


def _cells(notebook: dict[str, Any]) -> Iterable[object]:
    """Yield all cells. Before version 4 of the format, they were in worksheets."""
    if "cells" in notebook:
        yield from notebook["cells"]
    else:
        for worksheet in notebook["worksheets"]:
            yield from _at(worksheet, "cells") or ()


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def without_magics(text: str) -> str:
    """Return the text of a cell with magics and shell commands replaced line by line, so that it is plain Python."""
    magic = _CELL_MAGIC.match(text)
    if magic:
        if magic[1] not in PYTHON_CELL_MAGICS:
            return _commented_out(text)
        begin = text.index("%%")
        text = text[:begin] + "#" + text[begin:]
    # A line of an expression may look like a magic (`% name`), so valid Python is not changed.
    if _syntax_problem(text, newer=False) is None:
        return text
    lines = text.split("\n")
    if len(lines) == 1 and _AUTOMAGIC.match(text):
        return "pass"
    continues = False
    for number, line in enumerate(lines):
        if continues:
            continues = line.endswith("\\")
            lines[number] = "#"
        elif _MAGIC.match(line):
            continues = line.endswith("\\")
            lines[number] = line[: len(line) - len(line.lstrip())] + "pass"
    return "\n".join(lines)


def _syntax_problem(text: str, *, newer: bool = True) -> tuple[int, str, int] | None:
    """Return line, description and column of the syntax error in the text of a cell, or `None`. Cells may use top-level `await`.

    Unless `newer`, syntax that is newer than the running Python is an error.
    """
    # Imported late: only notebooks need them.
    from surfacelint.extraction import compiler_errors, newer_syntax

    check_compiles = newer_syntax.check_compiles if newer else compiler_errors.check_compiles
    try:
        check_compiles(text, compiler_errors.CELL)
    except SyntaxError as error:
        return error.lineno or 1, error.msg, error.offset or 1
    except (ValueError, RecursionError, MemoryError) as error:
        return 1, str(error) or "too deeply nested", 1
    return None


def _commented_out(text: str) -> str:
    """Return as many comment lines as `text` has lines."""
    return "\n".join("#" for _ in text.split("\n"))
