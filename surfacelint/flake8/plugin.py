"""The plugin class that flake8 instantiates for each file. Replays earlier findings while nothing they depend on has changed.

Imports little: `surfacelint.flake8.report`, which runs the analysis, is imported only if there is nothing to replay.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, ClassVar

from surfacelint.cache import replay
from surfacelint.flake8.options import MIRRORED, Flake8Options
from surfacelint.system.version import __version__


class Plugin:
    """Checker that flake8 creates for each file."""

    name, version = "surfacelint", __version__
    _given: ClassVar[Flake8Options] = Flake8Options()
    _replayed: ClassVar[dict[str, Any]] = {}

    def __init__(self, tree: object, lines: list[str], filename: str) -> None:
        """Store the file. flake8 has parsed it already, and its text may not be saved."""
        self._lines, self._name = lines, filename

    @staticmethod
    def add_options(manager: Any) -> None:
        """Register options for the settings that flake8 does not have."""
        manager.add_option(
            "--surfacelint-config", metavar="FILE", parse_from_config=True, normalize_paths=True, help="Configuration file to read."
        )
        for key, shape, text in MIRRORED:
            kind = {"action": "store_true", "default": None} if shape == "switch" else {"type": int}
            manager.add_option(f"--surfacelint-{key}", parse_from_config=True, help=text, **kind)

    @classmethod
    def parse_options(cls, options: Any) -> None:
        """Store the options, and look for earlier findings to replay."""
        cls._given = Flake8Options.of(options)
        found = None if cls._given.unsaved else replay.find(cls._given.paths, cls._given.key)
        cls._replayed = {} if found is None else _loaded(found[0])

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield findings that our own comments do not suppress. flake8 handles `noqa`. A failure is reported as a finding."""
        stamp, lines = self._replayed.get(os.path.abspath(self._name), (None, ()))  # noqa: PTH100 - importing pathlib takes as long as the rest
        if stamp is None or stamp != _stamp(self._name):
            # There are no earlier findings, or the file has changed since.
            from surfacelint.flake8 import report

            lines = report.findings("".join(self._lines), self._name, self._given)
        yield from ((row, column, text, type(self)) for row, column, text in lines)


def _loaded(data: bytes) -> dict[str, Any]:
    import json

    loaded: dict[str, Any] = {}
    with suppress(ValueError):
        loaded = json.loads(data[1:])  # skip the digit of the file descriptor
    return loaded


def _stamp(path: str) -> list[int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]
