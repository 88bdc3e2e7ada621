"""The groups of a program given out to processes, one for each group, and what they find out put together again."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass

from surfacelint.analysis import Survey, analyse, survey
from surfacelint.catalogue.catalogue import Catalogue
from surfacelint.config import Hierarchy
from surfacelint.judgement.contradictions import Contradiction
from surfacelint.judgement.workloads import by_place
from surfacelint.program import Program
from surfacelint.sources import Reading, Sources
from surfacelint.workers import can_fork, each_apart


@dataclass(frozen=True, slots=True)
class Outcome:
    """What rules see, what is odd about declarations, and the modules in which nothing was looked for, since they are test code."""

    program: Program
    contradictions: tuple[Contradiction, ...]
    tests: frozenset[str]


def judge(hierarchy: Hierarchy, catalogue: Catalogue, sources: Sources) -> Outcome:
    """Return what there is to say about a project. What cannot be read is noted in `sources.errors`."""
    surveyed = survey(hierarchy, catalogue, sources)
    apart = sources.jobs > 1 and len(surveyed.groups) > 1 and can_fork()
    outcomes = list((_apart if apart else _here)(hierarchy, catalogue, sources, surveyed))
    # What two groups have both come to is said once.
    workloads = dict.fromkeys(workload for outcome in outcomes for workload in outcome.program.workloads)
    odd = {each for outcome in outcomes for each in outcome.contradictions}
    return Outcome(Program(by_place(workloads)), tuple(sorted(odd)), surveyed.tests)


def _here(hierarchy: Hierarchy, catalogue: Catalogue, sources: Sources, surveyed: Survey) -> Iterator[Outcome]:
    for group in surveyed.groups:
        yield _outcome(hierarchy, catalogue, sources, surveyed, group)


def _apart(hierarchy: Hierarchy, catalogue: Catalogue, sources: Sources, surveyed: Survey) -> Iterator[Outcome]:
    def work(group: frozenset[str]) -> bytes:
        # Read by the process that made this one, through a pipe that nobody else has.
        try:
            return pickle.dumps(sources.aside(lambda: _outcome(hierarchy, catalogue, sources, surveyed, group)))
        except Exception as error:
            return pickle.dumps(error)

    for number, data in each_apart(surveyed.groups, work, sources.jobs):
        found: tuple[Outcome, Reading] | Exception | None = None if data is None else pickle.loads(data)
        if isinstance(found, Exception):
            raise found
        if found is None:
            sources.lost(surveyed.groups[number])
        else:
            sources.take(found[1])
            yield found[0]


def _outcome(hierarchy: Hierarchy, catalogue: Catalogue, sources: Sources, surveyed: Survey, group: frozenset[str]) -> Outcome:
    analysis = analyse(hierarchy, catalogue, sources, surveyed, group)
    loud = tuple([workload for workload in analysis.program.workloads if not workload.silence])
    return Outcome(Program(loud), analysis.contradictions, surveyed.tests)
