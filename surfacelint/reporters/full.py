"""The `full` format: each finding with its source lines, trace and help, similar to ruff."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.model.findings import Finding, Report
from surfacelint.reporters.locations import Excerpt, about_rule, details, excerpt, headline, texts
from surfacelint.reporters.styles import Styles, styles

GAP = "..."
"""Shown in a code frame in place of lines that are left out."""


def full(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """Return one paragraph per finding."""
    look = styles(colour, links)
    lines_by_text = texts(report)
    return "".join("\n".join((*_paragraph(finding, excerpt(finding, lines_by_text), look), "\n")) for finding in report.findings)


def _paragraph(finding: Finding, source: Excerpt | None, look: Styles) -> Iterator[str]:
    yield headline(finding, look)
    if source is not None:
        yield from _source(source, look)
    yield from details(finding, look)
    if finding.rule.url:
        yield f"{look.label('rule:')} {about_rule(finding)}"


def _source(source: Excerpt, look: Styles) -> Iterator[str]:
    width = max(len(str(number)) for number, _ in source.lines)
    edge = look.gutter(f"{'':{width}} |")
    yield edge
    for number, line in source.with_gaps(GAP):
        yield look.gutter(line) if number is None else f"{look.gutter(f'{number:>{width}} |')} {line}".rstrip()
        if number == source.marked:
            yield f"{edge} {'':{source.indent}}{look.mark('^' * source.width)}"
    yield edge
