"""The lines of a TOML text that give a key, and the words in its value: found by a plain look, since no parser of TOML tells them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

MOST_WORDS = 1_000
"""Words whose lines are looked for; any others are only told the line of their key."""


def line_of(text: str, table: str, key: str) -> int | None:
    """Return the line that gives `key` in `table`, where a plain look finds it."""
    inner = f"{table}.{key}" if table else key
    header = ""
    for number, line in enumerate(text.splitlines(), start=1):
        found = _header(line.strip())
        if found:
            header = found
            if header == inner or header.startswith(f"{inner}."):
                return number
        elif header == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return number
    return None


def _header(line: str) -> str:
    """Return the name of the table that a line begins, empty if it begins none."""
    name, closed, rest = line.lstrip("[").partition("]")
    rest = rest.lstrip("] \t")
    return name.strip() if line.startswith("[") and closed and rest[:1] in ("", "#") else ""


def lines_of_words(text: str, start: int, words: Iterable[str]) -> dict[str, int]:
    """Return the first line, from `start` on, of each key or element among `words`."""
    wanted = sorted(set(islice(words, MOST_WORDS)), key=len, reverse=True)
    found: dict[str, int] = {}
    if not wanted:
        return found
    spelled = re.compile(rf"(?<![\w.*/-])({'|'.join(map(re.escape, wanted))})(?![\w.*/-])")
    for number, line in enumerate(text.splitlines()[start - 1 :], start=start):
        for word in spelled.findall(line.partition("#")[0]):
            found.setdefault(word, number)
        if len(found) == len(wanted):
            break
    return found
