"""From files to text: encodings, line ends, notebooks, and what is said about files that cannot be read."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from surfacelint.project.module_names import Project, SourceFile
from surfacelint.reading import file_decoding
from surfacelint.reading.file_decoding import BrokenCell, Cell, Source, UnreadableError, read

Write = Callable[..., Source]


def source_file(path: Path) -> SourceFile:
    found = Project.build(path.parent, [path]).at(path)
    assert found is not None
    return found


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes bytes to a file and reads them back as source."""

    def make(data: bytes, name: str = "mod.py") -> Source:
        path = tmp_path / name
        path.write_bytes(data)
        return read(source_file(path))

    return make


Notebook = Callable[..., Source]


@pytest.fixture
def notebook(write: Write) -> Notebook:
    """Return a function that writes a notebook of code cells (or whole cells) and reads it back as source."""

    def make(*cells: str | dict[str, Any], **metadata: Any) -> Source:
        whole = [code(cell) if isinstance(cell, str) else cell for cell in cells]
        return write(json.dumps({"cells": whole, "metadata": metadata, "nbformat": 4}).encode(), "run.ipynb")

    return make


def code(text: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": text.splitlines(keepends=True), "metadata": metadata, "outputs": []}


def markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": [text], "metadata": {}}


class TestText:
    def test_utf_8(self, write: Write) -> None:
        source = write("name = 'é'\n".encode())
        assert source.text == "name = 'é'\n"
        assert source.place(1) == (None, 1)
        assert source.cells == ()
        assert source.broken_cells == ()

    def test_byte_order_mark(self, write: Write) -> None:
        assert write(b"\xef\xbb\xbfx = 1\n").text == "x = 1\n"
        assert write(b"\xef\xbb\xbf# coding: utf-8\nx = 1\n").text == "# coding: utf-8\nx = 1\n"

    @pytest.mark.parametrize("head", [b"# -*- coding: latin-1 -*-\n", b"#!/usr/bin/python\n# vim: set fileencoding=latin-1 :\n"])
    def test_declared_encoding(self, write: Write, head: bytes) -> None:
        assert write(head + b"name = '\xe9'\n").text.endswith("name = 'é'\n")

    def test_a_declaration_in_the_third_line_is_none(self, write: Write) -> None:
        with pytest.raises(UnreadableError, match="not valid UTF-8 in line 4"):
            write(b"\n\n# coding: latin-1\nname = '\xe9'\n")

    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
    def test_lines_are_counted_as_the_parser_does(self, write: Write, end: bytes) -> None:
        data = end.join([b"a = '''x", b"y'''  # \x0c \x0b \x1c", b"b = 1", b""])
        source = write(data)
        assert "\r" not in source.text
        line = source.text.split("\n").index("b = 1") + 1
        assert ast.parse(data).body[1].lineno == ast.parse(source.text).body[1].lineno == line

    def test_empty(self, write: Write) -> None:
        assert write(b"").text == ""

    def test_longer_than_one_read(self, write: Write) -> None:
        data = b"x = 1\n" * 100_000
        assert write(data).text == data.decode()


class TestUnreadable:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"x = 1\nname = '\xe9'\n", "not valid UTF-8 in line 2: save the file as UTF-8, or declare its encoding in line 1"),
            (b"# coding: klingon\n", "wrong encoding declaration: unknown encoding: klingon"),
            (b"# coding: hex\nx", "cannot be decoded as hex: 'hex' is not a text encoding"),
            (b"# coding: undefined\nx", "cannot be decoded as undefined: "),
            (b"x = 1\0", "not text: it contains null bytes"),
            (b"x" * 1_500_001, "too large: 1.5 MB, the limit is 1 MB"),
        ],
    )
    def test_sentence(self, write: Write, data: bytes, message: str) -> None:
        with pytest.raises(UnreadableError) as caught:
            write(data)
        assert str(caught.value).startswith(message)

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableError, match="cannot be read: No such file or directory"):
            read(source_file(tmp_path / "gone.py"))

    def test_a_directory(self, tmp_path: Path) -> None:
        (tmp_path / "dir.py").mkdir()
        with pytest.raises(UnreadableError, match="cannot be read"):
            read(source_file(tmp_path / "dir.py"))

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root")
    def test_forbidden(self, tmp_path: Path) -> None:
        path = tmp_path / "secret.py"
        path.touch(mode=0)
        with pytest.raises(UnreadableError, match="cannot be read: Permission denied"):
            read(source_file(path))

    def test_no_memory_is_spent_on_monsters(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(file_decoding, "LARGEST_NOTEBOOK", 1_000_000)
        with pytest.raises(UnreadableError, match="cannot be read: File too large"):
            write(b"x" * 2_000_000)

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "not a notebook: Expecting value"),
            (b"[]", "not a notebook: it has no list of cells"),
            (b'{"cells": 1}', "not a notebook: it has no list of cells"),
            (b'{"cells": "\xff"}', "not a notebook: "),
            (b"[" * 100_000, "not a notebook: "),
        ],
    )
    def test_no_notebook(self, write: Write, data: bytes, message: str) -> None:
        with pytest.raises(UnreadableError) as caught:
            write(data, "run.ipynb")
        assert str(caught.value).startswith(message)

    def test_too_much_code_in_a_notebook(self, notebook: Notebook) -> None:
        with pytest.raises(UnreadableError, match=r"too large: 1\.2 MB"):
            notebook("x = 1\n" * 200_000)


