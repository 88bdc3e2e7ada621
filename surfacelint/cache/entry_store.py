"""The cache of one project: a folder of small files, each complete or not there, and none of them needed.

    .surfacelint_cache/CACHEDIR.TAG, .gitignore
    .surfacelint_cache/answers                      see `cache.replay`
    .surfacelint_cache/<version>/scans-<root>.json  what the bytes of each file said, by path, size, times and inode
    .surfacelint_cache/<version>/<xx>/<digest>.*    outline and bodies of a text, by its digest
    .surfacelint_cache/<version>/<xx>/<key>.*       what was found out about some modules, and what the catalogue says

`<version>` is a digest of this package's code and of Python's: other readers have other folders. A text's facts are
found by the digest of the text itself, so that they cannot be stale. Only scans, which are read to save the reading of files, are found
by what the file system says of a file; one that changed within `FRESH` of being looked at is looked at again. Every file begins with the
digest of the rest. What is damaged, locked, too large or of another shape is not there; what cannot be written is not written.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from surfacelint.cache import marked_folder
from surfacelint.cache.json_codec import CodecError, codec
from surfacelint.cache.pruning import prune
from surfacelint.catalogue.schema import CatalogueData
from surfacelint.facts.function_bodies import Body
from surfacelint.facts.module_outlines import ModuleOutline
from surfacelint.relevance.import_screening import Scan
from surfacelint.system.file_dependencies import FRESH, NOTHING, Stamp, changed, stamp
from surfacelint.system.records import record

LARGEST_ENTRY = 64_000_000
"""Bytes beyond which a file of the cache is not ours."""

MOST_BYTES = 256_000_000
"""What may lie in the cache when a run ends; of more, the oldest half is removed."""

_Fact = TypeVar("_Fact")

_READERS = ("cache", "extraction", "facts", "reading", "relevance")
"""What of this package decides what facts look like."""


@record(frozen=True, slots=True)
class FileScan:
    """What is known of a file without reading it.

    `clean` is the length in characters of a text that parses, -1 where that is not known; `digest` is that of the text, if it was needed.
    """

    scan: Scan
    clean: int = -1
    digest: str = ""


@dataclass(slots=True)
class _Entry:
    stamp: Stamp
    seen: int
    known: FileScan


@dataclass(slots=True)
class Store:
    """The facts of one project on disk. Nothing here raises but what a programming error does."""

    folder: Path
    scans: str
    version: str
    words: str = ""
    _entries: dict[str, _Entry] = field(default_factory=dict)
    _stamps: dict[str, tuple[Stamp, int]] = field(default_factory=dict)
    _used: dict[str, _Entry] = field(default_factory=dict)
    _changed: bool = False
    _closed: bool = False
    _written: int = 0
    _bodies: dict[str, dict[str, Body | str]] = field(default_factory=dict)
    _unsaved: set[str] = field(default_factory=set)
    _made: set[str] = field(default_factory=set)

    @classmethod
    def open(cls, folder: Path, root: Path, version: str = "") -> Store:
        """Return the cache in `folder`, which need not exist, for the project at `root`; `version` stands for the readers."""
        scans = f"scans-{sha256(os.fsencode(root)).hexdigest()[:16]}.json"
        return cls(folder, scans, version or reader_version())

    # Scans.

    def recall(self, words: str) -> None:
        """Read what earlier runs saw in the bytes of files, if they looked for the same `words`."""
        self.words = words
        with suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError, MemoryError):
            table = json.loads(self._read(self.scans))
            if table["words"] != self.words:
                return
            self._written = int(table["written"])
            records = [(module.encode("latin-1"), names.encode("latin-1")) for module, names in table["records"]]
            entries: dict[str, _Entry] = {}
            for path, (size, changed, renamed, node, seen, imports, http, ours, unmentioned, clean, digest) in table["files"].items():
                if any(number < 0 for number in imports) or [each.__class__ for each in (seen, clean, digest)] != [int, int, str]:
                    raise ValueError
                found = frozenset([records[number] for number in imports])
                scan = Scan(found, bool(http), frozenset(map(str, unmentioned)), bool(ours))
                entries[path] = _Entry((size, changed, renamed, node), seen, FileScan(scan, clean, digest))
            self._entries = entries

    def scan(self, path: str) -> FileScan | None:
        """Return what is known of the file at a path if it has not changed since, and remember how it is now."""
        found = stamp(path)
        if found == NOTHING:
            return None
        self._stamps[path] = found, time.time_ns()
        entry = self._entries.get(path)
        # Windows has no time that nobody can set back, so that there every file is read.
        if entry is None or os.name == "nt" or entry.stamp != found or changed(found) + FRESH > entry.seen:
            return None
        self._used[path] = entry
        return entry.known

    def note(self, path: str, scan: Scan) -> None:
        """Keep what the bytes of the file at a path said, which was asked for by `scan` before."""
        found = self._stamps.get(path)
        if found is not None and path not in self._used:
            self._used[path] = _Entry(found[0], found[1], FileScan(scan))
            self._changed = True

    def parsed(self, path: str, length: int) -> None:
        """Note that the text of a file parses, and how long it is."""
        entry = self._used.get(path)
        if entry is not None and entry.known.clean != length:
            self._used[path] = _Entry(entry.stamp, entry.seen, replace(entry.known, clean=length))
            self._changed = True

    def digest(self, path: str) -> str:
        """Return the digest of the text of a file, empty where it is not known without reading it."""
        entry = self._used.get(path)
        return "" if entry is None else entry.known.digest

    def digested(self, path: str, digest: str) -> None:
        """Note the digest of the text of a file."""
        entry = self._used.get(path)
        if entry is not None and entry.known.digest != digest:
            self._used[path] = _Entry(entry.stamp, entry.seen, replace(entry.known, digest=digest))
            self._changed = True

    # Facts.

    def outline(self, digest: str) -> ModuleOutline | None:
        """Return the outline of the text with that digest."""
        return self.fact(ModuleOutline, digest, "outline")

    def keep_outline(self, digest: str, outline: ModuleOutline) -> None:
        """Keep the outline of the text with that digest."""
        self.keep_fact(ModuleOutline, digest, "outline", outline)

    def keep_written(self, digest: str, outline: bytes) -> None:
        """Keep an outline that the codec has written already."""
        self._write(_place(digest, "outline"), outline)

    def body(self, digest: str, qualname: str) -> Body | str | None:
        """Return the body of a function of the text with that digest, or the sentence that says why it cannot be read."""
        if digest not in self._bodies:
            self._bodies[digest] = self._read_bodies(digest)
        return self._bodies[digest].get(qualname)

    def _read_bodies(self, digest: str) -> dict[str, Body | str]:
        data = self._read(_place(digest, "bodies"))
        with suppress(ValueError, RecursionError, MemoryError, AttributeError):
            table = json.loads(data) if data else {}
            read = codec(Body).decode
            return {str(name): rows if isinstance(rows, str) else read(rows) for name, rows in table.items()}
        return {}

    def keep_body(self, digest: str, qualname: str, body: Body | str) -> None:
        """Keep the body of a function, or the sentence that says why it cannot be read."""
        self._bodies.setdefault(digest, {})[qualname] = body
        self._unsaved.add(digest)

    def fact(self, kind: type[_Fact], key: str, suffix: str) -> _Fact | None:
        """Return the `kind` that was kept under a key; `None` if it is not there or not whole."""
        data = self._read(_place(key, suffix))
        with suppress(CodecError):
            return codec(kind).loads(data) if data else None
        return None

    def keep_fact(self, kind: type[_Fact], key: str, suffix: str, fact: _Fact) -> None:
        """Keep a fact under a key, if it can be written."""
        with suppress(ValueError, RecursionError):
            self._write(_place(key, suffix), codec(kind).dumps(fact))

    def rows(self, key: str) -> CatalogueData | None:
        """Return the tables of a catalogue that were kept under a key."""
        return self.fact(CatalogueData, key, "rows")

    def keep_rows(self, key: str, rows: CatalogueData) -> None:
        """Keep the tables of a catalogue."""
        self.keep_fact(CatalogueData, key, "rows", rows)

    # The end of a run.

    def save(self) -> None:
        """Write what is new."""
        self.save_bodies()
        if self._written > MOST_BYTES:
            self._written = prune(str(self.folder), MOST_BYTES // 2)
            self._changed = True
        if self._changed or len(self._used) < len(self._entries):
            self._write_scans()

    def save_bodies(self) -> None:
        """Write the bodies that are new."""
        for digest in sorted(self._unsaved):
            write = codec(Body).encode
            with suppress(ValueError, RecursionError):
                table = {name: body if isinstance(body, str) else write(body) for name, body in self._bodies[digest].items()}
                self._write(_place(digest, "bodies"), _dumped(table))
        self._unsaved.clear()

    def _write_scans(self) -> None:
        records: dict[tuple[bytes, bytes], int] = {}
        files = {}
        for path, entry in self._used.items():
            found = entry.known.scan
            imports = [records.setdefault(record, len(records)) for record in sorted(found.imports)]
            rest = (int(found.http), int(found.ours), sorted(found.unmentioned), entry.known.clean, entry.known.digest)
            files[path] = [*entry.stamp, entry.seen, imports, *rest]
        spelled = [[module.decode("latin-1"), names.decode("latin-1")] for module, names in records]
        self._write(self.scans, _dumped({"words": self.words, "written": self._written, "records": spelled, "files": files}))
        self._changed = False

    # Files.

    def _read(self, name: str) -> bytes:
        """Return what a file of the cache holds; nothing if it is not there or not whole."""
        try:
            data, _ = marked_folder.read(f"{self.folder}/{self.version}/{name}", LARGEST_ENTRY)
        except (OSError, ValueError):
            return b""
        digest, _, rest = data.partition(b"\n")
        return rest if digest == self._digest(name, rest) else b""

    def _digest(self, name: str, data: bytes) -> bytes:
        """Return the digest of what a file of the cache holds, and of what it goes by."""
        found = sha256(f"{self.version}/{name}\n".encode())
        found.update(data)
        return found.hexdigest().encode()

    def _write(self, name: str, data: bytes) -> None:
        """Write a file of the cache at once or not at all."""
        whole = self._digest(name, data) + b"\n" + data
        if self._closed or len(whole) > LARGEST_ENTRY:
            return
        inner = name.rpartition("/")[0]
        try:
            self._make(inner)
            try:
                marked_folder.write(f"{self.folder}/{self.version}/{name}", whole)
            except FileNotFoundError:  # somebody has removed the cache meanwhile
                self._made.clear()
                self._make(inner)
                marked_folder.write(f"{self.folder}/{self.version}/{name}", whole)
            self._written += len(whole)
        except (OSError, ValueError, marked_folder.ForeignFolderError):
            self._closed = True

    def _make(self, inner: str) -> None:
        """Make a folder of the cache, or see that it is one and no link. Raises OSError, and ForeignFolderError."""
        if inner not in self._made:
            marked_folder.claim(str(self.folder))
            marked_folder.make_below(str(self.folder), self.version, *filter(None, [inner]))
            self._made.add(inner)


def digest_of(text: str) -> str:
    """Return what the facts of a text go by."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def reader_version() -> str:
    """Return a digest of all that decides what facts look like: this package's readers and Python."""
    here = Path(__file__).parents[1]
    found = sha256(f"{sys.implementation.cache_tag} {sys.version}".encode())
    for name in _READERS:
        place = here / name
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:24]


def _place(digest: str, kind: str) -> str:
    return f"{digest[:2]}/{digest[2:]}.{kind}"


def _dumped(table: Any) -> bytes:
    return json.dumps(table, separators=(",", ":")).encode("ascii")
