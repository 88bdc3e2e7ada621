"""Code whose syntax is newer than the running Python is checked like any other code. Real errors stay errors, and nothing crashes."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import doors
import pytest

import surfacelint
from surfacelint import check
from surfacelint.config import Config
from surfacelint.extraction import compiler_errors, newer_syntax, outline_extraction, respelling
from surfacelint.extraction.older_spelling import OlderSpelling
from surfacelint.extraction.word_scanning import sketch
from surfacelint.facts.module_outlines import ModuleOutline
from surfacelint.suppressions.comment_parsing import lay_out

FIXTURES = sorted((Path(__file__).parent / "fixtures" / "newer").glob("*/*.py"))
PACKAGE = sorted(Path(surfacelint.__file__).parent.glob("re*/*.py"))

ASK = """\
from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5", input=text).output_text


"""
"""A function that sends a request, before the code of a test."""

PLACES = {
    "type parameters": "def f[T, *Ts, **P](rows: list[T]):\n    for row in rows: print(¦ask(row))\n",
    "type parameters over lines": "def f[\n    T,  # a row\n\n](rows: list[T]):\n    for row in rows: print(¦ask(row))\n",
    "defaults of type parameters": "class A[T = list[int]]:\n    def f(self, rows):\n        [¦ask(row) for row in rows]\n",
    "type alias": "type Row[T] = dict[str, T]\nfor row in open('a'): ¦ask(row)\n",
    "type alias in a line": "if ask: type Row = str; rows = [¦ask(row) for row in open('a')]\n",
    "same quotes": "for row in open('a'): print(f'{row['a']} {¦ask(row['b'])}')\n",
    "beside other letters": "for row in open('ä'): print(f'é{row['ü']}', ask('ö')), ¦ask(row)\n",
    "backslash": "for row in open('a'): print(f'{'\\n'.join(¦ask(row))}')\n",
    "lines and comments": "for row in open('a'):\n    print(f'{\n        ¦ask(row)  # that's it\n    }')\n",
    "nested": "for row in open('a'): print(f'{f'{f'{¦ask(row)}'}'}')\n",
    "text over lines": "for row in open('a'):\n    print(f'''\n{row['''b''']}\n  {¦ask(row)}\n''')\n",
    "joined": "for row in open('a'):\n    print('a' f'{row['b']}'  # first\n        'c' f'{¦ask(row)=}')\n",
    "conversion and format": "for row in open('a'): print(f'{¦ask(row) !r :>{len('a')}}', f'{row['a']!s  }')\n",
    "after the string": "for row in open('a'): print(f'{row['a']}'.join(¦ask(row)), f'{1, 2}{row['a']}')\n",
    "template": "for row in open('a'): print(t'{¦ask(row)}')\n",
    "templates with quotes": "for row in open('a'): print(tr'{row['a']}' t'{¦ask(row)!r}')\n",
    "except": "for row in open('a'):\n    try: print()\n    except OSError, ValueError: ¦ask(row)\n",
    "except close to its bracket": "for row in open('a'):\n    try: print()\n    except(OSError), ValueError: ¦ask(row)\n",
    "except with a comma": "for row in open('a'):\n    try: print()\n    except OSError,ValueError,: ¦ask(row)\n",
    "except groups": "for row in open('a'):\n    try: print()\n    except *OSError: ¦ask(row)\n",
    "except many groups": "for row in open('a'):\n    try: print()\n    except* OSError, ValueError: ¦ask(row)\n",
    "unpacking in an index": "for row in open('a'): row[*¦ask(row), 1]\n",
    "unpacking in comprehensions": "print([*¦ask(row) for row in open('a')])\n",
    "unpacking of dictionaries": "print({**¦ask(row) for row in open('a')})\n",
    "annotation of rest parameters": "def f(*rows: *tuple[str, ...]):\n    for row in rows: print(¦ask(row))\n",
    "lazy import": "lazy import json; [¦ask(row) for row in open('a')]\n",
}
"""Code that some Python can parse. A bar is before the request per row."""

ERRORS = {
    "after newer syntax": ("type A = int\nx = (1 +)\n", None),
    "before newer syntax": ("x = (1 +)\ntype A = int\n", [(1, 9)]),
    "that only the compiler finds": ("type A = int\nreturn\n", [(2, 1)]),
    "in a field": ("x = f'{a b}'\n", None),
    "empty field": ("x = f'{}'\n", None),
    "open string": ("x = f'{a['b']}\n", None),
    "type without a name": ("type = = 1\n", [(1, 8)]),
    "parameters without names": ("def f[](): pass\n", None),
    "old print": ("print 'type A = int'\n", [(1, 1)]),
}


def places(folder: Path, text: str, name: str = "a.py") -> list[str]:
    """Return `row:column` of each SRF101 in a file with a text, and the code of each other finding."""
    (folder / name).write_text(text, encoding="utf-8")
    found = check([folder / name], Config(root=folder, cache=False)).findings
    starts = [(each.rule.code, each.location.span.start) for each in found]
    return [f"{start.line}:{start.column + 1}" if code == "SRF101" else code for code, start in starts]


def bar(text: str) -> tuple[str, str]:
    """Return a text without its bar, and the `row:column` where it was."""
    before, _, after = text.partition("¦")
    row, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return before + after, f"{row}:{column}"


@pytest.mark.parametrize("code", PLACES.values(), ids=PLACES)
def test_rows_and_columns(tmp_path: Path, code: str) -> None:
    text, place = bar(ASK + code)
    assert places(tmp_path, text) == [place]


@pytest.mark.parametrize("code", [code for code in PLACES.values() if "'''" not in code])
def test_rows_and_columns_further_right(tmp_path: Path, code: str) -> None:
    text, place = bar(f"{ASK}if client:\n{textwrap.indent(code, '    ')}")
    assert places(tmp_path, text) == [place]


@pytest.mark.parametrize("first", ["", "import openai\n"])
@pytest.mark.parametrize(("text", "expected"), ERRORS.values(), ids=ERRORS)
def test_real_errors_stay(tmp_path: Path, text: str, expected: list[tuple[int, int]] | None, first: str) -> None:
    (tmp_path / "a.py").write_text(first + text, encoding="utf-8")
    found = check([tmp_path / "a.py"], Config(root=tmp_path, cache=False)).findings
    assert [each.rule.code for each in found] == ["SRF901"]
    if expected is not None:
        start = found[0].location.span.start
        assert [(start.line - bool(first), start.column + 1)] == expected


def _outline_of(text: str, spelling: OlderSpelling, monkeypatch: pytest.MonkeyPatch) -> ModuleOutline:
    """Return the outline that an older spelling of a text has."""
    with monkeypatch.context() as patch:
        patch.setattr(outline_extraction, "parse", lambda _: (compiler_errors.parse(spelling.text), spelling))
        return outline_extraction.read_outline(text)


@pytest.mark.parametrize("path", PACKAGE, ids=lambda path: path.stem)
def test_strings_as_tuples_are_the_same_facts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_text(encoding="utf-8")
    native = outline_extraction.read_outline(text)
    monkeypatch.setattr(respelling, "parses", lambda _: False)  # Respell all formatted strings.
    spelling = respelling.respell(text)
    assert (spelling is not None) == ('f"' in text or "f'" in text)
    if spelling is not None:
        assert _outline_of(text, spelling, monkeypatch) == native


def test_spellings_of_what_the_running_python_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(respelling, "parses", lambda _: False)  # Respell all formatted strings.
    compared = 0
    for path in FIXTURES:
        text = path.read_text(encoding="utf-8")
        if compiler_errors.parses(text) and not path.match("*/type_aliases/*") and not path.match("*/unpacking/*"):
            spelling = respelling.respell(text)
            assert spelling is not None
            assert _outline_of(text, spelling, monkeypatch) == outline_extraction.read_outline(text)
            compared += 1
    assert compared >= (sys.version_info >= (3, 12)) * 2


class TestNotebooks:
    def notebook(self, folder: Path, *cells: str) -> Path:
        listed = [{"cell_type": "code", "source": text, "metadata": {}, "outputs": []} for text in cells]
        path = folder / "a.ipynb"
        path.write_text(json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
        return path

    def test_cells(self, tmp_path: Path) -> None:
        newer = "%time\ntype Row = str\nfor row in open('a'):\n    print(f'{ask(row['b'])}')"
        path = self.notebook(tmp_path, ASK, newer, "await ask(1)", "x = (1 +)", "[ask(row) for row in f'{open['a']}']")
        found = check([path], Config(root=tmp_path, cache=False)).findings
        starts = [(each.rule.code, each.location.cell, each.location.span.start) for each in found]
        said = sorted(f"{code} {cell}:{start.line}:{start.column + 1}" for code, cell, start in starts)
        assert said == ["SRF101 2:4:14", "SRF101 5:1:2", "SRF901 4:1:9"]


class TestComments:
    def test_suppressions_apply(self, tmp_path: Path) -> None:
        loop = "for row in open('a'):\n    print(f'{'#'} {'(' + row['a']}', ask(row),  # noqa: SRF101\n    )\n"
        text, place = bar(ASK + loop + loop.replace("  # noqa: SRF101", "").replace("ask", "¦ask"))
        assert places(tmp_path, text) == [place]

    def test_comments_in_fields(self, tmp_path: Path) -> None:
        assert places(tmp_path, f"{ASK}for row in open('a'):\n    print(f'{{\n    ask(row)  # noqa: SRF101\n    }}')\n") == []

    def test_declared_facts(self, tmp_path: Path) -> None:
        text = f"{ASK}def f[T](rows: list[T]):\n    for row in rows:  # surfacelint: volume=5/day\n        ask(f'{{row['a']}}')\n"
        assert places(tmp_path, text) == []

    def test_lines_in_strings_get_no_comments(self) -> None:
        text = "x = f'''\n{a['''b''']}\n'''\ny = [f'{\n1}',\n2]\n"
        layout = lay_out(text)
        assert {1, 2} <= layout.inside_strings
        assert layout.inside_strings.isdisjoint({3, 5, 6})
        assert layout.statements == [(1, 3), (4, 6)]


class TestCommandLine:
    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
        (tmp_path / "llm.py").write_text(ASK.replace("def ask(", "def ask[T](") + "type Row = str\n", encoding="utf-8")
        for number in range(3):
            text = f"from llm import ask, Row\n\nfor row in open('a'):\n    print(f'{{ask(row['{number}'])}}')\n"
            (tmp_path / f"job{number}.py").write_text(text, encoding="utf-8")
        (tmp_path / "plain.py").write_text("from llm import ask\n\nfor row in open('a'):\n    ask(row)\n", encoding="utf-8")
        return tmp_path

    def test_cold_warm_and_parallel_runs_agree(self, project: Path) -> None:
        expected = [*(f"job{number}.py:4:14 SRF101" for number in range(3)), "plain.py:4:5 SRF101"]
        for options in (("--no-cache",), ("--no-cache", "--jobs", "1"), ("--no-cache", "--jobs", "4"), (), (), ("--verbose",)):
            done = doors.surfacelint(project, "check", "--output-format", "concise", *options)
            assert (done.returncode, doors.places(done.stdout)) == (1, expected)
        (project / "note.py").write_text("x = 1\n", encoding="utf-8")  # Nothing is replayed, and facts come from the cache.
        assert doors.places(doors.surfacelint(project, "check", "--output-format", "concise").stdout) == expected

    def test_added_comments_suppress(self, project: Path) -> None:
        assert doors.surfacelint(project, "check", "--add-ignores").returncode == 0
        assert doors.surfacelint(project, "check").returncode == 0

    @pytest.mark.skipif(not doors.FLAKE8_KNOWS_US, reason="flake8 finds the plugin by the metadata of the installed package")
    def test_flake8_checks_the_files_that_it_can_parse(self, project: Path) -> None:
        found = doors.flake8(project, "--select=SRF", "plain.py")
        assert found == ["plain.py:4:5 SRF101"]


class TestSketches:
    """Names in newer syntax that narrowing has to see. Sketches are made without a parser, by any Python."""

    def test_strings_in_fields(self) -> None:
        definitions = sketch('print(f"{\'a\'}{"#" * 9} {ask(1)}")\nclient = make\n').definitions
        assert [sorted(each.words & {"ask", "make"}) for each in definitions] == [["ask"], ["make"]]

    def test_aliases_and_lazy_imports(self) -> None:
        definitions = sketch("type Client = OpenAI\nlazy from a import b\n").definitions
        assert ["Client" in each.names for each in definitions] == [True, False]

    def test_bases_behind_type_parameters(self) -> None:
        text = "class A[\n    T: (int, str),  # a row\n](b.Base, C[T]): pass\nclass D[T]: x[0](E)\nclass F[T](G): pass\n"
        assert [each.bases for each in sketch(text).classes] == [("b.Base", "C"), (), ("G",)]


LOADS = "import sys; from surfacelint import check; check([sys.argv[1]]); print('libcst' in sys.modules)"


@pytest.mark.parametrize(
    ("text", "loads"),
    [
        ("import openai\nx = f'{openai}'\n", False),
        ("import openai\nprint 'a'\n", False),
        ("import openai\ndef f(:\n", False),
        ("x = (1 +)\n", False),
        ("import openai\nlazy import a\n", True),
        ("lazy import a\n", True),
    ],
)
def test_libcst_is_imported_for_newer_syntax_only(tmp_path: Path, text: str, loads: bool) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.surfacelint]\ncache = false\n", encoding="utf-8")
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", LOADS, "a.py"], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == f"{loads}\n"


def test_a_run_from_the_cache_parses_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text(f"{ASK}lazy import json\nfor row in open('a'): ask(row)\n", encoding="utf-8")
    first = check([tmp_path], Config(root=tmp_path))
    newer_syntax.older_spelling.cache_clear()
    monkeypatch.setattr(respelling, "respell", None)
    assert check([tmp_path], Config(root=tmp_path)).findings == first.findings
    assert len(first.findings) == 1
