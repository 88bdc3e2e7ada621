"""SECURITY.md names the tests behind its promises: each of them exists."""

from __future__ import annotations

import re

import doors
import pytest

PAGE = (doors.REPOSITORY / "SECURITY.md").read_text(encoding="utf-8")


def named() -> list[tuple[str, str]]:
    """Return the test files and tests that the page names; `::name` refers to the file named before it."""
    found: list[tuple[str, str]] = []
    file = ""
    for first, name in re.findall(r"`(test_\w+\.py)?(?:::(\w+))?`", PAGE):
        file = first or file
        if first or name:
            found.append((file, name))
    return found


def test_the_page_names_tests() -> None:
    assert len(named()) > 20


@pytest.mark.parametrize(("file", "name"), named())
def test_tests_exist(file: str, name: str) -> None:
    text = (doors.REPOSITORY / "tests" / file).read_text(encoding="utf-8")
    assert not name or re.search(rf"\b(?:class|def) {name}\b", text)
