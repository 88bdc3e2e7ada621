"""Every page of the documentation: its files can be read, and its commands run and print what the page shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import doors
import pages
import pytest

from surfacelint.review.fleet.repository_list import read_list
from surfacelint.review.json_document import SCHEMA_NAME

TESTED_APART = {
    ("README.md", "text"): "test_readme.py",
    ("docs/accuracy.md", "text"): "test_score.py",
    ("docs/api.md", "text"): "test_api.py",
    ("docs/architecture.md", "text"): "test_architecture.py",
    ("docs/editors.md", "lua"): "test_editors_page.py",
    ("docs/editors.md", "rust"): "test_editors_page.py",
    ("docs/integrations.md", "vim"): "test_integrations.py",
    ("docs/loop-to-batch.md", "diff"): "rewrites/test_loop_to_batch_page.py",
    ("docs/review.md", "text"): "test_pages.py",
    ("docs/rewrites.md", "diff"): "test_rewrites_page.py",
}
"""Blocks that `pages` cannot read, by page and language: where they are tested."""

_ACCURACY = re.compile(r"<!-- accuracy -->\n(.*?)<!-- end -->", re.DOTALL)

READ = {"console", "json", "powershell", "python", "sh", "toml", "yaml"}

pytestmark = pytest.mark.usefixtures("_first_of_october")


@pytest.fixture
def _first_of_october(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reviews be of the day that the pages name."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790812800")


def name(page: Path) -> str:
    return page.relative_to(doors.REPOSITORY).as_posix()


@pytest.mark.parametrize("page", [page for page in pages.ALL if pages.blocks(page)], ids=name)
def test_what_a_page_says(page: Path, tmp_path: Path) -> None:
    reader = pages.reader(page, tmp_path / "project")
    for block in pages.blocks(page):
        reader.follow(block)


def test_each_block_is_tested() -> None:
    apart = {(name(page), block.language) for page in pages.ALL for block in pages.blocks(page) if block.language not in READ}
    assert apart == set(TESTED_APART)
    for (page, _), place in TESTED_APART.items():
        assert Path(page).name in (Path(__file__).parent / place).read_text(encoding="utf-8"), page


@pytest.mark.parametrize("page", pages.ALL, ids=name)
def test_lists_are_shown_as_lists(page: Path) -> None:
    """A site generator, unlike GitHub, wants four spaces before what belongs to an item, and blank lines around it."""
    text = re.sub(r"^((?: {4})*)```.*?^\1```$", r"\1code", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"^ {1,3}```.*", text, re.MULTILINE) == []
    assert re.findall(r"\n\n {1,3}[^\s*+-].*", text) == []
    assert re.findall(r"\n\n {4,}.*\n(?: +.*\n)*(?:\d+\.|[*+-]) .*", text) == []
    assert re.findall(r"^[^\s|#<>*+\d-][^\n]*\n(?:\d+\.|[*+-]) .*", text, re.MULTILINE) == []


def test_judgement_states_the_measured_accuracy(update: bool) -> None:
    page = doors.REPOSITORY / "docs" / "judgement.md"
    text = page.read_text(encoding="utf-8")
    if update:
        page.write_text(_ACCURACY.sub(lambda _: f"<!-- accuracy -->\n{accuracy()}<!-- end -->", text), encoding="utf-8")
        return
    assert _ACCURACY.findall(text) == [accuracy()]


def accuracy() -> str:
    """Return the accuracy in words, from the figures of its page."""
    figures = (doors.REPOSITORY / "docs" / "accuracy.md").read_text(encoding="utf-8")
    labels = re.findall(r"^(\d+) labels,", figures, re.MULTILINE)[0]
    share = r"\d+/\d+ +([\d.]+%) +"
    (right, found), (sure_right, sure_found) = (
        re.findall(rf"^{row} +{share}{share.replace('(', '(?:')}{share}", figures, re.MULTILINE)[0]
        for row in ("all labels", "high confidence")
    )
    return (
        f"Measured on {labels} labelled places in real code: {right} of the findings with a label are right ({sure_right} where two\n"
        f"good reviewers would agree), and {found} of the places that call for a finding have one ({sure_found}).\n"
    )


def test_the_shape_of_a_review() -> None:
    shape, _ = (block.text for block in pages.blocks(doors.REPOSITORY / "docs" / "review.md") if block.language == "text")
    schema = json.loads((doors.REPOSITORY / "surfacelint" / "review" / SCHEMA_NAME).read_text(encoding="utf-8"))
    records = [schema["$defs"][name] for name in ("ReviewedWorkload", "Offer", "Totals", "Sum", "Usage", "JoinedUsage", "UnjoinedUsage")]
    assert set(re.findall(r'"(\w+)"', shape)) == {name for each in (schema, *records) for name in each["required"]}


def test_the_list_of_repositories(tmp_path: Path) -> None:
    _, listed = (block.text for block in pages.blocks(doors.REPOSITORY / "docs" / "review.md") if block.language == "text")
    (tmp_path / "repositories.txt").write_text(listed, encoding="utf-8")
    assert [each.name for each in read_list(tmp_path / "repositories.txt")] == ["example/shop", "billing", "search"]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [("a\n", "a\n", True), ("a\n", "a\nb\n", False), ("a\n…\n", "a\nb\nc\n", True), ("…\nb\n", "a\n", False), ("a*\n", "aa\n", False)],
)
def test_shown_output(shown: str, printed: str, same: bool) -> None:
    assert pages.shows(shown, printed) is same


def test_a_command_that_does_not_exist_fails(tmp_path: Path) -> None:
    pages.sample(tmp_path / "project")
    with pytest.raises(AssertionError, match="No such option"):
        pages.Reader(tmp_path / "project").follow(pages.Block("console", "", "$ surfacelint check --no-such-option\n"))
