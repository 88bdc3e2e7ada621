"""Imports that new code needs: how to spell their names in a file, and the edits that add what is missing."""

from __future__ import annotations

import sys
from itertools import pairwise

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.codemods.refusals import Refusal
from surfacelint.facts.expressions import Position, Span
from surfacelint.facts.module_outlines import MODULE_BODY
from surfacelint.model.findings import Edit
from surfacelint.system.records import record
from surfacelint.visitors.call_arguments import point
from surfacelint.visitors.import_statements import ImportStatement, first_statement, import_statements
from surfacelint.visitors.name_bindings import Scope, bindings_by_name, scopes_at

LONGEST_LINE = 88
"""Columns up to which a further name is added to a line. It is the default of ruff and black."""


@record(frozen=True, slots=True)
class _Import:
    """A module to import, or with `symbol` a name to import from it, or several names with commas."""

    module: str
    symbol: str

    @property
    def text(self) -> str:
        return f"from {self.module} import {self.symbol}" if self.symbol else f"import {self.module}"

    @property
    def order(self) -> tuple[bool, str]:
        return bool(self.symbol), self.module.lower()


class ImportEdits:
    """The imports for new code of one document.

    New statements stand where isort puts them if the file is sorted: beside imports of the same kind (standard library or other), before
    the code that needs them, and never before a docstring or a `__future__` import.
    """

    def __init__(self, document: Document, at: Position) -> None:
        """`at` is the place of the first line of new code. Raises `UnreadableError`."""
        self._document = document
        self._tree = document.tree(MODULE_BODY)
        self._scopes = scopes_at(self._tree, at)
        self._at = at
        self._imports = self._tree.once(import_statements)
        self._missing: list[_Import] = []

    def name(self, module: str, symbol: str = "") -> str | Refusal:
        """Return how code writes a module, or a symbol of it. A missing import is added to `edits`.

        `module` is absolute, or relative with leading dots. The file may import it under another name. Refuses if the name means something
        else where the code stands.
        """
        known = self._known(module, symbol)
        if known:
            return known
        wanted = _Import(module, symbol)
        other = self._other_meaning(symbol or module.partition(".")[0], wanted)
        if other:
            return Refusal(other)
        if wanted not in self._missing:
            self._missing.append(wanted)
        return symbol or module

    def edits(self) -> tuple[Edit, ...]:
        """Return the edits that add the missing imports, at most one for each place."""
        places: dict[_Place, list[_Import]] = {}
        added: dict[Span, str] = {}
        for each in sorted(self._missing, key=lambda each: (_kind(each.module), each.order)):
            line = self._extendable(each)
            if line is None:
                places.setdefault(self._place(each), []).append(each)
            else:
                added[line] = f"{added.get(line, '')}, {each.symbol}"
        added |= {place.span: place.text(_joined(statements)) for place, statements in places.items()}
        return tuple(self._document.edit(span, text) for span, text in sorted(added.items()))

    def _known(self, module: str, symbol: str) -> str:
        """Return how code at this place already writes a module or symbol, or an empty string."""
        found = ""
        for statement in self._imports:
            runs_before = statement.line.start < self._at or (statement.scope is self._tree.module and len(self._scopes) > 1)
            if statement.scope not in self._scopes or not runs_before:
                continue
            for part, name in statement.names:
                if symbol and (statement.module, part) == (module, symbol):
                    return name if not self._other_meaning(name, _Import(module, symbol)) else ""
                if not statement.module and part == module and not self._other_meaning(name.partition(".")[0], _Import(module, "")):
                    found = f"{name}.{symbol}" if symbol else name
        return found

    def _other_meaning(self, name: str, wanted: _Import) -> str:
        """Return what else a name means in the scopes around the code, as a reason for a refusal, or an empty string."""
        for each in self._tree.once(bindings_by_name).get(name, ()):
            if each.scope in self._scopes and not self._is_same(each.node, wanted, each.scope):
                if isinstance(each.scope, cst.FunctionDef):
                    return f"`{name}` is a variable of `{each.scope.name.value}`, so the import it needs has no name"
                return f"`{name}` means something else in this file, so the import it needs has no name"
        return ""

    def _is_same(self, node: cst.CSTNode, wanted: _Import, scope: Scope) -> bool:
        """Whether a binding imports what is wanted and hides nothing: at the top of the file, or in the function before the code."""
        if not isinstance(node, cst.ImportAlias) or not (isinstance(scope, cst.Module) or self._tree.span(node).start < self._at):
            return False
        statement = self._tree.parent(node)
        if isinstance(statement, cst.ImportFrom):
            dots = "." * len(statement.relative)
            module = dots + ("" if statement.module is None else self._tree.code(statement.module))
            return (module, self._tree.code(node.name)) == (wanted.module, wanted.symbol)
        return self._tree.code(node.name).partition(".")[0] == wanted.module.partition(".")[0] and not wanted.symbol

    def _extendable(self, wanted: _Import) -> Span | None:
        """Return where a `from` import on one line takes a further name, or `None`."""
        for statement in self._above():
            if statement.module == wanted.module and wanted.symbol and statement.last is not None:
                longer = sum(len(each.symbol) + 2 for each in self._missing if each.module == wanted.module and each.symbol)
                if statement.line.end.column + longer <= LONGEST_LINE:
                    return point(statement.last)
        return None

    def _above(self) -> list[ImportStatement]:
        """Return the imports of the module body that run before the code."""
        found = [each for each in self._imports if each.scope is self._tree.module and each.line.start < self._at]
        return [each for each in found if each.module != "__future__"]

    def _place(self, wanted: _Import) -> _Place:
        """Return where a new statement stands."""
        above = self._above()
        alike = [each for each in above if _kind(_module(each)) == _kind(wanted.module)]
        smaller = [each for each in alike if (bool(each.module), _module(each).lower()) <= wanted.order]
        if smaller:
            return self._below(smaller[-1])
        later = alike or [each for each in above if _kind(_module(each)) > _kind(wanted.module)]
        if later:
            return _Place(point(later[0].line.start), False, _kind(_module(later[0])))
        return self._below(above[-1]) if above else self._first_place()

    def _first_place(self) -> _Place:
        """Return the place of the first import of a file."""
        future = [each for each in self._imports if each.module == "__future__"]
        if future:
            return self._below(future[-1])
        lines = self._document.lines
        start = first_statement(self._tree) or Position(1, 0)
        row = start.line
        while row > 1 and lines[row - 2].startswith("#"):
            row -= 1
        # Comments above a statement belong to it, but those at the top of the file belong to the file.
        return _Place(point(start if row == 1 else Position(row, 0)), False, _CODE)

    def _below(self, statement: ImportStatement) -> _Place:
        """Return the place below the last line of a statement, after any comment there."""
        row = statement.line.end.line
        end = Position(row, len(self._document.lines[row - 1]))
        return _Place(point(end), True, _kind(_module(statement)))


