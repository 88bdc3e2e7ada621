"""Findings of the flake8 plugin. A project is analysed once, and its findings are stored for replay."""

from __future__ import annotations

import re
import time
import tokenize
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from surfacelint.cache import replay
from surfacelint.config import CacheFolderError, Config, ConfigError, Hierarchy, cache_folder, covers, discover, layer
from surfacelint.flake8.options import Flake8Options
from surfacelint.flake8.project_findings import Line, ProjectFindings
from surfacelint.model.findings import Finding, Report
from surfacelint.pipeline import engine
from surfacelint.pipeline.project_setup import create_cache
from surfacelint.project.file_discovery import absolute
from surfacelint.project.module_names import project_files, project_root
from surfacelint.rules import NOT_CHECKED, RULES, selected
from surfacelint.suppressions import comment_parsing
from surfacelint.suppressions.matching import match_suppressions
from surfacelint.system.file_dependencies import Dependencies, stamp
from surfacelint.system.file_lock import locked
from surfacelint.system.printable_text import one_line

PATIENCE = 600.0
"""The maximum number of seconds to wait for another process that analyses the same project. Then this process does, too."""

_PLACED = re.compile(r"(.+?):(\d+):(\d+): (.*)")
"""An error about a place in a file."""

_root = cache(project_root)
_projects = cache(lambda given: given.projects)
_settings = cache(discover)
_hierarchy = cache(Hierarchy)


def project_findings(project: Flake8Options, since: int) -> ProjectFindings:
    """Return the findings of one of the `projects` of flake8's options. An error becomes their `failure`.

    Of several processes that ask at once, one analyses the project, and the others wait for it, if there is a cache. `since` is
    a time in nanoseconds at which this process was running already.
    """
    try:
        config = _run_settings(project)
        dependencies = Dependencies()
        if not config.cache:
            return _analysed(config, project)
        folder = cache_folder(config)
        create_cache(config, folder, dependencies)
        with locked(replay.lock_place(str(folder), project.key), PATIENCE):
            return ProjectFindings.replayed(project.paths, project.key, since) or _recorded(config, project, dependencies)
    except Exception as error:  # An exception would end flake8.
        return ProjectFindings(str(_root(project.paths)), failure=_failure(error))


def findings(text: str, filename: str, given: Flake8Options) -> list[Line]:
    """Return the findings of a file that `project_findings` does not have, with the given text. An error becomes a finding."""
    path = absolute(filename if filename.endswith(".py") else f"{filename}.py")
    try:
        return _lines(text, path, given)
    except Exception as error:  # An exception would end flake8.
        return [(1, 0, _failure(error))]


def _failure(error: Exception) -> str:
    """Return the text of a finding about an error. It names nothing that flake8 does not have."""
    if isinstance(error, CacheFolderError):
        text = f"wrong setting: {error.problem}; set `cache-dir` to an empty or new folder, or `cache` to false"
    else:
        text = f"{'wrong setting' if isinstance(error, ConfigError) else f'not checked: {type(error).__name__}'}: {error}"
    return f"{NOT_CHECKED} {' '.join(text.split())}"


def _lines(text: str, path: str, given: Flake8Options) -> list[Line]:
    config = _config(path, given)
    if _is_off(config, path):
        return []
    if _saved(path) != text:
        return _findings_in(engine.run(["-"], config, text, path, fixes=False), path, text, given)
    if not engine.files([path], config)[0]:
        return []
    known = _analysed_late(config, given._replace(paths=())).of(path)
    return _findings_in(engine.run([path], config, fixes=False), path, text, given) if known is None else known


def _config(path: str, given: Flake8Options) -> Config:
    """Return the settings for a file: those of the innermost project of flake8's paths that contains it, otherwise its own."""
    inside = [project for project in _projects(given) if Path(path).is_relative_to(_root(project.paths))]
    return _run_settings(max(inside, key=lambda project: len(str(_root(project.paths))), default=given._replace(paths=(path,))))


def _run_settings(project: Flake8Options) -> Config:
    """Return the settings of a project, with flake8's options.

    These include its selectors, because a disabled rule lets the next one report the call.
    """
    try:
        config = _settings(project.paths, project.file)
    except ConfigError as error:
        raise ConfigError(f"flake8's option --surfacelint-config: {error}" if project.file else str(error)) from None
    values: dict[str, Any] = dict(project.settings)
    for key, codes in project.selectors:
        values[key] = [code for code in codes if any(covers(code, rule.code) for rule in RULES)]
    return replace(config.apply(layer(values, "flake8")), force_exclude=True)


