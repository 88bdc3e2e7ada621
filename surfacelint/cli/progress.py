"""Progress line on a terminal that shows how long a run has been running."""

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
"""Seconds before the progress line appears."""

INTERVAL = 0.5
"""Seconds between updates."""

_CLEAR = "\r\x1b[K"


def wanted(quiet: bool, environment: Mapping[str, str], terminal: bool) -> bool:
    """Whether to show the line: stderr is a `terminal`, and neither `--quiet` nor the environment forbids it."""
    return terminal and not quiet and not environment.get("CI") and environment.get("TERM") != "dumb"


@contextmanager
def progress(shown: bool) -> Iterator[None]:
    """Show the elapsed time of the block after `PATIENCE` seconds, and clear the line at the end."""
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
    """Write to stderr without its buffers, which belong to the main thread."""
    os.write(sys.stderr.fileno(), text.encode("ascii"))
