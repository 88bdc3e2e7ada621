"""The texts that fixes edit: a file or notebook with its outline, its syntax trees, and edits in its own coordinates."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar, cast

from surfacelint.facts.expressions import Attribute, Expr, Name, Position, Span, Subscript
from surfacelint.facts.module_outlines import LAMBDA, MODULE_BODY, FunctionOutline, Import, ModuleOutline
from surfacelint.model.findings import Edit, Location
from surfacelint.model.workloads import Workload
from surfacelint.project.module_names import SourceFile
from surfacelint.reading.file_decoding import Source
from surfacelint.reading.source_reader import Sources
from surfacelint.visitors.constructs import Construct, construct_of
from surfacelint.visitors.source_tree import SourceTree, UnreadableError

_Made = TypeVar("_Made")

Asked: TypeAlias = tuple[Literal["text", "file", "folder"], str]
"""What was asked for: the text of a module, or whether there is a file or a folder at a path."""


@dataclass(frozen=True)
class Document:
    """A file or notebook. Spans are those of its text, in which the cells of a notebook follow one another."""

    source: Source
    outline: ModuleOutline
    _documents: Documents | None = field(default=None, repr=False, compare=False)
    _trees: dict[tuple[int, int], SourceTree] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The path as shown to users."""
        return self.source.file.display

    # A file may have thousands of findings, and each asks for functions, lines and imports.

    @cached_property
    def lines(self) -> Sequence[str]:
        """The lines of the text."""
        return self.source.text.split("\n")

    @cached_property
    def imports(self) -> Sequence[Import]:
        """The imports of the module body and of all functions."""
        return [each for function in self.outline.functions for each in function.imports]

    @cached_property
    def modules(self) -> frozenset[str]:
        """The names that are bound to modules by `import` statements."""
        return frozenset(each.name for each in self.imports if not each.symbol)

    @cached_property
    def assigned(self) -> frozenset[str]:
        """The names with which the targets of assignments begin. To know them, LibCST need not read the file."""
        scopes = [each.bindings for each in self.outline.functions] + [each.bindings for each in self.outline.classes]
        return frozenset(_root(each.target) for bindings in scopes for each in bindings)

    @cached_property
    def _qualnames(self) -> Mapping[str, FunctionOutline]:
        return {each.qualname: each for each in reversed(self.outline.functions)}

    @cached_property
    def _names(self) -> Mapping[str, Sequence[FunctionOutline]]:
        found: dict[str, list[FunctionOutline]] = {}
        for each in self.outline.functions:
            found.setdefault(each.name, []).append(each)
        return found

    def function(self, qualname: str) -> FunctionOutline | None:
        """Return the outline of a function, method or module body, or `None`."""
        return self._qualnames.get(qualname)

    def functions_named(self, name: str) -> Sequence[FunctionOutline]:
        """Return the outlines of all functions and methods with a name."""
        return self._names.get(name, ())

    def function_at(self, span: Span) -> str:
        """Return the qualified name of the innermost function around a span; that of the module body outside of functions."""
        around = [each for each in self.outline.functions if each.span.start <= span.start and span.end <= each.span.end]
        inner = max(around, key=lambda each: each.span.start, default=None)
        return MODULE_BODY if inner is None else inner.qualname

    def imported(self, module: str, level: int = 0) -> Document | None:
        """Return the document that this one imports as a module; `None` if it is not in the project."""
        return None if self._documents is None else self._documents.imported(self, module, level)

    def tree(self, qualname: str) -> SourceTree:
        """Return the syntax tree of the lines of a function, or of the whole file for its module body. Raises `UnreadableError`.

        A function inside of another is part of its tree, so that no two trees share a line but that of the file.
        """
        function = self.function(qualname)
        while function is not None and function.parent is not None and function.parent != MODULE_BODY:
            function = self.function(function.parent)
        if function is not None and function.name == LAMBDA:
            function = None
        whole = function is None or function.qualname == MODULE_BODY
        rows = (1, len(self.lines)) if function is None or whole else function.lines
        if rows not in self._trees:
            self._trees[rows] = SourceTree.of_lines(self.lines, *rows)
        return self._trees[rows]

    def construct(self, workload: Workload) -> Construct | None:
        """Return what a workload looks like in this document, or `None` if LibCST cannot see what the analysis reports."""
        try:
            return construct_of(workload, self.tree(workload.function), self.span)
        except (UnreadableError, RecursionError):
            return None

    def frame(self, location: Location, rows: Iterable[int]) -> tuple[int, ...]:
        """Return the rows of a code frame around a location, which count in its cell, from rows of the text. Other cells are left out."""
        placed = map(self.source.place, rows)
        return tuple([row for cell, row in placed if cell == location.cell])

    def span(self, location: Location) -> Span:
        """Return the span of a location in the text."""
        if location.cell is None:
            return location.span
        down = next(cell.line for cell in self.source.cells if cell.index == location.cell) - 1
        return Span(_moved(location.span.start, down), _moved(location.span.end, down))

    def location(self, span: Span) -> Location:
        """Return the location of a span of the text."""
        cell, row = self.source.place(span.start.line)
        up = row - span.start.line
        return Location(self.path, Span(_moved(span.start, up), _moved(span.end, up)), cell)

    def edit(self, span: Span, text: str) -> Edit:
        """Return the edit that replaces a span of the text."""
        place = self.location(span)
        return Edit(place.path, place.span, text, place.cell)


