"""Locks a file for one process at a time. The operating system releases the lock when its owner ends, so no lock is left behind."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
"""Seconds between two attempts to get a lock. They double with each attempt."""


@contextmanager
def locked(path: str, patience: float) -> Iterator[bool]:
    """Hold an exclusive lock on the file at `path` during the block, and create the file if it does not exist.

    Waits at most `patience` seconds for another process. Yields whether the lock is held: it is not if waiting took too long,
    or if the file or the platform does not support locks. Processes that the owner forks do not hold it.
    """
    try:
        # Never follow an existing link.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError:
        yield False
        return
    try:
        yield _is_acquired(descriptor, patience)
    finally:
        os.close(descriptor)


if sys.platform == "win32":

    def _is_acquired(descriptor: int, patience: float) -> bool:
        return False

else:
    import fcntl

    def _is_acquired(descriptor: int, patience: float) -> bool:
        """Wait for the lock. It belongs to this process alone, and closing the descriptor releases it."""
        end = time.monotonic() + patience
        pause = FIRST_PAUSE
        while True:
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # another process holds it
                if time.monotonic() > end:
                    return False
            except OSError:  # the file system has no locks
                return False
            else:
                return True
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
