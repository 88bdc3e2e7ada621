"""Finds the progress display of a repetition: the call that wraps its items or opens a bar, and the calls that move the bar."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from surfacelint.system.records import record
from surfacelint.visitors.source_tree import Reported, is_reported


@record(frozen=True, slots=True)
class Progress:
    """A progress display around a repetition.

    - `call`: the call that the analysis reports: `tqdm(rows)`, or `bar.update()` if the body moves the bar.
    - `wrapped`: what it wraps, if it wraps something.
    - `bar`: the variable that holds the display; empty if none does.
    """

    call: Reported
    wrapped: cst.BaseExpression | None
    bar: str

    def updates(self, within: cst.CSTNode) -> tuple[cst.Call, ...]:
        """Return the calls in a construct that move or change the bar, in the order of the source."""
        visitor = UpdateVisitor(self.bar)
        within.visit(visitor)
        return tuple(visitor.updates)


class UpdateVisitor(cst.CSTVisitor):
    """Collects the calls of methods of a variable, or of the variable itself."""

    def __init__(self, bar: str) -> None:
        """Look for calls of the variable `bar`."""
        super().__init__()
        self.updates: list[cst.Call] = []
        self._bar = bar

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Keep a call if the variable is its receiver."""
        if isinstance(node, cst.Call):
            owner = node.func.value if isinstance(node.func, cst.Attribute) else node.func
            if isinstance(owner, cst.Name) and owner.value == self._bar:
                self.updates.append(node)
        return True


def progress_at(path: Sequence[cst.CSTNode]) -> Progress | None:
    """Return the display or report that ends a path of nodes; `None` for an empty path."""
    call = path[-1] if path else None
    if call is None or not is_reported(call):
        return None
    bar, moves = _bar(path, call)
    wrapped = next((each.value for each in call.args if each.keyword is None), None) if isinstance(call, cst.Call) and not moves else None
    return Progress(call, wrapped, bar)


def _bar(path: Sequence[cst.CSTNode], call: Reported) -> tuple[str, bool]:
    """Return the variable that holds the display, if any, and whether the call is one of its methods."""
    for node in reversed(path[:-1]):
        if isinstance(node, cst.WithItem):
            return _name(None if node.asname is None else node.asname.name), False
        if isinstance(node, cst.Assign) and node.value is call:
            return _name(node.targets[0].target), False
        if isinstance(node, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            break
    receiver = call.func.value if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) else None
    return _name(receiver), isinstance(receiver, cst.Name)


def _name(node: cst.CSTNode | None) -> str:
    return node.value if isinstance(node, cst.Name) else ""
