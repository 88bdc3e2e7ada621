"""The scorer, run as people run it, on a few sources that are made up here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import doors
import pytest

CLIENT = (
    "from openai import OpenAI\n\nclient = OpenAI()\n\n\ndef ask(text):\n    return client.responses.create(model='gpt-5', input=text)\n"
)

JOBS = f"""\
{CLIENT}

def label(rows):
    for row in rows:
        ask(row)


def retry(text):
    for attempt in range(300):
        try:
            return ask(text)
        except OSError:
            pass


def chat():
    while True:
        print(ask(input()))


def unlabelled(rows):
    for row in rows:
        ask(row)
"""


def label(call_line: int, verdict: str, **others: Any) -> dict[str, Any]:
    """Return a label of a `for` loop whose header is the line above the call."""
    path = others.get("path", "jobs.py")
    return {
        "source": "github:a/b",
        "commit": None,
        "path": path,
        "call_line": call_line,
        "context_line": call_line - 1,
        "sink_path": path,
        "sink_line": 7,
        "verdict": verdict,
        "shape": "for",
        "provider": "openai",
        "hops": 1,
        "cross_module": False,
        "confidence": "high",
        "why": f"because of line {call_line}",
        **others,
    }


def score(folder: Path, labels: list[dict[str, Any]], *arguments: str, texts: dict[str, str] | None = None) -> str:
    """Write sources and labels, and return what the scorer says."""
    sources = folder / "sources"
    for path, text in {"a+b/jobs.py": JOBS, **(texts or {})}.items():
        (sources / path).parent.mkdir(parents=True, exist_ok=True)
        (sources / path).write_text(text, encoding="utf-8")
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, labels)), encoding="utf-8")
    labelled = ("--labels", str(folder / "labels.jsonl"))
    done = doors.script(folder, doors.REPOSITORY / "scripts" / "score.py", str(sources), *labelled, "--jobs", "1", *arguments)
    assert done.stderr == ""
    return done.stdout


def row(text: str, table: str, name: str) -> list[str]:
    """Return the fractions in a row of a table."""
    lines = iter(text.splitlines())
    next(line for line in lines if line.startswith(table))
    found = next(line for line in lines if line.startswith(name))
    return [word for word in found.removeprefix(name).split() if "/" in word]


def section(text: str, title: str) -> list[str]:
    """Return the lines under a title."""
    lines = text.partition(f"\n{title}")[2].splitlines()[1:]
    return lines[: lines.index("")] if "" in lines else lines


def test_precision_and_recall(tmp_path: Path) -> None:
    text = score(tmp_path, [label(12, "batch-work"), label(18, "batch-work"), label(30, "ok-few", confidence="medium")])
    assert row(text, "confidence", "high confidence") == ["1/1", "1/1", "1/2", "1/2"]
    assert row(text, "confidence", "all labels") == ["1/2", "1/2", "1/2", "1/2"]
    assert row(text, "hops", "1") == ["1/2", "1/2", "1/2", "1/1", "1/2"]
    assert row(text, "flagged negatives", "ok-few") == ["0/0", "1/1"]


def test_a_missed_label_has_the_reason_for_silence(tmp_path: Path) -> None:
    text = score(tmp_path, [label(18, "batch-work", context_line=16)])
    assert section(text, "MISSED (1)") == [
        "a+b/jobs.py:18: batch-work high, for, hops 1: because of line 18",
        "    ask on line 18: the loop ends as soon as the call succeeds",
    ]


def test_a_missed_label_without_a_workload_has_an_explanation(tmp_path: Path) -> None:
    texts = {"a+b/odd.py": "import openai\n\nfor row in open('r'):\n    unknown(row)\n"}
    text = score(tmp_path, [label(4, "batch-work", path="odd.py")], texts=texts)
    assert "Leads to no known request." in "\n".join(section(text, "MISSED (1)"))


def test_a_false_alarm_and_an_unlabelled_finding(tmp_path: Path) -> None:
    text = score(tmp_path, [label(12, "ok-few")])
    assert section(text, "FALSE ALARMS (1)")[0] == "a+b/jobs.py:12: ok-few high: because of line 12"
    assert section(text, "UNLABELLED FINDINGS IN LABELLED FILES (1)")[0].startswith("a+b/jobs.py:30: SRF101 `ask` runs once per item")
    assert row(text, "confidence", "all labels")[:2] == ["0/1", "0/2"]


@pytest.mark.parametrize(
    ("where", "right"),
    [
        ({"call_line": 20, "context_line": 12}, True),
        ({"call_line": 40, "context_line": 39, "alt_lines": [12]}, True),
        ({"call_line": 10, "context_line": 8}, True),
        ({"call_line": 9, "context_line": 8}, False),
        ({"call_line": 20, "context_line": 13}, False),
    ],
)
def test_where_a_finding_may_stand(where: dict[str, Any], right: bool, tmp_path: Path) -> None:
    text = score(tmp_path, [{**label(12, "batch-work"), **where}])
    assert row(text, "confidence", "all labels")[2] == f"{int(right)}/1"


def test_the_call_of_a_negative_comes_before_the_surroundings_of_a_positive(tmp_path: Path) -> None:
    text = score(tmp_path, [label(12, "ok-retry"), label(10, "batch-work")])
    assert row(text, "confidence", "all labels") == ["0/1", "0/2", "0/1", "0/1"]


def test_the_surroundings_of_a_positive_come_before_the_loop_of_a_negative(tmp_path: Path) -> None:
    text = score(tmp_path, [label(15, "ok-retry", context_line=12), label(10, "batch-work")])
    assert row(text, "confidence", "all labels")[2] == "1/1"


def test_a_finding_at_the_request_is_no_hit(tmp_path: Path) -> None:
    text = score(tmp_path, [label(40, "batch-work", sink_line=12)])
    assert row(text, "confidence", "all labels")[2] == "0/1"
    assert "    found at the request instead" in section(text, "MISSED (1)")
    assert section(text, "FINDINGS AT THE REQUEST INSTEAD (1)")[0].startswith("a+b/jobs.py:12: SRF101")


def test_an_optional_label_is_no_miss(tmp_path: Path) -> None:
    text = score(tmp_path, [label(12, "batch-work", optional=True), label(18, "batch-work", optional=True)])
    assert row(text, "confidence", "all labels")[2] == "1/1"
    assert section(text, "MISSED (0)") == []


def test_the_right_family(tmp_path: Path) -> None:
    text = score(tmp_path, [label(12, "progress"), label(30, "progress", also=["batch-work"])])
    assert row(text, "verdict", "progress") == ["2/2", "2/2", "1/2"]


def test_cells_count_from_zero_in_labels(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": "# Title", "metadata": {}},
        {"cell_type": "code", "source": CLIENT, "metadata": {}},
        {"cell_type": "code", "source": "for row in open('r'):\n    ask(row)", "metadata": {}},
    ]
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    there = label(2, "batch-work", path="n.ipynb", cell=2, sink_cell=1)
    text = score(tmp_path, [there, {**there, "cell": 1, "sink_cell": 0}], texts={"a+b/n.ipynb": notebook})
    assert row(text, "file", "notebook")[1] == "1/2"
    assert section(text, "MISSED (1)")[0].startswith("a+b/n.ipynb:cell 2:2: batch-work high")


def test_sources_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    text = score(tmp_path, [label(12, "batch-work"), {**label(12, "batch-work"), "source": "pypi:some-name==1.2"}])
    assert text.splitlines()[0].endswith("pypi-some_name-1.2 (1 labels)")
    assert row(text, "confidence", "all labels")[2] == "1/1"


def test_folders_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "folders.jsonl").write_text(
        json.dumps({"source": "github:a/b", "commit": "c0ffee", "folder": "elsewhere"}), encoding="utf-8"
    )
    labels = [{**label(12, "batch-work"), "commit": "c0ffee"}]
    text = score(tmp_path, labels, "--folders", str(tmp_path / "folders.jsonl"), texts={"elsewhere/jobs.py": JOBS})
    assert "elsewhere/jobs.py:30: SRF101" in text


def test_a_page_is_refreshed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures: begin -->\nstale\n<!-- figures: end -->\nafter\n", encoding="utf-8")
    text = score(tmp_path, [label(12, "batch-work")], "--page", str(page))
    kept = page.read_text(encoding="utf-8")
    assert kept.startswith("before\n<!-- figures: begin -->\n`python scripts/score.py SOURCES ")
    assert kept.endswith("```\n<!-- figures: end -->\nafter\n")
    assert text.partition("\nMISSED")[0].strip() in kept
    assert "stale" not in kept


def test_the_page_about_accuracy_has_a_place_for_the_figures() -> None:
    page = (doors.REPOSITORY / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert page.index("<!-- figures: begin -->") < page.index("<!-- figures: end -->")
