"""Finds the progress display of a repetition: the call that wraps its items or opens a bar, and the calls that move the bar."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from surfacelint.system.records import record
from surfacelint.visitors.place_visitor import Reported, is_reported


@record(frozen=True, slots=True)
class Progress:
    """A progress display around a repetition.

    - `call`: the call that the analysis reports: `tqdm(rows)`, or `bar.update()` if the body moves the bar.
    - `wrapped`: what it wraps, if it wraps something.
    - `bar`: the variable that holds the display, if one does.
    - `updates`: the calls in the repetition that move or change the bar, in the order of the source.
    """

    call: Reported
    wrapped: cst.BaseExpression | None
    bar: str
    updates: tuple[cst.Call, ...]


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


def progress_at(path: Sequence[cst.CSTNode], repetition: cst.CSTNode) -> Progress | None:
    """Return the display or report that ends a path of nodes; `repetition` is the construct that it accompanies. `None` for no path."""
    call = path[-1] if path else None
    if call is None or not is_reported(call):
        return None
    bar = _bar(path, call)
    visitor = UpdateVisitor(bar)
    if bar:
        repetition.visit(visitor)
    wraps = isinstance(call, cst.Call) and call not in visitor.updates
    wrapped = next((each.value for each in call.args if each.keyword is None), None) if isinstance(call, cst.Call) and wraps else None
    return Progress(call, wrapped, bar, tuple(visitor.updates))


def _bar(path: Sequence[cst.CSTNode], call: Reported) -> str:
    """Return the variable that holds the display: by `as`, by assignment, or because it is the receiver; empty if none does."""
    if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and isinstance(call.func.value, cst.Name):
        receiver = call.func.value.value
    else:
        receiver = ""
    for node in reversed(path[:-1]):
        if isinstance(node, cst.WithItem):
            return _name(None if node.asname is None else node.asname.name)
        if isinstance(node, cst.Assign) and node.value is call:
            return _name(node.targets[0].target)
        if isinstance(node, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            break
    return receiver


def _name(node: cst.CSTNode | None) -> str:
    return node.value if isinstance(node, cst.Name) else ""
