"""Fixtures for tests of the language server. A test module names this one in `pytest_plugins`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from editor import Editor, served
from pytest_lsp.client import LanguageClient


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lsp() -> AsyncIterator[LanguageClient]:
    """A client of a server for all tests of a module, each of which adds a folder of its own to the workspace."""
    async with served() as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def editor(lsp: LanguageClient, tmp_path: Path) -> AsyncIterator[Editor]:
    """An editor in a folder, which the test enters, and which leaves the workspace at the end."""
    made = Editor(lsp, tmp_path)
    yield made
    made.close_all()
    made.leave()
