"""Unified diffs of changed files, as `patch` and `git apply` read them: the lines have the bytes of the files."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterable
from pathlib import Path

from surfacelint.fixing.working_copy import Change


def unified_diff(changes: Iterable[Change]) -> bytes:
    """Return the diff of changed and new files."""
    return "".join(line for change in changes for line in _lines(change)).encode("utf-8", "surrogateescape")


def _lines(change: Change) -> Iterable[str]:
    old, new = (_lines_of(data) for data in (change.before or b"", change.after))
    path = Path(change.path).as_posix()
    for line in difflib.unified_diff(old, new, "/dev/null" if change.before is None else path, path):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines_of(data: bytes) -> list[str]:
    """Return the lines as `patch` counts them: a form feed, a line separator or a single carriage return ends no line."""
    return list(io.StringIO(data.decode("utf-8", "surrogateescape"), newline="\n"))
