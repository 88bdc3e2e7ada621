"""One run of the analysis: paths → project → workloads → rules → suppressions → report."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from surfacelint.config import Config, Hierarchy
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.model.findings import Report
from surfacelint.pipeline.fix_building import completed
from surfacelint.pipeline.group_analysis import analyse, analysis_containing, is_skipped_test, survey, unknown_functions
from surfacelint.pipeline.listed_workloads import Listing, listed, root_path
from surfacelint.pipeline.missing_imports import missing_imports
from surfacelint.pipeline.parallel_groups import analyse_groups
from surfacelint.pipeline.project_setup import Texts, modules_named_as_files, requested_files, set_up_project
from surfacelint.pipeline.report_building import ReportBuilder
from surfacelint.pipeline.run_rules import EnabledRules, check_rules, codes_of, with_configured_severity
from surfacelint.pipeline.syntax_check import check_syntax
from surfacelint.pipeline.unread_files import UnreadFiles
from surfacelint.pipeline.workload_cache import settings_digest
from surfacelint.project import file_discovery
from surfacelint.project.module_names import paths_above_root
from surfacelint.reading.source_reader import Sources
from surfacelint.rules import RULES, unignorable, unknown_ignores
from surfacelint.suppressions.baseline_file import Baseline
from surfacelint.system.file_dependencies import Dependencies
from surfacelint.system.timings import Timings
from surfacelint.system.version import __version__

if TYPE_CHECKING:
    from surfacelint.pipeline.explanation import Explanation

RECURSION_LIMIT = 6_000


def run(
    paths: Sequence[str | Path],
    config: Config,
    stdin: str | None = None,
    stdin_filename: str | None = None,
    timings: Timings | None = None,
    dependencies: Dependencies | None = None,
    *,
    parsed: bool = False,
    given: Mapping[Path, str] | None = None,
    absent: frozenset[Path] = frozenset(),
    fixes: bool = True,
) -> Report:
    """Analyse the whole project around `paths`, and report findings in `paths`.

    With `stdin`, the only path is `-`, and the text is checked as the content of `stdin_filename`. Adds to `timings`, and
    records in `dependencies` everything that the report depends on. With `parsed`, the caller reports syntax errors itself, and
    files that lead to no provider are not parsed. `given` are texts by absolute path (for a notebook, its JSON) that take the place of
    files on disk, or of files that do not exist yet. Files that are `absent` count as missing. Without `fixes`, findings have none, and
    no reason why. Everything that cannot be checked is in the report.

    Raises `ConfigError` if a selected rule does not exist, if a nested configuration file is invalid, and if the cache
    directory holds other files.
    """
    with _interpreter_limits():
        texts = Texts(dict(given or {}), stdin, stdin_filename, absent)
        return _run(paths, Hierarchy(config), texts, timings or Timings(), dependencies, parsed, fixes, listing=False).report


def list_workloads(
    paths: Sequence[str | Path], config: Config, timings: Timings | None = None, dependencies: Dependencies | None = None
) -> Listing:
    """Return all workloads in `paths`, also those that no rule reports, and the report about them without fixes. Raises as `run` does."""
    with _interpreter_limits():
        return _run(paths, Hierarchy(config), Texts({}), timings or Timings(), dependencies, parsed=False, fixes=False, listing=True)


def files(paths: Sequence[str | Path], config: Config) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Return the files that `run` would check, and an error for each path without any."""
    found = requested_files(paths, Hierarchy(config), Dependencies())
    return found.files, found.errors


@contextmanager
def _interpreter_limits() -> Iterator[None]:
    """Raise the recursion limit and disable garbage collection during a run, and restore both. Drop what the run memoized.

    The evaluator nests questions up to `linking.evaluation.question_memo.DEEPEST` deep, with several frames each. A run keeps nearly
    everything it allocates, so a search for reference cycles would find nothing.
    """
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    gc.disable()
    try:
        yield
    finally:
        IdentityMemo.clear_all()
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


