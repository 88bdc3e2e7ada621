"""The folder of a cache: one that carries our mark. Nothing in it is read or written through a link, and a FIFO does not block.

Whoever names a folder may be mistaken, and a repository may hold anything under the name of the cache. Imports next to nothing, because
answers are looked up before anything else is.
"""

from __future__ import annotations

import os
import stat

from surfacelint.system.safe_reading import NOT_BLOCKING

TAG = "CACHEDIR.TAG"
MARK = b"Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of surfacelint; see https://bford.info/cachedir/\n"
_IGNORE = b"# Made by surfacelint.\n*\n"

STALE = 3_600
"""Seconds after which the draft of a file is left over from a process that died: to write one takes much less than that."""

_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
_READING = os.O_RDONLY | NOT_BLOCKING | _NO_LINK


class ForeignFolderError(Exception):
    """A folder that is to be a cache holds other files."""


def claim(folder: str) -> bool:
    """Make the folder of a cache, or take an empty one; return whether it was not there.

    Raises ForeignFolderError for a folder that holds anything and does not carry our mark, OSError where it cannot be made.
    """
    if is_marked(folder):
        return False
    made = not os.path.isdir(folder)
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    # Another process may make the same cache: it is empty, then holds drafts of the mark, then the whole mark, and only then the rest.
    if not all(name.startswith(f"{TAG}.") and is_draft(name) for name in os.listdir(folder)) and not is_marked(folder):  # noqa: PTH208
        raise ForeignFolderError(folder)
    write(f"{folder}/{TAG}", MARK)
    write(f"{folder}/.gitignore", _IGNORE)
    return made


def is_marked(folder: str) -> bool:
    """Say whether a folder carries our mark."""
    try:
        return read(f"{folder}/{TAG}", 1_000)[0].replace(b"\r\n", b"\n") == MARK
    except (OSError, ValueError):
        return False


def make_below(folder: str, *names: str) -> str:
    """Make a folder in the folder of a cache, one name below the other, and return it. Raises OSError, for links, too."""
    for name in names:
        folder = f"{folder}/{name}"
        try:
            os.mkdir(folder)  # noqa: PTH102
        except FileExistsError:
            if not is_folder(os.lstat(folder)):
                raise
    return folder


def is_folder(status: os.stat_result) -> bool:
    """Say whether a status, not looked up through a link, is that of a folder; a junction of Windows is none."""
    return stat.S_ISDIR(status.st_mode) and not getattr(status, "st_reparse_tag", 0)


def read(path: str, limit: int) -> tuple[bytes, os.stat_result]:
    """Return what a file of a cache holds, and its status. Raises OSError for what is no regular file, or has more than `limit` bytes."""
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
    """Return where to write a file before it gets its name: a place that no other process writes to, in this container or another."""
    return f"{path}.{os.urandom(8).hex()}.tmp"


def is_draft(name: str) -> bool:
    """Say whether a name is that of a draft."""
    stem, _, suffix = name.rpartition(".")
    number = stem.rpartition(".")[2]
    return suffix == "tmp" and bool(number) and not number.strip("0123456789abcdef")


def write(path: str, data: bytes) -> None:
    """Write a file of a cache at once or not at all; a link in its place is replaced. Raises OSError."""
    draft = draft_of(path)
    try:
        with open(draft, "xb", 0) as file:  # noqa: PTH123 - which follows no link
            file.write(data)
        os.replace(draft, path)  # noqa: PTH105
    except OSError:
        discard(draft)
        raise


def discard(path: str) -> None:
    """Remove a file, if that can be done."""
    try:
        os.unlink(path)  # noqa: PTH108
    except OSError:
        return
