"""The bookshop in `examples`: its three mismatches, the same at every door, and all that rightly stays silent."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import doors
import pytest

from surfacelint.config import discover
from surfacelint.model.findings import Location
from surfacelint.pipeline import engine

EXAMPLES = doors.REPOSITORY / "examples"
FOLDER = EXAMPLES / "bookshop"


class Alarm(NamedTuple):
    """A finding: where it stands, and its trace, each place as the name of a file and the source line."""

    code: str
    place: tuple[str, str]
    trace: tuple[tuple[str, str], ...]


SEND = ("llm.py", "response = client.responses.create(model=MODEL, instructions=instructions, input=text)")
SUBMIT = ("reports.py", 'batch_id = llm.submit("Which book is this comment about, and what does it ask of us?", comments)')
ALARMS = [
    Alarm(
        "SRF301",
        ("labels.py", 'print(ticket["id"], label(ticket))'),
        (
            ("labels.py", 'for ticket in tqdm(tickets, desc="labelling"):'),
            ("labels.py", 'print(ticket["id"], label(ticket))'),
            ("labels.py", 'return complete("Label this ticket: delivery, payment, content or other.", ticket["text"])'),
            SEND,
        ),
    ),
    Alarm(
        "SRF101",
        ("nightly.py", "review.summary = summarise(review)"),
        (
            ("nightly.py", "for review in reviews:"),
            ("nightly.py", "review.summary = summarise(review)"),
            ("reviews.py", 'return complete("Summarise this review of a book in one sentence.", f"{review.title}\\n\\n{review.text}")'),
            SEND,
        ),
    ),
    Alarm(
        "SRF202",
        SUBMIT,
        (
            ("reports.py", "def create_report(comments: list[str]) -> str:"),
            SUBMIT,
            ("llm.py", 'return client.batches.create(input_file_id=upload.id, endpoint="/v1/responses", completion_window="24h").id'),
            ("reports.py", "llm.wait(batch_id, path)"),
            ("llm.py", "batch = client.batches.retrieve(batch_id)"),
        ),
    ),
]


def line(location: Location) -> tuple[str, str]:
    path = Path(location.path)
    return path.name, path.read_text(encoding="utf-8").splitlines()[location.span.start.line - 1].strip()


def row(path: Path, text: str) -> int:
    """Return the 1-based row of the only line that holds a text."""
    (found,) = [number for number, each in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1) if text in each]
    return found


def test_three_mismatches_with_their_traces() -> None:
    report = engine.run([EXAMPLES], discover([EXAMPLES]))
    found = [Alarm(each.rule.code, line(each.location), tuple(line(step.location) for step in each.trace)) for each in report.findings]
    assert found == ALARMS
    assert report.complete


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("llm.py", SEND[1], "the loop ends as soon as the call succeeds"),
        ("reviews.py", "for section in SECTIONS", "there are at most 3 items"),
        ("chat.py", "client.responses.create(", "each call needs the result of an earlier one"),
        ("reports.py", "Translate this comment", "the handler answers 202"),
    ],
)
def test_what_is_silent_and_why(file: str, text: str, reason: str) -> None:
    path = FOLDER / file
    assert f"Verdict: silent, because {reason}" in engine.explain(str(path), row(path, text), discover([path]))


def test_the_examples_are_python_3_10() -> None:
    for path in FOLDER.glob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))


class TestDoors:
    """What users see."""

    def test_the_command_of_the_readme(self) -> None:
        done = doors.surfacelint(doors.REPOSITORY, "check", "examples")
        headlines = [text.split(" ")[1] for text in done.stdout.splitlines() if text.startswith("examples/")]
        assert headlines == [alarm.code for alarm in ALARMS]
        assert done.stdout.count("\ntrace:\n") == 3
        files = len(list(FOLDER.glob("*.py")))
        assert done.stdout.endswith(f"\nFound 3 findings ({files} files checked).\n2 fixable with `--unsafe-fixes`.\n")
        assert (done.stderr, done.returncode) == ("", 1)

    def test_json_has_the_same(self) -> None:
        found = json.loads(doors.surfacelint(doors.REPOSITORY, "check", "examples", "--output-format=json").stdout)
        assert [(each["code"], len(each["trace"])) for each in found] == [(alarm.code, len(alarm.trace)) for alarm in ALARMS]

    @pytest.mark.skipif(not doors.FLAKE8_KNOWS_US, reason="flake8 finds plugins by the metadata of the installed package")
    def test_flake8_agrees(self) -> None:
        assert doors.flake8(EXAMPLES, "--select=SRF") == checked(EXAMPLES)

    @pytest.mark.slow
    @pytest.mark.skipif(shutil.which("git") is None, reason="pre-commit needs git")
    def test_pre_commit_agrees(self, tmp_path: Path) -> None:
        sandbox = doors.Sandbox(tmp_path / "sandbox")
        hooks, revision = sandbox.hooks(tmp_path / "hooks")
        project = tmp_path / "project"
        shutil.copytree(EXAMPLES, project, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("surfacelint", "surfacelint-all"):
            hook = {"id": name, "args": ["--output-format=concise"]}
            configuration = {"repos": [{"repo": str(hooks), "rev": revision, "hooks": [hook]}]}
            (project / ".pre-commit-config.yaml").write_text(json.dumps(configuration), encoding="utf-8")
            sandbox.commit(project)
            done = sandbox.pre_commit(project, "run", name, "--all-files", "--hook-stage=manual")
            assert doors.places(done.stdout) == checked(EXAMPLES), done.stdout + done.stderr
            assert done.returncode == 1


def checked(folder: Path) -> list[str]:
    """Return what the command line says about a folder."""
    done = doors.surfacelint(folder, "check", "--output-format=concise")
    assert done.stderr == ""
    return doors.places(done.stdout)
