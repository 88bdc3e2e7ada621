"""The page that compares: the tests that it names exist, and so does what it claims in numbers."""

from __future__ import annotations

import re
from pathlib import Path

import doors

from surfacelint.config import OUTPUT_FORMATS

PAGE = (doors.REPOSITORY / "docs" / "comparison.md").read_text(encoding="utf-8")


def test_every_expectation_names_a_test_that_there_is() -> None:
    rows = PAGE.partition("## What users")[2].strip().splitlines()[6:]
    assert len(rows) == 18
    for row in rows:
        file, _, name = row.rstrip("| ").rpartition("`")[0].rpartition("`")[2].partition("::")
        assert f"def {name}(" in (Path(__file__).parent / file).read_text(encoding="utf-8"), row


def test_the_number_of_formats() -> None:
    assert re.findall(r"^\| formats \| (\d+) ", PAGE, re.MULTILINE) == [str(len(OUTPUT_FORMATS))] * 2
