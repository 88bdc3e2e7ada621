"""What `check` writes into files: only comments, all else stays byte for byte."""

from __future__ import annotations

import codecs
import json
import os
import stat
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import doors
import pytest

import surfacelint
from surfacelint.cli.editing import Editing, Wishes
from surfacelint.config import Config
from surfacelint.pipeline.engine import run
from surfacelint.system.file_writing import Writing, write_together

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
ADDED_LINE = "input=review)  # surfacelint: ignore[SRF101] -- in May\n"
ADDED = JOB.replace("input=review)\n", ADDED_LINE)


needs_links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows, which knows no such rights")


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
    assert done.stderr == "warning: job.py:9: 3 suppression comments may be unused, which is unknown while broken.py:1 cannot be checked\n"


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
    assert "need files, not standard input" in done.stderr


@needs_links
class TestLinks:
    """What lies elsewhere is edited only where that is in the project."""

    @pytest.fixture
    def elsewhere(self, tmp_path: Path) -> Path:
        """A project of somebody else, and one beside it."""
        for name in ("other", "project", "other/pkg"):
            (tmp_path / name).mkdir()
        (tmp_path / "project" / "surfacelint.toml").touch()
        for name in ("theirs.py", "pkg/theirs.py"):
            (tmp_path / "other" / name).write_text(JOB, encoding="utf-8")
        (tmp_path / "project" / "job.py").write_text(JOB, encoding="utf-8")
        return tmp_path / "other"

    def run(self, elsewhere: Path, *arguments: str) -> tuple[int, str, list[str]]:
        """Return exit status, output and the lines on stderr of `check`, after making sure that nothing elsewhere has changed."""
        done = doors.surfacelint(elsewhere.parent / "project", "check", "--output-format", "concise", *arguments)
        assert sorted(path.name for path in elsewhere.iterdir()) == ["pkg", "theirs.py"]
        assert {path.read_text(encoding="utf-8") for path in elsewhere.rglob("*.py")} == {JOB}
        return done.returncode, done.stdout, done.stderr.splitlines()

    @pytest.mark.parametrize(("option", "expected"), [("--fix", FIXED), ("--add-ignores", ADDED.replace(" -- in May", ""))])
    def test_a_link_out_of_the_project_is_left_and_the_rest_is_edited(self, elsewhere: Path, option: str, expected: str) -> None:
        project = elsewhere.parent / "project"
        (project / "a.py").symlink_to(Path("..", "other", "theirs.py"))
        (project / "z.py").symlink_to(elsewhere / "theirs.py")
        code, _, said = self.run(elsewhere, option)
        place = elsewhere / "theirs.py"
        left = f"not edited, because it links to {place} outside the project; pass that file by name to edit it"
        assert code == 2
        assert [line for line in said if line.startswith("error")] == [f"error: a.py: {left}", f"error: z.py: {left}"]
        assert (project / "job.py").read_text(encoding="utf-8") == expected
        assert (project / "a.py").is_symlink()

    @pytest.mark.parametrize("option", ["--fix", "--add-ignores", "--diff"])
    @pytest.mark.parametrize("named", ["pkg", "pkg/theirs.py", "deep/theirs.py"])
    def test_a_folder_behind_a_link_is_left(self, elsewhere: Path, option: str, named: str) -> None:
        project = elsewhere.parent / "project"
        (project / "pkg").symlink_to(elsewhere / "pkg")
        (project / "there").symlink_to(elsewhere)
        (project / "deep").symlink_to(Path("there", "pkg"))
        code, output, said = self.run(elsewhere, option, named)
        assert code == 2
        assert "outside the project" in said[-1]
        assert "theirs.py" not in output.partition("@@")[0] or option == "--fix"

    def test_a_link_inside_of_the_project_is_edited_where_it_leads(self, elsewhere: Path) -> None:
        project = elsewhere.parent / "project"
        (project / "src").mkdir()
        (project / "job.py").rename(project / "src" / "real.py")
        (project / "again.py").symlink_to(Path("src", "real.py"))
        (project / "job.py").symlink_to(Path("src", "real.py"))
        code, _, said = self.run(elsewhere, "--add-ignores", "--reason", "in May", "job.py", "again.py", "src")
        assert (code, said) == (0, [])
        assert (project / "src" / "real.py").read_text(encoding="utf-8") == ADDED
        code, _, said = self.run(elsewhere, "--fix", "job.py")
        assert said == ["fixed: 3 findings"]
        assert (project / "src" / "real.py").read_text(encoding="utf-8") == FIXED.replace("input=review)\n", ADDED_LINE)
        assert (project / "job.py").is_symlink()
        assert (project / "again.py").is_symlink()

    def test_a_project_behind_a_link_is_edited(self, elsewhere: Path) -> None:
        (elsewhere.parent / "link").symlink_to(elsewhere.parent / "project")
        done = doors.surfacelint(elsewhere.parent, "check", "--fix", "link")
        assert done.stderr == "fixed: 3 findings\n"
        assert (elsewhere.parent / "project" / "job.py").read_text(encoding="utf-8") == FIXED


