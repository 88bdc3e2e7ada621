"""The front door of the command line: what takes no thought is answered here, before anything else is imported."""

from __future__ import annotations

import os
import sys

from surfacelint.cache.answers import repeat

HELP = os.path.join(os.path.dirname(__file__), "help.txt")  # noqa: PTH118, PTH120 - pathlib takes as long to import as Python to start


_TEXTS = {("--version",), ("-V",), ("--help",), ("-h",)}


def main() -> None:
    """Run a command and leave the process."""
    arguments = tuple(sys.argv[1:])
    if arguments in _TEXTS and _print(_text(arguments[0])):
        return
    code = repeat(arguments)
    if code is not None:
        os._exit(code)  # nothing is open, and taking the interpreter apart would take longer than all of this
    from surfacelint.cli import main as run

    run()


def _print(text: str) -> bool:
    """Print a text; return whether that could be done. If not, the command line says why, or says nothing where nobody listens."""
    try:
        return os.write(1, text.encode()) > 0
    except OSError:
        return False


def _text(argument: str) -> str:
    if argument in ("--version", "-V"):
        from surfacelint.versions import versions

        return versions()
    with open(HELP, encoding="utf-8") as file:  # noqa: PTH123
        return file.read()
