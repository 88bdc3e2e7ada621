"""What git is asked about a hostile repository: nothing of it is run, nothing is fetched, and every question ends."""

from __future__ import annotations

import ast
import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import doors
import hostile
import pytest
from hostile import FOUND, GIT, JOB, Repository

import surfacelint
from surfacelint.config import Config
from surfacelint.server import analysis_process
from surfacelint.system import git

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.skipif(os.name == "nt", reason="the programs that must not run are written in shell"),
]


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """A repository, not yet hostile, in which a test runs."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "job.py").write_text(JOB, encoding="utf-8")
    sandbox = doors.Sandbox(tmp_path)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setattr(git, "_waited", [0.0])
    with hostile.alarm(tmp_path / "alarm") as alarm:
        made = Repository(project, sandbox, alarm)
        assert made.git("init", "-q", ".").returncode == 0
        yield made


def found(folder: Path, project: Path) -> list[str]:
    """Return the places of findings in a folder, as the API has them."""
    report = surfacelint.check([folder], Config(root=project, cache=False))
    return [
        f"{Path(each.location.path).name}:{each.location.span.start.line}:{each.location.span.start.column + 1} {each.rule.code}"
        for each in report.findings
    ]


OLD = """
unset GIT_NO_LAZY_FETCH
for word; do
    shift
    case "$word" in safe.bareRepository=*) word=color.ui=false;; esac
    set -- "$@" "$word"
