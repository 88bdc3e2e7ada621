"""What Python refuses is reported, wherever it is found; and what was not looked at is counted."""

from __future__ import annotations

import ast
import json
import warnings
from itertools import product
from pathlib import Path
from textwrap import indent

import doors
import pytest

from surfacelint import check
from surfacelint.config import Config

PLAIN = "x = 1\n" * 80_000  # 480 KB

REFUSED = {
    "late future": "x = 1\nfrom __future__ import annotations\n",
    "unknown future": "from __future__ import braces_\n",
    "unbound nonlocal": "def f():\n    nonlocal x\n    x = 1\n",
    "return in a module": "x = 1\nreturn x\n",
    "return in a class": "class A:\n    return 1\n",
    "await in a function": "def f(g):\n    await g()\n",
    "break in a function": "for x in y:\n    def f():\n        break\n",
    "continue in a class": "for x in y:\n    class A:\n        continue\n",
    "parameter twice": "def f(a, a):\n    pass\n",
    "parameter of a lambda twice": "f = lambda a, *a: 0\n",
    "keyword twice": "f(a=1, b=2, a=3)\n",
    "keyword of a class twice": "class A(metaclass=B, metaclass=C):\n    pass\n",
    "global after use": "def f():\n    print(x)\n    global x\n",
    "parameter and global": "def f(x):\n    global x\n",
    "two stars": "*a, *b = c\n",
    "star alone": "a = *b\n",
    "star in a comprehension": "[a for *a in b]\n",
    "bare except first": "try:\n    pass\nexcept:\n    pass\nexcept ValueError:\n    pass\n",
    "names imported in a function": "def f():\n    from a import *\n",
    "yield in a class": "class A:\n    yield\n",
    "yield in a comprehension": "def f(a):\n    return [(yield b) for b in a]\n",
    "answer of an async generator": "async def f():\n    yield 1\n    return 2\n",
    "yield from in a coroutine": "async def f(a):\n    yield from a\n",
    "walrus over its own variable": "[(a := 1) for a in b]\n",
    "debug": "__debug__ = 1\n",
    "pattern that ends all": "match a:\n    case _:\n        pass\n    case 1:\n        pass\n",
    "twenty-one blocks": "".join(" " * depth + "while a:\n" for depth in range(21)) + " " * 21 + "pass\n",
    "after é": "x = 'é'; return 1\n",
}

AROUND = (
    "{}",
    "def f(p):\n{}",
    "async def f(p):\n{}",
    "class A:\n{}",
    "for p in q:\n{}",
    "async def f(p):\n    def g():\n        pass\n{}",
)
WITHIN = (
    "{}",
    "x = {}",
    "x: {} = 1",
    "x[0]: {} = 1",
    "del a[{}]",
    "assert a, {}",
    "def f(a={}): pass",
    "def f(a: {}): pass",
    "def f() -> {}: pass",
    "@a({})\ndef f(): pass",
    "class B(a, m={}): pass",
    "try: pass\nexcept {}: pass",
    "with {} as a: pass",
    "f'{{a:{{{}}}}}'",
    "f'{{{}}}'",
    "lambda a={}: 1",
    "lambda: {}",
    "[a for b in {}]",
    "{{a: b for b in c if {}}}",
    "a(b, *{})",
    "global a; a = {}",
    "a = {}; global a",
    "if a: break\nelse: {}",
    "return {}",
    "for a in {}: continue",
    "raise a from {}",
)
PARTS = (
    "a",
    "(yield)",
    "(yield from a)",
    "(await a)",
    "(a := b)",
    "[a async for a in b]",
    "a(b=1, b=2)",
    "(lambda a, a: 0)",
    "[*a, *b]",
    "(*a, b)",
)


