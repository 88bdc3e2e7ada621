"""What the server asks the process that analyses, and its answers. Both cross a pipe."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from surfacelint.model.findings import Finding, Report
from surfacelint.server.client_settings import ClientSettings
from surfacelint.system.records import record

HEAD = struct.Struct("!I")
"""The header of a message on the pipe: the number of bytes that follow."""


@record(frozen=True, slots=True)
class Scope:
    """What is checked together, as by `surfacelint check`: a workspace folder, or a file outside of all of them.

    - `scripts`: files in the folder that only the editor knows to be Python.
    - `settings`: those of the client.
    - `writable`: folders, and files, that edits may change; empty for all of the project.
    """

    path: Path
    scripts: tuple[Path, ...] = ()
    settings: ClientSettings = ClientSettings()
    writable: tuple[Path, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder that paths in reports are relative to: that of the workspace, or the one that a single file is in."""
        return self.path if os.path.isdir(self.path) else self.path.parent


@record(frozen=True, slots=True)
class Check:
    """Which findings does a scope have? `texts` are open files, saved or not. Without `fixes`, findings have none."""

    scope: Scope
    texts: Mapping[Path, str]
    fixes: bool


@record(frozen=True, slots=True)
class ApplyFixes:
    """What do fixes change? The fix of one `finding`, safe or not; without one, all safe fixes of findings in the file at `path`."""

    scope: Scope
    texts: Mapping[Path, str]
    path: Path
    finding: Finding | None = None


@record(frozen=True, slots=True)
class AddComment:
    """What does a comment at a finding change? `fact` is declared (`volume=200/day`); if it is empty, the finding is suppressed."""

    scope: Scope
    texts: Mapping[Path, str]
    finding: Finding
    fact: str = ""
    reason: str = ""


@record(frozen=True, slots=True)
class AddToBaseline:
    """What does an entry in the baseline change? If no baseline is set, it is created, and the setting is added.

    `others` are open documents that are no code, such as settings.
    """

    scope: Scope
    texts: Mapping[Path, str]
    finding: Finding
    others: Mapping[Path, str]


Question: TypeAlias = Check | ApplyFixes | AddComment | AddToBaseline


@record(frozen=True, slots=True)
class FileChange:
    """Text of a file before and after a change; `before` is `None` for a new file. A notebook's text is its JSON."""

    path: Path
    before: str | None
    after: str


@record(frozen=True, slots=True)
class Changes:
    """Files as edits change them, and one sentence for everything that was left out."""

    files: tuple[FileChange, ...]
    problems: tuple[str, ...] = ()


Answer: TypeAlias = Report | Changes


@record(frozen=True, slots=True)
class Asked:
    """A numbered question."""

    number: int
    question: Question


@record(frozen=True, slots=True)
class Withdrawn:
    """The question with this number needs no answer any more."""

    number: int


@record(frozen=True, slots=True)
class Reached:
    """The analysis for a question has reached a stage."""

    number: int
    stage: str


@record(frozen=True, slots=True)
class Answered:
    """The answer to a question; `None` if it was withdrawn."""

    number: int
    answer: Answer | None


@record(frozen=True, slots=True)
class Failed:
    """A question has no answer: the settings are wrong (`is_setting`), or the analysis failed. `problem` is one sentence."""

    number: int
    problem: str
    is_setting: bool


FromServer: TypeAlias = Asked | Withdrawn
ToServer: TypeAlias = Reached | Answered | Failed
