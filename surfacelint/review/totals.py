"""Sums over the rows of a review. Measured and assumed figures are never added up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal

from surfacelint.review.records import VERDICTS, Basis, ReviewedWorkload, Sum, Totals, VerdictCount


def totals(rows: Sequence[ReviewedWorkload]) -> Totals:
    """Return the totals of some rows."""
    verdicts = Counter(row.verdict for row in rows)
    by_basis: dict[Basis, list[ReviewedWorkload]] = defaultdict(list)
    for row in rows:
        if row.month is not None and row.month.cost is not None:
            by_basis[row.month.basis].append(row)
    known = sum(map(len, by_basis.values()))
    counts = tuple([VerdictCount(verdict, verdicts[verdict]) for verdict in VERDICTS if verdicts[verdict]])
    bases: tuple[Basis, ...] = ("measured", "mixed", "assumed")
    return Totals(len(rows), counts, tuple([_sum(basis, by_basis[basis]) for basis in bases if by_basis[basis]]), len(rows) - known)


def _sum(basis: Basis, rows: Sequence[ReviewedWorkload]) -> Sum:
    months = [month for row in rows if (month := row.month) is not None]
    saved = [row.savings.cost for row in rows if row.savings is not None and row.savings.cost is not None]
    cost = sum((month.cost for month in months if month.cost is not None), Decimal(0))
    seconds = [month.seconds for month in months if month.seconds is not None]
    return Sum(basis, len(rows), sum(month.calls for month in months), cost, sum(saved, Decimal(0)), sum(seconds) if seconds else None)
