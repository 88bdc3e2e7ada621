"""Batches that hold a single request and are submitted for each item."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import Call, Span, dotted
from surfacelint.judgement.batches.batch_sizes import Contents
from surfacelint.judgement.batches.result_collection import called
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.enclosing_repetitions import Frame
from surfacelint.judgement.flow.expression_text import how_often, spell
from surfacelint.judgement.flow.route_memo import unseen
from surfacelint.judgement.repetition.call_site_judgement import Judged
from surfacelint.judgement.repetition.verdicts import ITEMS
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.model.findings import TraceStep
from surfacelint.model.workloads import RepeatedBy, Workload


def batches_of_one(evidence: Evidence) -> Iterator[Workload]:
    """Return the batches that are submitted for each item with the request of that item alone, each at the call in the loop."""
    contents = Contents(evidence)
    seen: set[tuple[str, Span]] = set()
    looked_at: set[Effect] = set()
    for sites in evidence.effects.sites.values():
        for way in (way for _, ways in sites for way in ways):
            if not isinstance(way.sink, Request) or way.sink.endpoint.surface != "batch-submit" or "local" in way.sink.traits:
                continue
            for tail in unseen(way, looked_at):
                site = tail.hop.site
                if not tail.hop.repeats or (site.function.id, site.call.span) in seen:
                    continue
                with evidence.guard.judging(site.function):
                    judged = evidence.sites.judged(tail)
                    frame = None if judged is None else _frame(judged, site.call)
                    if judged is not None and frame is not None and contents.submitted(tail, frame, judged.around) == "one":
                        seen.add((site.function.id, site.call.span))
                        yield _workload(evidence, tail, frame)


def _frame(judged: Judged, call: Call) -> Frame | None:
    """Return the innermost frame that walks over items: by what reaches the call, or by a file that is written anew in each round."""
    for frame, verdict, bound in reversed(judged.frames):
        # Whoever adds to a batch changes the client, and the next batch is none the worse for it.
        of_client = verdict.kind == "dependent" and (dotted(call.function) or "").startswith(f"{verdict.name}.")
        if verdict.kind == ITEMS or of_client:
            return frame
        over = frame.iterable if frame.kind == "for" else None
        if verdict.kind == "sampling" and over is not None and bound is None and called(over, "range") is None:
            return frame
        if verdict.kind in ("few", "conversation"):
            return None
    return None


def _workload(evidence: Evidence, effect: Effect, frame: Frame) -> Workload:
    scope = effect.hop.site.function
    location = evidence.locate(scope, frame.span)
    walked = None if frame.iterable is None else evidence.sites.chunks.items(frame.iterable, scope)
    items, often = ("", "") if walked is None else (spell(walked), how_often(walked))
    target = "" if frame.target is None else spell(frame.target)
    step = TraceStep(location, f"the loop over {items} repeats" if items else "the loop repeats")
    repetition = RepeatedBy("loop", items, target, "", concurrent=False, location=location, often=often)
    return evidence.workload("batch-of-one", effect, (step,), repetition=repetition)
