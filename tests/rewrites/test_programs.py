"""Each program does the same after `--fix --unsafe-fixes` as before, in as few jobs as possible.

Where that cannot be, nothing of it changes, and a finding says why.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import doors
import pytest
from cases import PROGRAMS, Case, all_cases
from forked_processes import CAN_FORK
from jobs import Limits
from run_program import Fixed, contents, copy, difference, fix, run

MOST_REQUESTS = "50_000"

CASES = all_cases()[:: doors.EVERY if CAN_FORK else 12]  # elsewhere, each program imports the SDKs anew, which takes seconds
REWRITTEN = [case for case in CASES if case.rewritten]
REFUSED = [case for case in CASES if not case.rewritten]


def name(case: Case) -> str:
    """The name that pytest shows."""
    return case.name


def codes(found: list[dict[str, Any]]) -> list[str]:
    """The rules that fired, sorted."""
    return sorted(each["code"] for each in found)


def compiles(fixed: Fixed) -> bool:
    """Whether each changed source compiles. Raises SyntaxError."""
    return all(compile(text, path, "exec") for path, text in fixed.changed.items())


def reason(finding: dict[str, Any]) -> str:
    """What a finding says, apart from where it is."""
    return json.dumps([finding.get(key) for key in ("message", "help", "refusal", "fix")], ensure_ascii=False)


def limited(folder: Path, case: Case) -> Limits | None:
    """Lower the limit that the generated module knows, as its owner may, and return it for the server."""
    if not case.most_requests:
        return None
    module = folder / "llm_batch.py"
    text = module.read_text(encoding="utf-8")
    assert MOST_REQUESTS in text
    module.write_text(text.replace(MOST_REQUESTS, str(case.most_requests)), encoding="utf-8")
    return Limits(requests=case.most_requests)


@pytest.mark.parametrize("case", REWRITTEN, ids=name)
def test_a_fixed_program_behaves_as_before(case: Case, tmp_path: Path) -> None:
    original, target = copy(case.folder, tmp_path / "original"), copy(case.folder, tmp_path / "fixed")
    before = run(original)
    assert (before.counts.jobs, before.counts.violations) == ([], [])
    assert (before.status != 0) == case.fails, before.stderr

    fixed = fix(target)
    if case.may_stay and not fixed.changed:
        return
    assert fixed.changed, fixed.output
    assert compiles(fixed)
    again = fix(target)
    assert again.changed == {}
    assert case.may_stay or codes(again.left) == sorted(case.left)

    after = run(target, limited(target, case))
    assert difference(before, after) == []
    assert after.counts.violations == []
    assert (after.counts.realtime_requests, len(after.counts.jobs)) == (case.realtime, case.jobs), after.counts


@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_a_program_that_cannot_be_split_stays_as_it_is(case: Case, tmp_path: Path) -> None:
    target = copy(case.folder, tmp_path / "kept")
    before = contents(target)
    found = fix(target).left
    assert contents(target) == before
    assert codes(found)[:1] == [case.code][: len(case.code)]
    assert all(case.refused_for in reason(each) for each in found), [reason(each) for each in found]
    assert (run(target).status != 0) == case.fails


def test_each_program_has_a_case() -> None:
    folders = {path.parent.name for path in PROGRAMS.glob("*/main.py")}
    assert {path.parent.name for path in PROGRAMS.glob("*/case.toml")} == folders
    assert len(folders) >= 90
