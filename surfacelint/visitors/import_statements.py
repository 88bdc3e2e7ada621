"""The import statements of a file, with what they bind and where a new one can stand."""

from __future__ import annotations

import libcst as cst
from libcst.helpers import get_full_name_for_node

from surfacelint.facts.expressions import Position, Span
from surfacelint.system.records import record
from surfacelint.visitors.name_bindings import Scope, import_name
from surfacelint.visitors.source_tree import SourceTree


@record(frozen=True, slots=True)
class ImportStatement:
    """One import statement that always runs: a statement of a module body or of a function body, not of an `if` or `try`.

    - `module`: as written, with its leading dots; empty for `import a, b`.
    - `names`: for each part the symbol (with `import`, the module) and the name by which code refers to it.
    - `line`: the span of the line or lines on which it stands, with other statements there.
    - `last`: the end of its last part, where a further one can be added; `None` if it is not a `from` import on one line.
    """

    module: str
    names: tuple[tuple[str, str], ...]
    scope: Scope
    line: Span
    last: Position | None


def import_statements(tree: SourceTree) -> tuple[ImportStatement, ...]:
    """Return the imports that always run, in the order of the file."""
    found = []
    for line in tree.nodes(cst.SimpleStatementLine):
        block = tree.parent(line)
        scope = block if isinstance(block, cst.Module) else tree.parent(block) if block is not None else None
        if isinstance(scope, cst.Module | cst.FunctionDef):
            found += [read for each in line.body if (read := _read(tree, line, each, scope)) is not None]
    return tuple(sorted(found, key=lambda each: each.line.start))


def first_statement(tree: SourceTree) -> Position | None:
    """Return the start of the first statement after the docstring of a module, or `None` if there is none."""
    body = list(tree.module.body)
    if tree.module.get_docstring(clean=False) is not None:
        body = body[1:]
    return tree.span(body[0]).start if body else None


def _read(tree: SourceTree, line: cst.SimpleStatementLine, node: cst.CSTNode, scope: Scope) -> ImportStatement | None:
    span = tree.span(line)
    match node:
        case cst.Import():
            names = tuple((get_full_name_for_node(alias.name) or "", _spelling(alias)) for alias in node.names)
            return ImportStatement("", names, scope, span, None)
        case cst.ImportFrom(names=cst.ImportStar()):
            return ImportStatement(_module(node), (), scope, span, None)
        case cst.ImportFrom(names=[*aliases]):
            names = tuple((get_full_name_for_node(alias.name) or "", import_name(alias)) for alias in aliases)
            on_one_line = span.start.line == span.end.line
            return ImportStatement(_module(node), names, scope, span, tree.span(aliases[-1]).end if on_one_line else None)
        case _:
            return None


def _spelling(alias: cst.ImportAlias) -> str:
    """Return how code refers to an imported module: `import a.b` binds `a`, and code writes `a.b`."""
    return import_name(alias) if alias.asname is not None else get_full_name_for_node(alias.name) or ""


def _module(node: cst.ImportFrom) -> str:
    return "." * len(node.relative) + (get_full_name_for_node(node.module) or "" if node.module is not None else "")
