"""What workloads are made from: the effects, what answers questions about them, and the shape that all workloads share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from surfacelint.catalogue.catalogue import Catalogue
from surfacelint.facts.expressions import Span
from surfacelint.findings import Location, TraceStep
from surfacelint.judgement.concurrency import Concurrency
from surfacelint.judgement.displays import Displays
from surfacelint.judgement.entries import Entries
from surfacelint.judgement.reports import Reports
from surfacelint.judgement.sites import Sites
from surfacelint.judgement.spelling import spell
from surfacelint.judgement.waiting import Waits
from surfacelint.linking.effects import Effect, Effects, Hop
from surfacelint.linking.modules import FunctionNode
from surfacelint.linking.resolution import Resolver
from surfacelint.linking.targets import Request
from surfacelint.program import Kind, Workload

Locate = Callable[[FunctionNode, Span], Location]
"""Where a span of a function's module is, as users see it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that finders of workloads may ask, about one program."""

    effects: Effects
    resolver: Resolver
    catalogue: Catalogue
    sites: Sites
    displays: Displays
    reports: Reports
    entries: Entries
    waits: Waits
    concurrency: Concurrency
    locate: Locate

    def workload(
        self, kind: Kind, effect: Effect, before: tuple[TraceStep, ...] = (), after: tuple[TraceStep, ...] = (), **facts: Any
    ) -> Workload:
        """Return the workload of an effect's first site, unless `facts` name another.

        `before` are the steps of its trace that lead to the site, `after` what becomes of the result.
        """
        request = requested(effect)
        function = effect.hop.site.function
        own: dict[str, Any] = {
            "waiting": self.waits.waiting(function),
            "site": self.locate(function, effect.hop.site.call.span),
            "call": callee(effect.hop),
            "function": function.outline.qualname,
        }
        return Workload(
            kind=kind,
            request=callee(list(effect.hops())[-1]),
            endpoint=request.endpoint,
            provider=self.catalogue.provider(request.provider),
            trace=(*before, *self._hops(effect), *after),
            **(own | facts),
        )

    def out_of_scope(self, request: Request) -> str:
        """Return why a request is none of our business, empty if it is: a realtime one, at full price, that nobody reads as it comes."""
        if "local" in request.traits:
            return "the model runs on the user's own hardware"
        if "streaming" in request.traits:
            return "the answer is streamed to somebody"
        if "discounted" in request.traits:
            return "the request is at batch price already"
        if "elsewhere" in request.traits:
            return "the client talks to a host that is not known to take batches"
        return ""

    def immovable(self, request: Request) -> str:
        """Return why a request cannot become part of a batch, empty if it can."""
        provider = self.catalogue.provider(request.provider)
        elsewhere = request.provider != request.endpoint.provider
        if not request.endpoint.batch or (elsewhere and provider.batch is None):
            return f"{provider.title} has no batch API for it"
        return ""

    def _hops(self, effect: Effect) -> Iterator[TraceStep]:
        for tail in effect.tails():
            site = tail.hop.site
            name = callee(tail.hop)
            note = f"{name} sends the request" if tail.rest is None else _runs(name, tail.rest.hop.site.function)
            yield TraceStep(self.locate(site.function, site.call.span), note)


def requested(effect: Effect) -> Request:
    """Return the request that an effect leads to; it has to lead to one."""
    assert isinstance(effect.sink, Request)
    return effect.sink


def callee(hop: Hop) -> str:
    """Return what a hop calls, as the user spells it."""
    return spell(hop.site.call.function)


def _runs(name: str, function: FunctionNode) -> str:
    title = function.outline.title
    if title.startswith("<lambda>"):
        return f"{name} runs the lambda on line {function.outline.span.start.line}"
    return f"{name} is called" if name == title else f"{name} runs {title}"
