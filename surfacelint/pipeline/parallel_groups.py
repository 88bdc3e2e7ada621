"""The groups of a program given out to processes, one for each group, and what they find out put together again."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.config import Hierarchy
from surfacelint.judgement.declared_contradictions import Contradiction
from surfacelint.judgement.workload_finders import by_place
from surfacelint.model.workloads import Program
from surfacelint.pipeline.group_analysis import analyse, survey
from surfacelint.pipeline.workload_cache import Outcome, Outcomes
from surfacelint.reading.source_reader import Reading, Sources
from surfacelint.system.records import record
from surfacelint.system.worker_processes import can_fork, each_apart


@record(frozen=True, slots=True)
class Judged:
    """What rules see, what is odd about declarations, and the modules in which nothing was looked for, since they are test code."""

    program: Program
    contradictions: tuple[Contradiction, ...]
    tests: frozenset[str]


def judge(hierarchy: Hierarchy, catalogue: Catalogue, sources: Sources) -> Judged:
    """Return what there is to say about a project. What cannot be read is noted in `sources.errors`."""
    surveyed = survey(hierarchy, catalogue, sources)
    outcomes = Outcomes(hierarchy, sources, surveyed)
    found = [outcomes.known(group) for group in surveyed.groups]
    missing = [group for group, known in zip(surveyed.groups, found, strict=True) if known is None]
    sources.timings.count("groups analysed", len(missing))

    def work(group: frozenset[str]) -> Outcome:
        return outcomes.found(group, lambda: analyse(hierarchy, catalogue, sources, surveyed, group))

    # The longest first, so that no process is left with one when the others are done.
    missing.sort(key=lambda group: -sum(len(sources.text(module)) for module in group))
    if sources.jobs > len(missing):
        sources.prepare(sorted(module for group in missing for module in group))
    apart = sources.jobs > 1 and len(missing) > 1 and can_fork()
    found += _apart(missing, work, sources) if apart else map(work, missing)
    # What two groups have both come to is said once.
    workloads = dict.fromkeys(workload for outcome in found if outcome is not None for workload in outcome.program.workloads)
    odd = {each for outcome in found if outcome is not None for each in outcome.contradictions}
    return Judged(Program(by_place(workloads)), tuple(sorted(odd)), surveyed.tests)


def _apart(groups: list[frozenset[str]], work: Callable[[frozenset[str]], Outcome], sources: Sources) -> Iterator[Outcome]:
    """Yield what `work` makes of groups. Where a process dies it is tried once more, without the modules that cannot be read."""

    def written(group: frozenset[str]) -> bytes:
        # Read by the process that made this one, through a pipe that nobody else has.
        try:
            return pickle.dumps(sources.aside(lambda: work(group)))
        except Exception as error:
            return pickle.dumps(error)

    for number, data in each_apart(groups, written, sources.jobs):
        if data is None:
            sources.prepare(sorted(groups[number]), careful=True)
            data = dict(each_apart([groups[number]], written, 1))[0]
        found: tuple[Outcome, Reading] | Exception | None = None if data is None else pickle.loads(data)
        if isinstance(found, Exception):
            raise found
        if found is None:
            sources.lost(groups[number])
        else:
            sources.take(found[1])
            yield found[0]
