"""The `html` format: a self-contained page with all findings, their source lines and traces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from surfacelint.model.findings import Finding, Report, RuleInfo
from surfacelint.reporters.locations import Excerpt, advice, excerpt, place, sketch, steps, texts
from surfacelint.reporters.totals import counts, summary
from surfacelint.system.printable_text import one_line

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
article { border-top: 1px solid #8886; padding: 1rem 0; }
article > h2 { font-size: 1rem; margin: 0; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.875rem; }
pre { overflow-x: auto; padding: 0.5rem; background: #8881; }
mark { background: #fd86; color: inherit; }
td, th { text-align: left; padding: 0 1rem 0 0; }
.error { color: #c22; }
"""


def html(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """Return the HTML document."""
    lines_by_text = texts(report)
    return "\n".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>surfacelint</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
            f"<h1>surfacelint</h1>\n<p>{_text(summary(report))}</p>\n<p>{_text(_made(report))}</p>",
            *(f'<p class="error">{_text(error)}</p>' for error in report.errors),
            *_rules(report),
            *(line for finding in report.findings for line in _article(finding, lines_by_text)),
            f"<footer><p>surfacelint {_text(report.version)}</p></footer>\n</body>\n</html>\n",
        )
    )


def _rules(report: Report) -> Iterator[str]:
    if not report.findings:
        return
    yield "<table>\n<tr><th>count</th><th>code</th><th>severity</th><th>rule</th><th>description</th></tr>"
    for rule, number in counts(report):
        severity, name, what = _text(rule.severity.value), _text(rule.name), _text(rule.summary)
        yield f"<tr><td>{number}</td><td>{_linked(rule)}</td><td>{severity}</td><td>{name}</td><td>{what}</td></tr>"
    yield "</table>"


def _article(finding: Finding, lines_by_text: Mapping[str, Sequence[str]]) -> Iterator[str]:
    rule = finding.rule
    yield f"<article>\n<h2><code>{_text(place(finding.location))}</code> {rule.code}</h2>"
    yield f"<p>{_text(finding.message)}</p>"
    yield f"<p>{_linked(rule)} {_text(rule.name)} ({rule.severity.value})</p>"
    source = excerpt(finding, lines_by_text)
    if source is not None:
        width = max(len(str(number)) for number, _ in source.lines)
        rows = ("…" if number is None else f"{number:>{width}} | {_row(number, line, source)}" for number, line in source.with_gaps("…"))
        yield "<pre>" + "\n".join(rows) + "</pre>"
    if steps(finding):
        yield "<ol>"
        for step in steps(finding):
            yield f"<li><code>{_text(place(step.location))}</code> {_text(step.note)}</li>"
        yield "</ol>"
    for label, text in advice(finding):
        yield f"<p>{label}: {_text(text)}</p>"
    if sketch(finding):
        yield "<pre>" + "\n".join(map(escape, sketch(finding))) + "</pre>"
    yield "</article>"


def _made(report: Report) -> str:
    """Say when and by which version the report was made."""
    return f"Made on {report.date} by surfacelint {report.version}." if report.date else f"Made by surfacelint {report.version}."


def _linked(rule: RuleInfo) -> str:
    return f'<a href="{escape(rule.url)}">{rule.code}</a>' if rule.url else rule.code


def _row(number: int, line: str, source: Excerpt) -> str:
    """Return a line of source, with the call marked."""
    if number != source.marked:
        return _text(line)
    start, end = source.span
    return f"{_text(line[:start])}<mark>{_text(line[start:end])}</mark>{_text(line[end:])}"


def _text(text: str) -> str:
    return escape(one_line(text))
