"""Finds realtime requests and pseudo-batches that a loop, comprehension, mapping function or fan-out repeats."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import field, replace
from itertools import islice

from surfacelint.facts.expressions import Position, Span
from surfacelint.facts.function_bodies import For, While
from surfacelint.judgement.evidence import Evidence, request_of
from surfacelint.judgement.finders.dependent_rounds import DependentRounds
from surfacelint.judgement.finders.facet_loops import FacetLoops
from surfacelint.judgement.finders.repetition_details import RepetitionDetails
from surfacelint.judgement.finders.request_chains import RequestChains
from surfacelint.judgement.finders.silence_reasons import SilenceReasons
from surfacelint.judgement.flow.access_paths import reads, root
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition, awaited_inside
from surfacelint.judgement.flow.enclosing_statements import statements_in
from surfacelint.judgement.flow.expression_text import source_text
from surfacelint.judgement.flow.hop_search import unseen_tails
from surfacelint.judgement.repetition.call_site_judgement import JudgedSite
from surfacelint.judgement.repetition.verdicts import ITEMS
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.workloads import Independence, Kind, ProgressDisplay, RequestRoute, Waiting, Workload
from surfacelint.system.records import record

LONGEST_BRANCHED = 10
"""Most hops of a way whose branches are followed. Those of longer ways would be too many."""

MOST_ROUTES = 24
"""Maximum number of routes of a workload. Code with more of them chooses among providers, and no fix follows them all."""


def repeated_requests(evidence: Evidence) -> Iterator[Workload]:
    """Return the realtime requests and pseudo-batches that are repeated, each at the repeated call site."""
    details = RepetitionDetails(evidence)
    facets = FacetLoops(evidence, details)
    silences = SilenceReasons(evidence, details, DependentRounds(evidence), facets)
    return _RepeatedRequests(evidence, details, facets, silences, RequestChains(evidence)).workloads()


@record(frozen=True, slots=True)
class _RepeatedRequests:
    """Builds the workloads of one program. `known_starts` is a memo: where the call sites of a function begin, sorted."""

    evidence: Evidence
    details: RepetitionDetails
    facets: FacetLoops
    silences: SilenceReasons
    chains: RequestChains
    known_starts: dict[str, list[tuple[Position, int]]] = field(default_factory=dict)

    def workloads(self) -> Iterator[Workload]:
        for effect in self._chosen_effects():
            with self.evidence.guard.judging(effect.hop.site.function):
                judged = self.evidence.sites.judged(effect)
                if judged is not None and judged.frames:
                    yield self._workload(effect, judged.innermost or judged.frames[-1][0], judged)

    def _chosen_effects(self) -> list[Effect]:
        """Return the best effect of each call site that may be repeated."""
        chosen: dict[tuple[str, Span], Effect] = {}
        seen: set[Effect] = set()
        for effects in self.evidence.effects.sites.values():
            for _, ways in effects:
                for way in ways:
                    for effect in self._repeating(way, seen):
                        key = (effect.hop.site.function.id, effect.hop.site.call.span)
                        known = chosen.get(key)
                        if known is None or _is_better(effect, known):
                            chosen[key] = effect
        return list(chosen.values())

    def _repeating(self, way: Effect, seen: set[Effect]) -> Iterator[Effect]:
        """Yield the tails of `way` that begin at a site which may repeat and end in a realtime request, except those in `seen`.

        A pseudo-batch repeats the request itself. Only its own call counts, because an outer loop merely makes more pseudo-batches.
        But a pseudo-batch of one input is a plain request.
        """
        if isinstance(way.sink, Request) and way.sink.endpoint.surface in ("realtime", "pseudo-batch"):
            for tail in unseen_tails(way, seen):
                is_plain = way.is_realtime or (tail.hop.repeats and self.evidence.sites.singles.reaches_request(tail))
                if self.evidence.sites.may_repeat(tail) if is_plain else tail.rest is None:
                    yield tail

    def _kind(self, effect: Effect) -> Kind:
        is_list = request_of(effect).endpoint.surface == "pseudo-batch" and not self.evidence.sites.singles.reaches_request(effect)
        return "pseudo-batch" if is_list else "repeated"

    def _workload(self, effect: Effect, frame: EnclosingRepetition, judged: JudgedSite) -> Workload:
        scope = effect.hop.site.function
        silence = self.silences.reason(effect, judged)
        display = self.details.display(frame, judged, scope)
        report = None if silence else self.details.report(judged, effect)
        # A chain of requests inside an item does not tie the items together.
        tied = {"dependent"} if judged.innermost is not None else {"dependent", "chain"}
        dependent = next((verdict for _, verdict, _ in judged.frames if verdict.kind in tied), None)
        data = self.facets.over_data(judged, scope) or frame
        routes = () if silence else tuple(islice(self._routes(effect, judged), MOST_ROUTES))
        waiting, repetition = self.evidence.waits.waiting(scope), self.details.repeated_by(frame, effect)
        if data is not frame:
            repetition = self.details.over(data, repetition, effect)
        started = self.evidence.unawaited_start(effect)
        if started is not None:
            # A user who waits here does not wait for started work, and rounds of it may overlap.
            waiting = Waiting("unknown", waiting.entry) if waiting.answer == "yes" else waiting
            if repetition.kind in ("loop", "comprehension") and not repetition.single:
                repetition = replace(repetition, kind="fan-out", concurrent=True, via=source_text(started.function))
        return self.evidence.workload(
            self._kind(effect),
            effect,
            (self.details.trace_step(effect, data),),
            repetition=repetition,
            progress=None if display is None else self._progress(display.name, display.row.audience, display.span, scope),
            report=None if report is None else self._progress(report.name, report.audience, report.span, scope),
            independence=Independence(dependent is None, dependent.name if dependent else ""),
            volume=self.details.volume(data, judged, scope),
            awaited=awaited_inside(frame),
            shown=not silence and waiting.answer == "yes" and self.evidence.shown.are_in(frame, effect.hop.site.call, scope),
            silence=silence,
            stages=1 if silence else self.chains.stages(effect, data),
            waiting=waiting,
            walks=() if silence else tuple(self.evidence.locate(scope, each.span) for each in _walks(judged)),
            routes=routes,
            alternatives=self.evidence.other_providers(effect, routes),
        )

    def _routes(self, effect: Effect, judged: JudgedSite) -> Iterator[RequestRoute]:
        """Yield the ways from the calls inside the outermost repetition over items to all their requests, that of `effect` first."""
        site = effect.hop.site
        outer = next(_walks(judged), judged.frames[0][0])
        yield from map(self.evidence.route, self._branches(effect, frozenset()))
        for ways in self._inside(outer, site.function.id):
            for way in ways:
                if isinstance(way.sink, Request) and way is not effect:
                    yield from map(self.evidence.route, self._branches(way, frozenset()))

    def _branches(self, way: Effect, passed: frozenset[str]) -> Iterator[Effect]:
        """Yield a way, and the ways that branch off it: the other requests of the functions on it, of which a summary keeps only one.

        `passed` are the identifiers of functions on the way so far.
        """
        yield way
        rest = way.rest
        if rest is None or way.length > LONGEST_BRANCHED or rest.hop.site.function.id in passed:
            return
        function = rest.hop.site.function.id
        beyond = [rest]
        for site, ways in self.evidence.effects.sites.get(function, ()):
            if site is not rest.hop.site:
                beyond += [each for each in ways if isinstance(each.sink, Request) and _may_meet(each, rest)]
        beyond += self._alternatives(way, rest, passed)
        for each in beyond:
            for tail in self._branches(each, passed | {function}):
                if tail is not rest:
                    yield Effect(tail.sink, way.hop, tail, tail.length + 1, way.condition)

    def _alternatives(self, way: Effect, rest: Effect, passed: frozenset[str]) -> Iterator[Effect]:
        """Yield the ways from the other functions that the first call of a way may run: `(summarise if is_text else describe)(item)`."""
        taken = rest.hop.site.function.id
        for target in way.hop.site.targets:
            callee = target.callee
            if isinstance(callee, FunctionNode) and callee.id != taken and callee.id not in passed:
                ways = self.evidence.effects.summaries.get(callee.id, ())
                yield from (each for each in ways if isinstance(each.sink, Request) and _may_meet(each, way))

    def _inside(self, frame: EnclosingRepetition, function: str) -> Iterator[tuple[Effect, ...]]:
        """Yield the effects of each call site inside a repetition of a function, in the order of the source."""
        sites = self.evidence.effects.sites.get(function, ())
        if function not in self.known_starts:
            self.known_starts[function] = sorted([(site.call.span.start, number) for number, (site, _) in enumerate(sites)])
        starts = self.known_starts[function]
        first, last = bisect_left(starts, (frame.span.start, 0)), len(starts)
        if frame.kind != "decorator":
            last = bisect_left(starts, (_end(frame), len(starts)))
        for number in sorted([number for _, number in starts[first:last]]):
            site, ways = sites[number]
            if self._is_inside(site, frame):
                yield ways

    def _is_inside(self, site: Site, frame: EnclosingRepetition) -> bool:
        if frame.kind == "decorator":
            return True
        if frame.kind in ("comprehension", "call"):
            return site.call.span.end <= frame.span.end
        around = self.evidence.sites.bodies.around(site)
        if around is None:
            return False
        return any(place.statement is frame.node for place in around.places) or any(each is frame.node for each in around.expressions)

    def _progress(self, name: str, audience: str, span: Span, scope: FunctionNode) -> ProgressDisplay:
        return ProgressDisplay(name, audience, self.evidence.locate(scope, span))


def _end(frame: EnclosingRepetition) -> Position:
    """Return where a repetition ends. The span of a loop is only its head."""
    node = frame.node
    blocks = (node.body, node.orelse) if isinstance(node, For | While) else ()
    return max([frame.span.end, *(statement.span.end for block in blocks for statement in statements_in(block))])


def _walks(judged: JudgedSite) -> Iterator[EnclosingRepetition]:
    """Yield the repetitions over items, and those over the few parts of an item inside of them, outermost first.

    A loop over a few groups belongs to them if the items are those of a group.
    """
    frames = judged.frames
    first = next((number for number, (_, verdict, _) in enumerate(frames) if verdict.kind == ITEMS), len(frames))
    while 0 < first < len(frames) and frames[first - 1][1].kind == "few" and _is_in(frames[first][0], frames[first - 1][0]):
        first -= 1
    yield from (frame for frame, verdict, _ in frames[first:] if verdict.kind in (ITEMS, "handful", "few", "sweep"))


def _is_in(inner: EnclosingRepetition, outer: EnclosingRepetition) -> bool:
    """Whether a repetition goes through what another one gives it."""
    return inner.iterable is not None and any(root(path) in outer.targets for path in reads(inner.iterable))


def _may_meet(one: Effect, other: Effect) -> bool:
    """Whether the same receiver can take both ways."""
    first, second = one.condition, other.condition
    return first is None or second is None or bool(first.classes & second.classes)


def _is_better(one: Effect, other: Effect) -> bool:
    """Whether `one` represents its call site better: requests that can move to a batch first, then generation, then short routes.

    A response that is streamed may be collected after all, so that comes before a local model.
    """

    def rank(effect: Effect) -> tuple[bool, bool, bool, bool, int]:
        request = request_of(effect)
        elsewhere = bool(request.traits - {"streaming"})
        return elsewhere, bool(request.traits), not request.endpoint.batch, request.endpoint.takes_list, effect.length

    return rank(one) < rank(other)
