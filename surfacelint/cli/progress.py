"""The line that says, on a terminal, that a long run is still running."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading

PATIENCE = 2.0
"""How many seconds a run may take before anything is said."""

INTERVAL = 0.5
"""How many seconds lie between two looks at the clock."""

_CLEAR = "\r\x1b[K"


def wanted(quiet: bool, environment: Mapping[str, str], terminal: bool) -> bool:
    """Say whether a person is likely to look: `terminal` says that stderr is one."""
    return terminal and not quiet and not environment.get("CI") and environment.get("TERM") != "dumb"


@contextmanager
def progress(shown: bool) -> Iterator[None]:
    """Show for how long the block has been running, once it has run for `PATIENCE` seconds; leave nothing behind."""
    if not shown:
        yield
        return
    import threading

    over = threading.Event()
    line = threading.Thread(target=_show, args=(over, time.perf_counter()), name="progress", daemon=True)
    line.start()
    try:
        yield
    finally:
        over.set()
        line.join()


def _show(over: threading.Event, started: float) -> None:
    if over.wait(PATIENCE):
        return
    try:
        while True:
            _write(f"\rchecking, {time.perf_counter() - started:.0f} s")
            if over.wait(INTERVAL):
                break
        _write(_CLEAR)
    except OSError:
        return


def _write(text: str) -> None:
    """Write past the buffers of `sys.stderr`, which belong to the other thread."""
    os.write(sys.stderr.fileno(), text.encode("ascii"))
