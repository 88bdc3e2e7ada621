"""What all tests share: the switch that rewrites golden files, and that fixtures are programs to look at, not tests to run."""

from __future__ import annotations

import pytest

collect_ignore = ["fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="Rewrite golden files instead of comparing with them.")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are rewritten."""
    return bool(request.config.getoption("--update"))