@pytest.mark.parametrize("option", ["--fix", "--add-ignores"])
def test_what_is_read_only_stays_and_the_rest_is_edited(project: Path, option: str) -> None:
    for name in ("a.py", "b.py", "c.py"):
        (project / name).write_text(JOB, encoding="utf-8")
    (project / "b.py").chmod(0o444)
    done = doors.surfacelint(project, "check", option)
    assert done.returncode == 2
    assert "error: b.py: not edited, because it is read-only; make it writable\n" in done.stderr
    assert [(project / name).read_text(encoding="utf-8") == JOB for name in ("a.py", "b.py", "c.py")] == [False, True, False]


@pytest.mark.parametrize("moment", ["before it is read again", "while it is written"])
def test_a_change_of_another_program_is_not_lost(project: Path, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "a.py").write_text(JOB, encoding="utf-8")
    (project / "b.py").write_text(JOB, encoding="utf-8")
    monkeypatch.chdir(project)
    theirs = f"# another program was here\n{JOB}"

    def change(path: Path, *_: object) -> None:
        if Path(path).name == "b.py":
            (project / "b.py").write_text(theirs, encoding="utf-8")

    if moment == "while it is written":

        def late(writings: Sequence[Writing]) -> None:
            change(writings[0].place)
            write_together(writings)

        monkeypatch.setattr("surfacelint.fixing.working_copy.write_together", late)
    config = Config(root=project, cache=False)
    report = surfacelint.check(["."], config)
    if moment == "before it is read again":
        change(project / "b.py")
    editing = Editing(["."], config, lambda paths, given, fixes: run(paths, config, given=given, fixes=fixes))
    editing.apply(report, Wishes(fixes=False, unsafe=False, comments=True, reason="in May"))
    assert editing.write().comments == 1
    assert (project / "a.py").read_text(encoding="utf-8") == ADDED
    assert (project / "b.py").read_text(encoding="utf-8") == theirs
    assert [problem.partition(": ")[0] for problem in editing.problems] == ["b.py"]
    assert sorted(path.name for path in project.iterdir()) == ["a.py", "b.py", "surfacelint.toml"]


@needs_links
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o640])
def test_rights_stay(project: Path, mode: int) -> None:
    job = project / "job.py"
    job.write_text(JOB, encoding="utf-8")
    job.chmod(mode)
    for option in ("--add-ignores", "--fix"):
        before = job.read_bytes()
        doors.surfacelint(project, "check", option)
        assert job.read_bytes() != before
        assert stat.S_IMODE(job.stat().st_mode) == mode


