"""`--diff-base`: only findings that a revision has not, whatever moved."""

from __future__ import annotations

import json
from pathlib import Path

import doors
import pytest

JOB = "import openai\n\n\ndef {name}(rows):\n    for row in rows:\n        print(openai.responses.create(model='m', input=row))\n"
FIRST, SECOND = JOB.format(name="run"), JOB.format(name="more").replace("import openai\n", "")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one finding, in its first commit."""
    root = tmp_path / "project"
    (root / "app").mkdir(parents=True)
    for name, text in {"surfacelint.toml": "", "app/__init__.py": "", "app/job.py": FIRST}.items():
        (root / name).write_text(text, encoding="utf-8")
    doors.Sandbox(tmp_path).commit(root)
    return root


def added(project: Path, *arguments: str, revision: str = "HEAD") -> tuple[int, list[str]]:
    done = doors.surfacelint(project, "check", "--output-format", "concise", "--diff-base", revision, *arguments)
    assert done.stderr == ""
    return done.returncode, doors.places(done.stdout)


def test_nothing_is_added_by_moving_lines_or_files(project: Path) -> None:
    assert doors.surfacelint(project, "check").returncode == 1
    assert added(project) == (0, [])
    (project / "app" / "job.py").write_text(f"# one\n# two\n{FIRST}", encoding="utf-8")
    assert added(project) == (0, [])
    (project / "app" / "job.py").rename(project / "app" / "moved.py")
    assert added(project) == (0, [])


def test_what_is_added_is_found(project: Path) -> None:
    (project / "app" / "job.py").write_text(FIRST + "\n\n" + SECOND, encoding="utf-8")
    (project / "app" / "new.py").write_text(FIRST, encoding="utf-8")
    found = ["app/job.py:13:15 SRF101", "app/new.py:6:15 SRF101"]
    assert added(project) == added(project, "app") == (1, found)
    assert added(project, "app/job.py") == (1, found[:1])


def test_a_helper_that_now_sends_requests_counts(project: Path) -> None:
    """The added finding is in a file that did not change."""
    (project / "app" / "ask.py").write_text("def ask(row):\n    return row\n", encoding="utf-8")
    (project / "app" / "user.py").write_text("from app.ask import ask\n\nfor row in open('x'):\n    ask(row)\n", encoding="utf-8")
    doors.Sandbox(project.parent).run(project, "git", "add", "--all")
    assert doors.Sandbox(project.parent).run(project, "git", "commit", "--quiet", "--message=two").returncode == 0
    text = "import openai\n\n\ndef ask(row):\n    return openai.responses.create(model='m', input=row)\n"
    (project / "app" / "ask.py").write_text(text, encoding="utf-8")
    assert added(project) == (1, ["app/user.py:4:5 SRF101"])
    assert added(project, revision="HEAD~1") == (1, ["app/user.py:4:5 SRF101"])


def test_the_settings_are_those_of_the_working_tree(project: Path) -> None:
    (project / "surfacelint.toml").write_text('select = ["SRF102"]\n', encoding="utf-8")
    doors.Sandbox(project.parent).run(project, "git", "commit", "--quiet", "--all", "--message=two")
    (project / "surfacelint.toml").write_text("", encoding="utf-8")
    assert added(project) == (0, [])


def test_it_writes_nothing(project: Path) -> None:
    (project / "app" / "job.py").write_text(FIRST + SECOND, encoding="utf-8")
    git = project / ".git"
    before = {path: path.stat().st_mtime_ns for path in (project, git, git / "index", *git.rglob("*"))}
    added(project, "--no-cache")
    assert {path: path.stat().st_mtime_ns for path in (project, git, git / "index", *git.rglob("*"))} == before


@pytest.mark.parametrize("form", ["json", "json-lines", "sarif", "github", "gitlab", "junit", "rdjson", "markdown", "html", "full"])
def test_every_format_shows_only_what_is_added(project: Path, form: str) -> None:
    (project / "app" / "job.py").write_text(FIRST + "\n\n" + SECOND, encoding="utf-8")
    text = doors.surfacelint(project, "check", "--output-format", form, "--diff-base", "HEAD").stdout
    if form == "sarif":
        (log,) = json.loads(text)["runs"]
        assert [each["suppressions"] for each in log["results"]] == [[], [{"kind": "external", "justification": "also in HEAD"}]]
    else:
        assert text.count("SRF101") > 0
        assert "`run`" not in text
        assert "app/job.py:6" not in text


@pytest.mark.parametrize(("revision", "said"), [("nope", "unknown revision 'nope' in ."), ("--all", "unknown revision '--all' in .")])
def test_an_unknown_revision_is_one_line(project: Path, revision: str, said: str) -> None:
    done = doors.surfacelint(project, "check", f"--diff-base={revision}")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: --diff-base: {said}\n")


def test_a_shallow_clone_says_what_to_do(project: Path) -> None:
    sandbox = doors.Sandbox(project.parent)
    sandbox.run(project, "git", "commit", "--quiet", "--allow-empty", "--message=two")
    sandbox.run(project.parent, "git", "clone", "--quiet", "--depth=1", project.as_uri(), "clone")
    done = doors.surfacelint(project.parent / "clone", "check", "--diff-base", "HEAD~1")
    assert done.returncode == 2
    assert "this clone is shallow: fetch the revision first" in done.stderr


def test_without_a_repository(tmp_path: Path) -> None:
    (tmp_path / "surfacelint.toml").touch()
    (tmp_path / "a.py").touch()
    done = doors.surfacelint(tmp_path, "check", "--diff-base", "HEAD")
    assert (done.returncode, done.stderr) == (2, "error: --diff-base needs a git repository, and . is in none\n")


def test_a_file_that_was_broken_is_a_warning(project: Path) -> None:
    (project / "app" / "job.py").write_text("def f(:\n", encoding="utf-8")
    doors.Sandbox(project.parent).run(project, "git", "commit", "--quiet", "--all", "--message=two")
    (project / "app" / "job.py").write_text(FIRST, encoding="utf-8")
    done = doors.surfacelint(project, "check", "--diff-base", "HEAD", "--output-format", "concise")
    assert done.returncode == 1
    assert done.stderr == "warning: app/job.py: could not be checked in HEAD, so all of its findings count as new\n"
