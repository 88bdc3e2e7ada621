"""Runs all finders over a program and returns its workloads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from surfacelint.judgement.batches.discarded_ids import discarded_ids
from surfacelint.judgement.batches.endless_polling import endless_polls
from surfacelint.judgement.batches.handler_submissions import handler_batches
from surfacelint.judgement.batches.single_request_batches import single_request_batches
from surfacelint.judgement.batches.unchecked_results import result_misuses
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.finders.blocking_requests import blocking_requests
from surfacelint.judgement.finders.follow_up_requests import follow_up_requests
from surfacelint.judgement.finders.repeated_requests import repeated_requests
from surfacelint.judgement.finders.single_requests import background_requests, scheduled_requests, unsuitable_tiers
from surfacelint.model.workloads import Workload

FINDERS: tuple[Callable[[Evidence], Iterator[Workload]], ...] = (
    repeated_requests,
    handler_batches,
    blocking_requests,
    scheduled_requests,
    background_requests,
    unsuitable_tiers,
    follow_up_requests,
    discarded_ids,
    endless_polls,
    result_misuses,
    single_request_batches,
)
"""Each finder returns the workloads of one kind, or of a few related kinds."""


def workloads(evidence: Evidence) -> tuple[Workload, ...]:
    """Return all workloads of the program, sorted by place."""
    found = [workload for finder in FINDERS for workload in finder(evidence)]
    return by_place(found)


def by_place(found: Iterable[Workload]) -> tuple[Workload, ...]:
    """Return workloads sorted by place."""
    return tuple(sorted(found, key=lambda w: (w.site.path, w.site.cell or 0, w.site.span, w.endpoint.path, w.kind, w.silence)))
