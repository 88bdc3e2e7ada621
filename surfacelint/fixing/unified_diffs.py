"""Unified diffs of changed files, as `patch` and `git apply` read them: the lines have the bytes of the files."""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Iterable
from pathlib import Path

from surfacelint.fixing.working_copy import Change

_SPECIAL = re.compile(r'[\x00-\x1f\x7f"\\]')
"""The characters for which git puts a name in quotes."""


def unified_diff(changes: Iterable[Change]) -> bytes:
    """Return the diff of changed and new files."""
    return "".join(line for change in changes for line in _lines(change)).encode("utf-8", "surrogateescape")


def _lines(change: Change) -> Iterable[str]:
    old, new = (_lines_of(data) for data in (change.before or b"", change.after))
    name = _name(Path(change.path).as_posix())
    for line in difflib.unified_diff(old, new, "/dev/null" if change.before is None else name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines_of(data: bytes) -> list[str]:
    """Return the lines as `patch` counts them: a form feed, a line separator or a single carriage return ends no line."""
    return list(io.StringIO(data.decode("utf-8", "surrogateescape"), newline="\n"))


def _name(path: str) -> str:
    """Return a path for the head of a diff, in quotes if a part of it could be taken for something else, such as another head.

    `patch` takes a name with spaces for what is before them, unless a tab ends it. Bytes that are not UTF-8 stay as they are.
    """
    if _SPECIAL.search(path):
        return f'"{_SPECIAL.sub(_escaped, path)}"'
    return f"{path}\t" if " " in path else path


def _escaped(special: re.Match[str]) -> str:
    return f"\\{special[0]}" if special[0] in '"\\' else f"\\{ord(special[0]):03o}"
