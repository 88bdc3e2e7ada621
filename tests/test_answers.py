"""A run is only answered from memory as long as nothing has changed that it rests on, and whatever lies in the cache is no way in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from zlib import crc32

import pytest
from click.testing import CliRunner

from surfacelint.cache import replay
from surfacelint.cli import main
from surfacelint.system import file_dependencies
from surfacelint.system.file_dependencies import Dependencies

JOB = """
from openai import OpenAI

def main(reviews):
    for review in reviews:
        OpenAI().responses.create(model="gpt-5-mini", input=review)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(file_dependencies, "FRESH", 0)
    monkeypatch.delenv(replay.VARIABLE, raising=False)
    root = tmp_path / "above" / "project"
    (root / "src" / "empty").mkdir(parents=True)
    (root / "pyproject.toml").write_text("", encoding="utf-8")
    (root / "src" / "job.py").write_text(JOB, encoding="utf-8")
    (root / "src" / "other.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.chdir(root)
    return root


def repeated(*arguments: str) -> int | None:
    return replay.replay_run(arguments)


def run(*arguments: str) -> tuple[int, str]:
    """Run a command, as a process of its own would, that finds no answer; return the exit code and what it printed."""
    repeated(*arguments)
    result = CliRunner().invoke(main, list(arguments))
    return result.exit_code, result.output


@pytest.mark.parametrize(
    "arguments", [("check",), ("check", "src"), ("check", "--output-format", "json", "src/job.py"), ("check", "nowhere.py")]
)
def test_the_same_is_printed_again(project: Path, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    run("check")  # makes the folder of the cache
    code, said = run(*arguments)
    capfd.readouterr()
    assert repeated(*arguments) == code
    out, err = capfd.readouterr()
    assert sorted((out + err).splitlines()) == sorted(said.splitlines())


def test_the_first_run_is_remembered(project: Path) -> None:
    assert run("check")[0] == 1
    assert repeated("check") == 1


def test_nothing_is_imported_for_it(project: Path) -> None:
    run("check")
    program = (
        "import os, sys; from surfacelint import startup; from surfacelint.cache import replay;"
        f"replay._key = lambda arguments: {replay.key(['check'])!r};"
        "leave = os._exit; os._exit = lambda code: (print(*sys.modules, file=sys.stderr, flush=True), leave(code));"
        "startup.main()"
    )
    done = subprocess.run([sys.executable, "-c", program, "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "SRF101" in done.stdout
    assert not {"click", "libcst", "pathlib", "re", "dataclasses", "subprocess", "surfacelint.cli"} & set(done.stderr.split())


def write(path: str, text: str = "") -> Callable[[Path], object]:
    def change(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")

    return change


def swap(root: Path) -> None:
    """Give a file another content of the same length and the same time."""
    path = root / "src" / "job.py"
    status = path.stat()
    path.write_text(JOB.replace("review", "pebble"), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


CHANGES = {
    "an edited file": write("src/job.py", JOB + "\n"),
    "a file with the times of the old one": swap,
    "a file of no interest": write("src/other.py", "x = 2\n"),
    "a new file": write("src/new.py", JOB),
    "a new file where none was": write("src/empty/new.py", JOB),
    "a file that is gone": lambda root: (root / "src" / "other.py").unlink(),
    "other settings": write("pyproject.toml", "[tool.surfacelint]\nignore = ['SRF101']\n"),
    "settings of a folder": write("src/surfacelint.toml", "ignore = ['SRF101']\n"),
    "settings above": write("../surfacelint.toml", "ignore = ['SRF101']\n"),
    "an environment": write("src/pyvenv.cfg"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_changes_are_noticed(project: Path, what: str) -> None:
    run("check", "src")
    assert repeated("check", "src") == 1
    CHANGES[what](project)
    assert repeated("check", "src") is None
    run("check", "src")
    assert repeated("check", "src") is not None


def test_settings_that_are_named_are_watched(project: Path) -> None:
    (project / "more").mkdir()
    for name, text in {"more/far.toml": "min-items = 5\n", "more/near.toml": "extend = 'far.toml'\nmin-items = 7\n"}.items():
        (project / name).write_text(text, encoding="utf-8")
    arguments = ("check", "--config", "more/near.toml", "src")
    run(*arguments)
    assert repeated(*arguments) == 1
    (project / "more" / "far.toml").write_text("min-items = 6\n", encoding="utf-8")
    assert repeated(*arguments) is None


def test_the_surroundings_are_part_of_the_question(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("check", "--no-cache")
    assert repeated("check", "--no-cache") is None
    run("check", ".")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert repeated("check", ".") is None
    monkeypatch.delenv("FORCE_COLOR")
    monkeypatch.chdir(project / "src")
    assert repeated("check", ".") is None
    monkeypatch.chdir(project)
    assert repeated("check", ".") == 1


def test_what_was_new_is_not_trusted(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_dependencies, "FRESH", 3_600_000_000_000)
    run("check")
    assert repeated("check") is None


def test_git_is_asked_again(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    run("check")
    assert repeated("check") == 1
    (project / ".git" / "info").mkdir(exist_ok=True)
    (project / ".git" / "info" / "exclude").write_text("job.py\n", encoding="utf-8")
    assert repeated("check") is None


@pytest.mark.parametrize("option", [("--verbose",), ("--timings",), ("--output-file", "out"), ("--fix",), ("--diff",), ("--add-ignores",)])
def test_only_plain_checks_are_remembered(project: Path, option: tuple[str, ...]) -> None:
    run("check", *option)
    assert repeated("check", *option) is None


def test_a_named_folder_is_used(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("check", "--cache-dir", "../there")
    assert repeated("check", "--cache-dir", "../there") == 1
    run("check", "--cache-dir=../here")
    assert repeated("check", "--cache-dir=../here") == 1
    monkeypatch.setenv(replay.VARIABLE, str(tmp_path / "elsewhere"))
    run("check")
    assert repeated("check") == 1
    assert not (project / replay.FOLDER).exists()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", '[tool.surfacelint]\ncache-dir = "kept"  # for all\n'),
        ("pyproject.toml", "tool.surfacelint.cache-dir = 'src/kept'\n"),
        ("surfacelint.toml", 'cache-dir="src/../kept"\n'),
    ],
)
def test_a_folder_that_settings_name_is_used(project: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str) -> None:
    (project / file).write_text(text, encoding="utf-8")
    run("check")
    assert repeated("check") == 1
    assert not (project / replay.FOLDER).exists()
    monkeypatch.chdir(project / "src")
    run("check", ".")
    assert repeated("check", ".") == 1
    (project / file).write_text(text.replace("kept", "other"), encoding="utf-8")
    assert repeated("check", ".") is None


def the_answer(project: Path) -> Path:
    (found,) = (project / replay.FOLDER / replay.PLACE).iterdir()
    return found


def test_fresh_files_only_count_for_those_who_waited(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("check")
    monkeypatch.setattr(file_dependencies, "FRESH", 10**15)
    dependencies = Dependencies()
    dependencies.look(os.fspath(project / "src" / "job.py"))
    started = time.time_ns()

    def found(since: int | None) -> bool:
        return replay.find((), b"key", since) is not None

    replay.keep(os.fspath(project / replay.FOLDER), dependencies, [(1, b"out")], 0, started, b"key")
    assert not found(started)
    replay.keep(os.fspath(project / replay.FOLDER), dependencies, [(1, b"out")], 0, started, b"key", awaited=True)
    assert (found(started), found(started + 1), found(None)) == (True, False, False)
    (project / "src" / "job.py").write_text("", encoding="utf-8")
    assert not found(started)


def test_a_copy_is_no_answer(project: Path) -> None:
    run("check")
    folder = project / replay.FOLDER
    shutil.copytree(folder, project / "copy")
    shutil.rmtree(folder)
    (project / "copy").rename(folder)
    assert repeated("check") is None


def test_damage_is_a_miss(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run("check")
    path = the_answer(project)
    whole = path.read_bytes()
    random = Random(1)
    for _ in range(200):
        data = bytearray(whole)
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        path.write_bytes(bytes(data[: random.choice((len(data), random.randrange(len(data))))]))
        assert repeated("check") is None
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    "rest",
    [b"", b"\n", b"1 2 3\n", b"-1 -1 -1 -1 -1 0 0\n", b"0 0 0 0 0 x 0\n", b"9 9 9 9 9 0 0\n" + b"\0" * 45, b"0 0 0 0 0 0 0 0\n", b"\xff\n"],
)
def test_a_false_answer_of_the_right_inode_neither_runs_nor_crashes(project: Path, rest: bytes) -> None:
    run("check")
    path = the_answer(project)
    with path.open("r+b") as file:
        file.truncate()
        status = os.fstat(file.fileno())
        file.write(b"surfacelint answer 2 %d %d %d\n%s" % (crc32(rest), status.st_ino, 7, rest))
    os.utime(path, ns=(7, 7))
    assert repeated("check") is None


def test_old_answers_go(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "MOST_ANSWERS", 3)
    for number in range(1, 7):
        run("check", f"--min-items={number}")
    assert len(list((project / replay.FOLDER / replay.PLACE).iterdir())) == 3
    assert repeated("check", "--min-items=6") == 1


def test_a_process_that_read_half_is_not_needed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "SPLIT", 2)
    run("check")
    assert repeated("check") == 1
    (project / "src" / "job.py").write_text(JOB + "\n", encoding="utf-8")
    assert repeated("check") is None
