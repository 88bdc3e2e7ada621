"""The whole way of one run: paths, project, analysis, rules, suppressions, report."""

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
from surfacelint.pipeline.group_analysis import about, analyse, is_left_out, survey, unknown_workloads
from surfacelint.pipeline.parallel_groups import judge
from surfacelint.pipeline.report_building import Enabled, Reporting
from surfacelint.pipeline.syntax_check import check_syntax
from surfacelint.project import file_discovery
from surfacelint.project.module_names import Project, outside, project_files
from surfacelint.reading.source_reader import SourceError, Sources
from surfacelint.rules import NOT_CHECKED, RULES, selected, unknown_ignores
from surfacelint.suppressions.baseline_file import Baseline
from surfacelint.system.file_dependencies import Basis, stamp
from surfacelint.system.records import record
from surfacelint.system.timings import Timings
from surfacelint.system.version import __version__
from surfacelint.system.worker_processes import cores

RECURSION_LIMIT = 6_000

PRECEDENCE = ("SRF104", "SRF304", "SRF301", "SRF305", "SRF302", "SRF303", "SRF103", "SRF102", "SRF101")
"""One workload gives at most one of these findings: the first that is enabled."""


def run(
    paths: Sequence[str | Path],
    config: Config,
    stdin: str | None = None,
    stdin_filename: str | None = None,
    timings: Timings | None = None,
    basis: Basis | None = None,
    *,
    parsed: bool = False,
) -> Report:
    """Check `paths` with the whole project around them, and report on `paths`.

    With `stdin` the only path is `-`, and the text is checked as if it were the content of `stdin_filename`. Raises
    ConfigError where rules are selected that do not exist, where a file of settings further down is wrong, and where the
    folder for the cache holds other files; everything that cannot be checked is in the report. `timings` are added to,
    and `basis` is told of all that the report rests on.
    `parsed` says that the caller reports syntax errors itself, so that files that lead to no provider are not parsed for them.
    """
    with _room():
        return _run(paths, Hierarchy(config), stdin, stdin_filename, timings or Timings(), basis, parsed)


def files(paths: Sequence[str | Path], config: Config) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Return the files that `run` would check, and a sentence for each path that yields none."""
    found = _discover(paths, Hierarchy(config), Basis())
    return found.files, found.errors


@contextmanager
def _room() -> Iterator[None]:
    """Give a run what it needs of the interpreter, and take it back.

    The evaluator nests questions up to `linking.evaluation.question_memo.DEEPEST` deep, with several frames each. A run keeps nearly
    everything it makes, so a search for reference cycles would find nothing.
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
    basis: Basis | None,
    parsed: bool,
) -> Report:
    found, sources, catalogue = _project(paths, hierarchy, stdin, stdin_filename, timings, basis or Basis())
    project = sources.project
    asked = frozenset(file.module for path in found.files if (file := project.at(path)) is not None)
    enabled = _Enabled.of(hierarchy, project)
    baseline = Baseline.read(hierarchy.run.baseline) if hierarchy.run.baseline else None
    outcome = judge(hierarchy, catalogue, sources)
    with timings.stage("rules"):
        findings = _check(outcome.program, enabled)
    with timings.stage("looking for syntax errors"):
        unparsed = [] if parsed else [file for file in project.files if file.module in asked]
        screened = check_syntax(sources, unparsed, _named(paths, stdin, project))
    findings += [_not_checked(error) for error in sources.errors if error.module in asked]
    odd = [warning for each in hierarchy.folders() for warning in unknown_ignores(RULES, each)]
    odd += found.warnings
    odd += hierarchy.unheard(found.files)
    odd += unknown_workloads(hierarchy, sources)
    shown = {file.display for module in asked if (file := project.file(module)) is not None}
    odd += [f"{each.path}:{each.line}: {each.problem}" for each in outcome.contradictions if each.path in shown]
    folders = tuple(place for path in paths if stdin is None and os.path.isdir(place := Path(file_discovery.absolute(path))))
    with timings.stage("suppressions"):
        report = Reporting(
            sources, asked, partial(is_left_out, hierarchy=hierarchy, sources=sources), enabled, __version__, folders, baseline
        ).report(findings, found.errors, tuple(odd))
    if sources.store is not None:
        with timings.stage("writing the cache"):
            sources.store.save()
        if basis is not None:
            _complete(basis, paths, hierarchy, sources)
    live, suppressed = (tuple(_weighed(each, hierarchy, project) for each in part) for part in (report.findings, report.suppressed))
    return replace(report, findings=live, suppressed=suppressed, tests_left_out=len(asked & outcome.tests), only_screened=screened)


