"""What every command says and how: text on stdout, sentences on stderr, files written at once. The only code that prints."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from surfacelint.system.prerendered_help import usage
from surfacelint.system.printable_text import lines, one_line

if TYPE_CHECKING:
    from surfacelint.model.findings import Report

PROGRAM = "surfacelint"
CLEAN, FOUND, INCOMPLETE = 0, 1, 2

LONGEST_SENTENCE = 2_000
"""Characters of a line on stderr. Names and values in it may be of any length: its middle is left out."""

EXAMPLES = f"\b\nExamples:{usage().partition('Examples:')[2]}"
"""Those of the help as a whole, as click wants them."""


_records: list[list[tuple[int, bytes]]] = []
"""Who wants to know what is said."""


class Failure(click.ClickException):
    """Something outside of the code under analysis went wrong. The message is one sentence: what, where, what to do."""


def wants_colour(when: str, environment: Mapping[str, str], terminal: bool) -> bool:
    """Say whether to use colours: the option, then NO_COLOR, then FORCE_COLOR, then what stdout is."""
    if when != "auto":
        return when == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return terminal and environment.get("TERM") != "dumb"


@contextmanager
def recorded() -> Iterator[list[tuple[int, bytes]]]:
    """Record what is said in the block, by file descriptor, as it leaves the process."""
    record: list[tuple[int, bytes]] = []
    _records.append(record)
    try:
        yield record
    finally:
        _records.remove(record)


def _record(stream: TextIO, descriptor: int, text: str, colour: bool) -> None:
    for record in _records:
        plain = text if colour else click.unstyle(text)
        record.append((descriptor, plain.encode(stream.encoding or "utf-8", stream.errors or "strict")))


def output(text: str, colour: bool = False) -> None:
    """Print to stdout. A reader that has seen enough and closed the pipe is no error.

    A terminal gets no control characters but those of our own colours: reporters take them out of what is coloured.
    """
    if not colour and sys.stdout and sys.stdout.isatty():  # there is none where it was closed
        text = lines(text)
    _record(sys.stdout, 1, text, colour)
    try:
        click.echo(text, nl=False, color=colour)
    except OSError as error:
        let_go()
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            raise Failure(f"standard output: cannot be written: {error.strerror}") from None


def let_go() -> None:
    """Write nothing more to stdout: what it could not take would be tried again, and complained about, when the process ends."""
    with suppress(OSError, ValueError):  # in tests it is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write(path: Path, text: str) -> None:
    """Write a file at once or not at all; stdout by another name, a device and a pipe are written to."""
    try:
        if _is_stdout(path):
            output(text)
        elif os.path.exists(path) and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _replace(_resolved(path), text.encode())
    except BrokenPipeError:
        return
    except OSError as error:
        raise Failure(f"{path}: cannot be written: {error.strerror or error}; name a file in a folder that exists") from None


def _is_stdout(path: Path) -> bool:
    """Say whether a path leads to where stdout goes, as `/dev/stdout` does, be that a terminal, a pipe or a file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(sys.stdout.fileno()))
    except OSError:
        return False


def rewrite(path: Path, data: bytes, expected: bytes | None = None) -> None:
    """Give a file another content at once or not at all; its rights stay. It is left alone if it does not hold what is `expected`."""
    try:
        _replace(_resolved(path), data, expected)
    except OSError as error:
        left = "it is as it was" if os.path.exists(path) else "name a file in a folder that exists"
        raise Failure(f"{path}: cannot be written: {error.strerror or error}; {left}") from None


def _resolved(path: Path) -> Path:
    """Return where links lead. Raises OSError for a link to itself, too."""
    try:
        return path.resolve()
    except RuntimeError:  # before Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None


def _replace(target: Path, data: bytes, expected: bytes | None = None) -> None:
    draft = target.with_name(f".surfacelint-{os.urandom(8).hex()}.tmp")
    try:
        known = target.stat() if target.exists() else None
        # Never through a link that lies there, and readable by others only once it has the rights of what it replaces.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666 if known is None else 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123
            file.write(data)
        if known is not None:
            _hand_over(draft, known)
        if expected is not None and target.read_bytes() != expected:
            raise OSError(errno.EBUSY, "another program has changed it meanwhile")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _hand_over(draft: Path, known: os.stat_result) -> None:
    """Give a new file the owner and the rights of the one that it replaces."""
    if sys.platform != "win32" and (known.st_uid, known.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(OSError):
            os.chown(draft, known.st_uid, known.st_gid)
    draft.chmod(known.st_mode & 0o7777)


def say(kind: str, sentence: str) -> None:
    words = " ".join(one_line(sentence).split())
    if len(words) > LONGEST_SENTENCE:
        words = f"{words[: LONGEST_SENTENCE // 2]} … {words[-LONGEST_SENTENCE // 2 :]}"
    line = f"{kind}: {words}\n"
    _record(sys.stderr, 2, line, sys.stderr.isatty())
    click.echo(line, err=True, nl=False)


def say_unchecked(report: Report) -> None:
    """Say what could not be checked, where findings are not shown."""
    from surfacelint.suppressions.matching import NOT_CHECKED

    unchecked = [each for each in report.findings if each.rule.code == NOT_CHECKED]
    for error in (*report.errors, *(f"{each.location.path}:{each.location.span.start.line}: {each.message}" for each in unchecked)):
        say("error", error)


def sentence(error: Exception) -> str:
    """Return what to tell the user about an error."""
    from surfacelint.config import ConfigError

    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else PROGRAM
        return f"{error.format_message().rstrip('.')}; see `{command} --help`"
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, click.Abort):
        return "interrupted; nothing was reported"
    if isinstance(error, ConfigError):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
        return f"standard output: cannot be written: {error.strerror}"  # by click, which prints help itself
    if os.environ.get("SURFACELINT_DEBUG"):
        import traceback

        traceback.print_exception(error)
    return f"surfacelint itself failed with {type(error).__name__}: {error}; please report it, with what SURFACELINT_DEBUG=1 prints"
