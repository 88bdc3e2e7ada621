"""Sketches: fixes for display only. They show the remedy in the names of the user's code where no fix can be applied."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from surfacelint.codemods.batch_sketches import repeated_sketch, single_batch_sketch
from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.handler_sketches import queue_sketch, submitting_sketch, thread_sketch
from surfacelint.codemods.refusals import Refusal
from surfacelint.codemods.sketch_source import RemedySketch, Subject
from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Applicability, Fix
from surfacelint.model.workloads import Kind, Workload
from surfacelint.visitors.constructs import Construct

Sketcher: TypeAlias = Callable[[Subject], "RemedySketch | None"]
"""Returns the sketch of a workload, or `None` if its source does not show enough."""

SKETCHERS: dict[Kind, Sketcher] = {
    "repeated": repeated_sketch,
    "pseudo-batch": repeated_sketch,
    "batch-of-one": single_batch_sketch,
    "submitted": submitting_sketch,
    "follow-up": queue_sketch,
    "started": queue_sketch,
    "scheduled": queue_sketch,
    "blocking": thread_sketch,
}
"""The sketch of each kind of workload that has one."""


def sketch_of(workload: Workload, construct: Construct, documents: Documents, refusal: Refusal) -> Fix | None:
    """Return a fix that only shows the remedy, and says why it cannot be applied. `None` if there is nothing to show."""
    document = documents.at(workload.site.path)
    sketcher = SKETCHERS.get(workload.kind)
    if sketcher is None or document is None:
        return None
    try:
        sketch = sketcher(Subject(workload, construct, documents))
    except RecursionError:  # Code that nests this deeply makes no readable sketch.
        return None
    if sketch is None:
        return None
    place, indent = _whole_lines(sketch.place, document)
    text = "\n".join(f"{indent}{line}" if line else "" for line in sketch.lines)
    return Fix(refusal.reason, (document.edit(place, text),), Applicability.DISPLAY)


def _whole_lines(span: Span, document: Document) -> tuple[Span, str]:
    """Return a span from the start of its first line on, with the blanks there, unless it begins in the middle of the line."""
    line = document.lines[span.start.line - 1]
    before = line[: span.start.column]
    return (span, "") if before.strip() else (Span(Position(span.start.line, 0), span.end), before)
