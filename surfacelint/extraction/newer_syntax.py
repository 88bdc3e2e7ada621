"""Parses text whose syntax may be newer than the running Python. LibCST, which is slow to import, is asked only if Python fails."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from surfacelint.extraction import compiler_errors
from surfacelint.extraction.older_spelling import OlderSpelling

_NEWER = re.compile(r"[fFtT][rR]?[\"']|\b(?:def|class)[ \t\\]+\w+[ \t\\]*\[|\b(?:type|lazy)\b|\bexcept\b[^\n:]*[*,]|[\[({,:][ \t]*\*")
"""Code that may be newer syntax: strings with fields, type parameters and aliases, lazy imports, `except` of several, unpacking."""

_AROUND = 10
"""The number of lines around a syntax error in which the newer syntax that causes it begins or ends."""

_ANYWHERE = re.compile("f-string|t-string|never closed|unterminated|unexpected EOF")
"""Messages of syntax errors in whose lines there may be nothing newer, because Python has misread where a string ends."""


@lru_cache(maxsize=8)
def older_spelling(text: str) -> OlderSpelling | None:
    """Return a text in older syntax; `None` if the running Python can parse it as it is, or if no parser accepts it."""
    try:
        compiler_errors.parse(text)
        return None
    except SyntaxError as error:
        if not _may_be_newer(text, error):
            return None
    except (ValueError, RecursionError, MemoryError):
        return None
    from surfacelint.extraction.respelling import respell

    return respell(text)


def _may_be_newer(text: str, error: SyntaxError) -> bool:
    """Whether newer syntax may be the reason for an error, judged by the lines around it."""
    if _ANYWHERE.search(error.msg):
        return _NEWER.search(text) is not None
    first = error.lineno or 1
    last = max(error.end_lineno or first, first)
    lines = text.split("\n")[max(first - 1 - _AROUND, 0) : last + _AROUND]
    return _NEWER.search("\n".join(lines)) is not None


def parse(text: str) -> tuple[ast.Module, OlderSpelling]:
    """Return the syntax tree of a module, and the spelling to which its positions refer: the text itself, or an older spelling.

    Raises the errors of `compiler_errors.parse`. If only a part of a text is newer, they are about the rest.
    """
    try:
        return compiler_errors.parse(text), OlderSpelling(text, {}, frozenset())
    except SyntaxError:
        older = older_spelling(text)
        if older is None:
            raise
    return compiler_errors.parse(older.text), older


def check_compiles(text: str, flags: int = 0) -> bool:
    """Return true if a text compiles. Raises the errors of `compiler_errors.check_compiles`, about what is not newer syntax."""
    try:
        return compiler_errors.check_compiles(text, flags)
    except SyntaxError:
        older = older_spelling(text)
        if older is None:
            raise
    return compiler_errors.check_compiles(older.text, flags)
