"""Scans of files from earlier runs, by path. An entry applies as long as size, times and inode of its file are unchanged.

A file that changed within `FRESH` before it was looked at is read again, because its times may not show a later change.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from surfacelint.relevance.import_screening import Scan
from surfacelint.system.file_dependencies import FRESH, NOTHING, Stamp, changed, stamp
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class FileScan:
    """Cached facts about an unchanged file.

    `clean` is the length in characters of its text if that parses, -1 if unknown. `digest` is that of its text, empty if
    unknown.
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
class ScanTable:
    """The scans of all files of a project: those from earlier runs, and those `_used` in this run, which replace them.

    `words` are what the scans searched for. Scans for other words do not apply. `written` is the number of bytes that the
    cache holds, as counted by all runs.
    """

    words: str = ""
    written: int = 0
    changed: bool = False
    _entries: dict[str, _Entry] = field(default_factory=dict)
    _stamps: dict[str, tuple[Stamp, int]] = field(default_factory=dict)
    _used: dict[str, _Entry] = field(default_factory=dict)

    @property
    def needs_writing(self) -> bool:
        """Whether the table differs from the one on disk."""
        return self.changed or len(self._used) < len(self._entries)

    def load(self, data: bytes, words: str) -> None:
        """Read the table of an earlier run from its file, if it searched for the same `words`. Ignores a damaged table."""
        self.words = words
        with suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError, MemoryError):
            table = json.loads(data)
            if table["words"] != words:
                return
            self.written = int(table["written"])
            records = [(module.encode("latin-1"), names.encode("latin-1")) for module, names in table["records"]]
            entries: dict[str, _Entry] = {}
            for path, (size, changed, renamed, node, seen, imports, http, ours, unmentioned, clean, digest) in table["files"].items():
                if any(number < 0 for number in imports) or [each.__class__ for each in (seen, clean, digest)] != [int, int, str]:
                    raise ValueError
                found = frozenset([records[number] for number in imports])
                scan = Scan(found, bool(http), frozenset(map(str, unmentioned)), bool(ours))
                entries[path] = _Entry((size, changed, renamed, node), seen, FileScan(scan, clean, digest))
            self._entries = entries

    def dump(self) -> dict[str, Any]:
        """Return the table as JSON data."""
        records: dict[tuple[bytes, bytes], int] = {}
        files = {}
        for path, entry in self._used.items():
            found = entry.known.scan
            imports = [records.setdefault(record, len(records)) for record in sorted(found.imports)]
            rest = (int(found.http), int(found.ours), sorted(found.unmentioned), entry.known.clean, entry.known.digest)
            files[path] = [*entry.stamp, entry.seen, imports, *rest]
        decoded = [[module.decode("latin-1"), names.decode("latin-1")] for module, names in records]
        return {"words": self.words, "written": self.written, "records": decoded, "files": files}

    def find(self, path: str) -> FileScan | None:
        """Return the facts about a file if it is unchanged, and remember its current state for `note`."""
        found = stamp(path)
        if found == NOTHING:
            return None
        self._stamps[path] = found, time.time_ns()
        entry = self._entries.get(path)
        # On Windows, any file time can be set back, so every file is read.
        if entry is None or os.name == "nt" or entry.stamp != found or changed(found) + FRESH > entry.seen:
            return None
        self._used[path] = entry
        return entry.known

    def note(self, path: str, scan: Scan) -> None:
        """Add the scan of a file that `find` was asked about."""
        found = self._stamps.get(path)
        if found is not None and path not in self._used:
            self._used[path] = _Entry(found[0], found[1], FileScan(scan))
            self.changed = True

    def digest(self, path: str) -> str:
        """Return the digest of the text of an unchanged file, empty if unknown."""
        entry = self._used.get(path)
        return "" if entry is None else entry.known.digest

    def set_digest(self, path: str, digest: str) -> None:
        """Add the digest of the text of a file."""
        entry = self._used.get(path)
        if entry is not None and entry.known.digest != digest:
            self._used[path] = _Entry(entry.stamp, entry.seen, replace(entry.known, digest=digest))
            self.changed = True

    def set_parsed(self, path: str, length: int) -> None:
        """Record that the text of a file parses, and its length in characters."""
        entry = self._used.get(path)
        if entry is not None and entry.known.clean != length:
            self._used[path] = _Entry(entry.stamp, entry.seen, replace(entry.known, clean=length))
            self.changed = True
