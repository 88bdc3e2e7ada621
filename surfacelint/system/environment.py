"""What surfacelint runs on: versions of Python and of packages, the operating system, encodings. No names of users, hosts or folders."""

from __future__ import annotations

import importlib.metadata
import locale
import os
import platform
import sys
from collections.abc import Iterator

from surfacelint.system import git
from surfacelint.system.version import __version__
from surfacelint.system.worker_processes import cores

PACKAGES = (
    *("click", "libcst", "tomli"),
    *("flake8", "distributed", "mcp", "anyio", "pydantic", "pygls", "genai-prices"),
)
"""The packages that surfacelint needs, and those of its extras."""

VARIABLES = (
    *("SURFACELINT_CACHE_DIR", "SURFACELINT_DEBUG", "SOURCE_DATE_EPOCH"),
    *("PYTHONPATH", "PYTHONHASHSEED", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONOPTIMIZE", "PYTHONDEVMODE", "PYTHONWARNINGS"),
    *("CI", "NO_COLOR", "FORCE_COLOR", "TERM", "GIT_DIR", "GIT_WORK_TREE"),
)
"""Environment variables that make a difference. Only whether they are set is told."""

MISSING = "not installed"


def versions() -> Iterator[tuple[str, str]]:
    """Yield the names and versions of surfacelint, Python, git and packages."""
    yield "surfacelint", __version__
    yield "python", f"{platform.python_implementation()} {platform.python_version()} ({platform.python_compiler()})"
    yield "Git", git.version() or MISSING
    yield from ((name, _version(name)) for name in PACKAGES)


def system() -> Iterator[tuple[str, str]]:
    """Yield properties of the operating system and of the process."""
    yield "system", " ".join((platform.system(), platform.release(), platform.machine()))
    yield "C library", " ".join(filter(None, platform.libc_ver())) or "unknown"
    yield "cores", f"{cores()} of {os.cpu_count() or 'unknown'}"
    yield "file system encoding", f"{sys.getfilesystemencoding()} ({sys.getfilesystemencodeerrors()})"
    yield "locale encoding", locale.getpreferredencoding(False)
    for name, stream in (("standard output", sys.stdout), ("standard error", sys.stderr)):
        yield name, "closed" if stream is None else f"{stream.encoding}, {'a terminal' if stream.isatty() else 'not a terminal'}"
    yield (
        "Python flags",
        ", ".join(name for name in ("dev_mode", "utf8_mode", "isolated", "optimize") if getattr(sys.flags, name)) or "none",
    )
    yield "environment variables set", ", ".join(name for name in VARIABLES if name in os.environ) or "none"


def _version(package: str) -> str:
    try:
        return str(importlib.metadata.version(package))
    except importlib.metadata.PackageNotFoundError:
        return MISSING
