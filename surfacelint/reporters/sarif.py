"""The `sarif` format, SARIF 2.1.0: rules with their pages, traces as code flows, and suppressed findings with reasons.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from surfacelint.facts.expressions import Position, Span
from surfacelint.facts.module_outlines import MODULE_BODY, title
from surfacelint.model.findings import Finding, Fix, Location, Report, RuleInfo, Severity
from surfacelint.reporters.fingerprints import VERSION, fingerprints
from surfacelint.reporters.locations import TAB, cell_prefix, fix_advice, sketch
from surfacelint.reporters.serialized_text import to_json
from surfacelint.reporters.totals import count, screened
from surfacelint.suppressions.matching import NOT_CHECKED
from surfacelint.system.version import HOMEPAGE

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"

_LEVELS = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}
_START = Span(Position(1, 0), Position(1, 0))
_DRIVE = re.compile(r"[A-Za-z]:/")


def sarif(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """Return a SARIF log of one run. Notifications state what could not be checked."""
    results = (*report.findings, *report.suppressed)
    rules = sorted({finding.rule.code: finding.rule for finding in results}.values(), key=lambda rule: rule.code)
    indices = {rule.code: index for index, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "surfacelint",
                "version": report.version,
                "informationUri": HOMEPAGE,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "invocations": [{"executionSuccessful": report.complete, "toolExecutionNotifications": _notifications(report, indices)}],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The directory in which surfacelint ran."}}},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, indices[finding.rule.code], mark) for finding, mark in zip(results, fingerprints(report), strict=True)
        ],
    }
    return to_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(rule: RuleInfo) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": _section(rule.page, "What it does") or rule.summary},
        "help": {"text": rule.page.strip(), "markdown": rule.page.strip()},
        "defaultConfiguration": {"enabled": rule.default, "level": _LEVELS[rule.severity]},
        **({"helpUri": rule.url} if rule.url else {}),
    }


def _section(page: str, title: str) -> str:
    """Return the text of a section of the page of a rule, on one line."""
    return " ".join(page.partition(f"## {title}\n")[2].partition("\n## ")[0].split())


def _notifications(report: Report, indices: Mapping[str, int]) -> list[dict[str, Any]]:
    unchecked = [
        {
            "level": "error",
            "message": {"text": _plain(finding.message)},
            "locations": [_location(finding.location)],
            "associatedRule": {"id": finding.rule.code, "index": indices[finding.rule.code]},
        }
        for finding in report.findings
        if finding.rule.code == NOT_CHECKED
    ]
    errors = [{"level": "error", "message": {"text": _plain(error)}} for error in report.errors]
    text = f"{count(report.files_checked, 'file')} checked, {screened(report)}. Pass a file by name to check its syntax."
    return [*unchecked, *errors, *([{"level": "note", "message": {"text": text}}] if report.only_screened else [])]


def _result(finding: Finding, index: int, fingerprint: str) -> dict[str, Any]:
    location = _location(finding.location)
    if finding.function:
        kind = "module" if finding.function == MODULE_BODY else "function"
        location["logicalLocations"] = [{"fullyQualifiedName": title(finding.function), "kind": kind}]
    text = cell_prefix(finding.location) + finding.message
    more = "\n".join((*filter(None, (finding.help,)), *_unfixable(finding)))
    result: dict[str, Any] = {
        "ruleId": finding.rule.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.rule.severity],
        "message": {"text": _plain(f"{text}\n\n{more}" if more else text)},
        "locations": [location],
        "partialFingerprints": {VERSION: fingerprint},
        # Either all results of a run have this list or none has it (section 3.27.23).
        "suppressions": [],
    }
    if finding.trace:
        steps = [{"location": _location(step.location, cell_prefix(step.location) + step.note)} for step in finding.trace]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.fix is not None and _can_be_shown(finding.fix):
        result["fixes"] = [_fix(finding.fix)]
    if finding.suppressed is not None:
        reason = {"justification": finding.suppressed.reason} if finding.suppressed.reason else {}
        result["suppressions"] = [{"kind": finding.suppressed.kind, **reason}]
    return result


def _location(location: Location, note: str = "") -> dict[str, Any]:
    """Return a SARIF location. For a notebook, cell and region are properties, because rows of a cell are not lines of the file."""
    physical: dict[str, Any] = {"artifactLocation": _artifact(location.path)}
    where: dict[str, Any] = {"physicalLocation": physical}
    if location.cell is None:
        physical["region"] = _region(location.span)
    else:
        where["properties"] = {"cell": location.cell, "region": _region(location.span)}
    return {**where, "message": {"text": _plain(note)}} if note else where


def _plain(text: str) -> str:
    """Return a message without links: viewers make one of `[text](address)`, which code may hold."""
    return text.replace("](", "] (")


def _artifact(path: str) -> dict[str, str]:
    if path.startswith("/"):
        return {"uri": f"file://{_quoted(path)}"}
    if _DRIVE.match(path):
        return {"uri": f"file:///{_quoted(path, safe='/:')}"}
    return {"uri": _quoted(path), "uriBaseId": ROOT}


def _quoted(path: str, safe: str = "/") -> str:
    """Percent-encode a path for a URI, byte for byte as in the file system, even if it is not UTF-8."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"), safe)
    except UnicodeEncodeError:  # an unpaired surrogate, which Windows allows
        return quote(path.encode("utf-8", "surrogatepass"), safe)


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.start.line,
        "startColumn": span.start.column + 1,
        "endLine": span.end.line,
        "endColumn": span.end.column + 1,
    }


def _unfixable(finding: Finding) -> Iterator[str]:
    """Yield why there is no fix, and the code that shows the remedy instead. A fix that can be applied describes itself."""
    yield from (f"{label}: {text}" for label, text in fix_advice(finding) if label == "no fix")
    yield from (f"{TAB}{line}".rstrip() for line in sketch(finding))


def _can_be_shown(fix: Fix) -> bool:
    """Whether viewers can apply a fix. They would apply a sketch, too, and rows of a cell are not lines of the file."""
    return bool(fix.edits or fix.files) and not fix.is_sketch and all(edit.cell is None for edit in fix.edits)


def _fix(fix: Fix) -> dict[str, Any]:
    """Return a SARIF fix. A new file is an insertion into an artifact that does not exist yet."""
    paths = dict.fromkeys(edit.path for edit in fix.edits)
    return {
        "description": {"text": fix.message},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(path),
                "replacements": [
                    {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}} for edit in fix.edits if edit.path == path
                ],
            }
            for path in paths
        ]
        + [
            {
                "artifactLocation": _artifact(file.path),
                "replacements": [{"deletedRegion": _region(_START), "insertedContent": {"text": file.text}}],
            }
            for file in fix.files
        ],
    }
