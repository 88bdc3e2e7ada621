"""The cache of one project: a folder of small files. Any of them may be missing.

    .surfacelint_cache/CACHEDIR.TAG, .gitignore
    .surfacelint_cache/answers                      replayed output, see `cache.replay`
    .surfacelint_cache/<version>/scans-<root>.json  scans of files, by path, size, times and inode
    .surfacelint_cache/<version>/<xx>/<digest>.*    outline, sketch, imports and bodies of a text, by its digest
    .surfacelint_cache/<version>/<xx>/<key>.*       workloads of a group of modules; completed findings of a file; rows of the catalogue

`<version>` is a digest of Python and of the code that produces facts, so other versions do not share entries. Facts
about a text are looked up by its digest, so they cannot be stale.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from surfacelint.cache.entry_files import EntryFiles
from surfacelint.cache.json_codec import CodecError, codec
from surfacelint.cache.pruning import SUFFIXES, prune
from surfacelint.cache.scan_table import ScanTable
from surfacelint.catalogue.schema import CatalogueData
from surfacelint.facts.function_bodies import Body
from surfacelint.facts.module_outlines import ModuleOutline

MOST_BYTES = 256_000_000
"""The maximum size of the cache in bytes at the end of a run. Beyond it, the oldest half is removed."""

_Fact = TypeVar("_Fact")

_READERS = ("cache", "extraction", "facts", "reading", "relevance")
"""The packages whose code determines what facts look like."""


@dataclass(slots=True)
class Store:
    """The facts of one project on disk. `scans` are those of its files; their table is in the file `scans_name`.

    Errors of the file system are not raised: facts that cannot be read are missing, and facts that cannot be written are
    not kept.
    """

    files: EntryFiles
    scans_name: str
    scans: ScanTable = field(default_factory=ScanTable)
    _bodies: dict[str, dict[str, Body | str]] = field(default_factory=dict)
    _unsaved_bodies: set[str] = field(default_factory=set)

    @classmethod
    def open(cls, folder: Path, root: Path, version: str = "") -> Store:
        """Return the cache in `folder`, which need not exist, for the project at `root`. `version` defaults to that of the readers."""
        scans_name = f"scans-{sha256(os.fsencode(root)).hexdigest()[:16]}.json"
        return cls(EntryFiles(folder, version or reader_version()), scans_name)

    def recall(self, words: str) -> None:
        """Load the scans of earlier runs, if they searched for the same `words`."""
        self.scans.load(self.files.read(self.scans_name), words)

    def outline(self, digest: str) -> ModuleOutline | None:
        """Return the outline of the text with a digest."""
        return self.fact(ModuleOutline, digest, "outline")

    def keep_encoded_outline(self, digest: str, outline: bytes) -> None:
        """Store an outline that is already encoded."""
        self.files.write(_entry_name(digest, "outline"), outline)

    def body(self, digest: str, qualname: str) -> Body | str | None:
        """Return the body of a function in the text with a digest, or the reason why it cannot be read; `None` if not stored."""
        if digest not in self._bodies:
            self._bodies[digest] = self._read_bodies(digest)
        return self._bodies[digest].get(qualname)

    def _read_bodies(self, digest: str) -> dict[str, Body | str]:
        data = self.files.read(_entry_name(digest, "bodies"))
        with suppress(ValueError, RecursionError, MemoryError, AttributeError):
            table = json.loads(data) if data else {}
            read = codec(Body).decode
            return {str(name): rows if isinstance(rows, str) else read(rows) for name, rows in table.items()}
        return {}

    def keep_body(self, digest: str, qualname: str, body: Body | str) -> None:
        """Store the body of a function, or the reason why it cannot be read, when the run ends."""
        self._bodies.setdefault(digest, {})[qualname] = body
        self._unsaved_bodies.add(digest)

    def fact(self, kind: type[_Fact], key: str, suffix: str) -> _Fact | None:
        """Return the `kind` stored under a key, or `None` if it is missing or damaged."""
        data = self.files.read(_entry_name(key, suffix))
        with suppress(CodecError):
            return codec(kind).loads(data) if data else None
        return None

    def keep_fact(self, kind: type[_Fact], key: str, suffix: str, fact: _Fact) -> None:
        """Store a fact under a key, if it can be encoded. The `suffix` is one of `pruning.SUFFIXES`."""
        assert suffix in SUFFIXES
        with suppress(ValueError, RecursionError):
            self.files.write(_entry_name(key, suffix), codec(kind).dumps(fact))

    def rows(self, key: str) -> CatalogueData | None:
        """Return the catalogue rows stored under a key."""
        return self.fact(CatalogueData, key, "rows")

    def keep_rows(self, key: str, rows: CatalogueData) -> None:
        """Store catalogue rows under a key."""
        self.keep_fact(CatalogueData, key, "rows", rows)

    def save(self) -> None:
        """Write everything new at the end of a run, and prune the cache if it is too large."""
        self.save_bodies()
        total = self.scans.written + self.files.written
        if total > MOST_BYTES:
            total = prune(str(self.files.folder), MOST_BYTES // 2)
            self.scans.changed = True
        if self.scans.needs_writing:
            self.scans.written, self.files.written = total, 0
            self.files.write(self.scans_name, _json(self.scans.dump()))
            self.scans.changed = False

    def save_bodies(self) -> None:
        """Write new bodies."""
        for digest in sorted(self._unsaved_bodies):
            write = codec(Body).encode
            with suppress(ValueError, RecursionError):
                table = {name: body if isinstance(body, str) else write(body) for name, body in self._bodies[digest].items()}
                self.files.write(_entry_name(digest, "bodies"), _json(table))
        self._unsaved_bodies.clear()


def digest_of(text: str) -> str:
    """Return the digest of a text, by which its facts are stored."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def reader_version() -> str:
    """Return a digest of everything that determines what facts look like: Python and the code of the readers."""
    package = Path(__file__).parents[1]
    found = sha256(f"{sys.implementation.cache_tag} {sys.version}".encode())
    for name in _READERS:
        place = package / name
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:24]


def _entry_name(digest: str, suffix: str) -> str:
    return f"{digest[:2]}/{digest[2:]}.{suffix}"


def _json(table: Any) -> bytes:
    return json.dumps(table, separators=(",", ":")).encode("ascii")
