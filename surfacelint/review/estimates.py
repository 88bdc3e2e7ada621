"""Napkin math: cost and wall-clock time of a workload on each surface, from numbers of which each has a named source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from surfacelint.review.prices import Price, Prices
from surfacelint.review.records import Assumption, Basis, Figure, Offer, ReviewedWorkload, Surface, Volume
from surfacelint.system.records import record

RATE = 1_000.0
"""Calls of a rate, which is what remains where the volume is unknown."""

MILLION = Decimal(1_000_000)

_BY_TOKENS = frozenset({"chat", "responses", "completion", "embedding", "classify", "decision", "session"})
"""Operations whose price depends on tokens only."""

_TARGETS: dict[str, tuple[Surface, ...]] = {
    "move to batch": ("batch",),
    "move to flex": ("flex",),
    "queue the follow-up": ("batch", "flex"),
    "make realtime": ("realtime",),
}
"""The surfaces to which a verdict moves a workload, the preferred one first."""


@record(frozen=True, slots=True)
class Basics:
    """What figures rest on: the volume, the assumptions by name, and the measured cost of a month, if there is one."""

    volume: Volume
    assumptions: tuple[Assumption, ...]
    measured_cost: Decimal | None = None

    def number(self, name: str) -> float | None:
        """Return an assumed or measured number, `None` if there is none."""
        return next((each.value for each in self.assumptions if each.name == name), None)

    def basis(self, names: Iterable[str], *, counted: bool) -> Basis:
        """Return what a figure rests on: the assumptions with these names and, if `counted`, the volume."""
        wanted = frozenset(names)
        found: set[Basis] = {each.basis for each in self.assumptions if each.name in wanted}
        if counted:
            found.add("measured" if self.volume.kind == "measured" else "assumed")
        return found.pop() if len(found) == 1 else "mixed" if found else "assumed"


def estimated(row: ReviewedWorkload, basics: Basics, prices: Prices) -> ReviewedWorkload:
    """Return a row with its volume, the figures of each offer, and what its verdict saves."""
    offers = tuple([_estimated_offer(row, each, basics, prices) for each in row.offers])
    if basics.measured_cost is not None:
        offers = tuple(_scaled(offers, basics.measured_cost))
    found = replace(row, volume=basics.volume, assumptions=basics.assumptions, offers=offers)
    return replace(found, savings=savings(found))


def savings(row: ReviewedWorkload) -> Figure | None:
    """Return what the verdict saves per month, or per 1,000 calls if the volume is unknown; `None` where it saves no money."""
    today = row.offers[0] if row.offers else None
    target = next((each for surface in _TARGETS.get(row.verdict, ()) for each in row.offers if each.surface == surface), None)
    if today is None or target is None or target is today:
        return None
    for mine, theirs in ((today.month, target.month), (today.rate, target.rate)):
        if mine is not None and theirs is not None and mine.cost is not None and theirs.cost is not None:
            return Figure(mine.calls, mine.cost - theirs.cost, None, mine.basis)
    return None


def _estimated_offer(row: ReviewedWorkload, offer: Offer, basics: Basics, prices: Prices) -> Offer:
    price, source = _price(row, offer, prices)
    priced = replace(
        offer, input_price=None if price is None else price.input, output_price=None if price is None else price.output, price_source=source
    )
    volume = basics.volume
    counts = (RATE, volume.calls_per_run, volume.calls_per_month)
    rate, run, month = (
        None if calls is None else _figure(row, priced, calls, basics, counted=place > 0, monthly=place == 2)
        for place, calls in enumerate(counts)
    )
    return replace(priced, rate=rate, run=run, month=month)


def _price(row: ReviewedWorkload, offer: Offer, prices: Prices) -> tuple[Price | None, str]:
    """Return the price of the requests on a surface and its source. Without one, the discount of the provider counts."""
    if len(row.models) != 1 or row.other_providers or row.operation not in _BY_TOKENS or offer.surface in ("local", "pseudo-batch"):
        return None, ""
    own = prices.of(row.provider, row.models[0], offer.surface)
    if own is not None:
        return own, prices.source
    full = prices.of(row.provider, row.models[0], "realtime")
    if full is None or offer.price_ratio is None:
        return None, ""
    ratio = offer.price_ratio
    return Price(full.input * ratio, full.output * ratio), f"{prices.source}, times {ratio} as the provider documents"


def _figure(row: ReviewedWorkload, offer: Offer, calls: float, basics: Basics, *, counted: bool, monthly: bool) -> Figure:
    cost, given, made = None, basics.number("input_tokens"), basics.number("output_tokens")
    if offer.input_price is not None and offer.output_price is not None and given is not None and made is not None:
        tokens = _decimal(given) * offer.input_price + _decimal(made) * offer.output_price
        cost = _decimal(calls) * tokens / MILLION
    return Figure(
        calls, cost, _seconds(row, offer, calls, basics, monthly), basics.basis(("input_tokens", "output_tokens"), counted=counted)
    )


def _seconds(row: ReviewedWorkload, offer: Offer, calls: float, basics: Basics, monthly: bool) -> float | None:
    """Return the wall-clock time of some calls. It is unknown where calls overlap, and for tiers without a promised time."""
    if offer.surface == "batch":
        return None if monthly or offer.window_hours is None else offer.window_hours * 3600
    each = basics.number("seconds_per_call")
    if offer.surface == "flex" or each is None or row.repetition.concurrent:
        return None
    return calls * each


def _scaled(offers: Iterable[Offer], measured: Decimal) -> Iterable[Offer]:
    """Yield offers whose months rest on the measured cost of a month on the first one, and on how their prices compare."""
    known = list(offers)
    today = _share(known[0])
    for offer in known:
        share = _share(offer)
        if offer.month is not None and share is not None and today:
            month = replace(offer.month, cost=measured * share / today, basis="measured")
            yield replace(offer, month=month)
        else:
            yield offer


def _share(offer: Offer) -> Decimal | None:
    return offer.input_price if offer.input_price is not None and offer.price_ratio is None else offer.price_ratio


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))
