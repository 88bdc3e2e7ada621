"""The baseline: findings that are known, so that only new ones are reported.

An entry is a rule, a path, a function and a call, with how many equal ones there are; no line numbers, so that code may
move. Where a file is gone, its entries stand for equal findings in another file, so that it may be renamed. What is
gone is taken out, nothing is ever added.
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
from surfacelint.project.file_discovery import absolute, shown
from surfacelint.suppressions.matching import NOT_CHECKED
from surfacelint.system.records import record
from surfacelint.system.safe_reading import InputError, MissingInputError, parse, read_text

VERSION = 1
DEFAULT_NAME = "surfacelint-baseline.json"

LARGEST = 64_000_000
"""Bytes beyond which a file is not read as a baseline."""

MOST_FINDINGS = 1_000_000
"""Findings that a baseline may count: there is work to do for each."""


class Entry(NamedTuple):
    """What identifies a finding. `path` is relative to the folder of the baseline, with forward slashes."""

    code: str
    path: str
    function: str
    call: str


@record(frozen=True, slots=True)
class Comparison:
    """Findings beside a baseline: those that are new, those that are known, and what of the baseline is gone, all in order."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    gone: tuple[Entry, ...]


@record(frozen=True, slots=True)
class Baseline:
    """The file at `source`, and how often it has each entry."""

    source: Path
    entries: Counter[Entry]

    @classmethod
    def read(cls, path: str | Path) -> Baseline:
        """Return the baseline in a file. Raises ConfigError."""
        source = Path(absolute(path))
        displayed = shown(source)
        anew = "make it anew with `surfacelint baseline create --force`"
        try:
            text = read_text(source, LARGEST)
        except MissingInputError:
            raise ConfigError(f"{displayed}: there is no such baseline; make one with `surfacelint baseline create`") from None
        except InputError as error:
            raise ConfigError(f"{displayed}: {error}") from None
        try:
            document = parse(json.loads, text, "a baseline")
            version = document["version"]
            entries = Counter({Entry(*(_text(row[key]) for key in Entry._fields)): _count(row["count"]) for row in document["findings"]})
        except InputError as error:
            raise ConfigError(f"{displayed}: {error}; {anew}") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problem = f"no {error}" if isinstance(error, KeyError) else str(error)
            raise ConfigError(f"{displayed}: is not a baseline: {problem}; {anew}") from None
        if version != VERSION:
            raise ConfigError(
                f"{displayed}: is a baseline of version {reprlib.repr(version)}, this surfacelint reads version {VERSION}; {anew}"
            )
        if entries.total() > MOST_FINDINGS:
            raise ConfigError(f"{displayed}: is not a baseline: it counts more than {MOST_FINDINGS:,} findings; {anew}")
        return cls(source, entries)

    @classmethod
    def of(cls, source: Path, findings: Iterable[Finding]) -> Baseline:
        """Return the baseline of findings, to be written to `source`."""
        return cls(source, Counter(entry_of(each, source.parent) for each in findings if is_kept(each)))

    @property
    def shown(self) -> str:
        """The path as users type it."""
        return shown(self.source)

    def text(self) -> str:
        """Return the content of the file."""
        rows = [{**entry._asdict(), "count": count} for entry, count in sorted((+self.entries).items())]
        text = json.dumps({"version": VERSION, "findings": rows}, indent=2, ensure_ascii=False)
        # What an editor would not show, and bytes of file names that are no UTF-8, are spelled out.
        return "\n".join(line if line.isprintable() else "".join(map(_spelled, line)) for line in text.split("\n")) + "\n"

    def without(self, gone: Iterable[Entry]) -> Baseline:
        """Return the baseline with what is gone taken out."""
        return Baseline(self.source, self.entries - Counter(gone))

    def compare(self, findings: Iterable[Finding], judged: Callable[[Entry, Path], bool]) -> Comparison:
        """Compare findings with the baseline.

        `judged(entry, path)` tells whether all that the rule of an entry may say about the file at that absolute path,
        which may be gone, was looked for: if not, nothing in it is known to be gone.
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
    """Say whether a finding can be in a baseline: that a file cannot be checked is not known, because nobody knows what is in it."""
    return finding.rule.code != NOT_CHECKED


def entry_of(finding: Finding, folder: Path) -> Entry:
    """Return what identifies a finding in a baseline in that folder."""
    code, path, function, call = finding.identity
    return Entry(code, os.path.relpath(path, folder).replace(os.sep, "/"), function, call)


def _spelled(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{reprlib.repr(value)} is no text")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TypeError(f"{reprlib.repr(value)} is no count")
    return value
