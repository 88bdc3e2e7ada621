"""Makes untrusted text safe to print: without control characters, text direction marks and invalid Unicode."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def one_line(text: str) -> str:
    r"""Return a text without line breaks, control characters and text direction marks. Invalid bytes become escapes such as `\xff`.

    GitHub Actions reads `##[` anywhere in a line of the log as the start of a command, so it gets a space.
    """
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in unicode(text))
    return text.replace("##[", "## [")


def code_span(text: str) -> str:
    """Return a Markdown code span that fits a table cell, with the characters replaced that would end the span or the cell."""
    return f"`{one_line(text).replace('`', chr(39)).replace('|', chr(0xA6))}`"


def lines(text: str) -> str:
    """Return a text with `one_line` applied to each line. Keeps line breaks and tabs."""
    return "\n".join("\t".join(map(one_line, line.split("\t"))) for line in text.split("\n"))


def unicode(text: str) -> str:
    """Return a text with surrogates escaped, so that it can be encoded. Python decodes invalid bytes in file names to surrogates."""
    return text if text.isascii() else _SURROGATE.sub(_escaped, text)


def _escaped(surrogate: re.Match[str]) -> str:
    number = ord(surrogate[0])
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else f"\\u{number:04x}"
