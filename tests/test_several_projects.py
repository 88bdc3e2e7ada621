"""Each path belongs to the project it has alone, and a run that did not see everything is never clean."""

from __future__ import annotations

from pathlib import Path

import doors
import pytest

import surfacelint
from surfacelint.project import file_discovery

LLM = "import openai\n\n\ndef ask(text):\n    return openai.OpenAI().responses.create(input=text, model='m')\n"
JOB = "from {module} import ask\n\n\ndef run(rows):\n    for row in rows:\n        print(ask(row))\n"
CLEAN = "print('nothing to see')\n"


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_py", ".py").replace("_toml", ".toml").replace("DOT", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def check(folder: Path, *arguments: str) -> tuple[int, list[str], list[str]]:
    """Return the exit status, the findings as `path:row:column CODE`, and the lines on stderr."""
    done = doors.surfacelint(folder, "check", "--output-format", "concise", *arguments)
    return done.returncode, doors.places(done.stdout), done.stderr.splitlines()


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two projects beside each other, each with a module of its own behind the same name; the first one is returned."""
    for name in ("here", "other"):
        write(tmp_path / name, surfacelint_toml="", shared__llm_py=LLM, jobs__m_py=JOB.format(module="shared.llm"))
    write(tmp_path / "other", surfacelint_toml="min-items = 7\n", m_py=CLEAN)
    for number in range(30):
        write(tmp_path, **{f"folder{number}__x_py": CLEAN})
    return tmp_path / "here"


class TestTwoProjects:
    def test_each_path_is_judged_in_its_own_project(self, two: Path) -> None:
        alone = check(two, "jobs")
        assert alone == (1, ["jobs/m.py:6:15 SRF101"], [])
        assert check(two, "jobs", "../other/m.py") == alone
        code, found, _ = check(two, "jobs", "../other")
        assert (code, found) == (1, [f"{two.parent}/other/jobs/m.py:6:15 SRF101", *alone[1]])

    def test_each_project_has_its_own_settings(self, two: Path) -> None:
        write(two.parent / "other", surfacelint_toml='ignore = ["SRF101"]\n')
        assert check(two, "jobs", "../other")[1] == ["jobs/m.py:6:15 SRF101"]
        write(two.parent / "other", surfacelint_toml='severity = {SRF101 = "info"}\nfail-on = "warning"\n')
        assert check(two, "../other")[0] == 0
        assert check(two, "jobs", "../other")[0] == 1

    def test_the_api_agrees(self, two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(two)
        for config in (None, surfacelint.Config(cache=False)):
            report = surfacelint.check(["jobs", "../other/m.py"], config)
            assert ([each.rule.code for each in report.findings], report.files_checked, report.complete) == (["SRF101"], 2, True)

    @pytest.mark.skipif(not doors.FLAKE8_KNOWS_US, reason="flake8 does not know the plugin")
    def test_flake8_agrees(self, two: Path) -> None:
        write(two, jobs__n_py="from .gone import ask\n\nask(1)\n")
        found = doors.flake8(two, "--select=SRF", "jobs", "../other/m.py")
        assert found == ["jobs/m.py:6:15 SRF101", "jobs/n.py:1:1 SRF901"]

    def test_each_project_keeps_its_own_baseline(self, two: Path) -> None:
        done = doors.surfacelint(two, "baseline", "create", "jobs", "../other")
        assert done.stdout.count("Wrote 1 finding to ") == 2
        assert done.stderr.count("note: use it with `surfacelint check --baseline ") == 2
        done = doors.surfacelint(two, "baseline", "check", "jobs", "../other")
        assert (done.returncode, done.stdout) == (0, "2 known, 0 new, 0 fixed.\n")

    def test_one_baseline_of_both(self, two: Path) -> None:
        known = ("--baseline", "known.json", "jobs", "../other")
        assert doors.surfacelint(two, "baseline", "create", *known).stdout == "Wrote 2 findings to known.json.\n"
        assert check(two, *known) == (0, [], [])
        (two / "jobs" / "m.py").write_text(CLEAN, encoding="utf-8")
        assert doors.surfacelint(two, "baseline", "shrink", *known).stdout == "Removed 1 finding from known.json, 1 left.\n"

    def test_comments_are_added_in_both(self, two: Path) -> None:
        done = doors.surfacelint(two, "check", "--add-ignores", "jobs", "../other")
        assert (done.returncode, done.stdout) == (0, "Added 2 comments.\n")
        assert check(two, "jobs", "../other") == (0, [], [])

    def test_files_of_both_are_listed(self, two: Path) -> None:
        done = doors.surfacelint(two, "check", "--show-files", "jobs", "../other/m.py")
        assert done.stdout.splitlines() == ["jobs/m.py", f"{two.parent}/other/m.py"]


class TestWithoutMarkers:
    @pytest.fixture
    def loose(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A folder that nothing marks as a project."""
        write(tmp_path, shared__llm_py=LLM, jobs__m_py=JOB.format(module="shared.llm"))
        return tmp_path

    def test_all_ways_agree(self, loose: Path) -> None:
        found: tuple[int, list[str], list[str]] = (1, ["jobs/m.py:6:15 SRF101"], [])
        assert check(loose, ".") == check(loose, "jobs") == check(loose, "jobs/m.py") == found
        assert "Verdict: report (SRF101)" in doors.surfacelint(loose, "explain", "jobs/m.py:6").stdout

    def test_a_module_above_is_not_overlooked(self, loose: Path) -> None:
        code, found, said = check(loose / "jobs")
        assert (code, found) == (2, [])
        assert said == [
            f"error: m.py:1:1: `shared.llm` is in {loose}, outside of the project, so calls into it are unknown; "
            "run surfacelint in that folder, or add a pyproject.toml there"
        ]

    def test_a_walk_that_ends_early_is_not_clean(self, loose: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(file_discovery, "LOOSE_DIRECTORIES", 2)
        monkeypatch.chdir(loose)
        write(loose, a__b__c_py=CLEAN, jobs__m_py=CLEAN)
        report = surfacelint.check(["jobs"])
        assert not report.complete
        assert "has more than 2 folders, so calls into the rest are unknown" in report.errors[0]
        assert surfacelint.check(["."]).complete


class TestMissingModules:
    @pytest.mark.parametrize(
        ("text", "reported"),
        [
            ("from .gone import ask\nask(1)\n", True),
            ("from app.gone import ask\nask(1)\n", True),
            ("import app.gone\napp.gone.ask(1)\n", True),
            ("def later():\n    from .gone import ask\n    return ask\n\n\nask(2)\n", True),
            ("from .gone import Name\nx: Name\n", False),
            ("try:\n    from .gone import ask\nexcept ImportError:\n    ask = print\nask(1)\n", False),
            ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .gone import ask\nask(1)\n", False),
            ("'''\nfrom .gone import ask\n'''\nask(1)\n", False),
            ("from ._fast import ask\nask(1)\n", False),
            ("from numpy.random import rand\nrand(1)\n", False),
            ("from .here import ask\nask(1)\n", False),
        ],
    )
    def test_only_those_that_cannot_be_found_anywhere(self, tmp_path: Path, text: str, reported: bool) -> None:
        write(tmp_path, surfacelint_toml="", app____init___py="", app__here_py="def ask(x): ...\n", app__job_py=text)
        (tmp_path / "app" / "_fast.cpython-310.so").touch()
        (tmp_path / "app" / "job.py").write_text(text, encoding="utf-8")
        (tmp_path / "app" / "__init__.py").touch()
        report = surfacelint.check([str(tmp_path)], surfacelint.Config(root=tmp_path, cache=False))
        assert [error for error in report.errors if "does not exist, so calls into it are unknown" in error] == list(report.errors)
        assert len(report.errors) == reported


def test_settings_from_somewhere_else_are_not_clean(tmp_path: Path) -> None:
    write(tmp_path, surfacelint_toml='ignore = ["ALL"]\n', repo__m_py=CLEAN)
    (tmp_path / "repo" / ".git").mkdir()
    code, found, said = check(tmp_path / "repo")
    assert (code, found) == (2, [])
    assert "these settings are from outside of the project" in said[-1]
    assert check(tmp_path / "repo", "--isolated")[0] == check(tmp_path / "repo", "--config", "../surfacelint.toml")[0] == 0
