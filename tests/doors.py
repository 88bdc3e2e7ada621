"""The doors that findings come out of, opened as users open them: the command line, flake8, pre-commit."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from forked_processes import CAN_FORK, PATIENCE, TIMEOUT, ForkServer

REPOSITORY = Path(__file__).parents[1]

_PACKAGED = ("surfacelint", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")

FLAKE8_KNOWS_US = any(entry.value.startswith("surfacelint.") for entry in importlib.metadata.entry_points(group="flake8.extension"))
"""Whether flake8 finds the plugin: by the metadata of the installed package, which a mere checkout lacks."""

IN_PROCESS = "SURFACELINT_TESTS_IN_PROCESS" in os.environ
"""Whether the command line runs in the process of the tests. Mutation testing sees only there which test reaches which function."""

EVERY = int(os.environ.get("SURFACELINT_TESTS_EVERY", "1"))
"""Of how many programs that run before and after their fix one is tested. Mutation testing has no time for all of them."""


def surfacelint(folder: Path, *arguments: str, text: str | None = None, seconds: int = TIMEOUT) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder; `text` is its standard input. Raises TimeoutExpired after so many seconds of CPU time."""
    if IN_PROCESS:
        return _called(folder, arguments, text)
    if CAN_FORK:
        return _server().run(folder, os.environ, ["-m", "surfacelint", *arguments], text, seconds)
    command = [sys.executable, "-m", "surfacelint", *arguments]
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, encoding="utf-8", timeout=PATIENCE * seconds, check=False)


def _called(folder: Path, arguments: tuple[str, ...], text: str | None) -> subprocess.CompletedProcess[str]:
    from click.testing import CliRunner

    from surfacelint.cli import main

    before = Path.cwd()
    os.chdir(folder)
    try:
        done = CliRunner().invoke(main, arguments, input=text, prog_name="surfacelint")
    finally:
        os.chdir(before)
    return subprocess.CompletedProcess(list(arguments), done.exit_code, done.stdout, done.stderr)


def script(folder: Path, path: Path, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder; `text` is its standard input."""
    argv = [os.fspath(path), *arguments]
    variables = {**os.environ, "PYTHONPATH": os.fspath(REPOSITORY)}
    if CAN_FORK:
        return _server().run(folder, variables, argv, text)
    command = [sys.executable, *argv]
    return subprocess.run(command, cwd=folder, env=variables, input=text, capture_output=True, encoding="utf-8", check=False)


@cache
def _server() -> ForkServer:
    return ForkServer((), {**os.environ, "PYTHONHASHSEED": "0"})  # so that what fails fails again


def flake8(folder: Path, *arguments: str, text: str | None = None, start: str = "") -> list[str]:
    """Return the lines `path:row:column CODE` that flake8 prints about a folder.

    `text` is what it reads from standard input, `start` how it is to start its workers.
    """
    program = f"import multiprocessing; multiprocessing.set_start_method({start!r}); " if start else ""
    program += "from flake8.main.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", program, "--format=%(path)s:%(row)d:%(col)d %(code)s", *arguments]
    done = subprocess.run(command, cwd=folder, input=text, capture_output=True, encoding="utf-8", check=False)
    assert done.stderr == ""
    assert done.returncode == bool(done.stdout)
    return [line.removeprefix(f".{os.sep}").replace(os.sep, "/") for line in done.stdout.splitlines()]


def places(concise: str) -> list[str]:
    """Return the lines `path:row:column CODE` of what the concise format says, whatever else is printed around it."""
    lines = [line.partition(": SRF") for line in concise.splitlines()]
    return [f"{place} SRF{rest[:3]}" for place, found, rest in lines if found]


class Sandbox:
    """A place where git and pre-commit know nothing of the user's own settings and caches."""

    def __init__(self, folder: Path) -> None:
        """Keep what pre-commit installs in a folder."""
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "PYTHON"))},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.org",
            "PRE_COMMIT_HOME": str(folder / "pre-commit"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def run(self, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder."""
        return subprocess.run(command, cwd=folder, env=self.environment, capture_output=True, encoding="utf-8", check=False)

    def pre_commit(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pre-commit in a folder."""
        return self.run(folder, sys.executable, "-m", "pre_commit", *arguments, "--color=never")

    def commit(self, folder: Path) -> str:
        """Make a repository of a folder with all that is in there, and return the commit."""
        for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message=all")):
            assert self.run(folder, "git", *command).returncode == 0
        return self.run(folder, "git", "rev-parse", "HEAD").stdout.strip()

    def hooks(self, folder: Path) -> tuple[Path, str]:
        """Make `folder` a repository of the hooks as they are in this checkout, committed or not; return it and its commit."""
        folder.mkdir(exist_ok=True)
        for name in _PACKAGED:
            if (REPOSITORY / name).is_dir():
                shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(REPOSITORY / name, folder / name)
        return folder, self.commit(folder)
