"""One run of the analysis: paths → project → workloads → rules → suppressions → report."""

from __future__ import annotations

import gc
import glob
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from surfacelint.cache.entry_store import Store
from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.loading import merge
from surfacelint.config import Config, Hierarchy, cache_folder, make_cache
from surfacelint.model.findings import LONGEST_TRACE, Finding, Location, Report, shortened
from surfacelint.model.workloads import Program, Workload
from surfacelint.pipeline.group_analysis import analyse, analysis_containing, is_skipped_test, survey, unknown_functions
from surfacelint.pipeline.parallel_groups import analyse_groups
from surfacelint.pipeline.report_building import Enabled, ReportBuilder
from surfacelint.pipeline.syntax_check import check_syntax
from surfacelint.project import file_discovery
from surfacelint.project.module_names import Project, paths_above_root, project_files
from surfacelint.reading.file_texts import SourceError
from surfacelint.reading.source_reader import Sources
from surfacelint.rules import NOT_CHECKED, RULES, selected, unknown_ignores
from surfacelint.suppressions.baseline_file import Baseline
from surfacelint.system.file_dependencies import Dependencies, stamp
from surfacelint.system.records import record
from surfacelint.system.timings import Timings
from surfacelint.system.version import __version__
from surfacelint.system.worker_processes import cores

RECURSION_LIMIT = 6_000

PRECEDENCE = ("SRF104", "SRF304", "SRF301", "SRF305", "SRF302", "SRF303", "SRF103", "SRF102", "SRF101")
"""A workload gets at most one finding of these rules: the first enabled one that fires."""


def run(
    paths: Sequence[str | Path],
    config: Config,
    stdin: str | None = None,
    stdin_filename: str | None = None,
    timings: Timings | None = None,
    dependencies: Dependencies | None = None,
    *,
    parsed: bool = False,
) -> Report:
    """Analyse the whole project around `paths`, and report findings in `paths`.

    With `stdin`, the only path is `-`, and the text is checked as the content of `stdin_filename`. Adds to `timings`, and
    records in `dependencies` everything that the report depends on. With `parsed`, the caller reports syntax errors itself, and
    files that lead to no provider are not parsed. Everything that cannot be checked is in the report.

    Raises `ConfigError` if a selected rule does not exist, if a nested configuration file is invalid, and if the cache
    directory holds other files.
    """
    with _interpreter_limits():
        return _run(paths, Hierarchy(config), stdin, stdin_filename, timings or Timings(), dependencies, parsed)