class TestNotebook:
    def test_code_cells_make_one_module(self, notebook: Notebook) -> None:
        source = notebook(markdown("# Title"), "import openai\nclient = openai.OpenAI()", markdown("x = ("), "for x in y:\n    f(x)\n")
        assert source.text == "import openai\nclient = openai.OpenAI()\nfor x in y:\n    f(x)\n"
        assert source.cells == (Cell(2, 1), Cell(4, 3))
        assert [source.place(line) for line in (1, 2, 3, 4)] == [(2, 1), (2, 2), (4, 1), (4, 2)]

    def test_output_is_not_code(self, notebook: Notebook) -> None:
        source = notebook(code("1") | {"outputs": [{"text": ["boom ("]}]})
        assert source.text == "1\n"

    def test_source_as_one_string(self, notebook: Notebook) -> None:
        assert notebook({"cell_type": "code", "source": "a = 1\r\nb = 2"}).text == "a = 1\nb = 2\n"

    def test_top_level_await(self, notebook: Notebook) -> None:
        source = notebook("r = await client.chat.completions.create()", "async for x in y:\n    z(x)")
        assert source.broken_cells == ()
        ast.parse(source.text)

    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            ("%matplotlib inline\nx = 1", "pass\nx = 1"),
            ("!pip install openai\nx = 1", "pass\nx = 1"),
            ("!pip install openai \\\n    anthropic (\nx = 1", "pass\n#\nx = 1"),
            ("if fresh:\n    !rm -rf out\n    %cd ..\nx = 1", "if fresh:\n    pass\n    pass\nx = 1"),
            ("?print\nprint??\nnp.array?\nx = 1", "pass\npass\npass\nx = 1"),
            ("files = !ls\ndata['x'] = %sql select 1\nx = 1", "pass\npass\nx = 1"),
            ("cd ..", "pass"),
            ("pip install openai", "pass"),
            ("pip = cd / 2", "pip = cd / 2"),
            ("%%time\nfor x in y:\n    f(x)", "#%%time\nfor x in y:\n    f(x)"),
            ("%%capture out\n!ls\nx = 1", "#%%capture out\npass\nx = 1"),
            ("%%bash\necho (\nls", "#\n#\n#"),
            ("\n%%writefile job.py\nimport openai", "#\n#\n#"),
            ("x = (a\n  %b)\ny = 'five ! %d' \\\n  %n", "x = (a\n  %b)\ny = 'five ! %d' \\\n  %n"),
        ],
    )
    def test_what_only_the_notebook_understands(self, notebook: Notebook, cell: str, text: str) -> None:
        source = notebook(cell)
        assert source.text == text + "\n"
        assert source.broken_cells == ()
        ast.parse(source.text)

    def test_one_broken_cell_loses_no_other(self, notebook: Notebook) -> None:
        source = notebook("a = 1", "b = (\nc = 2\n\n", "d = 3", "e = '\0'")
        assert source.text == "a = 1\n#\n#\n#\nd = 3\n#\n"
        assert source.broken_cells[0] == BrokenCell(2, 1, "'(' was never closed", 5)
        assert [broken.index for broken in source.broken_cells] == [2, 4]
        assert source.place(5) == (3, 1)

    @pytest.mark.parametrize("cell", ["cd ..\nx = 1", "# up\ncd ..", "git status", "def f("])
    def test_magics_need_their_mark_in_longer_cells(self, notebook: Notebook, cell: str) -> None:
        assert [broken.index for broken in notebook("a = 1", cell).broken_cells] == [2]

    def test_a_cell_too_deep_for_the_parser(self, notebook: Notebook) -> None:
        source = notebook("x = " + "(" * 5_000 + ")" * 5_000, "y = 1")
        assert [broken.index for broken in source.broken_cells] == [1]
        assert source.text == "#\ny = 1\n"

    def test_odd_cells(self, notebook: Notebook) -> None:
        source = notebook({"cell_type": "code"}, {"cell_type": "raw", "source": "("}, code(""), code("ok = 1"))
        assert source.text == "\n\nok = 1\n"
        assert source.place(3) == (4, 1)

    def test_half_a_character(self, write: Write) -> None:
        source = write(b'{"cells": [{"cell_type": "code", "source": "x = \'\\ud83d\'"}]}', "run.ipynb")
        assert source.text == "x = '?'\n"

    @pytest.mark.parametrize(
        ("metadata", "skipped"),
        [
            ({}, False),
            ({"kernelspec": {"language": "python", "name": "python3"}, "language_info": {"name": "python"}}, False),
            ({"language_info": {"name": "ipython"}}, False),
            ({"language_info": {"name": "R"}}, True),
            ({"kernelspec": {"language": "julia"}}, True),
        ],
    )
    def test_other_kernels(self, notebook: Notebook, metadata: dict[str, Any], skipped: bool) -> None:
        source = notebook("x <- 1", **metadata)
        assert (source.text == "" and source.cells == ()) is skipped

    def test_cells_of_another_language(self, notebook: Notebook) -> None:
        assert notebook(code("select 1", vscode={"languageId": "sql"}), "x = 1").text == "x = 1\n"

    def test_warnings_of_the_code_are_not_ours(self, notebook: Notebook) -> None:
        assert notebook("pattern = '\\d'\n1 is 1").broken_cells == ()

    def test_version_3(self, write: Write) -> None:
        cells = [{"cell_type": "code", "input": ["x = 1\n", "y = 2"], "language": "python"}]
        source = write(json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}).encode(), "old.ipynb")
        assert source.text == "x = 1\ny = 2\n"
