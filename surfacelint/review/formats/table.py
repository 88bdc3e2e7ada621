"""The `table` format: a table for terminals of 100 columns, by verdict, with the reason and the figures below each row."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from surfacelint.review import row_texts
from surfacelint.review.amounts import number
from surfacelint.review.records import VERDICTS, Review, ReviewedWorkload
from surfacelint.system.printable_text import one_line

WIDTH = 100
"""Columns of the terminal."""

_COLUMNS = (("where", 29), ("function", 14), ("model", 14), ("repeats", 13), ("waits", 7), ("calls/month", 11))
"""Titles and widths of columns. Two spaces are between them."""

_INDENT = "    "


def table(review: Review) -> str:
    """Return the table, followed by totals and what could not be checked."""
    lines: list[str] = []
    for verdict in VERDICTS:
        rows = [row for row in review.workloads if row.verdict == verdict]
        if rows:
            lines += [f"{verdict} ({len(rows)})", _line(title for title, _ in _COLUMNS)]
            for row in rows:
                lines += _row(row, review.currency)
            lines.append("")
    for text in row_texts.summary(review):
        lines += _wrapped(text, "")
    lines += [line for each in review.not_checked for line in _wrapped(f"Not checked: {row_texts.problem(each)}", "")]
    return "".join(f"{line}\n" for line in lines)


def _row(row: ReviewedWorkload, currency: str) -> Iterator[str]:
    calls = number(row.volume.calls_per_month)
    yield _line((row_texts.place(row), row.function, row_texts.models(row), row.repetition.kind, row.waiting.answer, calls))
    yield from _wrapped(row.reason)
    if row.verdict == "right surface":
        return
    for title, text in row_texts.figures(row, currency):
        yield from _wrapped(f"{title}: {text}")
    if basis := row_texts.basis(row):
        yield from _wrapped(f"({basis})")
    owners = f"owners: {', '.join(row.owners)}; " if row.owners else ""
    yield from _wrapped(f"{owners}volume: {row_texts.volume(row)}; id {row.id}")


def _line(cells: Iterable[str]) -> str:
    """Return cells as a line of the table. Of a long location, the beginning is cut, and of other long cells the end."""
    parts = []
    for number_, (cell, (_, width)) in enumerate(zip(cells, _COLUMNS, strict=True)):
        text = one_line(cell)
        if len(text) > width:
            text = f"…{text[1 - width :]}" if not number_ else f"{text[: width - 1]}…"
        parts.append(text.ljust(width))
    return "  ".join(parts).rstrip()


def _wrapped(text: str, indent: str = _INDENT) -> list[str]:
    return textwrap.wrap(one_line(text), WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
