"""Describes the repetition around a call site: what repeats it, whether rounds overlap, and what shows its progress."""

from __future__ import annotations

from dataclasses import replace

from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Call, Comprehension
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.expression_text import how_often, source_text
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.progress.progress_displays import Display
from surfacelint.judgement.progress.progress_reports import Report
from surfacelint.judgement.repetition.call_site_judgement import JudgedSite
from surfacelint.judgement.repetition.verdicts import ITEMS
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.findings import TraceStep
from surfacelint.model.workloads import RepeatedBy, Volume
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class RepetitionDetails:
    """Answers questions about the repetitions of one program."""

    evidence: Evidence

    def repeated_by(self, frame: EnclosingRepetition, effect: Effect) -> RepeatedBy:
        """Return what `frame`, a repetition of the first call site of `effect`, runs over, and whether its rounds overlap."""
        hop = effect.hop
        location = self.evidence.locate(hop.site.function, frame.span)
        walked = None if frame.iterable is None else self.evidence.sites.chunks.items(frame.iterable, hop.site.function)
        while isinstance(walked, Comprehension):
            # What the comprehension goes through says more than the code of its items.
            walked = self.evidence.sites.chunks.items(walked.clauses[0].iterable, hop.site.function)
        items, often = ("", "") if walked is None else (source_text(walked), how_often(walked))
        target = "" if frame.target is None else source_text(frame.target)
        if isinstance(frame.node, Call) and frame.row is not None:
            row = frame.row
            rows = row.rows if isinstance(row, Repetition) else row.style == "method"
            overlap = self.evidence.concurrency.overlaps(row, frame.node, hop)
            target = "" if frame.kind == "decorator" else target
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
        return RepeatedBy(
            kind, items, target, overlap.via, overlap.concurrent, location, overlap.single, often, self._runs_elsewhere(frame, effect)
        )

    def _runs_elsewhere(self, frame: EnclosingRepetition, effect: Effect) -> bool:
        """Whether an engine makes the calls, later or on other machines."""
        rows = [row for row in (frame.row, effect.hop.row) if isinstance(row, Repetition)]
        mapped = self.evidence.sites.mapped.mapping(effect.hop.site.function) is not None
        return mapped or any(row.elsewhere or row.items == "none" for row in rows)

    def over(self, data: EnclosingRepetition, inner: RepeatedBy, effect: Effect) -> RepeatedBy:
        """Return `inner`, a repetition for each of a few facets of an item, as one over the items that `data` runs over."""
        outer = self.repeated_by(data, effect)
        often = f"{outer.often or f'once per item of `{outer.items}`'}, for each of `{inner.items}`" if inner.items and outer.items else ""
        return replace(inner, items=outer.items, target=outer.target, often=often)

    def volume(self, frame: EnclosingRepetition, judged: JudgedSite, scope: FunctionNode) -> Volume:
        """Return the known limit on the number of items of `frame`, and whether it is exact."""
        bound = next((bound for each, _, bound in judged.frames if each is frame), None)
        if bound is None or frame.iterable is None:
            return Volume(bound)
        before = definitions_before(judged.around.places[: frame.depth + 1], -1)
        return Volume(bound, self.evidence.sites.bounds.exact(frame.iterable, scope, before))

    def display(self, frame: EnclosingRepetition, judged: JudgedSite, scope: FunctionNode) -> Display | None:
        """Return the progress display of `frame`, or of an outer repetition over items, which moves with it."""
        outer = [other for other, verdict, _ in judged.frames if other is frame or verdict.kind == ITEMS]
        for candidate in reversed(outer):
            display = self.evidence.displays.around(candidate, judged.around, scope)
            if display is not None:
                return display
        return None

    def report(self, judged: JudgedSite, effect: Effect) -> Report | None:
        """Return what reports progress from inside the innermost repetition over items, or from inside an outer one."""
        site = effect.hop.site
        walked = [frame for frame, verdict, _ in judged.frames if verdict.kind == ITEMS]
        found = (self.evidence.reports.within(frame, site.call, site.function) for frame in reversed(walked))
        return next((report for report in found if report is not None), None)

    def is_prominent(self, effect: Effect, judged: JudgedSite) -> bool:
        """Whether the innermost repetition is the bulk job itself: a fan-out, a call per row, or a loop that shows its progress."""
        frame = judged.innermost
        if frame is None or (isinstance(frame.row, Repetition) and frame.row.per in ("chunk", "partition")):
            return False  # the loop in what is called goes through the items of a partition
        repeated = self.repeated_by(frame, effect)
        shown = self.display(frame, judged, effect.hop.site.function) is not None
        if isinstance(frame.row, Repetition) and frame.row.per not in ("item", "once"):
            return shown  # a loop over the items of a part is the bulk job
        return shown or repeated.concurrent or repeated.kind == "rows" or self.report(judged, effect) is not None

    def trace_step(self, effect: Effect, frame: EnclosingRepetition) -> TraceStep:
        """Return the trace step of a repetition: "the loop over `reviews` repeats the call"."""
        over = f" over `{source_text(frame.iterable)}`" if frame.iterable is not None else ""
        if isinstance(frame.node, Call):
            name = source_text(frame.node.function)
            note = f"`{name}` iterates{over}" if over else f"`{name}` repeats the call"
        else:
            note = f"the {'comprehension' if frame.kind == 'comprehension' else 'loop'}{over} repeats the call"
        return TraceStep(self.evidence.locate(effect.hop.site.function, frame.span), note)
