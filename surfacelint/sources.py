"""The files of a project as linking and judging ask for them: read when they are needed, remembered, and never a crash."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from surfacelint.extraction.outlines import parse, read_outline
from surfacelint.facts.bodies import Body
from surfacelint.facts.expressions import Position, Span
from surfacelint.facts.outlines import ModuleOutline
from surfacelint.findings import Location
from surfacelint.linking.modules import FunctionNode
from surfacelint.project import Project, SourceFile
from surfacelint.reading import Source, UnreadableError, decode, read_bytes

PARSED_ANYWAY = 1_000_000
"""Characters of files without any way to a provider that are parsed in one run, only to see whether they can be."""

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class SourceError:
    """Something in a file that could not be read: where, and a sentence that says why."""

    module: str
    location: Location
    problem: str


@dataclass(slots=True)
class Sources:
    """Texts, outlines and bodies of a project's files, read when they are asked for and remembered."""

    project: Project
    given: dict[Path, str]
    errors: list[SourceError] = field(default_factory=list)
    _texts: dict[str, Source | None] = field(default_factory=dict)
    _outlines: dict[str, ModuleOutline | None] = field(default_factory=dict)

    def mentioning(self, words: Iterable[str], modules: Iterable[str]) -> frozenset[str]:
        """Return those of the modules that hold one of the lower-case `words`, in whatever case. What cannot be read holds nothing."""
        wanted = [word.encode() for word in words]
        found: set[str] = set()
        for module in modules:
            file = self.project.file(module)
            with suppress(OSError):
                content = b"" if file is None else self._content(file).lower()
                if any(word in content for word in wanted):
                    found.add(module)
        return frozenset(found)

    def _content(self, file: SourceFile) -> bytes:
        """Return what a file holds, from memory if it was read already. Raises OSError."""
        known = self._texts.get(file.module)
        return self.bytes(file) if known is None else known.text.encode("utf-8", "surrogatepass")

    def bytes(self, file: SourceFile) -> bytes:
        """Return the content of a file. Raises OSError."""
        return self.given[file.path].encode() if file.path in self.given else read_bytes(file)

    def source(self, module: str) -> Source | None:
        """Return the text of a module, `None` where there is no file or it cannot be read."""
        if module not in self._texts:
            file = self.project.file(module)
            self._texts[module] = None if file is None else self._read(file)
        return self._texts[module]

    def _read(self, file: SourceFile) -> Source | None:
        if file.path in self.given and not file.is_notebook:
            return Source(file, self.given[file.path].replace("\r\n", "\n"))
        try:
            source = decode(file, self.bytes(file))
        except OSError as error:
            self.fail(file, f"cannot be read: {error.strerror}")
            return None
        except UnreadableError as error:
            self.fail(file, str(error))
            return None
        for cell in source.broken_cells:
            self.errors.append(SourceError(file.module, Location(file.display, line_span(cell.line), cell.index), cell.problem))
        return source

    def fail(self, file: SourceFile, problem: str, line: int = 1) -> None:
        """Note that a file could not be checked, or not all of it."""
        self.errors.append(SourceError(file.module, Location(file.display, line_span(line)), problem))

    def parse_some(self, modules: Iterable[str]) -> None:
        """Parse files that lead to no provider, too, as long as that costs next to nothing.

        So typos show wherever one looks for them. The imports of these files are known from their bytes, so that nothing
        else would be found in them.
        """
        budget = PARSED_ANYWAY
        for module in sorted(modules):
            file = self.project.file(module)
            if file is None or module in self._outlines:
                continue
            source = self.source(module)
            budget -= 0 if source is None else len(source.text)
            if budget < 0:
                return
            if source is not None:
                self._parse(source)

    # What linking asks for.

    def resolve(self, name: str, importer: str, level: int = 0) -> str | None:
        """Return the canonical name of what a module means by `name`."""
        file = self.project.file(importer)
        found = None if file is None else self.project.resolve(name, file, level)
        if found is not None and not level and self._wraps_namesake(name, found):
            return None
        return found

    def _wraps_namesake(self, name: str, module: str) -> bool:
        """Whether a module of the project imports the installed package of its own name: then others mean that, too."""
        top = name.partition(".")[0]
        file = self.project.file(module)
        if top not in self.project.foreign or file is None or file.is_package or module.rpartition(".")[2] != top:
            return False
        outline = self.outline(module)
        imports = [] if outline is None else [imported for function in outline.functions for imported in function.imports]
        return any(imported.module.partition(".")[0] == top and not imported.level for imported in imports)

    def submodule(self, package: str, name: str) -> str | None:
        """Return the canonical name of a module directly in a package."""
        return self.project.submodule(package, name)

    def text(self, module: str) -> str:
        """Return the text of a module, empty where it cannot be read."""
        source = self.source(module)
        return "" if source is None else source.text

    def outline(self, module: str) -> ModuleOutline | None:
        """Return the outline of a module, `None` where it cannot be read."""
        if module not in self._outlines:
            source = self.source(module)
            self._outlines[module] = None if source is None else self._outline(source)
        return self._outlines[module]

    def _outline(self, source: Source) -> ModuleOutline | None:
        return self._guarded(source, read_outline)

    def _parse(self, source: Source) -> None:
        self._guarded(source, parse)

    def _guarded(self, source: Source, reader: Callable[[str], _Read]) -> _Read | None:
        """Return what `reader` makes of a source; note an error where it cannot be parsed."""
        try:
            return reader(source.text)
        except SyntaxError as error:
            running = f"Python {sys.version_info.major}.{sys.version_info.minor}"
            self.fail(source.file, f"syntax error for {running}: {error.msg}", error.lineno or 1)
        except (RecursionError, MemoryError):
            self.fail(source.file, "is nested too deeply to be read")
        except ValueError as error:
            self.fail(source.file, f"cannot be parsed: {error}")
        return None

    # What judging asks for.

    def body(self, function: FunctionNode) -> Body | None:
        """Return the body of a function, `None` where it cannot be read."""
        from surfacelint.extraction.bodies import UnreadableBodyError, read_body

        source = self.source(function.module.name)
        if source is None:
            return None
        try:
            return read_body(source.text, function.module.outline, function.outline)
        except UnreadableBodyError as error:
            self.fail(source.file, f"was checked in part: {error}", function.outline.span.start.line)
            return None

    def location(self, function: FunctionNode, span: Span) -> Location:
        """Return where a span of a function's module is, as users see it."""
        source = self.source(function.module.name)
        assert source is not None
        cell, first = source.place(span.start.line)
        shift = first - span.start.line
        start = Position(first, span.start.column)
        end = Position(span.end.line + shift, span.end.column)
        return Location(source.file.display, Span(start, end), cell)


def line_span(number: int) -> Span:
    """Return the span of a line of which only the number is known."""
    return Span(Position(number, 0), Position(number, 0))
