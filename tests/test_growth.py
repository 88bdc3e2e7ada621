"""Long files cost in proportion to their length: counted in calls, and for expressions over text, which are one call, in seconds."""

from __future__ import annotations

import cProfile
import io
import json
import pstats
import time
from collections.abc import Callable
from pathlib import Path

import doors
import pytest

from surfacelint import check
from surfacelint.config import OUTPUT_FORMATS, Config
from surfacelint.extraction.nesting_depth import nesting
from surfacelint.extraction.word_scanning import sketch
from surfacelint.relevance.import_screening import imports_of
from surfacelint.suppressions import comment_parsing

ASK = "from openai import OpenAI\nclient = OpenAI()\ndef ask(x):\n    return client.responses.create(model='m', input=x).output_text\n"

LONG_FILES = {
    "suppressed": "def j{0}(rows):\n    for r in rows:\n        ask(r)  # noqa: SRF101\n",
    "suppressed by blocks": "def j{0}(rows):  # surfacelint: ignore[SRF101]\n    for r in rows:\n        ask(r)\n",
    "unused": "x{0} = {0}  # surfacelint: ignore[SRF101]\n",
    "findings": "def j{0}(rows):\n    for r in rows:\n        ask(r)\n",
}

MOST = 2.3
"""By how much calls may grow where a file doubles."""


def calls(root: Path, name: str, number: int) -> int:
    folder = root / f"{name} {number}"
    folder.mkdir()
    (folder / "m.py").write_text(ASK + "".join(LONG_FILES[name].format(each) for each in range(number)), encoding="utf-8")
    profile = cProfile.Profile()
    report = profile.runcall(check, [folder], Config(root=folder, cache=False, jobs=1))
    assert len(report.findings) + len(report.suppressed) >= number
    return int(pstats.Stats(profile, stream=io.StringIO()).total_calls)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", LONG_FILES)
def test_comments_and_findings(tmp_path: Path, name: str) -> None:
    calls(tmp_path, name, 2)  # makes what is made once
    base = calls(tmp_path, name, 10)
    assert calls(tmp_path, name, 400) - base <= MOST * (calls(tmp_path, name, 200) - base)


LONG_LOOPS = {
    "assignments": "        r = f(r, {0})\n",
    "branches": "        if r == {0}:\n            x{0} = r\n",
    "attempts": "        try:\n            f{0}(r)\n        except E{0}:\n            continue\n",
    "lists": "        out.append({0})\n",
}


def calls_of_loop(root: Path, name: str, number: int) -> int:
    folder = root / f"{name} {number}"
    folder.mkdir()
    body = "".join(LONG_LOOPS[name].format(each) for each in range(number))
    (folder / "m.py").write_text(f"{ASK}def job(rows, out):\n    for r in rows:\n{body}        ask(r)\n", encoding="utf-8")
    profile = cProfile.Profile()
    assert len(profile.runcall(check, [folder], Config(root=folder, cache=False, jobs=1)).findings) == 1
    return int(pstats.Stats(profile, stream=io.StringIO()).total_calls)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", LONG_LOOPS)
def test_one_loop(tmp_path: Path, name: str) -> None:
    calls_of_loop(tmp_path, name, 2)
    base = calls_of_loop(tmp_path, name, 10)
    assert calls_of_loop(tmp_path, name, 240) - base <= MOST * (calls_of_loop(tmp_path, name, 120) - base)


LENGTH = 60_000
UNITS: tuple[str, ...] = (
    "a",
    "7",
    " ",
    "\t",
    "_",
    ".",
    '"',
    "'",
    "\\",
    "(",
    "[",
    "{",
    "]",
    "a ",
    "a.",
    "a,",
    "a=",
    "a:",
    "\n",
    "\\\n",
    "#",
    "f'",
    "{{",
    "@a\n",
)
UNITS += ("import a,", "from a ", "for a ", "as a", "def a[", "x:=", ".a=", "]=", "noqa:", "# noqa: A1,", "except a, ", "global a", "é")
FRAMES = (
    "{}",
    "x = bytes.fromhex('{}')",
    "from a import ({}",
    "# noqa: {}",
    "# surfacelint: ignore[{}",
    "def f[{}",
    "class A({}",
    "x = f'{{{}",
)


@pytest.mark.parametrize("frame", FRAMES)
def test_expressions_over_text(frame: str) -> None:
    readers: tuple[Callable[[str], object], ...] = (sketch, nesting, comment_parsing.read, lambda text: imports_of(text.encode()))
    for unit in UNITS:
        text = frame.format(unit * (LENGTH // len(unit)))
        for number, read in enumerate(readers):
            # A busy machine may double the time of one run, but not of each.
            assert any(seconds(read, text) < 0.5 for _ in range(3)), (number, frame, unit)


def seconds(read: Callable[[str], object], text: str) -> float:
    """Return the processor time that reading a text takes."""
    began = time.process_time()
    read(text)
    return time.process_time() - began


STEPS = 60


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """A project with a finding whose request is many calls away."""
    hops = "".join(f"def f{number + 1}(x):\n    return f{number}(x)\n" for number in range(STEPS))
    text = f"{ASK}\n\ndef f0(x):\n    return ask(x)\n\n\n{hops}def main(rows):\n    for row in rows:\n        f{STEPS}(row)\n"
    (tmp_path / "m.py").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("output_format", sorted({*OUTPUT_FORMATS}))
def test_the_middle_of_a_long_trace_is_left_out(deep: Path, output_format: str) -> None:
    said = doors.surfacelint(deep, "check", "--isolated", "--output-format", output_format).stdout
    assert "SRF101" in said
    assert said.count("m.py") <= 30
    assert ("steps omitted" in said) == (output_format != "concise")


def test_the_steps_that_are_left_out_are_counted(deep: Path) -> None:
    [found] = json.loads(doors.surfacelint(deep, "check", "--isolated", "--output-format", "json").stdout)
    whole = STEPS + 4  # the loop, each call of `f0` to `f60`, that of `ask`, and the request
    notes = [step["note"] for step in found["trace"]]
    assert len(notes) == 20
    assert notes[10] == f"{whole - 19} steps omitted from here on"
    assert notes[0] == "the loop over `rows` repeats the call"
    assert f"f{STEPS}" in notes[1]
    assert "responses.create" in notes[-1]
    line = len((deep / "m.py").read_text(encoding="utf-8").splitlines())
    explained = doors.surfacelint(deep, "explain", f"m.py:{line}").stdout
    assert len(explained.splitlines()) < 40
