"""`surfacelint check`: arguments → `Config` → `Report` → text → exit status.

The options for settings are generated from the fields of `Config`.
"""

from __future__ import annotations

import gc
import io
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from surfacelint.cache import replay
from surfacelint.cli import progress
from surfacelint.cli.console import CLEAN, EXAMPLES, FOUND, INCOMPLETE, Failure, output, recorded, say, say_unchecked, wants_colour, write
from surfacelint.cli.options import SettingsCommand, config_options, read_config
from surfacelint.system.file_dependencies import Dependencies

if TYPE_CHECKING:
    from surfacelint.cli.editing import Editing
    from surfacelint.config import Config
    from surfacelint.model.findings import Report

STDIN = "-"


@click.command(cls=SettingsCommand, epilog=EXAMPLES)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@config_options
@click.option("--stdin-filename", type=click.Path(), metavar="PATH", help="Path of the code on standard input. Requires - as PATH.")
@click.option("-o", "--output-file", type=click.Path(path_type=Path), metavar="FILE", help="Write the report to this file.")
@click.option("--fix", is_flag=True, help="Apply safe fixes, and report the remaining findings.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that need review. Otherwise: count them as fixable.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, without changing it. Exits with 1 if there are changes.")
@click.option("--add-ignores", "--add-noqa", is_flag=True, help="Add a suppression comment for every current finding.")
@click.option("--reason", metavar="TEXT", help="With --add-ignores: the reason to write into each comment.")
@click.option("--show-files", is_flag=True, help="List the files that would be checked, and exit.")
@click.option("--show-settings", is_flag=True, help="Show the settings and their origins, and exit.")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of showing them.")
@click.option(
    "-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings. Still exits with 2 if anything could not be checked."
)
@click.option("-q", "--quiet", is_flag=True, help="Print only findings and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Print the settings in use and a summary to stderr.")
@click.option("--timings", is_flag=True, help="Print the time and the amount of work of each stage to stderr.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="When to use colours.")
def check(
    paths: tuple[str, ...],
    config: tuple[str, ...],
    isolated: bool,
    stdin_filename: str | None,
    output_file: Path | None,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    add_ignores: bool,
    reason: str | None,
    show_files: bool,
    show_settings: bool,
    statistics: bool,
    exit_zero: bool,
    quiet: bool,
    verbose: bool,
    timings: bool,
    color: str,
    **flags: Any,
) -> int:
    """Check files and directories for LLM calls on the wrong surface.

    Without a PATH, checks the current directory. Use - to read standard input.

    Exit status: 0 no findings, 1 findings, 2 something could not be checked.
    """
    began = time.time_ns()
    gc.disable()  # a run keeps nearly everything it allocates until the process ends
    stdin = _stdin(paths, stdin_filename)
    places = [stdin_filename] if stdin_filename else [path for path in paths if path != STDIN]
    chosen = read_config(places, config, isolated, flags)
    if show_files or show_settings:
        from surfacelint.cli.show_settings import print_files, print_settings

        return print_settings((*places, ".")[0], chosen) if show_settings else print_files(places or (".",), chosen)
    changing = fix or diff or add_ignores
    _check_changes(changing, stdin, reason)
    dependencies = Dependencies()

    def analyse(places: Sequence[str], given: Mapping[Path, str], fixes: bool) -> Report:
        with progress.progress(progress.wanted(quiet, os.environ, sys.stderr.isatty())):
            return _measured(places, chosen, stdin, stdin_filename, given, fixes, dependencies, timings)

    with recorded() as outputs:
        _check_rules(chosen, quiet, verbose)
        if statistics:
            _require_statistics(chosen.output_format)
        report = analyse(paths or (".",), {}, True)
        problems: tuple[str, ...] = ()
        if changing:
            from surfacelint.cli.editing import Editing, Wishes

            editing = Editing(paths or (".",), chosen, analyse)
            editing.apply(report, Wishes(fix or not add_ignores, unsafe_fixes, add_ignores, reason or ""))
            if diff or add_ignores:
                return _show_changes(editing, report, exit_zero) if diff else _write_comments(editing, report)
            editing.write()
            report, problems = editing.remaining(report), editing.problems
        if report.gone and stdin is None:
            _shrink(report, chosen)
            dependencies.repeatable = False
        _show(report, chosen.output_format, statistics, output_file, color, quiet)
        _conclude(report, chosen.output_format, unsafe_fixes, quiet, verbose, began)
        complete = _print_problems(problems) and report.complete
        status = INCOMPLETE if not complete else FOUND if not exit_zero and fails(report, chosen.fail_on) else CLEAN
    if chosen.cache and stdin is None and output_file is None and not (fix or verbose or timings):
        from surfacelint.config import cache_folder

        replay.keep(str(cache_folder(chosen)), dependencies, outputs, status, began)
    return status


def _show(report: Report, output_format: str, statistics: bool, output_file: Path | None, color: str, quiet: bool) -> None:
    """Print or write a report."""
    if not quiet:
        for warning in report.warnings:
            say("warning", warning)
    colour = output_file is None and wants_colour(color, os.environ, sys.stdout.isatty())
    text = _render(report, output_format, statistics, colour)
    if output_file is None:
        output(text, colour)
    else:
        write(output_file, text)


def _print_problems(problems: Iterable[str]) -> bool:
    """Print the errors of edits; return whether there are none."""
    ordered = sorted(problems)
    for problem in ordered:
        say("error", problem)
    return not ordered


def _show_changes(editing: Editing, report: Report, exit_zero: bool) -> int:
    """Print the diff of all changes, which are not written. Returns the exit status."""
    has_changes = editing.show()
    say_unchecked(report)
    complete = _print_problems(editing.problems) and report.complete
    return INCOMPLETE if not complete else FOUND if has_changes and not exit_zero else CLEAN


def fails(report: Report, fail_on: str) -> bool:
    """Whether any finding has at least the severity that fails the run."""
    from surfacelint.config import SEVERITIES

    return any(SEVERITIES.index(finding.rule.severity.value) >= SEVERITIES.index(fail_on) for finding in report.findings)


def _measured(
    paths: Sequence[str],
    config: Config,
    stdin: str | None,
    name: str | None,
    given: Mapping[Path, str],
    fixes: bool,
    dependencies: Dependencies,
    timed: bool,
) -> Report:
    """Run the analysis, and print the timings if `timed`."""
    from surfacelint.pipeline import engine
    from surfacelint.system.timings import Timings

    timings = Timings()
    report = engine.run(paths, config, stdin, name, timings, None if given else dependencies, given=given, fixes=fixes)
    for line in timings.lines() if timed else ():
        say("timing", line)
    return report


def _stdin(paths: Sequence[str], name: str | None) -> str | None:
    """Return the code on standard input, or `None` if the paths do not include `-`."""
    if STDIN not in paths:
        if name is not None:
            raise click.UsageError("--stdin-filename requires - as the path")
        return None
    if len(paths) > 1:
        raise click.UsageError("- reads standard input and must be the only path")
    import tokenize

    data = sys.stdin.buffer.read()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise Failure(f"{name or 'standard input'}: cannot be decoded: {error}; save it as UTF-8 or declare its encoding") from None


def _check_rules(config: Config, quiet: bool, verbose: bool) -> None:
    """Warn if no rule is enabled, and print the settings if `verbose`. Raises `ConfigError` for invalid rule selectors."""
    from surfacelint.rules import NOT_CHECKED, RULES, selected

    rules = selected(RULES, config)
    if not quiet and all(each.code == NOT_CHECKED for each in rules):
        say("warning", "no rule is enabled, so there can be no findings; see `select` and `ignore`")
    if verbose:
        say("settings", f"{config.source or 'defaults'}, project {config.root}, {len(rules)} of {len(RULES)} rules enabled")


def _require_statistics(output_format: str) -> None:
    from surfacelint.reporters.totals import STATISTICS

    if output_format not in STATISTICS:
        raise click.UsageError(f"{output_format} does not support --statistics: choose --output-format {', '.join(STATISTICS)}")


def _render(report: Report, output_format: str, statistics: bool, colour: bool) -> str:
    from surfacelint import reporters
    from surfacelint.reporters import totals

    if statistics:
        return totals.STATISTICS[output_format](report)
    return reporters.FORMATS[output_format](report, colour=colour)


def _conclude(report: Report, output_format: str, unsafe: bool, quiet: bool, verbose: bool, began: int) -> None:
    """Print the summary with the number of fixes, errors and, for formats without a summary, a note on files that were not parsed."""
    from surfacelint.reporters import totals

    if output_format == "full" and not quiet:
        output("".join(f"{line}\n" for line in (totals.summary(report), totals.fixable(report, unsafe)) if line))
    elif report.only_screened and not quiet and not verbose:
        say("note", f"{totals.count(report.files_checked, 'file')} checked, {totals.screened(report)}")
    for error in report.errors:
        say("error", error)
    if verbose:
        say("done", f"{totals.summary(report)} ({(time.time_ns() - began) / 1e9:.2f} s)")


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


def _write_comments(editing: Editing, report: Report) -> int:
    """Write suppression comments, and fixes if there are any, and print their number. Returns the exit status."""
    from surfacelint.reporters.totals import count

    output(f"Added {count(editing.write(), 'comment')}.\n")
    say_unchecked(report)
    return CLEAN if _print_problems(editing.problems) and report.complete else INCOMPLETE


def _check_changes(changing: bool, stdin: str | None, reason: str | None) -> None:
    """Raise `UsageError` for options that do not go together."""
    if stdin is not None and changing:
        raise click.UsageError("--fix, --diff and --add-ignores need files, not standard input")
    if reason and ("#" in reason or "\n" in reason):
        raise click.UsageError("--reason becomes part of a comment: it must be one line without #")
