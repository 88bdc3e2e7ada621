"""What must not change the findings: order, hash seeds, what is asked about, the door, and code that has nothing to do with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import parsed
import pytest

from surfacelint.config import OUTPUT_FORMATS, Config
from surfacelint.model.findings import Report
from surfacelint.pipeline import engine
from surfacelint.reporters import FORMATS

FIXTURES = Path(__file__).parent / "fixtures"
PROGRAMS = sorted(path for path in FIXTURES.glob("*/*") if path.is_dir() and not (path / "surfacelint.toml").is_file())
SECONDS = 120

Found: TypeAlias = tuple[str, int, int, str, str]
"""A finding as users see it: path from the root, row, column, code, message."""


def found(paths: Sequence[Path], root: Path, *, cache: bool = True) -> list[Found]:
    """Return the findings of a run over `paths` in the project `root`, as the report orders them, without fixes, which take longest."""
    report = engine.run(paths, Config(root=root, cache=cache), fixes=False)
    assert report.complete
    places = [(finding, finding.location.span.start) for finding in report.findings]
    return [
        (Path(os.path.relpath(finding.location.path, root)).as_posix(), start.line, start.column + 1, finding.rule.code, finding.message)
        for finding, start in places
    ]


def run(folder: Path, *command: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    """Run a module of Python in `folder`. What does not end is an error."""
    environment = {**{name: value for name, value in os.environ.items() if not name.startswith("GIT_")}, "PYTHONHASHSEED": seed}
    return subprocess.run(
        (sys.executable, "-m", *command),
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=SECONDS,
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one project of all fixtures, outside of the folder for tests: the names of many of their modules are the same."""
    return together(PROGRAMS, tmp_path_factory)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one project of every sixth fixture, for tests that check it many times."""
    return together(PROGRAMS[::6], tmp_path_factory)


def together(programs: Sequence[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy programs into one project."""
    root = tmp_path_factory.mktemp("project") / "programs"
    for program in programs:
        shutil.copytree(program, root / program.relative_to(FIXTURES), ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").touch()
    return root


@pytest.fixture(scope="module")
def whole(tree: Path) -> list[Found]:
    findings = found([tree], tree)
    assert len(findings) > 100
    return findings


@pytest.fixture(scope="module")
def alone(tree: Path) -> list[Found]:
    """Return the findings of each program by itself, as if they were those of the whole tree."""
    findings: list[Found] = []
    for folder in (program.relative_to(FIXTURES) for program in PROGRAMS):
        for path, row, column, code, message in found([tree / folder], tree / folder):
            findings.append(((folder / path).as_posix(), row, column, code, message))
    return sorted(findings)


@pytest.fixture(scope="module")
def report(sample: Path) -> Report:
    """Return the report on the sample, with fixes."""
    report = engine.run([sample], Config(root=sample))
    assert len(report.findings) > 100
    return report


class TestOrder:
    """The order in which files are given, and the order of Python's sets."""

    def test_reversed(self, tree: Path, whole: list[Found]) -> None:
        # Without a cache, which would know the workloads of the run before.
        assert found(sorted(tree.rglob("*.py"), reverse=True), tree, cache=False) == whole

    def test_hash_seeds(self, sample: Path) -> None:
        # Without a cache, which would print what the run before printed.
        command = ("surfacelint", "check", ".", "--no-cache", "--output-format", "json")
        printed = {run(sample, *command, seed=seed).stdout for seed in ("0", "1", "2")}
        assert len(printed) == 1
        assert printed != {""}


class TestScope:
    """What is asked about decides what is reported, not what is known."""

    @pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: f"{program.parent.name}/{program.name}")
    def test_each_file_by_itself(self, program: Path) -> None:
        alone = [finding for file in program.rglob("*.py") for finding in found([file], program)]
        assert sorted(alone) == sorted(found([program], program))

    def test_each_folder_by_itself(self, tree: Path, whole: list[Found]) -> None:
        areas = sorted(path for path in tree.iterdir() if path.is_dir())
        assert [finding for area in areas for finding in found([area], tree)] == whole


class TestNeighbours:
    """Code that has nothing to do with a program says nothing about it."""

    def test_each_program_alone(self, alone: list[Found], whole: list[Found]) -> None:
        assert [finding[:4] for finding in alone] == sorted(finding[:4] for finding in whole)

    def test_each_program_alone_in_the_same_words(self, alone: list[Found], whole: list[Found]) -> None:
        assert alone == sorted(whole)

    def test_an_unrelated_file(self, sample: Path, tmp_path: Path) -> None:
        whole = found([sample], sample)
        assert len(whole) > 100
        root = tmp_path / "programs"
        shutil.copytree(sample, root)
        (root / "forecasts.py").write_text(UNRELATED, encoding="utf-8")
        (root / "aaa").mkdir()
        (root / "aaa" / "forecasts_too.py").write_text(UNRELATED, encoding="utf-8")
        findings = found([root], root)
        assert [finding for finding in findings if "forecasts" not in finding[0]] == whole
        assert len([finding for finding in findings if "forecasts" in finding[0]]) == 2


