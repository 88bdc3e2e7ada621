"""Removes a whole cache: the files that surfacelint writes into it, and the folder if nothing else is there."""

from __future__ import annotations

import os
import re
from contextlib import suppress

from surfacelint.cache import last_run, replay
from surfacelint.cache.marked_folder import TAG, discard, is_draft, is_marked
from surfacelint.cache.pruning import prune
from surfacelint.system.records import record

_ANSWER = re.compile(r"[0-9a-f]{8}|lock-[0-9a-f]+")
_RUN = re.compile(r"[0-9a-f]{16}\.json")


@record(frozen=True, slots=True)
class Cleared:
    """What is left of a cache: whether the folder was removed, and the number of `others`: files that surfacelint does not know."""

    removed: bool
    others: int


def clear(folder: str) -> Cleared | None:
    """Remove the files of a cache; return `None` if the folder is no cache. Links are neither followed nor removed."""
    if not is_marked(folder):
        return None
    prune(folder, -1)
    _remove_named(f"{folder}/{replay.PLACE}", _ANSWER)
    _remove_named(f"{folder}/{last_run.PLACE}", _RUN)
    for path, _, _ in os.walk(folder, topdown=False):
        if path != folder:
            with suppress(OSError):
                os.rmdir(path)  # noqa: PTH106 - the path is a string
    own = {TAG, ".gitignore"}
    others = sum(len(names) for _, _, names in os.walk(folder)) - sum(os.path.isfile(f"{folder}/{name}") for name in own)
    if others:
        return Cleared(False, others)
    for name in own:
        discard(f"{folder}/{name}")
    with suppress(OSError):
        os.rmdir(folder)  # noqa: PTH106
    return Cleared(not os.path.lexists(folder), 0)


def _remove_named(folder: str, wanted: re.Pattern[str]) -> None:
    with suppress(OSError), os.scandir(folder) as scan:
        for entry in scan:
            name = entry.name.rsplit(".", 2)[0] if is_draft(entry.name) else entry.name
            if wanted.fullmatch(name) and entry.is_file(follow_symlinks=False):
                discard(entry.path)
