"""Finds batches that hold a single request and are submitted once per item."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import Call, Span, dotted
from surfacelint.judgement.batches.batch_sizes import BatchSizes
from surfacelint.judgement.batches.result_fields import called
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.expression_text import how_often, source_text
from surfacelint.judgement.flow.hop_search import unseen_tails
from surfacelint.judgement.repetition.call_site_judgement import JudgedSite
from surfacelint.judgement.repetition.verdicts import ITEMS
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.model.findings import TraceStep
from surfacelint.model.workloads import RepeatedBy, Workload


def single_request_batches(evidence: Evidence) -> Iterator[Workload]:
    """Return the batches that a loop submits with one request each, at the call in the loop."""
    sizes = BatchSizes.of(evidence)
    seen: set[tuple[str, Span]] = set()
    looked_at: set[Effect] = set()
    for sites in evidence.effects.sites.values():
        for way in (way for _, ways in sites for way in ways):
            if not isinstance(way.sink, Request) or way.sink.endpoint.surface != "batch-submit" or "local" in way.sink.traits:
                continue
            for tail in unseen_tails(way, looked_at):
                site = tail.hop.site
                if not tail.hop.repeats or (site.function.id, site.call.span) in seen:
                    continue
                with evidence.guard.judging(site.function):
                    judged = evidence.sites.judged(tail)
                    frame = None if judged is None else _frame(judged, site.call)
                    if judged is not None and frame is not None and sizes.count(tail, frame, judged.around) == "one":
                        seen.add((site.function.id, site.call.span))
                        yield _workload(evidence, tail, frame)


def _frame(judged: JudgedSite, call: Call) -> EnclosingRepetition | None:
    """Return the innermost repetition over items. Either an item reaches the call, or each round writes a file for the call."""
    for frame, verdict, bound in reversed(judged.frames):
        # The client carries state from call to call, but the batches stay independent.
        of_client = verdict.kind in ("dependent", "chain") and (dotted(call.function) or "").startswith(f"{verdict.name}.")
        if verdict.kind == ITEMS or of_client:
            return frame
        over = frame.iterable if frame.kind == "for" else None
        if verdict.kind == "sampling" and over is not None and bound is None and called(over, "range") is None:
            return frame
        if verdict.kind in ("few", "conversation"):
            return None
    return None


def _workload(evidence: Evidence, effect: Effect, frame: EnclosingRepetition) -> Workload:
    scope = effect.hop.site.function
    location = evidence.locate(scope, frame.span)
    walked = None if frame.iterable is None else evidence.sites.chunks.items(frame.iterable, scope)
    items, often = ("", "") if walked is None else (source_text(walked), how_often(walked))
    target = "" if frame.target is None else source_text(frame.target)
    step = TraceStep(location, f"the loop over `{items}` repeats the call" if items else "the loop repeats the call")
    repetition = RepeatedBy("loop", items, target, "", concurrent=False, location=location, often=often)
    return evidence.workload("batch-of-one", effect, (step,), repetition=repetition)
