"""`surfacelint --bug-report`: it says what maintainers need, nothing of the project, and works where little else does."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import doors
import pytest
from click.testing import CliRunner

import surfacelint
from surfacelint import cli
from surfacelint.cache.last_run import LastRun, last_run, remember
from surfacelint.cache.marked_folder import claim
from surfacelint.config import settings
from surfacelint.pipeline import engine
from surfacelint.system.environment import MISSING, PACKAGES
from surfacelint.system.timings import Timings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MARK = "zebra"
"""A word in every name, path and text of the project."""

SETTINGS = f"""\
extend = "../{MARK}.toml"
select = ["SRF1", "SRF202"]
extend-select = ["SRF3"]
ignore = ["SRF105"]
extend-ignore = ["SRF106"]
per-file-ignores = {{ "{MARK}/*" = ["SRF2"] }}
severity = {{ SRF1 = "error" }}
fail-on = "warning"
include = ["{MARK}*.py", "*.ipynb"]
extend-include = ["{MARK}"]
exclude = ["{MARK}-old", "b", "c"]
extend-exclude = ["{MARK}-older"]
force-exclude = true
baseline = "{MARK}.json"
min-items = 300
min-calls-per-day = 7
workloads = {{ "{MARK}:{MARK}_run" = {{ volume = "200/day" }} }}
check-tests = true
batch-module = "{MARK}_batch"
output-format = "concise"
jobs = 1
cache = true
cache-dir = "{MARK}_cache"

[catalogue]
http-calls = ["{MARK}.post"]
"""
CODE = f"""\
from openai import OpenAI

{MARK}_client = OpenAI(api_key="{MARK}-secret")


