"""Entry point of the command line: answers `--help`, `--version` and replayed runs before anything else is imported."""

from __future__ import annotations

import gc
import os
import sys

from surfacelint.cache.replay import replay_run
from surfacelint.system.prerendered_help import usage, versions

TYPE_CHECKING = False  # Same as `typing.TYPE_CHECKING`; importing `typing` would take longer than the rest of this module.

if TYPE_CHECKING:
    from collections.abc import Callable

_PRERENDERED: dict[tuple[str, ...], Callable[[], str]] = {("--version",): versions, ("-V",): versions, ("--help",): usage, ("-h",): usage}


def main() -> None:
    """Run the command line and exit the process."""
    arguments = tuple(sys.argv[1:])
    prerendered = _PRERENDERED.get(arguments)
    if prerendered is not None and _print(prerendered()):
        return
    status = replay_run(arguments)
    if status is not None:
        os._exit(status)  # nothing is open, and shutting the interpreter down would take longer than the replay
    from surfacelint.cli import main as run

    gc.disable()  # a run keeps nearly everything it allocates
    try:
        run()
    finally:
        gc.freeze()  # spare the process a search for cycles at exit, which would take seconds


def _print(text: str) -> bool:
    """Print a text to stdout and return whether that succeeded. On failure, the regular command line runs and reports the error."""
    try:
        return os.write(1, text.encode()) > 0
    except OSError:
        return False
