"""The `rdjson` format of reviewdog, for review comments and editors. Columns count bytes of UTF-8.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Finding, Report, Severity
from surfacelint.reporters.locations import cell_prefix, details, texts
from surfacelint.reporters.serialized_text import to_json

_SEVERITIES = {Severity.INFO: "INFO", Severity.WARNING: "WARNING", Severity.ERROR: "ERROR"}


def rdjson(report: Report, *, colour: bool = False) -> str:
    """Return a `DiagnosticResult` as JSON."""
    lines_by_path = texts(report)
    diagnostics = [_diagnostic(finding, lines_by_path) for finding in report.findings]
    return to_json({"source": {"name": "surfacelint"}, "diagnostics": diagnostics}) + "\n"


def _diagnostic(finding: Finding, lines_by_path: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    path = finding.location.path
    lines = lines_by_path.get(path, ())
    place = {"range": _range(finding.location.span, lines)} if finding.location.cell is None else {}
    edits = [edit for edit in finding.fix.edits if edit.path == path] if finding.fix and not finding.location.cell else []
    return {
        "message": "\n".join((cell_prefix(finding.location) + finding.message, *details(finding))),
        "location": {"path": path, **place},
        "severity": _SEVERITIES[finding.rule.severity],
        "code": {"value": finding.rule.code, **({"url": finding.rule.url} if finding.rule.url else {})},
        **({"suggestions": [{"range": _range(edit.span, lines), "text": edit.text} for edit in edits]} if edits else {}),
    }


def _range(span: Span, lines: Sequence[str]) -> dict[str, Any]:
    return {"start": _position(span.start, lines), "end": _position(span.end, lines)}


def _position(position: Position, lines: Sequence[str]) -> dict[str, int]:
    before = lines[position.line - 1][: position.column] if position.line <= len(lines) else ""
    extra = len(before.encode("utf-8", "surrogatepass")) - len(before)
    return {"line": position.line, "column": position.column + extra + 1}
