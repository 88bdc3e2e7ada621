"""Builds a report from findings: applies suppression comments and the baseline, finds unused comments, collects source texts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from surfacelint.model.findings import Applicability, Finding, Fix, Location, Report
from surfacelint.project.module_names import SourceFile
from surfacelint.reading.file_decoding import Source
from surfacelint.reading.source_reader import Sources
from surfacelint.reporters.totals import count
from surfacelint.rules import NOT_CHECKED, NOT_IGNORED, RULES
from surfacelint.suppressions import comment_edits, comment_parsing
from surfacelint.suppressions.baseline_file import Baseline, Entry
from surfacelint.suppressions.comment_parsing import Comments
from surfacelint.suppressions.matching import UNUSED, UnusedSuppression, certainly_unused, match_suppressions, text_key, text_place
from surfacelint.system.records import record

Enabled = Callable[[str, str], bool]
"""Function from rule code and displayed path to whether the rule is enabled for the file."""


@record(frozen=True, slots=True)
class ReportBuilder:
    """Builds the report on the requested modules (`asked`).

    `is_skipped` tells which of them are not analysed, such as test code. `folders` are the requested directories, as
    absolute paths. Findings in the `baseline` are suppressed.
    """

    sources: Sources
    asked: frozenset[str]
    is_skipped: Callable[[SourceFile], bool]
    enabled: Enabled
    version: str
    folders: tuple[Path, ...] = ()
    baseline: Baseline | None = None

    def report(self, findings: Iterable[Finding], errors: tuple[str, ...], warnings: tuple[str, ...] = ()) -> Report:
        """Return the report on the findings in the requested files. `errors` and `warnings` are added to it."""
        paths = {file.display for module in self.asked if (file := self.sources.project.file(module)) is not None}
        kept = sorted({each for each in findings if each.location.path in paths}, key=lambda each: each.sort_key)
        texts = self._commented(kept)
        known = [word for rule in RULES for word in (rule.code, rule.name)]
        read = {key: comment_parsing.read(text, known) for key, text in texts.items()}
        outcome = match_suppressions(kept, read)
        live, suppressed = outcome.live, outcome.suppressed
        unused = tuple(certainly_unused(outcome.unused, cache(self._has_checked_code)))
        lines = {key: texts[key].split("\n") for key in {each.key for each in unused}}
        unused_findings = [] if self.sources.errors else [self._unused(each, lines[each.key]) for each in unused]
        if self.sources.errors and unused:
            broken = self.sources.errors[0].location
            said = (
                f"{count(len(unused), 'suppression comment')} may be unused, which is unknown while {broken.path}:{broken.span.start.line}"
            )
            warnings = (*warnings, f"{unused[0].key}:{unused[0].suppression.line}: {said} cannot be checked")
        if unused_findings:
            outcome_of_unused = match_suppressions(sorted(unused_findings, key=lambda each: each.sort_key), read)
            live = tuple(sorted((*live, *outcome_of_unused.live), key=lambda each: each.sort_key))
            suppressed = tuple(sorted((*suppressed, *outcome_of_unused.suppressed), key=lambda each: each.sort_key))
        gone: tuple[tuple[str, str, str, str], ...] = ()
        if self.baseline is not None:
            compared = self.baseline.compare(live, lambda entry, path: not errors and self._has_checked(entry, path))
            live, gone = compared.new, compared.gone
            suppressed = tuple(sorted((*suppressed, *compared.known), key=lambda each: each.sort_key))
        return Report(
            findings=live,
            suppressed=suppressed,
            errors=errors,
            files_checked=len(self.asked),
            sources=tuple(sorted(self._quoted((*live, *suppressed)))),
            originals=tuple(sorted(self._originals((*live, *suppressed)))),
            version=self.version,
            warnings=(*warnings, *_without_effect(read)),
            gone=gone,
        )

    def _commented(self, findings: Iterable[Finding]) -> dict[str, str]:
        """Return the texts of requested files, cell by cell, that may hold suppression comments, by `text_key`.

        A file without findings matters only if a comment names surfacelint.
        """
        found: dict[str, str] = {}
        files = [self.sources.project.shown_as(path) for path in {each.location.path for each in findings}]
        modules = {file.module for file in files if file is not None}
        modules.update(module for module in self.asked if module in self.sources.scans and self.sources.scans[module].ours)
        for module in sorted(modules):
            source = self.sources.source(module)
            found.update(() if source is None else texts_by_key(source))
        return found

    def _has_checked_code(self, key: str, code: str | None) -> bool:
        """Whether the run checked everything that a code, or a comment without codes, can suppress in a text."""
        path, _ = text_place(key)
        file = self.sources.project.shown_as(path)
        if file is None or code == UNUSED or not self.enabled(UNUSED, path) or self.is_skipped(file):
            return False
        meant = [rule for rule in RULES if code is None or rule.name == code or rule.code.startswith(code)]
        narrow = code is not None and len(meant) == 1
        return all(self.enabled(rule.code, path) for rule in meant if rule.default or narrow)

    def _has_checked(self, entry: Entry, path: Path) -> bool:
        """Whether the run checked everything that a baseline entry can match.

        A deleted file counts as part of the requested directories.
        """
        if self.sources.errors:
            return False
        file = self.sources.project.at(path)
        if file is None:
            return not os.path.exists(path) and any(map(path.is_relative_to, self.folders)) and self.enabled(entry.code, "")
        if entry.code == UNUSED:
            codes = entry.call.split(", ") if entry.call else [None]
            return file.module in self.asked and all(self._has_checked_code(file.display, code) for code in codes)
        return file.module in self.asked and not self.is_skipped(file) and self.enabled(entry.code, file.display)

    def _unused(self, unused: UnusedSuppression, lines: Sequence[str]) -> Finding:
        suppression = unused.suppression
        path, cell = text_place(unused.key)
        codes = ", ".join(f"`{code}`" for code in unused.codes or ())
        edit = comment_edits.removal(path, lines[suppression.line - 1], suppression, unused.codes, cell)
        whole = unused.codes is None or edit.text == ""
        fix = Fix("remove the comment" if whole else f"remove {codes} from the comment", (edit,), Applicability.SAFE)
        return Finding(
            rule=next(rule.info for rule in RULES if rule.code == UNUSED),
            message=f"unused suppression: {codes}" if codes else "unused suppression comment",
            location=Location(path, suppression.span, cell),
            help="remove it, or move it to a line of the reported call",
            fix=fix,
            call=", ".join(unused.codes or ()),
        )

    def _originals(self, findings: Iterable[Finding]) -> Iterator[tuple[str, str]]:
        """Yield the cells of notebooks that contain a finding, as the notebooks have them."""
        for path in sorted({each.location.path for each in findings if each.location.cell is not None}):
            file = self.sources.project.shown_as(path)
            source = None if file is None else self.sources.source(file.module)
            yield from () if source is None else originals_by_key(source)

    def _quoted(self, findings: Iterable[Finding]) -> Iterator[tuple[str, str]]:
        """Yield the texts that contain a finding or a trace step, by `text_key`."""
        places = {place for each in findings for place in (each.location, *(step.location for step in each.trace))}
        wanted = {text_key(place) for place in places}
        for path in sorted({place.path for place in places}):
            file = self.sources.project.shown_as(path)
            source = None if file is None else self.sources.source(file.module)
            for key, text in [] if source is None else texts_by_key(source):
                if key in wanted:
                    yield key, text


def originals_by_key(source: Source) -> Iterator[tuple[str, str]]:
    """Yield the text of each cell of a notebook as the notebook has it, with its `text_key`."""
    for cell, text in zip(source.cells, source.originals, strict=False):
        yield f"{source.file.display}:cell {cell.index}", text


def _without_effect(read: Mapping[str, Comments]) -> Iterator[str]:
    """Yield a warning for each comment that is malformed, or that names the rule which no comment suppresses."""
    for key, comments in read.items():
        yield from (f"{key}:{line}: {problem}" for line, problem in comments.mistakes)
        yield from (f"{key}:{each.line}: {NOT_IGNORED}" for each in comments.suppressions if NOT_CHECKED in (each.codes or ()))


def texts_by_key(source: Source) -> Iterator[tuple[str, str]]:
    """Yield the text of a file, or of each cell of a notebook, with its `text_key`."""
    if not source.file.is_notebook:
        yield source.file.display, source.text
        return
    lines = source.text.split("\n")
    ends = [cell.line - 1 for cell in source.cells[1:]]
    for cell, end in zip(source.cells, [*ends, len(lines) - 1], strict=False):
        yield f"{source.file.display}:cell {cell.index}", "\n".join(lines[cell.line - 1 : end])
