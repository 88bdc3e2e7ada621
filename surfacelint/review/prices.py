"""Prices of models per million tokens on each surface: from the package genai-prices if it is installed, or the extract that is shipped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from surfacelint.review.records import Surface
from surfacelint.system.records import record

if TYPE_CHECKING:
    from genai_prices import Usage

LIST = Path(__file__).with_name("prices.json")
"""The extract. `scripts/write_prices.py` writes it."""

_CONTEXTS: dict[Surface, dict[str, str]] = {"realtime": {}, "batch": {"processing": "batch"}, "flex": {"service_tier": "flex"}}
"""What selects the prices of a surface in the package."""

_SAMPLE = 1_000
"""Tokens of which the package is asked the price: few, because it knows higher prices above a number of tokens."""


@record(frozen=True, slots=True)
class Price:
    """Prices of a million input tokens and of a million output tokens."""

    input: Decimal
    output: Decimal


Lookup = Callable[[str, str, Surface], Price | None]
"""Returns the price of a model of a price list, by the name of the list, on a surface; `None` if there is none."""


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
class PriceList:
    """A price list with the names that the catalogue uses for providers. `lists` is the part of the extract that maps these names."""

    source: str
    currency: str
    lists: dict[str, Any]
    lookup: Lookup
    known: dict[tuple[str, str, Surface], Price | None] = field(default_factory=dict)

    def of(self, provider: str, model: str, surface: Surface) -> Price | None:
        """Return the prices of a model on a surface, `None` if they are unknown."""
        key = (provider, model, surface)
        if key not in self.known:
            found = (self.lookup(name, called, surface) for name, called in self._named(provider, model))
            self.known[key] = next((price for price in found if price is not None), None)
        return self.known[key]

    def _named(self, provider: str, model: str) -> Iterator[tuple[str, str]]:
        """Yield the price lists in which a model may be, each with its name there."""
        if provider in self.lists["names"]:
            yield self.lists["names"][provider], model
        prefix, slash, rest = model.partition("/")
        prefixes = self.lists["prefixes"].get(provider, {})
        if slash and prefix in prefixes:
            yield prefixes[prefix], rest
        if not slash:
            yield from ((name, model) for name in self.lists["unprefixed"].get(provider, ()))


def price_list() -> PriceList:
    """Return the prices of the package genai-prices if it is installed, otherwise those of the extract."""
    shipped = _shipped()
    installed = _installed()
    if installed is not None:
        source, lookup = installed
        return PriceList(source, "USD", shipped, lookup)
    return shipped_prices()


def shipped_prices() -> PriceList:
    """Return the prices of the extract."""
    shipped = _shipped()
    source = f"{shipped['source']} {shipped['version']}, extract of {shipped['date']}"
    return PriceList(source, shipped["currency"], shipped, partial(_in_extract, shipped))


@cache
def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(LIST.read_text(encoding="utf-8"))
    return found


def _in_extract(shipped: dict[str, Any], name: str, model: str, surface: Surface) -> Price | None:
    for place, each in enumerate((name, *shipped["fallbacks"].get(name, ()))):
        for row in shipped["models"].get(each, ()):
            if _matches(row["match"], model.lower()):
                # A provider that offers the models of another one need not have its discounts.
                prices = row["prices"].get(surface) if not place or surface == "realtime" else None
                return None if prices is None else Price(Decimal(prices[0]), Decimal(prices[1]))
    return None


def _matches(clause: Sequence[Any], name: str) -> bool:
    """Whether a clause of the extract matches the name of a model, in lower case."""
    kind, *parts = clause
    match kind:
        case "or":
            return any(_matches(part, name) for part in parts)
        case "and":
            return all(_matches(part, name) for part in parts)
        case "regex":
            return re.search(parts[0], name) is not None
        case _:
            text = str(parts[0]).lower()
            return {"equals": name == text, "starts": name.startswith(text), "ends": name.endswith(text), "contains": text in name}[
                str(kind)
            ]


def _installed() -> tuple[str, Lookup] | None:
    """Return the source and the prices of the installed package, `None` if it is not installed or does not work."""
    try:
        import genai_prices
    except Exception:
        return None

    def lookup(name: str, model: str, surface: Surface) -> Price | None:
        if surface not in _CONTEXTS:
            return None
        sample = genai_prices.Usage(input_tokens=_SAMPLE, output_tokens=_SAMPLE)
        standard = _calculated(sample, model, name, {})
        if not _CONTEXTS[surface]:
            return standard
        found = _calculated(sample, model, name, _CONTEXTS[surface])
        return None if found == standard else found  # the package answers with the standard price where it knows no other

    return f"genai-prices {genai_prices.__version__}, installed", lookup


def _calculated(sample: Usage, model: str, name: str, context: dict[str, str]) -> Price | None:
    from genai_prices import calc_price

    try:
        found = calc_price(sample, model, provider_id=name, price_context=context)
    except Exception:
        return None
    factor = Decimal(1_000_000) / _SAMPLE
    return Price(found.input_price * factor, found.output_price * factor) if found.input_price else None
