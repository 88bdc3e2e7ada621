"""One analysis of a project: from the relevant files to workloads, with everything that explanations need."""

from __future__ import annotations

from dataclasses import dataclass

from surfacelint import screening
from surfacelint.catalogue.catalogue import Catalogue
from surfacelint.config import Config
from surfacelint.judgement.bodies import Bodies
from surfacelint.judgement.concurrency import Concurrency
from surfacelint.judgement.displays import Displays
from surfacelint.judgement.entries import Entries
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.sites import Sites
from surfacelint.judgement.waiting import Waits
from surfacelint.judgement.workloads import workloads
from surfacelint.linking.callgraph import CallGraph, Linker
from surfacelint.linking.effects import Effects, solve
from surfacelint.linking.modules import ClassNode
from surfacelint.linking.resolution import Resolver
from surfacelint.linking.targets import Request, Targets
from surfacelint.program import Program
from surfacelint.project import SourceFile
from surfacelint.sources import Sources


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the stages made of a project."""

    graph: CallGraph
    resolver: Resolver
    effects: Effects
    evidence: Evidence
    program: Program


def analyse(config: Config, catalogue: Catalogue, sources: Sources) -> Analysis:
    """Return the analysis of the project that `sources` are of. What cannot be read is noted in `sources.errors`."""
    screened = screening.screen(sources.project, sources.bytes, catalogue.needles, catalogue.http_needles, catalogue.mentions)
    for module, problem in screened.unreadable.items():
        file = sources.project.file(module)
        if file is not None:
            sources.fail(file, problem)
    resolver = Resolver(sources, catalogue)
    targets = Targets(resolver, catalogue)
    # Test code calls everything, which would say nothing about who waits for it.
    relevant = _without_tests(screened.relevant, config, sources)
    linker = Linker(resolver, targets)
    graph = linker.link(relevant)
    effects = solve(graph, resolver, targets)
    known_by_kind = _known_by_kind(effects, resolver, relevant)
    if known_by_kind:
        relevant |= _without_tests(screening.with_importers(known_by_kind, screened.imports), config, sources)
        graph = linker.link(relevant)
        effects = solve(graph, resolver, targets)
    entries = Entries(graph, resolver, catalogue)
    bodies = Bodies(sources)
    evidence = Evidence(
        effects=effects,
        resolver=resolver,
        catalogue=catalogue,
        sites=Sites(effects, resolver, catalogue, bodies, config.min_items),
        displays=Displays(resolver, catalogue),
        entries=entries,
        waits=Waits(graph, effects, entries, resolver, catalogue),
        concurrency=Concurrency(resolver, catalogue, bodies),
        locate=sources.location,
    )
    return Analysis(graph, resolver, effects, evidence, Program(workloads(evidence)))


def _known_by_kind(effects: Effects, resolver: Resolver, relevant: frozenset[str]) -> frozenset[str]:
    """Return the modules of base classes through which requests are made by those who do not import who makes them.

    A base class without a provider in sight declares `ask`, subclasses send the request, and a factory picks one by name.
    """
    found: set[str] = set()
    for id_, summary in effects.summaries.items():
        function = resolver.function(id_)
        if function.owner is None or not any(isinstance(effect.sink, Request) for effect in summary):
            continue
        name = id_.rpartition(".")[2]
        for base in resolver.classes.bases(function.owner.id)[1:]:
            if isinstance(base, ClassNode) and name in base.methods and base.module.name not in relevant and not name.startswith("__init"):
                found.add(base.module.name)
    return frozenset(found)


def _without_tests(modules: frozenset[str], config: Config, sources: Sources) -> frozenset[str]:
    if config.check_tests:
        return modules
    return frozenset(module for module in modules if not _is_test(sources.project.file(module), config))


def _is_test(file: SourceFile | None, config: Config) -> bool:
    if file is None:
        return False
    inside = file.path.relative_to(config.root) if file.path.is_relative_to(config.root) else file.path
    name = inside.name
    named = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
    return named or not {"test", "tests"}.isdisjoint(inside.parts[:-1])
