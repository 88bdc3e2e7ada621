"""Runs Python programs in processes that are forked from one that has imported what they need."""

from __future__ import annotations

import atexit
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

SERVER = Path(__file__).with_name("fork_server.py")

TIMEOUT = 120  # seconds of CPU time, which do not depend on what else the machine does

PATIENCE = 8
"""How many times as long a program may take by the clock."""

CAN_FORK = platform.system() == "Linux"
"""Whether the platform can fork a process that has imported compiled modules."""


class ForkServer:
    """A process that imports `modules` with the environment `variables`, and forks for each program."""

    def __init__(self, modules: Sequence[str], variables: Mapping[str, str]) -> None:
        """Start the process. It ends with this one."""
        command = [sys.executable, os.fspath(SERVER), *modules]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(variables), encoding="utf-8")
        atexit.register(self._process.communicate)

    def run(
        self, folder: Path, variables: Mapping[str, str], argv: Sequence[str], text: str | None = None, seconds: int = TIMEOUT
    ) -> subprocess.CompletedProcess[str]:
        """Run `python *argv` in a folder; `text` is its standard input. Raises TimeoutExpired after so many seconds of CPU time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as place:
            files = {name: os.fspath(Path(place, name)) for name in ("stdin", "stdout", "stderr")}
            Path(files["stdin"]).write_text(text or "", encoding="utf-8", newline="")
            limits = {"seconds": seconds, "clock": PATIENCE * seconds}
            command = {"argv": list(argv), "cwd": os.fspath(folder), "env": dict(variables), **limits, **files}
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
            status = int(self._process.stdout.readline())
            if status in (-signal.SIGPROF, -signal.SIGALRM):
                raise subprocess.TimeoutExpired(list(argv), seconds)
            out, err = (Path(files[name]).read_bytes().decode("utf-8", "surrogateescape") for name in ("stdout", "stderr"))
            return subprocess.CompletedProcess(list(argv), status, out, err)
