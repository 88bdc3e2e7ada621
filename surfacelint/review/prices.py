"""Prices of models per million tokens, on each surface."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from surfacelint.review.records import Surface
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class Price:
    """Prices of a million input tokens and of a million output tokens."""

    input: Decimal
    output: Decimal


class Prices(Protocol):
    """A price list."""

    @property
    def source(self) -> str:
        """Name and date of the list."""
        ...

    @property
    def currency(self) -> str:
        """Code of the currency, such as `USD`."""
        ...

    def of(self, provider: str, model: str, surface: Surface) -> Price | None:
        """Return the prices of a model on a surface, `None` if they are unknown."""
        ...


@record(frozen=True, slots=True)
class NoPrices:
    """A price list without prices."""

    source: str = "no price list"
    currency: str = "USD"

    def of(self, provider: str, model: str, surface: Surface) -> Price | None:
        """Return `None`."""
        return None
