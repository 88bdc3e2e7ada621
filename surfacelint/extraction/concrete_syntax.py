"""Parses text with LibCST, whose parser knows the syntax of newer Python versions than the running one. Never crashes the process."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, TypeVar

import libcst as cst
from libcst._nodes.internal import CodegenState

from surfacelint.extraction.nesting_depth import nesting
from surfacelint.facts.expressions import Position, Span
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
    """The concrete syntax tree of a text. `spans` are those of its nodes, without blanks and comments.

    `rows` are the rows of its statements with the blanks and comments above them: the first one, and the one after the last.
    """

    module: cst.Module
    spans: Mapping[cst.CSTNode, Span]
    rows: Mapping[cst.CSTNode, tuple[int, int]]


def parse_concrete(text: str, first_row: int = 1) -> ConcreteSyntax:
    """Return the concrete syntax of a text with line feeds as line breaks. Rows count from `first_row`. Raises `UnreadableSyntaxError`."""
    depth = nesting(text)
    if depth == "too deep":
        raise UnreadableSyntaxError("the code is nested too deeply")
    if depth == "shallow":
        with suppress(RecursionError):  # if the stack is nearly full already
            return _parsed(text, first_row)  # A thread takes three times as long as parsing a short function.
    try:
        return on_large_stack(lambda: _parsed(text, first_row))
    except RecursionError as error:
        raise UnreadableSyntaxError(f"LibCST failed: {type(error).__name__}") from None


def _parsed(text: str, first_row: int) -> ConcreteSyntax:
    try:
        module = cst.parse_module(text)
        code = _Code(module, first_row)
        module._codegen(code)
    except cst.ParserSyntaxError as error:
        raise UnreadableSyntaxError(f"syntax error in line {error.raw_line}") from None
    except (cst.CSTLogicError, cst.CSTValidationError, UnicodeError, MemoryError) as error:
        raise UnreadableSyntaxError(f"LibCST failed: {type(error).__name__}") from None
    if "".join(code.tokens) != text:  # LibCST drops a few blanks, such as those after `!r` in a formatted string: positions would be wrong.
        raise UnreadableSyntaxError("LibCST does not keep the text")
    return ConcreteSyntax(module, code.spans, code.rows)


def spelled(module: cst.Module, *nodes: cst.CSTNode, indents: Sequence[str] = ()) -> str:
    """Return the code of nodes with the indentation and line breaks of a module, as `module.code_for_node` does in twice the time.

    `indents` are the indentations of the blocks around them, outermost first.
    """
    code = _Spelling(module.default_indent, module.default_newline, indent_tokens=list(indents))
    for node in nodes:
        node._codegen(code)
    return "".join(code.tokens)


_NOTHING = nullcontext()


def _nothing(_code: CodegenState, _node: cst.CSTNode, **_nodes: cst.CSTNode | None) -> AbstractContextManager[None]:
    return _NOTHING


class _Spelling(CodegenState):
    """Spells nodes, without their positions."""

    record_syntactic_position: Any = _nothing
    """LibCST makes a generator for each node, which does nothing either."""


_BLANKS = frozenset({cst.SimpleWhitespace, cst.ParenthesizedWhitespace, cst.EmptyLine, cst.TrailingWhitespace, cst.Newline, cst.Comment})
"""More than half of all nodes. Nothing asks where they are, and LibCST shares some of them."""


def _noting(
    code: _Code, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
) -> AbstractContextManager[None]:
    return _Noting(code, node, start_node, end_node)


class _Code(CodegenState):
    """Spells a module and notes the spans of its nodes. LibCST's `PositionProvider` does the same in twice the time."""

    def __init__(self, module: cst.Module, first_row: int) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.spans: dict[cst.CSTNode, Span] = {}
        self.rows: dict[cst.CSTNode, tuple[int, int]] = {}
        self._line = first_row
        self._column = 0
        self._starts: list[Position] = []

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        breaks = value.count("\n")
        if breaks:
            self._line += breaks
            self._column = len(value) - value.rindex("\n") - 1
        else:
            self._column += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        if node.__class__ not in _BLANKS:
            self._starts.append(self.place)

    def after_codegen(self, node: cst.CSTNode) -> None:
        if node.__class__ not in _BLANKS:
            start = self._starts.pop()
            if node not in self.spans:
                self.spans[node] = Span(start, self.place)
            elif self._column == 0:
                self.rows[node] = start.line, self._line

    record_syntactic_position: Any = _noting
    """Notes the span of a node without what is around it, such as parentheses."""

    @property
    def place(self) -> Position:
        """Where the next token stands."""
        return Position(self._line, self._column)


class _Noting:
    """Notes the span of a node when its block ends. A node that is given for the start or end has been noted already."""

    __slots__ = ("_code", "_from", "_node", "_start", "_to")

    def __init__(self, code: _Code, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None) -> None:
        self._code = code
        self._node = node
        self._from = start_node
        self._to = end_node

    def __enter__(self) -> None:
        self._start = self._code.place

    def __exit__(self, *_: object) -> None:
        spans = self._code.spans
        start = self._start if self._from is None else spans[self._from].start
        spans[self._node] = Span(start, self._code.place if self._to is None else spans[self._to].end)


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
