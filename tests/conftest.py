"""What all tests share: the switch that rewrites golden files, interrupts, and that fixtures are programs to look at, not tests to run."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

collect_ignore = ["fixtures", "rewrites/programs", "rewrites/lifecycle"]


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started in the background of a shell, the programs under test would inherit that interrupts are ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="Rewrite golden files instead of comparing with them.")


@pytest.fixture(scope="session", autouse=True)
def _cache_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the cache of all runs out of the fixtures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SURFACELINT_CACHE_DIR", os.fspath(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser that asks for nothing by itself. It ends with the module, because no event loop can run beside it."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=options, chromium_sandbox=False)
