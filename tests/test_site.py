"""The documentation site: it builds, its links hold, it works from disk, and rule pages are where findings say."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import doors
import pytest

from surfacelint.catalogue.index import Catalogue
from surfacelint.rules import RULES
from surfacelint.system.version import HOMEPAGE, REPOSITORY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

pytest.importorskip("zensical", reason="needs Python 3.11")
sys.path.insert(0, str(doors.REPOSITORY / "scripts"))

import build_site

NOT_LOADED = ("canonical", "next", "prev")
"""Kinds of links in the head of a page that load nothing."""

PHONE: ViewportSize = {"width": 360, "height": 780}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site."""
    folder = tmp_path_factory.mktemp("site") / "site"
    build_site.build(folder)
    return folder


def pages(site: Path) -> list[Path]:
    return [path for path in sorted(site.rglob("*.html")) if path.name != "404.html"]


def test_findings_link_to_pages(site: Path) -> None:
    for rule in RULES:
        assert rule.info.url.startswith(f"{HOMEPAGE}/")
        page = (site / rule.info.url.removeprefix(f"{HOMEPAGE}/")).read_text(encoding="utf-8")
        assert re.search(rf'<link rel="?canonical"? href="?{re.escape(rule.info.url)}\b', page)
        assert f"{rule.name} ({rule.code})</h1>" in re.sub(r"<a[^>]*headerlink.*?</a>", "", page)


def test_there_is_a_page_for_all_that_there_is(site: Path) -> None:
    names = {path.relative_to(site).with_suffix("").as_posix() for path in pages(site)}
    assert {f"providers/{name}" for name in Catalogue.load().providers} <= names
    assert {path.stem for path in (doors.REPOSITORY / "docs").glob("*.md")} <= names
    assert {"changelog", "contributing", "security", "rules/index", "providers/index"} <= names


def test_each_page_is_in_the_navigation(site: Path) -> None:
    listed = set(re.findall(r'"([\w/-]+)\.md"', build_site.configuration()))
    assert {path.relative_to(site).with_suffix("").as_posix() for path in pages(site)} == listed


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    for page in pages(site):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|source)[^>]*\ssrc=\"?([^\s\">]+)", text)
        loaded += [link for rel, link in re.findall(r"<link rel=\"?([\w ]+)\"? href=\"?([^\s\">]+)", text) if rel not in NOT_LOADED]
        assert loaded
        assert [each for each in loaded if ":" in each or not (page.parent / each).exists()] == [], page


def test_links_out_of_the_documentation_lead_to_the_repository() -> None:
    text = "[Script](../scripts/score.py), [usage](usage.md#cache), [changes](../CHANGELOG.md), `](../code)`, [rules](rules/README.md)."
    names = ["docs/usage.md", "CHANGELOG.md", "docs/rules/README.md"]
    assert build_site.page(text, "docs/accuracy.md", names) == (
        f"[Script]({REPOSITORY}/blob/main/scripts/score.py), [usage](usage.md#cache), [changes](changelog.md), `](../code)`, "
        "[rules](rules/index.md)."
    )
    assert build_site.page("[it](../usage.md)", "docs/rules/x.md", names) == "[it](../usage.md)"


def test_broken_links_are_errors(tmp_path: Path) -> None:
    build_site.write_sources(tmp_path)
    links = "[no heading](usage.md#no-such-heading)\n\n[no page](no-such-page.md)\n"
    (tmp_path / "pages" / "glossary.md").write_text(f"# Glossary\n\n{links}", encoding="utf-8")
    with pytest.raises(SystemExit) as error:
        build_site.generate(tmp_path)
    assert re.findall(r"glossary\.md:(\d+)", str(error.value)) == ["3", "5"]


class TestFromDisk:
    """Pages that a reader opens from disk, without a server and a network."""

    @pytest.fixture
    def page(self, browser: Browser, site: Path) -> Page:
        """Return a page that fails the test if anything is loaded from elsewhere, or goes wrong."""
        self.wrong: list[str] = []
        page = browser.new_page(viewport=PHONE)
        page.set_default_timeout(10_000)
        page.on("request", lambda request: self.wrong.append(request.url) if not request.url.startswith(site.as_uri()) else None)
        page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        return page

    def test_search(self, page: Page, site: Path) -> None:
        page.goto((site / "rules" / "realtime-call-in-loop.html").as_uri())
        page.locator("label[for=__search]:visible").first.click()
        page.get_by_role("combobox", name="Search").fill("baseline")
        page.get_by_role("heading", name="Baseline", exact=True).click()
        page.wait_for_url(re.compile(r"/usage\.html.*#baseline"))
        assert self.wrong == []
        page.close()

    @pytest.mark.parametrize("name", ["index", "loop-to-batch", "rules/index", "providers/mistral", "architecture"])
    def test_a_phone_needs_no_sideways_scrolling(self, name: str, page: Page, site: Path) -> None:
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert self.wrong == []
        page.close()
