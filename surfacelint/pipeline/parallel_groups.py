"""Analysis of all groups in parallel, one worker process per group, with cached workloads where available."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.config import Hierarchy
from surfacelint.judgement.declared_contradictions import Contradiction
from surfacelint.judgement.workload_finders import by_place
from surfacelint.model.findings import Location
from surfacelint.model.workloads import Program
from surfacelint.pipeline.group_analysis import analyse, survey
from surfacelint.pipeline.workload_cache import GroupWorkloads, WorkloadCache
from surfacelint.reading.source_reader import Reading, Sources
from surfacelint.system.records import record
from surfacelint.system.worker_processes import can_fork, map_in_separate_processes


@record(frozen=True, slots=True)
class ProjectWorkloads:
    """Workloads, contradictory declarations, and the modules that were skipped as test code.

    `requests` and `judged` are where requests and workloads are, also those that no rule reports.
    """

    program: Program
    contradictions: tuple[Contradiction, ...]
    tests: frozenset[str]
    requests: frozenset[Location]
    judged: frozenset[Location]


def analyse_groups(hierarchy: Hierarchy, catalogue: Catalogue, sources: Sources, *, listing: bool = False) -> ProjectWorkloads:
    """Analyse all groups of a project. Adds unreadable files to `sources.errors`. With `listing`, find all workloads of a review."""
    surveyed = survey(hierarchy, catalogue, sources)
    workload_cache = WorkloadCache(hierarchy, sources, surveyed, listing)
    found = [workload_cache.cached(group) for group in surveyed.groups]
    missing = [group for group, known in zip(surveyed.groups, found, strict=True) if known is None]
    sources.timings.count("groups analysed", len(missing))

    def work(group: frozenset[str]) -> GroupWorkloads:
        return workload_cache.analysed(group, lambda: analyse(hierarchy, catalogue, sources, surveyed, group, listing=listing))

    # Start with the longest group, so that no process starts one when the others are done.
    missing.sort(key=lambda group: -sum(len(sources.text(module)) for module in group))
    if sources.jobs > len(missing):
        sources.prepare(sorted(module for group in missing for module in group))
    is_parallel = sources.jobs > 1 and len(missing) > 1 and can_fork()
    found += _in_processes(missing, work, sources) if is_parallel else map(work, missing)
    # Two groups may find the same workload.
    outcomes = [outcome for outcome in found if outcome is not None]
    workloads = dict.fromkeys(workload for outcome in outcomes for workload in outcome.program.workloads)
    contradictions = {each for outcome in outcomes for each in outcome.contradictions}
    return ProjectWorkloads(
        Program(by_place(workloads)),
        tuple(sorted(contradictions)),
        surveyed.tests,
        frozenset(place for outcome in outcomes for place in outcome.requests),
        frozenset(place for outcome in outcomes for place in outcome.judged),
    )


def _in_processes(
    groups: list[frozenset[str]], work: Callable[[frozenset[str]], GroupWorkloads], sources: Sources
) -> Iterator[GroupWorkloads]:
    """Yield the outcomes of `work` in worker processes. If a process dies, retry once without the modules that cannot be read."""

    def pickled(group: frozenset[str]) -> bytes:
        # Unpickling is safe: the parent process reads this from a private pipe.
        try:
            return pickle.dumps(sources.read_in_worker(lambda: work(group)))
        except Exception as error:
            return pickle.dumps(error)

    for number, data in map_in_separate_processes(groups, pickled, sources.jobs):
        if data is None:
            sources.prepare(sorted(groups[number]), careful=True)
            data = dict(map_in_separate_processes([groups[number]], pickled, 1))[0]
        found: tuple[GroupWorkloads, Reading] | Exception | None = None if data is None else pickle.loads(data)
        if isinstance(found, Exception):
            raise found
        if found is None:
            sources.lost(groups[number])
        else:
            sources.take(found[1])
            yield found[0]
