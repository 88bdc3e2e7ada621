"""The published pages of rules and providers: they are those that the scripts write, and say what the catalogue says."""

from __future__ import annotations

import sys

import doors

sys.path.insert(0, str(doors.REPOSITORY / "scripts"))

import write_provider_pages
import write_rule_pages

from surfacelint.catalogue.index import Catalogue
from surfacelint.rules import RULES

PAGES = {path.name: path.read_text(encoding="utf-8") for path in write_provider_pages.FOLDER.iterdir()}
PROVIDERS = Catalogue.load().providers


def test_the_pages_are_those_of_the_rules() -> None:
    """Run scripts/write_rule_pages.py after a change."""
    published = {path.name: path.read_text(encoding="utf-8") for path in write_rule_pages.FOLDER.iterdir()}
    assert published == write_rule_pages.pages()
    for rule in RULES:
        assert f"| [{rule.code}]({rule.name}.md) | {rule.name} |" in published["README.md"]
        assert rule.info.url.endswith(f"/rules/{rule.name}.html")
    assert "[`docs/rewrites.md`](../rewrites.md)" in published["realtime-call-in-loop.md"]


def test_the_pages_are_those_of_the_catalogue() -> None:
    """Run scripts/write_provider_pages.py after a change."""
    assert write_provider_pages.pages() == PAGES


def test_each_provider_has_a_page() -> None:
    assert set(PAGES) == {"README.md", *(f"{name}.md" for name in PROVIDERS)}
    assert all(f"]({name}.md)" in PAGES["README.md"] for name in PROVIDERS)


def test_a_page_lists_each_call_once() -> None:
    page = PAGES["openai.md"]
    assert page.count("| `.chat.completions.create` | chat | `/v1/chat/completions` |") == 1
    assert "| discount | 50% |" in page
    assert "| most in one batch | 50,000 requests and 200 MB |" in page
    assert "up to 2,048 inputs" in page


def test_each_request_is_on_the_page_of_its_provider() -> None:
    for name, provider in PROVIDERS.items():
        for endpoint in provider.endpoints:
            if endpoint.surface in ("realtime", "pseudo-batch", "batch-submit"):
                assert any(f"`{endpoint.path[start:]}`" in PAGES[f"{name}.md"] for start in starts(endpoint.path)), endpoint.path


def starts(path: str) -> list[int]:
    """Return where a call may begin on a page: at its path, at a dot behind a client, or at the call of the client."""
    call = [len(path) - 2] if path.endswith("()") else []
    return [0, *(number for number, character in enumerate(path) if character == "."), *call]
