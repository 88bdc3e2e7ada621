"""Atomic writes: a file has its old or its new content, never a part of it, and several files change together or not at all."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from surfacelint.system.records import record


@record(frozen=True, slots=True)
class Writing:
    """New content `data` of the file at `place`, a path without links. `expected` is its content so far, `None` if there is no file."""

    place: Path
    data: bytes
    expected: bytes | None


class WritingError(Exception):
    """A file could not be written. `place` is its path, and the text says why. No file has changed."""

    def __init__(self, place: Path, problem: str) -> None:
        """Take the path of the file and the reason."""
        super().__init__(problem)
        self.place = place


def linked_place(path: Path, home: Path) -> tuple[Path, bool]:
    """Return where a path leads once links are resolved, and whether that is outside the folder `home`."""
    place = Path(os.path.realpath(path))
    return place, not place.is_relative_to(os.path.realpath(home))


def resolved(path: Path) -> Path:
    """Return a path with links resolved. Raises `OSError`, also for a link to itself."""
    try:
        return path.resolve()
    except RuntimeError:  # before Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None


def replace_file(target: Path, data: bytes, expected: bytes | None = None) -> None:
    """Replace or create a file, and keep its owner and permissions. `target` has no links.

    Raises `OSError`, also if `expected` is given and the file no longer has this content.
    """
    draft = _draft(target, data)
    try:
        _put(draft, target, expected)
    finally:
        draft.unlink(missing_ok=True)


def write_together(writings: Sequence[Writing]) -> None:
    """Write files together. If one cannot be written, those already written get their content back. Raises `WritingError`.

    A file is replaced only if it still has its expected content, and created only if there is nothing at its path.
    """
    drafts: list[tuple[Writing, Path]] = []
    written: list[Writing] = []
    try:
        for each in writings:
            with _named(each.place):
                drafts.append((each, _draft(each.place, each.data)))
        for each, draft in drafts:
            with _named(each.place):
                _commit(each, draft)
            written.append(each)
    except BaseException:
        for each in reversed(written):
            with suppress(OSError):
                _restore(each)
        raise
    finally:
        for _, draft in drafts:
            draft.unlink(missing_ok=True)


@contextmanager
def _named(place: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into a `WritingError` about a file."""
    try:
        yield
    except OSError as error:
        raise WritingError(place, error.strerror or str(error)) from error


def _commit(writing: Writing, draft: Path) -> None:
    if writing.expected is None:
        _create(draft, writing.place)
    else:
        _put(draft, writing.place, writing.expected)


def _restore(writing: Writing) -> None:
    if writing.expected is None:
        writing.place.unlink()
    else:
        replace_file(writing.place, writing.expected, writing.data)


def _draft(target: Path, data: bytes) -> Path:
    """Write `data` to a new file next to `target`, and return its path."""
    draft = target.with_name(f".surfacelint-{os.urandom(8).hex()}.tmp")
    replaced = target.stat() if target.exists() else None
    # Never follow an existing link. Keep the draft private until it has the permissions of the file it replaces.
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666 if replaced is None else 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123
            file.write(data)
        if replaced is not None:
            _hand_over(draft, replaced)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _put(draft: Path, target: Path, expected: bytes | None) -> None:
    if expected is not None and target.read_bytes() != expected:
        raise OSError(errno.EBUSY, "another program has changed it in the meantime")
    draft.replace(target)


def _create(draft: Path, target: Path) -> None:
    """Move a draft to a path at which there is nothing, not even a link. Raises `FileExistsError`."""
    try:
        # Unlike a rename, a hard link replaces nothing.
        os.link(draft, target)
    except FileExistsError:
        raise
    except (OSError, AttributeError) as error:  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
        draft.rename(target)


def _hand_over(draft: Path, replaced: os.stat_result) -> None:
    """Give the new file the owner and permissions of the file that it replaces."""
    if sys.platform != "win32" and (replaced.st_uid, replaced.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(OSError):
            os.chown(draft, replaced.st_uid, replaced.st_gid)
    draft.chmod(replaced.st_mode & 0o7777)
