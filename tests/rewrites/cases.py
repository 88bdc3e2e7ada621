"""The programs, and what `case.toml` expects of the rewrite of each."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True, slots=True)
class Case:
    """A program and what is expected.

    - `rewritten`: whether `--fix --unsafe-fixes` rewrites it
    - `code`: the rule that is fixed, or whose finding names what stands in the way; empty where the analysis rightly reports nothing
    - `jobs`: the fewest jobs that do; `realtime`: requests that rightly stay realtime
    - `refused_for`: a name or words that the reason of a refusal contains
    - `left`: codes of findings that remain after the rewrite
    - `fails`: whether the program itself ends with an exit status other than 0
    - `may_stay`: whether a refusal is as good as a rewrite
    - `most_requests`: a limit for the requests of a batch, written into the generated module, or 0
    - `python`: the oldest minor version of Python 3 that runs it
    """

    name: str
    rewritten: bool
    code: str
    jobs: int = 1
    realtime: int = 0
    refused_for: str = ""
    left: tuple[str, ...] = ()
    fails: bool = False
    may_stay: bool = False
    most_requests: int = 0
    python: int = 10

    @property
    def folder(self) -> Path:
        """Where the program is."""
        return PROGRAMS / self.name


def read(folder: Path) -> Case:
    """Read the case of a program. Raises TypeError on an unknown key."""
    settings: dict[str, Any] = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    expected: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()}
    return Case(folder.name, **expected)


def all_cases() -> list[Case]:
    """All cases that run under this Python, by name."""
    cases = [read(path.parent) for path in sorted(PROGRAMS.glob("*/case.toml"))]
    return [case for case in cases if sys.version_info >= (3, case.python)]
