"""Line numbers of keys and values in TOML text, for messages. Found by searching, because TOML parsers do not report positions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

MOST_WORDS = 1_000
"""The number of words to search for. Messages about further words give the line of their key."""


def line_of(text: str, table: str, key: str) -> int | None:
    """Return the 1-based line that sets `key` in `table`, or `None` if the search does not find it."""
    inner = f"{table}.{key}" if table else key
    header = ""
    for number, line in enumerate(text.split("\n"), start=1):
        found = _header(line.strip())
        if found:
            header = found
            if header == inner or header.startswith(f"{inner}."):
                return number
        elif header == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return number
    return None


def _header(line: str) -> str:
    """Return the table name if a line is a table header, else an empty string."""
    name, closed, rest = line.lstrip("[").partition("]")
    rest = rest.lstrip("] \t")
    return name.strip() if line.startswith("[") and closed and rest[:1] in ("", "#") else ""


def lines_of_words(text: str, start: int, words: Iterable[str]) -> dict[str, int]:
    """Return the first line, at or after `start`, of each of `words` that is found."""
    wanted = sorted(set(islice(words, MOST_WORDS)), key=len, reverse=True)
    found: dict[str, int] = {}
    if not wanted:
        return found
    spelled = re.compile(rf"(?<![\w.*/-])({'|'.join(map(re.escape, wanted))})(?![\w.*/-])")
    for number, line in enumerate(text.split("\n")[start - 1 :], start=start):
        for word in spelled.findall(line.partition("#")[0]):
            found.setdefault(word, number)
        if len(found) == len(wanted):
            break
    return found
