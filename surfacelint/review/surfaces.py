"""The surface of a workload today, and the surfaces that its provider offers for the same requests."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from surfacelint.catalogue.index import Catalogue
from surfacelint.model.finding_messages import batch_api
from surfacelint.model.workloads import Workload
from surfacelint.review.prices import Prices
from surfacelint.review.records import Offer, Surface

FLEX: Surface = "flex"
"""The surface of slower, cheaper tiers, whatever their provider calls them."""


def is_single(workload: Workload) -> bool:
    """Whether a repetition is known to run once, as a call named batch with a list of one input does."""
    return workload.repetition is not None and workload.volume.bound == 1


def surface_today(workload: Workload) -> Surface:
    """Return the surface that a workload uses."""
    surface = workload.endpoint.surface
    if surface == "local" or workload.provider.role == "local" or "local" in _traits(workload):
        return "local"
    if (workload.kind == "pseudo-batch" or surface == "pseudo-batch") and not is_single(workload):
        return "pseudo-batch"
    if surface.startswith("batch") or workload.provider.role == "batch-helper":
        return "batch"
    return "flex" if workload.tier == FLEX else "realtime"


def _traits(workload: Workload) -> tuple[str, ...]:
    return workload.routes[0].traits if workload.routes else ()


def offers(workload: Workload, today: Surface, catalogue: Catalogue, prices: Prices) -> tuple[Offer, ...]:
    """Return the surfaces that the requests of a workload can use, the present one first, with their share of the realtime price.

    Providers offer slower tiers for some models only: those with a price for it, if the model is known.
    """
    if today == "local":
        return (Offer("local", workload.provider.title),)
    found = [
        each for each in _offers(workload, today, catalogue) if each.surface == today or each.surface != FLEX or _has_flex(workload, prices)
    ]
    return tuple(sorted(found, key=lambda each: each.surface != ("realtime" if today == "pseudo-batch" else today)))


def _offers(workload: Workload, today: Surface, catalogue: Catalogue) -> Iterator[Offer]:
    yield Offer("realtime", workload.provider.title, Decimal(1))
    for tier in () if workload.alternatives else catalogue.tiers(workload.provider.name):
        if tier.speed == "slower" and tier.discount is not None:
            yield Offer("flex", f'{tier.keyword}="{tier.value}"', _ratio(tier.discount))
            break
    api = workload.provider.batch if today == "batch" else batch_api(workload)
    if api is not None:
        ratio = None if api.discount is None else _ratio(api.discount)
        yield Offer("batch", api.title, ratio, api.window_hours)


def _has_flex(workload: Workload, prices: Prices) -> bool:
    provider = workload.provider.name
    return all(prices.of(provider, model, "flex") or not prices.of(provider, model, "realtime") for model in workload.models)


def _ratio(discount: float) -> Decimal:
    return 1 - Decimal(str(discount))
