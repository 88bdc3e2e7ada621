"""Findings as diagnostics of the protocol, by the document that shows them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lsprotocol import types

from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Finding, Location, Report, Severity, TraceStep
from surfacelint.server.open_documents import OpenText, Snapshot, uri_of
from surfacelint.server.positions import PositionEncoding, split_lines
from surfacelint.suppressions.matching import UNUSED, text_key
from surfacelint.system.records import record

SOURCE = "surfacelint"
"""The name that the editor shows beside each diagnostic."""

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}

_PLACED = re.compile(r"(?P<path>(?:[A-Za-z]:)?[^:\n]+?(?::cell (?P<cell>\d+))?):(?P<line>\d+)(?::\d+)?: (?P<text>.+)", re.DOTALL)
"""A sentence about a line of a file, as in warnings and errors."""


@record(frozen=True, slots=True)
class Placement:
    """Where findings of a report are shown: paths in it are relative to `folder`, and `documents` are those it was made of."""

    folder: Path
    documents: Snapshot
    encoding: PositionEncoding
    texts: Mapping[str, str]

    @classmethod
    def of(cls, report: Report, folder: Path, documents: Snapshot, encoding: PositionEncoding) -> Placement:
        """Return the placement of the findings of a report."""
        return cls(folder, documents, encoding, dict(report.sources))

    def path(self, location: Location) -> Path:
        """Return the absolute path of a location."""
        return Path(os.path.normpath(self.folder / location.path))

    def document(self, location: Location) -> OpenText | None:
        """Return the open document that holds a location."""
        return self.documents.document(self.path(location), location.cell)

    def place(self, location: Location) -> types.Location:
        """Return a location of the protocol. A cell of a notebook that is not open is shown at the start of its file."""
        document = self.document(location)
        if document is not None:
            return types.Location(document.uri, self.encoding.range(document.lines, location.span))
        path = self.path(location)
        if location.cell is not None or path.suffix == ".ipynb":
            open_as_text = self.documents.documents.get(path)
            return types.Location(uri_of(path) if open_as_text is None else open_as_text.uri, _START)
        return types.Location(uri_of(path), self.encoding.range(split_lines(self.texts.get(text_key(location), "")), location.span))

    def prefix(self, location: Location) -> str:
        """Return what a message needs to say of a place in a notebook that is not open."""
        if location.cell is None or self.document(location) is not None:
            return ""
        return f"cell {location.cell}, line {location.span.start.line}: "


_START = types.Range(types.Position(0, 0), types.Position(0, 0))


def diagnostic(finding: Finding, placement: Placement) -> types.Diagnostic:
    """Return the diagnostic of a finding."""
    return types.Diagnostic(
        range=placement.place(finding.location).range,
        message=f"{placement.prefix(finding.location)}{finding.message}",
        severity=_SEVERITIES[finding.rule.severity],
        code=finding.rule.code,
        code_description=types.CodeDescription(finding.rule.url) if finding.rule.url else None,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if finding.rule.code == UNUSED else None,
        related_information=[_related(step, placement) for step in finding.trace] or None,
        data={"workload": finding.workload, "function": finding.function, "call": finding.call} if finding.workload else None,
    )


def _related(step: TraceStep, placement: Placement) -> types.DiagnosticRelatedInformation:
    return types.DiagnosticRelatedInformation(placement.place(step.location), f"{placement.prefix(step.location)}{step.note}")


def by_document(report: Report, placement: Placement) -> dict[Path, dict[str, list[types.Diagnostic]]]:
    """Return the diagnostics of findings, and of warnings and errors about a line of code, by file and URI of the document."""
    found: dict[Path, dict[str, list[types.Diagnostic]]] = {}
    for finding in report.findings:
        uri = placement.place(finding.location).uri
        found.setdefault(placement.path(finding.location), {}).setdefault(uri, []).append(diagnostic(finding, placement))
    for location, text in placed((*report.warnings, *report.errors)):
        if os.path.isfile(placement.path(location)) or placement.document(location) is not None:
            shown = _sentence(text, location, placement, types.DiagnosticSeverity.Warning)
            uri = placement.place(location).uri
            found.setdefault(placement.path(location), {}).setdefault(uri, []).append(shown)
    return found


def problem(sentence: str, placement: Placement) -> tuple[str, types.Diagnostic] | None:
    """Return a sentence about a line of a file, such as a wrong setting, as URI and diagnostic; `None` if it is about something else."""
    for location, text in placed((sentence,)):
        if os.path.isfile(placement.path(location)):
            return placement.place(location).uri, _sentence(text, location, placement, types.DiagnosticSeverity.Error)
    return None


def placed(sentences: Iterable[str]) -> Iterator[tuple[Location, str]]:
    """Yield the place and the text of each sentence that starts with the line of a file."""
    for found in filter(None, map(_PLACED.fullmatch, sentences)):
        path, cell, line = found["path"], found["cell"], int(found["line"])
        here = Span(Position(line, 0), Position(line + 1, 0))
        yield Location(path.removesuffix(f":cell {cell}"), here, int(cell) if cell else None), found["text"]


def _sentence(text: str, location: Location, placement: Placement, severity: types.DiagnosticSeverity) -> types.Diagnostic:
    return types.Diagnostic(placement.place(location).range, f"{placement.prefix(location)}{text}", severity, source=SOURCE)
