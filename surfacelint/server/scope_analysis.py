"""The analysis of a scope at one moment: its settings, its files on disk, and open files in their place."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from surfacelint.config import Config, anchored, discover, layer
from surfacelint.fixing.text_edits import BYTE_ORDER_MARK, UneditableError, normalized, text_of
from surfacelint.model.findings import Report
from surfacelint.pipeline import engine
from surfacelint.server.questions import Scope
from surfacelint.system.records import record
from surfacelint.system.timings import Timings

_SURROGATE = re.compile("[\ud800-\udfff]")


class Analyse(Protocol):
    """Returns the report on paths, with `given` texts in place of files on disk. Without `fixes`, findings have none."""

    def __call__(self, paths: Sequence[str | Path], config: Config, *, timings: Timings, given: Mapping[Path, str], fixes: bool) -> Report:
        """Analyse the project around the paths. Raises ConfigError."""
        ...


ANALYSE: Analyse = engine.run
"""The analysis. One that keeps its state from one call to the next takes its place here."""


@record(frozen=True, slots=True)
class ScopeAnalysis:
    """How a scope is analysed: what `surfacelint check` would be given, and the files that are `open`, of which some are `unsaved`."""

    scope: Scope
    config: Config
    open: Mapping[Path, str]
    unsaved: Mapping[Path, str]
    timings: Timings

    @classmethod
    def of(cls, scope: Scope, texts: Mapping[Path, str], timings: Timings) -> ScopeAnalysis:
        """Read the settings of a scope, and enter its folder. Raises ConfigError, and OSError if the folder does not exist."""
        folder = scope.folder
        os.chdir(folder)
        file = folder / scope.settings.configuration if scope.settings.configuration else None
        overrides = anchored(layer(json.loads(scope.settings.overrides), "the setting `surfacelint.overrides`"), folder)
        config = discover([scope.path], file)
        config = replace(config.apply(overrides) if overrides.values else config, force_exclude=True)
        return cls(scope, config, texts, {path: text for path, text in texts.items() if not _is_on_disk(path, text)}, timings)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths that are checked."""
        return (self.scope.path, *self.scope.scripts)

    def report(self, also: Sequence[Path] = (), texts: Mapping[Path, str] | None = None, *, fixes: bool) -> Report:
        """Return the report on the files of the scope and on those `also` asked for, with `texts` over those of open files."""
        given = {path: _analysed(text) for path, text in {**self.unsaved, **(texts or {})}.items()}
        return ANALYSE([str(path) for path in (*self.paths, *also)], self.config, timings=self.timings, given=given, fixes=fixes)


def _analysed(text: str) -> str:
    """Return the text of an open document as that of a file is read. Lone surrogates, which no file can hold, become question marks."""
    return _SURROGATE.sub("?", normalized(text.removeprefix(BYTE_ORDER_MARK)))


def _is_on_disk(path: Path, text: str) -> bool:
    """Whether a file has the text of its open document, so that what is known of the file holds."""
    with suppress(OSError):
        data = path.read_bytes()
        try:
            return text_of(data) == _analysed(text)
        except UneditableError:  # the editor shows replacements for what cannot be decoded
            return data.decode("utf-8", "replace") == text
    return False
