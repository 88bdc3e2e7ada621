"""The baseline through the front door: what it silences, what survives in it, when it shrinks, and that it never grows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import doors
import pytest

from surfacelint.suppressions.baseline_file import DEFAULT_NAME

HEAD = "from openai import OpenAI\n\nclient = OpenAI()\n"
LOOP = "\n\ndef {name}(reviews):\n    for review in reviews:\n        client.responses.create(input=review)\n"


def job(*names: str) -> str:
    return HEAD + "".join(LOOP.format(name=name) for name in names)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(f'[tool.surfacelint]\nbaseline = "{DEFAULT_NAME}"\n', encoding="utf-8")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text(job("first", "second"), encoding="utf-8")
    assert run(tmp_path, "baseline", "create") == (0, f"Wrote 2 findings to {DEFAULT_NAME}.", "")
    return tmp_path


def run(project: Path, *arguments: str) -> tuple[int, str, str]:
    done = doors.surfacelint(project, *arguments)
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def check(project: Path, *arguments: str) -> tuple[int, list[str], str]:
    code, out, said = run(project, "check", "--output-format", "concise", *arguments)
    return code, doors.places(out), said


def entries(project: Path) -> list[tuple[str, str, int]]:
    rows = json.loads((project / DEFAULT_NAME).read_text(encoding="utf-8"))["findings"]
    return [(row["path"], row["function"], row["count"]) for row in rows]


class TestKnown:
    def test_what_is_known_is_not_reported(self, project: Path) -> None:
        assert check(project) == (0, [], "")
        assert check(project, "--config", 'baseline = ""')[0] == 1

    def test_lines_may_move(self, project: Path) -> None:
        (project / "src" / "a.py").write_text(f"'''Words.'''\n\nimport os\n{job('second', 'first')}", encoding="utf-8")
        assert check(project) == (0, [], "")

    def test_a_file_may_be_renamed(self, project: Path) -> None:
        (project / "src" / "a.py").rename(project / "b.py")
        assert check(project) == (0, [], "")
        assert entries(project) == [("src/a.py", "first", 1), ("src/a.py", "second", 1)]

    def test_a_copy_is_new(self, project: Path) -> None:
        (project / "b.py").write_text(job("first"), encoding="utf-8")
        assert check(project)[:2] == (1, ["b.py:8:9 SRF101"])

    def test_equal_findings_are_counted(self, project: Path) -> None:
        twice = LOOP.format(name="first") + "    for review in reviews:\n        client.responses.create(input=review)\n"
        (project / "src" / "a.py").write_text(f"{HEAD}{twice}{LOOP.format(name='second')}", encoding="utf-8")
        assert check(project)[:2] == (1, ["src/a.py:10:9 SRF101"])
        assert run(project, "baseline", "create", "--force")[1] == f"Wrote 3 findings to {DEFAULT_NAME}."
        assert entries(project) == [("src/a.py", "first", 2), ("src/a.py", "second", 1)]
        assert check(project) == (0, [], "")

    def test_it_is_the_same_from_anywhere_and_under_flake8(self, project: Path) -> None:
        assert doors.surfacelint(project / "src", "check", "a.py").returncode == 0
        assert run(project, "check", "--isolated", "--baseline", DEFAULT_NAME)[0] == 0
        if doors.FLAKE8_KNOWS_US:
            assert doors.flake8(project, "--select=SRF") == []

    def test_sarif_says_that_they_are_suppressed_elsewhere(self, project: Path) -> None:
        (log,) = json.loads(run(project, "check", "--output-format", "sarif")[1])["runs"]
        known = {"kind": "external", "justification": f"known in {DEFAULT_NAME}"}
        assert [result["suppressions"] for result in log["results"]] == [[known], [known]]

    def test_the_summary_counts_them(self, project: Path) -> None:
        assert run(project, "check")[1] == "All clear: 1 file checked, 2 findings suppressed. 2 LLM requests seen, 2 workloads judged."


class TestComments:
    """A comment that silences nothing is known like anything else; that a file cannot be checked never is."""

    COMMENTS = "x = 1  # noqa: SRF101\ny = 2  # surfacelint: ignore[SRF102, SRF301]\nz = 3  # surfacelint: ignore\n"

    @pytest.fixture(autouse=True)
    def with_comments(self, project: Path) -> None:
        (project / "b.py").write_text(self.COMMENTS, encoding="utf-8")
        assert check(project)[1] == ["b.py:1:8 SRF900", "b.py:2:8 SRF900", "b.py:3:8 SRF900"]
        assert run(project, "baseline", "create", "--force")[1] == f"Wrote 5 findings to {DEFAULT_NAME}."

    def test_they_are_known(self, project: Path) -> None:
        assert check(project) == (0, [], "")
        (project / "b.py").write_text(f"{self.COMMENTS}x = 1  # noqa: SRF101\n", encoding="utf-8")
        assert check(project)[:2] == (1, ["b.py:4:8 SRF900"])

    def test_they_are_gone_with_the_comments(self, project: Path) -> None:
        (project / "b.py").write_text("x = 1\n", encoding="utf-8")
        lines = run(project, "baseline", "check")[1].splitlines()
        assert lines[:-1] == ["fixed: b.py: SRF900", "fixed: b.py: SRF900 SRF101", "fixed: b.py: SRF900 SRF102, SRF301"]
        assert check(project) == (0, [], f"baseline: removed 3 fixed findings from {DEFAULT_NAME}")

    @pytest.mark.parametrize("arguments", [("--select", "SRF2,SRF900"), ("--ignore", "SRF900"), ("--ignore", "SRF1,SRF301"), ("src",)])
    def test_what_was_not_judged_is_not_gone(self, project: Path, arguments: tuple[str, ...]) -> None:
        assert check(project, *arguments)[2] == ""
        assert len(entries(project)) == 5


class TestShrinking:
    def test_it_shrinks_by_itself(self, project: Path) -> None:
        (project / "src" / "a.py").write_text(job("second"), encoding="utf-8")
        assert check(project) == (0, [], f"baseline: removed 1 fixed finding from {DEFAULT_NAME}")
        assert entries(project) == [("src/a.py", "second", 1)]
        (project / "src" / "a.py").write_text(job("first", "second"), encoding="utf-8")
        assert check(project)[:2] == (1, ["src/a.py:8:9 SRF101"])
        assert entries(project) == [("src/a.py", "second", 1)]

    def test_a_file_that_is_gone(self, project: Path) -> None:
        (project / "b.py").write_text("", encoding="utf-8")
        (project / "src" / "a.py").unlink()
        assert check(project, "b.py") == (0, [], "")
        assert check(project) == (0, [], f"baseline: removed 2 fixed findings from {DEFAULT_NAME}")
        assert entries(project) == []

    @pytest.mark.parametrize("arguments", [("other.py",), ("--select", "SRF2"), ("--per-file-ignores", "a.py:SRF1"), (".", "nope")])
    def test_what_was_not_looked_for_is_not_gone(self, project: Path, arguments: tuple[str, ...]) -> None:
        (project / "other.py").write_text("", encoding="utf-8")
        (project / "src" / "a.py").write_text("", encoding="utf-8")
        check(project, *arguments)
        assert entries(project) == [("src/a.py", "first", 1), ("src/a.py", "second", 1)]

    def test_nothing_is_gone_where_something_cannot_be_read(self, project: Path) -> None:
        (project / "src" / "a.py").write_text("import openai\n", encoding="utf-8")
        (project / "other.py").write_text("import openai\ndef f(:\n", encoding="utf-8")
        assert check(project)[0] == 2
        assert len(entries(project)) == 2
        code, _, said = run(project, "baseline", "shrink")
        broken, sentence = said.splitlines()
        assert (code, broken.startswith("error: other.py:2: not checked: syntax error")) == (2, True)
        assert sentence == "error: not everything could be checked, so fixed findings are unknown; the baseline is unchanged"

    def test_code_on_standard_input_changes_nothing(self, project: Path) -> None:
        command = ("check", "--stdin-filename", "src/a.py", "-")
        assert doors.surfacelint(project, *command, text="").returncode == 0
        assert len(entries(project)) == 2

    @pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="needs a folder that cannot be written")
    def test_one_that_cannot_be_written_is_a_warning(self, project: Path) -> None:
        (project / "src" / "a.py").write_text("", encoding="utf-8")
        project.chmod(0o555)
        code, _, said = check(project)
        project.chmod(0o755)
        assert (code, said.startswith("warning: ")) == (0, True)


class TestCommands:
    def test_without_a_command_the_help_is_shown(self, project: Path) -> None:
        code, out, said = run(project, "baseline")
        assert (code, out, said.startswith("Usage: surfacelint baseline"), said.count("\n") > 10) == (2, "", True, True)

    def test_check_says_what_is_new_and_what_is_gone(self, project: Path) -> None:
        assert run(project, "baseline", "check") == (0, "2 known, 0 new, 0 fixed.", "")
        (project / "src" / "a.py").write_text(job("second", "third"), encoding="utf-8")
        code, out, _ = run(project, "baseline", "check")
        new, gone, total = out.splitlines()
        assert (code, new.startswith("new: src/a.py:13:9: SRF101 ")) == (1, True)
        assert (gone, total) == ("fixed: src/a.py: SRF101 client.responses.create in first", "1 known, 1 new, 1 fixed.")
        assert len(entries(project)) == 2

    def test_shrink(self, project: Path) -> None:
        (project / "src" / "a.py").write_text(job("second", "third"), encoding="utf-8")
        assert run(project, "baseline", "shrink") == (0, f"Removed 1 finding from {DEFAULT_NAME}, 1 left.", "")
        assert entries(project) == [("src/a.py", "second", 1)]

    @pytest.mark.skipif(os.name == "nt", reason="links need rights there")
    @pytest.mark.parametrize("command", [("baseline", "create", "--force"), ("baseline", "shrink"), ("check", "--baseline", DEFAULT_NAME)])
    def test_nothing_is_written_through_a_link_out_of_the_project(self, project: Path, command: tuple[str, ...]) -> None:
        outside = project.parent / f"{project.name}-outside.json"
        (project / DEFAULT_NAME).rename(outside)
        (project / DEFAULT_NAME).symlink_to(outside)
        before = outside.read_bytes()
        (project / "src" / "a.py").write_text(job("second"), encoding="utf-8")
        _, _, said = run(project, *command)
        assert f"{DEFAULT_NAME}: not written, because it links to " in said
        assert outside.read_bytes() == before

    def test_create_replaces_nothing_unasked(self, project: Path) -> None:
        before = (project / DEFAULT_NAME).read_bytes()
        code, out, said = run(project, "baseline", "create")
        assert (code, out, said.startswith(f"error: {DEFAULT_NAME}: already exists; ")) == (2, "", True)
        assert (project / DEFAULT_NAME).read_bytes() == before

    def test_create_from_what_could_not_be_checked(self, project: Path) -> None:
        (project / "b.py").write_text("def f(:\n", encoding="utf-8")
        (project / "c.py").write_text(job("third"), encoding="utf-8")
        code, out, said = run(project, "baseline", "create", "--force")
        assert (code, out, said.startswith("error: b.py:1: not checked: ")) == (2, f"Wrote 3 findings to {DEFAULT_NAME}.", True)
        assert check(project)[:2] == (2, ["b.py:1:7 SRF901"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "not a baseline: Expecting property name"),
        ("[]", "not a baseline: "),
        ("{}", "not a baseline: no 'version'"),
        ('{"version": 9, "findings": []}', "unsupported baseline version 9; this surfacelint reads version 1; "),
        ('{"version": 1, "findings": [{"code": "SRF101"}]}', "not a baseline: no 'path'"),
        (
            '{"version": 1, "findings": [{"code": 1, "path": "a", "function": "f", "call": "g", "count": 1}]}',
            "not a baseline: 1 is not a string",
        ),
        (
            '{"version": 1, "findings": [{"code": "a", "path": "a", "function": "f", "call": "g", "count": 0}]}',
            "not a baseline: 0 is not a",
        ),
        ("\udcff", "not valid UTF-8 in line 1"),
        (None, "baseline not found; create it with `surfacelint baseline create`"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_one_line(project: Path, text: str | None, problem: str) -> None:
    (project / DEFAULT_NAME).unlink()
    if text is not None:
        (project / DEFAULT_NAME).write_bytes(text.encode("utf-8", "surrogateescape"))
    code, out, said = run(project, "check")
    assert (code, out, said.startswith(f"error: {DEFAULT_NAME}: {problem}"), said.count("\n")) == (2, "", True, 0)
