"""Where the nodes of a LibCST module stand.

`libcst.metadata.PositionProvider` gives the same answers and takes twice as long as parsing, because it works out line and column of
every node. Here the module is spelled out in the same way, but only token numbers are noted, and places are made of those asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from types import TracebackType

import libcst as cst
from libcst._nodes.internal import CodegenState

from surfacelint.facts.expressions import Position


class Positions:
    """Places of the nodes of one module; valid for as long as the module is kept."""

    def __init__(self, module: cst.Module, shift: int = 0) -> None:
        """`shift` is added to each line."""
        state = _Recorder(module)
        module._codegen(state)
        self._shift = shift
        self._ranges = state.ranges
        self._offsets = [0, *accumulate(map(len, state.tokens))]
        self._breaks = [offset for offset, character in enumerate("".join(state.tokens)) if character == "\n"]

    def start(self, node: cst.CSTNode) -> Position:
        """Return where `node` begins."""
        return self._position(self._ranges[id(node)][0])

    def end(self, node: cst.CSTNode) -> Position:
        """Return where `node` ends."""
        return self._position(self._ranges[id(node)][1])

    def _position(self, token: int) -> Position:
        offset = self._offsets[min(token, len(self._offsets) - 1)]
        line = bisect_left(self._breaks, offset)
        return Position(line + 1 + self._shift, offset - self._breaks[line - 1] - 1 if line else offset)


class _Recorder(CodegenState):
    """Notes between which tokens each node stands: its own, or those that LibCST says belong to its syntax."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.ranges: dict[int, tuple[int, int]] = {}
        self._starts: list[int] = []

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._starts.append(len(self.tokens))

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._starts.pop()
        if id(node) not in self.ranges:
            self.ranges[id(node)] = (start, len(self.tokens))

    # Not with `contextlib`, whose generators would cost as much as all else.
    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _Syntax:
        return _Syntax(self, node, start_node, end_node)


class _Syntax:
    """The part of a node between the blanks and comments that it owns."""

    __slots__ = ("_end_node", "_node", "_start", "_start_node", "_state")

    def __init__(self, state: _Recorder, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None) -> None:
        self._state = state
        self._node = node
        self._start_node = start_node
        self._end_node = end_node

    def __enter__(self) -> None:
        self._start = len(self._state.tokens)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        ranges = self._state.ranges
        start = self._start if self._start_node is None else ranges[id(self._start_node)][0]
        end = len(self._state.tokens) if self._end_node is None else ranges[id(self._end_node)][1]
        ranges[id(self._node)] = (start, end)
