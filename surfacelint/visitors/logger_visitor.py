"""Finds the logger of a file."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from libcst.helpers import get_full_name_for_node

from surfacelint.visitors.source_tree import SourceTree


def logger_name(tree: SourceTree) -> str:
    """Return the variable of the module body that holds a logger to which the file already logs with `info`, or an empty string.

    The file shows by that call that messages of this level reach someone.
    """
    loggers = {name for statement in tree.module.body if isinstance(statement, cst.SimpleStatementLine) for name in _loggers(statement)}
    for call in tree.nodes(cst.Call):
        owner, _, method = (get_full_name_for_node(call.func) or "").rpartition(".")
        if owner in loggers and method == "info":
            return owner
    return ""


def _loggers(line: cst.SimpleStatementLine) -> Iterator[str]:
    for small in line.body:
        if isinstance(small, cst.Assign) and isinstance(small.value, cst.Call) and isinstance(small.targets[0].target, cst.Name):
            made_by = get_full_name_for_node(small.value.func) or ""
            if made_by.rpartition(".")[2] in ("getLogger", "get_logger"):
                yield small.targets[0].target.value
