"""`surfacelint review`: the document, as programs read it, and the rows in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from doors import REPOSITORY, surfacelint

from surfacelint.review.json_document import SCHEMA_NAME, from_text, schema, to_text
from surfacelint.system.safe_reading import InputError

SCHEMA = REPOSITORY / "surfacelint" / "review" / SCHEMA_NAME

_PROGRAM = {
    "app/llm.py": """
from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-4o-mini", input=text)
""",
    "app/nightly.py": """
from app.llm import ask


def main(reviews):
    for review in reviews:
        print(ask(review))


if __name__ == "__main__":
    main(open("reviews.txt"))
""",
    "app/web.py": """
from fastapi import FastAPI

from app.llm import ask

app = FastAPI()


@app.post("/ask")
def answer(text: str):
    return ask(text)
""",
    "app/check.py": """
from app.llm import ask

for name in ["a", "b", "c"]:
    ask(name)
""",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def reviewed(folder: Path, *options: str) -> dict[str, Any]:
    """Return the document of a review that must succeed."""
    done = surfacelint(folder, "review", "--output-format", "json", "--no-cache", *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def by_path(document: dict[str, Any]) -> dict[str, Any]:
    return {row["place"]["path"]: row for row in document["workloads"]}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return reviewed(write(tmp_path_factory.mktemp("program"), _PROGRAM))


def test_the_schema_is_that_of_the_records() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema(), "run scripts/write_review_schema.py"


def test_a_document_follows_the_schema_and_can_be_read_again(document: dict[str, Any]) -> None:
    jsonschema.validate(document, json.loads(schema()))
    text = json.dumps(document)
    assert json.loads(to_text(from_text(text))) == document


def test_every_workload_has_one_row_with_its_answers(document: dict[str, Any]) -> None:
    rows = by_path(document)
    assert sorted(rows) == ["app/check.py", "app/nightly.py", "app/web.py"]
    nightly, web, check = rows["app/nightly.py"], rows["app/web.py"], rows["app/check.py"]
    assert (nightly["verdict"], nightly["rules"], nightly["waiting"]["answer"]) == ("move to batch", ["SRF101"], "no")
    assert (web["verdict"], web["rules"], web["waiting"]) == ("right surface", [], {"answer": "yes", "entry": "FastAPI handler answer"})
    assert (check["verdict"], check["volume"]["calls_per_run"]) == ("not worth it", 3)
    assert {tuple(row["models"]) for row in rows.values()} == {("gpt-4o-mini",)}
    assert nightly["repetition"]["text"] == "once per item of `reviews`, one after another"
    assert (nightly["function"], nightly["call"], nightly["provider"]) == ("main", "ask", "openai")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema_version": 2}, "schema version 2"),
        ({"workloads": [{}]}, "`id`"),
        ({"workloads": 5}, "`workloads` must be a list, not 5"),
        ({"date": None}, "`date` must be a string"),
    ],
)
def test_a_bad_document_is_refused_with_the_part_that_is_wrong(document: dict[str, Any], change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        from_text(json.dumps(document | change))


def test_what_cannot_be_checked_is_listed(tmp_path: Path) -> None:
    write(tmp_path, {"good.py": _PROGRAM["app/llm.py"], "bad.py": "import openai\ndef f(:\n"})
    done = surfacelint(tmp_path, "review", "--output-format", "json", "--no-cache")
    assert done.returncode == 2
    assert done.stderr.startswith("error: bad.py:2: not checked: syntax error")
    (problem,) = json.loads(done.stdout)["not_checked"]
    assert (problem["path"], problem["row"]) == ("bad.py", 2)
