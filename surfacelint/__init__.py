"""surfacelint finds LLM calls on the wrong surface: realtime where a batch would do, batches where a user waits.

The names in `__all__` are the whole public API; `docs/api.md` shows how to use them.
"""

from __future__ import annotations

TYPE_CHECKING = False  # That of `typing`, which `python -m surfacelint` must not import before it has seen to its path.

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from surfacelint.config import Config, ConfigError, discover
    from surfacelint.model.findings import Finding, Report, Severity
    from surfacelint.system.version import __version__

__all__ = ["Config", "ConfigError", "Finding", "Report", "Severity", "__version__", "check", "discover"]

_HOMES = {
    **dict.fromkeys(("Config", "ConfigError", "discover"), "surfacelint.config"),
    **dict.fromkeys(("Finding", "Report", "Severity"), "surfacelint.model.findings"),
    "__version__": "surfacelint.system.version",
}
"""Where the public names are defined; they are imported once they are asked for."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def check(paths: Sequence[str | Path], config: Config | None = None, stdin: str | None = None, stdin_filename: str | None = None) -> Report:
    """Check files and folders, or, if the only path is `-`, the code `stdin` as if it were saved as `stdin_filename`.

    Without `config` the settings are those that the command line would find. Raises ConfigError where they cannot be used.
    """
    from surfacelint.config import discover
    from surfacelint.pipeline.engine import run

    if isinstance(paths, str):
        paths = [paths]
    if config is None:
        config = discover(paths if stdin is None else [stdin_filename] if stdin_filename else [])
    return run([str(path) for path in paths], config, stdin=stdin, stdin_filename=stdin_filename)
