"""Starts Python programs: each in a process of its own, forked from one that has imported the SDKs where the platform can fork."""

from __future__ import annotations

import atexit
import json
import os
import platform
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
QUICK_SLEEP = HERE / "quick_sleep"
TIMEOUT = 60  # seconds


def python(folder: Path, environment: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    """Run `python *argv` in a folder; sleeps in it end at once."""
    path = os.pathsep.join(filter(None, [os.fspath(QUICK_SLEEP), environment.get("PYTHONPATH")]))
    variables = {**environment, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    if platform.system() == "Linux":
        return _forked(folder, variables, list(argv))
    command = [sys.executable, *argv]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, encoding="utf-8", timeout=TIMEOUT, check=False)


@cache
def _server() -> subprocess.Popen[str]:
    path = os.pathsep.join([os.fspath(QUICK_SLEEP), os.fspath(REPOSITORY)])
    # The module-level client of `openai` reads its type when it is imported; keys of several vendors make it ambiguous.
    variables = {
        "OPENAI_API_TYPE": "openai",
        **os.environ,
        "PYTHONPATH": path,
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, os.fspath(HERE / "fork_server.py")]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables, encoding="utf-8")
    atexit.register(_end, server)
    return server


def _end(server: subprocess.Popen[str]) -> None:
    server.communicate()


def _forked(folder: Path, variables: dict[str, str], argv: list[str]) -> subprocess.CompletedProcess[str]:
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory() as place:
        files = {name: os.fspath(Path(place, name)) for name in ("stdout", "stderr")}
        server.stdin.write(json.dumps({"argv": argv, "cwd": os.fspath(folder), "env": variables, **files}) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        out, err = (Path(files[name]).read_text(encoding="utf-8", errors="replace") for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(argv, status, out, err)
