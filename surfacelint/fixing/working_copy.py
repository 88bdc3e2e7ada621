"""The files of a project as edits change them: in memory until they are written.

A file is edited only if it lies in the project, after following links, and only if it still holds the text that was checked.
A file is added only below the project root, in a folder that exists, where there is nothing yet.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from surfacelint.fixing.fix_selection import edits_by_place
from surfacelint.fixing.notebook_edits import apply_cell_edits, json_of
from surfacelint.fixing.text_edits import UneditableError, apply_edits, content_of, normalized, text_of
from surfacelint.model.findings import Fix, NewFile
from surfacelint.pipeline.report_building import texts_by_key
from surfacelint.project.file_discovery import absolute, display_path
from surfacelint.project.module_names import SourceFile
from surfacelint.reading.file_decoding import UnreadableError, decode
from surfacelint.system.file_writing import Writing, WritingError, linked_place, write_together
from surfacelint.system.records import record

Contents: TypeAlias = Mapping[Path, bytes]
"""Contents by file, with links resolved."""


@record(frozen=True, slots=True)
class Change:
    """Content of a file before and after all edits. `path` is the path as shown to users, `before` is `None` for a new file."""

    path: str
    place: Path
    before: bytes | None
    after: bytes


class UneditableFileError(UneditableError):
    """Edits of the file at `path` that cannot be applied."""

    def __init__(self, path: str, problem: str) -> None:
        """Take the path as shown to users and the reason."""
        super().__init__(f"{path}: not edited: {problem}")
        self.path = path


class WorkingCopy:
    """The files that fixes edit and add. `problems` maps each path that must not be edited or added to a sentence."""

    def __init__(self, root: Path, unsaved: Mapping[Path, str] | None = None) -> None:
        """Allow changes only below the directory `root`, and to files outside of it that the user passed by name.

        `unsaved` are texts by absolute path (for a notebook, its JSON) that take the place of files on disk.
        """
        self.problems: dict[str, str] = {}
        self.contents: Contents = {}
        self._root = root
        self._unsaved = {path: content_of(text) for path, text in (unsaved or {}).items()}
        self._originals: dict[Path, bytes | None] = {}
        self._names: dict[Path, dict[str, None]] = {}
        self._places: dict[str, Path] = {}

    def place(self, path: str) -> Path:
        """Return the file that a path leads to once links are resolved."""
        if path not in self._places:
            self._places[path] = Path(os.path.realpath(path))
        return self._places[path]

    def admits(self, fix: Fix, texts: Mapping[str, str]) -> bool:
        """Whether all files of a fix may be edited or added. Otherwise adds to `problems`. `texts` are those checked, by text key."""
        for path in dict.fromkeys(edit.path for edit in fix.edits):
            self._record(path, self._refused_edit(path, texts))
        for file in fix.files:
            self._record(file.path, self._refused_file(file))
        return self.problems.keys().isdisjoint(_paths(fix))

    def edited(self, fixes: Iterable[Fix]) -> Contents:
        """Return the contents with fixes applied that `admits` accepted. Raises UneditableFileError."""
        applied = tuple(fixes)
        contents = dict(self.contents)
        for place, edits in edits_by_place(applied, self.place).items():
            apply = apply_cell_edits if _is_notebook(place) else apply_edits
            try:
                contents[place] = apply(contents[place], edits)
            except UneditableError as error:
                raise UneditableFileError(next(iter(self._names[place])), str(error)) from error
        for file in (file for fix in applied for file in fix.files):
            contents.setdefault(self.place(file.path), file.text.encode())
        return contents

    def texts(self, contents: Contents) -> dict[Path, str]:
        """Return the texts of changed and new files, by the absolute path of each of their names."""
        found: dict[Path, str] = {}
        for place, data in contents.items():
            if data != self._originals[place]:
                text = json_of(data) if _is_notebook(place) else text_of(data)
                found.update({Path(absolute(path)): text for path in self._names[place]})
        return found

    def changes(self) -> Iterator[Change]:
        """Yield the changes so far, in the order of paths."""
        for place in sorted(self.contents, key=lambda place: next(iter(self._names[place]))):
            before, after = self._originals[place], self.contents[place]
            if after != before:
                yield Change(next(iter(self._names[place])), place, before, after)

    def write(self, fixes: Iterable[Fix]) -> set[Path]:
        """Write all changes, and return the files that could not be written. Those of one fix are written together or not at all.

        Adds to `problems`.
        """
        changes = {change.place: change for change in self.changes()}
        failed: set[Path] = set()
        for places in _connected([self.places(fix) for fix in fixes], changes):
            together = [changes[place] for place in sorted(places) if place in changes]
            try:
                write_together([Writing(change.place, change.after, change.before) for change in together])
            except WritingError as error:
                path = changes[error.place].path
                self.problems[path] = f"{path}: cannot be written: {error}; {_left(together)}"
                failed.update(change.place for change in together)
        return failed

    def places(self, fix: Fix) -> frozenset[Path]:
        """Return the files that a fix edits or adds."""
        return frozenset(map(self.place, _paths(fix)))

    def _record(self, path: str, problem: str | None) -> None:
        if problem is None:
            self._names.setdefault(self.place(path), {})[path] = None
        else:
            self.problems.setdefault(path, problem)

    def _refused_edit(self, path: str, texts: Mapping[str, str]) -> str | None:
        """Return why a file must not be edited, or `None`. Takes the file into the working copy."""
        if path in self.problems:
            return self.problems[path]
        place = self.place(path)
        if place in self._originals:
            return None
        problem = self._obstacle(path)
        if problem is not None:
            return problem
        try:
            data = self._content(path)
            if not _is_as_checked(path, data, texts):
                return f"{path}: not edited, because it has changed since it was checked; run the command again"
        except OSError as error:
            return f"{path}: cannot be read: {error.strerror or error}"
        except UneditableError as error:
            return f"{path}: not edited: {error}"
        self._take(place, data)
        return None

    def _content(self, path: str) -> bytes:
        """Return the content of a file that is edited. Raises OSError."""
        unsaved = self._unsaved.get(Path(absolute(path)))
        return self.place(path).read_bytes() if unsaved is None else unsaved

    def _obstacle(self, path: str) -> str | None:
        known = Path(os.path.abspath(path))  # noqa: PTH100 - must not follow links
        place, is_outside = linked_place(known, self._root if known.is_relative_to(self._root) else known.parent)
        if is_outside:
            return f"{path}: not edited, because it links to {place} outside the project; pass that file by name to edit it"
        if known in self._unsaved:
            return None
        try:
            mode = place.stat().st_mode
        except OSError as error:
            return f"{path}: cannot be read: {error.strerror or error}"
        if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(place, os.W_OK):
            return f"{path}: not edited, because it is read-only; make it writable"
        return None

    def _refused_file(self, file: NewFile) -> str | None:
        """Return why a file must not be added, or `None`. Takes the file into the working copy, but not its text."""
        if file.path in self.problems:
            return self.problems[file.path]
        place = self.place(file.path)
        known = Path(os.path.abspath(file.path))  # noqa: PTH100 - must not follow links
        data = self.contents.get(place)
        if place in self._originals and data is None:
            return None
        if data is None:
            data = self._unsaved.get(known)
        problem = self._misplaced(known)
        if problem is None and data is None and not os.path.lexists(known):
            self._originals[place] = None
            return None
        if problem is None:
            problem = self._in_the_way(known, place, data, file.text)
        return None if problem is None else f"{file.path}: not written, because {problem}"

    def _misplaced(self, known: Path) -> str | None:
        """Return why a file must not be added at an absolute path, or `None`."""
        if not known.is_relative_to(self._root) or linked_place(known.parent, self._root)[1]:
            return "it is outside the project"
        if not os.path.isdir(known.parent):
            return f"there is no folder {display_path(known.parent)}; create it"
        return None

    def _in_the_way(self, known: Path, place: Path, data: bytes | None, text: str) -> str | None:
        """Return why a file with a text cannot be added where something exists; `None` if that is the same text."""
        try:
            if known.is_symlink() or (data is None and not os.path.isfile(known)):
                return "something else is there; move it"
            found = place.read_bytes() if data is None else data
        except OSError as error:
            return f"what is there cannot be read: {error.strerror or error}"
        if normalized(found.decode("utf-8", "replace")) != text:
            return "another file is there; move it, or choose another name with `batch-module`"
        if place not in self._originals:
            self._take(place, found)
        return None

    def _take(self, place: Path, data: bytes) -> None:
        self._originals[place] = data
        self.contents = {**self.contents, place: data}


def _paths(fix: Fix) -> Iterator[str]:
    yield from (edit.path for edit in fix.edits)
    yield from (file.path for file in fix.files)


def _is_notebook(place: Path) -> bool:
    return place.suffix == ".ipynb"


def _is_as_checked(path: str, data: bytes, texts: Mapping[str, str]) -> bool:
    """Whether the content of a file is that of the `texts` that were checked. A text that is not among them is not compared."""
    if not _is_notebook(Path(path)):
        return path not in texts or texts[path] == text_of(data)
    file = SourceFile(Path(absolute(path)), path, "", is_package=False, is_notebook=True)
    try:
        cells = dict(texts_by_key(decode(file, data)))
    except UnreadableError as error:
        raise UneditableError(str(error)) from error
    return all(cells.get(key) == text for key, text in texts.items() if key.startswith(f"{path}:cell "))


def _connected(groups: Iterable[frozenset[Path]], places: Iterable[Path]) -> list[set[Path]]:
    """Return all places in sets: places that share a group, directly or through others, are in one set."""
    found: list[set[Path]] = [{place} for place in places]
    for group in groups:
        touching = [each for each in found if not group.isdisjoint(each)]
        found = [each for each in found if group.isdisjoint(each)]
        found += [set().union(*touching)] if touching else []
    return sorted(found, key=sorted)


def _left(changes: Iterable[Change]) -> str:
    """Return what an attempt to write some changes has left."""
    others = sum(1 for _ in changes) - 1
    return "it is unchanged" if not others else f"it and {others} file{'s' if others > 1 else ''} of the same fix are unchanged"
