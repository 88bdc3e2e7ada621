"""Reads the verdicts on the programs, and compares reports of a linter with them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
VERDICTS = HERE / "verdicts.toml"

PROBLEMS = {"realtime": "realtime for batch work", "handler": "batch where a user waits", "progress": "faux-async"}
"""The three kinds of problems, with their names on the page."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file of a program."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a linter says about a line, by the code of its rule."""

    place: Place
    code: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer says about a program.

    `report` is the best line for a finding, or None if the program only looks as if it had a problem. Reports on one of the lines
    `also` are as right: the header of the loop or handler, and the request itself.
    """

    program: str
    problem: str
    report: Place | None
    also: frozenset[Place]
    why: str

    @property
    def is_alarm(self) -> bool:
        """Whether a linter should report something."""
        return self.report is not None

    @property
    def right_places(self) -> frozenset[Place]:
        """All lines on which a report is right."""
        return self.also | ({self.report} if self.report else frozenset())


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the reports of a linter on a program compare with the verdict."""

    found: bool
    false: int

    def text(self, verdict: Verdict) -> str:
        """Return the cell of a table: what is wrong, or a tick."""
        wrong = [*(["missed"] if verdict.is_alarm and not self.found else []), *(["false"] if self.false else [])]
        return ", ".join(wrong) or "✓"


def verdicts() -> list[Verdict]:
    """Return all verdicts, in the order of their file."""
    return [_verdict(row) for row in tomllib.loads(VERDICTS.read_text(encoding="utf-8"))["program"]]


def _verdict(row: Mapping[str, Any]) -> Verdict:
    report = _place(row["report"]) if "report" in row else None
    return Verdict(row["name"], row["problem"], report, frozenset(map(_place, row.get("also", ()))), row["why"])


def _place(text: str) -> Place:
    file, _, line = text.rpartition(":")
    return Place(file, int(line))


def outcome(verdict: Verdict, reports: Iterable[Report], families: Mapping[str, str]) -> Outcome:
    """Compare reports with a verdict. If the linter has `families` (prefixes of its codes, by problem), the code has to fit, too."""
    family = families.get(verdict.problem, "")
    distinct = set(reports)
    right = {report for report in distinct if report.place in verdict.right_places and report.code.startswith(family)}
    return Outcome(bool(right), len({report.place for report in distinct - right}))
