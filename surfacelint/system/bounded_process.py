"""Runs a module in a Python process of its own, with limits for memory and time. The process ends if the one that started it does.

The memory is limited on Linux, for the process and for each that it starts.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from signal import Signals

from surfacelint.system.records import record

MEGABYTE = 1_000_000

_START = "import sys; del sys.path[0]; sys.path.append(sys.argv[1]); from surfacelint.system.bounded_process import begin; begin()"
"""The program of the process. Python puts the working directory first, where a module could be taken for one of Python's own."""

_LAST_WORDS = 4_000
"""Bytes of what a process wrote to stderr that are read at most."""

_running: set[subprocess.Popen[bytes]] = set()
"""The processes that were started and have not ended."""


@record(frozen=True, slots=True)
class Ending:
    """How a process ended: its exit status, negative for a signal, `None` if time ran out; and the last line that it wrote to stderr."""

    status: int | None
    words: str

    @property
    def is_out_of_memory(self) -> bool:
        """Whether a limit for memory may be the reason. Without memory, CPython may also fail with a SystemError."""
        signs = ("MemoryError", "memory allocation", "SystemError: error return without exception set")
        return (self.status is not None and self.status < 0) or any(sign in self.words for sign in signs)

    @property
    def problem(self) -> str:
        """Why the process failed, in words."""
        if self.status is not None and self.status < 0:
            return f"its process was ended by {_signal(-self.status)}"
        return self.words or f"its process ended with status {self.status}"


def run_bounded(module: str, arguments: Sequence[str], folder: Path, seconds: float, megabytes: int) -> Ending:
    """Call `main` of a module with `arguments`, in a process with `folder` as its working directory. Raises OSError.

    `folder` should be private to this call: what the process writes to stderr is kept there meanwhile.
    """
    command = [sys.executable, "-c", _START, str(Path(__file__).parents[2]), str(megabytes), module, *arguments]
    reading, writing = os.pipe()
    complaints = folder / "stderr"
    try:
        with complaints.open("wb") as stderr:
            # In its own session, so that it can be killed with all processes that it starts.
            process = subprocess.Popen(command, cwd=folder, stdin=reading, stdout=subprocess.DEVNULL, stderr=stderr, start_new_session=True)
        _running.add(process)
        try:
            status = _status(process, seconds)
        finally:
            _kill(process)
            process.wait()
            _running.discard(process)
    finally:
        os.close(reading)
        os.close(writing)
    return Ending(status, _last_line(complaints))


def end_all() -> None:
    """Kill all processes of `run_bounded`, which then returns in the threads that wait for them."""
    for process in tuple(_running):
        _kill(process)


def begin() -> None:
    """Run in the new process: set the limits, and call the module."""
    _package, megabytes, module, *arguments = sys.argv[1:]
    _limit_memory(int(megabytes) * MEGABYTE)
    threading.Thread(target=_end_with_parent, name="end with parent", daemon=True).start()
    gc.disable()  # the process ends soon
    importlib.import_module(module).main(*arguments)
    sys.stderr.flush()
    os._exit(0)  # all files are closed, and shutting the interpreter down takes longer


def _status(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that has not ended and, on POSIX, those that it started."""
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, 9)
        else:
            process.kill()


def _limit_memory(size: int) -> None:
    if sys.platform == "linux":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        size = size if most == resource.RLIM_INFINITY else min(size, most)
        resource.setrlimit(resource.RLIMIT_AS, (size, most))


def _end_with_parent() -> None:
    """Wait until the process that started this one has closed its end of the pipe, or is gone. Then end."""
    while os.read(0, 1):
        pass
    if os.name == "posix":
        os.killpg(0, 9)
    os._exit(1)


def _last_line(path: Path) -> str:
    """Return the last line of a file with text."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LAST_WORDS))
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""
    return ""


def _signal(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"