def files(paths: Sequence[str | Path], config: Config) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Return the files that `run` would check, and an error for each path without any."""
    found = _discover(paths, Hierarchy(config), Dependencies())
    return found.files, found.errors


@contextmanager
def _interpreter_limits() -> Iterator[None]:
    """Raise the recursion limit and disable garbage collection during a run, and restore both.

    The evaluator nests questions up to `linking.evaluation.question_memo.DEEPEST` deep, with several frames each. A run keeps nearly
    everything it allocates, so a search for reference cycles would find nothing.
    """
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


def _run(
    paths: Sequence[str | Path],
    hierarchy: Hierarchy,
    stdin: str | None,
    stdin_filename: str | None,
    timings: Timings,
    dependencies: Dependencies | None,
    parsed: bool,
) -> Report:
    discovery, sources, catalogue = _project(paths, hierarchy, stdin, stdin_filename, timings, dependencies or Dependencies())
    project = sources.project
    asked = frozenset(file.module for path in discovery.files if (file := project.at(path)) is not None)
    enabled = _Enabled.of(hierarchy, project)
    baseline = Baseline.read(hierarchy.run.baseline) if hierarchy.run.baseline else None
    outcome = analyse_groups(hierarchy, catalogue, sources)
    with timings.stage("rules"):
        findings = _check(outcome.program, enabled)
    with timings.stage("looking for syntax errors"):
        unparsed = [] if parsed else [file for file in project.files if file.module in asked]
        screened = check_syntax(sources, unparsed, _named(paths, stdin, project))
    findings += [_not_checked(error) for error in sources.errors if error.module in asked]
    warnings = [warning for each in hierarchy.folders() for warning in unknown_ignores(RULES, each)]
    warnings += discovery.warnings
    warnings += hierarchy.ignored_run_settings(discovery.files)
    warnings += unknown_functions(hierarchy, sources)
    shown = {file.display for module in asked if (file := project.file(module)) is not None}
    warnings += [f"{each.path}:{each.line}: {each.problem}" for each in outcome.contradictions if each.path in shown]
    folders = tuple(place for path in paths if stdin is None and os.path.isdir(place := Path(file_discovery.absolute(path))))
    with timings.stage("suppressions"):
        report = ReportBuilder(
            sources, asked, partial(is_skipped_test, hierarchy=hierarchy, sources=sources), enabled, __version__, folders, baseline
        ).report(findings, discovery.errors, tuple(warnings))
    if sources.store is not None:
        with timings.stage("writing the cache"):
            sources.store.save()
        if dependencies is not None:
            _add_dependencies(dependencies, paths, hierarchy, sources)
    live, suppressed = (tuple(_with_severity(each, hierarchy, project) for each in part) for part in (report.findings, report.suppressed))
    return replace(report, findings=live, suppressed=suppressed, tests_left_out=len(asked & outcome.tests), only_screened=screened)


def _named(paths: Sequence[str | Path], stdin: str | None, project: Project) -> frozenset[str]:
    """Return the modules of files that were passed by name instead of found in a directory."""
    if stdin is not None:
        return frozenset(file.module for file in project.files)
    files = (project.at(Path(file_discovery.absolute(path))) for path in paths)
    return frozenset(file.module for file in files if file is not None)


def explain(path: str, row: int, config: Config, cell: int | None = None) -> str:
    """Return why each call on a row of a file, or of a notebook cell, is or is not reported.

    Raises `ValueError` if there is no such file.
    """
    from surfacelint.pipeline.explanation import explanation

    if os.path.isdir(path):
        raise ValueError(f"{path} is a directory: pass a file in it")
    hierarchy = Hierarchy(config)
    found, sources, catalogue = _project([path], hierarchy, None, None, Timings(), Dependencies())
    file = None if not found.files else sources.project.at(found.files[0])
    if file is None or found.errors:
        raise ValueError(found.errors[0] if found.errors else f"{path} is not a Python file")
    with _interpreter_limits():
        surveyed = survey(hierarchy, catalogue, sources)
        analyses = (analyse(hierarchy, catalogue, sources, surveyed, group) for group in surveyed.around(file.module))
        analysis = analysis_containing(file.module, analyses)
    return explanation(analysis, sources, codes_of(hierarchy, sources.project), file, row, cell)


def codes_of(hierarchy: Hierarchy, project: Project) -> Callable[[Workload, bool], list[str]]:
    """Return a function from a workload to the codes of the rules that report it: of the enabled rules, or of all rules."""
    enabled = _Enabled.of(hierarchy, project)

    def codes(workload: Workload, everything: bool) -> list[str]:
        found = _check(Program((workload,)), (lambda code, path: True) if everything else enabled)
        return [each.rule.code for each in found]

    return codes


def _project(
    paths: Sequence[str | Path],
    hierarchy: Hierarchy,
    stdin: str | None,
    stdin_filename: str | None,
    timings: Timings,
    dependencies: Dependencies,
) -> tuple[file_discovery.Discovery, Sources, Catalogue]:
    config = hierarchy.run
    folder = cache_folder(config) if config.cache else None
    if folder is not None and any(map(os.path.exists, (*paths, folder))):
        _make_cache(config, folder, dependencies)
    with timings.stage("listing files"):
        found = _discover(paths, hierarchy, dependencies) if stdin is None else _given(_stdin_path(stdin_filename), hierarchy)
        kept = _around(found.files, hierarchy, dependencies)
    with timings.stage("opening the cache"):
        store = None if folder is None else Store.open(folder, config.root)
    # One catalogue serves all configuration files, because its rows describe installed packages.
    with timings.stage("catalogue"):
        catalogue = Catalogue.load(merge(each.catalogue for each in hierarchy.folders()), store)
    with timings.stage("naming files"):
        project = Project.build(config.root, kept, catalogue.packages)
    timings.count("files", len(project.files))
    if store is not None:
        with timings.stage("opening the cache"):
            store.recall(_looked_for(catalogue))
    given = {} if stdin is None else {_stdin_path(stdin_filename): stdin}
    return found, Sources(project, given, store, timings, config.jobs or cores()), catalogue


def _around(asked: Sequence[Path], hierarchy: Hierarchy, dependencies: Dependencies) -> Sequence[Path]:
    """Return the files of the project around the requested files, without those that the settings exclude."""
    whole = hierarchy.at(hierarchy.run.root / "_")
    included = tuple(dict.fromkeys((*whole.included, *hierarchy.run.included)))
    excluded = (*whole.excluded, *_own_cache(hierarchy.run))
    around = project_files(hierarchy.run.root, asked, excluded, included, dependencies, hierarchy.governed_by(whole))
    if not hierarchy.run.hierarchical:
        return around
    named = frozenset(asked)
    return [path for path in around if path in named or not _is_excluded(path, hierarchy, whole)]


def _looked_for(catalogue: Catalogue) -> str:
    """Return a text that identifies what screening searches for, as key of its cached results."""
    return repr((sorted(catalogue.http_needles), sorted((root, sorted(words)) for root, words in catalogue.mentions.items())))


def _own_cache(config: Config) -> Iterator[str]:
    """Yield a pattern that excludes the cache directory if it lies in the project, because every run changes it."""
    if config.cache:
        folder = str(cache_folder(config))
        inside = folder.removeprefix(f"{config.root}{os.sep}")
        if inside != folder:
            yield f"./{glob.escape(inside.replace(os.sep, '/'))}"


def _make_cache(config: Config, folder: Path, dependencies: Dependencies) -> None:
    """Create the cache directory before files are listed, because that changes its parent directory."""
    before = stamp(str(folder.parent))
    if make_cache(config, folder):
        dependencies.touched(str(folder.parent), before)


def _add_dependencies(dependencies: Dependencies, paths: Sequence[str | Path], hierarchy: Hierarchy, sources: Sources) -> None:
    """Record in `dependencies` the remaining dependencies of a report: project files, settings, and surfacelint itself."""
    root = hierarchy.run.root
    places = [str(file.path) for file in sources.project.files]
    for path in map(file_discovery.absolute, paths or (".",)):
        places += [str(folder) for folder in Path(path).parents if folder.is_relative_to(root)]
    places += hierarchy.looked_at()
    places += paths_above_root(root)
    here = Path(__file__).parents[1]
    places += [str(path) for path in here.rglob("*") if path.suffix in (".py", ".toml", ".json", ".txt")]
    for path in places:
        dependencies.look(path)
    dependencies.repeatable = dependencies.repeatable and sources.repeatable


def _discover(paths: Sequence[str | Path], hierarchy: Hierarchy, dependencies: Dependencies) -> file_discovery.Discovery:
    """Return the files in `paths`, without those that nested configuration files exclude."""
    config = hierarchy.run
    found = file_discovery.discover(
        paths,
        (*config.excluded, *_own_cache(config)),
        root=config.root,
        force=config.force_exclude,
        include=config.included,
        dependencies=dependencies,
        governs=hierarchy.governed_by(config),
    )
    if not config.hierarchical:
        return found
    named = frozenset() if config.force_exclude else frozenset(map(file_discovery.absolute, paths))
    kept = tuple(path for path in found.files if str(path) in named or not _is_excluded(path, hierarchy, config))
    errors = found.errors
    if found.files and not kept and not config.force_exclude:
        errors = (*errors, f"no Python files under {', '.join(map(str, paths))} that the settings do not exclude")
    return replace(found, files=kept, errors=errors)


def _given(path: Path, hierarchy: Hierarchy) -> file_discovery.Discovery:
    """Return the file that standard input represents, unless `force-exclude` excludes it."""
    config = hierarchy.at(path)
    return file_discovery.Discovery(() if config.force_exclude and config.excludes(path) else (path,), ())


def _is_excluded(path: Path, hierarchy: Hierarchy, known: Config) -> bool:
    """Whether a nested configuration, other than the one `known` to discovery, excludes a file."""
    config = hierarchy.at(path)
    return config is not known and config.excludes(path)


def _stdin_path(name: str | None) -> Path:
    """Return the absolute path that standard input represents."""
    return Path(file_discovery.absolute(name or "stdin.py"))


@record(frozen=True, slots=True)
class _Enabled:
    """Decides whether the rule with a code is enabled for a displayed path. `codes` holds the enabled codes per configuration."""

    hierarchy: Hierarchy
    project: Project
    codes: dict[int, frozenset[str]]

    @classmethod
    def of(cls, hierarchy: Hierarchy, project: Project) -> _Enabled:
        """Read the enabled codes of all configurations of a project. Raises `ConfigError` for unknown rules."""
        codes = {id(config): frozenset(rule.code for rule in selected(RULES, config)) for config in hierarchy.folders()}
        return cls(hierarchy, project, codes)

    def __call__(self, code: str, path: str) -> bool:
        file = self.project.shown_as(path)
        config = self.hierarchy.run if file is None else self.hierarchy.at(file.path)
        return code in self.codes[id(config)] and (file is None or not config.ignores(code, file.path))


def _check(program: Program, enabled: Enabled) -> list[Finding]:
    found = [each for rule in RULES for each in rule.check(program, rule.info) if enabled(rule.code, each.location.path)]
    best: dict[Location, Finding] = {}
    others: list[Finding] = []
    for finding in found:
        if finding.rule.code not in PRECEDENCE:
            others.append(finding)
            continue
        known = best.get(finding.location)
        if known is None or PRECEDENCE.index(finding.rule.code) < PRECEDENCE.index(known.rule.code):
            best[finding.location] = finding
    return [replace(each, trace=shortened(each.trace)) if len(each.trace) > LONGEST_TRACE else each for each in (*best.values(), *others)]


def _with_severity(finding: Finding, hierarchy: Hierarchy, project: Project) -> Finding:
    """Return a finding with the severity that the settings assign to its rule."""
    file = project.shown_as(finding.location.path)
    severity = None if file is None else hierarchy.at(file.path).severity_of(finding.rule.code)
    return finding if severity is None else replace(finding, rule=replace(finding.rule, severity=severity))


def _not_checked(error: SourceError) -> Finding:
    info = next(rule.info for rule in RULES if rule.code == NOT_CHECKED)
    return Finding(rule=info, message=f"not checked: {error.problem}", location=error.location)
