"""`surfacelint check --watch`: checks again whenever something changes that the last report depends on."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from surfacelint.cli.check_run import CheckRun
from surfacelint.cli.console import CLEAN, output, say, sentence
from surfacelint.system.file_dependencies import Dependencies, checksum, stamp
from surfacelint.system.git import listing

if TYPE_CHECKING:
    from surfacelint.config import ProjectPaths

PAUSE = 0.3
"""Seconds between two looks at the files."""

LISTING_PAUSE = 2.0
"""Seconds between two listings by git, which find files in folders without Python files."""

_CLEAR = "\x1b[2J\x1b[3J\x1b[H"


def watch(run: CheckRun, read_projects: Callable[[], Sequence[ProjectPaths]]) -> int:
    """Check until the user interrupts, and return the exit status.

    A report is printed only if nothing has changed since the files were read. An error, such as one in the settings, is printed once.
    """
    gc.enable()
    said = ""
    try:
        while True:
            dependencies, began = Dependencies(), time.time_ns()
            try:
                projects = read_projects()
                reports = run.reports(projects, dependencies)
                if has_changed(dependencies):
                    continue
                if sys.stdout is not None and sys.stdout.isatty():
                    output(_CLEAR, colour=True)
                run.print_reports(projects, reports, began)
                said = ""
            except Exception as error:
                if sentence(error) != said:
                    said = sentence(error)
                    say("error", said)
                time.sleep(PAUSE)
                continue
            if run.output_file is not None:
                _expect(dependencies, run.output_file.absolute())
            if not run.quiet:
                say("watching", "checks again after each change; Ctrl-C ends")
            wait_for_change(dependencies)
    except KeyboardInterrupt:
        return CLEAN


def wait_for_change(dependencies: Dependencies) -> None:
    """Wait until anything has changed since the dependencies were recorded."""
    listed = time.monotonic()
    while not _has_changed_files(dependencies):
        time.sleep(PAUSE)
        if time.monotonic() - listed > LISTING_PAUSE:
            if _has_changed_listings(dependencies):
                return
            listed = time.monotonic()


def has_changed(dependencies: Dependencies) -> bool:
    """Whether anything has changed since the dependencies were recorded."""
    return _has_changed_files(dependencies) or _has_changed_listings(dependencies)


def _has_changed_files(dependencies: Dependencies) -> bool:
    return any(stamp(place) != noted for place, noted in dependencies.places.items())


def _has_changed_listings(dependencies: Dependencies) -> bool:
    return any(checksum(listing(directory)) != noted for directory, noted in dependencies.listings.items())


def _expect(dependencies: Dependencies, written: Path) -> None:
    """Record that this process itself has written a file. The report is no reason to check again."""
    for place in (str(written), str(written.parent)):
        if place in dependencies.places:
            dependencies.places[place] = stamp(place)
    for directory in dependencies.listings:
        if written.is_relative_to(directory):
            dependencies.listings[directory] = checksum(listing(directory))
