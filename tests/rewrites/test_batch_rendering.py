"""The batch module as fixes write it: with the features of a project, short, typed, and known again unless it was edited."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import anthropic
import openai
import pytest
import test_batch_module
from loopback_server import Server

from surfacelint.catalogue.index import Catalogue
from surfacelint.codemods import llm_batch
from surfacelint.codemods.batch_module import FEATURES, NAMES, PROVIDERS, features_of, rendered

pytestmark = test_batch_module.pytestmark
FORMS = [{"passes"}, {"prepared"}, {"async_passes"}, {"async_prepared"}, set(NAMES)]
SINGLE = [frozenset({provider} | form) for provider in sorted(PROVIDERS) for form in FORMS]
SEVERAL = [FEATURES, frozenset({"openai", "anthropic", "passes"}), frozenset({"groq", "gemini", "mistral", "prepared", "pause"})]


def named(features: frozenset[str]) -> str:
    return "-".join(sorted(features))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a module of each set of features."""
    made = tmp_path_factory.mktemp("rendered")
    for features in (*SINGLE, *SEVERAL):
        (made / f"{named(features).replace('-', '_')}.py").write_text(rendered(features), encoding="utf-8")
    return made


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


def loaded(features: frozenset[str], folder: Path) -> ModuleType:
    """Import the module with some features."""
    path = folder / f"{named(features).replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_modules_are_clean_for_formatters_linters_and_type_checkers(folder: Path) -> None:
    for command in (
        ["ruff", "format", "--isolated", "--line-length=140", "--check"],
        ["ruff", "check", "--isolated", "--line-length=140", "--target-version=py310", "--select=E,F,W,I,UP,B,C4,C90,SIM,PIE,RET,PERF,N"],
    ):
        done = subprocess.run([sys.executable, "-m", *command, folder], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    typed = [folder / f"{named(each).replace('-', '_')}.py" for each in (*SINGLE[:: len(FORMS) + 1], *SEVERAL)]
    options = ["--strict", "--config-file=", "--python-version=3.10", f"--cache-dir={folder / 'cache'}"]
    for path in typed:
        done = subprocess.run([sys.executable, "-m", "mypy", *options, str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("features", [*SINGLE, *SEVERAL], ids=named)
def test_modules_are_recognised_unless_edited(features: frozenset[str]) -> None:
    text = rendered(features)
    assert features_of(text) == features
    assert features_of(text.replace("\n", "\r\n")) == features
    assert features_of(text.replace("60.0", "30.0")) is None
    assert features_of(text + "\n") is None


def test_other_modules_are_not_recognised() -> None:
    assert features_of("") is None
    assert features_of("# features: openai\n") is None
    assert features_of("# features: nothing, passes\n") is None
    with pytest.raises(ValueError, match="nothing"):
        rendered(frozenset({"nothing"}))


@pytest.mark.parametrize("features", SINGLE, ids=named)
def test_modules_have_what_their_features_need_and_no_more(features: frozenset[str]) -> None:
    text = rendered(features)
    assert "# [" not in text
    for name in NAMES:
        is_needed = name in features or f"{name.replace('passes', 'prepared')}" in features
        assert (f"def {name}(" in text) == is_needed
    others = {
        "openai": "class _OpenAI",
        "anthropic": "class _Anthropic",
        "gemini": "class _Gemini",
        "mistral": "class _Mistral",
        "together": "tempfile",
    }
    for provider, mark in others.items():
        is_needed = provider in features or (provider == "openai" and not features.isdisjoint({"azure", "groq", "together"}))
        assert (mark in text) == is_needed


@cache
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.mark.parametrize(
    ("provider", "row"),
    [
        ("openai", "openai"),
        ("openai", "azure-openai"),
        ("groq", "groq"),
        ("together", "together"),
        ("anthropic", "anthropic"),
        ("mistralai", "mistral"),
        ("google.genai", "google-genai"),
    ],
)
def test_limits_and_states_are_within_those_of_the_catalogue(provider: str, row: str) -> None:
    known = llm_batch._PROVIDERS[provider]
    api = catalogue().providers[row].batch
    assert api is not None
    assert known.most_requests <= (api.max_requests or known.most_requests)
    assert known.most_bytes <= (api.max_bytes or known.most_bytes)
    assert known.hours >= (api.window_hours or 0)
    source = Path(llm_batch.__file__).read_text(encoding="utf-8").lower()
    assert all(f'"{state.lower().removeprefix("job_state_")}"' in source for state in api.done)


def test_a_module_for_one_provider_works(folder: Path, server: Server) -> None:
    module = loaded(frozenset({"openai", "passes"}), folder)
    client, run, found = openai.OpenAI(), module.BatchRun(), []
    for prompt in run.passes(["Say one", "Say two"]):
        with run.item():
            found.append(test_batch_module.chat(module.batchable(client), prompt).id)
    assert len(found) == 2
    assert (server.counts.jobs, server.counts.realtime_requests) == ([2], 0)


def test_an_asynchronous_module_for_one_provider_works(folder: Path, server: Server) -> None:
    module = loaded(frozenset({"anthropic", "async_prepared"}), folder)

    async def main() -> list[Any]:
        async with anthropic.AsyncAnthropic() as client:

            async def ask(prompt: str) -> Any:
                return await test_batch_module.message(module.batchable(client), prompt)

            async with module.async_prepared(ask, ["Say one", "Say two"]):
                return list(await asyncio.gather(ask("Say one"), ask("Say two")))

    assert len(asyncio.run(main())) == 2
    assert (server.counts.jobs, server.counts.realtime_requests) == ([2], 0)
