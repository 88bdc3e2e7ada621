"""How much work a run does, counted in files parsed, bodies read, calls and imports. No clock, so that all machines agree."""

from __future__ import annotations

import cProfile
import os
import pstats
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import programs
import pytest

from surfacelint import check
from surfacelint.config import Config
from surfacelint.extraction import body_extraction, outline_extraction, word_scanning
from surfacelint.judgement.repetition.loop_carried_state import LoopCarriedState
from surfacelint.linking.evaluation.question_memo import Memo
from surfacelint.pipeline import engine, syntax_check
from surfacelint.relevance import independent_groups

VENDOR = """
from openai import OpenAI

client = OpenAI()

def ask(question):
    return client.responses.create(model="gpt-5-mini", input=question).output_text

def shorten(text):
    return text[:80]
"""
JOB = """
from llm import ask

def load(path):
    return path.read_text().splitlines()

def main(questions):
    for question in questions:
        print(ask(question))
"""
COLD = """
from llm import shorten

def titles(rows):
    for row in rows:
        yield shorten(row)
"""
ELSEWHERE = """
import json

class Store:
    def load(self, path):
        with open(path) as file:
            return [json.loads(line) for line in file]
"""

JOBS, IMPORTERS, OTHERS = 5, 40, 200

CALLS_PER_FILE = 380
"""Of a file that does not matter: listing, reading, screening, naming it, and looking for comments of ours. Measured: 320 on 3.11."""

CALLS_SAVED = 30
"""By each file that a warm run does not read. Measured: 48 on 3.11."""

MODULES_AT_START = 80
"""Most of them are those of the interpreter itself and of its `site`."""


def grow(root: Path, importers: int, others: int) -> None:
    root.mkdir()
    files = {"setup.py": "", "llm.py": VENDOR}
    files |= {f"job{number}.py": JOB for number in range(JOBS)}
    files |= {f"cold{number}.py": COLD for number in range(importers)}
    files |= {f"other{number}.py": ELSEWHERE for number in range(others)}
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")


def work(root: Path, monkeypatch: pytest.MonkeyPatch, cache: Path | None = None) -> tuple[Counter[str], int]:
    """Return what a run read, and how many calls it made; with a `cache` it uses that."""
    done: Counter[str] = Counter()

    def counted(place: object, name: str) -> None:
        original = getattr(place, name)

        def call(*arguments: object, **keywords: object) -> object:
            done[name] += 1
            return original(*arguments, **keywords)

        monkeypatch.setattr(place, name, call)

    counted(outline_extraction, "read_outline")
    counted(body_extraction, "read_body")
    counted(word_scanning, "sketch")
    monkeypatch.setattr(syntax_check, "COMPILED_ANYWAY", 0)
    profile = cProfile.Profile()
    config = Config(root=root, cache=cache is not None, cache_dir=str(cache or ""))
    report = profile.runcall(check, [root], config)
    monkeypatch.undo()
    assert len(report.findings) == JOBS
    return done, pstats.Stats(profile).total_calls  # type: ignore[attr-defined]


def test_only_what_matters_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grow(tmp_path / "a", IMPORTERS, OTHERS)
    done, _ = work(tmp_path / "a", monkeypatch)
    assert done["read_outline"] == JOBS + 1  # the jobs and `llm`: what imports `shorten` alone is not parsed
    assert done["read_body"] <= 2 * JOBS


def test_files_that_do_not_matter_cost_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grow(tmp_path / "warm", IMPORTERS, OTHERS)
    work(tmp_path / "warm", monkeypatch)  # fills the catalogue and other things that are made once
    grow(tmp_path / "a", IMPORTERS, OTHERS)
    grow(tmp_path / "b", 2 * IMPORTERS, 2 * OTHERS)
    read, calls = work(tmp_path / "a", monkeypatch)
    read_more, calls_more = work(tmp_path / "b", monkeypatch)
    assert read_more == read
    assert calls_more - calls <= CALLS_PER_FILE * (IMPORTERS + OTHERS)


def test_nothing_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grow(tmp_path / "a", IMPORTERS, OTHERS)
    for path in (tmp_path / "a").iterdir():
        os.utime(path, (1, 1))
    time.sleep(2.1)  # what is younger is read again
    _, cold = work(tmp_path / "a", monkeypatch, tmp_path / "cache")
    read, warm = work(tmp_path / "a", monkeypatch, tmp_path / "cache")
    assert read == {}
    assert warm <= cold - CALLS_SAVED * (IMPORTERS + OTHERS)
    (tmp_path / "a" / "job1.py").write_text(JOB + "\n", encoding="utf-8")
    read, _ = work(tmp_path / "a", monkeypatch, tmp_path / "cache")
    assert read == {"read_outline": 1, "read_body": 1, "sketch": 1}