def _joined(statements: list[_Import]) -> list[_Import]:
    """Return one statement for all names of a module."""
    symbols: dict[tuple[str, bool], list[str]] = {}
    for each in statements:
        symbols.setdefault((each.module, bool(each.symbol)), []).append(each.symbol)
    return [_Import(module, ", ".join(sorted(names, key=_isort_key))) for (module, _), names in symbols.items()]


def _isort_key(name: str) -> tuple[bool, bool, str]:
    """Constants come before classes, and classes before other names, as in isort."""
    return (not name.isupper(), not name[:1].isupper(), name)


@record(frozen=True, slots=True)
class _Place:
    """A place for new imports, below or above a statement whose section among sorted imports is `kind`."""

    span: Span
    is_below: bool
    kind: int

    def text(self, statements: list[_Import]) -> str:
        """Return the text of the edit. A blank line separates sections."""
        kinds = [_kind(each.module) for each in statements]
        if self.is_below:
            before = [self.kind, *kinds]
            return "".join(f"{_break(*pair)}{each.text}" for each, pair in zip(statements, pairwise(before), strict=True))
        after = [*kinds, self.kind]
        return "".join(f"{each.text}{_break(*pair)}" for each, pair in zip(statements, pairwise(after), strict=True))


_FUTURE, _STANDARD, _OTHER, _RELATIVE, _CODE = range(5)
"""Sections of sorted imports, and the code after them."""


def _kind(module: str) -> int:
    if module.startswith("."):
        return _RELATIVE
    if module == "__future__":
        return _FUTURE
    return _STANDARD if module.partition(".")[0] in sys.stdlib_module_names else _OTHER


def _break(above: int, below: int) -> str:
    return "\n" if above == below else "\n\n"


def _module(statement: ImportStatement) -> str:
    return statement.module or statement.names[0][0]
