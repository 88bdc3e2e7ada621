"""How the processes of flake8 share one analysis: real flake8, and a count of analyses instead of seconds."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import doors
import pytest

from surfacelint.cache import marked_folder
from surfacelint.flake8 import handover
from surfacelint.system.file_dependencies import FRESH

pytestmark = pytest.mark.skipif(not doors.FLAKE8_KNOWS_US, reason="flake8 finds plugins by the metadata of the installed package")

SHARED = "from openai import OpenAI\n\nclient = OpenAI()\n\n\ndef ask(text):\n    return client.responses.create(model='m', input=text)\n"
JOB = "from shared import ask\n\n\ndef run(rows):\n    for row in rows:\n        ask(row)\n"
NAMES = ("first.py", "second.py", "third.py")
FOUND = [f"{name}:6:9 SRF101" for name in NAMES]

SECONDS = 300
"""When a test gives up waiting for another process."""

COUNTER = """
import importlib.abc
import importlib.machinery
import os
import sys
import time
import uuid


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "surfacelint.pipeline.engine":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            run = module.run

            def counted(*arguments, **options):
                open(os.path.join(os.environ["ANALYSES"], uuid.uuid4().hex), "x").close()
                while os.path.exists(os.environ["HOLD"]):
                    time.sleep(0.02)
                return run(*arguments, **options)

            module.run = counted

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder())
"""
"""Run by every new interpreter: counts analyses as files in a folder, and holds each up while a file exists."""


class Workshop:
    """A project whose analyses are counted, in every process that flake8 starts."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.project, self.hold, self._count = folder / "project", folder / "site" / "hold", folder / "count"
        self._count.mkdir()
        (folder / "site").mkdir()
        (folder / "site" / "sitecustomize.py").write_text(COUNTER, encoding="utf-8")
        self.project.mkdir()
        (self.project / "pyproject.toml").touch()
        (self.project / "shared.py").write_text(SHARED, encoding="utf-8")
        for name in NAMES:
            (self.project / name).write_text(JOB, encoding="utf-8")
        for name, value in (("PYTHONPATH", folder / "site"), ("ANALYSES", self._count), ("HOLD", self.hold)):
            monkeypatch.setenv(name, os.fspath(value))
        monkeypatch.setenv("SURFACELINT_CACHE_DIR", os.fspath(folder / "cache"))
        marked_folder.claim(os.fspath(folder / "cache"))

    def settle(self) -> None:
        """Wait until the times of all files are old enough to be trusted."""
        time.sleep(FRESH / 1e9 + 0.1)

    @property
    def analyses(self) -> int:
        return len(list(self._count.iterdir()))

    def flake8(self, *arguments: str, start: str = "") -> list[str]:
        return doors.flake8(self.project, "--select=SRF", *arguments, start=start)

    def background(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "flake8", "--select=SRF", "--format=%(path)s:%(row)d:%(col)d %(code)s", *arguments]
        return subprocess.Popen(command, cwd=self.project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")

    def until(self, analyses: int) -> None:
        """Wait until so many analyses have begun."""
        end = time.monotonic() + SECONDS
        while self.analyses < analyses:
            assert time.monotonic() < end
            time.sleep(0.02)


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return Workshop(tmp_path, monkeypatch)


def finish(process: subprocess.Popen[str]) -> list[str]:
    printed, problems = process.communicate(timeout=SECONDS)
    assert problems == ""
    return printed.splitlines()


def needs(start: str) -> None:
    if start not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {start} here")


class TestWorkers:
    @pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])
    def test_one_analysis_for_all_workers_cold_and_edited(self, workshop: Workshop, start: str) -> None:
        needs(start)
        assert (workshop.flake8("-j2", start=start), workshop.analyses) == (FOUND, 1)
        (workshop.project / "second.py").write_text(JOB.replace("import ask", "import ask  # edited"), encoding="utf-8")
        (workshop.project / "third.py").write_text(JOB.replace("rows:", "rows[:3]:"), encoding="utf-8")
        assert (workshop.flake8("-j2", start=start), workshop.analyses) == (FOUND[:2], 2)

    def test_without_a_cache(self, workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        needs("spawn")
        (tmp_path / "file").touch()
        monkeypatch.setenv("SURFACELINT_CACHE_DIR", os.fspath(tmp_path / "file" / "cache"))
        monkeypatch.setenv("TMPDIR", os.fspath(tmp_path))
        assert (workshop.flake8("-j2", start="spawn"), workshop.analyses) == (FOUND, 1)
        assert list(tmp_path.glob("surfacelint-*")) == []

    def test_nothing_is_handed_over_to_strangers(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", os.fspath(tmp_path))
        handover.hand_over(b"key", b"findings")
        (path,) = tmp_path.iterdir()
        assert path.read_bytes() == b"findings"
        assert os.name != "posix" or path.stat().st_mode & 0o077 == 0
        assert handover.received(b"key") is None

    def test_a_temporary_folder_is_not_needed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", os.fspath(tmp_path / "missing"))
        handover.hand_over(b"key", b"findings")

        def missing() -> str:
            raise FileNotFoundError

        monkeypatch.setattr("tempfile.gettempdir", missing)
        handover.hand_over(b"key", b"findings")

    @pytest.mark.parametrize("arguments", [("--select=E",), ("--ignore=S", "--select="), ("--bug-report",)])
    def test_nothing_is_analysed_for_nothing(self, workshop: Workshop, arguments: tuple[str, ...]) -> None:
        subprocess.run([sys.executable, "-m", "flake8", *arguments], cwd=workshop.project, capture_output=True, check=False)
        assert workshop.analyses == 0

    def test_excluded_files_are_not_analysed_one_by_one(self, workshop: Workshop) -> None:
        settings = '[tool.surfacelint]\nextend-exclude = ["second.py", "third.py"]\n'
        (workshop.project / "pyproject.toml").write_text(settings, encoding="utf-8")
        assert (workshop.flake8("-j1"), workshop.analyses) == (FOUND[:1], 1)

    def test_each_path_belongs_to_its_own_project(self, workshop: Workshop) -> None:
        other = workshop.project.with_name("other")
        shutil.copytree(workshop.project, other)
        (other / "surfacelint.toml").write_text("min-items = 'x'\n", encoding="utf-8")
        found = workshop.flake8("-j2", "first.py", "../other/first.py", "second.py", start="spawn")
        assert (found, workshop.analyses) == (["../other/first.py:1:1 SRF901", *FOUND[:2]], 1)
        (other / "surfacelint.toml").write_text("", encoding="utf-8")
        assert workshop.flake8("-j2", "first.py", "../other/first.py", "second.py") == ["../other/first.py:6:9 SRF101", *FOUND[:2]]

    def test_a_failure_is_not_repeated(self, workshop: Workshop, tmp_path: Path) -> None:
        broken = COUNTER.replace("return run(*arguments, **options)", "raise MemoryError('full')")
        (tmp_path / "site" / "sitecustomize.py").write_text(broken, encoding="utf-8")
        assert workshop.flake8("-j1") == [f"{name}:1:1 SRF901" for name in (NAMES[0], NAMES[1], "shared.py", NAMES[2])]
        assert workshop.analyses == 1


@pytest.mark.skipif(os.name != "posix", reason="results are not shared between commands there")
class TestCommands:
    def test_commands_at_once_share_an_analysis(self, workshop: Workshop) -> None:
        workshop.settle()
        workshop.hold.touch()
        running = [workshop.background("-j1", "first.py")]
        workshop.until(1)
        running += [workshop.background("-j1", name) for name in NAMES[1:]]
        time.sleep(1)
        workshop.hold.unlink()
        assert ([finish(each) for each in running], workshop.analyses) == ([[line] for line in FOUND], 1)

    def test_another_takes_over_when_the_owner_dies(self, workshop: Workshop) -> None:
        workshop.settle()
        workshop.hold.touch()
        owner = workshop.background("-j2")
        workshop.until(1)
        heirs = [workshop.background("-j1", *NAMES), workshop.background("-j1", *NAMES[1:])]
        time.sleep(1)
        assert workshop.analyses == 1
        owner.kill()
        owner.communicate()
        workshop.until(2)
        workshop.hold.unlink()
        assert ([finish(each) for each in heirs], workshop.analyses) == ([FOUND, FOUND[1:]], 2)
