"""Results of batches that are read without a look at failures, or joined to their inputs by position."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.judgement.batches.result_collection import Glossary, Join, Reading, Spot
from surfacelint.judgement.batches.result_tracking import JOBS, Following
from surfacelint.judgement.evidence import Evidence, callee
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.model.findings import Location, TraceStep
from surfacelint.model.workloads import Kind, Workload
from surfacelint.system.records import record

_GIVING = frozenset({*JOBS, "batch-results"})
"""What gives results, or a job that leads to them."""


@record(frozen=True, slots=True)
class _Read:
    """What one function reads, and the shortest way from it to what gives the results."""

    effect: Effect
    reading: Reading


def collected(evidence: Evidence) -> Iterator[Workload]:
    """Return the results that nobody checks for failures, each where an answer is taken, and those joined by position, where they are."""
    by_provider: dict[str, dict[str, Effect]] = {}
    for id_, sites in evidence.effects.sites.items():
        for way in (way for _, ways in sites for way in ways):
            if isinstance(way.sink, Request) and way.sink.endpoint.surface in _GIVING:
                roots = by_provider.setdefault(way.sink.provider, {})
                known = roots.get(id_)
                if known is None or _rank(way) < _rank(known):
                    roots[id_] = way
    found: dict[tuple[Kind, Location], Workload] = {}
    for name, roots in by_provider.items():
        api = evidence.catalogue.provider(name).batch
        if api is not None and api.answers:
            for workload in _of_provider(evidence, Glossary.of(api), roots):
                # A client that may be one of two providers' is read once.
                found.setdefault((workload.kind, workload.site), workload)
    yield from found.values()


def _rank(way: Effect) -> tuple[bool, int]:
    return not isinstance(way.sink, Request) or way.sink.endpoint.surface != "batch-results", way.length


def _of_provider(evidence: Evidence, glossary: Glossary, roots: dict[str, Effect]) -> Iterator[Workload]:
    asked = {
        (id_, site.call.span.end): way.sink.endpoint.surface
        for id_ in roots
        for site, ways in evidence.effects.sites[id_]
        for way in ways
        if way.rest is None and isinstance(way.sink, Request) and way.sink.endpoint.surface in _GIVING
    }
    reads = []
    for id_, effect in roots.items():
        function = evidence.resolver.function(id_)
        with evidence.guard.judging(function):
            reads.append(_Read(effect, Following(evidence, glossary, asked, frozenset(roots)).start(function)))
    yield from _unchecked(evidence, reads)
    if glossary.api.order == "unordered" and glossary.api.key:
        yield from _by_position(evidence, reads)


def _unchecked(evidence: Evidence, reads: list[_Read]) -> Iterator[Workload]:
    seen: set[Spot] = set()
    silent = {spot for read in reads if read.reading.checked or read.reading.lost or read.reading.escaped for spot in read.reading.answers}
    for read in sorted(reads, key=lambda read: read.effect.length):
        spot = next(iter(read.reading.answers), None)
        if spot is None or spot in silent or spot in seen or seen & set(read.reading.answers):
            continue
        seen.add(spot)
        yield _workload(evidence, "unchecked", read.effect, spot, "the answer is taken here")


def _by_position(evidence: Evidence, reads: list[_Read]) -> Iterator[Workload]:
    seen: set[Join] = set()
    silent = {join for read in reads if read.reading.keyed or read.reading.lost for join in read.reading.joins}
    for read in sorted(reads, key=lambda read: read.effect.length):
        for join in read.reading.joins:
            if join not in silent and join not in seen:
                seen.add(join)
                yield _workload(evidence, "positional", read.effect, join.spot, f"they are joined to {join.name} here", join.name)


def _workload(evidence: Evidence, kind: Kind, effect: Effect, spot: Spot, note: str, about: str = "") -> Workload:
    location = evidence.locate(spot.function, spot.span)
    after = (TraceStep(location, note),)
    last = list(effect.hops())[-1]
    return evidence.workload(
        kind, effect, after=after, site=location, function=spot.function.outline.qualname, call=callee(last), about=about
    )
