"""One run of `surfacelint check`: settings of each project → reports → edits → output → exit status."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from surfacelint.cache import replay
from surfacelint.cli import progress
from surfacelint.cli.console import CLEAN, FOUND, INCOMPLETE, Failure, output, output_bytes, recorded, say, say_unchecked, write
from surfacelint.cli.report_output import announce_rules, conclude, print_problems, print_report, require_statistics
from surfacelint.system.file_dependencies import Dependencies
from surfacelint.system.file_lock import locked
from surfacelint.system.records import record

PATIENCE = 600.0
"""Seconds to wait for another process that changes files of the same project."""

if TYPE_CHECKING:
    from surfacelint.cli.editing import Editing
    from surfacelint.config import Config, ProjectPaths
    from surfacelint.model.findings import Report
    from surfacelint.system.timings import Timings


@record(frozen=True, slots=True)
class CheckRun:
    """What the options of `surfacelint check` ask for, apart from settings.

    - `stdin`, `stdin_filename`: code from standard input, and the file that it represents.
    - `diff_base`: a revision whose findings are not reported.
    - `watch`: something waits for changes of what the reports depend on.
    - `fixes`, `unsafe_fixes`, `comments`: what to change. With `diff`, the changes are shown and not made.
    """

    stdin: str | None
    stdin_filename: str | None
    diff_base: str | None
    watch: bool
    output_file: Path | None
    fixes: bool
    unsafe_fixes: bool
    diff: bool
    comments: bool
    reason: str
    statistics: bool
    exit_zero: bool
    quiet: bool
    verbose: bool
    timings: bool
    color: str

    def run(self, projects: Sequence[ProjectPaths]) -> int:
        """Check all projects, print one report, and return the exit status. Output settings are those of the first project."""
        began = time.time_ns()
        dependencies = Dependencies()
        chosen = projects[0].config
        with recorded() as outputs, ExitStack() as locks:
            for root in sorted({each.config.root for each in projects}) if self._writes else ():
                # Another process would add the same comments, or undo what this one has fixed.
                locks.enter_context(locked(_lock_place(root), PATIENCE))
            status = self._checked(projects, dependencies, began)
        if self._may_be_replayed(chosen):
            from surfacelint.config import cache_folder

            replay.keep(str(cache_folder(chosen)), dependencies, outputs, status, began)
        return status

    def reports(self, projects: Sequence[ProjectPaths], dependencies: Dependencies) -> list[Report]:
        """Return the report on each project."""
        for each in projects:
            announce_rules(each.config, self.quiet, self.verbose)
        if self.statistics:
            require_statistics(projects[0].config.output_format)
        found = [self._analyse(each.config, dependencies, each.paths or (".",), {}, True) for each in projects]
        if self.diff_base is not None:
            return [self._added(each, report, self.diff_base) for each, report in zip(projects, found, strict=True)]
        return found

    def print_reports(self, projects: Sequence[ProjectPaths], reports: Sequence[Report], began: int, problems: Sequence[str] = ()) -> int:
        """Print one report on all projects and the `problems` of edits, and return the exit status."""
        from surfacelint.pipeline.merged_reports import merged

        report, chosen = merged(reports), projects[0].config
        print_report(report, chosen.output_format, self.statistics, self.output_file, self.color, self.quiet)
        conclude(report, chosen.output_format, self.unsafe_fixes, self.quiet, self.verbose, began)
        failed = any(fails(found, each.config.fail_on) for each, found in zip(projects, reports, strict=True))
        complete = print_problems(problems) and report.complete
        return INCOMPLETE if not complete else FOUND if failed and not self.exit_zero else CLEAN

    def _checked(self, projects: Sequence[ProjectPaths], dependencies: Dependencies, began: int) -> int:
        from surfacelint.pipeline.merged_reports import merged

        reports = self.reports(projects, dependencies)
        problems: tuple[str, ...] = ()
        if self.fixes or self.comments:
            editings = [self._edited(each, report, dependencies) for each, report in zip(projects, reports, strict=True)]
            if self.diff:
                return self._show_changes(editings, merged(reports))
            self._write(editings)
            if self.comments:
                say_unchecked(merged(reports))
                complete = print_problems(_problems(editings)) and all(each.complete for each in reports)
                return CLEAN if complete else INCOMPLETE
            reports = [editing.remaining(report) for editing, report in zip(editings, reports, strict=True)]
            problems = _problems(editings)
        for each, report in zip(projects, reports, strict=True):
            if report.gone and self.stdin is None:
                _shrink(report, each.config)
                dependencies.repeatable = False
        return self.print_reports(projects, reports, began, problems)

    def _analyse(self, config: Config, dependencies: Dependencies, paths: Sequence[str], given: Mapping[Path, str], fixes: bool) -> Report:
        """Run the analysis of one project, and print the timings if they are wanted."""
        from surfacelint.pipeline import engine
        from surfacelint.system.timings import Timings

        timings = Timings()
        asked = paths if self.stdin is None else ("-",)
        recorded_in = dependencies if (config.cache or self.watch) and not given else None
        with progress.progress(progress.wanted(self.quiet, os.environ, _is_read())), _remembered(config, timings) as reports:
            report = engine.run(asked, config, self.stdin, self.stdin_filename, timings, recorded_in, given=given, fixes=fixes)
            reports.append(report)
        for line in timings.lines() if self.timings else ():
            say("timing", line)
        return report

    def _added(self, project: ProjectPaths, report: Report, revision: str) -> Report:
        """Return the report without the findings that a revision has, too."""
        from surfacelint.pipeline.added_findings import only_added

        paths = project.paths or ((".",) if self.stdin is None else ("stdin.py",))
        return only_added(report, revision, paths, project.config)

    def _edited(self, project: ProjectPaths, report: Report, dependencies: Dependencies) -> Editing:
        """Return the changes of one project, made in memory."""
        from surfacelint.cli.editing import Editing, Wishes

        editing = Editing(project.paths or (".",), project.config, partial(self._analyse, project.config, dependencies))
        editing.apply(report, Wishes(self.fixes, self.unsafe_fixes, self.comments, self.reason))
        return editing

    def _show_changes(self, editings: Sequence[Editing], report: Report) -> int:
        """Print or write the diff of all changes, which are not made. Returns the exit status."""
        from surfacelint.reporters.totals import count, fixable

        diff = b"".join(each.diff() for each in editings)
        if self.output_file is None:
            output_bytes(diff)
        else:
            write(self.output_file, diff)
        fixed = sum(each.fixable for each in editings)
        if fixed and not self.quiet:
            say("would fix", count(fixed, "finding"))
        elif self.fixes and not diff and not self.quiet and _is_read() and (more := fixable(report, self.unsafe_fixes)):
            say("note", f"there is nothing to change without further options: {more}")
        say_unchecked(report)
        complete = print_problems(_problems(editings)) and report.complete
        return INCOMPLETE if not complete else FOUND if diff and not self.exit_zero else CLEAN

    def _write(self, editings: Sequence[Editing]) -> None:
        """Write all changes, and print what was changed."""
        from surfacelint.reporters.totals import count

        written = [each.write() for each in editings]
        if self.quiet:
            return
        fixed = sum(each.fixed for each in written)
        if fixed:
            say("fixed", count(fixed, "finding"))
        for path in (path for each in written for path in each.added):
            say("added", path)
        if self.comments:
            output(f"Added {count(sum(each.comments for each in written), 'comment')}.\n")

    @property
    def _writes(self) -> bool:
        """Whether the run changes source files."""
        return (self.fixes or self.comments) and not self.diff

    def _may_be_replayed(self, config: Config) -> bool:
        """Whether the same command line would print the same again if no file has changed."""
        edits = self.fixes or self.comments
        depends = self.output_file is not None or self.diff_base is not None
        return config.cache and self.stdin is None and not (edits or depends or self.verbose or self.timings)


def fails(report: Report, fail_on: str) -> bool:
    """Whether any finding has at least the severity that fails the run."""
    from surfacelint.config import SEVERITIES

    return any(SEVERITIES.index(finding.rule.severity.value) >= SEVERITIES.index(fail_on) for finding in report.findings)


@contextmanager
def _remembered(config: Config, timings: Timings) -> Iterator[list[Report]]:
    """Remember the analysis in the block for bug reports: its report, appended to what the block gets, or the error that ended it."""
    from surfacelint.cache.last_run import LastRun, remember
    from surfacelint.config import ConfigError, cache_folder

    reports: list[Report] = []
    try:
        yield reports
    except (ConfigError, OSError):
        raise
    except Exception as error:
        if config.cache:
            remember(cache_folder(config), config.root, LastRun.failed(error, timings))
        raise
    if config.cache:
        remember(cache_folder(config), config.root, LastRun.succeeded(reports[-1], timings))


def _is_read() -> bool:
    """Whether stderr is a terminal, at which a person may wonder."""
    return sys.stderr is not None and sys.stderr.isatty()


def _lock_place(root: Path) -> str:
    """Return the path of the file that a process locks while it changes files of a project. It is not in the project, which stays clean."""
    from hashlib import sha256
    from tempfile import gettempdir

    user = os.getuid() if sys.platform != "win32" else 0
    return f"{gettempdir()}{os.sep}surfacelint-{user}-{sha256(os.fsencode(root)).hexdigest()[:16]}.lock"


def _problems(editings: Sequence[Editing]) -> tuple[str, ...]:
    return tuple(problem for each in editings for problem in each.problems)


def _shrink(report: Report, chosen: Config) -> None:
    """Remove fixed findings from the baseline, and report it on stderr."""
    from surfacelint.cli.baseline import shrunk
    from surfacelint.reporters.totals import count
    from surfacelint.suppressions.baseline_file import Baseline

    try:
        left = shrunk(Baseline.read(chosen.baseline), report, chosen.root)
    except Failure as failure:
        say("warning", failure.format_message())
    else:
        say("baseline", f"removed {count(len(report.gone), 'fixed finding')} from {left.shown}")