def _findings_in(report: Report, path: str, text: str, given: Flake8Options) -> list[Line]:
    """Return the findings of a report in a file that no comment suppresses, except those that flake8 itself applies."""
    silent = [each for each in report.suppressed if each.suppressed is None or each.suppressed.kind == "inSource"]
    here = [each for each in (*report.findings, *silent) if absolute(each.location.path) == path]
    if not here:
        return []
    comments = comment_parsing.read(text)
    ours = [each for each in comments.suppressions if not each.noqa or not (each.in_flake8 or given.disable_noqa)]
    live = match_suppressions(here, {here[0].location.path: replace(comments, suppressions=tuple(ours))}).live
    return [_line(each) for each in live]


def _line(finding: Finding) -> Line:
    start = finding.location.span.start
    return start.line, start.column, f"{finding.rule.code} {one_line(finding.message)}"


def _is_off(config: Config, path: str) -> bool:
    """Whether no rule except SRF901 is enabled for a file."""
    return all(rule.code == NOT_CHECKED for rule in selected(RULES, _hierarchy(config).at(Path(path))))


def _saved(path: str) -> str | None:
    with suppress(OSError, SyntaxError, UnicodeError), tokenize.open(path) as file:
        return file.read()
    return None


@cache
def _analysed_late(config: Config, project: Flake8Options) -> ProjectFindings:
    """Return the findings of a project that `project_findings` does not have: of other paths, or of files that have changed since."""
    try:
        return _analysed(config, project)
    except Exception as error:  # Another attempt would fail, too.
        return ProjectFindings(failure=_failure(error))


def _recorded(config: Config, project: Flake8Options, dependencies: Dependencies) -> ProjectFindings:
    """Analyse a project, and record its findings for replay."""
    began = time.time_ns()
    found = _analysed(config, project, dependencies)
    replay.keep(str(cache_folder(config)), dependencies, [(1, found.encoded())], 0, began, project.key, awaited=True)
    return found


def _analysed(config: Config, project: Flake8Options, dependencies: Dependencies | None = None) -> ProjectFindings:
    """Analyse a project, and return the findings of its files and of those below its `paths`. Adds to `dependencies`."""
    hierarchy = _hierarchy(config)
    whole = hierarchy.at(config.root / "_")
    requested, _ = engine.files(project.paths, config)
    around = project_files(config.root, requested, whole.excluded, config.included, governs=hierarchy.governed_by(whole))
    stamps = {str(path): stamp(str(path)) for path in around.files}
    if all(_is_off(config, path) for path in stamps):
        if dependencies is not None:
            dependencies.repeatable = False  # They are not known without an analysis.
        return ProjectFindings(str(config.root), {path: (noted, []) for path, noted in stamps.items()})
    report = engine.run(list(stamps), config, dependencies=dependencies, parsed=True, fixes=False)
    unseen = _unseen(report)
    lines_by_file = _lines_by_file(report, stamps, config, project)
    return ProjectFindings(
        str(config.root), {path: (stamps[path], [*unseen.get(path, unseen[""]), *lines]) for path, lines in lines_by_file}
    )


def _unseen(report: Report) -> dict[str, list[Line]]:
    """Return what the analysis could not see, by file. The key "" has what concerns all files."""
    whole: list[Line] = []
    found: dict[str, list[Line]] = {"": whole}
    for error in report.errors:
        match = _PLACED.fullmatch(error)
        line = (int(match[2]), int(match[3]) - 1) if match else (1, 0)
        place = absolute(match[1]) if match else ""
        found.setdefault(place, list(whole)).append((*line, f"{NOT_CHECKED} not checked: {one_line(match[4] if match else error)}"))
    return found


def _lines_by_file(report: Report, files: Iterable[str], config: Config, project: Flake8Options) -> Iterator[tuple[str, list[Line]]]:
    """Yield the findings of each file that can be read."""
    with_findings = {absolute(each.location.path) for each in (*report.findings, *report.suppressed)}
    for path in files:
        if path not in with_findings or _is_off(config, path):
            yield path, []
        elif (text := _saved(path)) is not None:
            yield path, _findings_in(report, path, text, project)