def _named(paths: Sequence[str | Path], stdin: str | None, project: Project) -> frozenset[str]:
    """Return the modules of those files that were not found below a folder, but named."""
    if stdin is not None:
        return frozenset(file.module for file in project.files)
    files = (project.at(Path(file_discovery.absolute(path))) for path in paths)
    return frozenset(file.module for file in files if file is not None)


def explain(path: str, row: int, config: Config, cell: int | None = None) -> str:
    """Return why the calls on a row of a file, or of a cell of it, are reported, or why not.

    Raises ValueError where there is no such file.
    """
    from surfacelint.pipeline.explanation import explanation

    if os.path.isdir(path):
        raise ValueError(f"{path} is a folder: name a file in it")
    hierarchy = Hierarchy(config)
    found, sources, catalogue = _project([path], hierarchy, None, None, Timings(), Basis())
    file = None if not found.files else sources.project.at(found.files[0])
    if file is None or found.errors:
        raise ValueError(found.errors[0] if found.errors else f"{path} is not a Python file")
    with _room():
        surveyed = survey(hierarchy, catalogue, sources)
        analyses = (analyse(hierarchy, catalogue, sources, surveyed, group) for group in surveyed.around(file.module))
        analysis = about(file.module, analyses)
    return explanation(analysis, sources, codes_of(hierarchy, sources.project), file, row, cell)


def codes_of(hierarchy: Hierarchy, project: Project) -> Callable[[Workload, bool], list[str]]:
    """Return what tells the codes of the rules that report a workload of a project: of those that are enabled, or of all."""
    enabled = _Enabled.of(hierarchy, project)

    def codes(workload: Workload, everything: bool) -> list[str]:
        found = _check(Program((workload,)), (lambda code, path: True) if everything else enabled)
        return [each.rule.code for each in found]

    return codes


def _project(
    paths: Sequence[str | Path], hierarchy: Hierarchy, stdin: str | None, stdin_filename: str | None, timings: Timings, basis: Basis
) -> tuple[file_discovery.Discovery, Sources, Catalogue]:
    config = hierarchy.run
    folder = cache_folder(config) if config.cache else None
    if folder is not None and any(map(os.path.exists, (*paths, folder))):
        _make_cache(config, folder, basis)
    with timings.stage("listing files"):
        found = _discover(paths, hierarchy, basis) if stdin is None else _given(_stdin_path(stdin_filename), hierarchy)
        kept = _around(found.files, hierarchy, basis)
    with timings.stage("opening the cache"):
        store = None if folder is None else Store.open(folder, config.root)
    # Rows about installed packages do not depend on who uses them.
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


def _around(asked: Sequence[Path], hierarchy: Hierarchy, basis: Basis) -> Sequence[Path]:
    """Return the files of the project around those that are asked about. What its own settings leave out is no part of it."""
    whole = hierarchy.at(hierarchy.run.root / "_")
    included = tuple(dict.fromkeys((*whole.included, *hierarchy.run.included)))
    excluded = (*whole.excluded, *_own_cache(hierarchy.run))
    around = project_files(hierarchy.run.root, asked, excluded, included, basis, hierarchy.governed_by(whole))
    if not hierarchy.run.hierarchical:
        return around
    named = frozenset(asked)
    return [path for path in around if path in named or not _is_excluded(path, hierarchy, whole)]


