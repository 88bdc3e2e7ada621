"""`check --watch` and `clean`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import doors
import pytest

from surfacelint.cli import watching
from surfacelint.system.file_dependencies import Dependencies

JOB = "import openai\n\nfor line in open('in.txt'):\n    print(openai.responses.create(model='x', input=line))\n"

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs signals")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "surfacelint.toml").touch()
    (tmp_path / "job.py").write_text(JOB, encoding="utf-8")
    return tmp_path


class Watch:
    """A process that watches a project."""

    def __init__(self, project: Path, *options: str) -> None:
        command = [sys.executable, "-u", "-m", "surfacelint", "check", "--watch", "--output-format", "concise", *options]
        self.process = subprocess.Popen(
            command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", start_new_session=True
        )

    def report(self) -> list[str]:
        """Return the lines up to the one that says that the process waits, without their ends."""
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            if line.startswith("watching: "):
                return lines
            lines.append(line.partition(": ")[0].strip() if "SRF" in line else line.strip())
        raise AssertionError(lines)


@pytest.fixture
def watch(project: Path) -> Iterator[Watch]:
    found = Watch(project)
    yield found
    if found.process.poll() is None:
        found.process.kill()
    found.process.communicate()


@POSIX
def test_it_follows_changes_until_it_is_interrupted(project: Path, watch: Watch) -> None:
    assert watch.report() == ["job.py:4:11"]
    (project / "job.py").write_text(f"\n{JOB}", encoding="utf-8")
    assert watch.report() == ["job.py:5:11"]
    (project / "more.py").write_text(JOB, encoding="utf-8")
    assert watch.report() == ["job.py:5:11", "more.py:4:11"]
    (project / "surfacelint.toml").write_text('ignore = ["SRF1"]\n', encoding="utf-8")
    assert watch.report() == []
    watch.process.send_signal(signal.SIGINT)
    output, _ = watch.process.communicate(timeout=30)
    assert (watch.process.returncode, output) == (0, "")


@POSIX
def test_wrong_settings_are_said_once(project: Path, watch: Watch) -> None:
    assert watch.report() == ["job.py:4:11"]
    (project / "surfacelint.toml").write_text("ignor = 1\n", encoding="utf-8")
    assert watch.process.stdout is not None
    assert watch.process.stdout.readline() == "error: surfacelint.toml:1: unknown key 'ignor'; did you mean 'ignore'?\n"
    (project / "surfacelint.toml").write_text("", encoding="utf-8")
    assert watch.report() == ["job.py:4:11"]


def test_what_changes_during_a_check_is_not_printed(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from click.testing import CliRunner

    from surfacelint import cli
    from surfacelint.pipeline import engine

    monkeypatch.chdir(project)
    analyse, runs = engine.run, []

    def slow(*given: object, **more: object) -> object:
        report = analyse(*given, **more)  # type: ignore[arg-type]
        runs.append(report)
        if len(runs) == 1:
            (project / "job.py").write_text("", encoding="utf-8")
        return report

    def interrupted(_: Dependencies) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "run", slow)
    monkeypatch.setattr(watching, "wait_for_change", interrupted)
    result = CliRunner().invoke(cli.main, ["check", "--watch", "--no-cache", "job.py"])
    assert (result.exit_code, len(runs)) == (0, 2)
    assert "SRF101" not in result.output


class TestClean:
    @pytest.fixture(autouse=True)
    def _default_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SURFACELINT_CACHE_DIR")

    def test_it_removes_the_cache_and_nothing_else(self, project: Path) -> None:
        doors.surfacelint(project, "check")
        assert (project / ".surfacelint_cache").is_dir()
        done = doors.surfacelint(project, "clean")
        assert (done.returncode, done.stdout) == (0, "Removed .surfacelint_cache.\n")
        assert sorted(path.name for path in project.iterdir()) == ["job.py", "surfacelint.toml"]
        assert doors.surfacelint(project, "clean").stdout == "There is no cache at .surfacelint_cache.\n"

    def test_foreign_files_stay(self, project: Path) -> None:
        doors.surfacelint(project, "check")
        (project / ".surfacelint_cache" / "notes.txt").write_text("mine", encoding="utf-8")
        done = doors.surfacelint(project, "clean")
        assert done.returncode == 2
        assert (project / ".surfacelint_cache" / "notes.txt").read_text(encoding="utf-8") == "mine"
        assert doors.surfacelint(project, "check").returncode == 1

    def test_a_folder_that_is_no_cache_stays(self, project: Path) -> None:
        (project / "mine").mkdir()
        (project / "mine" / "notes.txt").touch()
        done = doors.surfacelint(project, "clean", "--cache-dir", "mine")
        assert done.stdout == "There is no cache at mine.\n"
        assert (project / "mine" / "notes.txt").exists()

    def test_only_the_option_that_matters_is_offered(self, project: Path) -> None:
        said = doors.surfacelint(project, "clean", "--help").stdout
        assert "--cache-dir" in said
        assert "--select" not in said