def {MARK}_run({MARK}s):
    for {MARK} in {MARK}s:
        {MARK}_client.responses.create(model="{MARK}-5", input={MARK})
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one finding, in the folder that runs see as the current one."""
    for name in list(os.environ):
        if name.startswith("SURFACELINT_"):
            monkeypatch.delenv(name)
    folder = tmp_path / f"{MARK} folder"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    (folder / f"{MARK}.py").write_text(CODE, encoding="utf-8")
    return folder


def sections(folder: Path) -> dict[str, dict[str, str | int | float]]:
    done = doors.surfacelint(folder, "--bug-report", "json")
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, dict[str, str | int | float]] = json.loads(done.stdout)
    return found


def both(folder: Path) -> str:
    """Return the report in both formats."""
    return "".join(doors.surfacelint(folder, "--bug-report", each).stdout for each in ("markdown", "json"))


class TestContents:
    def test_versions_are_those_of_what_is_installed(self, project: Path) -> None:
        found = sections(project)["versions"]
        assert found["surfacelint"] == surfacelint.__version__
        assert str(found["python"]).split()[1] == ".".join(map(str, sys.version_info[:3]))
        assert str(found["click"])[0].isdigit()
        assert (found["Git"] == MISSING) == (shutil.which("git") is None)

    def test_all_packages_that_users_may_have_are_listed(self) -> None:
        pyproject = tomllib.loads((doors.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        extras = [
            name for extra, names in pyproject["optional-dependencies"].items() if extra not in ("dev", "sdks", "docs") for name in names
        ]
        assert {re.split(r"[<>=; ]", name)[0] for name in (*pyproject["dependencies"], *extras)} == set(PACKAGES)

    def test_settings_that_cannot_hold_texts_are_shown(self, project: Path) -> None:
        (project / "surfacelint.toml").write_text(SETTINGS, encoding="utf-8")
        (project.parent / f"{MARK}.toml").write_text('min-items = 200\nextend-exclude = ["d"]\n', encoding="utf-8")
        found = sections(project)["settings"]
        assert found["files"] == "another file, surfacelint.toml"
        assert found["min-items"] == "300 (another file, surfacelint.toml)"
        assert found["select"] == "SRF1 SRF202 (surfacelint.toml)"
        assert found["severity"] == "SRF1: error (surfacelint.toml)"
        assert found["per-file-ignores"] == "a pattern: SRF2 (surfacelint.toml)"
        assert found["exclude"] == "3 given (surfacelint.toml)"
        assert found["extend-exclude"] == "2 given (another file, surfacelint.toml)"
        assert found["workloads"] == "1 given (surfacelint.toml)"
        assert found["batch-module"] == found["baseline"] == found["cache-dir"] == "given (surfacelint.toml)"
        assert found.keys() - {"files", "all others"} == {each.key for each in settings().values()}

    def test_added_rows_are_counted(self, project: Path) -> None:
        assert sections(project)["catalogue rows added"] == {"rows": 0}
        (project / "surfacelint.toml").write_text(SETTINGS, encoding="utf-8")
        (project.parent / f"{MARK}.toml").write_text("", encoding="utf-8")
        assert sections(project)["catalogue rows added"] == {"http_calls": 1}

    def test_the_last_run_and_the_cache(self, project: Path) -> None:
        before = sections(project)
        assert before["cache"] == {"used": "True", "place": "default", "state": "does not exist"}
        assert list(before["last run"]) == ["known"]
        assert sorted(path.name for path in project.iterdir()) == ["pyproject.toml", f"{MARK}.py"]
        assert doors.surfacelint(project, "check").returncode == 1
        after = sections(project)
        assert after["cache"]["state"] == "is writable"
        assert str(after["cache"]["outlines"]).startswith("1, ")
        assert (after["last run"]["SRF101 findings"], after["last run"]["requests seen"]) == (1, 1)
        assert isinstance(after["last run"]["linking (s)"], float)
        assert doors.surfacelint(project, "clean").returncode == 0
        assert sorted(path.name for path in project.iterdir()) == ["pyproject.toml", f"{MARK}.py"]

    def test_markdown_has_the_same(self, project: Path) -> None:
        done = doors.surfacelint(project, "--bug-report")
        rows = re.findall(r"^- (.+?): `(.*)`$", done.stdout, re.MULTILINE)
        found = [(name, str(value)) for rows in sections(project).values() for name, value in rows.items()]
        assert [name for name, _ in rows] == [name for name, _ in found]
        assert len({*rows} ^ {*found}) <= 6  # backticks, and what differs from run to run
        assert done.stdout.startswith("## surfacelint bug report\n")


class TestNothingOfTheProject:
    def test_after_a_run_with_every_setting(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (project / "surfacelint.toml").write_text(SETTINGS, encoding="utf-8")
        (project.parent / f"{MARK}.toml").write_text("", encoding="utf-8")
        for name in ("PYTHONPATH", "SOURCE_DATE_EPOCH", "GIT_DIR", "SURFACELINT_DEBUG"):
            monkeypatch.setenv(name, f"/{MARK}")
        assert doors.surfacelint(project, "baseline", "create").returncode == 0
        assert doors.surfacelint(project, "check").returncode == 0
        report = both(project)
        assert '"findings suppressed": 1' in report
        assert MARK not in report.lower()
        assert str(project.parent) not in report
        assert "PYTHONPATH" in report

    @pytest.mark.parametrize(
        "text",
        [f'min-items = "{MARK}"\n', f"{MARK} = 1\n", f"{MARK}\n", f'extend = "{MARK}"\n', f'[catalogue]\n{MARK} = ["{MARK}"]\n'],
    )
    def test_wrong_settings_are_told_on_stderr_only(self, project: Path, text: str) -> None:
        (project / "surfacelint.toml").write_text(text, encoding="utf-8")
        done = doors.surfacelint(project, "--bug-report")
        assert done.returncode == 2
        assert done.stderr.startswith("error: surfacelint.toml")
        assert done.stderr.count("\n") == 1
        assert MARK not in done.stdout
        assert "- error: `they cannot be read`\n" in done.stdout
        assert f"- surfacelint: `{surfacelint.__version__}`" in done.stdout

    @pytest.mark.parametrize("setting", [f'select = ["{MARK.upper()}"]', f'severity = {{ {MARK.upper()} = "error" }}'])
    def test_unknown_rules(self, project: Path, setting: str) -> None:
        (project / "surfacelint.toml").write_text(f"{setting}\n", encoding="utf-8")
        assert MARK not in doors.surfacelint(project, "--bug-report").stdout.lower()

    def test_a_failure_is_where_and_not_what(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        space: dict[str, Any] = {"__name__": f"{MARK}.module"}
        exec(f"def {MARK}(): raise ValueError('{MARK}')", space)
        monkeypatch.setattr(engine, "analyse_groups", lambda *_, **__: space[MARK]())
        monkeypatch.chdir(project)
        assert CliRunner().invoke(cli.main, ["check"]).exit_code == 2
        report = both(project)
        assert MARK not in report
        assert '"failed with": "ValueError"' in report
        assert re.search(r'"at": "surfacelint.+surfacelint\.pipeline\.engine:\d+ in _run > other"', report)

    def test_a_planted_record_is_not_shown(self, project: Path) -> None:
        cache = project / ".surfacelint_cache"
        claim(str(cache))
        timings = Timings({"rules": 0.5}, {"files": 3})
        plain = LastRun.failed(ValueError(), timings)
        remember(cache, project, plain)
        assert last_run(cache, project) == plain
        for timings in (Timings({f"[{MARK}](https://{MARK}.test)": 1.0}), Timings({}, {f"{MARK}\n": 1})):
            remember(cache, project, LastRun.failed(ValueError(), timings))
            assert last_run(cache, project) is None
            assert MARK not in both(project)


class TestOddPlaces:
    """The report is there, and complete but for what cannot be known."""

    def test_without_git_and_home(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        monkeypatch.delenv("HOME", raising=False)
        assert sections(project)["versions"]["Git"] == MISSING

    def test_without_metadata_of_packages(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.metadata.distribution", None)
        monkeypatch.chdir(project)
        done = CliRunner().invoke(cli.main, ["--bug-report"])
        assert done.exit_code == 0
        assert "- error: `TypeError`\n" in done.stdout
        assert "### Last run" in done.stdout

    @pytest.mark.skipif(os.name == "nt", reason="the current directory cannot be removed")
    def test_in_a_folder_that_is_gone(self, project: Path) -> None:
        program = "import os, sys; os.rmdir(os.getcwd()); from surfacelint.startup import main; main()"
        (project / "gone").mkdir()
        (project.parent / "start.py").write_text(program, encoding="utf-8")
        done = doors.script(project / "gone", project.parent / "start.py", "--bug-report")
        assert done.returncode == 2
        assert done.stderr == "error: the current directory does not exist any more; change to one that does\n"
        assert "### Versions" in done.stdout

    def test_with_an_output_that_has_few_characters(self, project: Path) -> None:
        command = [sys.executable, "-m", "surfacelint", "--bug-report"]
        variables = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(doors.REPOSITORY)}
        done = subprocess.run(command, cwd=project, env=variables, capture_output=True, encoding="ascii", check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert "- standard output: `ascii, not a terminal`\n" in done.stdout

    @pytest.mark.skipif(os.name == "nt", reason="needs links")
    @pytest.mark.parametrize("kind", ["file", "link", "folder"])
    def test_with_a_cache_that_is_none(self, project: Path, kind: str) -> None:
        cache = project / ".surfacelint_cache"
        if kind == "file":
            cache.write_text(MARK, encoding="utf-8")
        elif kind == "link":
            cache.symlink_to(project.parent)
        else:
            (cache / MARK).mkdir(parents=True)
        found = sections(project)
        assert found["cache"] in (
            {"used": "True", "place": "default", "state": "is not marked as a cache"},
            {"error": "CacheFolderError"},
        )
        assert (kind == "link") == ("error" in found["cache"])
        assert MARK not in str(found)

    def test_with_a_damaged_record(self, project: Path) -> None:
        assert doors.surfacelint(project, "check").returncode == 1
        (record,) = (project / ".surfacelint_cache" / "runs").iterdir()
        record.write_bytes(record.read_bytes()[:-2] + b"}}")
        assert list(sections(project)["last run"]) == ["known"]


def test_another_format_is_refused(project: Path) -> None:
    done = doors.surfacelint(project, "--bug-report", "xml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: Invalid value for '--bug-report': 'xml' is not one of 'markdown', 'json'; see `surfacelint --help`\n"
