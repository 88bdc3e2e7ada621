"""The catalogue against the SDKs themselves: every class, attribute and method that a row names is there.

Not a part of the usual run. In an environment of its own: `pip install -e '.[dev,sdks]'`, then `pytest -m sdks`. What is not
installed, or at another major version than the rows were read from, is skipped.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sdks

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.loading import builtin

CATALOGUE = Catalogue.load()
STATED = sorted(name for name, provider in CATALOGUE.providers.items() if provider.as_of)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in sdks.KEYS:
        monkeypatch.setenv(key, "key")
    for key, value in sdks.PLACES.items():
        monkeypatch.setenv(key, value)


@pytest.mark.sdks
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", STATED)
def test_every_path_is_there(name: str, record_property: Callable[[str, object], None]) -> None:
    provider = CATALOGUE.provider(name)
    roots = sdks.roots(provider, sdks.installed(provider))
    rows = [row for row in provider.endpoints if row.path.partition(".")[0] in roots and sdks.applies(row)]
    if not rows:
        pytest.skip(f"not installed as of {provider.as_of}")
    found = sdks.outcomes(provider, rows, builtin().types)
    for word in ("there", "unknown", "missing"):
        record_property(word, sum(outcome == word for outcome in found.values()))
    assert [tail for tail, outcome in found.items() if outcome == "missing"] == []


@pytest.mark.parametrize("name", STATED)
def test_versions_are_stated_so_that_they_can_be_compared(name: str) -> None:
    for package, versions in sdks.stated(CATALOGUE.provider(name)).items():
        assert package
        assert all(version[0].isdigit() for version in versions)


class TestWalking:
    """Paths through the standard library, which is always there."""

    @pytest.mark.parametrize("path", ["json.JSONDecoder().decode", "pathlib.Path().parent", "logging.handlers.MemoryHandler().emit"])
    def test_what_is_there(self, path: str) -> None:
        sdks.walk(path)

    @pytest.mark.parametrize("path", ["json.JSONDecoder().guess", "pathlib.Paths", "json.decoder.loads().x"])
    def test_what_is_not_there(self, path: str) -> None:
        with pytest.raises((sdks.MissingError, sdks.UnknownError)):
            sdks.walk(path)

    def test_what_cannot_be_told(self) -> None:
        with pytest.raises(sdks.UnknownError):
            sdks.walk("json.loads().x")