def _run(
    paths: Sequence[str | Path],
    hierarchy: Hierarchy,
    texts: Texts,
    timings: Timings,
    dependencies: Dependencies | None,
    parsed: bool,
    fixes: bool,
    listing: bool,
) -> Listing:
    depends = Dependencies() if dependencies is None else dependencies
    discovery, sources, catalogue = set_up_project(paths, hierarchy, texts, timings, depends)
    project = sources.project
    asked = frozenset(file.module for path in discovery.files if (file := project.at(path)) is not None)
    enabled = EnabledRules.of(hierarchy, project)
    baseline = Baseline.read(hierarchy.run.baseline) if hierarchy.run.baseline else None
    outcome = analyse_groups(hierarchy, catalogue, sources, listing=listing)
    with timings.stage("rules"):
        findings = check_rules(outcome.program, enabled)
    with timings.stage("looking for syntax errors"):
        unparsed = [] if parsed else [file for file in project.files if file.module in asked]
        screened = check_syntax(sources, unparsed, modules_named_as_files(paths, texts.stdin, project))
    unread = UnreadFiles.of(sources, asked)
    findings += unread.findings
    warnings = [warning for each in hierarchy.folders() for warning in (*unknown_ignores(RULES, each), *unignorable(each))]
    warnings += discovery.warnings
    warnings += hierarchy.ignored_run_settings(discovery.files)
    warnings += unknown_functions(hierarchy, sources)
    with timings.stage("looking for missing modules"):
        gaps = (*discovery.gaps, *unread.gaps, *missing_imports(sources, asked, depends))
    shown = {file.display for module in asked if (file := project.file(module)) is not None}
    warnings += [f"{each.path}:{each.line}: {each.problem}" for each in outcome.contradictions if each.path in shown]
    folders = tuple(place for path in paths if texts.stdin is None and os.path.isdir(place := Path(file_discovery.absolute(path))))
    with timings.stage("suppressions"):
        report = ReportBuilder(
            sources, asked, partial(is_skipped_test, hierarchy=hierarchy, sources=sources), enabled, __version__, folders, baseline
        ).report(findings, (*discovery.errors, *gaps), tuple(warnings))
    if not listing:
        with timings.stage("fixes"):
            report = completed(
                report, outcome.program, sources, hierarchy.run.batch_module, fixes, partial(settings_digest, hierarchy, sources)
            )
    workloads = tuple(listed(outcome.program.workloads, hierarchy, sources, asked)) if listing else ()
    if sources.store is not None:
        with timings.stage("writing the cache"):
            sources.store.save()
    if dependencies is not None:
        _add_dependencies(dependencies, paths, hierarchy, sources)
    live, suppressed = (
        tuple(with_configured_severity(each, hierarchy, project) for each in part) for part in (report.findings, report.suppressed)
    )
    report = replace(
        report,
        findings=live,
        suppressed=suppressed,
        tests_left_out=len(asked & outcome.tests),
        only_screened=screened,
        date=time.strftime("%Y-%m-%d"),
        requests=len(outcome.requests),
        workloads=sum(place.path in shown for place in outcome.judged),
    )
    paths_in_root = {file.display: root_path(sources, file) for file in project.files} if listing else {}
    return Listing(project.root, catalogue, report, workloads, paths_in_root)


def explain(path: str, row: int, config: Config, cell: int | None = None) -> str:
    """Return `explained` as text."""
    return explained(path, row, config, cell).text()


def explained(path: str, row: int, config: Config, cell: int | None = None) -> Explanation:
    """Return why each call on a row of a file, or of a notebook cell, is or is not reported.

    Raises `ValueError` if there is no such file.
    """
    from surfacelint.pipeline.explanation import explanation

    if os.path.isdir(path):
        raise ValueError(f"{path} is a directory: pass a file in it")
    hierarchy = Hierarchy(config)
    found, sources, catalogue = set_up_project([path], hierarchy, Texts({}), Timings(), Dependencies())
    file = None if not found.files else sources.project.at(found.files[0])
    if file is None or found.errors:
        raise ValueError(found.errors[0] if found.errors else f"{path} is not a Python file")
    with _interpreter_limits():
        surveyed = survey(hierarchy, catalogue, sources)
        analyses = (analyse(hierarchy, catalogue, sources, surveyed, group) for group in surveyed.around(file.module))
        analysis = analysis_containing(file.module, analyses)
    return explanation(analysis, sources, codes_of(hierarchy, sources.project), file, row, cell)


def _add_dependencies(dependencies: Dependencies, paths: Sequence[str | Path], hierarchy: Hierarchy, sources: Sources) -> None:
    """Record in `dependencies` the remaining dependencies of a report: project files, settings, and surfacelint itself."""
    root = hierarchy.run.root
    places = [str(file.path) for file in sources.project.files]
    for path in map(file_discovery.absolute, paths or (".",)):
        places += [str(folder) for folder in Path(path).parents if folder.is_relative_to(root)]
    places += hierarchy.looked_at()
    places += paths_above_root(root)
    here = Path(__file__).parents[1]
    places += [str(path) for path in here.rglob("*") if path.suffix in (".py", ".toml", ".json", ".txt", ".css", ".js")]
    for path in places:
        dependencies.look(path)
    dependencies.repeatable = dependencies.repeatable and sources.repeatable
