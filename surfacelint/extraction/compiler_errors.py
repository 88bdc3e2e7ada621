"""Parses and compiles text to find syntax errors, without warnings and with the recursion limit of a normal Python process."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_LIMITS = (1_000, 2_000, 4_000)

CELL = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
"""The compiler flag for a cell of a notebook."""


def parse(text: str) -> ast.Module:
    """Return the syntax tree of a module. Raises SyntaxError, ValueError, RecursionError or MemoryError if it cannot be parsed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Warnings about the code under analysis are for its authors.
        return ast.parse(text)


def parses(text: str) -> bool:
    """Whether the running Python can parse a text as a module."""
    try:
        parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def check_compiles(text: str, flags: int = 0) -> bool:
    """Return true if a text compiles. Raises the errors of `parse` if it does not.

    Faster than `ast.parse`, because it builds no tree of Python objects.
    """
    with python_limits():
        try:
            compile(text, "", "exec", flags, dont_inherit=True)
            return True
        except SyntaxError as error:
            compile_error = error
        try:
            ast.parse(text)
        except SyntaxError:
            raise compile_error from None
    raise in_characters(text, compile_error) from None


def in_characters(text: str, error: SyntaxError) -> SyntaxError:
    """Return a compiler error with its column in characters. The compiler counts bytes."""
    lines = text.split("\n")
    line, offset = error.lineno or 1, error.offset or 1
    if line <= len(lines) and not lines[line - 1].isascii():
        offset = len(lines[line - 1].encode("utf-8", "surrogatepass")[: offset - 1].decode("utf-8", "replace")) + 1
    return SyntaxError(error.msg, ("", line, offset, None))


@contextmanager
def python_limits() -> Iterator[None]:
    """Disable warnings, and lower the recursion limit to that of a normal Python process.

    A run raises the recursion limit so far that the compiler could overflow its stack.
    """
    limit = sys.getrecursionlimit()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for lower in _LIMITS:
            if lower < limit:
                with suppress(RecursionError):  # The current stack is already deeper.
                    sys.setrecursionlimit(lower)
                    break
        try:
            yield
        finally:
            sys.setrecursionlimit(limit)
