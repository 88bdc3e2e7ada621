"""The plugin class that flake8 instantiates for each file.

The main process finds out everything before flake8 starts its workers, which only look it up: it replays earlier findings while
nothing they depend on has changed, or analyses the project. Imports little: `surfacelint.flake8.report`, which runs the analysis,
is imported only if there is nothing to replay.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any, ClassVar

from surfacelint.flake8 import handover
from surfacelint.flake8.options import MIRRORED, Flake8Options, count
from surfacelint.flake8.project_findings import ProjectFindings
from surfacelint.system.version import __version__


class Plugin:
    """Checker that flake8 creates for each file."""

    name, version = "surfacelint", __version__
    _given: ClassVar[Flake8Options] = Flake8Options()
    _found: ClassVar[tuple[ProjectFindings, ...]] = ()

    def __init__(self, tree: object, lines: list[str], filename: str) -> None:
        """Store the file. flake8 has parsed it already, and its text may not be saved."""
        self._lines, self._name = lines, filename

    @staticmethod
    def add_options(manager: Any) -> None:
        """Register options for the settings that flake8 does not have."""
        manager.add_option(
            "--surfacelint-config", metavar="FILE", parse_from_config=True, normalize_paths=True, help="Configuration file to read."
        )
        for key, shape, text in MIRRORED:
            kind = {"action": "store_true", "default": None} if shape == "switch" else {"type": count}
            manager.add_option(f"--surfacelint-{key}", parse_from_config=True, help=text, **kind)

    @classmethod
    def parse_options(cls, options: Any) -> None:
        """Store the options, and get the findings of the project. flake8 calls this in its main process, and in unforked workers."""
        cls._given = given = Flake8Options.of(options)
        cls._found = ()
        if not (given.unsaved or given.select_nothing or getattr(options, "bug_report", False)):
            cls._found = _received(given) or _gathered(given)

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield findings that our own comments do not suppress. flake8 handles `noqa`. A failure is reported as a finding."""
        if self._given.select_nothing:
            return
        path = os.path.abspath(self._name)  # noqa: PTH100 - takes less time than pathlib
        lines = next((lines for each in self._found if (lines := each.of(path)) is not None), None)
        if lines is None:
            # The file is not part of the project, is not saved, or has changed since.
            from surfacelint.flake8 import report

            lines = report.findings("".join(self._lines), self._name, self._given)
        yield from ((row, column, text, type(self)) for row, column, text in lines)


def _received(given: Flake8Options) -> tuple[ProjectFindings, ...] | None:
    """Return the findings that the main process has handed to this worker."""
    data = handover.received(given.key)
    found = [] if data is None else [ProjectFindings.decoded(line) for line in data.splitlines()]
    return tuple(each for each in found if each is not None) or None


def _gathered(given: Flake8Options) -> tuple[ProjectFindings, ...]:
    """Return the findings of each project, innermost first, and hand them to the workers to come."""
    since = time.time_ns() - time.process_time_ns()  # a time at which flake8 was running already
    found = sorted((_findings(project, since) for project in given.projects), key=lambda each: len(each.root), reverse=True)
    if handover.is_needed():
        handover.hand_over(given.key, b"\n".join(each.encoded() for each in found))
    return tuple(found)


def _findings(project: Flake8Options, since: int) -> ProjectFindings:
    """Return recorded findings of a project, or analyse it."""
    found = ProjectFindings.replayed(project.paths, project.key)
    if found is None:
        from surfacelint.flake8 import report

        found = report.project_findings(project, since)
    return found
