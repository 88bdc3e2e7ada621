"""Finds the function that holds a call, and whatever waits there for the batch that the call submits."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from surfacelint.system.records import record
from surfacelint.visitors.source_tree import Reported, is_reported

SLEEP = "sleep"
"""The function by which a polling loop pauses, of whatever module."""


@record(frozen=True, slots=True)
class Handler:
    """The function around a call, such as a request handler.

    `function` is `None` in the body of a module. `call` is the call of interest. `waits` are the loops that wait for a
    batch, and the calls that do, in the order of the source.
    """

    function: cst.FunctionDef | None
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

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Enter a loop, or note what a call waits for."""
        if isinstance(node, cst.FunctionDef | cst.Lambda):
            return False
        if isinstance(node, cst.For | cst.While):
            self._loops.append(node)
        elif isinstance(node, cst.Call):
            self._note(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """Leave a loop."""
        if isinstance(original_node, cst.For | cst.While):
            self._loops.pop()

    def _note(self, call: cst.Call) -> None:
        """Note the innermost loop around a call that polls, or the call itself if it blocks."""
        name = called_name(call)
        found: cst.For | cst.While | cst.Call | None = None
        if name in self._blocks:
            found = call
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
    functions = [each for each in path if type(each) is cst.FunctionDef]
    function = functions[-1] if functions else None
    if function is None or not polls | blocks:
        return Handler(function, call)
    visitor = WaitVisitor(polls, blocks)
    function.body.visit(visitor)
    return Handler(function, call, tuple(each for each in visitor.waits if each is not call))