class Documents:
    """The documents of one project, read when first asked for.

    `asked` collects what answers depend on since the last `begin`.
    """

    def __init__(self, sources: Sources, batch_module: str) -> None:
        """Take texts and outlines from `sources`. `batch_module` is the setting of that name."""
        self.asked: set[Asked] = set()
        self._sources = sources
        self.batch_module = batch_module
        self._known: dict[str, Document | None] = {}
        self._beside: dict[Hashable, list[Workload]] = {}
        self._made: dict[Hashable, tuple[object, set[Asked]]] = {}

    def begin(self, workloads: Iterable[Workload | None]) -> None:
        """Begin with the findings of a file, which are about some workloads."""
        self.asked = set()
        self._beside.clear()
        for each in workloads:
            if each is not None:
                self._beside.setdefault(_repetition(each), []).append(each)

    def beside(self, workload: Workload) -> Sequence[Workload]:
        """Return the workloads of all findings in the repetition of a workload, if it is in the file at which the findings are."""
        return self._beside.get(_repetition(workload), ())

    def once(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return what a function makes for a key, which names the function, too. It is made once."""
        if key not in self._made:
            before, self.asked = self.asked, set()
            self._made[key] = make(), self.asked
            self.asked = before
        made, asked = self._made[key]
        self.asked |= asked
        return cast(_Made, made)

    def at(self, path: str) -> Document | None:
        """Return the document with a path as shown to users; `None` if it cannot be read."""
        file = self._sources.project.shown_as(path)
        if file is not None:
            self.asked.add(("text", file.module))
        if path not in self._known:
            source = None if file is None else self._sources.source(file.module)
            outline = None if file is None else self._sources.outline(file.module)
            self._known[path] = None if source is None or outline is None else Document(source, outline, self)
        return self._known[path]

    def imported(self, importer: Document, module: str, level: int) -> Document | None:
        """Return the document that another one imports as a module; `None` if it is not in the project, or is the batch module."""
        if module.rpartition(".")[2] == self.batch_module.rpartition(".")[2]:
            return None  # its functions are known
        file = self.resolved(importer, module, level)
        return None if file is None else self.at(file.display)

    def resolved(self, importer: Document, module: str, level: int = 0) -> SourceFile | None:
        """Return the file that a document imports as a module; `None` if it is not in the project."""
        self._sources.looked_at.clear()
        found = self._sources.resolve(module, importer.source.file.module, level)
        self.asked |= {("text", each) for each in self._sources.looked_at}
        return None if found is None else self._sources.project.file(found)

    def is_file(self, path: Path) -> bool:
        """Whether there is a file at a path, in the project or not."""
        self.asked.add(("file", str(path)))
        return os.path.isfile(path)

    def is_folder(self, path: Path) -> bool:
        """Whether there is a folder at a path."""
        self.asked.add(("folder", str(path)))
        return os.path.isdir(path)


def _root(target: Expr) -> str:
    while isinstance(target, Attribute | Subscript):
        target = target.value
    return target.id if isinstance(target, Name) else ""


def _repetition(workload: Workload) -> Hashable:
    return workload.site.path, workload.function, workload.kind, workload.repetition, workload.progress, workload.walks


def _moved(position: Position, rows: int) -> Position:
    return Position(position.line + rows, position.column)
