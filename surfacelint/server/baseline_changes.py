"""What adding a finding to the baseline changes: the entry, and the setting that names the baseline if there is none."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from surfacelint.config import TABLE, ConfigError, Hierarchy, parse_toml
from surfacelint.fixing.text_edits import UneditableError, text_as_written
from surfacelint.project.file_discovery import display_path
from surfacelint.project.module_names import common_directory
from surfacelint.server.changes import is_writable
from surfacelint.server.questions import AddToBaseline, Changes, FileChange
from surfacelint.server.scope_analysis import ScopeAnalysis
from surfacelint.suppressions.baseline_file import DEFAULT_NAME, Baseline, entry_of, is_kept

_HEADER = re.compile(rf"^[ \t]*\[[ \t]*{re.escape(TABLE)}[ \t]*\][^\r\n]*(?:\r\n|\r|\n|$)", re.MULTILINE)


def added(analysis: ScopeAnalysis, question: AddToBaseline) -> Changes:
    """Return the changes that record a finding as known. Raises ConfigError if the baseline or the settings cannot be read."""
    finding, config = question.finding, analysis.config
    if not is_kept(finding):
        return Changes((), (f"{finding.rule.code} cannot be in a baseline, because an unchecked file may have other findings",))
    home = Hierarchy(config).home(common_directory(analysis.paths) / DEFAULT_NAME)
    source = Path(config.baseline) if config.baseline else home / DEFAULT_NAME
    before = _text(source, question.others)
    known = Baseline(source, Counter()) if before is None else Baseline.read(source)
    after = Baseline(source, known.entries + Counter([entry_of(finding, source.parent)])).text()
    files = [FileChange(source, before, after)]
    if not config.baseline:
        files.append(_with_setting(config.source or _settings_file(home), source, question.others))
    outside = [each.path for each in files if not is_writable(analysis, each.path)]
    if outside:
        return Changes((), (f"{display_path(outside[0])}: not edited, because it is outside of the workspace",))
    return Changes(tuple(files))


def _settings_file(home: Path) -> Path:
    """Return the file in a folder to add settings to."""
    project = home / "pyproject.toml"
    return project if os.path.isfile(project) else home / "surfacelint.toml"


def _with_setting(file: Path, baseline: Path, others: Mapping[Path, str]) -> FileChange:
    """Return the change of a settings file that names the baseline. Raises ConfigError if the setting has to be made by hand."""
    before = _text(file, others)
    text = before or ""
    ending = "\r\n" if "\r\n" in text else "\n"
    name = os.path.relpath(baseline, file.parent).replace(os.sep, "/")
    line = f"baseline = {json.dumps(name, ensure_ascii=False)}{ending}"
    header = _HEADER.search(text)
    if file.name == "surfacelint.toml":
        after = line + text
    elif header is not None:
        opened = "" if header.group().endswith(("\r", "\n")) else ending
        after = f"{text[: header.end()]}{opened}{line}{text[header.end() :]}"
    else:
        gap = "" if not text else ending if text.endswith(("\r", "\n")) else ending * 2
        after = f"{text}{gap}[{TABLE}]{ending}{line}"
    if _baseline_in(file, after) != name:
        raise ConfigError(f"{display_path(file)}: write {line.strip()} into the [{TABLE}] table yourself, so that the baseline is used")
    return FileChange(file, before, after)


def _baseline_in(file: Path, text: str) -> object:
    """Return the value of the setting in the text of a settings file, `None` without one."""
    try:
        found: Any = parse_toml(text, display_path(file))
    except ConfigError:
        return None
    for key in () if file.name == "surfacelint.toml" else TABLE.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found.get("baseline") if isinstance(found, dict) else None


def _text(path: Path, others: Mapping[Path, str]) -> str | None:
    """Return the text of a file as the editor has it, or as it is on disk; `None` if there is none. Raises ConfigError."""
    if path in others or not os.path.lexists(path):
        return others.get(path)
    try:
        return text_as_written(path.read_bytes())
    except (OSError, UneditableError) as error:
        raise ConfigError(f"{display_path(path)}: cannot be read: {error}") from None
