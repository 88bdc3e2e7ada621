"""Determines whether each submitted batch holds one request or many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from surfacelint.catalogue.provider_rows import Endpoint
from surfacelint.facts.expressions import Argument
from surfacelint.facts.function_bodies import For, While
from surfacelint.judgement.batches.request_counts import Context, RequestCount, ValueFollower, total
from surfacelint.judgement.batches.request_files import RequestFiles
from surfacelint.judgement.batches.request_lists import RequestLists
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Surroundings
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class BatchSizes:
    """Counts the requests in the batches of one program."""

    evidence: Evidence
    values: ValueFollower
    lists: RequestLists
    files: RequestFiles

    @classmethod
    def of(cls, evidence: Evidence) -> BatchSizes:
        """Return the batch sizes of one program."""
        values = ValueFollower(evidence)
        lists = RequestLists(values)
        return cls(evidence, values, lists, RequestFiles(evidence, values, lists))

    def count(self, effect: Effect, frame: EnclosingRepetition, around: Surroundings) -> RequestCount:
        """Return how many requests are in the batch that `effect` submits in each round of `frame`.

        `frame` repeats the first call site of `effect`, and `around` are the statements around that site.
        """
        hops = list(effect.hops())
        context = Context(hops[0].site.function, definitions_before(around.places, frame.depth), frame.block)
        for previous, hop in pairwise(hops):
            inner = self.values.enter(hop.site.function, context, previous.given)
            place = self.evidence.sites.bodies.around(hop.site)
            if previous.row is not None or inner is None or place is None:
                return ""
            context = replace(inner, before=definitions_before(place.places, -1))
        request = effect.sink
        if not isinstance(request, Request):
            return ""
        given = self._count_given(hops[-1].site.call.arguments, request.endpoint, context)
        return self._count_added(hops[-1].site, context, frame.depth if len(hops) == 1 else -1) if given is None else given

    def _count_given(self, arguments: Iterable[Argument], endpoint: Endpoint, context: Context) -> RequestCount | None:
        """Return how many requests a batch is submitted with, or `None` if they are added later."""
        found: list[RequestCount] = []
        for argument in arguments:
            if argument.name in endpoint.keywords:
                found.append(self.lists.count(argument.value, context, 0))
            if argument.name in endpoint.files and not any(found):
                found.append(self.files.count(argument.value, context, 0))
        return next(filter(None, found), "") if found else None

    def _count_added(self, submitting: Site, context: Context, depth: int) -> RequestCount:
        """Return how many requests are added to a batch after the call that creates it, in the same block."""
        around = self.evidence.sites.bodies.around(submitting)
        counts: list[RequestCount] = []
        for site, ways in self.evidence.effects.sites.get(context.function.id, ()) if around is not None else ():
            adds = [way.sink.endpoint for way in ways if way.rest is None and isinstance(way.sink, Request)]
            endpoint = next((each for each in adds if each.surface == "batch-add"), None)
            behind = self.evidence.sites.bodies.around(site) if endpoint is not None else None
            if endpoint is None or behind is None or around is None:
                continue
            last = around.places[-1]
            inside = next((n for n, each in enumerate(behind.places) if each.block is last.block and each.index > last.index), None)
            if inside is not None:
                looped = any(isinstance(each.statement, For | While) for each in behind.places[inside:])
                there = replace(context, before=definitions_before(behind.places, depth))
                counts.append("many" if looped else self._count_argument(site.call.arguments, endpoint, there))
        return total(counts) if all(counts) else ""

    def _count_argument(self, arguments: tuple[Argument, ...], endpoint: Endpoint, context: Context) -> RequestCount:
        """Return how many requests one call adds to a batch."""
        positional = [argument.value for argument in arguments if argument.name is None][endpoint.argument :]
        found = [argument.value for argument in arguments if argument.name in endpoint.keywords] or positional
        return self.lists.count(found[0], context, 0) if found else ""