def _looked_for(catalogue: Catalogue) -> str:
    """Return what screening looks for in the bytes of files, as a text."""
    return repr((sorted(catalogue.http_needles), sorted((root, sorted(words)) for root, words in catalogue.mentions.items())))


def _own_cache(config: Config) -> Iterator[str]:
    """Yield a pattern for the cache, if that lies in the project: what we change there would make every run another one."""
    if config.cache:
        folder = str(cache_folder(config))
        inside = folder.removeprefix(f"{config.root}{os.sep}")
        if inside != folder:
            yield f"./{glob.escape(inside.replace(os.sep, '/'))}"


def _make_cache(config: Config, folder: Path, basis: Basis) -> None:
    """Make the folder of the cache before anything is listed, because that changes the folder which it is made in."""
    before = stamp(str(folder.parent))
    if make_cache(config, folder):
        basis.touched(str(folder.parent), before)


def _complete(basis: Basis, paths: Sequence[str | Path], hierarchy: Hierarchy, sources: Sources) -> None:
    """Tell `basis` of what else a report rests on: the project's files, settings, and this program itself."""
    root = hierarchy.run.root
    looked_at = [str(file.path) for file in sources.project.files]
    for path in map(file_discovery.absolute, paths or (".",)):
        looked_at += [str(folder) for folder in Path(path).parents if folder.is_relative_to(root)]
    looked_at += hierarchy.looked_at()
    looked_at += outside(root)
    here = Path(__file__).parents[1]
    looked_at += [str(path) for path in here.rglob("*") if path.suffix in (".py", ".toml", ".json", ".txt")]
    for path in looked_at:
        basis.look(path)
    basis.lasting = basis.lasting and sources.lasting


def _discover(paths: Sequence[str | Path], hierarchy: Hierarchy, basis: Basis) -> file_discovery.Discovery:
    """Return the files below `paths`, without those that a folder's own settings exclude."""
    config = hierarchy.run
    found = file_discovery.discover(
        paths,
        (*config.excluded, *_own_cache(config)),
        root=config.root,
        force=config.force_exclude,
        include=config.included,
        basis=basis,
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
    """Return the file that standard input stands for, unless it is excluded and excludes are to hold for what is named, too."""
    config = hierarchy.at(path)
    return file_discovery.Discovery(() if config.force_exclude and config.excludes(path) else (path,), ())


def _is_excluded(path: Path, hierarchy: Hierarchy, known: Config) -> bool:
    """Whether a file is left out by other settings than those `known` to discovery."""
    config = hierarchy.at(path)
    return config is not known and config.excludes(path)


def _stdin_path(name: str | None) -> Path:
    """Return the absolute path that standard input stands for."""
    return Path(file_discovery.absolute(name or "stdin.py"))


@record(frozen=True, slots=True)
class _Enabled:
    """Whether a rule is enabled for a file, given as its code and the path as users see it. `codes` are those that settings enable."""

    hierarchy: Hierarchy
    project: Project
    codes: dict[int, frozenset[str]]

    @classmethod
    def of(cls, hierarchy: Hierarchy, project: Project) -> _Enabled:
        """Read what all settings of a project enable. Raises ConfigError where it does not exist."""
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


def _weighed(finding: Finding, hierarchy: Hierarchy, project: Project) -> Finding:
    """Return a finding with the severity that settings give to its rule."""
    file = project.shown_as(finding.location.path)
    severity = None if file is None else hierarchy.at(file.path).severity_of(finding.rule.code)
    return finding if severity is None else replace(finding, rule=replace(finding.rule, severity=severity))


def _not_checked(error: SourceError) -> Finding:
    info = next(rule.info for rule in RULES if rule.code == NOT_CHECKED)
    return Finding(rule=info, message=f"not checked: {error.problem}", location=error.location)
