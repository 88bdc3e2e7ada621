"""The `rdjson` format of reviewdog, for review comments and editors. Columns count bytes of UTF-8.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Applicability, Edit, Finding, Report, Severity
from surfacelint.reporters.locations import cell_prefix, details, texts
from surfacelint.reporters.serialized_text import to_json
from surfacelint.system.printable_text import code_span

_SEVERITIES = {Severity.INFO: "INFO", Severity.WARNING: "WARNING", Severity.ERROR: "ERROR"}


def rdjson(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """Return a `DiagnosticResult` as JSON. Reviewdog shows messages as Markdown."""
    lines_by_path = texts(report)
    diagnostics = [_diagnostic(finding, lines_by_path) for finding in report.findings]
    return to_json({"source": {"name": "surfacelint"}, "diagnostics": diagnostics}) + "\n"


def _diagnostic(finding: Finding, lines_by_path: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    path = finding.location.path
    lines = lines_by_path.get(path, ())
    place = {"range": _range(finding.location.span, lines)} if finding.location.cell is None else {}
    edits = _suggested(finding)
    return {
        "message": "\n".join((cell_prefix(finding.location) + finding.message, *details(finding, written=code_span), *_elsewhere(finding))),
        "location": {"path": path, **place},
        "severity": _SEVERITIES[finding.rule.severity],
        "code": {"value": finding.rule.code, **({"url": finding.rule.url} if finding.rule.url else {})},
        **({"suggestions": [{"range": _range(edit.span, lines), "text": edit.text} for edit in edits]} if edits else {}),
    }


def _suggested(finding: Finding) -> list[Edit]:
    """Return the edits that a suggestion can show: those in the file of the finding."""
    if finding.fix is None or finding.fix.is_sketch or finding.location.cell:
        return []
    return [edit for edit in finding.fix.edits if edit.path == finding.location.path]


def _elsewhere(finding: Finding) -> Iterator[str]:
    """Yield a line about the part of a fix that the suggestions leave out."""
    if finding.fix is None or not _suggested(finding):
        return
    others = {edit.path for edit in finding.fix.edits} | {file.path for file in finding.fix.files}
    others.discard(finding.location.path)
    if others:
        options = "--fix" if finding.fix.applicability is Applicability.SAFE else "--fix --unsafe-fixes"
        names = ", ".join(map(code_span, sorted(others)))
        yield f"The fix also changes {names}. Apply all of it with `surfacelint check {options}`."


def _range(span: Span, lines: Sequence[str]) -> dict[str, Any]:
    return {"start": _position(span.start, lines), "end": _position(span.end, lines)}


def _position(position: Position, lines: Sequence[str]) -> dict[str, int]:
    before = lines[position.line - 1][: position.column] if position.line <= len(lines) else ""
    extra = len(before.encode("utf-8", "surrogatepass")) - len(before)
    return {"line": position.line, "column": position.column + extra + 1}
