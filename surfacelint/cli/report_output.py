"""What `surfacelint check` prints about a report: warnings, findings, the summary, and errors."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from surfacelint.cli.console import output, say, shows_links, wants_colour, write

if TYPE_CHECKING:
    from surfacelint.config import Config
    from surfacelint.model.findings import Report


def print_report(report: Report, output_format: str, statistics: bool, output_file: Path | None, color: str, quiet: bool) -> None:
    """Print or write a report, and print its warnings."""
    if not quiet:
        for warning in report.warnings:
            say("warning", warning)
    colour = output_file is None and wants_colour(color, os.environ, _is_terminal())
    text = _render(report, output_format, statistics, colour)
    if output_file is None:
        output(text, colour)
    else:
        write(output_file, text)


def conclude(report: Report, output_format: str, unsafe: bool, quiet: bool, verbose: bool, began: int) -> None:
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


def print_problems(problems: Iterable[str]) -> bool:
    """Print the errors of edits; return whether there are none."""
    ordered = sorted(problems)
    for problem in ordered:
        say("error", problem)
    return not ordered


def announce_rules(config: Config, quiet: bool, verbose: bool) -> None:
    """Warn if no rule is enabled, and print the settings if `verbose`. Raises `ConfigError` for invalid rule selectors."""
    from surfacelint.rules import NOT_CHECKED, RULES, selected

    rules = selected(RULES, config)
    if not quiet and all(each.code == NOT_CHECKED for each in rules):
        say("warning", "no rule is enabled, so there can be no findings; see `select` and `ignore`")
    if verbose:
        say("settings", f"{config.source or 'defaults'}, project {config.root}, {len(rules)} of {len(RULES)} rules enabled")


def require_statistics(output_format: str) -> None:
    """Raise `UsageError` for a format that cannot show the number of findings by rule."""
    from surfacelint.reporters.totals import STATISTICS

    if output_format not in STATISTICS:
        raise click.UsageError(f"{output_format} does not support --statistics: choose --output-format {', '.join(STATISTICS)}")


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _render(report: Report, output_format: str, statistics: bool, colour: bool) -> str:
    from surfacelint import reporters
    from surfacelint.reporters import totals

    if statistics:
        return totals.STATISTICS[output_format](report)
    links = colour and shows_links(os.environ, _is_terminal())
    return reporters.FORMATS[output_format](report, colour=colour, links=links)
