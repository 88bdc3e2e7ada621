"""The cache folder and its marker file. Nothing in it is read or written through a link, and a FIFO does not block.

A user may name the wrong folder, and a repository may contain anything under the name of the cache. Imports very little,
because it runs at the start of every run.
"""

from __future__ import annotations

import os
import stat

from surfacelint.system.safe_reading import NOT_BLOCKING

TAG = "CACHEDIR.TAG"
MARK = b"Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of surfacelint; see https://bford.info/cachedir/\n"
_IGNORE = b"# Made by surfacelint.\n*\n"

STALE = 3_600
"""The age in seconds at which a draft must be left over from a process that died. Writing one takes much less."""

_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
_READING = os.O_RDONLY | NOT_BLOCKING | _NO_LINK


class ForeignFolderError(Exception):
    """The folder chosen for the cache contains other files."""


def claim(folder: str) -> bool:
    """Create a cache folder, or mark an empty one. Return whether it was created.

    Raises ForeignFolderError for a folder that is neither empty nor marked, OSError if it cannot be created.
    """
    if is_marked(folder):
        return False
    made = not os.path.isdir(folder)
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    # Another process may create the same cache: it is empty, then contains drafts of the marker, then the marker, then other files.
    if not all(name.startswith(f"{TAG}.") and is_draft(name) for name in os.listdir(folder)) and not is_marked(folder):  # noqa: PTH208
        raise ForeignFolderError(folder)
    write(f"{folder}/{TAG}", MARK)
    write(f"{folder}/.gitignore", _IGNORE)
    return made


def is_marked(folder: str) -> bool:
    """Whether a folder has the marker file of a cache."""
    try:
        return read(f"{folder}/{TAG}", 1_000)[0].replace(b"\r\n", b"\n") == MARK
    except (OSError, ValueError):
        return False


def make_below(folder: str, *names: str) -> str:
    """Create nested folders `names` in a cache folder, and return the innermost. Raises OSError, also for links."""
    for name in names:
        folder = f"{folder}/{name}"
        try:
            os.mkdir(folder)  # noqa: PTH102
        except FileExistsError:
            if not is_folder(os.lstat(folder)):
                raise
    return folder


def is_folder(status: os.stat_result) -> bool:
    """Whether the status of a path (links not followed) is that of a folder. A Windows junction is not one."""
    return stat.S_ISDIR(status.st_mode) and not getattr(status, "st_reparse_tag", 0)


def read(path: str, limit: int) -> tuple[bytes, os.stat_result]:
    """Return the content and status of a file in a cache. Raises OSError if it is not regular or has more than `limit` bytes."""
    descriptor = os.open(path, _READING)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            raise OSError(path)
        data = os.read(descriptor, status.st_size + 1)
        while len(data) < status.st_size and (more := os.read(descriptor, status.st_size - len(data))):
            data += more
        return data, status
    finally:
        os.close(descriptor)


def draft_of(path: str) -> str:
    """Return a unique path at which to write a file before renaming it. No other process writes to it, in any container."""
    return f"{path}.{os.urandom(8).hex()}.tmp"


def is_draft(name: str) -> bool:
    """Whether a name is that of a draft."""
    stem, _, suffix = name.rpartition(".")
    number = stem.rpartition(".")[2]
    return suffix == "tmp" and bool(number) and not number.strip("0123456789abcdef")


def write(path: str, data: bytes) -> None:
    """Write a file in a cache atomically. A link in its place is replaced. Raises OSError."""
    draft = draft_of(path)
    try:
        with open(draft, "xb", 0) as file:  # noqa: PTH123 - does not follow links
            file.write(data)
        os.replace(draft, path)  # noqa: PTH105
    except OSError:
        discard(draft)
        raise


def discard(path: str) -> None:
    """Remove a file, if possible."""
    try:
        os.unlink(path)  # noqa: PTH108
    except OSError:
        return
