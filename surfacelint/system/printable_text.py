"""Texts of any origin as they can be shown: nothing in them steers a terminal, hides or turns round other text, or is no Unicode."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def one_line(text: str) -> str:
    r"""Return a text without line breaks, control characters and marks of direction. Bytes that are no UTF-8 are spelled as in `\xff`."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in unicode(text))


def lines(text: str) -> str:
    """Return a text that keeps its line breaks and tabs, with each of its lines as `one_line` has it."""
    return "\n".join("\t".join(map(one_line, line.split("\t"))) for line in text.split("\n"))


def unicode(text: str) -> str:
    """Return a text that every encoding of Unicode can hold: file names may consist of other bytes, which Python keeps as surrogates."""
    return text if text.isascii() else _SURROGATE.sub(_spelled, text)


def _spelled(surrogate: re.Match[str]) -> str:
    number = ord(surrogate[0])
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else f"\\u{number:04x}"
