"""Reviews without workloads."""

from __future__ import annotations

from collections.abc import Sequence

from surfacelint.review.prices import PriceList
from surfacelint.review.records import SCHEMA_VERSION, Problem, Review
from surfacelint.review.reviewing import generator, today
from surfacelint.review.totals import totals


def blank_review(names: Sequence[str], prices: PriceList, problems: Sequence[Problem] = ()) -> Review:
    """Return the review of repositories in which nothing was found, or which could not be checked."""
    return Review(
        schema_version=SCHEMA_VERSION,
        generator=generator(),
        date=today().isoformat(),
        repositories=tuple(names),
        currency=prices.currency,
        prices=prices.source,
        workloads=(),
        totals=totals(()),
        assumptions=(),
        not_checked=tuple(problems),
    )
