"""Finds the imports on whose success a module counts, and whose names it calls."""

from __future__ import annotations

import ast

from surfacelint.extraction.newer_syntax import parse
from surfacelint.facts.expressions import Position, Span
from surfacelint.facts.import_statements import CertainImport, CertainImports

_CONDITIONAL = (ast.If, ast.Try, ast.With, ast.AsyncWith, *((ast.TryStar,) if hasattr(ast, "TryStar") else ()))
"""Statements that may skip an import or handle its failure: `if TYPE_CHECKING:`, `try:`, `with suppress(ImportError):`."""


def certain_imports(text: str) -> CertainImports:
    """Return the imports that no condition guards and of which the module calls at least one name. Raises the errors of `ast.parse`."""
    tree, _ = parse(text)
    called = {name for node in ast.walk(tree) if isinstance(node, ast.Call) and (name := _root(node.func))}
    found: list[CertainImport] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.Import):
                bound = ((each.asname or each.name.partition(".")[0], each.name) for each in node.names)
                found += [CertainImport(module, 0, _span(node)) for name, module in bound if name in called]
            elif isinstance(node, ast.ImportFrom):
                if any(each.name == "*" or (each.asname or each.name) in called for each in node.names):
                    found.append(CertainImport(node.module or "", node.level, _span(node)))
            elif isinstance(node, ast.stmt) and not isinstance(node, _CONDITIONAL):
                waiting.append(node)
    return CertainImports(tuple(sorted(found, key=lambda each: each.span)))


def _span(node: ast.stmt) -> Span:
    start = Position(node.lineno, node.col_offset)
    return Span(start, start)


def _root(expression: ast.expr) -> str:
    """Return the name at the start of a path such as `llm` in `llm.client.ask`, or an empty text."""
    while isinstance(expression, ast.Attribute):
        expression = expression.value
    return expression.id if isinstance(expression, ast.Name) else ""
