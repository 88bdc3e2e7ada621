"""Findings of a whole project, as the processes of flake8 pass them on. Imports little, because flake8 imports it in every run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from surfacelint.cache import replay
from surfacelint.system.file_dependencies import NOTHING, Stamp, stamp

Line: TypeAlias = tuple[int, int, str]
"""Row (1-based), column (0-based) and text of a finding, as flake8 expects them."""


class ProjectFindings(NamedTuple):
    """The stamp of each file of a project with its findings, by absolute path.

    `failure` is the only finding of every file below `root` if the analysis failed.
    """

    root: str = ""
    files: dict[str, tuple[Stamp, list[Line]]] = {}  # noqa: RUF012 - never changed
    failure: str = ""

    def of(self, path: str) -> list[Line] | None:
        """Return the findings of a file, or `None` if it was not analysed or has changed since."""
        if self.failure and path.startswith(self.root and f"{self.root.rstrip(os.sep)}{os.sep}"):
            return [(1, 0, self.failure)]
        analysed, lines = self.files.get(path, (NOTHING, []))
        return None if analysed == NOTHING or analysed != stamp(path) else lines

    @classmethod
    def replayed(cls, places: Iterable[str], key: bytes, since: int | None = None) -> ProjectFindings | None:
        """Return what another run recorded under a key, if that is still valid. `places` and `since` are as in `replay.find`."""
        found = replay.find(places, key, since)
        return None if found is None else cls.decoded(found[0][1:])  # without the digit of the file descriptor

    def encoded(self) -> bytes:
        """Return the findings as a line of JSON."""
        import json

        return json.dumps(self).encode()

    @classmethod
    def decoded(cls, data: bytes) -> ProjectFindings | None:
        """Return the findings in a line of JSON, or `None` if it is damaged."""
        import json

        try:
            root, files, failure = json.loads(data)
            return cls(root, {path: (tuple(analysed), lines) for path, (analysed, lines) in files.items()}, failure)
        except (ValueError, TypeError, AttributeError):
            return None
