"""`surfacelint --version`: what a report about a bug has to say of the versions."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from surfacelint import __version__
from surfacelint.cli.console import PROGRAM

_PACKAGES = ("libcst", "click", "flake8")


def versions() -> str:
    """Return our version on a line of its own, then those of Python, the system, and the packages that matter, as installed."""
    installed = ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _installed(name)))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{PROGRAM} {__version__}\n{python} on {platform.platform()}\n{installed}\n"


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
