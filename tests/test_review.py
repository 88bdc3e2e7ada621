"""`surfacelint review`: the document, as programs read it, and the rows in it."""

from __future__ import annotations

import json
import shutil
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


def rows_of(folder: Path, files: dict[str, str]) -> dict[str, Any]:
    """Return the rows of a program by the function or call that tells them apart."""
    return {f"{row['function']} {row['call']}": row for row in reviewed(write(folder, files))["workloads"]}


def test_a_wrapper_is_no_workload_and_its_uses_are(tmp_path: Path) -> None:
    files = {
        "llm.py": "from openai import OpenAI\n\nclass Llm:\n    def __init__(self):\n        self.client = OpenAI()\n"
        "    def _send(self, text, model):\n        for _ in range(3):\n            try:\n"
        "                return self.client.responses.create(model=model, input=text)\n"
        "            except Exception:\n                pass\n"
        '    def ask(self, text, model="gpt-4o-mini"):\n        return self._send(text, model)\n',
        "jobs.py": "import sys\nfrom multiprocessing import Pool\nfrom llm import Llm\n\nllm = Llm()\n\n"
        'def title(text):\n    return llm.ask(text)\n\ndef summary(text):\n    return llm.ask(text, "gpt-4o")\n\n'
        'if __name__ == "__main__":\n    with Pool(8) as pool:\n        pool.map(summary, sys.stdin)\n    title(sys.argv[1])\n',
    }
    rows = rows_of(tmp_path, files)
    assert sorted(rows) == ["<module> pool.map(summary)", "title llm.ask"]
    assert {call: (row["models"], row["repetition"]["kind"]) for call, row in rows.items()} == {
        "<module> pool.map(summary)": (["gpt-4o"], "fan-out"),
        "title llm.ask": (["gpt-4o-mini"], "once"),
    }


def test_a_person_who_answers_in_every_round_is_waiting(tmp_path: Path) -> None:
    chat = "from openai import OpenAI\n\nclient = OpenAI()\n\nwhile line := input():\n    print(client.responses.create(input=line))\n"
    (row,) = rows_of(tmp_path, {"chat.py": chat}).values()
    assert (row["waiting"]["answer"], row["verdict"]) == ("yes", "right surface")
    assert "a person answers in every round" in row["reason"]


def test_batches_are_workloads_too(tmp_path: Path) -> None:
    batch = "from openai import OpenAI\n\nclient = OpenAI()\n\ndef submit(file):\n"
    batch += '    return client.batches.create(input_file_id=file, endpoint="/v1/responses", completion_window="24h")\n'
    web = "from fastapi import FastAPI\nfrom jobs import submit\n\napp = FastAPI()\n\n"
    web += "@app.post('/x')\ndef export(file: str):\n    return submit(file).id\n"
    (row,) = rows_of(tmp_path, {"jobs.py": batch}).values()
    assert (row["surface"], row["verdict"], row["offers"][0]["surface"]) == ("batch", "right surface", "batch")
    (row,) = rows_of(tmp_path, {"web.py": web}).values()
    assert (row["surface"], row["verdict"], row["rules"], row["function"]) == ("batch", "make realtime", ["SRF201"], "export")


def test_findings_about_requests_inside_of_a_workload_belong_to_it(tmp_path: Path) -> None:
    web = "from fastapi import FastAPI\nfrom openai import OpenAI\n\napp = FastAPI()\nclient = OpenAI()\n\n"
    web += "async def ask(text):\n    return client.responses.create(model='gpt-4o', input=text)\n\n"
    web += "@app.post('/x')\nasync def answer(text: str):\n    return await ask(text)\n"
    (row,) = rows_of(tmp_path, {"web.py": web}).values()
    assert (row["function"], row["rules"], row["verdict"]) == ("answer", ["SRF303"], "right surface")


@pytest.mark.parametrize(
    ("comment", "verdict"), [("# noqa: SRF101", "not worth it"), ("# surfacelint: ignore[SRF101] -- tiny", "not worth it")]
)
def test_a_suppression_is_a_decision(tmp_path: Path, comment: str, verdict: str) -> None:
    loop = "import sys\nfrom openai import OpenAI\n\nclient = OpenAI()\nfor line in sys.stdin:\n"
    loop += f"    client.responses.create(model='gpt-4o', input=line)  {comment}\n"
    (row,) = rows_of(tmp_path, {"job.py": loop}).values()
    assert (row["verdict"], row["rules"], row["suppressed"]) == (verdict, [], ["SRF101"])
    assert row["reason"].startswith("SRF101 is suppressed by a comment")


def test_code_with_very_many_ways_to_requests_takes_seconds(tmp_path: Path) -> None:
    lines = ["from openai import OpenAI", "client = OpenAI()"]
    lines += [f"def f0_{number}(text):\n    client.responses.create(model='gpt-4o', input=text)" for number in range(12)]
    for layer in range(1, 20):
        for number in range(12):
            below = "".join(f"    f{layer - 1}_{(number * 5 + step * 7) % 12}(text)\n" for step in range(4))
            loop = f"    for part in range(3):\n        f{layer - 1}_{number}(part)\n" if number % 3 == 0 else ""
            lines.append(f"def f{layer}_{number}(text):\n{below}{loop}")
    write(tmp_path, {"many.py": "\n".join(lines)})
    done = surfacelint(tmp_path, "review", "--output-format", "json", "--no-cache", seconds=60)
    assert done.returncode == 0
    assert json.loads(done.stdout)["workloads"]


@pytest.mark.parametrize("part", ["examples/bookshop", "tests/fixtures/rules/blocked_loops", "tests/fixtures/rules/tqdm_loops"])
def test_every_finding_of_check_is_in_a_row(tmp_path: Path, part: str) -> None:
    shutil.copytree(REPOSITORY / part, tmp_path / "code")
    options = ("--no-cache", "--output-format", "json")
    findings = json.loads(surfacelint(tmp_path, "check", *options).stdout)
    rows = json.loads(surfacelint(tmp_path, "review", *options).stdout)["workloads"]
    assert len({row["id"] for row in rows}) == len(rows) > 0
    assert all(row["verdict"] != "not worth it" for row in rows if row["rules"])
    reported = {finding["code"] for finding in findings} - {"SRF900", "SRF901"}
    assert {code for row in rows for code in row["rules"]} == reported
    places = {(step["place"]["path"], step["place"]["row"]) for row in rows for step in row["trace"]}
    found = {(each["filename"], each["location"]["row"]) for each in findings if each["code"] in ("SRF101", "SRF102", "SRF103", "SRF104")}
    assert found <= places
