"""Analysis of one group of modules: from screening through linking to workloads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache, partial

from surfacelint.catalogue.index import Catalogue
from surfacelint.config import Hierarchy, is_module
from surfacelint.judgement.declared_contradictions import Contradiction, contradictions
from surfacelint.judgement.declared_facts import Declarations, FunctionSettings
from surfacelint.judgement.error_guard import Guard
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.progress.progress_displays import ProgressDisplays
from surfacelint.judgement.progress.progress_reports import ProgressReports
from surfacelint.judgement.progress.shown_answers import ShownAnswers
from surfacelint.judgement.repetition.batch_runs import BatchRuns
from surfacelint.judgement.repetition.call_site_judgement import CallSiteJudge
from surfacelint.judgement.repetition.collected_streams import CollectedStreams
from surfacelint.judgement.repetition.concurrency import Concurrency
from surfacelint.judgement.repetition.repair_requests import RepairRequests
from surfacelint.judgement.waiting.entry_points import EntryPoints
from surfacelint.judgement.waiting.shared_state import SharedState
from surfacelint.judgement.waiting.user_waiting import UserWaiting
from surfacelint.judgement.workload_finders import by_place, workloads
from surfacelint.judgement.workload_listing import listed_workloads
from surfacelint.linking.calls.call_graph import CallGraph, Linker
from surfacelint.linking.calls.call_targets import Request, TargetFinder
from surfacelint.linking.calls.request_summaries import Effects, SummarySolver
from surfacelint.linking.evaluation.class_hierarchy import DEEPEST_LINEAGE
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode
from surfacelint.model.findings import Location
from surfacelint.model.workloads import Program
from surfacelint.project.module_names import SourceFile
from surfacelint.reading.source_reader import Sources
from surfacelint.relevance import import_screening
from surfacelint.relevance.independent_groups import groups
from surfacelint.relevance.name_narrowing import Narrowing
from surfacelint.system.did_you_mean import suggestion
from surfacelint.system.records import record

_TESTS = (b"def test", b"class Test", b"unittest", b"pytest", b"TestCase")
"""Bytes of which every module that defines tests contains at least one."""


@record(frozen=True, slots=True)
class Survey:
    """Relevant modules of a project, in independent `groups`.

    `narrowing` selected the modules. `tests` are modules that lead to a provider but are test code.
    """

    narrowing: Narrowing
    groups: tuple[frozenset[str], ...]
    tests: frozenset[str]

    def around(self, module: str) -> tuple[frozenset[str], ...]:
        """Return the group of a module, or all groups if it is in none, because any may lead to it."""
        return tuple(group for group in self.groups if module in group) or self.groups


@record(frozen=True, slots=True)
class Analysis:
    """Results of all stages for one group.

    `narrowed` are the modules that were read to find further relevant modules, `requests` the places of all requests.
    """

    graph: CallGraph
    resolver: Resolver
    effects: Effects
    evidence: Evidence
    program: Program
    contradictions: tuple[Contradiction, ...]
    narrowed: frozenset[str]
    requests: tuple[Location, ...]

    def has(self, module: str) -> bool:
        """Whether any function of a module was analysed."""
        return any(id_.rpartition(":")[0] == module for id_ in self.graph.functions)


def survey(hierarchy: Hierarchy, catalogue: Catalogue, sources: Sources) -> Survey:
    """Return the relevant modules of a project. Adds unreadable files to `sources.errors`."""
    stage = sources.timings.stage
    with stage("screening"):
        known = sources.known_scans()
        screened = import_screening.screen(
            sources.project, sources.bytes, catalogue.needles, catalogue.http_needles, catalogue.mentions, known, sources.jobs
        )
        sources.keep_scans(screened.scans)
    for module, problem in screened.unreadable.items():
        file = sources.project.file(module)
        if file is not None:
            sources.fail(file, problem)
    # Tests call everything, so their calls do not show whether a user waits.
    checked = _without_tests(screened.imports, hierarchy, sources)
    imports = {module: targets for module, targets in screened.imports.items() if module in checked}
    narrowing = Narrowing(sources, imports)
    with stage("narrowing"):
        narrowing.follow_imports(screened.seeds & checked, _roots(catalogue))
        found = groups(narrowing.modules, imports, narrowing.bases)
    sources.timings.count("relevant files", len(narrowing.modules))
    return Survey(narrowing, found or (frozenset(),), screened.relevant - checked)


def analyse(
    hierarchy: Hierarchy, catalogue: Catalogue, sources: Sources, surveyed: Survey, group: frozenset[str], *, listing: bool = False
) -> Analysis:
    """Analyse one group of modules. Adds unreadable files to `sources.errors`. With `listing`, find all workloads of a review."""
    stage = sources.timings.stage
    resolver = Resolver(sources, catalogue)
    targets = TargetFinder(resolver, catalogue)
    linker = Linker(resolver, targets)
    with stage("linking"):
        graph = linker.link(group)
    with stage("effects"):
        base_classes = _request_base_classes(SummarySolver(graph, resolver, targets), graph, resolver, group)
    narrowed: frozenset[str] = frozenset()
    if base_classes:
        with stage("narrowing"):
            narrowing = surveyed.narrowing.branch(group)
            narrowing.follow_names(base_classes)
            narrowed = frozenset(narrowing.looked_at)
        with stage("linking"):
            graph = linker.link(narrowing.modules)
    resolver.settle()
    solver = SummarySolver(graph, resolver, targets)
    _report_deep_inheritance(resolver, sources)
    with stage("effects"):
        effects = solver.effects()

    @cache
    def settings(function: FunctionNode) -> FunctionSettings:
        file = sources.project.file(function.module.name)
        config = hierarchy.run if file is None else hierarchy.at(file.path)
        return FunctionSettings(config.min_items, config.min_calls_per_day, config.declared(function.module.name, function.outline.title))

    declarations = Declarations(sources.text, settings)
    guard = Guard(partial(_report_failed_function, sources))
    entries = EntryPoints(graph, resolver, catalogue, declarations, guard)
    bodies = Bodies(sources, solver.conditions.holds)
    evidence = Evidence(
        effects=effects,
        resolver=resolver,
        catalogue=catalogue,
        declarations=declarations,
        sites=CallSiteJudge(effects, resolver, catalogue, bodies, declarations, solver.conditions),
        displays=ProgressDisplays(resolver, catalogue),
        reports=ProgressReports(effects, resolver, catalogue, bodies, SharedState(resolver, bodies, entries)),
        shown=ShownAnswers(resolver, catalogue, entries),
        entries=entries,
        waits=UserWaiting(graph, effects, entries, resolver, catalogue, bodies),
        concurrency=Concurrency(resolver, catalogue, bodies),
        streams=CollectedStreams(resolver, catalogue, bodies),
        repairs=RepairRequests(catalogue, bodies),
        batch_runs=BatchRuns(effects, resolver, catalogue, bodies),
        locate=sources.location,
        guard=guard,
    )
    with stage("judgement"):
        found = workloads(evidence)
        program = Program(by_place(listed_workloads(evidence, found)) if listing else found)
    sources.timings.count("functions linked", len(graph.functions))
    sources.timings.count("calls linked", sum(map(len, graph.sites.values())))
    return Analysis(
        graph, resolver, effects, evidence, program, contradictions(evidence, found), narrowed, _requests(effects, resolver, sources)
    )


def _requests(effects: Effects, resolver: Resolver, sources: Sources) -> tuple[Location, ...]:
    """Return the places of all requests, sorted."""
    ways = (way for sites in effects.sites.values() for _, found in sites for way in found)
    found = {(way.sink.function, way.sink.span) for way in ways if isinstance(way.sink, Request)}
    return tuple(sorted({sources.location(resolver.function(function), span) for function, span in found}))


def _report_deep_inheritance(resolver: Resolver, sources: Sources) -> None:
    """Report, once per file, a class that inherits from more classes than the analysis follows."""
    first: dict[str, ClassNode] = {}
    for node in map(resolver.classes.node, sorted(resolver.classes.cut)):
        known = first.setdefault(node.module.name, node)
        if node.outline.span < known.outline.span:
            first[node.module.name] = node
    for module, node in first.items():
        file = sources.project.file(module)
        if file is not None:
            problem = f"was checked in part: `{node.outline.qualname}` inherits from more than {DEEPEST_LINEAGE} classes"
            sources.fail(file, problem, node.outline.span.start.line)


def _report_failed_function(sources: Sources, function: FunctionNode, error: Exception) -> None:
    """Report an internal error in the analysis of a function at its file. With SURFACELINT_DEBUG, raise it instead."""
    file = sources.project.file(function.module.name)
    if file is None or os.environ.get("SURFACELINT_DEBUG"):
        raise error
    title = function.outline.title
    if isinstance(error, RecursionError | MemoryError):
        problem = f"`{title}` is too long or nested too deeply to analyse"
    else:
        details = f"{type(error).__name__}: {error}".partition("\n")[0]
        problem = f"the analysis of `{title}` failed with {details}; please report it with the output of SURFACELINT_DEBUG=1"
    known = frozenset(sources.errors)
    sources.fail(file, f"was checked in part: {problem}", function.outline.span.start.line)
    if sources.errors[-1] in known:
        sources.errors.pop()  # the same error was already reported for this function
    sources.repeatable = False


def analysis_containing(module: str, analyses: Iterable[Analysis]) -> Analysis:
    """Return the first analysis that includes a module, or the first one if none does."""
    first = None
    for analysis in analyses:
        if analysis.has(module):
            return analysis
        first = first or analysis
    assert first is not None
    return first


def unknown_functions(hierarchy: Hierarchy, sources: Sources) -> Iterator[str]:
    """Yield a warning for each function in the `workloads` setting that does not exist."""
    for config in hierarchy.folders():
        layer = config.origin("workloads")
        for name, _ in config.workloads:
            where = "workloads" if layer is None else layer.place("workloads", name)
            wanted, _, function = name.partition(":")
            modules = [file.module for file in sources.project.files if is_module(wanted, file.module)]
            outlines = [outline for module in modules if (outline := sources.outline(module)) is not None]
            known = [each.title for outline in outlines for each in outline.functions]
            if not modules:
                hint = suggestion(wanted, [file.module for file in sources.project.files], "use the dotted name, as in an import")
                yield f"{where}: there is no module {wanted!r}; {hint}"
            elif function not in known:
                yield f"{where}: there is no function {function!r} in {wanted}; {suggestion(function, known, 'see there')}"


def _roots(catalogue: Catalogue) -> frozenset[str]:
    """Return the top-level packages through which a module may reach a provider."""
    return frozenset(needle.partition(".")[0] for needle in catalogue.needles) | {
        module.decode() for module in import_screening.HTTP_MODULES
    }


def _request_base_classes(solver: SummarySolver, graph: CallGraph, resolver: Resolver, relevant: frozenset[str]) -> dict[str, set[str]]:
    """Return the base classes, by module, whose overriding methods send requests, outside the relevant modules.

    Example: a base class without a provider declares `ask`, its subclasses send the request, and a factory picks one by
    name. Callers of `ask` import only the base class.
    """
    overridden = {id_: bases for id_ in graph.functions if (bases := _overridden(resolver.function(id_), resolver, relevant))}
    found: dict[str, set[str]] = {}
    for id_, summary in solver.summaries(overridden).items():
        if any(isinstance(effect.sink, Request) for effect in summary):
            for base in overridden[id_]:
                found.setdefault(base.module.name, set()).add(base.outline.qualname.partition(".")[0])
    return found


def _overridden(method: FunctionNode, resolver: Resolver, relevant: frozenset[str]) -> list[ClassNode]:
    """Return the base classes outside the relevant modules that define a method, too. A constructor overrides none."""
    name = method.id.rpartition(".")[2]
    if method.owner is None or name.startswith("__init"):
        return []
    bases = resolver.classes.bases(method.owner.id)[1:]
    return [base for base in bases if isinstance(base, ClassNode) and name in base.methods and base.module.name not in relevant]


def _without_tests(modules: Iterable[str], hierarchy: Hierarchy, sources: Sources) -> frozenset[str]:
    return frozenset(module for module in modules if not is_skipped_test(sources.project.file(module), hierarchy, sources))


def is_skipped_test(file: SourceFile | None, hierarchy: Hierarchy, sources: Sources) -> bool:
    """Whether a file is skipped as test code: it lies in a directory of tests, or is named like a test and defines any.

    A directory with its own configuration file is a project, even inside a directory of tests.
    """
    if file is None or hierarchy.at(file.path).check_tests:
        return False
    root, home = hierarchy.run.root, hierarchy.home(file.path)
    start = root if home == root else home.parent
    inside = file.path.relative_to(start) if file.path.is_relative_to(start) else file.path
    name = inside.name
    if name == "conftest.py" or not {"test", "tests"}.isdisjoint(inside.parts[:-1]):
        return True
    return (name.startswith("test_") or name.endswith("_test.py")) and _defines_tests(file, sources)


def _defines_tests(file: SourceFile, sources: Sources) -> bool:
    """Whether a file contains tests. A file named `test_embedding.py` may also be a script."""
    try:
        text = sources.bytes(file)
    except OSError:
        return True
    return any(word in text for word in _TESTS)
