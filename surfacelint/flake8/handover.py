"""Hands the findings of flake8's main process to its workers. Imports little, because flake8 imports it in every run.

Forked workers inherit them. Others (`spawn` and `forkserver`) are new interpreters, and get them in a temporary file. Only they
can know its name, because it contains a digest of the secret key that `multiprocessing` gives to all processes of a program.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
from contextlib import suppress

from surfacelint.cache import marked_folder
from surfacelint.cache.replay import LARGEST_ANSWER


def received(key: bytes) -> bytes | None:
    """Return what the process that started this one has handed over under a key, if anything."""
    parent = multiprocessing.parent_process()
    if parent is None or parent.pid is None:
        return None
    with suppress(OSError, ValueError):
        data, _ = marked_folder.read(_place(parent.pid, key), LARGEST_ANSWER)
        return data
    return None


def is_needed() -> bool:
    """Whether the processes that this one will start do not inherit its memory."""
    return (multiprocessing.get_start_method(allow_none=True) or multiprocessing.get_all_start_methods()[0]) != "fork"


def hand_over(key: bytes, data: bytes) -> None:
    """Hand data to the processes that this one will start. If that fails, they have to do without."""
    try:
        place = _place(os.getpid(), key)
    except OSError:  # there is no temporary folder
        return
    marked_folder.discard(place)
    atexit.register(marked_folder.discard, place)
    try:
        with open(place, "xb", opener=_open_private) as file:
            file.write(data)
    except OSError:
        marked_folder.discard(place)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _place(process: int, key: bytes) -> str:
    """Return the path of the file that a process hands over under a key."""
    import tempfile
    from hashlib import sha256

    secret = multiprocessing.current_process().authkey
    name = sha256(b"%s\0%d\0%s" % (secret, process, key)).hexdigest()
    return f"{tempfile.gettempdir()}/surfacelint-{name[:32]}.json"
