"""Cache of completed findings, so that an edit causes LibCST to read only what the edit touches.

There is one entry for each file with findings. It holds what completing them added, and a key: a digest of the findings and their
workloads as the analysis made them, of the settings, and of surfacelint and LibCST. It is valid while the key is the same, and while the
texts, files and folders that were asked for are as they were.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache, cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias, cast

from surfacelint.cache.entry_store import digest_of
from surfacelint.cache.json_codec import codec
from surfacelint.catalogue.provider_rows import Endpoint, Provider
from surfacelint.model.findings import Applicability, Edit, Finding, Fix, Location, NewFile
from surfacelint.model.workloads import Workload
from surfacelint.project.file_discovery import absolute
from surfacelint.reading.source_reader import Sources
from surfacelint.system.records import record

Grade: TypeAlias = Literal["safe", "unsafe", "display"]

SMALLEST_LIMIT = 4_096
"""Bytes. The entry of a file is not kept if it takes more, and more than the text of the file."""

LEAST = 100
"""Bytes that a finding takes at least."""


@record(frozen=True, slots=True)
class _Text:
    """The text of a file that fixes add. Many fixes add the same one, so it is an entry of its own."""

    text: str


@record(frozen=True, slots=True)
class _Fix:
    """A fix. `files` holds a path and the digest of a text for each new file."""

    message: str
    edits: tuple[Edit, ...]
    applicability: Grade
    files: tuple[tuple[str, str], ...]


@record(frozen=True, slots=True)
class _Completion:
    """What completing a finding changes. `note` is that of the first step of its trace."""

    location: Location
    message: str
    note: str
    frame: tuple[int, ...]
    fix: _Fix | None
    refusal: str


@record(frozen=True, slots=True)
class _Entry:
    """Cache entry. `asked` holds what was asked for, as `Documents` names it, each with the answer."""

    key: str
    asked: tuple[tuple[str, str, str], ...]
    completions: tuple[_Completion, ...]


class FindingCache:
    """Completed findings of the files of one project.

    `settings` returns a digest of what all findings depend on besides texts, such as the list of files. `batch_module` is the setting
    of that name. With `fixes`, findings are completed with fixes.
    """

    def __init__(self, sources: Sources, settings: Callable[[], str], batch_module: str, fixes: bool) -> None:
        self._sources = sources
        self._digest_settings = settings
        self._batch_module = batch_module
        self._fixes = fixes
        self._shared: dict[int, str] = {}

    def cached(self, module: str, findings: Sequence[Finding], workloads: Sequence[Workload | None]) -> list[Finding] | None:
        """Return the findings of a module completed, if the cache knows them, or `None`."""
        store = self._sources.store
        entry = None if store is None else store.fact(_Entry, self._name(module), "findings")
        if entry is None or entry.key != self._key(findings, workloads) or len(entry.completions) != len(findings):
            return None
        if any(self._answer(kind, name) != answer for kind, name, answer in entry.asked):
            return None
        found = [self._restored(*pair) for pair in zip(findings, entry.completions, strict=True)]
        return None if None in found else cast("list[Finding]", found)

    def keep(
        self,
        module: str,
        findings: Sequence[Finding],
        workloads: Sequence[Workload | None],
        completed: Sequence[Finding],
        asked: Iterable[tuple[str, str]],
    ) -> None:
        """Store what completing the findings of a module resulted in, unless a file could not be read or the entry would be large."""
        store = self._sources.store
        if store is None or not self._sources.repeatable:
            return
        limit = max(SMALLEST_LIMIT, len(self._sources.text(module)))
        if len(completed) * LEAST > limit:
            return
        completions = tuple(map(_completion, completed))
        answers = tuple([(kind, name, self._answer(kind, name)) for kind, name in sorted(asked)])
        entry = _Entry(self._key(findings, workloads), answers, completions)
        if len(codec(_Entry).dumps(entry)) > limit:
            return
        for file in {file for each in completed if each.fix is not None for file in each.fix.files}:
            store.keep_fact(_Text, digest_of(file.text), "text", _Text(file.text))
        store.keep_fact(_Entry, self._name(module), "findings", entry)

    def _name(self, module: str) -> str:
        return digest_of(f"{self._sources.project.root} {module} {self._fixes}")

    def _key(self, findings: Sequence[Finding], workloads: Sequence[Workload | None]) -> str:
        parts = [
            self._settings,
            self._batch_module,
            _libcst(),
            *(self._spelled(each) for pair in zip(findings, workloads, strict=True) for each in pair),
        ]
        return digest_of("\0".join(parts))

    @cached_property
    def _settings(self) -> str:
        return self._digest_settings()

    def _spelled(self, value: object) -> str:
        """Return a text that differs for different values. Providers and endpoints are large, and shared by many workloads."""
        if isinstance(value, Provider | Endpoint):
            known = self._shared.get(id(value))
            if known is None:
                known = self._shared[id(value)] = digest_of(repr(value))
            return known
        if isinstance(value, tuple):
            return f"({','.join(map(self._spelled, value))})"
        if isinstance(value, Finding):
            return self._spelled(tuple([getattr(value, each.name) for each in fields(value) if each.name != "rule"])) + value.rule.code
        if is_dataclass(value) and not isinstance(value, Location):
            return self._spelled(tuple([getattr(value, each.name) for each in fields(value)]))
        return repr(value)

    def _answer(self, kind: str, name: str) -> str:
        if kind == "text":
            return self._sources.digest(name)
        return str(os.path.isfile(name) if kind == "file" else os.path.isdir(name))

    def _restored(self, finding: Finding, completion: _Completion) -> Finding | None:
        """Return a finding completed, or `None` if the text of a new file is missing, or if someone has made up the entry."""
        here = completion.location
        if here.path != finding.location.path or not self._has_rows(here.path, here.span.start.line, here.span.end.line, *completion.frame):
            return None
        fix = None
        if completion.fix is not None:
            texts = [self._text(digest) for _, digest in completion.fix.files]
            if None in texts or not self._may_edit(completion.fix):
                return None
            files = tuple([NewFile(path, text or "") for (path, _), text in zip(completion.fix.files, texts, strict=True)])
            fix = Fix(completion.fix.message, completion.fix.edits, Applicability(completion.fix.applicability), files)
        trace = (replace(finding.trace[0], note=completion.note), *finding.trace[1:]) if finding.trace else ()
        return replace(
            finding,
            location=completion.location,
            message=completion.message,
            trace=trace,
            frame=completion.frame,
            fix=fix,
            refusal=completion.refusal,
        )

    def _may_edit(self, fix: _Fix) -> bool:
        """Whether a fix edits nothing but lines of the project, and adds files only in it."""
        root = self._sources.project.root
        return all(self._has_rows(each.path, each.span.start.line, each.span.end.line) for each in fix.edits) and all(
            Path(absolute(path)).is_relative_to(root) for path, _ in fix.files
        )

    def _has_rows(self, path: str, *rows: int) -> bool:
        file = self._sources.project.shown_as(path)
        last = 0 if file is None else self._sources.text(file.module).count("\n") + 1
        return min(rows) >= 1 and max(rows) <= last

    def _text(self, digest: str) -> str | None:
        store = self._sources.store
        found = None if store is None else store.fact(_Text, digest, "text")
        return None if found is None or digest_of(found.text) != digest else found.text


def _completion(finding: Finding) -> _Completion:
    fix = None
    if finding.fix is not None:
        files = tuple([(each.path, digest_of(each.text)) for each in finding.fix.files])
        fix = _Fix(finding.fix.message, finding.fix.edits, finding.fix.applicability.value, files)
    note = finding.trace[0].note if finding.trace else ""
    return _Completion(finding.location, finding.message, note, finding.frame, fix, finding.refusal)


@cache
def _libcst() -> str:
    """Return a digest of the version of LibCST, without importing it."""
    found = find_spec("libcst")
    version = None if found is None or found.origin is None else Path(found.origin).with_name("_version.py")
    return "" if version is None or not version.is_file() else sha256(version.read_bytes()).hexdigest()
