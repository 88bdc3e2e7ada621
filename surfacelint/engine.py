"""The whole way of one run: paths, project, analysis, rules, suppressions, report."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from surfacelint import __version__, discovery
from surfacelint.analysis import Analysis, analyse, is_test
from surfacelint.catalogue.catalogue import Catalogue
from surfacelint.config import Config
from surfacelint.findings import Finding, Location, Report
from surfacelint.program import Program
from surfacelint.project import Project, project_files
from surfacelint.reporting import Enabled, Reporting
from surfacelint.rules import NOT_CHECKED, RULES, Rule, selected
from surfacelint.sources import SourceError, Sources

RECURSION_LIMIT = 6_000

PRECEDENCE = ("SRF104", "SRF304", "SRF301", "SRF305", "SRF302", "SRF303", "SRF103", "SRF102", "SRF101")
"""One workload gives at most one of these findings: the first that is enabled."""


def run(paths: Sequence[str | Path], config: Config, stdin: str | None = None, stdin_filename: str | None = None) -> Report:
    """Check `paths` with the whole project around them, and report on `paths`.

    With `stdin` the only path is `-`, and the text is checked as if it were the content of `stdin_filename`. Raises
    ConfigError where rules are selected that do not exist; everything that cannot be checked is in the report.
    """
    rules = selected(RULES, config)
    with _room():
        return _run(paths, config, rules, stdin, stdin_filename)


@contextmanager
def _room() -> Iterator[None]:
    """Give a run what it needs of the interpreter, and take it back.

    Questions ask questions, up to `linking.memo.DEEPEST` deep, some frames each. And a run keeps nearly everything that it makes, so
    that a search for reference cycles would find nothing.
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


def _run(paths: Sequence[str | Path], config: Config, rules: Sequence[Rule], stdin: str | None, stdin_filename: str | None) -> Report:
    found, sources, catalogue = _project(paths, config, stdin, stdin_filename)
    project = sources.project
    asked = frozenset(file.module for path in found.files if (file := project.at(path)) is not None)
    analysis = analyse(config, catalogue, sources)
    enabled = _enabled(rules, config, project)
    findings = _check(rules, analysis.program, enabled)
    sources.parse_some(asked)
    findings += [_not_checked(error, rules) for error in sources.errors if error.module in asked]
    untold = frozenset(module for module in asked if not config.check_tests and is_test(project.file(module), config))
    return Reporting(sources, asked, untold, enabled, __version__).report(findings, found.errors)


def explain(path: str, line: int, config: Config) -> str:
    """Return why the calls on a line of a file are reported, or why not. Raises ValueError where there is no such file."""
    from surfacelint.explain import explanation

    found, sources, catalogue = _project([path], config, None, None)
    file = None if not found.files else sources.project.at(found.files[0])
    if file is None or found.errors:
        raise ValueError(found.errors[0] if found.errors else f"{path} is not a Python file")
    with _room():
        analysis: Analysis = analyse(config, catalogue, sources)
    return explanation(analysis, catalogue, sources, file.module, line)


def _project(
    paths: Sequence[str | Path], config: Config, stdin: str | None, stdin_filename: str | None
) -> tuple[discovery.Discovery, Sources, Catalogue]:
    exclude = (*config.exclude, *config.extend_exclude)
    if stdin is None:
        found = discovery.discover(paths, exclude, root=config.root, force=config.force_exclude)
    else:
        found = discovery.Discovery((_stdin_path(stdin_filename),), ())
    catalogue = Catalogue.load(config.catalogue)
    project = Project.build(config.root, project_files(config.root, found.files, exclude), catalogue.packages)
    return found, Sources(project, {} if stdin is None else {_stdin_path(stdin_filename): stdin}), catalogue


def _stdin_path(name: str | None) -> Path:
    """Return the absolute path that standard input stands for."""
    return Path(discovery.absolute(name or "stdin.py"))


def _check(rules: Iterable[Rule], program: Program, enabled: Enabled) -> list[Finding]:
    found = [each for rule in rules for each in rule.check(program, rule.info) if enabled(rule.code, each.location.path)]
    best: dict[Location, Finding] = {}
    others: list[Finding] = []
    for finding in found:
        if finding.rule.code not in PRECEDENCE:
            others.append(finding)
            continue
        known = best.get(finding.location)
        if known is None or PRECEDENCE.index(finding.rule.code) < PRECEDENCE.index(known.rule.code):
            best[finding.location] = finding
    return [*best.values(), *others]


def _enabled(rules: Iterable[Rule], config: Config, project: Project) -> Enabled:
    codes = frozenset(rule.code for rule in rules)

    def enabled(code: str, path: str) -> bool:
        if code not in codes or not config.per_file_ignores:
            return code in codes
        file = project.shown_as(path)
        return file is None or not config.ignores(code, file.path)

    return enabled


def _not_checked(error: SourceError, rules: Iterable[Rule]) -> Finding:
    info = next(rule.info for rule in rules if rule.code == NOT_CHECKED)
    return Finding(rule=info, message=f"not checked: {error.problem}", location=error.location)
