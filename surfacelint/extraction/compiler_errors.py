"""Whether Python would compile a text: without warnings, no deeper than Python itself would go, and with the place of what is wrong."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_LIMITS = (1_000, 2_000, 4_000)

CELL = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
"""The flag that the compiler needs for the cell of a notebook."""


def parse(text: str) -> ast.Module:
    """Return the syntax tree of a module's source. Raises SyntaxError, ValueError, RecursionError or MemoryError where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are about the code under analysis, for its own authors
        return ast.parse(text)


def check_compiles(text: str, flags: int = 0) -> bool:
    """Compile a text of which nothing else is to be known, and return that it can be. Raises as `ast.parse` does, where Python refuses it.

    This takes less time than `ast.parse`: no tree is handed over.
    """
    with python_limits():
        try:
            compile(text, "", "exec", flags, dont_inherit=True)
            return True
        except SyntaxError as error:
            refused = error
        try:
            ast.parse(text)
        except SyntaxError:
            raise refused from None
    raise in_characters(text, refused) from None


def in_characters(text: str, error: SyntaxError) -> SyntaxError:
    """Return an error of the compiler, which counts columns in bytes, with columns in characters."""
    lines = text.split("\n")
    line, offset = error.lineno or 1, error.offset or 1
    if line <= len(lines) and not lines[line - 1].isascii():
        offset = len(lines[line - 1].encode("utf-8", "surrogatepass")[: offset - 1].decode("utf-8", "replace")) + 1
    return SyntaxError(error.msg, ("", line, offset, None))


@contextmanager
def python_limits() -> Iterator[None]:
    """Compile without warnings about the code, which are for its own authors, and as deep as Python itself would.

    With the recursion limit of a run the compiler may go deeper than its stack is.
    """
    limit = sys.getrecursionlimit()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for lower in _LIMITS:
            if lower < limit:
                with suppress(RecursionError):  # this is called from deeper than that
                    sys.setrecursionlimit(lower)
                    break
        try:
            yield
        finally:
            sys.setrecursionlimit(limit)
