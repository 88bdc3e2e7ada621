"""Random edits: whatever people change, a run with the cache of all earlier runs prints what a run without one prints."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from doors import REPOSITORY, surfacelint

sys.path.append(str(REPOSITORY / "scripts"))

from compare_cache import Editor, compare

EDITS = 25


def run(folder: Path, arguments: Sequence[str]) -> str:
    done = surfacelint(folder, *arguments)
    return f"{done.stdout}{done.stderr}{done.returncode}"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return shutil.copytree(REPOSITORY / "examples", tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__"))


def test_a_run_with_the_cache_is_a_run_without_one(shop: Path) -> None:
    editor = Editor(shop, random.Random(1))
    assert compare(editor, shop.parent / "cache", EDITS, run=run) == ""
    assert len(set(editor.history)) > EDITS / 2


def test_a_stale_cache_would_be_noticed(shop: Path) -> None:
    """Replays the first output for ever: the comparison has to fail."""
    first: list[str] = []

    def stale(folder: Path, arguments: Sequence[str]) -> str:
        if "--no-cache" in arguments:
            return run(folder, arguments)
        first.append(first[0] if first else run(folder, arguments))
        return first[0]

    assert "the cache gives another result" in compare(Editor(shop, random.Random(1)), shop.parent / "cache", EDITS, run=stale)
