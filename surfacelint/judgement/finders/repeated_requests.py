"""Realtime requests that are repeated: what repeats them, and whether a good reviewer would speak of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace

from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Call, Span
from surfacelint.facts.function_bodies import Try
from surfacelint.judgement.evidence import Evidence, requested
from surfacelint.judgement.flow.access_paths import any_touch, argument_reads, reads
from surfacelint.judgement.flow.enclosing_repetitions import Frame, awaited_inside
from surfacelint.judgement.flow.enclosing_statements import calls_in
from surfacelint.judgement.flow.expression_text import how_often, spell
from surfacelint.judgement.flow.iteration_dataflow import made_by
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.flow.route_memo import first_along, unseen
from surfacelint.judgement.progress.progress_displays import Display
from surfacelint.judgement.progress.progress_reports import Report
from surfacelint.judgement.repetition.call_site_judgement import Judged
from surfacelint.judgement.repetition.verdicts import ITEMS
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.findings import TraceStep
from surfacelint.model.workloads import Independence, ProgressDisplay, RepeatedBy, Volume, Waiting, Workload
from surfacelint.system.records import record

_ROUNDS = frozenset({"dependent", "open-ended"})
"""The verdicts on what goes on with what it made."""

_REASONS = {
    "few": "at most {name} items",
    "retry": "the loop ends as soon as the call succeeds",
    "search": "the loop ends when the result says so ({name})",
    "dependent": "each call needs an earlier one's result ({name})",
    "sampling": "the input does not change from one call to the next",
    "sweep": "the loop varies {name}, not the data",
    "packed": "each request carries many inputs already",
    "handful": "the items are {name}",
    "conversation": "a person answers in every round",
    "open-ended": "the loop does not walk over items",
    "arrivals": "the items come over time",
}


def repeated(evidence: Evidence) -> Iterator[Workload]:
    """Return the realtime requests that something repeats, each at the site that is repeated."""
    return _Repetitions(evidence).workloads()


@record(frozen=True, slots=True)
class _Repetitions:
    """Finds them, in one program."""

    evidence: Evidence
    known_rounds: dict[tuple[str, frozenset[object]], dict[int | None, list[tuple[Site, Judged]]]] = field(default_factory=dict)
    known_further: dict[Effect, str | None] = field(default_factory=dict)
    known_repeating: dict[Effect, str] = field(default_factory=dict)
    known_reported: dict[Effect, bool] = field(default_factory=dict)
    known_sinks: dict[int, frozenset[object]] = field(default_factory=dict)

    def workloads(self) -> Iterator[Workload]:
        chosen: dict[tuple[str, Span], Effect] = {}
        seen: set[Effect] = set()
        for effects in self.evidence.effects.sites.values():
            for _, ways in effects:
                for way in ways:
                    for effect in _repeating(way, seen):
                        key = (effect.hop.site.function.id, effect.hop.site.call.span)
                        known = chosen.get(key)
                        if known is None or _better(effect, known):
                            chosen[key] = effect
        for effect in chosen.values():
            with self.evidence.guard.judging(effect.hop.site.function):
                workload = self._repeated_site(effect)
                if workload is not None:
                    yield workload

    def _repeated_site(self, effect: Effect) -> Workload | None:
        judged = self.evidence.sites.judged(effect)
        if judged is None or not judged.frames:
            return None
        frame = judged.innermost
        silence = self._silence(effect, judged)
        shown = frame or judged.frames[-1][0]
        return self._workload(effect, shown, judged, silence)

    def _silence(self, effect: Effect, judged: Judged) -> str:
        """Return why a reviewer would say nothing, empty if there is no reason in the code around the site."""
        return self._calm(effect, judged) or ("" if self._stands_out(effect, judged) else self._further_in(effect))

    def _calm(self, effect: Effect, judged: Judged) -> str:
        """Return why there is nothing to say about the requests, wherever it would be said."""
        request = requested(effect)
        reason = self.evidence.out_of_scope(request) or ("" if request.endpoint.takes_list else self.evidence.immovable(request))
        if reason:
            return reason
        kinds = [verdict for _, verdict, _ in judged.frames]
        for verdict in kinds:
            if verdict.kind in ("packed", "conversation"):
                return _reason(verdict.kind, verdict.name)
        if judged.innermost is None:
            return _reason(kinds[-1].kind, kinds[-1].name)
        inner = kinds[[frame for frame, _, _ in judged.frames].index(judged.innermost) + 1 :]
        for verdict in inner:
            if verdict.kind == "dependent":
                return f"each item takes several requests, one after another ({verdict.name or verdict.kind})"
        if inner and (line := self._asked_before(effect, judged.innermost)):
            return f"asks again what line {line} asked"
        if error := self.evidence.repairs.error(effect, judged.around, judged.innermost.depth):
            return f"is asked only where an answer cannot be read ({error})"
        if line := self._failed_together(effect, judged):
            return f"asks one by one where the request on line {line} failed"
        rounds = self.evidence.sites.takes_many_rounds(effect) or self._goes_on(effect, judged.innermost)
        if rounds is not None:
            return f"each item takes several requests, one after another ({rounds})"
        return ""

    def _asked_before(self, effect: Effect, frame: Frame) -> int | None:
        """Return the line where the same was asked for the same item, outside of the loop that asks until the answer is of use."""
        site = effect.hop.site
        for other, ways in self.evidence.effects.sites.get(site.function.id, ()):
            one, two = other.call, site.call
            if one.span.start >= two.span.start or (one.function, one.arguments) != (two.function, two.arguments):
                continue
            judged = self.evidence.sites.judged(ways[0]) if ways else None
            if judged is not None and judged.frames and judged.frames[-1][0].node is frame.node:
                return one.span.start.line
        return None

    def _failed_together(self, effect: Effect, judged: Judged) -> int | None:
        """Return the line of the request for all items whose failure the repetition handles, `None` where it handles none."""
        site, frame = effect.hop.site, judged.innermost
        if frame is None or frame.iterable is None:
            return None
        outer = judged.around.places[: frame.depth]
        tries = [place.statement for place in outer if isinstance(place.statement, Try) and place.role == "handler"]
        tried = {call.span.end for statement in tries for call in calls_in(statement.body)}
        if not tried:
            return None
        for other, ways in self.evidence.effects.sites.get(site.function.id, ()):
            failed = other.call.span.end in tried and any(way.is_realtime for way in ways)
            if failed and any_touch(reads(frame.iterable), argument_reads(other.call)) is not None:
                return other.call.span.start.line
        return None

    def _goes_on(self, effect: Effect, frame: Frame) -> str | None:
        """Return what shows that a call's result goes into rounds of further calls for the same item, as an agent's draft does."""
        # What an item takes may stand further in: the function that reviews it drafts, and then reflects.
        return self._rounds_after(effect.hop.site, frame) or first_along(effect.rest, self._rounds_further, None, self.known_further)

    def _rounds_further(self, effect: Effect) -> str | None:
        judged = self.evidence.sites.judged(effect)
        return None if judged is None or judged.frames else self._rounds_after(effect.hop.site, None)

    def _rounds_after(self, site: Site, around: Frame | None) -> str | None:
        """Return which call goes on with the result of `site`, round by round, inside of the frame `around` both."""
        own = frozenset(sink for sink in self._sinks(site) if not _is_realtime(sink))  # a client that is passed in, perhaps
        stores = self.evidence.sites.storing.within(site.function)
        for other, judged in self._in_rounds(site.function.id, own).get(None if around is None else id(around.node), ()):
            if other is site:
                continue
            nodes = [each.node for each, _, _ in judged.frames]
            first = 0 if around is None else next(number + 1 for number, node in enumerate(nodes) if node is around.node)
            if not any(verdict.kind in _ROUNDS for _, verdict, _ in judged.frames[first:]):
                continue
            before = definitions_before(judged.around.places, -1 if around is None else around.depth, stores)
            if made_by(argument_reads(other.call), before, site.call.span.end):
                return f"{spell(other.call.function)} goes on with its result"
        return None

    def _sinks(self, site: Site) -> frozenset[object]:
        """Return what a site leads to."""
        if id(site) not in self.known_sinks:
            for here, ways in self.evidence.effects.sites.get(site.function.id, ()):
                self.known_sinks[id(here)] = frozenset(way.sink for way in ways)
        return self.known_sinks.get(id(site), frozenset())

    def _in_rounds(self, id_: str, sinks: frozenset[object]) -> dict[int | None, list[tuple[Site, Judged]]]:
        """Return the sites of a function that lead to one of some sinks, or to a realtime request, each time with what came of the last.

        They are found by the identities of the repetitions around them; all of them stand under `None`.
        """
        if (id_, sinks) not in self.known_rounds:
            found = self.known_rounds[id_, sinks] = {}
            for site, ways in self.evidence.effects.sites.get(id_, ()):
                way = next((each for each in ways if each.sink in sinks or each.is_realtime), None)
                judged = self.evidence.sites.judged(way) if way is not None and site.outline.repeated else None
                if judged is not None and any(verdict.kind in _ROUNDS for _, verdict, _ in judged.frames):
                    for key in (None, *dict.fromkeys(id(frame.node) for frame, _, _ in judged.frames)):
                        found.setdefault(key, []).append((site, judged))
        return self.known_rounds[id_, sinks]

    def _stands_out(self, effect: Effect, judged: Judged) -> bool:
        """Whether an outer repetition is the bulk job itself: fan-out, rows, or under a progress display."""
        frame = judged.innermost
        if frame is None:
            return False
        repeated = self._repeated_by(frame, effect)
        shown = self._display(frame, judged, effect.hop.site.function) is not None
        return shown or repeated.concurrent or repeated.kind == "rows" or self._report(judged, effect) is not None

    def _further_in(self, effect: Effect) -> str:
        """An inner repetition that is reported itself makes the outer one a duplicate, also where the shortest way passes it by."""
        repeats = first_along(effect.rest, self._repeats_further, "", self.known_repeating)
        return f"reported where {repeats} repeats it" if repeats else ""

    def _repeats_further(self, effect: Effect) -> str:
        """Return the title of the function that an effect begins in, if a repetition in or behind it is reported."""
        reported = any(self._leads_to_report(way) for way in (effect, *self._beside(effect)))
        return effect.hop.site.function.outline.title if reported else ""

    def _leads_to_report(self, way: Effect) -> bool:
        return first_along(way, lambda each: each.hop.repeats and self._is_reported(each), False, self.known_reported)

    def _beside(self, effect: Effect) -> Iterator[Effect]:
        """Yield the ways to the same request by which a function leads there, too."""
        function = effect.hop.site.function
        for site, ways in self.evidence.effects.sites.get(function.id, ()):
            if site is not effect.hop.site:
                yield from (way for way in ways if way.sink == effect.sink)

    def _is_reported(self, effect: Effect) -> bool:
        """Whether a repetition is reported, or what it repeats further in."""
        judged = self.evidence.sites.judged(effect)
        return judged is not None and judged.innermost is not None and not self._calm(effect, judged)

    def _workload(self, effect: Effect, frame: Frame, judged: Judged, silence: str) -> Workload:
        scope = effect.hop.site.function
        display = self._display(frame, judged, scope)
        report = None if silence else self._report(judged, effect)
        dependent = next((verdict for _, verdict, _ in judged.frames if verdict.kind == "dependent"), None)
        waiting, repetition = self.evidence.waits.waiting(scope), self._repeated_by(frame, effect)
        started = self.evidence.left_behind(effect)
        if started is not None:
            # Whoever waits here does not wait for that, and one need not be over when the next one starts.
            waiting = Waiting("unknown", waiting.entry) if waiting.answer == "yes" else waiting
            if repetition.kind in ("loop", "comprehension") and not repetition.single:
                repetition = replace(repetition, kind="fan-out", concurrent=True, via=spell(started.function))
        return self.evidence.workload(
            "pseudo-batch" if requested(effect).endpoint.surface == "pseudo-batch" else "repeated",
            effect,
            (self._repeats(effect, frame),),
            repetition=repetition,
            progress=None if display is None else self._progress(display.name, display.row.audience, display.span, scope),
            report=None if report is None else self._progress(report.name, report.audience, report.span, scope),
            independence=Independence(dependent is None, dependent.name if dependent else ""),
            volume=self._volume(frame, judged, scope),
            awaited=awaited_inside(frame),
            silence=silence,
            waiting=waiting,
        )

    def _volume(self, frame: Frame, judged: Judged, scope: FunctionNode) -> Volume:
        bound = next((bound for each, _, bound in judged.frames if each is frame), None)
        if bound is None or frame.iterable is None:
            return Volume(bound)
        before = definitions_before(judged.around.places[: frame.depth + 1], -1)
        return Volume(bound, self.evidence.sites.bounds.exact(frame.iterable, scope, before))

    def _display(self, frame: Frame, judged: Judged, scope: FunctionNode) -> Display | None:
        """Return the display of the frame, or of an outer one that a person would see move with it."""
        outer = [other for other, verdict, _ in judged.frames if other is frame or verdict.kind == ITEMS]
        for candidate in reversed(outer):
            display = self.evidence.displays.around(candidate, judged.around, scope)
            if display is not None:
                return display
        return None

    def _report(self, judged: Judged, effect: Effect) -> Report | None:
        """Return what tells others about the items that a site runs over, from inside of the loop or of an outer one."""
        site = effect.hop.site
        walked = [frame for frame, verdict, _ in judged.frames if verdict.kind == ITEMS]
        found = (self.evidence.reports.within(frame, site.call, site.function) for frame in reversed(walked))
        return next((report for report in found if report is not None), None)

    def _progress(self, name: str, audience: str, span: Span, scope: FunctionNode) -> ProgressDisplay:
        return ProgressDisplay(name, audience, self.evidence.locate(scope, span))

    def _repeated_by(self, frame: Frame, effect: Effect) -> RepeatedBy:
        hop = effect.hop
        location = self.evidence.locate(hop.site.function, frame.span)
        walked = None if frame.iterable is None else self.evidence.sites.chunks.items(frame.iterable, hop.site.function)
        items, often = ("", "") if walked is None else (spell(walked), how_often(walked))
        target = "" if frame.target is None else spell(frame.target)
        if frame.kind == "call" and isinstance(frame.node, Call) and frame.row is not None:
            row = frame.row
            rows = row.rows if isinstance(row, Repetition) else row.style == "method"
            overlap = self.evidence.concurrency.overlaps(row, frame.node, hop)
            if hop.coroutine and not overlap.single:
                overlap = replace(overlap, concurrent=True)
            plain = "map"
        else:
            rows = False
            overlap = self.evidence.concurrency.of(frame, effect)
            plain = "comprehension" if frame.kind == "comprehension" else "loop"
        if overlap.concurrent and (limit := self.evidence.concurrency.limit_of_one(frame, effect)):
            overlap = replace(overlap, concurrent=False, single=limit)
        kind = "rows" if rows else "fan-out" if overlap.concurrent else plain
        return RepeatedBy(kind, items, target, overlap.via, overlap.concurrent, location, overlap.single, often)

    def _repeats(self, effect: Effect, frame: Frame) -> TraceStep:
        what = {"for": "the loop", "while": "the loop", "comprehension": "the comprehension", "call": "the call"}[frame.kind]
        over = f" over {spell(frame.iterable)}" if frame.iterable is not None else ""
        return TraceStep(self.evidence.locate(effect.hop.site.function, frame.span), f"{what}{over} repeats")


def _repeating(way: Effect, seen: set[Effect]) -> Iterator[Effect]:
    """Return the parts of an effect that begin at a site which may repeat, and end in a realtime request, without those `seen` before.

    A pseudo-batch repeats the request itself, so that what is around it only makes more of them.
    """
    if isinstance(way.sink, Request) and way.sink.endpoint.surface in ("realtime", "pseudo-batch"):
        for tail in unseen(way, seen):
            if tail.hop.repeats if way.is_realtime else tail.rest is None:
                yield tail


def _is_realtime(sink: object) -> bool:
    return isinstance(sink, Request) and sink.endpoint.surface == "realtime"


def _better(one: Effect, other: Effect) -> bool:
    """Whether one effect of a site stands for it rather than another: what can move first, then generation, then the shorter way."""

    def rank(effect: Effect) -> tuple[bool, bool, bool, int]:
        request = requested(effect)
        return bool(request.traits), not request.endpoint.batch, request.endpoint.takes_list, effect.length

    return rank(one) < rank(other)


def _reason(kind: str, name: str) -> str:
    return _REASONS.get(kind, kind).format(name=name)
