"""Programs with batch jobs, lists of inputs and price tiers: each runs before and after its fix, and when its requests fail.

A `case.toml` says what to expect:

- `code`: the rule. `rewritten = false`: nothing changes, and the reason contains `refused_for`.
- `safe`: the fix needs no `--unsafe-fixes`.
- `jobs`, `realtime`: how many batches and realtime requests the fixed program makes.
- `shown`: what the fixed program writes on standard error.
- `ordered`: the original joins results wrongly, so only the fixed program has the right output, whatever the order of the results.
- `failing`: contents of a file with which the fixed program ends with an error. The original may run forever then.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import doors
import pytest
from loopback_server import Server
from run_program import Run, contents, copy, difference, findings, run, sources

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROGRAMS = Path(__file__).parent / "lifecycle"


@dataclass(frozen=True, slots=True)
class Case:
    """A program and what is expected of its fix."""

    folder: Path
    code: str
    rewritten: bool = True
    refused_for: str = ""
    safe: bool = False
    jobs: int = 0
    realtime: int = 0
    shown: str = ""
    ordered: bool = False
    failing: tuple[dict[str, str], ...] = ()


def read(folder: Path) -> Case:
    settings: dict[str, Any] = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    expected: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()}
    return Case(folder, **expected)


CASES = [read(path.parent) for path in sorted(PROGRAMS.glob("*/case.toml"))[:: doors.EVERY]]
FIXED = [case for case in CASES if case.rewritten]
KEPT = [case for case in CASES if not case.rewritten]
FAILING = [case for case in FIXED if case.failing]


def name(case: Case) -> str:
    return case.folder.name


def fixed(case: Case, target: Path, *, safe: bool = False) -> Path:
    """Return a copy of a program in `target` with its fixes applied."""
    copy(case.folder, target)
    done = doors.surfacelint(target, "check", "--select", case.code, "--fix", *([] if safe else ["--unsafe-fixes"]), ".")
    assert "fixed: " in done.stderr, done.stdout + done.stderr
    return target


def codes(folder: Path) -> set[str]:
    return {each["code"] for each in findings(folder)}


def counted(done: Run) -> tuple[int, int]:
    return len(done.counts.jobs), done.counts.realtime_requests


@pytest.mark.parametrize("case", FIXED, ids=name)
def test_a_fixed_program_does_the_same(case: Case, tmp_path: Path) -> None:
    original, target = copy(case.folder, tmp_path / "original"), fixed(case, tmp_path / "fixed", safe=case.safe)
    known = codes(original)
    assert case.code in known
    assert codes(target) <= known - {case.code}
    before, after = run(original), run(target)
    assert after.status == 0, after.stderr
    assert after.counts.violations == []
    assert counted(after) == (case.jobs, case.realtime)
    assert case.shown in after.stderr
    if not case.ordered:
        assert difference(before, after) == []


@pytest.mark.parametrize("case", FIXED, ids=name)
def test_a_second_fix_changes_nothing(case: Case, tmp_path: Path) -> None:
    target = fixed(case, tmp_path / "fixed")
    before = sources(target)
    doors.surfacelint(target, "check", "--select", case.code, "--fix", "--unsafe-fixes", ".")
    assert sources(target) == before


@pytest.mark.parametrize("case", KEPT, ids=name)
def test_a_program_that_cannot_be_fixed_stays_as_it_is(case: Case, tmp_path: Path) -> None:
    target = copy(case.folder, tmp_path / "kept")
    before = contents(target)
    doors.surfacelint(target, "check", "--select", case.code, "--fix", "--unsafe-fixes", ".")
    assert contents(target) == before
    found = [each for each in findings(target) if each["code"] == case.code]
    assert found
    assert all(case.refused_for in each["refusal"] for each in found), [each["refusal"] for each in found]
    assert run(target).status == 0


@pytest.mark.parametrize("case", FAILING, ids=name)
def test_a_fixed_program_notices_failures(case: Case, tmp_path: Path) -> None:
    target = fixed(case, tmp_path / "fixed")
    for each in case.failing:
        (target / each["file"]).write_text(each["text"], encoding="utf-8")
        after = run(target)
        assert after.status != 0
        assert each["error"] in after.stderr


@pytest.mark.parametrize("case", [case for case in FIXED if case.ordered], ids=name)
def test_results_are_joined_to_their_inputs_in_any_order(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = fixed(case, tmp_path / "fixed")
    outputs = {seed: _with_seed(seed, target, monkeypatch).stdout for seed in range(4)}
    assert len(set(outputs.values())) == 1
    reviews = (target / "reviews.txt").read_text(encoding="utf-8").splitlines()
    for review in reviews:
        # The server repeats the last words of a prompt in its answer.
        assert re.search(re.escape(review) + r".*" + re.escape(review.split()[-1]), outputs[0])
    originals = {_with_seed(seed, case.folder, monkeypatch).stdout for seed in range(4)}
    assert len(originals) > 1


def _with_seed(seed: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a program while the server shuffles results by another seed."""
    first = Server.__init__

    def seeded(self: Server, limits: Any = None, seed: int = seed) -> None:
        first(self, limits, seed)

    with monkeypatch.context() as patched:
        patched.setattr(Server, "__init__", seeded)
        return run(folder)
