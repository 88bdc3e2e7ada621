"""Loops made at random: those whose items are independent become batches, the others stay, and all behave as before."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from cases import PROGRAMS
from hypothesis import HealthCheck, Phase, given, settings, strategies
from loop_programs import Loop, loops, program
from run_program import copy, difference, fix, run

LOOPS = 10
COUNTING = "method"
MOST_KEPT = 1  # of these loops, because nine in ten of those that can be rewritten must be
SETTINGS = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # a failure names the loops that differ, so that nothing needs to shrink
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
DATA = {
    name: (PROGRAMS / folder / name).read_text(encoding="utf-8")
    for folder, name in (("module_loop_prints", "reviews.txt"), ("try_except_skips", "rough.txt"))
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write a program."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def outputs(stdout: str) -> dict[str, str]:
    """What each loop printed."""
    parts = stdout.split("== ")[1:]
    return {part.partition("\n")[0]: part for part in parts}


@SETTINGS
@given(strategies.lists(loops(), min_size=LOOPS, max_size=LOOPS))
def test_independent_loops_become_batches(chosen: list[Loop]) -> None:
    files = program(chosen)
    with tempfile.TemporaryDirectory() as place:
        original = write(Path(place, "original"), files | DATA)
        fixed = copy(original, Path(place, "fixed"))
        before = run(original)
        assert before.status == 0, before.stderr
        changed = fix(fixed).changed
        after = run(fixed)
        assert fix(fixed).changed == {}
    old, new = outputs(before.stdout), outputs(after.stdout)
    asked = before.counts.realtime_models
    problems, kept = [], []
    for number, loop in enumerate(chosen):
        name = f"loop_{number}"
        jobs, expected = after.counts.job_models.count(f"{name}-model"), int(asked[f"{name}-model"] > 0)
        if f"{name}.py" not in changed:
            if loop.request == COUNTING:
                continue  # it counts before it asks, which a rehearsal must not do
            kept.append(f"{name} is not rewritten: {loop}")
        elif jobs != expected or after.counts.realtime_models[f"{name}-model"]:
            problems.append(f"{jobs} jobs instead of {expected}: {loop}")
        if old[name] != new.get(name):
            problems.append(f"printed {new.get(name)!r} instead of {old[name]!r}: {loop}\n{changed.get(f'{name}.py')}")
    assert not problems, "\n".join(problems)
    assert len(kept) <= MOST_KEPT, "\n".join(kept)
    assert difference(before, after) == []
    assert after.counts.violations == []


@SETTINGS
@given(strategies.lists(loops(dependent=True), min_size=LOOPS, max_size=LOOPS))
def test_dependent_loops_stay(chosen: list[Loop]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = write(Path(place, "program"), program(chosen) | DATA)
        assert run(folder).status == 0
        changed = fix(folder).changed
    assert not changed, "\n".join(changed.values())


@pytest.mark.parametrize("name", ["reviews.txt", "rough.txt"])
def test_the_data_is_there(name: str) -> None:
    assert len(DATA[name].splitlines()) >= 5
