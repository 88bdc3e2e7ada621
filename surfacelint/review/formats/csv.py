"""The `csv` format: one line per workload and per part of measured usage that could not be joined, for spreadsheets.

No cell can be taken for a formula.
"""

from __future__ import annotations

import csv as writers
import io
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TypeAlias

from surfacelint.review import row_texts, usage_texts
from surfacelint.review.records import Figure, Offer, Review, ReviewedWorkload, Surface, UnjoinedUsage
from surfacelint.system.printable_text import one_line

_Number: TypeAlias = float | Decimal | None

_TEXTS: tuple[tuple[str, Callable[[ReviewedWorkload], str]], ...] = (
    ("repository", lambda row: row.repository),
    ("id", lambda row: row.id),
    ("path", lambda row: row.place.path),
    ("cell", lambda row: "" if row.place.cell is None else str(row.place.cell)),
    ("row", lambda row: str(row.place.row)),
    ("function", lambda row: row.function),
    ("call", lambda row: row.call),
    ("owners", lambda row: " ".join(row.owners)),
    ("provider", lambda row: row.provider),
    ("endpoint", lambda row: row.endpoint),
    ("models", lambda row: " ".join(row.models)),
    ("repeats", lambda row: row.repetition.kind),
    ("repetition", lambda row: row.repetition.text),
    ("waiting", lambda row: row.waiting.answer),
    ("entry_point", lambda row: row.waiting.entry),
    ("independence", lambda row: row.independence.answer),
    ("carrier", lambda row: row.independence.carrier),
    ("surface", lambda row: row.surface),
    ("verdict", lambda row: row.verdict),
    ("reason", lambda row: row.reason),
    ("rules", lambda row: " ".join(row.rules)),
    ("reviewed", lambda row: row.reviewed),
    ("volume", lambda row: row.volume.kind),
    ("volume_source", lambda row: row.volume.source),
    ("assumptions", row_texts.basis),
    ("basis_per_month", lambda row: "" if row.month is None else row.month.basis),
)


def _figure(row: ReviewedWorkload, surface: Surface, name: str) -> Figure | None:
    offer = _offer(row, surface)
    found: Figure | None = None if offer is None else getattr(offer, name)
    return found


def _offer(row: ReviewedWorkload, surface: Surface) -> Offer | None:
    return next((each for each in row.offers if each.surface == surface), None)


def _ratio(row: ReviewedWorkload, surface: Surface) -> _Number:
    offer = _offer(row, surface)
    return None if offer is None else offer.price_ratio


def _cost(row: ReviewedWorkload, surface: Surface, name: str) -> _Number:
    figure = _figure(row, surface, name)
    return None if figure is None else figure.cost


def _seconds(row: ReviewedWorkload, surface: Surface, name: str) -> _Number:
    figure = _figure(row, surface, name)
    return None if figure is None else figure.seconds


def _numbers() -> list[tuple[str, Callable[[ReviewedWorkload], _Number]]]:
    """Return the titles and values of the columns with numbers."""
    found: list[tuple[str, Callable[[ReviewedWorkload], _Number]]] = [
        ("calls_per_run", lambda row: row.volume.calls_per_run),
        ("runs_per_month", lambda row: row.volume.runs_per_month),
        ("calls_per_month", lambda row: row.volume.calls_per_month),
        ("savings", lambda row: None if row.savings is None else row.savings.cost),
        ("savings_calls", lambda row: None if row.savings is None else row.savings.calls),
    ]
    surfaces: tuple[Surface, ...] = ("realtime", "flex", "batch")
    for surface in surfaces:
        found.append((f"{surface}_price_ratio", partial(_ratio, surface=surface)))
        for name, per in (("month", "per_month"), ("run", "per_run"), ("rate", "per_1000_calls")):
            found.append((f"{surface}_cost_{per}", partial(_cost, surface=surface, name=name)))
            found.append((f"{surface}_seconds_{per}", partial(_seconds, surface=surface, name=name)))
    return found


_MEASURED = ("measured_requests", "measured_cost", "share_of_measured_requests", "share_of_measured_cost")
"""Titles of the columns with measured usage over the period of the usage exports."""


def csv(review: Review) -> str:
    """Return a line of titles, one for each workload, and one without an id for each part of usage that could not be joined.

    Amounts of money are in the currency of the column `currency`.
    """
    text = io.StringIO()
    titles = [*(title for title, _ in _TEXTS), *(title for title, _ in _numbers()), *_MEASURED, "currency", "prices"]
    writer = writers.DictWriter(text, titles, restval="", lineterminator="\r\n")
    writer.writeheader()
    about = {"currency": _safe(review.currency), "prices": _safe(review.prices)}
    joined = {(usage.repository, each.workload): (usage, each) for usage in review.usage for each in usage.joined}
    for row in review.workloads:
        cells = {title: _safe(value(row)) for title, value in _TEXTS} | {title: _written(value(row)) for title, value in _numbers()}
        if (row.repository, row.id) in joined:
            usage, each = joined[row.repository, row.id]
            shares = (_share(each.requests, usage.requests), _share(each.cost, usage.cost))
            cells |= _measured((each.requests, each.cost, *shares))
        writer.writerow(cells | about)
    for usage in review.usage:
        for rest in usage.unjoined:
            writer.writerow(_unjoined(usage.repository, rest, review) | about)
    return text.getvalue()


def _unjoined(repository: str, rest: UnjoinedUsage, review: Review) -> dict[str, str]:
    """Return the cells for usage that could not be joined. It has no id, place or verdict."""
    texts = {
        "repository": repository,
        "provider": rest.provider,
        "endpoint": rest.endpoint,
        "models": rest.model,
        "surface": rest.surface,
        "reason": usage_texts.reason(rest, review),
        "volume": "measured",
    }
    numbers = (rest.requests, rest.cost, rest.share_of_requests, rest.share_of_cost)
    return {title: _safe(value) for title, value in texts.items()} | _measured(numbers)


def _measured(numbers: tuple[_Number, ...]) -> dict[str, str]:
    return {title: _written(value) for title, value in zip(_MEASURED, numbers, strict=True)}


def _share(part: int | Decimal | None, whole: int | Decimal | None) -> float | None:
    return None if part is None or not whole else float(part / whole)


def _safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: after the signs that begin one, with an apostrophe before it."""
    line = one_line(text)
    return f"'{line}" if line.lstrip(" \t\"'")[:1] in tuple("=+-@") or text[:1] in ("\t", "\r", "\n") else line


def _written(value: _Number) -> str:
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else f"{value:.10g}"
