"""The lines of a TOML text that give a key, and the words in its value: found by a plain look, since no parser of TOML tells them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HEADER = re.compile(r"\[\[?\s*([^]]+?)\s*\]\]?\s*(?:#.*)?")


def line_of(text: str, table: str, key: str) -> int | None:
    """Return the line that gives `key` in `table`, where a plain look finds it."""
    inner = f"{table}.{key}" if table else key
    header = ""
    for number, line in enumerate(text.splitlines(), start=1):
        found = _HEADER.fullmatch(line.strip())
        if found:
            header = found.group(1)
            if header == inner or header.startswith(f"{inner}."):
                return number
        elif header == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return number
    return None


def lines_of_words(text: str, start: int, words: Iterable[str]) -> dict[str, int]:
    """Return the first line, from `start` on, of each key or element among `words`."""
    wanted = sorted(set(words), key=len, reverse=True)
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
