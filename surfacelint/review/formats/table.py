"""The `table` format: a table for terminals of 100 columns, by verdict, with the reason and the figures below each row."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from surfacelint.review import change_texts, row_texts, usage_texts
from surfacelint.review.amounts import number
from surfacelint.review.records import VERDICTS, Review, ReviewedWorkload
from surfacelint.system.printable_text import one_line

WIDTH = 100
"""Columns of the terminal."""

_COLUMNS = (("where", 29), ("function", 14), ("model", 14), ("repeats", 13), ("waits", 7), ("calls/month", 11))
"""Titles and widths of columns. Two spaces are between them."""

_USAGE_COLUMNS = (("usage", 56), ("cost", 11), ("share", 6), ("requests", 11), ("share", 6))

_MOST_USAGE = 20
"""Most rows of usage that could not be joined. The other formats have all of them."""

_INDENT = "    "


def table(review: Review) -> str:
    """Return the table, followed by totals and what could not be checked."""
    lines: list[str] = []
    several = len(review.repositories) > 1
    for verdict in VERDICTS:
        rows = [row for row in review.workloads if row.verdict == verdict]
        if rows:
            lines += [f"{verdict} ({len(rows)})", _line(title for title, _ in _COLUMNS)]
            for row in rows:
                lines += _row(row, review.currency, with_repository=several)
            lines.append("")
    lines += [*_unjoined(review), *_changes(review)]
    for text in (*row_texts.summary(review), *usage_texts.summary(review)):
        lines += _wrapped(text, "")
    for each in review.not_checked:
        lines += _wrapped(f"Not checked: {row_texts.problem(each, with_repository=several)}", "")
    return "".join(f"{line}\n" for line in lines)


def _row(row: ReviewedWorkload, currency: str, *, with_repository: bool) -> Iterator[str]:
    calls = number(row.volume.calls_per_month)
    yield _line((row_texts.place(row), row.function, row_texts.models(row), row.repetition.kind, row.waiting.answer, calls))
    yield from _wrapped(f"{row.repository}: {row.reason}" if with_repository else row.reason)
    if row.verdict == "right surface":
        return
    for title, text in row_texts.figures(row, currency):
        yield from _wrapped(f"{title}: {text}")
    if basis := row_texts.basis(row):
        yield from _wrapped(f"({basis})")
    owners = f"owners: {', '.join(row.owners)}; " if row.owners else ""
    yield from _wrapped(f"{owners}volume: {row_texts.volume(row)}; id {row.id}")


def _unjoined(review: Review) -> Iterator[str]:
    """Yield the section on measured usage that could not be joined with a workload."""
    unjoined = [each for usage in review.usage for each in usage.unjoined]
    if not unjoined:
        return
    yield f"usage that could not be joined ({len(unjoined)})"
    yield _line((title for title, _ in _USAGE_COLUMNS), _USAGE_COLUMNS)
    for each in unjoined[:_MOST_USAGE]:
        yield _line((_cut(usage_texts.title(each), _USAGE_COLUMNS[0][1]), *usage_texts.amounts(each, review.currency)), _USAGE_COLUMNS)
        yield from _wrapped(usage_texts.reason(each, review))
    if len(unjoined) > _MOST_USAGE:
        yield f"{_INDENT}… {len(unjoined) - _MOST_USAGE} more in the formats markdown, csv and json"
    yield ""


def _changes(review: Review) -> Iterator[str]:
    """Yield the section on what has changed since an earlier review."""
    if review.comparison is None:
        return
    yield from _wrapped(change_texts.heading(review.comparison), "")
    for kind, where, function, before, now, cost in change_texts.rows(review, review.comparison.changes):
        told = " → ".join(text for text in (before, now) if text)
        yield from _wrapped(f"{kind}: {where} {function}: {told}{f', {cost} a month' if cost else ''}")
    yield ""


def _line(cells: Iterable[str], columns: Sequence[tuple[str, int]] = _COLUMNS) -> str:
    """Return cells as a line of a table. Of a long cell in the first column, the beginning is cut, and of others the end."""
    parts = []
    for number_, (cell, (_, width)) in enumerate(zip(cells, columns, strict=True)):
        text = one_line(cell)
        if len(text) > width:
            text = f"…{text[1 - width :]}" if not number_ else _cut(text, width)
        parts.append(text.ljust(width))
    return "  ".join(parts).rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _wrapped(text: str, indent: str = _INDENT) -> list[str]:
    return textwrap.wrap(one_line(text), WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
