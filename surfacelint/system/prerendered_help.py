"""What `--help` and `--version` print. Imports next to nothing: `importlib.metadata` alone takes as long as three Pythons."""

from __future__ import annotations

import os
import sys

from surfacelint.system.version import __version__

_HELP = os.path.join(os.path.dirname(__file__), "help.txt")  # noqa: PTH118, PTH120 - pathlib takes as long to import as Python to start

_PACKAGES = ("click", "flake8")


def usage() -> str:
    """Return the help of the command line as a whole, which is the same at every width. Raises OSError."""
    with open(_HELP, encoding="utf-8") as file:  # noqa: PTH123
        return file.read()


def versions() -> str:
    """Return our version on a line of its own, then those of Python, the system, and the packages that matter, as installed."""
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
    """Return the version of an installed package, as the name of its folder of metadata says it (PEP 376)."""
    for place in sys.path:
        try:
            names = os.listdir(place or ".")  # noqa: PTH208 - pathlib would take longer to import than this to run
        except OSError:
            continue
        for name in names:
            if name.startswith(f"{package}-") and name.endswith((".dist-info", ".egg-info")):
                return name[len(package) + 1 :].rpartition(".")[0]
    return None
