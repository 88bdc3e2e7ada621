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
    settings as the command line does. Paths in several projects are analysed project by project. Raises `ConfigError` for
    invalid settings.
    """
    from surfacelint.config import discover, discover_each, divided
    from surfacelint.pipeline.engine import run
    from surfacelint.pipeline.merged_reports import merged

    if isinstance(paths, str):
        paths = [paths]
    if stdin is not None:
        alone = discover([stdin_filename] if stdin_filename else []) if config is None else config
        return run(["-"], alone, stdin=stdin, stdin_filename=stdin_filename)
    projects = discover_each(paths) if config is None else divided(paths, config)
    return merged(tuple(run(each.paths, each.config) for each in projects))
