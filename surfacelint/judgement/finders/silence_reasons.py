"""Decides why a repeated request is not worth a finding, and words the reason for `explain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field

from surfacelint.facts.expressions import Call, Name, Position
from surfacelint.facts.function_bodies import Try
from surfacelint.judgement.evidence import Evidence, request_of
from surfacelint.judgement.finders.dependent_rounds import DependentRounds
from surfacelint.judgement.finders.facet_loops import FacetLoops
from surfacelint.judgement.finders.repetition_details import RepetitionDetails
from surfacelint.judgement.flow.access_paths import argument_reads, first_overlap, reads
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import EnclosingStatement, calls_in
from surfacelint.judgement.flow.hop_search import first_along
from surfacelint.judgement.repetition.call_site_judgement import MOST_BATCHES, JudgedSite
from surfacelint.judgement.repetition.verdicts import Verdict
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.system.records import record

_REASONS = {
    "few": "there are at most {name} items",
    "retry": "the loop ends as soon as the call succeeds",
    "search": "the result decides when the loop ends (`{name}`)",
    "dependent": "each call needs the result of an earlier one (`{name}`)",
    "chain": "each call needs the result of an earlier one (`{name}`)",
    "sampling": "the input is the same for every call",
    "sweep": "the loop varies `{name}`, not the data",
    "packed": "each request already carries many inputs",
    "handful": "there are few items ({name})",
    "conversation": "a person answers in every round",
    "open-ended": "the loop does not run over items",
    "arrivals": "the items arrive over time",
}
"""Reasons by the kind of a verdict."""


@record(frozen=True, slots=True)
class SilenceReasons:
    """Finds reasons for silence in one program. The `known_…` fields are memos."""

    evidence: Evidence
    details: RepetitionDetails
    rounds: DependentRounds
    facets: FacetLoops
    known_repeating: dict[Effect, str] = field(default_factory=dict)
    known_reported: dict[Effect, bool] = field(default_factory=dict)
    known_packing: dict[Effect, bool] = field(default_factory=dict)

    def reason(self, effect: Effect, judged: JudgedSite) -> str:
        """Return why the code around the first call site of `effect` needs no finding, as a clause, or an empty string."""
        reason = self._exemption(effect, judged) or self._outer_repetition(effect, judged)
        return reason or ("" if self.details.is_prominent(effect, judged) else self._inner_repetition(effect))

    def _exemption(self, effect: Effect, judged: JudgedSite) -> str:
        """Return why the repeated request cannot or need not move to a batch, regardless of where it would be reported."""
        reason = self._request_reason(effect)
        if reason:
            return reason
        for _, verdict, _ in judged.frames:
            if verdict.kind in ("packed", "conversation"):
                return _reason(verdict)
        if request_of(effect).endpoint.takes_list and first_along(effect.rest, self._packs_inputs, False, self.known_packing):
            return _REASONS["packed"]
        if judged.innermost is None:
            return _reason(judged.frames[-1][1])
        return self._rounds_around(judged) or self._work_per_item(effect, judged, judged.innermost)

    def _packs_inputs(self, way: Effect) -> bool:
        """Whether the first site of a way hands on each of the lists that a repetition walks. Slices may be parts of one text instead."""
        judged = self.evidence.sites.judged(way)
        packing = (frame for frame, verdict, _ in (() if judged is None else judged.frames) if verdict.kind == "packed")
        return any(self._hands_on(frame, way.hop.site) for frame in packing)

    def _hands_on(self, frame: EnclosingRepetition, site: Site) -> bool:
        given = {argument.value.id for argument in site.call.arguments if isinstance(argument.value, Name)}
        if frame.iterable is None or given.isdisjoint(frame.targets):
            return False
        return self.evidence.sites.chunks.in_chunks(frame.iterable, site.function)

    def _rounds_around(self, judged: JudgedSite) -> str:
        """Return a reason if the repetition runs in rounds that need the answers of earlier ones, unless their number is small."""
        for frame, verdict, number in judged.frames:
            if frame is judged.innermost:
                break
            if verdict.kind in ("dependent", "chain") and (number is None or number > MOST_BATCHES):
                return f"each round needs the answers of an earlier one (`{verdict.name}`)"
        return ""

    def _work_per_item(self, effect: Effect, judged: JudgedSite, frame: EnclosingRepetition) -> str:
        """Return a reason if what is done for an item is no fixed number of requests, or is done elsewhere."""
        verdicts = [verdict for _, verdict, _ in judged.frames]
        inner = verdicts[[each for each, _, _ in judged.frames].index(frame) + 1 :]
        for verdict in inner:
            if verdict.kind == "dependent":
                return f"each item takes several requests, one after another (`{verdict.name or verdict.kind}`)"
        if inner and (line := self._line_of_first_attempt(effect, frame)):
            return f"it repeats the request on line {line}"
        if error := self.evidence.repairs.error(effect, judged.around, frame.depth):
            return f"it runs only when a response cannot be parsed (`{error}`)"
        if line := self._line_of_retried(effect, judged, frame):
            return f"it repeats the request on line {line} where that fails"
        if line := self._line_of_failed_request(effect, judged):
            return f"it runs only when the request for all items on line {line} fails"
        if rounds := self.evidence.sites.takes_many_rounds(effect):
            return f"each item takes several requests, one after another (`{rounds}`)"
        if callee := self.rounds.after(effect, frame):
            return f"each item takes several requests, one after another (`{callee}` uses the result)"
        return ""

    def _request_reason(self, effect: Effect) -> str:
        """Return why the request itself need not or cannot move to a batch, or an empty string."""
        request = request_of(effect)
        if self.evidence.batch_runs.answer(effect):
            return "its requests are answered from a batch"
        reason = self.evidence.out_of_scope_reason(effect)
        return reason or ("" if request.endpoint.takes_list else self.evidence.no_batch_reason(request))

    def _line_of_first_attempt(self, effect: Effect, frame: EnclosingRepetition) -> int | None:
        """Return the line of the same call for the same item, before the loop that repeats it until the response is usable."""
        site = effect.hop.site
        for other, ways in self.evidence.effects.sites.get(site.function.id, ()):
            one, two = other.call, site.call
            if one.span.start >= two.span.start or (one.function, one.arguments) != (two.function, two.arguments):
                continue
            judged = self.evidence.sites.judged(ways[0]) if ways else None
            if judged is not None and judged.frames and judged.frames[-1][0].node is frame.node:
                return one.span.start.line
        return None

    def _line_of_retried(self, effect: Effect, judged: JudgedSite, frame: EnclosingRepetition) -> int | None:
        """Return the line of the same call for the same item if this one is in the `except` block of its `try`, inside of `frame`."""
        tried = _tried_before(judged.around.places[frame.depth + 1 :])
        own = effect.hop.site.call
        same = (call for call in tried if call.function == own.function and _passes_same(call, own))
        return next((call.span.start.line for call in same if call.span.end in self._realtime_ends(effect)), None)

    def _realtime_ends(self, effect: Effect) -> set[Position]:
        """Return the ends of the calls in the function of an effect's first site that lead to the same request."""
        sites = self.evidence.effects.sites.get(effect.hop.site.function.id, ())
        paths = {request_of(effect).endpoint.path}
        return {
            site.call.span.end
            for site, ways in sites
            if any(way.is_realtime and isinstance(way.sink, Request) and way.sink.endpoint.path in paths for way in ways)
        }

    def _line_of_failed_request(self, effect: Effect, judged: JudgedSite) -> int | None:
        """Return the line of a request for all items if the repetition is in the `except` block of its `try`."""
        site, frame = effect.hop.site, judged.innermost
        if frame is None or frame.iterable is None:
            return None
        tried = {call.span.end for call in _tried_before(judged.around.places[: frame.depth])}
        if not tried:
            return None
        for other, ways in self.evidence.effects.sites.get(site.function.id, ()):
            failed = other.call.span.end in tried and any(way.is_realtime for way in ways)
            if failed and first_overlap(reads(frame.iterable), argument_reads(other.call)) is not None:
                return other.call.span.start.line
        return None

    def _outer_repetition(self, effect: Effect, judged: JudgedSite) -> str:
        """Return a reason if the repetition is over languages, criteria and the like, and the loop over the data is reported."""
        for way in self.facets.outer(effect, judged):
            above = self.evidence.sites.judged(way)
            if above is not None and not self._exemption(way, above):
                return f"the repetition in `{way.hop.site.function.outline.title}` is reported instead"
        return ""

    # An inner repetition that is reported makes a finding about the outer one a duplicate.

    def _inner_repetition(self, effect: Effect) -> str:
        """Return a reason if a repetition further along a route to the same request is reported itself."""
        if self.evidence.sites.singles.reaches_request(effect) or any(map(self._hands_over_one, effect.tails())):
            return ""  # what it calls runs over a list of one input
        function = first_along(effect.rest, self._reported_function, "", self.known_repeating)
        return f"the repetition in `{function}` is reported instead" if function else ""

    def _hands_over_one(self, effect: Effect) -> bool:
        """Whether the first site of an effect passes a list of one item, over which a repetition in the callee runs."""
        if effect.rest is None or effect.hop.row is not None:
            return False
        site, callee = effect.hop.site, effect.rest.hop.site.function
        is_single = self.evidence.sites.singles.is_single
        if not any(is_single(argument.value, site.function) for argument in site.call.arguments):
            return False
        passed = ((each.name, argument_for(callee.outline, effect.hop.given, each.name)) for each in callee.outline.parameters)
        lists = {name for name, values in passed if any(is_single(expr, site.function) for _, expr in values)}
        repeated = (ways[0] for each, ways in self.evidence.effects.sites.get(callee.id, ()) if ways and each.outline.repeated)
        walked = (judged.innermost for way in repeated if (judged := self.evidence.sites.judged(way)) is not None)
        iterables = (frame.iterable for frame in walked if frame is not None and frame.iterable is not None)
        return any(first_overlap(reads(iterable), lists) is not None for iterable in iterables)

    def _reported_function(self, effect: Effect) -> str:
        """Return the title of the function in which `effect` begins, if a repetition in it or further along is reported."""
        reported = any(self._leads_to_report(way) for way in (effect, *self._alternatives(effect)))
        return effect.hop.site.function.outline.title if reported else ""

    def _leads_to_report(self, way: Effect) -> bool:
        return first_along(way, lambda each: self.evidence.sites.may_repeat(each) and self._is_reported(each), False, self.known_reported)

    def _alternatives(self, effect: Effect) -> Iterator[Effect]:
        """Yield the routes from other sites of the same function to the same request."""
        function = effect.hop.site.function
        for site, ways in self.evidence.effects.sites.get(function.id, ()):
            if site is not effect.hop.site:
                yield from (way for way in ways if way.sink == effect.sink)

    def _is_reported(self, effect: Effect) -> bool:
        judged = self.evidence.sites.judged(effect)
        if judged is None or judged.innermost is None:
            return False
        return not self._exemption(effect, judged) and not self._outer_repetition(effect, judged)


def _tried_before(places: Iterable[EnclosingStatement]) -> list[Call]:
    """Return the calls that must have failed where code runs in the `except` blocks among `places`."""
    tries = [place.statement for place in places if isinstance(place.statement, Try) and place.role == "handler"]
    return [call for statement in tries for call in calls_in(statement.body)]


def _passes_same(one: Call, other: Call) -> bool:
    """Whether two calls read some of the same values, so that the second may repeat the first with other settings."""
    return not other.arguments or first_overlap(argument_reads(one), argument_reads(other)) is not None


def _reason(verdict: Verdict) -> str:
    return _REASONS.get(verdict.kind, verdict.kind).format(name=verdict.name).replace(" (``)", "")
