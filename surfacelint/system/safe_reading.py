"""Safe reading of small files that come from untrusted repositories: settings, baselines and `.gitmodules`.

A FIFO, a device or a folder in place of such a file neither blocks the run nor fills the memory. Every problem with a file
is an `InputError`. Imports very little, because it runs at the start of every run.
"""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False  # `typing` would take longer to import than this module.

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    _Text = TypeVar("_Text", str, bytes)

NOT_BLOCKING: int = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
"""Flags for opening a path of unknown type without blocking."""


class InputError(Exception):
    """A file cannot be used. The text says why and follows the name of the file: "too large: …"."""


class MissingInputError(InputError):
    """The file does not exist."""


def read_text(path: str | os.PathLike[str], limit: int, *, pipe: bool = False) -> str:
    """Return the text of a file of at most `limit` bytes, without a byte order mark. Raises InputError.

    With `pipe`, the path may also be a pipe or device, because the user named it: `--config <(…)`.
    """
    try:
        data = _read_any(path, limit) if pipe else read_regular(path, limit)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"not valid UTF-8 in line {line}") from None
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingInputError(f"cannot be read: {error.strerror}") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise InputError("cannot be read: its name contains a null byte or an invalid character") from None
    except MemoryError:
        raise InputError("cannot be read: there is not enough memory") from None


def read_regular(path: str | os.PathLike[str], limit: int) -> bytes:
    """Return the content of a regular file. Raises OSError for anything else, InputError for more than `limit` bytes.

    Other kinds of files are not even opened, because opening a device may have effects.
    """
    _check_regular(os.stat(path))  # noqa: PTH116 - pathlib would take longer to import than this module
    descriptor = os.open(path, os.O_RDONLY | NOT_BLOCKING)
    try:
        _check_regular(os.fstat(descriptor))
        return _read(descriptor, limit)
    finally:
        os.close(descriptor)


def _check_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a regular file")


def _read_any(path: str | os.PathLike[str], limit: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | NOT_BLOCKING & ~getattr(os, "O_NONBLOCK", 0))
    try:
        return _read(descriptor, limit)
    finally:
        os.close(descriptor)


def _read(descriptor: int, limit: int) -> bytes:
    chunks: list[bytes] = []
    room = limit
    while chunk := os.read(descriptor, min(room + 1, 1 << 20)):
        room -= len(chunk)
        if room < 0:
            raise InputError(f"too large: the limit is {limit / 1e6:.0f} MB")
        chunks.append(chunk)
    return b"".join(chunks)


def parse(loads: Callable[[_Text], Any], text: _Text, kind: str) -> Any:
    """Parse `text` with `loads`. `kind` names the expected format in messages ("valid TOML"). Raises InputError."""
    try:
        return loads(text)
    except RecursionError:
        raise InputError(f"not {kind}: it is nested too deeply") from None
    except MemoryError:
        raise InputError(f"not {kind}: there is not enough memory for it") from None
    except ValueError as error:
        raise InputError(f"not {kind}: {error}") from None