def counted_calls(owner: type, name: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each call of a method from now on."""
    calls: list[str] = []
    original = getattr(owner, name)

    def call(*arguments: object, **keywords: object) -> object:
        calls.append(name)
        return original(*arguments, **keywords)

    monkeypatch.setattr(owner, name, call)
    return calls


def test_an_edit_asks_nothing_about_other_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of modules that share no import keep their workloads, and without new text in a group no question is asked at all."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "setup.py").touch()
    for island in ("east", "west"):
        (root / island).mkdir()
        (root / island / "__init__.py").touch()
        (root / island / "llm.py").write_text(VENDOR, encoding="utf-8")
        for number in range(JOBS):
            (root / island / f"job{number}.py").write_text(JOB.replace("from llm", f"from {island}.llm"), encoding="utf-8")
    monkeypatch.setattr(independent_groups, "FULL", 1)  # small groups are analysed together
    asked = counted_calls(Memo, "_run", monkeypatch)
    config = Config(root=root, cache_dir=str(tmp_path / "cache"), jobs=1)

    def questions() -> int:
        asked.clear()
        assert len(check([root], config).findings) == 2 * JOBS
        return len(asked)

    cold = questions()
    assert questions() == 0
    (root / "setup.py").write_text("# nothing\n", encoding="utf-8")
    assert questions() == 0
    (root / "east" / "job1.py").write_text(f"{JOB.replace('from llm', 'from east.llm')}\nprint(1)\n", encoding="utf-8")
    assert 0 < questions() <= cold * 0.6


def test_state_is_looked_for_only_where_a_verdict_needs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the most expensive question of judgement. A loop that retries is one, whatever state its call carries."""
    asked = counted_calls(LoopCarriedState, "of", monkeypatch)
    retry = "    for attempt in range(500):\n        try:\n            return ask(text)\n        except ValueError:\n            pass\n"
    for name, body, expected in (("retry", retry, 0), ("loop", "    for each in text:\n        print(ask(each))\n", 1)):
        root = tmp_path / name
        root.mkdir()
        (root / "setup.py").touch()
        (root / "job.py").write_text(f"{VENDOR}\ndef job(text):\n{body}", encoding="utf-8")
        asked.clear()
        report = check([root], Config(root=root, cache=False))
        assert (len(report.findings), bool(asked)) == (expected, bool(expected))


def test_a_warm_run_imports_no_reader_of_bodies(tmp_path: Path) -> None:
    grow(tmp_path / "a", 1, 1)
    program = "import sys; from surfacelint import check; check(['.']); print(*sys.modules)"
    environment = {**os.environ, "SURFACELINT_CACHE_DIR": str(tmp_path / "cache")}
    for parsing in (True, False):
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path / "a", env=environment, capture_output=True, text=True, check=True
        )
        assert ("surfacelint.extraction.body_extraction" in done.stdout.split()) is parsing


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_starting_imports_little(argument: str) -> None:
    program = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); from surfacelint.startup import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program, argument], capture_output=True, text=True, check=False)
    imported = set(done.stderr.split())
    assert len(imported) <= MODULES_AT_START
    assert not {"click", "pathlib", "re", "surfacelint.cli"} & imported


def functions(number: int) -> str:
    return VENDOR + "".join(f"\ndef job{n}(rows):\n    for row in rows:\n        ask(row)\n" for n in range(number))


def nested(number: int) -> str:
    loops = "".join(f"{' ' * n}for row{n} in rows:\n" for n in range(1, number + 1))
    return f"{VENDOR}\ndef job(rows):\n{loops}{' ' * (number + 1)}ask(row1)\n"


def growth(run: Callable[..., object], grown: Callable[[int], str], small: int, folder: Path) -> float:
    """Return how many times as many calls a program twice as large makes."""
    calls: list[int] = []
    for number in (1, small, 2 * small):
        root = folder / str(number)
        root.mkdir()
        (root / "setup.py").touch()
        (root / "job.py").write_text(grown(number), encoding="utf-8")
        profile = cProfile.Profile()
        profile.runcall(run, [root], Config(root=root, cache=False))
        calls.append(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]
    base, half, whole = calls  # the first has what does not depend on size
    return (whole - base) / (half - base)


@pytest.mark.parametrize(("grown", "small", "most"), [*((shape, 40, 2.3) for shape in (*programs.SHAPES, functions)), (nested, 9, 3.2)])
def test_growth(grown: Callable[[int], str], small: int, most: float, tmp_path: Path) -> None:
    """A review does all that a check does but its fixes, and lists all workloads."""
    assert growth(engine.list_workloads, grown, small, tmp_path) <= most


MANY_FINDINGS = (programs.calls, programs.withs, programs.elifs, programs.loops, programs.tried_loops, functions)


@pytest.mark.parametrize("grown", [*MANY_FINDINGS, programs.statements])
def test_growth_with_fixes(grown: Callable[[int], str], tmp_path: Path) -> None:
    """The calls of one loop share their fix, and the loops of one function what is known about it."""
    assert growth(engine.run, grown, 20, tmp_path) <= 2.3
