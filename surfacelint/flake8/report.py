"""Findings of the flake8 plugin. Each project is analysed once per process, and the findings are stored for replay."""

from __future__ import annotations

import json
import time
import tokenize
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from surfacelint.cache import replay
from surfacelint.config import Config, Hierarchy, cache_folder, covers, discover, layer
from surfacelint.flake8.options import Flake8Options
from surfacelint.model.findings import Finding, Report
from surfacelint.pipeline import engine
from surfacelint.project.file_discovery import absolute
from surfacelint.project.module_names import project_files, project_root
from surfacelint.rules import NOT_CHECKED, RULES, selected
from surfacelint.suppressions import comment_parsing
from surfacelint.suppressions.matching import match_suppressions
from surfacelint.system.file_dependencies import Dependencies
from surfacelint.system.printable_text import one_line

Line: TypeAlias = tuple[int, int, str]
"""Row (1-based), column (0-based) and text of a finding, as flake8 expects them."""

FindingsByPath: TypeAlias = dict[str, tuple[list[int], list[Line]]]
"""Size and modification time of each file with its findings, by path."""

_root = cache(project_root)
_settings = cache(discover)
_hierarchy = cache(Hierarchy)


def findings(text: str, filename: str, given: Flake8Options) -> list[Line]:
    """Return the findings of a file with the given text. An error becomes a finding."""
    path = absolute(filename if filename.endswith(".py") else f"{filename}.py")
    try:
        return _lines(text, path, given)
    except Exception as error:  # An exception would end flake8.
        return [(1, 0, f"{NOT_CHECKED} not checked: {type(error).__name__}: {' '.join(str(error).split())}")]


def _config(path: str, given: Flake8Options) -> Config:
    """Return the settings for a file, including flake8's selectors, because a disabled rule lets the next one report the call.

    The paths of flake8 are one project, as on our own command line, regardless of nested configuration files.
    """
    root = _root(given.paths) if given.paths else None
    values: dict[str, Any] = dict(given.settings)
    for key, codes in given.selectors:
        values[key] = [code for code in codes if any(covers(code, rule.code) for rule in RULES)]
    inside = root is not None and Path(path).is_relative_to(root)
    return _settings(given.paths if inside else (path,), given.file).apply(layer(values, "flake8"))


def _lines(text: str, path: str, given: Flake8Options) -> list[Line]:
    config = _config(path, given)
    if _is_off(config, path):
        return []
    if _saved(path) != text:
        return _findings_in(engine.run(["-"], config, text, path, fixes=False), path, text)
    report, files = _project(config, given)
    return _findings_in(report if Path(path) in files else engine.run([path], replace(config, force_exclude=True), fixes=False), path, text)


def _findings_in(report: Report, path: str, text: str) -> list[Line]:
    """Return the findings of a report in a file that our own comments do not suppress."""
    silent = [each for each in report.suppressed if each.suppressed is None or each.suppressed.kind == "inSource"]
    here = [each for each in (*report.findings, *silent) if absolute(each.location.path) == path]
    if not here:
        return []
    live = match_suppressions(here, {here[0].location.path: comment_parsing.read(text)}, noqa=False).live
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
def _project(config: Config, given: Flake8Options) -> tuple[Report, frozenset[Path]]:
    began = time.time_ns()
    whole = _hierarchy(config).at(config.root / "_")
    files = project_files(config.root, (), whole.excluded, config.included, governs=_hierarchy(config).governed_by(whole)).files
    dependencies = Dependencies()
    report = engine.run(
        [str(file) for file in files], replace(config, force_exclude=True), dependencies=dependencies, parsed=True, fixes=False
    )
    if config.cache and not given.unsaved:
        with suppress(OSError):  # a file may have been deleted
            _store_for_replay(report, files, config, given, dependencies, began)
    return report, frozenset(files)


def _store_for_replay(
    report: Report, files: tuple[Path, ...], config: Config, given: Flake8Options, dependencies: Dependencies, began: int
) -> None:
    """Store the findings of each file for replay, with everything that they depend on."""
    found: FindingsByPath = {}
    with_findings = {absolute(each.location.path) for each in (*report.findings, *report.suppressed)}
    for file in files:
        path = str(file)
        text = _saved(path) if path in with_findings else ""
        if text is None or _config(path, given) != config:
            continue
        status = file.stat()
        found[path] = (
            [status.st_size, status.st_mtime_ns],
            [] if path not in with_findings or _is_off(config, path) else _findings_in(report, path, text),
        )
    data = json.dumps(found).encode()
    replay.keep(str(cache_folder(config)), dependencies, [(1, data)], 0, began, given.key)
