"""What a run says about itself: what it has seen, that its output was lost, that others change the same files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import doors
import pytest

from surfacelint.project.brace_patterns import alternatives, separated

REQUEST = "import openai\n\n\ndef ask(text):\n    return openai.OpenAI().responses.create(input=text, model='m')\n"
JOB = "import openai\n\nfor line in open('in.txt'):\n    print(openai.responses.create(model='x', input=line))\n"

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs a shell and locks")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "surfacelint.toml").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print('hello')\n", "All clear: 1 file checked. No LLM requests seen.\n"),
        (REQUEST, "All clear: 1 file checked. 1 LLM request seen, 0 workloads judged.\n"),
        (f"{REQUEST}\n\nfor n in range(3):\n    ask(str(n))\n", "All clear: 1 file checked. 1 LLM request seen, 1 workload judged.\n"),
    ],
)
def test_clean_is_not_the_same_as_blind(project: Path, code: str, said: str) -> None:
    (project / "a.py").write_text(code, encoding="utf-8")
    assert doors.surfacelint(project, "check").stdout == said  # analysed
    (project / "surfacelint.toml").write_text("\n", encoding="utf-8")
    assert doors.surfacelint(project, "check").stdout == said  # from cached workloads


@POSIX
@pytest.mark.parametrize("command", ["check", "rule"])
def test_a_closed_stdout_is_an_error(project: Path, command: str) -> None:
    (project / "job.py").write_text(JOB, encoding="utf-8")
    script = f'"{sys.executable}" -m surfacelint {command} >&-'
    done = subprocess.run(["sh", "-c", script], cwd=project, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (2, "error: standard output: cannot be written: it is closed\n")


@POSIX
def test_four_processes_add_one_comment(project: Path) -> None:
    (project / "job.py").write_text(JOB, encoding="utf-8")
    command = [sys.executable, "-m", "surfacelint", "check", "--add-ignores"]
    runs = [subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, encoding="utf-8") for _ in range(4)]
    said = sorted(run.communicate()[0] for run in runs)
    assert said == ["Added 0 comments.\n"] * 3 + ["Added 1 comment.\n"]
    assert [run.returncode for run in runs] == [0] * 4
    assert (project / "job.py").read_text(encoding="utf-8").count("surfacelint: ignore") == 1


class TestBraces:
    @pytest.mark.parametrize(
        ("pattern", "expected"),
        [
            ("plain", ("plain",)),
            ("{a,b}", ("a", "b")),
            ("x/{a,b}/*.{py,ipynb}", ("x/a/*.py", "x/a/*.ipynb", "x/b/*.py", "x/b/*.ipynb")),
            ("{a,{b,c}d}", ("a", "bd", "cd")),
            ("{a}", ("a",)),
            ("{a,}b", ("ab", "b")),
            ("{a", ("{a",)),
            ("a}{b", ("a}{b",)),
            ("{a{b,c}", ("{ab", "{ac")),
        ],
    )
    def test_alternatives(self, pattern: str, expected: tuple[str, ...]) -> None:
        assert alternatives(pattern) == expected

    def test_commas_in_braces_do_not_separate(self) -> None:
        assert separated("{a,b}/*,c") == ["{a,b}/*", "c"]
        assert separated("{a,b") == ["{a", "b"]

    @pytest.mark.parametrize(
        "options",
        [
            ("--exclude", "{src,tools}"),
            ("--exclude", "./{src,tools}/*.py"),
            ("--per-file-ignores", "**/{src,tools}/*:SRF101"),
            ("--per-file-ignores", "!{src,tools}/*:SRF1,{src,tools}/*:SRF1"),
        ],
    )
    def test_they_work_wherever_patterns_do(self, project: Path, options: tuple[str, ...]) -> None:
        for name in ("src/a.py", "tools/b.py", "c.py"):
            (project / name).parent.mkdir(exist_ok=True)
            (project / name).write_text(JOB if "/" in name else "", encoding="utf-8")
        assert doors.surfacelint(project, "check").returncode == 1
        assert doors.surfacelint(project, "check", *options).returncode == 0


class TestUnreadFiles:
    @pytest.fixture
    def broken(self, project: Path) -> Path:
        """A project with a module that cannot be parsed, and two that import it."""
        (project / "app").mkdir()
        (project / "app" / "llm.py").write_text("import openai\n\n\ndef ask(t)  # noqa: SRF901\n    return t\n", encoding="utf-8")
        for name in ("one.py", "two.py"):
            (project / "app" / name).write_text("from app.llm import ask\n\nfor row in open('x'):\n    ask(row)\n", encoding="utf-8")
        return project

    def test_it_says_how_many_files_count_on_it(self, broken: Path) -> None:
        done = doors.surfacelint(broken, "check")
        assert done.stdout.startswith("app/llm.py:4:13: SRF901 not checked: syntax error")
        assert "\nhelp: calls into it are unknown: 2 files import it and are checked without it\n" in done.stdout

    def test_a_file_that_counts_on_it_is_not_clean_alone(self, broken: Path) -> None:
        done = doors.surfacelint(broken, "check", "app/one.py")
        assert (done.returncode, done.stdout) == (2, "No findings, but not everything could be checked (1 file checked).\n")
        assert done.stderr.startswith("error: app/llm.py:4:13: not checked: syntax error")
        assert done.stderr.endswith("; requested files import it\n")

    @pytest.mark.parametrize(
        ("options", "where"),
        [
            (("--ignore", "SRF901"), "command line"),
            (("--per-file-ignores", "*.py:SRF901"), "command line: '*.py'"),
            ((), "app/llm.py:4"),
        ],
    )
    def test_it_says_why_it_is_not_ignored(self, broken: Path, options: tuple[str, ...], where: str) -> None:
        done = doors.surfacelint(broken, "check", *options)
        why = "SRF901 cannot be ignored, because code that is not checked must not look clean; exclude the file, or repair it"
        assert done.returncode == 2
        assert f"warning: {where}: {why}\n" in done.stderr

    def test_a_byte_that_is_not_utf8_is_pointed_at(self, project: Path) -> None:
        (project / "a.py").write_bytes(b"x = 1\ny = 'caf\xe9'\n")
        assert doors.surfacelint(project, "check").stdout.startswith("a.py:2:9: SRF901 not checked: not valid UTF-8 in line 2")


def test_the_frame_of_a_notebook_shows_its_magics(project: Path) -> None:
    source = "%%time\nimport openai\nfor line in open('x'):\n    !ls {line}\n    openai.responses.create(input=line)\n"
    cell: dict[str, object] = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (project / "book.ipynb").write_text(json.dumps(book), encoding="utf-8")
    said = doors.surfacelint(project, "check").stdout
    assert "\n4 |     !ls {line}\n5 |     openai.responses.create(input=line)\n" in said


@POSIX
def test_a_diff_without_safe_fixes_says_at_a_terminal_which_option_has_more(project: Path) -> None:
    import pty

    (project / "job.py").write_text(JOB, encoding="utf-8")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "surfacelint", "check", "--diff"]
    done = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, stderr=theirs, check=False)
    os.close(theirs)
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    assert (done.returncode, done.stdout) == (0, b"")
    assert said.endswith("note: there is nothing to change without further options: 1 fixable with `--unsafe-fixes`.\r\n")
    assert doors.surfacelint(project, "check", "--diff").stderr == ""
