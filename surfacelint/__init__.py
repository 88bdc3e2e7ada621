"""surfacelint finds LLM calls on the wrong surface: realtime where a batch would do, batches where a user waits.

`check` is the whole public API; what it returns is described in `surfacelint.findings`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # That of `typing`, which `python -m surfacelint` must not import before it has seen to its path.

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from surfacelint.config import Config
    from surfacelint.findings import Report

__version__ = "0.1.0"
__all__ = ["__version__", "check"]


def check(paths: Sequence[str | Path], config: Config | None = None, stdin: str | None = None, stdin_filename: str | None = None) -> Report:
    """Check files and folders, or, if the only path is `-`, the code `stdin` as if it were saved as `stdin_filename`.

    Without `config` the settings are those that the command line would find.
    """
    from surfacelint.config import discover
    from surfacelint.engine import run

    if isinstance(paths, str):
        paths = [paths]
    if config is None:
        config = discover(paths if stdin is None else [stdin_filename] if stdin_filename else [])
    return run([str(path) for path in paths], config, stdin=stdin, stdin_filename=stdin_filename)
