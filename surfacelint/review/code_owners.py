"""Owners of files by CODEOWNERS, as GitHub reads it: the first of three files counts, and in it the last pattern that matches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import translate
from functools import cached_property
from pathlib import Path

from surfacelint.system.records import record
from surfacelint.system.safe_reading import InputError, MissingInputError, read_text

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file may be. The first one that exists counts."""

LARGEST = 3_000_000
"""GitHub ignores larger files."""

_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)?|[^@\s]+@[^@\s]+")
_ESCAPED = re.compile(r"\\(.)")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


class CodeOwners:
    """The owners of the files of one repository. Lines that GitHub rejects are skipped, as it does."""

    def __init__(self, text: str) -> None:
        """Read the text of a CODEOWNERS file."""
        self._text = text

    @classmethod
    def of(cls, root: Path) -> CodeOwners:
        """Read the file of a repository; without one, no file has an owner. Raises InputError with the path of an unreadable file."""
        return next((cls(text) for place in PLACES if (text := _text(root, place)) is not None), cls(""))

    def owners(self, path: str) -> tuple[str, ...]:
        """Return the owners of a file, by its path relative to the root of the repository with forward slashes."""
        folders = path.split("/")
        return next((owners for pattern, owners in reversed(self._rows) if pattern.covers(folders)), ())

    @cached_property
    def _rows(self) -> list[tuple[_Pattern, tuple[str, ...]]]:
        return [row for line in self._text.splitlines() if (row := _row(line)) is not None]


@record(frozen=True, slots=True)
class _Pattern:
    """A pattern, as one regular expression for each part of a path, or `None` for `**`: any number of parts.

    A pattern for a folder covers all that is in it, but one that ends in `/*` only the files there (`exact`).
    """

    parts: tuple[re.Pattern[str] | None, ...]
    exact: bool

    def covers(self, path: Sequence[str]) -> bool:
        """Whether the pattern covers a file. Takes time in proportion to the lengths of both, whatever a hostile pattern contains."""
        reached = {0}
        for part in self.parts:
            if part is None:
                reached = set(range(min(reached, default=len(path) + 1), len(path) + 1))
            else:
                reached = {place + 1 for place in reached if place < len(path) and part.match(path[place])}
        if self.parts[-1] is None:
            return min(reached, default=len(path)) < len(path)
        return len(path) in reached or (not self.exact and bool(reached))


def _text(root: Path, place: str) -> str | None:
    """Return the text of a file, `None` if it does not exist. Raises InputError with its path."""
    try:
        return read_text(root / place, LARGEST)
    except MissingInputError:
        return None
    except InputError as error:
        raise InputError(f"{place}: {error}") from None


def _row(line: str) -> tuple[_Pattern, tuple[str, ...]] | None:
    """Return the pattern and the owners in a line, `None` for an empty line, a comment or one that GitHub rejects."""
    words = list(_words(line))
    if not words or words[0].startswith("!") or "[" in words[0] or "***" in words[0] or words[0] == "/":
        return None
    pattern, owners = words[0], tuple(words[1:])
    return (_parsed(pattern), owners) if all(map(_OWNER.fullmatch, owners)) else None


def _words(line: str) -> Iterator[str]:
    """Yield the words of a line up to a comment. A backslash makes the next character a part of the word."""
    for found in _WORD.finditer(line):
        if found.group().startswith("#"):
            return
        yield found.group()


def _parsed(pattern: str) -> _Pattern:
    """Return a pattern. One with a slash anywhere but at its end begins at the root."""
    parts = pattern.strip("/").split("/")
    if "/" not in pattern.rstrip("/"):
        parts.insert(0, "**")
    if pattern.endswith("/"):
        parts.append("**")
    return _Pattern(tuple([None if part == "**" else re.compile(_translated(part)) for part in parts]), parts[-1] == "*")


def _translated(part: str) -> str:
    """Return a regular expression for one part of a path. A backslash takes the next character as it is."""
    return translate(_ESCAPED.sub(lambda found: f"[{found[1]}]" if found[1] in "*?" else found[1], part))
