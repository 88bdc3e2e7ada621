"""The `markdown` format: totals, a table of all workloads, and the reason, figures and assumptions of each."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.review import change_texts, row_texts, usage_texts
from surfacelint.review.formats.markdown_text import escaped, table
from surfacelint.review.records import VERDICTS, Review, ReviewedWorkload
from surfacelint.system.printable_text import code_span

_TITLES = ("place", "owners", "model", "repeats", "a user waits", "independent", "volume", "today", "verdict", "saves")
_USAGE_TITLES = ("usage", "cost", "share", "requests", "share", "reason")


def markdown(review: Review) -> str:
    """Return the page."""
    parts = [f"# {escaped(row_texts.title(review))}, {review.date}\n\n"]
    parts += [f"- {escaped(text)}\n" for text in (*row_texts.summary(review), *usage_texts.summary(review))]
    several = len(review.repositories) > 1
    rows = sorted(review.workloads, key=lambda row: VERDICTS.index(row.verdict))
    parts += _changes(review)
    if rows:
        parts.append(f"\n{table(_TITLES, [_cells(row, review.currency, with_repository=several) for row in rows])}\n")
        parts.append("\n## Reasons and figures\n\n")
        parts += [_details(row, review.currency, with_repository=several) for row in rows]
    parts += _unjoined(review)
    if review.not_checked:
        parts.append("\n## Not checked\n\n")
        parts += [f"- {escaped(row_texts.problem(each, with_repository=several))}\n" for each in review.not_checked]
    return "".join(parts)


def _unjoined(review: Review) -> Iterator[str]:
    """Yield the section on measured usage that could not be joined with a workload."""
    unjoined = [each for usage in review.usage for each in usage.unjoined]
    if unjoined:
        yield "\n## Usage that could not be joined\n\n"
        rows = [
            (usage_texts.title(each), *usage_texts.amounts(each, review.currency), usage_texts.reason(each, review)) for each in unjoined
        ]
        yield table(_USAGE_TITLES, [tuple(map(escaped, cells)) for cells in rows]) + "\n"


def _changes(review: Review) -> Iterator[str]:
    """Yield the section on what has changed since an earlier review."""
    if review.comparison is None:
        return
    yield f"\n## Changes\n\n{escaped(change_texts.heading(review.comparison))}\n"
    found = change_texts.rows(review, review.comparison.changes)
    if found:
        yield f"\n{table(change_texts.TITLES, [tuple(map(escaped, cells)) for cells in found])}\n"


def _cells(row: ReviewedWorkload, currency: str, *, with_repository: bool) -> tuple[str, ...]:
    return (
        code_span(row_texts.place(row, with_repository=with_repository)),
        escaped(", ".join(row.owners)),
        escaped(row_texts.models(row)),
        escaped(row.repetition.text),
        escaped(row_texts.waits(row)),
        escaped(row_texts.independence(row)),
        escaped(row_texts.volume(row)),
        row.surface,
        row.verdict,
        escaped(row_texts.savings(row, currency)),
    )


def _details(row: ReviewedWorkload, currency: str, *, with_repository: bool) -> str:
    place = code_span(row_texts.place(row, with_repository=with_repository))
    lines = [f"- {place} {code_span(row.call)} in {code_span(row.function)}, **{row.verdict}**: {escaped(row.reason)}"]
    lines += [f"  - {escaped(text)}" for text in _figures(row, currency)]
    return "\n".join(lines) + "\n"


def _figures(row: ReviewedWorkload, currency: str) -> Iterator[str]:
    for title, text in row_texts.figures(row, currency):
        yield f"{title}: {text}"
    if basis := row_texts.basis(row):
        yield basis