done
"""
"""What makes a git old: it neither knows the variable (2.45) nor the setting (2.38)."""


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have surfacelint find an old git."""
    monkeypatch.setenv("PATH", f"{hostile.stand_in(tmp_path / 'bin', OLD)}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("age", ["of today", "old"])
@pytest.mark.parametrize("way", hostile.WAYS.values(), ids=hostile.WAYS)
def test_nothing_is_run_and_nothing_is_fetched(there: Repository, way: hostile.Way, age: str, request: pytest.FixtureRequest) -> None:
    if age == "old":
        request.getfixturevalue("old")
    command = way(there)
    there.alarm.forget()
    assert FOUND in found(there.folder, there.folder)
    assert not there.alarm.rang
    there.git(*command)
    if not there.alarm.rang:
        pytest.skip("this git does not even do it where it takes no care")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_no_pager_is_run(there: Repository) -> None:
    there.git("add", "-A")
    there.set(core__pager=there.alarm.program)
    there.git("config", "pager.ls-files", "true")
    assert FOUND in found(there.folder, there.folder)
    assert not there.alarm.rang
    ours, theirs = os.openpty()
    try:
        subprocess.run([GIT, "ls-files"], cwd=there.folder, env=there.sandbox.environment, stdout=theirs, stderr=theirs, check=False)
    finally:
        os.close(ours)
        os.close(theirs)
    assert there.alarm.rang


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("check", "--output-format", "concise", "{}"), "SRF101"),
        (("explain", "{}/job.py:5"), "SRF101"),
        (("baseline", "create", "{}"), "Wrote 1 finding"),
        (("check", "--output-format", "concise", "--add-ignores", "{}"), "Added 1 comment"),
        (("flake8", "{}"), "SRF101"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
@pytest.mark.parametrize("delivered", ["archive", "clone"])
@pytest.mark.usefixtures("old")
def test_no_command_runs_what_a_repository_names(there: Repository, command: tuple[str, ...], said: str, delivered: str) -> None:
    if command[0] == "flake8" and not doors.FLAKE8_KNOWS_US:
        pytest.skip("flake8 does not know the plugin")
    if delivered == "archive":
        hostile.ext(there)
        place, project = ".", there.folder
    else:
        folder = hostile.bare_inside(there)
        place, project = "sub", folder.parent
    assert not there.alarm.rang
    words = [word.format(place) for word in command]
    output = "\n".join(doors.flake8(project, *words[1:])) if words[0] == "flake8" else doors.surfacelint(project, *words).stdout
    assert said in output
    assert not there.alarm.rang
    there.git(*hostile.LIST, at=project / place)
    assert there.alarm.rang


def test_a_folder_that_looks_like_a_bare_repository_is_a_folder(there: Repository) -> None:
    clone = hostile.bare_inside(there).parent
    (clone / ".gitignore").write_text("ignored.py\n", encoding="utf-8")
    for name in ("ignored.py", "new.py"):
        (clone / "sub" / name).write_text(JOB, encoding="utf-8")
    assert found(clone / "sub", clone) == [FOUND, "new.py:5:9 SRF101"]
    assert not there.alarm.rang


def test_git_is_not_looked_for_in_the_code_under_analysis(there: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(there.alarm.program, there.folder / "git")
    monkeypatch.chdir(there.folder)
    for start in (".", "", "tools/.."):
        monkeypatch.setenv("PATH", f"{start}{os.pathsep}{os.environ['PATH']}")
        assert FOUND in found(there.folder, there.folder)
        assert not there.alarm.rang
    subprocess.run(["git", "--version"], check=False)
    assert there.alarm.rang


def test_what_git_is_told_by_its_environment(there: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    monkeypatch.setenv("PATH", f"{hostile.stand_in(tmp_path / 'bin', f'env > {told}')}{os.pathsep}{os.environ['PATH']}{os.pathsep}.")
    for name in ("DIR", "INDEX_FILE", "SSH_COMMAND", "EXTERNAL_DIFF", "ASKPASS", "PROXY_COMMAND", "TRACE", "PAGER", "EDITOR", "CONFIG"):
        monkeypatch.setenv(f"GIT_{name}", str(there.alarm.program))
    for name, value in {"COUNT": "1", "KEY_0": "safe.directory", "VALUE_0": "*"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assert FOUND in found(there.folder, there.folder)
    variables = dict(line.partition("=")[::2] for line in told.read_text(encoding="utf-8").splitlines())
    ours = {"GIT_ALLOW_PROTOCOL", "GIT_NO_LAZY_FETCH", "GIT_OPTIONAL_LOCKS", "GIT_TERMINAL_PROMPT"}
    theirs = {f"GIT_CONFIG_{name}" for name in ("GLOBAL", "SYSTEM", "COUNT", "KEY_0", "VALUE_0")}
    assert {name for name in variables if name.startswith("GIT_")} == ours | theirs
    assert "." not in variables["PATH"].split(os.pathsep)


def test_one_module_starts_programs() -> None:
    """Others may fork, and the language server starts Python.

    What would start another program is named nowhere else, but in the module that fixes add to other projects.
    """
    starting = {"system", "popen", "startfile", "posix_spawn", "posix_spawnp"}
    modules: dict[str, set[str]] = {}
    package = Path(surfacelint.__file__).parent
    for path in set(package.rglob("*.py")) - {package / "codemods" / "llm_batch.py"}:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named: list[str] = []
            if isinstance(node, ast.Import):
                named = [each.name for each in node.names if each.name in ("subprocess", "multiprocessing", "pty")]
            elif isinstance(node, ast.ImportFrom):
                named = [node.module or ""] if node.module in ("subprocess", "multiprocessing", "pty", "asyncio") else []
            elif isinstance(node, ast.Attribute) and node.attr.startswith("create_subprocess"):
                named = [node.attr]
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
                named = [node.attr] if node.attr in starting or node.attr.startswith(("exec", "spawn")) else []
            elif isinstance(node, ast.Constant) and node.value in ("git", "git.exe"):
                named = [str(node.value)]
            if named:
                modules.setdefault(path.relative_to(package).as_posix(), set()).update(named)
    assert modules == {
        "system/git.py": {"subprocess", "git", "git.exe"},
        "system/cloning.py": {"subprocess"},  # starts git
        "system/bounded_process.py": {"subprocess"},  # starts Python
        "flake8/handover.py": {"multiprocessing"},  # asks which process it is in
        "server/analysis_process.py": {"create_subprocess_exec"},
    }
    assert "command = [sys.executable, " in (package / "system" / "bounded_process.py").read_text(encoding="utf-8")
    assert "command = [program, " in (package / "system" / "cloning.py").read_text(encoding="utf-8")
    assert "create_subprocess_exec(*COMMAND, " in (package / "server" / "analysis_process.py").read_text(encoding="utf-8")
    assert analysis_process.COMMAND[0] == sys.executable


def _in_ignore(there: Repository) -> Path:
    return there.folder / ".gitignore"


def _in_ignore_below(there: Repository) -> Path:
    (there.folder / "pkg").mkdir()
    return there.folder / "pkg" / ".gitignore"


def _in_index(there: Repository) -> Path:
    return there.folder / ".git" / "index"


def _in_exclude(there: Repository) -> Path:
    (there.folder / ".git" / "info").mkdir(exist_ok=True)
    (there.folder / ".git" / "info" / "exclude").unlink(missing_ok=True)
    return there.folder / ".git" / "info" / "exclude"


def _in_excludes_file(there: Repository) -> Path:
    there.set(core__excludesFile=there.folder / "pipe")
    return there.folder / "pipe"


def _in_included(there: Repository) -> Path:
    there.set(include__path=there.folder / "pipe")
    return there.folder / "pipe"


def _in_settings(there: Repository) -> Path:
    (there.folder / ".git" / "config").unlink()
    return there.folder / ".git" / "config"


PIPES = [_in_ignore, _in_ignore_below, _in_index, _in_exclude, _in_excludes_file, _in_included, _in_settings]


def waits(pipe: Path) -> bool:
    """Say whether a process goes on waiting for what is written to a pipe. To ask ends its waiting."""
    time.sleep(0.3)  # what was ended takes a moment to go
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError as error:
        assert error.errno == errno.ENXIO
        return False
    return True


@pytest.mark.parametrize("starting", ["exec", ""], ids=["itself", "by another program"])
@pytest.mark.parametrize("place", PIPES)
def test_a_pipe_that_nothing_is_written_to_ends_no_run(
    there: Repository, place: Callable[[Repository], Path], starting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{hostile.stand_in(tmp_path / 'bin', '', starting)}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(git, "PATIENCE", 0.3)
    pipe = place(there)
    os.mkfifo(pipe)
    report = surfacelint.check([there.folder], Config(root=there.folder, cache=False))
    assert git._waited == [git.PATIENCE]
    assert [each.rule.code for each in report.findings] == ["SRF101"]
    assert report.warnings[0].startswith(f"{there.folder}: git does not answer, so ignored files are checked, too")
    assert not waits(pipe)
    try:
        subprocess.run([GIT, *hostile.LIST], cwd=there.folder, capture_output=True, timeout=0.3, check=False)
    except subprocess.TimeoutExpired:
        return
    pytest.skip("this git does not even wait where it takes no care")


def test_all_pipes_of_a_run_are_waited_for_together(there: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "PATIENCE", 0.4)
    for number in range(30):
        inner = there.folder / f"inner{number}"
        inner.mkdir()
        (inner / "a.py").write_text(JOB, encoding="utf-8")
        assert there.git("init", "-q", ".", at=inner).returncode == 0
        os.mkfifo(inner / ".gitignore")
    assert len(found(there.folder, there.folder)) == 31
    assert git._waited == [git.PATIENCE]
