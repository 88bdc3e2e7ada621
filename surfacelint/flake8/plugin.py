"""The same findings inside of flake8, file by file. What was said before is said again while all that it rests on is as it was.

Imports next to nothing: `flake8_report`, which looks for findings, is imported once there is something to look for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, ClassVar

from surfacelint.cache import replay
from surfacelint.flake8.options import MIRRORED, Given
from surfacelint.system.version import __version__


class Plugin:
    """What flake8 makes for each file."""

    name, version = "surfacelint", __version__
    _given: ClassVar[Given] = Given()
    _said: ClassVar[dict[str, Any]] = {}

    def __init__(self, tree: object, lines: list[str], filename: str) -> None:
        """Take a file. flake8 has parsed it, so its syntax is right; what stands in it may not be saved."""
        self._lines, self._name = lines, filename

    @staticmethod
    def add_options(manager: Any) -> None:
        """Offer those settings of ours that flake8 has no option of its own for."""
        manager.add_option("--surfacelint-config", metavar="FILE", parse_from_config=True, normalize_paths=True, help="Settings to read.")
        for key, shape, text in MIRRORED:
            kind = {"action": "store_true", "default": None} if shape == "switch" else {"type": int}
            manager.add_option(f"--surfacelint-{key}", parse_from_config=True, help=text, **kind)

    @classmethod
    def parse_options(cls, options: Any) -> None:
        """Keep what was given, and look up what was said to that before."""
        cls._given = Given.of(options)
        found = None if cls._given.unsaved else replay.find(cls._given.paths, cls._given.key)
        cls._said = {} if found is None else _loaded(found[0])

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield the findings, but for those that our own comments silence: `noqa` is left to flake8. A failure is a finding."""
        stamp, lines = self._said.get(os.path.abspath(self._name), (None, ()))  # noqa: PTH100 - pathlib takes as long as all of this
        if stamp is None or stamp != _stamp(self._name):
            # Nothing was said, or the file has changed since that was looked up.
            from surfacelint.flake8 import report

            lines = report.findings("".join(self._lines), self._name, self._given)
        yield from ((row, column, text, type(self)) for row, column, text in lines)


def _loaded(said: bytes) -> dict[str, Any]:
    import json

    loaded: dict[str, Any] = {}
    with suppress(ValueError):
        loaded = json.loads(said[1:])  # after the number of where it was said
    return loaded


def _stamp(path: str) -> list[int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]
