"""Output of all commands: text on stdout, messages on stderr, and atomic writes of files. The only code that prints."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from surfacelint.system.file_writing import linked_place, replace_file, resolved
from surfacelint.system.prerendered_help import usage
from surfacelint.system.printable_text import lines, one_line

if TYPE_CHECKING:
    from surfacelint.model.findings import Report

PROGRAM = "surfacelint"
CLEAN, FOUND, INCOMPLETE = 0, 1, 2

LONGEST_SENTENCE = 2_000
"""Maximum number of characters of a message on stderr. The middle of a longer one is left out."""

EXAMPLES = f"\b\nExamples:{usage().partition('Examples:')[2]}"
"""Examples of the main help, formatted for click."""


_records: list[list[tuple[int, bytes]]] = []
"""Active recordings of output, see `recorded`."""


class Failure(click.ClickException):
    """An error outside the analysed code. The message is one sentence: where, what, and what to do."""


def wants_colour(when: str, environment: Mapping[str, str], terminal: bool) -> bool:
    """Whether to use colours. The option wins, then NO_COLOR, then FORCE_COLOR, then whether stdout is a `terminal`."""
    if when != "auto":
        return when == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return terminal and environment.get("TERM") != "dumb"


def shows_links(environment: Mapping[str, str], terminal: bool) -> bool:
    """Whether the terminal is known to show hyperlinks. FORCE_HYPERLINK decides, as for other programs."""
    forced = environment.get("FORCE_HYPERLINK", "")
    if forced:
        return forced != "0"
    vte = environment.get("VTE_VERSION", "")
    known = environment.get("TERM_PROGRAM") in ("ghostty", "Hyper", "iTerm.app", "Tabby", "vscode", "WezTerm")
    named = any(environment.get(name) for name in ("DOMTERM", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION"))
    return terminal and (known or named or (vte.isdigit() and int(vte) >= 5000))


@contextmanager
def recorded() -> Iterator[list[tuple[int, bytes]]]:
    """Record the output of the block as pairs of file descriptor and bytes."""
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
    """Print to stdout. A closed pipe is not an error.

    A terminal gets no control characters except our own colours. Reporters remove them from coloured text themselves.
    """
    if sys.stdout is None:
        raise Failure("standard output: cannot be written: it is closed")
    if not colour and sys.stdout.isatty():
        text = lines(text)
    _record(sys.stdout, 1, text, colour)
    with _writing():
        click.echo(text, nl=False, color=colour)


def output_bytes(data: bytes) -> None:
    """Print text to stdout that may have bytes of other encodings than UTF-8. A terminal gets them as escapes."""
    if sys.stdout is None or sys.stdout.isatty():
        output(data.decode("utf-8", "backslashreplace"))
        return
    for record in _records:
        record.append((1, data))
    with _writing():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextmanager
def _writing() -> Iterator[None]:
    """Write to stdout. A closed pipe is not an error."""
    try:
        yield
    except OSError as error:
        discard_stdout()
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            raise Failure(f"standard output: cannot be written: {error.strerror}") from None


def discard_stdout() -> None:
    """Redirect stdout to the null device, so that Python does not flush and fail again when the process exits."""
    with suppress(OSError, ValueError):  # in tests, stdout has no file descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write(path: Path, text: str | bytes) -> None:
    """Write a file atomically. Devices, pipes and aliases of stdout are written to directly.

    Raises `Failure`, also for a link out of its project: a project must not choose what is overwritten.
    """
    data = text.encode() if isinstance(text, str) else text
    try:
        if _is_stdout(path):
            output_bytes(data)
        elif (place := _outer_place(path)) is not None:
            raise Failure(f"{path}: not written, because it links to {place} outside the project; name that file itself")
        elif os.path.exists(path) and not path.is_file():
            path.write_bytes(data)
        else:
            replace_file(resolved(path), data)
    except BrokenPipeError:
        return
    except OSError as error:
        raise Failure(f"{path}: cannot be written: {error.strerror or error}; name a file in a folder that exists") from None


def _is_stdout(path: Path) -> bool:
    """Whether a path refers to the target of stdout, as `/dev/stdout` does."""
    try:
        return os.path.samestat(path.stat(), os.fstat(sys.stdout.fileno()))
    except OSError:
        return False


def _outer_place(path: Path) -> Path | None:
    """Return where a path leads if that is out of the project around it. Paths such as `/dev/fd/3` belong to no project."""
    from surfacelint.project.module_names import project_root

    known = Path(os.path.abspath(path))  # noqa: PTH100 - must not follow links
    if known.parts[1:2] in (("dev",), ("proc",)):
        return None
    place, is_outside = linked_place(known, project_root([known.parent]))
    return place if is_outside else None


def replace_content(path: Path, data: bytes) -> None:
    """Replace the content of a file atomically, keeping its permissions. Raises `Failure`."""
    try:
        replace_file(resolved(path), data)
    except OSError as error:
        left = "it is unchanged" if os.path.exists(path) else "name a file in a folder that exists"
        raise Failure(f"{path}: cannot be written: {error.strerror or error}; {left}") from None


def say(kind: str, sentence: str) -> None:
    """Print `kind: sentence` to stderr, on one line."""
    words = " ".join(one_line(sentence).split())
    if len(words) > LONGEST_SENTENCE:
        words = f"{words[: LONGEST_SENTENCE // 2]} … {words[-LONGEST_SENTENCE // 2 :]}"
    line = f"{kind}: {words}\n"
    if sys.stderr is None:
        return
    _record(sys.stderr, 2, line, sys.stderr.isatty())
    click.echo(line, err=True, nl=False)


def say_unchecked(report: Report) -> None:
    """Print what could not be checked to stderr, for commands that do not show findings."""
    from surfacelint.suppressions.matching import NOT_CHECKED

    unchecked = [each for each in report.findings if each.rule.code == NOT_CHECKED]
    for error in (*report.errors, *(f"{each.location.path}:{each.location.span.start.line}: {each.message}" for each in unchecked)):
        say("error", error)


def sentence(error: Exception) -> str:
    """Return the message for an exception: what happened and what to do."""
    from surfacelint.config import ConfigError

    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else PROGRAM
        return f"{error.format_message().rstrip('.')}; see `{command} --help`"
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, click.Abort):
        return "interrupted; no findings were reported"
    if isinstance(error, ConfigError):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
        return f"standard output: cannot be written: {error.strerror}"  # raised by click while it prints help
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        return "the current directory does not exist any more; change to one that does"
    if os.environ.get("SURFACELINT_DEBUG"):
        import traceback

        traceback.print_exception(error)
    remedy = "please report it with the output of SURFACELINT_DEBUG=1 and `surfacelint --bug-report`"
    return f"surfacelint itself failed with {type(error).__name__}: {error}; {remedy}"


def _is_nowhere() -> bool:
    """Whether the current directory was removed."""
    try:
        return not os.path.isdir(Path.cwd())
    except OSError:
        return True
