"""The skeletons that `scripts/new_rule.py` creates: they lint, load and find what their fixtures say, and bad names are refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import doors
import pytest
import test_fixtures

from surfacelint.rules import RULES

CODE, NAME, MODULE = "SRF898", "made-up-rule", "made_up_rule"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of the files that the script and a new rule need."""
    for folder in ("surfacelint", "scripts"):
        shutil.copytree(doors.REPOSITORY / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(doors.REPOSITORY / "pyproject.toml", tmp_path)
    (tmp_path / "tests").mkdir()
    for name in ("conftest.py", "test_fixtures.py", "test_rule_pages.py"):
        shutil.copy(doors.REPOSITORY / "tests" / name, tmp_path / "tests")
    return tmp_path


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


def test_a_skeleton_works(checkout: Path) -> None:
    made = run(checkout, "scripts/new_rule.py", CODE, NAME)
    assert (made.returncode, made.stderr) == (0, "")
    files = [line.removeprefix("created ") for line in made.stdout.splitlines() if line.startswith("created ")]
    assert files == [
        f"surfacelint/rules/{MODULE}.py",
        *(f"tests/fixtures/rules/{MODULE}/{name}" for name in ("job.py", "surfacelint.toml")),
    ]
    for command in (("check",), ("format", "--check")):
        linted = run(checkout, "-m", "ruff", *command, files[0])
        assert linted.returncode == 0, linted.stdout + linted.stderr
    typed = run(checkout, "-m", "mypy", "--strict", "--follow-imports=silent", files[0])
    assert typed.returncode == 0, typed.stdout
    tested = run(checkout, "-m", "pytest", "-p", "no:cacheprovider", "-k", f"{CODE} or {MODULE}")
    assert tested.returncode == 0, tested.stdout
    assert "9 passed" in tested.stdout


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("SRF12", NAME, "'SRF12' is not a rule code: write SRF and three digits, as in SRF107"),
        ("srf898", NAME, "'srf898' is not a rule code: write SRF and three digits, as in SRF107"),
        (CODE, "made_up", "'made_up' is not a rule name: write lower-case words joined by dashes, as in name-of-rule"),
        (CODE, "../made-up", "'../made-up' is not a rule name: write lower-case words joined by dashes, as in name-of-rule"),
        (CODE, "import", "'import' is not a rule name: write lower-case words joined by dashes, as in name-of-rule"),
        ("SRF101", NAME, "SRF101 is the code of surfacelint/rules/realtime_call_in_loop.py: choose another one"),
        (CODE, "wrong-tier", "surfacelint/rules/wrong_tier.py exists: choose another name"),
        (CODE, "gather", "tests/fixtures/rules/gather exists: choose another name"),
    ],
)
def test_what_cannot_be_used_is_refused(code: str, name: str, message: str) -> None:
    done = run(doors.REPOSITORY, "scripts/new_rule.py", code, name)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")


def test_the_made_up_rule_is_free() -> None:
    assert CODE not in {rule.code for rule in RULES}
    assert not (test_fixtures.FIXTURES / "rules" / MODULE).exists()
