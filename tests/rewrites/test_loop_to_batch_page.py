"""The programs of `docs/loop-to-batch.md` run with the SDKs: the loop, the loop after its fix, and the batch by hand.

`pytest --update` rewrites what the fixes change.
"""

from __future__ import annotations

import re
from pathlib import Path

import doors
import pages
import pytest
from forked_processes import CAN_FORK
from run_program import findings, fix, run

from surfacelint.catalogue.index import Catalogue
from surfacelint.codemods.loop_to_batch.request_wrapping import FEATURES

PAGE = doors.REPOSITORY / "docs" / "loop-to-batch.md"
TITLES = {name: Catalogue.load().providers[name].title for name in FEATURES}
SHOWN = [*TITLES.values()][:: 1 if CAN_FORK else 4]  # elsewhere, each program imports the SDKs anew, which takes seconds
REVIEWS = "A good book\nA long book\nA dull book\n"

_MISTRAL = "Mistral(api_key=os.environ["
_SERVED = 'Mistral(server_url=os.environ["BASE"] + "/mistral", api_key=os.environ['


def section(title: str) -> str:
    """Return the section of a provider."""
    return PAGE.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]


def block(title: str, language: str, path: str = "") -> str:
    """Return the only block of a provider in a language, with a path."""
    [found] = [each.text for each in pages.blocks_of(section(title)) if (each.language, each.path) == (language, path)]
    return found


def program(folder: Path, text: str, reviews: str = REVIEWS) -> Path:
    """Make a folder with a program as `main.py`. The SDK of Mistral reads no variable with its server, so the program does."""
    folder.mkdir()
    (folder / "main.py").write_text(text.replace(_MISTRAL, _SERVED), encoding="utf-8")
    (folder / "reviews.txt").write_text(reviews, encoding="utf-8")
    return folder


def change(folder: Path) -> str:
    """Return what the fix changes in the program of a folder, without the new module."""
    printed = doors.surfacelint(folder, "check", "--diff", "--unsafe-fixes").stdout
    [changed] = [each for each in re.split(r"^(?=--- )", printed, flags=re.MULTILINE) if each.startswith("--- summaries.py")]
    return changed


def test_there_is_a_section_for_each_provider_with_a_fix() -> None:
    assert sorted(re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)) == sorted([*TITLES.values(), "Other providers"])


@pytest.mark.parametrize("title", SHOWN)
def test_programs_print_the_same(title: str, tmp_path: Path, update: bool) -> None:
    loop, by_hand = block(title, "python", "summaries.py"), block(title, "python", "summaries_by_batch.py")
    shown = tmp_path / "shown"
    shown.mkdir()
    (shown / "summaries.py").write_text(loop, encoding="utf-8")
    if update:
        old = block(title, "diff")
        PAGE.write_text(PAGE.read_text(encoding="utf-8").replace(old, change(shown), 1), encoding="utf-8")
        return
    assert block(title, "diff") == change(shown)

    before = run(program(tmp_path / "loop", loop))
    assert (before.status, before.counts.realtime_requests, before.counts.jobs) == (0, 3, [])
    assert len(before.stdout.splitlines()) == 3

    fixed = program(tmp_path / "fixed", loop)
    assert fix(fixed).left == []
    batch = program(tmp_path / "batch", by_hand)
    assert findings(batch) == []
    for folder in (fixed, batch):
        after = run(folder)
        assert (after.status, after.stdout) == (0, before.stdout), after.stderr
        assert (after.counts.realtime_requests, after.counts.jobs, after.counts.violations) == (0, [3], [])


@pytest.mark.parametrize("title", SHOWN)
def test_a_failed_request_is_not_lost(title: str, tmp_path: Path) -> None:
    done = run(program(tmp_path / "batch", block(title, "python", "summaries_by_batch.py"), f"{REVIEWS}FAIL_ITEM\n"))
    assert (done.status, done.stdout) == (1, "")
    assert "failed" in done.stderr
