"""Parses text with LibCST, whose parser knows the syntax of newer Python versions than the running one. Never crashes the process."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from typing import TypeVar, cast

import libcst as cst
from libcst.metadata import CodeRange, PositionProvider
from libcst.metadata.position_provider import PositionProvidingCodegenState

from surfacelint.extraction.nesting_depth import nests_too_deeply
from surfacelint.system.records import record

_Result = TypeVar("_Result")

_STACK = 64 << 20
"""The stack in bytes on which LibCST parses, more than ten times what the deepest accepted text takes. The system only fills it on use."""

_FRAMES = 100_000
"""The recursion limit of Python code that visits a tree. The deepest accepted text takes a third."""


class UnreadableSyntaxError(Exception):
    """LibCST cannot parse a text. The message says why."""


@record(frozen=True, slots=True)
class ConcreteSyntax:
    """The concrete syntax tree of a text. `ranges` are the positions of its nodes: 1-based rows, and columns in characters."""

    module: cst.Module
    ranges: Mapping[cst.CSTNode, CodeRange]


def parse_concrete(text: str) -> ConcreteSyntax:
    """Return the concrete syntax of a text with line feeds as line breaks. Raises `UnreadableSyntaxError`."""
    if nests_too_deeply(text):
        raise UnreadableSyntaxError("the code is nested too deeply")
    return on_large_stack(lambda: _parsed(text))


class _Code(PositionProvidingCodegenState):
    """The code of nodes and their positions."""

    def _update_position(self, value: str) -> None:
        if "\n" in value or "\r" in value:
            super()._update_position(value)
        else:  # nearly always, and much faster
            self.column += len(value)


class _Ranges(PositionProvider):
    """Computes the positions of nodes. `MetadataWrapper` would visit the tree a second time, which takes as long again."""

    def of(self, module: cst.Module) -> tuple[Mapping[cst.CSTNode, CodeRange], str]:
        """Return the positions of all nodes and the code of the module, which is spelled once for both."""
        code = _Code(default_indent=module.default_indent, default_newline=module.default_newline, provider=self)
        module._codegen(code)
        return cast(Mapping[cst.CSTNode, CodeRange], self._computed), "".join(code.tokens)


def _parsed(text: str) -> ConcreteSyntax:
    try:
        module = cst.parse_module(text)
        ranges, code = _Ranges().of(module)
    except cst.ParserSyntaxError as error:
        raise UnreadableSyntaxError(f"syntax error in line {error.raw_line}") from None
    except (cst.CSTLogicError, cst.CSTValidationError, UnicodeError, RecursionError, MemoryError) as error:
        raise UnreadableSyntaxError(f"LibCST failed: {type(error).__name__}") from None
    if code != text:  # LibCST drops a few blanks, such as those after `!r` in a formatted string. Then positions would be wrong.
        raise UnreadableSyntaxError("LibCST does not keep the text")
    return ConcreteSyntax(module, ranges)


def on_large_stack(work: Callable[[], _Result]) -> _Result:
    """Return the result of `work`, which visits a tree of `parse_concrete` recursively, or raise what it raises.

    Raises `UnreadableSyntaxError` if the system has no memory for the stack.
    """
    results: list[_Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    limit, stack = sys.getrecursionlimit(), threading.stack_size()
    sys.setrecursionlimit(max(limit, _FRAMES))
    try:
        threading.stack_size(_STACK)
        thread = threading.Thread(target=run, name="libcst")
        thread.start()
        thread.join()
    except (RuntimeError, MemoryError):
        raise UnreadableSyntaxError("there is no memory for a large stack") from None
    finally:
        threading.stack_size(stack)
        sys.setrecursionlimit(limit)
    for error in errors:
        raise error
    return results[0]
