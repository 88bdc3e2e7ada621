"""Starts Python programs with the SDKs, each in a process of its own: forked from one that has imported them, where that works."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from forked_processes import CAN_FORK, ForkServer
from loopback_server import Server

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
QUICK_SLEEP = HERE / "quick_sleep"
TIMEOUT = 60  # seconds

PRELOADED = (
    "openai.resources.chat",
    "openai.resources.responses",
    "openai.resources.embeddings",
    "openai.lib.azure",
    "anthropic.resources.messages",
    "groq.resources.chat",
    "together.resources",
    "mistralai.client",
    "google.genai",
    "pandas",
    "rich.progress",
    "tqdm.asyncio",
    "tenacity",
    "first_requests",
)


def python(folder: Path, environment: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    """Run `python *argv` in a folder; sleeps in it end at once."""
    path = os.pathsep.join(filter(None, [os.fspath(QUICK_SLEEP), environment.get("PYTHONPATH")]))
    variables = {**environment, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    if CAN_FORK:
        return _server().run(folder, variables, argv)
    command = [sys.executable, *argv]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, encoding="utf-8", timeout=TIMEOUT, check=False)


@cache
def _server() -> ForkServer:
    path = os.pathsep.join([os.fspath(QUICK_SLEEP), os.fspath(REPOSITORY)])
    with Server() as first:
        # What the module `openai` reads when it is imported holds for all programs: there is one Azure for each of them.
        variables = {
            **os.environ,
            **{name: value for name, value in first.environment().items() if name != "AZURE_OPENAI_ENDPOINT"},
            "PYTHONPATH": path,
            "PYTHONHASHSEED": "0",
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        server = ForkServer(PRELOADED, variables)
        server.run(HERE, variables, [os.devnull])  # ends once all is imported
    assert first.counts.violations == []
    return server
