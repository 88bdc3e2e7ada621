"""Finds the Python version that a text needs, if the running one cannot parse it.

Replaces the syntax of newer versions, version by version, until the text can be parsed. Sources: PEP 654 (`except*`, 3.11),
PEP 695 and PEP 701 (type parameters, any expression in f-strings, 3.12), PEP 696 (defaults of type parameters, 3.13), PEP
750 and PEP 758 (template strings, `except` without parentheses, 3.14).
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress

from surfacelint.extraction.compiler_errors import parse

_EXCEPT_STAR = re.compile(r"^([ \t]*except)[ \t]*\*", re.MULTILINE)
_EXCEPT_MANY = re.compile(r"^([ \t]*except[ \t*]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)(?=[ \t]*:)", re.MULTILINE)
_ALIAS = re.compile(r"^([ \t]*)type[ \t]+(?=\w+[ \t]*=)", re.MULTILINE)
_PARAMETERS = re.compile(r"^[ \t]*(?:(?:async[ \t]+)?def|class|type)[ \t]+\w+[ \t]*\[", re.MULTILINE)
_SIGN = re.compile(r"#[^\n]*|(?P<prefix>\b[A-Za-z]{1,2}|(?<!\w))(?P<quote>\"\"\"|'''|\"|')|[()\[\]{}:]")

_CONVERSION = re.compile(r"![rsa]\s*(?=[:}])")

_MOST_UNCLOSED = 10
"""The number of unclosed brackets after which the search stops, because each is searched for to the end of the text."""


def needed_version(text: str) -> tuple[int, int] | None:
    """Return the Python version (major, minor) that can parse a text, or `None` if no known version can.

    Call it for texts that the running Python cannot parse.
    """
    with suppress(IndexError, RecursionError):  # The text ends inside a string, or strings are nested too deeply.
        for version in ((3, 11), (3, 12), (3, 13), (3, 14)):
            older = _older(text, version) if version > sys.version_info[:2] else text
            if older != text:
                text = older
                with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                    parse(text)
                    return version
    return None


def _older(text: str, version: tuple[int, int]) -> str:
    """Return a text without the new syntax of a version. If the text is valid in that version, the result can be parsed."""
    if version == (3, 11):
        return _EXCEPT_STAR.sub(r"\1", text)
    if version == (3, 14):
        return _without_fields(_EXCEPT_MANY.sub(r"\1(\2)", text), "t")
    bare = _ALIAS.sub(r"\1", _without_parameters(text))
    return _without_fields(bare, "f") if version == (3, 12) else bare


def _without_parameters(text: str) -> str:
    pieces, start, unclosed = [], 0, 0
    for found in _PARAMETERS.finditer(text):
        if found.start() < start:
            continue
        try:
            end = _closed(text, found.end())
        except IndexError:  # The match is inside a string.
            unclosed += 1
            if unclosed > _MOST_UNCLOSED:
                break
            continue
        pieces.append(text[start : found.end() - 1])
        start = end
    return "".join((*pieces, text[start:]))


def _without_fields(text: str, kind: str) -> str:
    """Replace the strings whose prefix has the letter `kind` by empty ones, and append the expressions in their fields."""
    pieces, fields = [], []
    start = position = 0
    while (sign := _SIGN.search(text, position)) is not None:
        position = sign.end()
        if sign["quote"]:
            position = _string_end(text, sign)
            if kind in sign["prefix"].lower():
                pieces += [text[start : sign.start()], "''"]
                fields += _fields(text[sign.end() : position - len(sign["quote"])])
                start = position
    evaluated = [f"({_without_fields(field, kind)}\n)" for field in fields]
    return "\n".join(("".join((*pieces, text[start:])), *evaluated))


def _fields(content: str) -> list[str]:
    """Return the expressions in the content of a formatted string."""
    found = []
    position = 0
    while position < len(content):
        if content[position] == "{" and not content.startswith("{{", position):
            start, position = position + 1, _field_end(content, position + 1)
            end = _expression_end(content, start)
            found.append(content[start:end].rstrip().removesuffix("="))
            found += _fields(content[end : position - 1])
        else:
            position += 2 if content[position] in "\\{" else 1
    return found


def _expression_end(text: str, position: int) -> int:
    """Return the end of an expression in a formatted string: at a conversion, a format, or the end of the field."""
    depth = 0
    while True:
        sign = _SIGN.search(text, position)
        if sign is None:
            raise IndexError
        conversion = _CONVERSION.search(text, position, sign.end())
        if depth == 0 and conversion is not None:
            return conversion.start()
        if depth == 0 and sign.group() in ("}", ":"):
            return sign.start()
        position = _string_end(text, sign) if sign["quote"] else sign.end()
        depth += (sign.group() in "([{") - (sign.group() in ")]}")


def _field_end(text: str, position: int) -> int:
    """Return the end of the field of a formatted string whose expression begins at a position."""
    position = _expression_end(text, position)
    while text[position] != "}":
        position = _field_end(text, position + 1) if text[position] == "{" else position + 1
    return position + 1


def _closed(text: str, position: int) -> int:
    """Return the position after the bracket that closes the one opened before a position."""
    depth = 1
    while depth:
        sign = _SIGN.search(text, position)
        if sign is None:
            raise IndexError
        position = _string_end(text, sign) if sign["quote"] else sign.end()
        depth += (sign.group() in "([{") - (sign.group() in ")]}")
    return position


def _string_end(text: str, opening: re.Match[str]) -> int:
    """Return the end of the string that begins with the prefix and quotes of `opening`."""
    quote, formatted = opening["quote"], not {"f", "t"}.isdisjoint(opening["prefix"].lower())
    position = opening.end()
    while not text.startswith(quote, position):
        if text[position] == "\\" or (formatted and text.startswith("{{", position)):
            position += 2
        elif formatted and text[position] == "{":
            position = _field_end(text, position + 1)
        else:
            position += 1
    return position + len(quote)
