"""Runs a program against the loopback server, and fixes it: what each run printed, wrote, returned and asked.

A program is a folder with a `main.py`. It runs in a copy of that folder, in a process of its own, whose SDKs talk to the server and whose
sleeps end at once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import doors
import interpreters
from jobs import Counts, Limits
from loopback_server import Server

IGNORED = ("case.toml", ".surfacelint_cache", "__pycache__")


@dataclass(frozen=True, slots=True)
class Run:
    """What a program did. `files` are those it left, `counts` what the server saw."""

    status: int
    stdout: str
    stderr: str
    files: dict[str, str]
    counts: Counts

    @property
    def visible(self) -> tuple[int, str, dict[str, str]]:
        """What must not change: exit status, output and files."""
        return self.status, self.stdout, {name: text for name, text in self.files.items() if not name.endswith(".py")}


@dataclass(frozen=True, slots=True)
class Fixed:
    """What `check --fix --unsafe-fixes` did to a folder: exit status, standard error, new sources, and findings left."""

    status: int
    output: str
    changed: dict[str, str]
    left: list[dict[str, Any]]


def copy(program: Path, target: Path) -> Path:
    """Copy a program, without what only this harness reads."""
    shutil.copytree(program, target, ignore=shutil.ignore_patterns(*IGNORED))
    return target


def sources(folder: Path) -> dict[str, str]:
    """All Python files of a folder, by relative path."""
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}


def contents(folder: Path) -> dict[str, str]:
    """All files of a folder as text. Databases are dumped."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part in IGNORED for part in path.relative_to(folder).parts):
            found[path.relative_to(folder).as_posix()] = (
                _dump(path) if path.suffix in (".db", ".sqlite") else path.read_text(encoding="utf-8", errors="replace")
            )
    return found


def _dump(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        dumped = "\n".join(connection.iterdump())
    connection.close()
    return dumped


def run(folder: Path, limits: Limits | None = None) -> Run:
    """Run `main.py` in the folder. Files that it writes stay there."""
    with Server(limits) as server:
        done = interpreters.python(folder, {**_clean(), **server.environment()}, "main.py")
        return Run(done.returncode, done.stdout, done.stderr, contents(folder), server.counts)


def _clean() -> dict[str, str]:
    """The environment without what could lead an SDK elsewhere or to certificates, or Python to other sources."""
    return {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL", "PYTHONPATH", "_CERT_FILE"))}


def findings(folder: Path) -> list[dict[str, Any]]:
    """The findings in a folder, as JSON spells them."""
    return _parsed(doors.surfacelint(folder, "check", "--output-format", "json", ".").stdout)


def _parsed(output: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(output or "[]")
    return found


def fix(folder: Path) -> Fixed:
    """Apply all fixes in a folder."""
    before = sources(folder)
    done = doors.surfacelint(folder, "check", "--fix", "--unsafe-fixes", "--output-format", "json", ".")
    after = sources(folder)
    changed = {name: text for name, text in after.items() if before.get(name) != text}
    return Fixed(done.returncode, done.stderr, changed, _parsed(done.stdout))


def difference(before: Run, after: Run) -> list[str]:
    """What differs between two runs, one line each, empty where nothing does."""
    lines: list[str] = []
    if before.status != after.status:
        lines.append(f"exit status {before.status} became {after.status}: {_last(after.stderr)}")
    if before.stdout != after.stdout:
        lines.append(f"output: {_first_change(before.stdout, after.stdout)}")
    old, new = before.visible[2], after.visible[2]
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            lines.append(f"file {name}: {_first_change(old.get(name, '(absent)'), new.get(name, '(absent)'))}")
    return lines


def _last(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]


def _first_change(before: str, after: str) -> str:
    pairs = zip([*before.splitlines(), "(end)"], [*after.splitlines(), "(end)"], strict=False)
    return next((f"{old!r} became {new!r}" for old, new in pairs if old != new), "a line break changed")


def traced(stderr: str) -> str:
    """The exception that ended a program, without the way there."""
    return re.sub(r"0x[0-9a-f]+", "0x…", _last(stderr))
