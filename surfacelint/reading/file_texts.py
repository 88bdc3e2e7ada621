"""The texts of a project's files: read when first asked for, then remembered. Unreadable files and syntax errors become `errors`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from surfacelint.cache.entry_store import Store, digest_of
from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Location
from surfacelint.project.module_names import Project, SourceFile
from surfacelint.reading.file_decoding import Source, UnreadableError, decode, given_source, read_bytes
from surfacelint.relevance.import_screening import Scan
from surfacelint.system.records import record
from surfacelint.system.timings import Timings

_Result = TypeVar("_Result")


@record(frozen=True, slots=True)
class SourceError:
    """A part of a file that could not be checked: its location and the reason, as text that follows the file name."""

    module: str
    location: Location
    problem: str


@dataclass(slots=True)
class FileTexts:
    """Texts, digests and scans of a project's files, and the errors of reading them.

    - `given`: texts by path that replace the content on disk.
    - `store`: the cache on disk; `None` without one.
    - `scans`: what screening found in the bytes of each file, by module.
    - `errors`: parts that could not be read. `repeatable` is false if another run might not fail there.
    - `looked_at`: the modules that were asked about. The caller clears it.
    - `batch_module`: the last part of the name of the batch module, which fixes add.
    """

    project: Project
    given: dict[Path, str]
    store: Store | None = None
    timings: Timings = field(default_factory=Timings)
    jobs: int = 1
    scans: Mapping[str, Scan] = field(default_factory=dict)
    errors: list[SourceError] = field(default_factory=list)
    repeatable: bool = True
    looked_at: set[str] = field(default_factory=set)
    batch_module: str = "llm_batch"
    _texts: dict[str, Source | None] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)
    _parsed_lengths: dict[str, int] = field(default_factory=dict)

    # Files and texts.

    def bytes(self, file: SourceFile) -> bytes:
        """Return the content of a file. Raises OSError."""
        return self.given[file.path].encode() if file.path in self.given else read_bytes(file)

    def size(self, file: SourceFile) -> int:
        """Return the size of a file in bytes, 0 if it does not exist."""
        with suppress(OSError):
            return file.path.stat().st_size
        return 0

    def source(self, module: str) -> Source | None:
        """Return the decoded text of a module, or `None` if there is no file or it cannot be read."""
        self.looked_at.add(module)
        if module not in self._texts:
            file = self.project.file(module)
            self._texts[module] = None if file is None else self._read(file)
        return self._texts[module]

    def text(self, module: str) -> str:
        """Return the text of a module, empty if it cannot be read."""
        source = self.source(module)
        return "" if source is None else source.text

    def _read(self, file: SourceFile) -> Source | None:
        given = None if file.is_notebook else self.given.get(file.path)
        try:
            source = decode(file, self.bytes(file)) if given is None else given_source(file, given)
        except OSError as error:
            self.fail(file, f"cannot be read: {error.strerror}")
            self.repeatable = False
            return None
        except UnreadableError as error:
            self.fail(file, str(error), error.line, error.column)
            return None
        for cell in source.broken_cells:
            place = Location(file.display, _point(cell.line, cell.column), cell.index)
            self.errors.append(SourceError(file.module, place, cell.problem))
        return source

    def fail(self, file: SourceFile, problem: str, line: int = 1, column: int = 1) -> None:
        """Record that a file could not be checked, or only in part. `line` and `column` are 1-based."""
        self.errors.append(SourceError(file.module, Location(file.display, _point(line, column)), problem))

    # Syntax errors.

    def check_syntax(self, file: SourceFile) -> None:
        """Record the syntax error in a file that is not analysed, if it has one. A file without one is not read again until it changes."""
        source = self.source(file.module) if self._parsed_lengths.get(file.module, -1) < 0 else None
        if source is not None and self._compiles(source) and (store := self._store_for(file)) is not None:
            store.scans.set_parsed(str(file.path), len(source.text))

    def _compiles(self, source: Source) -> bool:
        from surfacelint.extraction.newer_syntax import check_compiles

        self.timings.count("files parsed for syntax errors only")
        # The cells of a notebook were compiled one by one when it was decoded.
        return bool(source.cells or self._guarded(source, check_compiles)) and not source.broken_cells

    def _guarded(self, source: Source, reader: Callable[[str], _Result]) -> _Result | None:
        """Return the result of `reader` for a text, or record an error if it cannot be parsed."""
        try:
            return reader(source.text)
        except SyntaxError as error:
            said = f"syntax error for Python {sys.version_info.major}.{sys.version_info.minor}: {error.msg}"
            self.fail(source.file, said, error.lineno or 1, error.offset or 1)
        except (RecursionError, MemoryError):
            self.fail(source.file, "the code is nested too deeply")
            self.repeatable = False
        except ValueError as error:
            self.fail(source.file, f"cannot be parsed: {error}")
        return None

    # Scans.

    def known_scans(self) -> dict[str, Scan]:
        """Return the cached scans, by module, of the files that have not changed since an earlier run."""
        found: dict[str, Scan] = {}
        for file in self.project.files if self.store is not None else ():
            store = self._store_for(file)
            known = None if store is None else store.scans.find(str(file.path))
            if known is not None:
                found[file.module] = known.scan
                self._parsed_lengths[file.module] = known.clean
        self.timings.count("files read", len(self.project.files) - len(found))
        return found

    def keep_scans(self, scans: Mapping[str, Scan]) -> None:
        """Set the scans of all files, and cache them for later runs."""
        self.scans = scans
        for module, scan in scans.items() if self.store is not None else ():
            file = self.project.file(module)
            store = None if file is None else self._store_for(file)
            if file is not None and store is not None:
                store.scans.note(str(file.path), scan)

    def _store_for(self, file: SourceFile) -> Store | None:
        """Return the cache to use for a file: none for one whose text was given."""
        return None if file.path in self.given else self.store

    # Digests.

    def digest(self, module: str) -> str:
        """Return the digest of the text of a module, empty if it cannot be read. Does not read unchanged files again."""
        known = self._digests.get(module, "")
        if not known:
            file = self.project.file(module)
            store = None if file is None else self._store_for(file)
            known = "" if store is None or file is None else store.scans.digest(str(file.path))
            self._digests[module] = known
        if not known:
            source = self.source(module)
            known = "" if source is None else self._digest(source)
        return known

    def _digest(self, source: Source) -> str:
        module = source.file.module
        if not self._digests.get(module):
            self._set_digest(module, digest_of(source.text))
        return self._digests[module]

    def _set_digest(self, module: str, digest: str) -> None:
        self._digests[module] = digest
        file = self.project.file(module)
        store = None if file is None else self._store_for(file)
        if file is not None and store is not None and digest:
            store.scans.set_digest(str(file.path), digest)


def _point(line: int, column: int) -> Span:
    """Return the empty span at a 1-based line and column."""
    start = Position(line, max(column - 1, 0))
    return Span(start, start)
