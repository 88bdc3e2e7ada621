"""Finds loops that poll a batch job and never end if the batch fails, expires or is cancelled."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.facts.function_bodies import For, While
from surfacelint.judgement.batches.batch_jobs import BatchJobs, batch_effects
from surfacelint.judgement.batches.poll_simulation import PollLoop
from surfacelint.judgement.evidence import Evidence, request_of
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.model.workloads import Workload


def endless_polls(evidence: Evidence) -> Iterator[Workload]:
    """Return the loops that never end if a batch fails, each at the call in the loop that reads the status."""
    seen: set[tuple[str, object]] = set()
    for effect in batch_effects(evidence, "batch-poll"):
        request = request_of(effect)
        api = evidence.catalogue.provider(request.provider).batch
        site = effect.hop.site
        with evidence.guard.judging(site.function):
            loop = _loop_around(evidence, effect)
            if loop is None or api is None or not api.status or not api.success or (site.function.id, loop.span) in seen:
                continue
            seen.add((site.function.id, loop.span))
            poll = PollLoop(evidence, BatchJobs(api, evidence.resolver, evidence.catalogue), site.function, loop)
            states = _endless_states(poll, api)
            if states:
                yield evidence.workload("endless-poll", effect, about=_alternatives(states))


def _loop_around(evidence: Evidence, effect: Effect) -> While | None:
    """Return the `while` loop around the first call site of `effect`, unless a `for` loop is in between."""
    around = evidence.sites.bodies.around(effect.hop.site)
    for place in reversed(around.places if around is not None else ()):
        if isinstance(place.statement, For) and place.role == "body":
            return None
        if isinstance(place.statement, While) and place.role in ("body", "test"):
            return place.statement
    return None


def _endless_states(poll: PollLoop, api: BatchApi) -> list[str]:
    """Return the terminal states in which the loop never ends, or nothing if the loop handles enough of them.

    The state that follows a cancellation may be missing, because it must be requested. A loop that names only one of several success states
    is written for another API of the provider. Then the failure states that it handles are enough.
    """
    ends_on_success = [poll.may_end(state) for state in api.success]
    failures = [state for state in api.done if state not in api.success]
    endless = [state for state in failures if any(ends_on_success) and not poll.may_end(state)]
    is_handled = set(endless) <= set(api.cancelled) or (endless != failures and not all(ends_on_success))
    return [] if is_handled else endless


def _alternatives(states: list[str]) -> str:
    return states[0] if len(states) == 1 else f"{', '.join(states[:-1])} or {states[-1]}"
