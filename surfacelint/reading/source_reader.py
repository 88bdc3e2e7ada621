"""Outlines, sketches and bodies of a project's modules, as linking and judgement ask for them: cached, and read in parallel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, TypeVar

from surfacelint.cache.json_codec import codec
from surfacelint.facts.expressions import Position, Span
from surfacelint.facts.function_bodies import Body
from surfacelint.facts.import_statements import CertainImport, CertainImports
from surfacelint.facts.mentioned_words import Sketch
from surfacelint.facts.module_outlines import Import, ModuleOutline
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.findings import Location
from surfacelint.reading.file_decoding import Source
from surfacelint.reading.file_texts import FileTexts, SourceError
from surfacelint.relevance.import_screening import clauses, imports_of
from surfacelint.system.records import record
from surfacelint.system.timings import Timings
from surfacelint.system.worker_processes import map_in_one_worker, map_in_parallel

_Read = TypeVar("_Read")

EncodedOutline: TypeAlias = bytes
"""An outline as the codec writes it."""

_FEWEST_PROCESSES = 3
"""Without a cache, reading with fewer processes than this is not faster: each must encode its outlines to hand them over."""


@record(frozen=True, slots=True)
class Reading:
    """What a worker process read: the outlined modules with the digests of their texts, its errors, and its timings."""

    modules: tuple[tuple[str, str], ...]
    errors: tuple[SourceError, ...]
    repeatable: bool
    timings: Timings


@dataclass(slots=True)
class Sources(FileTexts):
    """The modules of a project: their texts, and the outlines and bodies that are extracted from these.

    Everything is read when first asked for, remembered, and cached in `store`. Up to `jobs` processes read at a time.
    `outlined` collects the modules whose outlines were asked for. The caller clears it.
    """

    outlined: set[str] = field(default_factory=set)
    _outlined_elsewhere: set[str] = field(default_factory=set)
    _outlines: dict[str, ModuleOutline | None] = field(default_factory=dict)

    def read_in_worker(self, work: Callable[[], _Read]) -> tuple[_Read, Reading]:
        """Run `work` in a worker process: return its result and what it read. Writes new bodies to the cache."""
        errors, known = len(self.errors), set(self._outlines)
        self.timings = Timings()
        found = work()
        if self.store is not None:
            self.store.save_bodies()
        modules = tuple([(module, self.digest(module)) for module in sorted(set(self._outlines) - known)])
        return found, Reading(modules, tuple(self.errors[errors:]), self.repeatable, self.timings)

    def take(self, reading: Reading) -> None:
        """Add what a worker process read."""
        for module, digest in reading.modules:
            self._outlined_elsewhere.add(module)
            self._set_digest(module, digest)
        self.errors += reading.errors
        self.repeatable = self.repeatable and reading.repeatable
        self.timings.add(reading.timings)

    def lost(self, modules: Iterable[str]) -> None:
        """Record that the process that analysed `modules` died."""
        self.repeatable = False
        for module in sorted(modules):
            file = self.project.file(module)
            if file is not None:
                self.fail(file, "the process that analysed it died")

    def is_read(self, module: str) -> bool:
        """Whether this process or a worker has asked for the outline of a module."""
        return module in self._outlines or module in self._outlined_elsewhere

    # Used by linking.

    def resolve(self, name: str, importer: str, level: int = 0) -> str | None:
        """Return the canonical name of what the module `importer` imports as `name`, or `None` if it is not in the project."""
        file = self.project.file(importer)
        found = None if file is None else self.project.resolve(name, file, level)
        if found is not None and not level and self._wraps_namesake(name, found):
            return None
        return found

    def _wraps_namesake(self, name: str, module: str) -> bool:
        """Whether a module of the project imports the installed package of the same name. Then other modules mean the package too."""
        top = name.partition(".")[0]
        file = self.project.file(module)
        if top not in self.project.foreign or file is None or file.is_package or module.rpartition(".")[2] != top:
            return False
        # The outline has only real imports. A screening scan would also count imports inside strings.
        outline = self.outline(module)
        imports = [] if outline is None else [imported for function in outline.functions for imported in function.imports]
        return any(imported.module.partition(".")[0] == top and not imported.level for imported in imports)

    def submodule(self, package: str, name: str) -> str | None:
        """Return the canonical name of the module or package `name` directly inside `package`."""
        return self.project.submodule(package, name)

    def outline(self, module: str) -> ModuleOutline | None:
        """Return the outline of a module, or `None` if it cannot be read."""
        self.looked_at.add(module)
        self.outlined.add(module)
        if module not in self._outlines:
            source = self.source(module)
            self._outlines[module] = None if source is None else self._fact(source, ModuleOutline, "outline", self._read_outline)
        return self._outlines[module]

    def imports(self, module: str) -> tuple[Import, ...]:
        """Return the imports anywhere in a module, including any inside its strings."""
        self.looked_at.add(module)
        scan = self.scans.get(module)
        records = imports_of(self.text(module).encode()) if scan is None else scan.imports
        return tuple([clause for record in sorted(records) for clause in clauses(record)])

    def sketch(self, module: str) -> Sketch | None:
        """Return the sketch of a module, or `None` if it cannot be read."""
        source = self.source(module)
        return None if source is None else self._fact(source, Sketch, "sketch", _sketch)

    def certain_imports(self, module: str) -> tuple[CertainImport, ...]:
        """Return the imports on whose success a module counts, none if it cannot be read. Raises the errors of `ast.parse`."""
        source = self.source(module)
        found = None if source is None else self._fact(source, CertainImports, "imports", _certain_imports)
        return () if found is None else found.imports

    def _fact(self, source: Source, kind: type[_Read], suffix: str, read: Callable[[Source], _Read | None]) -> _Read | None:
        """Return what `read` finds in a file, or what it has found in an earlier run; `None` if it finds nothing."""
        known = None if self.store is None else self.store.fact(kind, self._digest(source), suffix)
        if known is None:
            known = read(source)
            if self.store is not None and known is not None:
                self.store.keep_fact(kind, self._digest(source), suffix, known)
        return known

    def prepare(self, modules: Iterable[str], *, careful: bool = False) -> None:
        """Read the outlines of modules in parallel, if that is faster than reading them one by one when asked for.

        With `careful`, a worker process reads them in any case. A module that kills it counts as unreadable.
        """
        sources = [source for module in modules if module not in self._outlines and (source := self.source(module)) is not None]
        if self.store is not None:
            for source in sources:
                known = self.store.outline(self._digest(source))
                if known is not None:
                    self._outlines[source.file.module] = known
            sources = [source for source in sources if source.file.module not in self._outlines]
        # Longest first, so that no worker starts a long one last.
        sources.sort(key=lambda source: (-len(source.text), source.file.module))
        texts = [(source.text, bool(source.cells)) for source in sources]
        if careful:
            answers = map_in_one_worker(texts, _encoded_outline)
        elif self.jobs >= (_FEWEST_PROCESSES if self.store is None else 2):
            answers = map_in_parallel(texts, _encoded_outline, self.jobs)
        else:
            return
        for number, data in answers:
            self._add_outline(sources[number], data)

    def _add_outline(self, source: Source, data: EncodedOutline | None) -> None:
        """Add an outline that a worker read. If `data` is empty, this process reads the module later and reports the error."""
        if data is None:
            self._outlines[source.file.module] = None
            self.fail(source.file, "the process that read it died")
            self.repeatable = False
            return
        if not data:
            return
        self.timings.count("outlines read")
        self._outlines[source.file.module] = codec(ModuleOutline).loads(data)
        if self.store is not None:
            self.store.keep_encoded_outline(self._digest(source), data)

    def _read_outline(self, source: Source) -> ModuleOutline | None:
        from surfacelint.extraction.outline_extraction import read_outline

        self.timings.count("outlines read")
        return self._guarded(source, partial(read_outline, cells=bool(source.cells)))

    # Used by judgement.

    def body(self, function: FunctionNode) -> Body | None:
        """Return the body of a function, or `None` if it cannot be read."""
        source = self.source(function.module.name)
        if source is None:
            return None
        body = self._known_body(source, function) or self._read_body(source, function)
        if isinstance(body, str):
            self.fail(source.file, f"was checked in part: {body}", function.outline.span.start.line)
            return None
        return body

    def _known_body(self, source: Source, function: FunctionNode) -> Body | str | None:
        return None if self.store is None else self.store.body(self._digest(source), function.outline.qualname)

    def _read_body(self, source: Source, function: FunctionNode) -> Body | str:
        """Return the body of a function, or the reason why it cannot be read."""
        from surfacelint.extraction.body_extraction import UnreadableBodyError, read_body

        self.timings.count("bodies read")
        body: Body | str
        try:
            body = read_body(source.text, function.module.outline, function.outline)
        except UnreadableBodyError as error:
            body = str(error)
        if self.store is not None:
            self.store.keep_body(self._digest(source), function.outline.qualname, body)
        return body

    def location(self, function: FunctionNode, span: Span) -> Location:
        """Return the location of a span in the function's module, as users see it: with the cell of a notebook."""
        source = self.source(function.module.name)
        assert source is not None
        cell, first = source.place(span.start.line)
        shift = first - span.start.line
        start = Position(first, span.start.column)
        end = Position(span.end.line + shift, span.end.column)
        return Location(source.file.display, Span(start, end), cell)


def _encoded_outline(piece: tuple[str, bool]) -> bytes:
    """Return the encoded outline of a text (of notebook cells, if the flag is set); empty if it cannot be parsed."""
    from surfacelint.extraction.outline_extraction import read_outline

    text, cells = piece
    try:
        return codec(ModuleOutline).dumps(read_outline(text, cells=cells))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return b""


def _sketch(source: Source) -> Sketch:
    from surfacelint.extraction.word_scanning import sketch  # imported where the cache has no answer, like the other readers

    return sketch(source.text)


def _certain_imports(source: Source) -> CertainImports:
    from surfacelint.extraction.certain_imports import certain_imports

    return certain_imports(source.text)
