"""Finds the function that holds a call, and whatever waits there for the batch that the call submits."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from surfacelint.system.records import record
from surfacelint.visitors.place_visitor import Reported, is_reported

SLEEP = "sleep"


@record(frozen=True, slots=True)
class Handler:
    """The function around a call, such as a request handler.

    `function` is `None` in the body of a module. `call` is the call of interest, `holder` the statement that holds it.
    `waits` are the loops that wait for a batch, and the calls that do, in the order of the source.
    """

    function: cst.FunctionDef | None
    holder: cst.BaseSmallStatement | cst.BaseStatement | None
    call: Reported
    waits: tuple[cst.For | cst.While | cst.Call, ...] = ()

    @property
    def decorators(self) -> tuple[cst.Decorator, ...]:
        """The decorators of the function, in order."""
        return () if self.function is None else tuple(self.function.decorators)


class WaitVisitor(cst.CSTVisitor):
    """Collects the loops of a function that sleep or call one of the `polls`, and the calls of one of the `blocks`.

    Both are names of methods: `retrieve` polls, `wait` blocks. Functions defined inside are another matter.
    """

    def __init__(self, polls: frozenset[str], blocks: frozenset[str]) -> None:
        """Look for methods by their names."""
        super().__init__()
        self.waits: list[cst.For | cst.While | cst.Call] = []
        self._loops: list[cst.For | cst.While] = []
        self._polls = polls
        self._blocks = blocks

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        """Leave out functions inside."""
        return False

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        """Leave out lambdas."""
        return False

    def visit_While(self, node: cst.While) -> None:
        """Enter a loop."""
        self._loops.append(node)

    def visit_For(self, node: cst.For) -> None:
        """Enter a loop."""
        self._loops.append(node)

    def leave_While(self, original_node: cst.While) -> None:
        """Leave a loop."""
        self._loops.pop()

    def leave_For(self, original_node: cst.For) -> None:
        """Leave a loop."""
        self._loops.pop()

    def visit_Call(self, node: cst.Call) -> None:
        """Note the innermost loop around a call that polls, or the call itself if it blocks."""
        name = called_name(node)
        found: cst.For | cst.While | cst.Call | None = None
        if name in self._blocks:
            found = node
        elif self._loops and (name in self._polls or name == SLEEP):
            found = self._loops[-1]
        if found is not None and found not in self.waits:
            self.waits.append(found)


def called_name(call: cst.Call) -> str:
    """Return the last part of the callee of a call: `create` for `client.batches.create(...)`."""
    if isinstance(call.func, cst.Attribute):
        return call.func.attr.value
    return call.func.value if isinstance(call.func, cst.Name) else ""


def handler_around(path: Sequence[cst.CSTNode], polls: frozenset[str] = frozenset(), blocks: frozenset[str] = frozenset()) -> Handler:
    """Return the function around the expression that ends a path of nodes, with what waits in it."""
    call = path[-1]
    assert is_reported(call)
    function = next((each for each in reversed(path) if isinstance(each, cst.FunctionDef)), None)
    holder = next((each for each in reversed(path) if isinstance(each, cst.BaseSmallStatement | cst.BaseStatement)), None)
    if function is None or not polls | blocks:
        return Handler(function, holder, call)
    visitor = WaitVisitor(polls, blocks)
    function.body.visit(visitor)
    return Handler(function, holder, call, tuple(each for each in visitor.waits if each is not call))
