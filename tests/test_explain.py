"""The output of `surfacelint explain`."""

from __future__ import annotations

import json
from pathlib import Path

import doors
import pytest

from surfacelint.config import discover
from surfacelint.pipeline import engine

CODE = """\
import openai


def ask(text):
    return openai.responses.create(model="gpt-5-mini", input=text)


def every(function, items):
    return [function(item) for item in items]


def run(reviews):
    return every(ask, reviews)
"""


def test_a_callback_is_explained_where_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "job.py"
    path.write_text(CODE, encoding="utf-8")
    said = engine.explain(str(path), 9, discover([path]))
    assert "responses.create` (realtime) in 2 hops." in said
    assert "Verdict: report (SRF101)." in said


def test_a_home_made_mapper_has_a_verdict_where_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "job.py"
    path.write_text(CODE, encoding="utf-8")
    said = engine.explain(str(path), 13, discover([path]))
    assert "Verdict: report (SRF101), at `function` in `every`, line 9, which is repeated." in said


def test_a_request_that_nothing_repeats_has_a_verdict(tmp_path: Path) -> None:
    path = tmp_path / "job.py"
    path.write_text(CODE.partition("def every")[0] + "print(ask('x'))\n", encoding="utf-8")
    assert "Verdict: silent, because nothing is known to repeat it." in engine.explain(str(path), 8, discover([path]))


@pytest.mark.parametrize("place", ["job.py:9", "job.py:9:13", "job.py:9:13:"])
def test_a_place_may_be_copied_from_a_finding(tmp_path: Path, place: str) -> None:
    (tmp_path / "job.py").write_text(CODE, encoding="utf-8")
    assert doors.surfacelint(tmp_path, "explain", place).stdout.startswith("job.py:9:13 `function` in `every`\n")


def test_rows_of_a_notebook_are_those_of_its_cells(tmp_path: Path) -> None:
    cells = ["import openai\n", *["for line in open('x'):\n    openai.responses.create(input=line)\n"] * 2]
    rows: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": text} for text in cells
    ]
    (tmp_path / "b.ipynb").write_text(json.dumps({"cells": rows, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    (found,) = doors.surfacelint(tmp_path, "explain", "b.ipynb:cell 3:2:5").stdout.split("\n\n")
    assert found.startswith("b.ipynb:cell 3:2:5 `openai.responses.create` in `<module>`\n")
    assert "`<module>`, line 1: the loop over `open('x')` runs over independent items." in found
    assert doors.surfacelint(tmp_path, "explain", "b.ipynb:2").stdout.count("\nb.ipynb:cell 3:2:5 ") == 1
    assert doors.surfacelint(tmp_path, "explain", "b.ipynb:cell 2:9").stdout == "There is no call on line 9 of cell 2 of b.ipynb.\n"


def test_settings_may_be_given_as_for_check(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text(CODE.replace("in items", "in items[:20]"), encoding="utf-8")
    assert "Verdict: silent, because " in doors.surfacelint(tmp_path, "explain", "job.py:9").stdout
    assert "Verdict: report (SRF101)." in doors.surfacelint(tmp_path, "explain", "job.py:9", "--min-items", "9").stdout


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("job.py", "'job.py' is not of the form FILE:LINE, as in src/job.py:42; see"),
        (".:3", ". is a directory: pass a file in it; see"),
        ("nope.py:3", "nope.py does not exist; see"),
    ],
)
def test_a_wrong_place_is_one_line(tmp_path: Path, place: str, problem: str) -> None:
    (tmp_path / "job.py").write_text(CODE, encoding="utf-8")
    done = doors.surfacelint(tmp_path, "explain", place)
    assert (done.returncode, done.stderr.startswith(f"error: {problem}"), done.stderr.count("\n")) == (2, True, 1)


HANDLER = """\
import openai
from fastapi import FastAPI

app = FastAPI()


@app.post("/labels")
def label(texts: list[str]):
    return [openai.responses.create(model="gpt-5-mini", input=text) for text in texts]
"""


def test_a_rule_that_is_not_enabled_is_named(tmp_path: Path) -> None:
    (tmp_path / "api.py").write_text(HANDLER, encoding="utf-8")
    said = doors.surfacelint(tmp_path, "explain", "api.py:9").stdout
    assert "Verdict: silent, because only SRF306 reports it, and is not enabled for this file." in said
    (tmp_path / "surfacelint.toml").write_text('extend-select = ["SRF306"]\n', encoding="utf-8")
    assert "Verdict: report (SRF306)." in doors.surfacelint(tmp_path, "explain", "api.py:9").stdout


HELPED = """\
import asyncio

from autobatcher import AsyncOpenAI
from batchling import batchify
from openai import AsyncOpenAI as Plain

batched, plain = AsyncOpenAI(), Plain()


async def label(texts):
    await asyncio.gather(*[batched.responses.create(model="gpt-5-mini", input=text) for text in texts])
    async with batchify():
        await asyncio.gather(*[plain.responses.create(model="gpt-5-mini", input=text) for text in texts])
"""


def test_packages_that_reach_batch_apis_have_the_batch_price(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text(HELPED, encoding="utf-8")
    said = doors.surfacelint(tmp_path, "explain", "job.py:11:28").stdout
    assert "Verdict: silent, because the requests have the batch price." in said
    said = doors.surfacelint(tmp_path, "explain", "job.py:13:32").stdout
    assert "Verdict: silent, because its requests are answered from a batch." in said


class TestJson:
    """The same in a form for programs: a verdict for every call."""

    def calls(self, folder: Path, place: str) -> list[dict[str, object]]:
        done = doors.surfacelint(folder, "explain", place, "--output-format", "json")
        assert done.returncode == 0
        found: list[dict[str, object]] = json.loads(done.stdout)
        return found

    def test_every_call_has_a_verdict(self, tmp_path: Path) -> None:
        (tmp_path / "job.py").write_text(CODE + "\nprint(len('x'))\n", encoding="utf-8")
        (call,) = self.calls(tmp_path, "job.py:9")
        assert (call["call"], call["function"], call["location"]) == ("function", "every", {"column": 13, "row": 9})
        assert call["verdicts"] == [{"codes": ["SRF101"], "text": "report (SRF101)", "verdict": "report"}]
        silent = {"codes": [], "text": "silent, because it leads to no known request", "verdict": "silent"}
        assert [each["verdicts"] for each in self.calls(tmp_path, "job.py:15")] == [[silent], [silent]]

    def test_a_line_without_calls(self, tmp_path: Path) -> None:
        (tmp_path / "job.py").write_text(CODE, encoding="utf-8")
        assert self.calls(tmp_path, "job.py:2") == []

    def test_notebooks(self, tmp_path: Path) -> None:
        source = "import openai\nfor line in open('x'):\n    openai.responses.create(input=line)\n"
        cell: dict[str, object] = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (tmp_path / "book.ipynb").write_text(json.dumps(book), encoding="utf-8")
        (call,) = self.calls(tmp_path, "book.ipynb:cell 1:3")
        assert (call["cell"], call["verdicts"]) == (1, [{"codes": ["SRF101"], "text": "report (SRF101)", "verdict": "report"}])


def test_only_options_that_matter_are_offered(tmp_path: Path) -> None:
    said = doors.surfacelint(tmp_path, "explain", "--help").stdout
    assert "--min-items" in said
    assert "--fail-on" not in said
    assert "--fail-on" not in doors.surfacelint(tmp_path, "baseline", "create", "--help").stdout
