"""The `html` format: a self-contained page with all findings, their source lines and traces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from surfacelint.model.findings import Finding, Report
from surfacelint.reporters.locations import advice, excerpt, place, sketch, steps, texts
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


def html(report: Report, *, colour: bool = False) -> str:
    """Return the HTML document."""
    lines_by_text = texts(report)
    return "\n".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>surfacelint</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
            f"<h1>surfacelint</h1>\n<p>{_text(summary(report))}</p>",
            *(f'<p class="error">{_text(error)}</p>' for error in report.errors),
            *_rules(report),
            *(line for finding in report.findings for line in _article(finding, lines_by_text)),
            f"<footer><p>surfacelint {_text(report.version)}</p></footer>\n</body>\n</html>\n",
        )
    )


def _rules(report: Report) -> Iterator[str]:
    if not report.findings:
        return
    yield "<table>\n<tr><th>count</th><th>code</th><th>rule</th><th>description</th></tr>"
    for rule, number in counts(report):
        code = f'<a href="{escape(rule.url)}">{rule.code}</a>' if rule.url else rule.code
        yield f"<tr><td>{number}</td><td>{code}</td><td>{_text(rule.name)}</td><td>{_text(rule.summary)}</td></tr>"
    yield "</table>"


def _article(finding: Finding, lines_by_text: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"<article>\n<h2><code>{_text(place(finding.location))}</code> {finding.rule.code}</h2>"
    yield f"<p>{_text(finding.message)}</p>"
    source = excerpt(finding, lines_by_text)
    if source is not None:
        width = max(len(str(number)) for number, _ in source.lines)
        rows = [(number, "…" if number is None else f"{number:>{width}} | {_text(line)}") for number, line in source.with_gaps("…")]
        yield "<pre>" + "\n".join(f"<mark>{row}</mark>" if number == source.marked else row for number, row in rows) + "</pre>"
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


def _text(text: str) -> str:
    return escape(one_line(text))
