"""Reviews compared with earlier ones, merged, and as a comment: what is new, what it costs, and what must not depend on order."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from doors import surfacelint

from surfacelint.review.comparison import compared, over_budget
from surfacelint.review.json_document import from_text, to_text
from surfacelint.review.merging import merged
from surfacelint.review.records import Figure, Problem, Review, ReviewedWorkload, Volume
from surfacelint.system.safe_reading import InputError

HEAD = "from openai import OpenAI\n\nclient = OpenAI()\n"
JOB = """

def {name}(texts):
    for text in texts:
        print(client.responses.create(model="gpt-4o-mini", input=text))
"""
CHAT = """

def main():
    while question := input():
        print(client.responses.create(model="gpt-4o-mini", input=question))
"""


def reviewed(folder: Path, *options: str) -> Any:
    return surfacelint(folder, "review", *options, ".")


def document(folder: Path, name: str, *options: str) -> Review:
    done = reviewed(folder, "--output-format", "json", "-o", name, "--repository", "shop", *options)
    assert (done.returncode, done.stderr) == (0, "")
    return from_text((folder / name).read_text(encoding="utf-8"))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "job.py").write_text(HEAD + JOB.format(name="old"), encoding="utf-8")
    return tmp_path


def test_a_new_workload_is_told_in_every_format(shop: Path) -> None:
    document(shop, "before.json")
    (shop / "added.py").write_text(HEAD + JOB.format(name="added"), encoding="utf-8")
    (shop / "job.py").write_text("# moved\n\n" + HEAD + JOB.format(name="old"), encoding="utf-8")
    changes = document(shop, "now.json", "--since", "before.json").comparison
    assert changes is not None
    assert [(each.kind, each.function, each.before, each.now) for each in changes.changes] == [("new", "added", "", "move to batch")]
    for format_ in ("table", "markdown", "html", "comment"):
        text = reviewed(shop, "--repository", "shop", "--since", "before.json", "--output-format", format_).stdout
        assert "1 new" in text, format_
        assert "added.py" in text, format_
    comment = text.splitlines()
    assert comment[0] == "<!-- surfacelint review -->"
    assert not any("job.py" in line for line in comment)


def test_what_is_gone_or_changed(shop: Path) -> None:
    before = document(shop, "before.json")
    (shop / "job.py").write_text(HEAD + JOB.format(name="old").replace("texts:", "texts[:150]:"), encoding="utf-8")
    found = document(shop, "now.json", "--since", "before.json").comparison
    assert found is not None
    assert [(each.kind, each.before) for each in found.changes] == [("volume", "unknown")]
    (shop / "job.py").write_text(HEAD, encoding="utf-8")
    gone = compared(document(shop, "now.json"), before).comparison
    assert gone is not None
    assert [(each.kind, each.before, each.now) for each in gone.changes] == [("gone", "move to batch", "")]


def test_a_workload_in_a_file_that_could_not_be_read_is_not_gone(shop: Path) -> None:
    before = document(shop, "before.json")
    (shop / "job.py").write_text("def (", encoding="utf-8")
    done = reviewed(shop, "--repository", "shop", "--output-format", "json", "--since", "before.json")
    assert done.returncode == 2
    found = from_text(done.stdout)
    assert found.comparison is not None
    assert found.comparison.changes == ()
    assert before.workloads


def test_the_gate(shop: Path) -> None:
    document(shop, "before.json")
    gate = ("--repository", "shop", "--since", "before.json", "--fail-on-new")
    assert reviewed(shop, *gate).returncode == 0
    (shop / "chat.py").write_text(HEAD + CHAT, encoding="utf-8")
    assert reviewed(shop, *gate).returncode == 0
    unknown = reviewed(shop, *gate, "--budget", "100")
    assert unknown.returncode == 1
    assert "chat.py:8: new, at an unknown cost" in unknown.stderr
    (shop / "chat.py").unlink()
    (shop / "added.py").write_text(HEAD + JOB.format(name="added"), encoding="utf-8")
    failed = reviewed(shop, *gate)
    assert (failed.returncode, failed.stderr) == (1, "new: added.py:8: new, and not on the right surface\n")


def with_cost(row: ReviewedWorkload, cost: str) -> ReviewedWorkload:
    first = replace(row.offers[0], month=Figure(1_000, Decimal(cost)))
    return replace(row, offers=(first, *row.offers[1:]), volume=Volume("declared", None, None, 1_000, source="a test"))


def test_a_budget_counts_what_is_new(shop: Path) -> None:
    before = document(shop, "before.json")
    (row,) = before.workloads
    now = replace(before, workloads=(with_cost(row, "1000"), with_cost(replace(row, id="b"), "40"), with_cost(replace(row, id="c"), "60")))
    found = compared(now, before)
    assert over_budget(found, Decimal(100)) == ""
    assert over_budget(found, Decimal("99.99")) == "new workloads cost 100.00 USD a month, more than 99.99"


def test_reviewed_and_overdue(shop: Path) -> None:
    before = replace(document(shop, "before.json"), date="2026-01-01")
    (row,) = before.workloads

    def kinds(date: str, on: str) -> list[str]:
        found = compared(replace(before, date=date, workloads=(replace(row, reviewed=on),)), before).comparison
        assert found is not None
        return [each.kind for each in found.changes]

    assert kinds("2026-03-01", "") == []
    assert kinds("2026-05-01", "") == ["overdue"]
    assert kinds("2026-05-01", "2026-04-01") == ["reviewed"]


def test_merging_is_idempotent_and_knows_no_order(shop: Path) -> None:
    one = document(shop, "one.json")
    older = replace(one, date="2020-01-01", workloads=())
    other = replace(one, repositories=("other",), workloads=tuple([replace(row, repository="other") for row in one.workloads]))
    broken = replace(other, repositories=("broken",), workloads=(), not_checked=(Problem("x.py", 1, "not checked", "broken"),))
    every = {to_text(merged(order)) for order in itertools.permutations((one, older, other, broken))}
    assert len(every) == 1
    whole = from_text(every.pop())
    assert whole.repositories == ("broken", "other", "shop")
    assert (whole.totals.workloads, len(whole.not_checked)) == (2, 1)
    assert merged([whole, one, whole]) == whole


def test_merge_on_the_command_line(shop: Path) -> None:
    one = document(shop, "one.json")
    (shop / "two.json").write_text(to_text(replace(one, repositories=("two",), workloads=())), encoding="utf-8")
    done = surfacelint(shop, "review", "merge", "one.json", "two.json", "--output-format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["repositories"] == ["shop", "two"]
    page = surfacelint(shop, "review", "merge", "one.json", "two.json", "--output-format", "html", "-o", "page.html")
    assert page.returncode == 0
    assert "LLM workloads of shop, two" in (shop / "page.html").read_text(encoding="utf-8")


BAD = {
    "no such file": (("merge", "none.json"), "none.json: cannot be read"),
    "no review": (("merge", "job.py"), "job.py: "),
    "no files": (("merge",), "Missing argument 'FILE...'"),
    "a gate without an earlier review": (("--fail-on-new", "."), "--fail-on-new needs --since"),
    "a comment without one": (("--output-format", "comment", "."), "--output-format comment needs --since"),
    "a budget without a gate": (("--budget", "3", "."), "--budget needs --fail-on-new"),
    "a budget that is no amount": (("--since", "one.json", "--fail-on-new", "--budget", "NaN", "."), "not an amount"),
    "another repository": (("--since", "one.json", "--repository", "other", "."), "one.json: reviews shop, and not other"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line(shop: Path, name: str) -> None:
    document(shop, "one.json")
    arguments, told = BAD[name]
    done = surfacelint(shop, "review", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_different_currencies_are_not_added_up(shop: Path) -> None:
    one = document(shop, "one.json")
    with pytest.raises(InputError, match="EUR and USD"):
        merged([one, replace(one, repositories=("b",), currency="EUR")])
