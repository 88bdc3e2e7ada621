"""The front door of the command line: what takes no thought is answered here, before anything else is imported."""

from __future__ import annotations

import gc
import os
import sys

from surfacelint.cache.replay import repeat
from surfacelint.system.prerendered_help import usage, versions

TYPE_CHECKING = False  # That of `typing`, which would take longer to import than all of this.

if TYPE_CHECKING:
    from collections.abc import Callable

_TEXTS: dict[tuple[str, ...], Callable[[], str]] = {("--version",): versions, ("-V",): versions, ("--help",): usage, ("-h",): usage}


def main() -> None:
    """Run a command and leave the process."""
    arguments = tuple(sys.argv[1:])
    text = _TEXTS.get(arguments)
    if text is not None and _print(text()):
        return
    code = repeat(arguments)
    if code is not None:
        os._exit(code)  # nothing is open, and taking the interpreter apart would take longer than all of this
    from surfacelint.cli import main as run

    gc.disable()  # a run keeps nearly everything that it makes
    try:
        run()
    finally:
        gc.freeze()  # all of it goes with the process: looking through it for cycles first would take seconds


def _print(text: str) -> bool:
    """Print a text; return whether that could be done. If not, the command line says why, or says nothing where nobody listens."""
    try:
        return os.write(1, text.encode()) > 0
    except OSError:
        return False