def tree(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder without the cache."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".surfacelint_cache" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


CHANGES = [("--fix",), ("--add-ignores", "--reason", "in May"), ("--fix", "--add-ignores"), ("--fix", "--unsafe-fixes")]


class TestDiff:
    @pytest.fixture
    def job(self, project: Path) -> Path:
        """A job with a baseline of which one entry is gone."""
        (project / "job.py").write_text(JOB.replace("SRF302", "SRF102"), encoding="utf-8")
        (project / "b.py").write_bytes(JOB.replace("\n", "\r\n").encode())
        row = {"code": "SRF101", "path": "job.py", "function": "gone", "call": "ask", "count": 1}
        (project / "known.json").write_text(json.dumps({"version": 1, "findings": [row]}), encoding="utf-8")
        return project

    @pytest.mark.parametrize("options", [(), *CHANGES])
    def test_nothing_is_written(self, job: Path, options: tuple[str, ...]) -> None:
        before = tree(job)
        done = doors.surfacelint(job, "check", "--baseline", "known.json", "--diff", *options)
        assert done.returncode == 1
        assert done.stdout.startswith("--- b.py\n+++ b.py\n@@")
        assert tree(job) == before

    @pytest.mark.parametrize("options", CHANGES)
    def test_it_shows_what_would_be_written(self, job: Path, options: tuple[str, ...]) -> None:
        (job / "b.py").unlink()
        shown = doors.surfacelint(job, "check", "--diff", *options).stdout
        before = tree(job)
        doors.surfacelint(job, "check", *options)
        written = tree(job)
        assert written != before
        for name in written:
            (job / name).unlink()
        for name, data in before.items():
            (job / name).write_bytes(data)
        (job / "the.diff").write_text(shown, encoding="utf-8", newline="\n")
        subprocess.run(["git", "apply", "-p0", "the.diff"], cwd=job, check=True)
        (job / "the.diff").unlink()
        assert tree(job) == written
        again = doors.surfacelint(job, "check", "--diff", *options)
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")

    def test_only_line_feeds_end_lines_of_a_diff(self, job: Path) -> None:
        odd = "    # a\x0cb\n\x0c\n    x = '\u2028\x85'\n    # \x1c \x0b\n    # c\r    d = 1\r    print"
        (job / "job.py").write_bytes(JOB.replace("    print", odd).encode())
        self.test_it_shows_what_would_be_written(job, ("--fix",))

    def test_git_can_apply_it_to_other_encodings(self, job: Path) -> None:
        (job / "job.py").write_bytes(f"# -*- coding: latin-1 -*-\n{JOB}# \xe9".encode("latin-1"))
        before = tree(job)
        doors.surfacelint(job, "check", "--diff", "--fix", "-o", "the.diff")
        doors.surfacelint(job, "check", "--fix")
        written = tree(job)
        assert b"# \xe9" in written.pop("the.diff")
        for name, data in before.items():
            (job / name).write_bytes(data)
        shown = doors.surfacelint(job, "check", "--diff", "--fix").stdout
        assert shown.encode("utf-8", "surrogateescape") == (job / "the.diff").read_bytes()
        subprocess.run(["git", "apply", "-p0", "the.diff"], cwd=job, check=True)
        (job / "the.diff").unlink()
        assert tree(job) == written

    def test_exit_zero(self, job: Path) -> None:
        assert doors.surfacelint(job, "check", "--diff", "--exit-zero").returncode == 0
        (job / "broken.py").write_text("def", encoding="utf-8")
        assert doors.surfacelint(job, "check", "--diff", "--exit-zero").returncode == 2


def test_fixes_come_before_comments(project: Path) -> None:
    (project / "job.py").write_text(JOB, encoding="utf-8")
    done = doors.surfacelint(project, "check", "--fix", "--add-ignores", "--reason", "in May")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Added 1 comment.\n", "fixed: 3 findings\n")
    assert (project / "job.py").read_text(encoding="utf-8") == FIXED.replace("input=review)\n", ADDED_LINE)


@pytest.mark.parametrize(("text", "options", "status"), [(JOB, (), 1), (JOB, ("--exit-zero",), 0), ("x = 1  # noqa: SRF101\n", (), 0)])
def test_the_status_is_about_what_remains(project: Path, text: str, options: tuple[str, ...], status: int) -> None:
    (project / "job.py").write_text(text, encoding="utf-8")
    assert doors.surfacelint(project, "check", "--fix", *options).returncode == status


def test_fixable_findings_are_marked_and_counted(project: Path) -> None:
    (project / "job.py").write_text("x = 1  # noqa: SRF101\n", encoding="utf-8")
    done = doors.surfacelint(project, "check")
    assert "job.py:1:8: SRF900 [fix] unused suppression: `SRF101`\n" in done.stdout
    assert done.stdout.endswith("Found 1 finding (1 file checked).\n1 fixable with `--fix`.\n")


def test_no_setting_turns_fixes_on(project: Path) -> None:
    (project / "job.py").write_text(JOB, encoding="utf-8")
    for key in ("fix", "unsafe-fixes"):
        (project / "surfacelint.toml").write_text(f"{key} = true\n", encoding="utf-8")
        done = doors.surfacelint(project, "check")
        assert (done.returncode, done.stderr.partition(";")[0]) == (2, f"error: surfacelint.toml:1: unknown key '{key}'")
    assert (project / "job.py").read_text(encoding="utf-8") == JOB


def test_comments_of_notebooks(project: Path) -> None:
    def notebook(code: str) -> str:
        cells = [
            {"cell_type": "code", "source": ["%pip install openai\n"]},
            {"cell_type": "code", "source": code.splitlines(keepends=True)},
        ]
        return json.dumps({"cells": cells, "metadata": {}}, indent=1, ensure_ascii=False) + "\n"

    book = project / "book.ipynb"
    book.write_text(notebook(JOB), encoding="utf-8")
    done = doors.surfacelint(project, "check", "--fix", "--add-ignores", "--reason", "in May")
    assert (done.stdout, done.stderr) == ("Added 1 comment.\n", "fixed: 3 findings\n")
    assert book.read_text(encoding="utf-8") == notebook(FIXED.replace("input=review)\n", ADDED_LINE))
    assert doors.surfacelint(project, "check").returncode == 0
