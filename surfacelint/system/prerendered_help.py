"""The output of `--help` and `--version`. Imports very little: `importlib.metadata` takes three times as long as starting Python."""

from __future__ import annotations

import os
import sys

from surfacelint.system.version import __version__

_HELP = os.path.join(os.path.dirname(__file__), "help.txt")  # noqa: PTH118, PTH120 - importing pathlib takes as long as starting Python

_PACKAGES = ("click", "flake8")


def usage() -> str:
    """Return the help of the whole command line, which does not depend on the terminal width. Raises OSError."""
    with open(_HELP, encoding="utf-8") as file:  # noqa: PTH123
        return file.read()


def versions() -> str:
    """Return the version of surfacelint, then those of Python, the system and related installed packages, on three lines."""
    installed = ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _installed(name)))
    python = f"{sys.implementation.name} {'.'.join(map(str, sys.version_info[:3]))}"
    return f"surfacelint {__version__}\n{python} on {_system()}\n{installed}\n"


def _system() -> str:
    if os.name != "posix":
        import platform

        return platform.platform()
    found = os.uname()
    return f"{found.sysname} {found.release} {found.machine}"


def _installed(package: str) -> str | None:
    """Return the version of an installed package from the name of its metadata folder (PEP 376), if there is one."""
    for place in sys.path:
        try:
            names = os.listdir(place or ".")  # noqa: PTH208 - importing pathlib would take longer than this function
        except OSError:
            continue
        for name in names:
            if name.startswith(f"{package}-") and name.endswith((".dist-info", ".egg-info")):
                return name[len(package) + 1 :].rpartition(".")[0]
    return None
