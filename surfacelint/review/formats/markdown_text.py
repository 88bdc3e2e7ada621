"""Untrusted text in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from surfacelint.system.printable_text import one_line

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~&!#])")
_MENTION = re.compile(r"@(?=\w)")


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already."""
    lines = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}", *(f"| {' | '.join(cells)} |" for cells in rows)]
    return "\n".join(lines)


def escaped(text: str) -> str:
    """Escape Markdown syntax and mentions of users."""
    return _MENTION.sub("@\u200b", _SPECIAL.sub(r"\\\1", one_line(text)))
