"""The files of a project as linking and judging ask for them: read when they are needed, remembered, and never a crash."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from surfacelint.cache.entry_store import Store, digest_of
from surfacelint.cache.json_codec import codec
from surfacelint.facts.expressions import Position, Span
from surfacelint.facts.function_bodies import Body
from surfacelint.facts.mentioned_words import Sketch
from surfacelint.facts.module_outlines import Import, ModuleOutline
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.findings import Location
from surfacelint.project.module_names import Project, SourceFile
from surfacelint.reading.file_decoding import Source, UnreadableError, decode, read_bytes
from surfacelint.relevance.import_screening import Scan, clauses, imports_of
from surfacelint.system.records import record
from surfacelint.system.timings import Timings
from surfacelint.system.worker_processes import elsewhere, spread

_Read = TypeVar("_Read")

Written: TypeAlias = bytes
"""An outline as the codec writes it."""


@record(frozen=True, slots=True)
class SourceError:
    """Something in a file that could not be read: where, and a sentence that says why."""

    module: str
    location: Location
    problem: str


@record(frozen=True, slots=True)
class Reading:
    """What a process of its own read: the outlined modules with the digests of their texts, what it could not read, what that took."""

    modules: tuple[tuple[str, str], ...]
    errors: tuple[SourceError, ...]
    lasting: bool
    timings: Timings


_ENOUGH = 3
"""Processes from which on reading is worth handing over."""


@dataclass(slots=True)
class Sources:
    """Texts, outlines and bodies of a project's files, read when they are asked for and remembered; in `store` from one run to the next.

    `scans` are what screening saw in the bytes of the files; up to `jobs` processes read at a time. `lasting` says that nothing
    failed which need not fail again. `looked_at` collects the modules that were asked about, and `outlined` those of them
    whose outlines were, for who empties them.
    """

    project: Project
    given: dict[Path, str]
    store: Store | None = None
    timings: Timings = field(default_factory=Timings)
    jobs: int = 1
    scans: Mapping[str, Scan] = field(default_factory=dict)
    errors: list[SourceError] = field(default_factory=list)
    lasting: bool = True
    looked_at: set[str] = field(default_factory=set)
    outlined: set[str] = field(default_factory=set)
    _elsewhere: set[str] = field(default_factory=set)
    _texts: dict[str, Source | None] = field(default_factory=dict)
    _outlines: dict[str, ModuleOutline | None] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)
    _clean: dict[str, int] = field(default_factory=dict)

    def aside(self, work: Callable[[], _Read]) -> tuple[_Read, Reading]:
        """Return what `work` makes of these sources in a process of its own, and what it read; write what is new to the cache."""
        errors, known = len(self.errors), set(self._outlines)
        self.timings = Timings()
        found = work()
        if self.store is not None:
            self.store.save_bodies()
        modules = tuple([(module, self.digest(module)) for module in sorted(set(self._outlines) - known)])
        return found, Reading(modules, tuple(self.errors[errors:]), self.lasting, self.timings)

    def take(self, reading: Reading) -> None:
        """Take over what another process read."""
        for module, digest in reading.modules:
            self._elsewhere.add(module)
            self._digested(module, digest)
        self.errors += reading.errors
        self.lasting = self.lasting and reading.lasting
        self.timings.add(reading.timings)

    def lost(self, modules: Iterable[str]) -> None:
        """Note that the process that was to analyse modules died."""
        self.lasting = False
        for module in sorted(modules):
            file = self.project.file(module)
            if file is not None:
                self.fail(file, "the process that analysed it died")

    def known_scans(self) -> dict[str, Scan]:
        """Return the scans of those files that have not changed since an earlier run."""
        found: dict[str, Scan] = {}
        for file in self.project.files if self.store is not None else ():
            store = self._store_of(file)
            known = None if store is None else store.scan(str(file.path))
            if known is not None:
                found[file.module] = known.scan
                self._clean[file.module] = known.clean
        self.timings.count("files read", len(self.project.files) - len(found))
        return found

    def keep_scans(self, scans: Mapping[str, Scan]) -> None:
        """Keep the scans of all files, for now and for later runs."""
        self.scans = scans
        for module, scan in scans.items() if self.store is not None else ():
            file = self.project.file(module)
            store = None if file is None else self._store_of(file)
            if file is not None and store is not None:
                store.note(str(file.path), scan)

    def _store_of(self, file: SourceFile) -> Store | None:
        """Return the cache that may know a file: none for one whose text was given."""
        return None if file.path in self.given else self.store

    def bytes(self, file: SourceFile) -> bytes:
        """Return the content of a file. Raises OSError."""
        return self.given[file.path].encode() if file.path in self.given else read_bytes(file)

    def size(self, file: SourceFile) -> int:
        """Return the number of bytes of a file, 0 where there is none."""
        with suppress(OSError):
            return file.path.stat().st_size
        return 0

    def source(self, module: str) -> Source | None:
        """Return the text of a module, `None` where there is no file or it cannot be read."""
        self.looked_at.add(module)
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
            self.lasting = False
            return None
        except UnreadableError as error:
            self.fail(file, str(error))
            return None
        for cell in source.broken_cells:
            place = Location(file.display, _place_span(cell.line, cell.column), cell.index)
            self.errors.append(SourceError(file.module, place, cell.problem))
        return source

    def fail(self, file: SourceFile, problem: str, line: int = 1, column: int = 1) -> None:
        """Note that a file could not be checked, or not all of it. `column` is 1-based."""
        self.errors.append(SourceError(file.module, Location(file.display, _place_span(line, column)), problem))

    def is_read(self, module: str) -> bool:
        """Say whether the outline of a module was asked for, here or by another process."""
        return module in self._outlines or module in self._elsewhere

    def check_syntax(self, file: SourceFile) -> None:
        """Note the syntax error in a file of which nothing else is to be known. One that had none is not read until it changes."""
        source = self.source(file.module) if self._clean.get(file.module, -1) < 0 else None
        if source is not None and self._compiles(source) and (store := self._store_of(file)) is not None:
            store.parsed(str(file.path), len(source.text))

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
        # An import that a text only quotes would part what belongs together.
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
        self.looked_at.add(module)
        self.outlined.add(module)
        if module not in self._outlines:
            source = self.source(module)
            self._outlines[module] = None if source is None else self._outline(source)
        return self._outlines[module]

    def imports(self, module: str) -> tuple[Import, ...]:
        """Return what a module imports anywhere, and what a text that it quotes does."""
        self.looked_at.add(module)
        scan = self.scans.get(module)
        records = imports_of(self.text(module).encode()) if scan is None else scan.imports
        return tuple([clause for record in sorted(records) for clause in clauses(record)])

    def sketch(self, module: str) -> Sketch | None:
        """Return the sketch of a module, `None` where it cannot be read."""
        from surfacelint.extraction.word_scanning import sketch

        source = self.source(module)
        return None if source is None else sketch(source.text)

    def prepare(self, modules: Iterable[str], *, careful: bool = False) -> None:
        """Read the outlines of modules, all of which will be asked for, with several processes at a time where that pays.

        With `careful`, another process reads them in any case: one that kills it will not be read again.
        """
        sources = [source for module in modules if module not in self._outlines and (source := self.source(module)) is not None]
        if self.store is not None:
            for source in sources:
                known = self.store.outline(self._digest(source))
                if known is not None:
                    self._outlines[source.file.module] = known
            sources = [source for source in sources if source.file.module not in self._outlines]
        # The longest first, so that no worker is left with one when the others are done.
        sources.sort(key=lambda source: (-len(source.text), source.file.module))
        texts = [(source.text, bool(source.cells)) for source in sources]
        if careful:
            answers = elsewhere(texts, _written_outline)
        elif self.jobs >= (_ENOUGH if self.store is None else 2):
            # What another process reads is written to be handed over: where nothing is kept on disk, two of them gain nothing.
            answers = spread(texts, _written_outline, self.jobs)
        else:
            return
        for number, data in answers:
            self._keep(sources[number], data)

    def _keep(self, source: Source, data: Written | None) -> None:
        """Keep an outline that a worker read. What it could not read, this process tries by itself, to say why."""
        if data is None:
            self._outlines[source.file.module] = None
            self.fail(source.file, "the process that read it died")
            self.lasting = False
            return
        if not data:
            return
        self.timings.count("outlines read")
        self._outlines[source.file.module] = codec(ModuleOutline).loads(data)
        if self.store is not None:
            self.store.keep_written(self._digest(source), data)

    def _outline(self, source: Source) -> ModuleOutline | None:
        known = None if self.store is None else self.store.outline(self._digest(source))
        if known is not None:
            return known
        from surfacelint.extraction.outline_extraction import read_outline

        self.timings.count("outlines read")
        outline = self._guarded(source, partial(read_outline, cells=bool(source.cells)))
        if outline is not None and self.store is not None:
            self.store.keep_outline(self._digest(source), outline)
        return outline

    def digest(self, module: str) -> str:
        """Return the digest of the text of a module, empty where it cannot be read. What is known of unchanged files is not read again."""
        known = self._digests.get(module, "")
        if not known:
            file = self.project.file(module)
            store = None if file is None else self._store_of(file)
            known = "" if store is None or file is None else store.digest(str(file.path))
            self._digests[module] = known
        if not known:
            source = self.source(module)
            known = "" if source is None else self._digest(source)
        return known

    def _digest(self, source: Source) -> str:
        module = source.file.module
        if not self._digests.get(module):
            self._digested(module, digest_of(source.text))
        return self._digests[module]

    def _digested(self, module: str, digest: str) -> None:
        self._digests[module] = digest
        file = self.project.file(module)
        store = None if file is None else self._store_of(file)
        if file is not None and store is not None and digest:
            store.digested(str(file.path), digest)

    def _compiles(self, source: Source) -> bool:
        from surfacelint.extraction.compiler_errors import check_compiles

        self.timings.count("files parsed for syntax errors only")
        # The cells of a notebook were compiled one by one when it was decoded.
        return bool(source.cells or self._guarded(source, check_compiles)) and not source.broken_cells

    def _guarded(self, source: Source, reader: Callable[[str], _Read]) -> _Read | None:
        """Return what `reader` makes of a source; note an error where it cannot be parsed."""
        try:
            return reader(source.text)
        except SyntaxError as error:
            self.fail(source.file, _syntax_error(source.text, error), error.lineno or 1, error.offset or 1)
        except (RecursionError, MemoryError):
            self.fail(source.file, "is nested too deeply to be read")
            self.lasting = False
        except ValueError as error:
            self.fail(source.file, f"cannot be parsed: {error}")
        return None

    # What judging asks for.

    def body(self, function: FunctionNode) -> Body | None:
        """Return the body of a function, `None` where it cannot be read."""
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
        """Return the body of a function, or the sentence that says why it cannot be read."""
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
        """Return where a span of a function's module is, as users see it."""
        source = self.source(function.module.name)
        assert source is not None
        cell, first = source.place(span.start.line)
        shift = first - span.start.line
        start = Position(first, span.start.column)
        end = Position(span.end.line + shift, span.end.column)
        return Location(source.file.display, Span(start, end), cell)


def _written_outline(piece: tuple[str, bool]) -> bytes:
    """Return the outline of a text, which may be that of cells, as a worker hands it over; nothing if there is none."""
    from surfacelint.extraction.outline_extraction import read_outline

    text, cells = piece
    try:
        return codec(ModuleOutline).dumps(read_outline(text, cells=cells))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return b""


def _syntax_error(text: str, error: SyntaxError) -> str:
    """Return a sentence about a text that this Python cannot parse, with the version that it needs if there is one."""
    from surfacelint.extraction.python_versions import needed_version

    needed = needed_version(text)
    advice = "" if needed is None else f"; it is written for Python {needed[0]}.{needed[1]}: run surfacelint with that"
    return f"syntax error for Python {sys.version_info.major}.{sys.version_info.minor}: {error.msg}{advice}"


def _place_span(line: int, column: int) -> Span:
    """Return the span of a place of which only the beginning is known. Both numbers are 1-based."""
    start = Position(line, max(column - 1, 0))
    return Span(start, start)
