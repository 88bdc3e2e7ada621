"""Parses text whose syntax may be newer than the running Python. LibCST, which is slow to import, is asked only if Python fails."""

from __future__ import annotations

import ast
from functools import lru_cache

from surfacelint.extraction import compiler_errors
from surfacelint.extraction.older_spelling import OlderSpelling


@lru_cache(maxsize=8)
def older_spelling(text: str) -> OlderSpelling | None:
    """Return a text in syntax that the running Python knows; `None` if it has no newer syntax, or no parser accepts it.

    Call it for texts that the running Python cannot parse.
    """
    from surfacelint.extraction.respelling import respell

    return respell(text)


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