def python(text: str, flags: int = 0) -> tuple[int, int] | None:
    """Return where Python refuses a text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "", "exec", flags, dont_inherit=True)
    except SyntaxError as error:
        line = text.split("\n")[(error.lineno or 1) - 1]
        offset = error.offset or 1
        if not line.isascii():
            offset = len(line.encode()[: offset - 1].decode()) + 1
        return error.lineno or 1, offset
    return None


def refused(folder: Path, text: str, name: str = "a.py") -> list[tuple[int, int]]:
    (folder / name).write_text(text, encoding="utf-8")
    report = check([folder / name], Config(root=folder, cache=False))
    starts = [each.location.span.start for each in report.findings if each.rule.code == "SRF901"]
    return [(start.line, start.column + 1) for start in starts]


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("first", ["", "import openai\n"])
def test_what_only_the_compiler_refuses(tmp_path: Path, text: str, first: str) -> None:
    place = python(first + text)
    assert place is not None
    ast.parse(first + text)
    assert refused(tmp_path, first + text) == [place]


@pytest.mark.parametrize("around", AROUND)
def test_doubts_are_those_of_the_compiler(tmp_path: Path, around: str) -> None:
    from surfacelint.extraction.outline_extraction import read_outline

    count = 0
    for within, part in product(WITHIN, PARTS):
        statement = within.format(part)
        text = around.format(indent(statement, "    ") if around != "{}" else statement) + "\n"
        try:
            ast.parse(text)
        except SyntaxError:
            continue
        try:
            read_outline(text)
            found = True
        except SyntaxError:
            found = False
        assert found == (python(text) is None), text
        count += not found
    assert count > 20


class TestNotebooks:
    def cells(self, folder: Path, *texts: str) -> list[tuple[int, int]]:
        cells = [{"cell_type": "code", "source": text, "metadata": {}, "outputs": []} for text in texts]
        return refused(folder, json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "a.ipynb")

    def test_cells_may_await_and_are_compiled_one_by_one(self, tmp_path: Path) -> None:
        assert self.cells(tmp_path, "import openai\nawait a()\n[b async for b in c]", "from __future__ import annotations") == []

    def test_what_a_cell_may_not_do(self, tmp_path: Path) -> None:
        assert self.cells(tmp_path, "import openai", "x = 1\nreturn x") == [(2, 1)]


def test_a_mark_that_contradicts_the_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbf# coding: latin-1\nx = 1\n")
    done = doors.surfacelint(tmp_path, "check", "--isolated", "--output-format", "concise")
    assert done.returncode == 2
    assert done.stdout.startswith("a.py:1:1: SRF901")
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbf# coding: utf-8\nx = 1\n")
    assert doors.surfacelint(tmp_path, "check", "--isolated").returncode == 0


def test_warnings_about_the_code_are_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    (tmp_path / "a.py").write_text("import openai\nx = '\\d' is 1\ndef f():\n    global y\n    assert (y, 'a')\n", encoding="utf-8")
    (tmp_path / "b.py").write_text("x = '\\d' is 1\n", encoding="utf-8")
    done = doors.surfacelint(tmp_path, "check", "--isolated")
    assert (done.returncode, done.stdout, done.stderr) == (0, "All clear: 2 files checked. No LLM requests seen.\n", "")


def test_a_chain_that_is_too_deep_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x" + ".a" * 100_000 + "\n", encoding="utf-8")
    (tmp_path / "b.py").write_text("return\n", encoding="utf-8")
    done = doors.surfacelint(tmp_path, "check", "--isolated", "--output-format", "concise")
    assert [line.partition(" not")[0] for line in done.stdout.splitlines()] == ["a.py:1:1: SRF901", "b.py:1:1: SRF901"]


class TestWhatIsNotParsed:
    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
        (tmp_path / "app").mkdir()
        for name in ("a", "b", "c"):
            (tmp_path / "app" / f"{name}.py").write_text(PLAIN, encoding="utf-8")
        (tmp_path / "app" / "z.py").write_text(f"{PLAIN}{PLAIN[:120_000]}def f(:\n", encoding="utf-8")
        return tmp_path

    def test_the_summary_counts_it(self, project: Path) -> None:
        said = "4 files checked, 2 only searched for provider imports"
        first = doors.surfacelint(project, "check")
        assert (first.returncode, first.stdout) == (0, f"All clear: {said}. No LLM requests seen.\n")
        assert doors.surfacelint(project, "check").stdout == first.stdout  # replayed
        (project / "note.txt").write_text("", encoding="utf-8")
        assert doors.surfacelint(project, "check", ".", "--verbose").stdout == first.stdout  # from the cache of files
        done = doors.surfacelint(project, "check", "--output-format", "json")
        assert (done.stdout, done.stderr) == ("[]\n", f"note: {said}\n")
        assert doors.surfacelint(project, "check", "-q", "--output-format", "json").stderr == ""
        log = json.loads(doors.surfacelint(project, "check", "--output-format", "sarif").stdout)
        assert said in log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]

    def test_a_file_that_is_named_is_parsed(self, project: Path) -> None:
        done = doors.surfacelint(project, "check", "app/z.py", "app/a.py", "app/b.py", "app/c.py")
        assert done.returncode == 2
        assert "app/z.py:100001:7: SRF901" in done.stdout
        assert "only searched" not in done.stdout

    def test_names_do_not_decide(self, project: Path) -> None:
        for name in ("0", "zz"):
            (project / "app" / f"{name}.py").write_text("return\n", encoding="utf-8")
        done = doors.surfacelint(project, "check", "--output-format", "concise")
        assert [line.partition(" not")[0] for line in done.stdout.splitlines()] == ["app/0.py:1:1: SRF901", "app/zz.py:1:1: SRF901"]


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("def f():\n    '''Page.'''\n    global a, b\n    a = b = 1\n", True),
        ("def f():\n    global a\n    global b\n    del a\n", True),
        ("def f(a):\n    global a\n", False),
        ("def f(*, a=1):\n    global a\n", False),
        ("def f():\n    global a\n    a: int = 1\n", False),
        ("def f():\n    global a\n    if a:\n        a: int\n", False),
        ("def f():\n    a = 1\n    global a\n", False),
        ("def f():\n    print(a)\n    global a\n", False),
        ("def f():\n    global a\n    def g():\n        nonlocal a\n", False),
    ],
)
def test_global_at_the_head_of_a_function(tmp_path: Path, text: str, accepted: bool) -> None:
    (tmp_path / "a.py").write_text(f"import openai\n{text}", encoding="utf-8")
    codes = [found.rule.code for found in check([tmp_path / "a.py"], Config(root=tmp_path, cache=False)).findings]
    assert codes == ([] if accepted else ["SRF901"])
