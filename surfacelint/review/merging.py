"""Merges the reviews of several repositories into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from surfacelint.review.json_document import to_text
from surfacelint.review.records import Review
from surfacelint.review.totals import totals
from surfacelint.system.safe_reading import InputError


def merged(reviews: Sequence[Review]) -> Review:
    """Return one review of all repositories of some reviews, at least one.

    Of several reviews of one repository, the newest counts, whatever their order, so that merging a result again changes nothing.
    Comparisons are left out. Raises InputError if the currencies differ.
    """
    currencies = sorted({each.currency for each in reviews if each.workloads})
    if len(currencies) > 1:
        raise InputError(f"the reviews have amounts in {' and '.join(currencies)}, which cannot be added up")
    newest: dict[str, Review] = {}
    # Of two reviews of one day, the text decides: any order will do, as long as it is always the same.
    for review in sorted(reviews, key=lambda each: (each.date, to_text(each))):
        newest.update(dict.fromkeys(review.repositories, review))
    names = tuple(sorted(newest))
    parts = [(name, newest[name]) for name in names]
    rows = tuple([row for name, part in parts for row in part.workloads if row.repository == name])
    last = max(reviews, key=lambda each: (each.date, each.generator))
    return replace(
        last,
        repositories=names,
        currency=currencies[0] if currencies else last.currency,
        prices="; ".join(sorted({text for _, part in parts for text in part.prices.split("; ")})),
        workloads=rows,
        totals=totals(rows),
        assumptions=tuple(dict.fromkeys(each for _, part in parts for each in part.assumptions)),
        not_checked=tuple(dict.fromkeys(each for name, part in parts for each in part.not_checked if each.repository in ("", name))),
        usage=tuple([usage for name, part in parts for usage in part.usage if usage.repository == name]),
        comparison=None,
    )
