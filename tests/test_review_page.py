"""The page of a review in a real browser: figures first, rows that filter, sort and open, and nothing that loads or runs besides."""

from __future__ import annotations

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from doors import REPOSITORY, surfacelint
from playwright.sync_api import Browser, Page, expect

from surfacelint.review.formats import render
from surfacelint.review.json_document import from_text
from surfacelint.review.records import Figure, Problem, Review, ReviewedWorkload, Volume
from surfacelint.review.totals import totals

MANY = 2_000
HOSTILE = """<img src=x onerror="document.title='taken'"></script><script>document.title='taken'</script>"""


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Review:
    """Return a real review of the examples, with prices for two of its rows."""
    folder = tmp_path_factory.mktemp("review") / "shop"
    shutil.copytree(REPOSITORY / "examples", folder)
    document = folder / "review.json"
    assert surfacelint(folder, "review", "--output-format", "json", "-o", document.name, ".").returncode == 0
    found = from_text(document.read_text(encoding="utf-8"))
    rows = [priced(row, Decimal(cost)) for row, cost in zip(found.workloads, (40, 900, 100), strict=False)]
    return made(found, (*rows, *found.workloads[3:]))


def made(review: Review, rows: tuple[ReviewedWorkload, ...]) -> Review:
    return replace(review, workloads=rows, totals=totals(rows))


def priced(row: ReviewedWorkload, cost: Decimal) -> ReviewedWorkload:
    """Return a row that costs an amount a month, and half of it as a batch."""
    first, *others = row.offers
    offers = (replace(first, month=Figure(300_000, cost, None)), *others)
    saved = Figure(300_000, cost / 2, None, "assumed") if row.verdict == "move to batch" else None
    return replace(row, offers=offers, savings=saved, volume=Volume("declared", 10_000, 30, 300_000, source="a test"))


def opened(browser: Browser, folder: Path, review: Review, **options: object) -> Page:
    """Open the page of a review. Fails if it loads anything, or if something on it fails."""
    path = folder / "review.html"
    path.write_text(render("html", review), encoding="utf-8")
    page = browser.new_page(**options)  # type: ignore[arg-type]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.on("pageerror", lambda error: asked.append(str(error)))
    page.goto(path.as_uri())
    assert asked == [path.as_uri()]
    return page


def functions(page: Page) -> list[str]:
    return [each.inner_text() for each in page.locator(".row:visible summary b").all()]


def test_totals_come_first_and_rows_open_to_their_reasons(browser: Browser, tmp_path: Path, review: Review) -> None:
    page = opened(browser, tmp_path, review)
    expect(page.locator(".card").first).to_contain_text("can be saved, of 3 workloads, assumed")
    expect(page.locator("#shown")).to_have_text(f"{len(review.workloads)} workloads")
    dearest = max(review.workloads, key=lambda row: row.savings.cost or 0 if row.savings else 0)
    first = page.locator(".row").first
    expect(first).to_have_attribute("id", dearest.id)
    expect(first.locator("pre")).to_be_hidden()
    first.locator("summary").click()
    expect(first.locator("mark").first).to_contain_text(dearest.call)
    expect(first.locator(".detail")).to_contain_text(dearest.trace[-1].place.path)
    page.close()


def test_rows_are_filtered_and_sorted_and_the_address_keeps_it(browser: Browser, tmp_path: Path, review: Review) -> None:
    page = opened(browser, tmp_path, review)
    page.locator("[name=verdict]").select_option("move to batch")
    moved = [row for row in review.workloads if row.verdict == "move to batch"]
    assert len(functions(page)) == len(moved)
    expect(page.locator("#shown")).to_have_text(f"{len(moved)} of {len(review.workloads)} workloads")
    page.get_by_label("Sort by").select_option("place")
    assert [row.get_attribute("id") for row in page.locator(".row:visible").all()] == [row.id for row in moved]
    page.get_by_label("Search").fill("NIGHTLY")
    assert len(functions(page)) == 1
    page.reload()
    assert page.get_by_label("Search").input_value() == "NIGHTLY"
    assert len(functions(page)) == 1
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("#shown")).to_have_text(f"{len(review.workloads)} workloads")
    page.close()


def test_the_keyboard_reaches_everything(browser: Browser, tmp_path: Path, review: Review) -> None:
    page = opened(browser, tmp_path, review)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "text"
    page.locator(".row summary").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(".row").nth(1).get_attribute("open") is not None
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling(browser: Browser, tmp_path: Path, review: Review, scheme: str) -> None:
    page = opened(browser, tmp_path, review, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('.row').forEach((row) => { row.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) > 380) == (scheme == "light")
    page.close()


def test_print_leaves_out_what_paper_cannot_do(browser: Browser, tmp_path: Path, review: Review) -> None:
    page = opened(browser, tmp_path, review)
    page.emulate_media(media="print")
    expect(page.locator(".tools")).to_be_hidden()
    assert page.pdf().startswith(b"%PDF")
    page.close()


def test_without_scripts_all_rows_are_there(browser: Browser, tmp_path: Path, review: Review) -> None:
    page = opened(browser, tmp_path, review, java_script_enabled=False)
    expect(page.locator(".row")).to_have_count(len(review.workloads))
    expect(page.locator(".tools")).to_be_hidden()
    page.close()


def test_no_text_of_a_review_runs(browser: Browser, tmp_path: Path, review: Review) -> None:
    row = replace(review.workloads[0], function=HOSTILE, call=HOSTILE, reason=f"`{HOSTILE}`", owners=(HOSTILE,), models=(HOSTILE,))
    hostile = replace(made(review, (row,)), repositories=(HOSTILE,), not_checked=(Problem(HOSTILE, 1, HOSTILE),))
    page = opened(browser, tmp_path, hostile)
    assert page.title() == f"LLM workloads of {HOSTILE}"
    expect(page.get_by_role("alert")).to_contain_text("onerror")
    assert functions(page) == [HOSTILE]
    page.close()


def test_two_thousand_workloads_stay_usable(browser: Browser, tmp_path: Path, review: Review) -> None:
    rows = tuple([replace(review.workloads[number % 7], id=f"row-{number}", function=f"step_{number}") for number in range(MANY)])
    page = opened(browser, tmp_path, made(review, rows))
    page.get_by_label("Search").fill("step_1999")
    assert functions(page) == ["step_1999"]
    page.close()
