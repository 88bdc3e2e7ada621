"""Reads and writes the files of a cache: whole files, compressed and with checksums, in one folder per version of the readers.

A damaged, locked or too large file counts as missing. After a failed write, nothing more is written.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from surfacelint.cache import marked_folder

LARGEST_ENTRY = 64_000_000
"""The maximum size in bytes of the content of a file in the cache."""

_FAST = 1
"""The level of compression: a quarter of the size, in a hundredth of the time that making the content takes."""


@dataclass(slots=True)
class EntryFiles:
    """The files in the folder of one `version`. `written` counts the bytes that this process wrote. Never raises for a file."""

    folder: Path
    version: str
    written: int = 0
    _closed: bool = False
    _known_folders: set[str] = field(default_factory=set)

    def read(self, name: str) -> bytes:
        """Return the content of a file, empty if it is missing or damaged."""
        try:
            data, _ = marked_folder.read(f"{self.folder}/{self.version}/{name}", LARGEST_ENTRY)
        except (OSError, ValueError):
            return b""
        checksum, _, packed = data.partition(b"\n")
        return _unpacked(packed) if checksum == self._checksum(name, packed) else b""

    def write(self, name: str, content: bytes) -> None:
        """Write a file atomically."""
        if self._closed or len(content) > LARGEST_ENTRY:
            return
        packed = zlib.compress(content, _FAST)
        data = self._checksum(name, packed) + b"\n" + packed
        subfolder = name.rpartition("/")[0]
        try:
            self._make_folder(subfolder)
            try:
                marked_folder.write(f"{self.folder}/{self.version}/{name}", data)
            except FileNotFoundError:  # The cache was removed in the meantime.
                self._known_folders.clear()
                self._make_folder(subfolder)
                marked_folder.write(f"{self.folder}/{self.version}/{name}", data)
            self.written += len(data)
        except (OSError, ValueError, marked_folder.ForeignFolderError):
            self._closed = True

    def _checksum(self, name: str, content: bytes) -> bytes:
        """Return a checksum of the content and the name of a file, so that no file can replace another."""
        found = sha256(f"{self.version}/{name}\n".encode())
        found.update(content)
        return found.hexdigest().encode()

    def _make_folder(self, subfolder: str) -> None:
        """Create a subfolder, or check that it is a folder and not a link. Raises OSError and ForeignFolderError."""
        if subfolder not in self._known_folders:
            marked_folder.claim(str(self.folder))
            marked_folder.make_below(str(self.folder), self.version, *filter(None, [subfolder]))
            self._known_folders.add(subfolder)


def _unpacked(packed: bytes) -> bytes:
    """Return compressed content, empty if it is damaged or too large: a small file may unpack to a huge one."""
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(packed, LARGEST_ENTRY)
    except zlib.error:
        return b""
    return content if unpacking.eof else b""
