"""Installs a wheel into a fresh environment, and uses it as users do: check, replay, fix, review, explain and flake8 on the examples."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 600.0
"""The seconds that one command may take, installation included."""

ALARMS = ["SRF301", "SRF101", "SRF202"]
"""The rules of the findings in the examples, in the order of their files."""

UNFIXABLE = ["SRF202"]
"""The rules of the findings that are left after all fixes."""


class TrialError(Exception):
    """A command did not do what it should. The text says which, and what it printed."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment with the wheel in it: its folder of programs, and the folder in which they run."""

    programs: Path
    folder: Path

    def run(self, *command: str, status: int = 0) -> str:
        """Run a program, and return what it printed to stdout. Raises TrialError for another exit status or an internal error."""
        program = shutil.which(command[0], path=str(self.programs))
        if program is None:
            raise TrialError(f"{command[0]} is not installed")
        return run(self.folder, program, *command[1:], status=status)


def installed(wheel: Path, root: Path, python: str, resolution: str, extras: Sequence[str], place: Path) -> Environment:
    """Install the wheel of the checkout `root` with uv into a new environment below `place`. Raises TrialError.

    `python` is a version or an interpreter, and `resolution` one of uv's. `lowest-direct` is about what is asked for by name,
    so pyproject.toml is named, too.
    """
    environment = place / "environment"
    run(place, "uv", "venv", "--quiet", "--no-project", "--no-python-downloads", "--python", python, str(environment))
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    named = ("-r", str(root / "pyproject.toml"), *(f"--extra={extra}" for extra in extras))
    wanted = f"{wheel}[{','.join(extras)}]"
    run(place, "uv", "pip", "install", "--quiet", "--python", str(environment), "--resolution", resolution, wanted, *named)
    return Environment(programs, place)


def tried(environment: Environment, examples: Path, version: str) -> str:
    """Use the commands on a copy of the examples, and return the versions that `--version` prints. Raises TrialError."""
    project = environment.folder / "project"
    shutil.copytree(examples, project, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    here = Environment(environment.programs, project)
    versions = here.run("surfacelint", "--version")
    _expect(versions.startswith(f"surfacelint {version}\n"), "surfacelint --version", versions)
    first = here.run("surfacelint", "check", "--output-format", "concise", status=1)
    places = re.findall(r"^(\S+:\d+:\d+): (SRF\d+)", first, re.MULTILINE)
    _expect([code for _, code in places] == ALARMS, "surfacelint check", first)
    _expect(here.run("surfacelint", "check", "--output-format", "concise", status=1) == first, "surfacelint check, replayed", first)
    same = here.run("flake8", "--select", "SRF", "--format", "%(path)s:%(row)d:%(col)d %(code)s", status=1)
    _expect(re.findall(r"^\W*(\S+) (SRF\d+)$", same, re.MULTILINE) == places, "flake8", same)
    review = here.run("surfacelint", "review", "--output-format", "json")
    _expect(len(json.loads(review)["workloads"]) > len(ALARMS), "surfacelint review", review)
    explained = here.run("surfacelint", "explain", places[1][0].rpartition(":")[0])
    _expect(ALARMS[1] in explained, "surfacelint explain", explained)
    here.run("surfacelint", "check", "--fix", "--unsafe-fixes", "--quiet", status=1)
    here.run("python", "-m", "compileall", "-q", ".")
    left = here.run("surfacelint", "check", "--output-format", "concise", status=1)
    _expect(re.findall(r"SRF\d+", left) == UNFIXABLE, "surfacelint check after --fix", left)
    return ", ".join(versions.split("\n")[1:3])


def run(folder: Path, *command: str, status: int = 0) -> str:
    """Run a command in a folder, and return what it printed to stdout. Raises TrialError for another exit status."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SURFACELINT_", "VIRTUAL_ENV"))}
    try:
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, encoding="utf-8", timeout=TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TrialError(f"{command[0]}: {error}") from None
    name = " ".join((Path(command[0]).name, *command[1:]))
    if done.returncode != status:
        raise TrialError(f"{name}: exit status {done.returncode}, not {status}: {(done.stdout + done.stderr).strip()}")
    return done.stdout


def _expect(holds: bool, command: str, printed: str) -> None:
    if not holds:
        raise TrialError(f"{command} printed something else: {printed.strip()[:2_000]}")