class TestFormats:
    """The same findings in every format, each read back by its own rules."""

    @pytest.mark.parametrize("name", [name for name in OUTPUT_FORMATS if name != "json"])
    def test_formats(self, name: str, report: Report) -> None:
        expected = list(parsed.of_json(FORMATS["json"](report)))
        starts = [each.location.span.start for each in report.findings]
        places = [(start.line, start.column + 1, each.rule.code) for start, each in zip(starts, report.findings, strict=True)]
        assert [each[2:5] for each in expected] == places
        if name == "rdjson":
            expected = [each._replace(column=self.bytes_before(each)) for each in expected]
        if name == "markdown":
            # A table has room for so many.
            expected = expected[: FORMATS[name](report).count("| [SRF")]
            assert expected
        assert list(parsed.READERS[name](FORMATS[name](report))) == expected

    def bytes_before(self, said: parsed.Said) -> int:
        line = Path(said.path).read_text(encoding="utf-8").splitlines()[said.row - 1]
        return len(line[: said.column - 1].encode()) + 1


class TestDoors:
    @pytest.mark.parametrize("name", ["json", "sarif"])
    def test_modules_and_programs_say_the_same(self, name: str, sample: Path) -> None:
        said = parsed.READERS[name](run(sample, "surfacelint", "check", "--output-format", name).stdout)
        assert [(each.path, each.row, each.column, each.code, each.message) for each in said] == found([sample], sample)

    def test_flake8_says_what_the_command_line_says(self, tree: Path, whole: list[Found]) -> None:
        theirs = run(tree, "flake8", "--isolated", "--extend-ignore", "C,E1,E2,E3,E4,E5,E7,F,W", ".")
        assert theirs.stderr == ""
        lines = [line.removeprefix("./").removeprefix(".\\") for line in theirs.stdout.splitlines()]
        # flake8 runs no plugin on syntax that is newer than Python's own.
        unread = {line.partition(":")[0] for line in lines if ": E9" in line}
        assert all(path.startswith("newer") for path in unread)
        findings = sorted(f"{path}:{row}:{column}: {code} {message}" for path, row, column, code, message in whole if path not in unread)
        assert len(findings) > 100
        assert sorted(line for line in lines if ": SRF" in line) == findings


class TestCircles:
    """Programs that go round in circles are still read to the end, and what is plain in them is still found."""

    @pytest.mark.parametrize("name", sorted(path.name for path in (FIXTURES / "link").iterdir() if path.name.startswith("cyclic")))
    def test_fixtures(self, name: str) -> None:
        assert run(FIXTURES / "link" / name, "surfacelint", "check", ".", "--isolated").returncode in (0, 1)

    def test_everything_at_once(self, tmp_path: Path) -> None:
        for name, text in CIRCLES.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / "pyproject.toml").touch()
        done = run(tmp_path, "surfacelint", "check", ".", "--output-format", "concise")
        assert done.stderr == ""
        assert [line.partition(" ")[0] for line in done.stdout.splitlines() if ": SRF" in line] == ["plain.py:8:9:"]


UNRELATED = """\
from openai import OpenAI

client = OpenAI()


def forecast(cities):
    return [client.responses.create(model="gpt-5-mini", input=f"The weather in {city}") for city in cities]
"""

CIRCLES = {
    "plain.py": """\
from openai import OpenAI

client = OpenAI()


def ask_all(questions):
    for question in questions:
        client.responses.create(model="gpt-5-mini", input=question)
""",
    "imports_a.py": """\
from imports_b import *
from imports_b import ask as ask
from imports_b import missing as other

import imports_b


def more(xs):
    return [ask(x) for x in xs] + [other(x) for x in xs] + [imports_b.imports_a.more(xs)]
""",
    "imports_b.py": """\
from imports_a import *
from imports_a import ask as ask
from imports_a import other as missing

import imports_a
from plain import client as client
""",
    "names.py": """\
import openai

x = x
a = b
b = c
c = a
client = client if client else other
other = client
functions = {"f": lambda: functions["f"]()}
functions = {**functions, "g": functions["f"]}
partner = (partner, client)
first, *rest = rest
deep = deep.deep.deep
call = call()()()


def grow(items):
    items = [items, [items]]
    while items:
        items = items[0](items)
        items.items.items = items
    return grow(items)
""",
    "classes.py": """\
from openai import OpenAI


class A(B):
    def run(self, xs):
        return [self.run(x) for x in super().run(xs)]


class B(A):
    client = A().client

    @property
    def me(self):
        return self.me.me

    def __call__(self, *args):
        return self(*args)


class Node:
    def __init__(self, node=None):
        self.node = node or Node(self)
        self.next = self.node.next
        self.ask = self.next.ask

    def walk(self, xs):
        return [self.node.walk(x) for x in xs] + [self.next.ask(x) for x in xs]
""",
    "functions.py": """\
from functools import partial

import openai


def even(n, ask):
    return ask(n) if n == 0 else odd(n - 1, partial(ask, n))


def odd(n, ask):
    return ask(n) if n == 0 else even(n - 1, lambda m: ask(m, n))


def apply(function, *args):
    return function(apply, function, *args)


def compose(f, g):
    return compose(lambda x: f(g(x)), compose(g, f))


def decorated(function):
    return decorated(function)


@decorated
@compose
def ask(xs):
    return [apply(ask, even, odd, x) for x in xs]


def returns_itself():
    return returns_itself


def yields_itself():
    for each in yields_itself():
        yield from each(yields_itself)
""",
}
