"""Remembers the last analysis of a project for bug reports: seconds, counts, and where it failed. No text of the project is in it.

.surfacelint_cache/runs/<root>.json     `<root>` is a digest of the project root
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from surfacelint.cache.entry_files import EntryFiles
from surfacelint.cache.json_codec import CodecError, codec
from surfacelint.cache.marked_folder import is_marked
from surfacelint.model.findings import Report
from surfacelint.system.records import record
from surfacelint.system.timings import Timings

PLACE = "runs"
"""The folder inside the cache."""

MOST_FRAMES = 40
"""The number of stack frames that are remembered, the innermost ones."""

_OURS = "surfacelint"
_TITLE = re.compile(r"[a-z ]{1,60}|SRF\d{3}")
_FRAME = re.compile(r"[\w.]{1,120}(?::\d+ in [\w<>]{1,120})?")


@record(frozen=True, slots=True)
class LastRun:
    """One analysis of a project.

    - `ended`: the time in seconds since 1970. `seconds` by stage, and `counts` by name.
    - `findings`: number of findings by rule.
    - `failure`: the type of the exception that ended the analysis, empty if it succeeded. `frames` are its stack frames, outermost
      first: those of surfacelint with line and function, for others the package alone.
    """

    ended: int
    seconds: tuple[tuple[str, float], ...]
    counts: tuple[tuple[str, int], ...]
    findings: tuple[tuple[str, int], ...] = ()
    failure: str = ""
    frames: tuple[str, ...] = ()

    @classmethod
    def succeeded(cls, report: Report, timings: Timings) -> LastRun:
        """Return the record of an analysis that ended with a report."""
        counts = {
            **timings.counts,
            "files checked": report.files_checked,
            "requests seen": report.requests or 0,
            "workloads judged": report.workloads or 0,
            "findings suppressed": len(report.suppressed),
            "errors": len(report.errors),
            "warnings": len(report.warnings),
        }
        found = Counter(finding.rule.code for finding in report.findings)
        return cls(int(time.time()), _rounded(timings), tuple(counts.items()), tuple(sorted(found.items())))

    @classmethod
    def failed(cls, error: Exception, timings: Timings) -> LastRun:
        """Return the record of an analysis that ended with an exception. Its message may have text of the project, and is left out."""
        frames: list[str] = []
        for step in _steps(error.__traceback__):
            module = str(step.tb_frame.f_globals.get("__name__", ""))
            own = f"{module}:{step.tb_lineno} in {step.tb_frame.f_code.co_name}"
            shown = own if _package(module) == _OURS else _package(module)
            if frames[-1:] != [shown]:
                frames.append(shown)
        kind = type(error)
        failure = kind.__qualname__ if kind.__module__ == "builtins" else f"{_package(kind.__module__)}.{kind.__qualname__}"
        return cls(int(time.time()), _rounded(timings), tuple(timings.counts.items()), (), failure, tuple(frames[-MOST_FRAMES:]))

    @property
    def is_plain(self) -> bool:
        """Whether all texts are of the kinds that surfacelint writes: a cache may come from a repository."""
        titles = (name for rows in (self.seconds, self.counts, self.findings) for name, _ in rows)
        return all(map(_TITLE.fullmatch, titles)) and all(map(_FRAME.fullmatch, filter(None, (self.failure, *self.frames))))


def remember(folder: Path, root: Path, run: LastRun) -> None:
    """Store the last run of the project at `root` in a cache folder that exists. Does not raise for files."""
    if is_marked(str(folder)):
        EntryFiles(folder, PLACE).write(_name(root), codec(LastRun).dumps(run))


def last_run(folder: Path, root: Path) -> LastRun | None:
    """Return the last run of the project at `root`, or `None` if it is unknown."""
    data = EntryFiles(folder, PLACE).read(_name(root))
    with suppress(CodecError):
        found = codec(LastRun).loads(data) if data else None
        return found if found is not None and found.is_plain else None
    return None


def _name(root: Path) -> str:
    return f"{sha256(os.fsencode(root)).hexdigest()[:16]}.json"


def _rounded(timings: Timings) -> tuple[tuple[str, float], ...]:
    return tuple((name, round(seconds, 3)) for name, seconds in timings.seconds.items())


def _steps(step: TracebackType | None) -> Iterator[TracebackType]:
    while step is not None:
        yield step
        step = step.tb_next


def _package(module: str) -> str:
    """Return the package of a module, or `other` if it is neither ours nor one that we use."""
    from surfacelint.system.environment import PACKAGES

    package = module.partition(".")[0]
    return package if package in (_OURS, *PACKAGES) or package in sys.stdlib_module_names else "other"
