"""What `check` writes into files: only comments, all else stays byte for byte."""

from __future__ import annotations

import codecs
import stat
from collections.abc import Callable
from pathlib import Path

import doors
import pytest

from surfacelint.facts.expressions import Position, Span
from surfacelint.findings import Applicability, Edit, Fix
from surfacelint.fixes import UnfixableError, applicable, apply

JOB = """\
from openai import OpenAI

client = OpenAI()


def run(reviews):
    for review in reviews:
        client.responses.create(model="gpt-5-mini", input=review)
    print("done")  # noqa: E501, SRF101
    # surfacelint: ignore[SRF302] -- é
    return None  # surfacelint: ignore
"""
FIXED = JOB.replace(", SRF101", "").replace("    # surfacelint: ignore[SRF302] -- é\n", "").replace("  # surfacelint: ignore\n", "\n")
ADDED = JOB.replace("input=review)\n", "input=review)  # surfacelint: ignore[SRF101] -- in May\n")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "surfacelint.toml").touch()
    return tmp_path


WRITINGS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "a byte order mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "another encoding": lambda text: f"# coding: latin-1\n{text}".encode("latin-1"),
    "carriage returns": lambda text: text.replace("\n", "\r\n").encode(),
    "mixed line ends": lambda text: text.replace("\n", "\r\n", 3).encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
}


@pytest.mark.parametrize("write", WRITINGS.values(), ids=WRITINGS)
def test_fix_takes_out_comments_and_nothing_else(project: Path, write: Callable[[str], bytes]) -> None:
    job = project / "job.py"
    job.write_bytes(write(JOB))
    shown = doors.surfacelint(project, "check", "--diff")
    assert (shown.returncode, shown.stdout.count("\n-"), job.read_bytes()) == (1, 3, write(JOB))
    done = doors.surfacelint(project, "check", "--fix", "--output-format", "concise")
    assert job.read_bytes() == write(FIXED)
    assert (done.returncode, done.stderr) == (1, "fixed: 3 findings\n")
    assert "SRF900" not in done.stdout
    again = doors.surfacelint(project, "check", "--fix")
    assert (again.stderr, job.read_bytes()) == ("", write(FIXED))
    assert doors.surfacelint(project, "check", "--diff").stdout == ""


@pytest.mark.parametrize("write", WRITINGS.values(), ids=WRITINGS)
def test_ignores_are_added_once(project: Path, write: Callable[[str], bytes]) -> None:
    job = project / "job.py"
    job.write_bytes(write(JOB))
    done = doors.surfacelint(project, "check", "--add-ignores", "--reason", "in May")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Added 1 comment.\n", "")
    assert job.read_bytes() == write(ADDED)
    assert doors.surfacelint(project, "check", "--add-noqa").stdout == "Added 0 comments.\n"
    assert job.read_bytes() == write(ADDED)


def test_rights_stay_and_no_draft_is_left(project: Path) -> None:
    job = project / "job.py"
    job.write_text(JOB, encoding="utf-8")
    job.chmod(0o755)
    doors.surfacelint(project, "check", "--fix")
    assert stat.S_IMODE(job.stat().st_mode) & 0o700 == 0o700
    assert sorted(path.name for path in project.iterdir()) == ["job.py", "surfacelint.toml"]


def test_malformed_comments_are_said_with_their_place(project: Path) -> None:
    (project / "job.py").write_text("x = 1  # surfacelint: ignored[SRF101]\n", encoding="utf-8")
    done = doors.surfacelint(project, "check")
    assert done.returncode == 0
    assert done.stderr == "warning: job.py:1: `# surfacelint: ignored[SRF101]` has an unknown word 'ignored'; did you mean 'ignore'?\n"


def test_nothing_is_unused_as_long_as_something_could_not_be_checked(project: Path) -> None:
    (project / "job.py").write_text(JOB, encoding="utf-8")
    (project / "broken.py").write_text("def", encoding="utf-8")
    done = doors.surfacelint(project, "check", "--output-format", "concise")
    assert done.returncode == 2
    assert "SRF900" not in done.stdout
    assert done.stderr == "warning: job.py:9: 3 comments may silence nothing, which is not known while broken.py:1 cannot be checked\n"


@pytest.mark.parametrize("option", ["--diff", "--add-ignores"])
def test_what_could_not_be_checked_is_said_where_findings_are_not_shown(project: Path, option: str) -> None:
    (project / "job.py").write_text(JOB, encoding="utf-8")
    (project / "broken.py").write_text("def", encoding="utf-8")
    done = doors.surfacelint(project, "check", option)
    assert done.returncode == 2
    assert done.stderr.startswith("error: broken.py:1: not checked: syntax error")


@pytest.mark.parametrize("arguments", [("--select", "SRF3"), ("--ignore", "SRF101,SRF302"), ("--per-file-ignores", "job.py:SRF")])
def test_comments_for_rules_that_are_not_enabled_are_not_judged(project: Path, arguments: tuple[str, ...]) -> None:
    text = JOB.replace("ignore[SRF302]", "ignore[SRF101]").replace("ignore\n", "ignore[SRF1]\n")
    (project / "job.py").write_text(text, encoding="utf-8")
    assert "SRF900" not in doors.surfacelint(project, "check", "--output-format", "concise", *arguments, "--extend-select", "SRF900").stdout


def test_standard_input_is_no_file(project: Path) -> None:
    done = doors.surfacelint(project, "check", "--fix", "-")
    assert (done.returncode, done.stdout) == (2, "")
    assert "standard input is none" in done.stderr


class TestEdits:
    def test_overlapping_fixes_wait(self) -> None:
        def fix(start: int, end: int, grade: Applicability = Applicability.SAFE) -> Fix:
            return Fix("", (Edit("a.py", Span(Position(1, start), Position(1, end)), ""),), grade)

        one, two, three = fix(0, 4), fix(2, 6), fix(4, 5, Applicability.UNSAFE)
        assert applicable([two, one, three], unsafe=False) == (one,)
        assert applicable([two, one, three], unsafe=True) == (one, three)

    def test_a_file_that_cannot_be_written_as_it_was_is_left(self) -> None:
        edit = Edit("a.py", Span(Position(1, 0), Position(1, 0)), "é")
        with pytest.raises(UnfixableError, match="cannot be edited"):
            apply(b"# coding: ascii\n", [edit])
