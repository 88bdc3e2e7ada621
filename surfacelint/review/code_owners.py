"""Owners of files by CODEOWNERS, as GitHub reads it: the first of three files counts, and in it the last pattern that matches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from surfacelint.system.safe_reading import InputError, MissingInputError, read_text

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file may be. The first one that exists counts."""

LARGEST = 3_000_000
"""GitHub ignores larger files."""

_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)?|[^@\s]+@[^@\s]+")
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
        return next((owners for pattern, owners in reversed(self._rows) if pattern.fullmatch(path)), ())

    @cached_property
    def _rows(self) -> list[tuple[re.Pattern[str], tuple[str, ...]]]:
        return [row for line in self._text.splitlines() if (row := _row(line)) is not None]


def _text(root: Path, place: str) -> str | None:
    """Return the text of a file, `None` if it does not exist. Raises InputError with its path."""
    try:
        return read_text(root / place, LARGEST)
    except MissingInputError:
        return None
    except InputError as error:
        raise InputError(f"{place}: {error}") from None


def _row(line: str) -> tuple[re.Pattern[str], tuple[str, ...]] | None:
    """Return the pattern and the owners in a line, `None` for an empty line, a comment or one that GitHub rejects."""
    words = list(_words(line))
    if not words or words[0].startswith("!") or "[" in words[0] or "***" in words[0]:
        return None
    pattern, owners = words[0], tuple(words[1:])
    return (_compiled(pattern), owners) if all(map(_OWNER.fullmatch, owners)) else None


def _words(line: str) -> Iterator[str]:
    """Yield the words of a line up to a comment. A backslash makes the next character a part of the word."""
    for found in _WORD.finditer(line):
        if found.group().startswith("#"):
            return
        yield found.group()


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a regular expression for the paths that a pattern covers.

    A pattern with a slash anywhere but at its end begins at the root. A folder covers all that is in it, but `folder/*` only its files.
    """
    if pattern == "/":
        return re.compile(r"(?!)")
    anchored = "/" in pattern.rstrip("/")
    parts = pattern.strip("/").split("/")
    if not anchored and parts[0] != "**":
        parts.insert(0, "**")
    if pattern.endswith("/"):
        parts.append("**")
    found, between = "", ""
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        if part == "**":
            found += ".+" if is_last and not number else f"{between}.+" if is_last else f"{between}(?:.+/)?"
            between = ""
        else:
            found += between + _translated(part) + ("(?:/.*)?" if is_last and part != "*" else "")
            between = "/"
    return re.compile(found)


def _translated(part: str) -> str:
    """Return a regular expression for one part of a path."""
    if part == "*":
        return "[^/]+"
    signs = {"*": "[^/]*", "?": "[^/]"}
    return "".join(re.escape(found[1:]) if found[0] == "\\" else signs.get(found, re.escape(found)) for found in re.findall(r"\\.|.", part))
