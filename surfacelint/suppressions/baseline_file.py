"""The baseline: a file of known findings, so that only new ones are reported.

An entry identifies a finding by rule, path, function and call, with a count of equal ones. It has no line number, so that
code may move. If a file no longer exists, its entries match equal findings in other files, so that files may be renamed.
Fixed findings are removed from the baseline. New ones are not added.
"""

from __future__ import annotations

import json
import os
import reprlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from surfacelint.config import ConfigError
from surfacelint.model.findings import Finding, SuppressedBy
from surfacelint.project.file_discovery import absolute, display_path
from surfacelint.suppressions.matching import NOT_CHECKED
from surfacelint.system.records import record
from surfacelint.system.safe_reading import InputError, MissingInputError, parse, read_text

VERSION = 1
DEFAULT_NAME = "surfacelint-baseline.json"

LARGEST = 64_000_000
"""The maximum size of a baseline in bytes."""

MOST_FINDINGS = 1_000_000
"""The maximum number of findings in a baseline, because each takes time."""


class Entry(NamedTuple):
    """The identity of a finding. `path` is relative to the folder of the baseline, with forward slashes."""

    code: str
    path: str
    function: str
    call: str


@record(frozen=True, slots=True)
class Comparison:
    """The findings of a run compared with a baseline: new and known findings, and the baseline entries that are `gone`."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    gone: tuple[Entry, ...]


@record(frozen=True, slots=True)
class Baseline:
    """The baseline file at `source`, and the count of each entry."""

    source: Path
    entries: Counter[Entry]

    @classmethod
    def read(cls, path: str | Path) -> Baseline:
        """Read a baseline file. Raises ConfigError."""
        source = Path(absolute(path))
        displayed = display_path(source)
        again = "create it again with `surfacelint baseline create --force`"
        try:
            text = read_text(source, LARGEST)
        except MissingInputError:
            raise ConfigError(f"{displayed}: baseline not found; create it with `surfacelint baseline create`") from None
        except InputError as error:
            raise ConfigError(f"{displayed}: {error}") from None
        try:
            document = parse(json.loads, text, "a baseline")
            version = document["version"]
            entries = Counter({Entry(*(_text(row[key]) for key in Entry._fields)): _count(row["count"]) for row in document["findings"]})
        except InputError as error:
            raise ConfigError(f"{displayed}: {error}; {again}") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problem = f"no {error}" if isinstance(error, KeyError) else str(error)
            raise ConfigError(f"{displayed}: not a baseline: {problem}; {again}") from None
        if version != VERSION:
            raise ConfigError(
                f"{displayed}: unsupported baseline version {reprlib.repr(version)}; this surfacelint reads version {VERSION}; {again}"
            )
        if entries.total() > MOST_FINDINGS:
            raise ConfigError(f"{displayed}: not a baseline: it counts more than {MOST_FINDINGS:,} findings; {again}")
        return cls(source, entries)

    @classmethod
    def of(cls, source: Path, findings: Iterable[Finding]) -> Baseline:
        """Return the baseline of `findings`, for the file at `source`."""
        return cls(source, Counter(entry_of(each, source.parent) for each in findings if is_kept(each)))

    @property
    def shown(self) -> str:
        """The path as users type it."""
        return display_path(self.source)

    def text(self) -> str:
        """Return the content of the file."""
        rows = [{**entry._asdict(), "count": count} for entry, count in sorted((+self.entries).items())]
        text = json.dumps({"version": VERSION, "findings": rows}, indent=2, ensure_ascii=False)
        # Unprintable characters, and bytes of file names that are not UTF-8, are written as escapes.
        return "\n".join(line if line.isprintable() else "".join(map(_spelled, line)) for line in text.split("\n")) + "\n"

    def without(self, gone: Iterable[Entry]) -> Baseline:
        """Return the baseline without the entries that are `gone`."""
        return Baseline(self.source, self.entries - Counter(gone))

    def compare(self, findings: Iterable[Finding], judged: Callable[[Entry, Path], bool]) -> Comparison:
        """Compare findings with the baseline.

        `judged(entry, path)` tells whether this run checked the rule of an entry on the file at that absolute path, which
        may no longer exist. Entries that were not checked do not count as gone.
        """
        folder = self.source.parent
        left = Counter(self.entries)
        new: list[Finding] = []
        known: list[Finding] = []
        for finding in findings:
            entry = entry_of(finding, folder)
            matched = is_kept(finding) and left[entry] > 0
            left[entry] -= matched
            (known if matched else new).append(finding)
        vanished: dict[Entry, list[Entry]] = {}
        for entry in sorted(+left, reverse=True) if new else ():
            if not os.path.exists(folder / entry.path):
                vanished.setdefault(entry._replace(path=""), []).append(entry)
        unknown: list[Finding] = []
        for finding in new:
            moved = vanished.get(entry_of(finding, folder)._replace(path=""))
            if moved:
                left[moved[-1]] -= 1
                known.append(finding)
                if not left[moved[-1]]:
                    moved.pop()
            else:
                unknown.append(finding)
        gone = (entry for entry in sorted((+left).elements()) if judged(entry, folder / entry.path))
        reason = SuppressedBy("external", f"known in {self.shown}")
        return Comparison(tuple(unknown), tuple(replace(each, suppressed=reason) for each in known), tuple(gone))


def is_kept(finding: Finding) -> bool:
    """Whether a finding can be in a baseline. SRF901 cannot: the unchecked file may have other findings."""
    return finding.rule.code != NOT_CHECKED


def entry_of(finding: Finding, folder: Path) -> Entry:
    """Return the entry of a finding in a baseline in `folder`."""
    code, path, function, call = finding.identity
    return Entry(code, os.path.relpath(path, folder).replace(os.sep, "/"), function, call)


def _spelled(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{reprlib.repr(value)} is not a string")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TypeError(f"{reprlib.repr(value)} is not a count")
    return value
