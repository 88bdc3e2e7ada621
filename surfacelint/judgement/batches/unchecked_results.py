"""Finds batch results that are read without checking for failed requests, or joined to their inputs by position."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.judgement.batches.result_calls import WAITING_SURFACES
from surfacelint.judgement.batches.result_fields import PositionalJoin, ResultFields, ResultUse, Spot
from surfacelint.judgement.batches.result_tracking import ResultTracking
from surfacelint.judgement.evidence import Evidence, callee
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.model.findings import Location, TraceStep
from surfacelint.model.workloads import Kind, Workload
from surfacelint.system.records import record

_RESULT_SURFACES = WAITING_SURFACES | {"batch-results"}
"""Surfaces whose calls return results, or a job that leads to them."""


@record(frozen=True, slots=True)
class _FunctionResults:
    """What one function does with results, and the shortest route from it to the call that returns them."""

    effect: Effect
    use: ResultUse


def result_misuses(evidence: Evidence) -> Iterator[Workload]:
    """Return results that are read without checking for failed requests, at the place that reads an answer, and joins by position."""
    by_provider: dict[str, dict[str, Effect]] = {}
    for id_, sites in evidence.effects.sites.items():
        for way in (way for _, ways in sites for way in ways):
            if isinstance(way.sink, Request) and way.sink.endpoint.surface in _RESULT_SURFACES:
                roots = by_provider.setdefault(way.sink.provider, {})
                known = roots.get(id_)
                if known is None or _rank(way) < _rank(known):
                    roots[id_] = way
    found: dict[tuple[Kind, Location], Workload] = {}
    for name, roots in by_provider.items():
        api = evidence.catalogue.provider(name).batch
        if api is not None and api.answers:
            for workload in _of_provider(evidence, ResultFields.of(api), roots):
                # A client that may belong to either of two providers is reported once.
                found.setdefault((workload.kind, workload.site), workload)
    yield from found.values()


def _rank(way: Effect) -> tuple[bool, int]:
    """Prefer routes to results over routes to a job, then short ones."""
    return not isinstance(way.sink, Request) or way.sink.endpoint.surface != "batch-results", way.length


def _of_provider(evidence: Evidence, fields: ResultFields, roots: dict[str, Effect]) -> Iterator[Workload]:
    batch_calls = {
        (id_, site.call.span.end): way.sink.endpoint.surface
        for id_ in roots
        for site, ways in evidence.effects.sites[id_]
        for way in ways
        if way.rest is None and isinstance(way.sink, Request) and way.sink.endpoint.surface in _RESULT_SURFACES
    }
    found = []
    for id_, effect in roots.items():
        function = evidence.resolver.function(id_)
        with evidence.guard.judging(function):
            found.append(_FunctionResults(effect, ResultTracking(evidence, fields, batch_calls, frozenset(roots)).start(function)))
    yield from _unchecked(evidence, found)
    if fields.api.order == "unordered" and fields.api.key:
        yield from _by_position(evidence, found)


def _unchecked(evidence: Evidence, found: list[_FunctionResults]) -> Iterator[Workload]:
    seen: set[Spot] = set()
    silent = {spot for each in found if each.use.checked or each.use.lost or each.use.escaped for spot in each.use.answers}
    for each in sorted(found, key=lambda each: each.effect.length):
        spot = next(iter(each.use.answers), None)
        if spot is None or spot in silent or spot in seen or seen & set(each.use.answers):
            continue
        seen.add(spot)
        yield _workload(evidence, "unchecked", each.effect, spot, "the answer is read here")


def _by_position(evidence: Evidence, found: list[_FunctionResults]) -> Iterator[Workload]:
    seen: set[PositionalJoin] = set()
    silent = {join for each in found if each.use.keyed or each.use.lost for join in each.use.joins}
    for each in sorted(found, key=lambda each: each.effect.length):
        for join in each.use.joins:
            if join not in silent and join not in seen:
                seen.add(join)
                yield _workload(evidence, "positional", each.effect, join.spot, f"the results are joined to `{join.name}` here", join.name)


def _workload(evidence: Evidence, kind: Kind, effect: Effect, spot: Spot, note: str, about: str = "") -> Workload:
    location = evidence.locate(spot.function, spot.span)
    after = (TraceStep(location, note),)
    last = list(effect.hops())[-1]
    return evidence.workload(
        kind, effect, after=after, site=location, function=spot.function.outline.qualname, call=callee(last), about=about
    )
