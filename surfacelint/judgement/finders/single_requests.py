"""Finds single requests: made once per run of a job, started by a handler in the background, or sent at an unsuitable price tier."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.judgement.evidence import Evidence, request_of
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.model.findings import TraceStep
from surfacelint.model.workloads import Workload


def scheduled_requests(evidence: Evidence) -> Iterator[Workload]:
    """Return the requests that scheduled and queued jobs make once per run."""
    for effect in _entry_point_requests(evidence, "no"):
        with evidence.guard.judging(effect.hop.site.function):
            if not any(map(evidence.sites.may_repeat, effect.tails())):
                point = evidence.entries.point(effect.hop.site.function)
                about = "" if point is None else point.description
                yield evidence.workload("scheduled", effect, about=about, silence=_silence(evidence, effect))


def background_requests(evidence: Evidence) -> Iterator[Workload]:
    """Return the requests that handlers start in the background, once per request of a user."""
    for effect in _entry_point_requests(evidence, "yes"):
        with evidence.guard.judging(effect.hop.site.function):
            starting = [tail for tail in effect.tails() if isinstance(tail.hop.row, Repetition) and tail.hop.row.starts]
            if starting and not any(hop.site.outline.repeated for hop in effect.hops()):
                waiting = evidence.waits.waiting(effect.hop.site.function)
                entry = TraceStep(
                    evidence.locate(effect.hop.site.function, effect.hop.site.call.span), f"{waiting.entry} starts the request"
                )
                yield evidence.workload("started", starting[0], (entry,), about=waiting.entry, silence=_silence(evidence, effect))


def unsuitable_tiers(evidence: Evidence) -> Iterator[Workload]:
    """Return the requests at an unsuitable price tier: a fast one where no user waits, or a slow one where a user waits."""
    for effect in (way for sites in evidence.effects.sites.values() for _, ways in sites for way in ways):
        sink = effect.sink
        if effect.rest is not None or not isinstance(sink, Request) or sink.tier is None or sink.endpoint.surface != "realtime":
            continue
        with evidence.guard.judging(effect.hop.site.function):
            slow = sink.tier.speed == "slower"
            about = f'{sink.tier.keyword.rpartition(".")[2]}="{sink.tier.value}"'
            workload = evidence.workload("tier", effect, about=about, cheap=slow)
            if workload.waiting.answer == ("yes" if slow else "no"):
                yield workload


def _entry_point_requests(evidence: Evidence, waits: str) -> Iterator[Effect]:
    """Return one effect for each call site in an entry point, of a kind that `waits`, which leads to a realtime request."""
    for id_, sites in evidence.effects.sites.items():
        function, point = evidence.resolver.function(id_), None
        with evidence.guard.judging(function):
            point = evidence.entries.point(function)
        if point is None or point.waits != waits:
            continue
        for _, ways in sites:
            realtime = [way for way in ways if way.is_realtime]
            if realtime:
                yield realtime[0]


def _silence(evidence: Evidence, effect: Effect) -> str:
    """Return why a request is not worth a finding, or an empty string."""
    request = request_of(effect)
    return evidence.out_of_scope_reason(effect) or evidence.no_batch_reason(request)
