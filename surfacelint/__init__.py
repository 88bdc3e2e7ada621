"""surfacelint finds LLM calls on the wrong surface: realtime calls that should be batches, batches where a user waits.

The names in `__all__` are the whole public API; `docs/api.md` shows how to use them.
"""

from __future__ import annotations

TYPE_CHECKING = False  # Same as `typing.TYPE_CHECKING`; `python -m surfacelint` must fix `sys.path` before it imports `typing`.

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from surfacelint.config import Config, ConfigError, discover
    from surfacelint.model.findings import Finding, Report, Severity
    from surfacelint.system.version import __version__

__all__ = ["Config", "ConfigError", "Finding", "Report", "Severity", "__version__", "check", "discover"]

_PUBLIC_MODULES = {
    **dict.fromkeys(("Config", "ConfigError", "discover"), "surfacelint.config"),
    **dict.fromkeys(("Finding", "Report", "Severity"), "surfacelint.model.findings"),
    "__version__": "surfacelint.system.version",
}
"""Modules that define the public names, imported on first access."""


def __getattr__(name: str) -> object:
    if name not in _PUBLIC_MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_PUBLIC_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def check(paths: Sequence[str | Path], config: Config | None = None, stdin: str | None = None, stdin_filename: str | None = None) -> Report:
    """Check files and directories, and return the report.

    If the only path is `-`, check the code `stdin` as if it were saved as `stdin_filename`. Without `config`, discover
    settings as the command line does. Raises `ConfigError` for invalid settings.
    """
    from surfacelint.config import discover
    from surfacelint.pipeline.engine import run

    if isinstance(paths, str):
        paths = [paths]
    if config is None:
        config = discover(paths if stdin is None else [stdin_filename] if stdin_filename else [])
    return run([str(path) for path in paths], config, stdin=stdin, stdin_filename=stdin_filename)
