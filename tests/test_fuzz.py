"""The parts of `scripts/fuzz.py`: mutants compile and can be made again, wrong outcomes are seen, and failures get smaller."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import doors
import pytest

sys.path.insert(0, str(doors.REPOSITORY / "scripts"))

from fuzzing.mutation import ASK, compiles, mutant, seeded
from fuzzing.shrinking import smallest
from fuzzing.trials import as_shown, wrong_outcome

PROGRAMS = [path.read_bytes() for path in sorted((doors.REPOSITORY / "examples").rglob("*.py"))]
CLEAN, FINDING, UNCHECKED = "[]", '[{"code": "SRF101"}]', '[{"code": "SRF901"}]'


def test_mutants() -> None:
    made = [[mutant(program, PROGRAMS, Random(seed)) for program in PROGRAMS] for seed in (1, 1, 2)]
    assert made[0] == made[1]
    assert made[0] != made[2]
    changed = [each for each in made[0] if each is not None]
    assert len(changed) > len(PROGRAMS) // 2
    assert all(map(compiles, changed))
    assert not set(changed) & set(PROGRAMS)


def test_seeded_files() -> None:
    for program in PROGRAMS:
        made = seeded(program, Random(1))
        assert made is not None
        assert made.endswith(ASK)
        assert compiles(made)


@pytest.mark.parametrize(
    ("status", "stdout", "stderr", "kinds"),
    [
        (0, CLEAN, "", []),
        (1, FINDING, "", []),
        (2, UNCHECKED, "", []),
        (2, CLEAN, "error: no.py does not exist\n", []),
        (0, FINDING, "", ["check has a wrong exit status"]),
        (1, UNCHECKED, "", ["check has a wrong exit status"]),
        (2, UNCHECKED, "Traceback (most recent call last):\n", ["check: traceback"]),
        (-11, CLEAN, "", ["check ends with -11", "check has a wrong exit status"]),
        (
            2,
            '[{"code": "SRF901",\n"message": "`f` failed with KeyError: 1; please report it with the output of SURFACELINT_DEBUG=1"}]',
            "",
            ["check: KeyError"],
        ),
    ],
)
def test_outcomes(status: int, stdout: str, stderr: str, kinds: list[str]) -> None:
    assert [each.kind for each in wrong_outcome(subprocess.CompletedProcess([], status, stdout, stderr))] == kinds


def test_failures_get_smaller() -> None:
    programs = {f"m{number}.py": b"import os\nx = 1\nbad = 2\ny = 3\n" * 3 if number == 5 else b"pass\n" for number in range(9)}
    found = smallest(programs, lambda some: any(b"bad" in data for data in some.values()), 60)
    assert found == {"m5.py": b"bad = 2\n"}


def test_a_diff_that_lies_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n", encoding="utf-8")
    diff = "--- a.py\n+++ a.py\n@@ -1,1 +1,1 @@\n-x = 1\n+x = 2\n"
    assert list(as_shown(tmp_path, diff, {"a.py": b"x = 2\n"})) == []
    assert [each.kind for each in as_shown(tmp_path, diff, {"a.py": b"x = 3\n"})] == ["fix writes something else than diff shows"]
    assert [each.kind for each in as_shown(tmp_path, diff.replace("x = 1", "z"), {})] == ["the diff cannot be applied"]
