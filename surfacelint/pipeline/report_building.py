"""From findings to a report: what comments silence, which of these are of no use, and the texts that reporters quote."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from surfacelint.model.findings import Applicability, Finding, Fix, Location, Report
from surfacelint.project.module_names import SourceFile
from surfacelint.reading.file_decoding import Source
from surfacelint.reading.source_reader import Sources
from surfacelint.reporters.totals import count
from surfacelint.rules import RULES
from surfacelint.suppressions import comment_edits, comment_parsing
from surfacelint.suppressions.baseline_file import Baseline, Entry
from surfacelint.suppressions.matching import UNUSED, Unused, apply, text_key, text_place, unjustified
from surfacelint.system.records import record

Enabled = Callable[[str, str], bool]
"""Whether the rule of a code is enabled for the file that users see under a path."""


@record(frozen=True, slots=True)
class Reporting:
    """Makes the report on the `asked` modules.

    `untold` tells those of them in which nothing was looked for, such as test code, `folders` are the absolute paths of
    folders that were asked about. What `baseline` knows is set aside.
    """

    sources: Sources
    asked: frozenset[str]
    untold: Callable[[SourceFile], bool]
    enabled: Enabled
    version: str
    folders: tuple[Path, ...] = ()
    baseline: Baseline | None = None

    def report(self, findings: Iterable[Finding], errors: tuple[str, ...], warnings: tuple[str, ...] = ()) -> Report:
        """Return the report on those findings that are in the asked files. `warnings` are about settings."""
        paths = {file.display for module in self.asked if (file := self.sources.project.file(module)) is not None}
        kept = sorted({each for each in findings if each.location.path in paths}, key=lambda each: each.sort_key)
        texts = self._commented(kept)
        known = [word for rule in RULES for word in (rule.code, rule.name)]
        read = {key: comment_parsing.read(text, known) for key, text in texts.items()}
        outcome = apply(kept, read)
        live, suppressed = outcome.live, outcome.suppressed
        unused = tuple(unjustified(outcome.unused, cache(self._judges)))
        lines = {key: texts[key].split("\n") for key in {each.key for each in unused}}
        useless = [] if self.sources.errors else [self._unused(each, lines[each.key]) for each in unused]
        if self.sources.errors and unused:
            broken = self.sources.errors[0].location
            said = f"{count(len(unused), 'comment')} may silence nothing, which is not known while {broken.path}:{broken.span.start.line}"
            warnings = (*warnings, f"{unused[0].key}:{unused[0].suppression.line}: {said} cannot be checked")
        if useless:
            further = apply(sorted(useless, key=lambda each: each.sort_key), read)
            live = tuple(sorted((*live, *further.live), key=lambda each: each.sort_key))
            suppressed = tuple(sorted((*suppressed, *further.suppressed), key=lambda each: each.sort_key))
        gone: tuple[tuple[str, str, str, str], ...] = ()
        if self.baseline is not None:
            compared = self.baseline.compare(live, lambda entry, path: not errors and self._has_looked(entry, path))
            live, gone = compared.new, compared.gone
            suppressed = tuple(sorted((*suppressed, *compared.known), key=lambda each: each.sort_key))
        return Report(
            findings=live,
            suppressed=suppressed,
            errors=errors,
            files_checked=len(self.asked),
            sources=tuple(sorted(self._quoted((*live, *suppressed)))),
            version=self.version,
            warnings=(*warnings, *(f"{key}:{line}: {problem}" for key, each in read.items() for line, problem in each.mistakes)),
            gone=gone,
        )

    def _commented(self, findings: Iterable[Finding]) -> dict[str, str]:
        """Return the texts of the asked files, cell by cell, that may hold suppressions, by `text_key`.

        In a file without findings a comment that does not speak of us says nothing.
        """
        found: dict[str, str] = {}
        files = [self.sources.project.shown_as(path) for path in {each.location.path for each in findings}]
        modules = {file.module for file in files if file is not None}
        modules.update(module for module in self.asked if module in self.sources.scans and self.sources.scans[module].ours)
        for module in sorted(modules):
            source = self.sources.source(module)
            found.update(() if source is None else _texts(source))
        return found

    def _judges(self, key: str, code: str | None) -> bool:
        """Whether all that a code, or a comment without codes, can silence was looked for in the text of that key."""
        path, _ = text_place(key)
        file = self.sources.project.shown_as(path)
        if file is None or code == UNUSED or not self.enabled(UNUSED, path) or self.untold(file):
            return False
        meant = [rule for rule in RULES if code is None or rule.name == code or rule.code.startswith(code)]
        narrow = code is not None and len(meant) == 1
        return all(self.enabled(rule.code, path) for rule in meant if rule.default or narrow)

    def _has_looked(self, entry: Entry, path: Path) -> bool:
        """Whether all that an entry of the baseline stands for was looked for.

        A file that is gone counts as part of the folders asked about.
        """
        if self.sources.errors:
            return False
        file = self.sources.project.at(path)
        if file is None:
            return not os.path.exists(path) and any(map(path.is_relative_to, self.folders)) and self.enabled(entry.code, "")
        if entry.code == UNUSED:
            codes = entry.call.split(", ") if entry.call else [None]
            return file.module in self.asked and all(self._judges(file.display, code) for code in codes)
        return file.module in self.asked and not self.untold(file) and self.enabled(entry.code, file.display)

    def _unused(self, unused: Unused, lines: Sequence[str]) -> Finding:
        suppression = unused.suppression
        path, cell = text_place(unused.key)
        what = "this comment" if unused.codes is None else ", ".join(unused.codes)
        fix = None
        if cell is None:
            edit = comment_edits.removal(path, lines[suppression.line - 1], suppression, unused.codes)
            whole = unused.codes is None or edit.text == ""
            fix = Fix("take the comment out" if whole else f"take {what} out of the comment", (edit,), Applicability.SAFE)
        message = f"{what} silences nothing here"
        if unused.codes is not None and len(unused.codes) > 1:
            message = f"{what} silence nothing here"
        return Finding(
            rule=next(rule.info for rule in RULES if rule.code == UNUSED),
            message=message,
            location=Location(path, suppression.span, cell),
            help="take it out, or put it on a line of the call that a finding is about",
            fix=fix,
            call=", ".join(unused.codes or ()),
        )

    def _quoted(self, findings: Iterable[Finding]) -> Iterator[tuple[str, str]]:
        """Return the texts that hold a finding or a step of its trace, by `text_key`."""
        places = {place for each in findings for place in (each.location, *(step.location for step in each.trace))}
        wanted = {text_key(place) for place in places}
        for path in sorted({place.path for place in places}):
            file = self.sources.project.shown_as(path)
            source = None if file is None else self.sources.source(file.module)
            for key, text in [] if source is None else _texts(source):
                if key in wanted:
                    yield key, text


def _texts(source: Source) -> Iterator[tuple[str, str]]:
    """Return the text of a file, or those of the cells of a notebook, each with its `text_key`."""
    if not source.file.is_notebook:
        yield source.file.display, source.text
        return
    lines = source.text.split("\n")
    ends = [cell.line - 1 for cell in source.cells[1:]]
    for cell, end in zip(source.cells, [*ends, len(lines) - 1], strict=False):
        yield f"{source.file.display}:cell {cell.index}", "\n".join(lines[cell.line - 1 : end])
