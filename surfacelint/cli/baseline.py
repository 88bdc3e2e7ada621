"""`surfacelint baseline`: known findings in a file, so that only new ones are reported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from surfacelint.cli.console import CLEAN, FOUND, INCOMPLETE, Failure, output, rewrite, say_unchecked
from surfacelint.cli.options import SettingsCommand, config_options, read_config

if TYPE_CHECKING:
    from surfacelint.model.findings import Report
    from surfacelint.suppressions.baseline_file import Baseline

_PATHS = click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")


@click.group(invoke_without_command=True)
@click.pass_context
def baseline(context: click.Context) -> None:
    """Keep known findings in a file, so that `check --baseline` reports new ones only.

    The file is that of --baseline, of the setting, or surfacelint-baseline.json beside the nearest settings.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(INCOMPLETE)


@baseline.command(cls=SettingsCommand)
@_PATHS
@config_options
@click.option("--force", is_flag=True, help="Replace a baseline that is there.")
def create(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, force: bool, **flags: Any) -> int:
    """Write all that is found now into a new baseline."""
    from surfacelint.reporters.totals import count
    from surfacelint.suppressions.baseline_file import Baseline

    report, source = _run(paths, config, isolated, flags, known=False)
    made = Baseline.of(source, report.findings)
    if os.path.exists(source) and not force:
        raise Failure(f"{made.shown}: is there already; `surfacelint baseline shrink` takes out what is gone, --force makes it anew")
    rewrite(source, made.text().encode())
    output(f"Wrote {count(made.entries.total(), 'finding')} to {made.shown}.\n")
    return CLEAN if report.complete else INCOMPLETE


@baseline.command(cls=SettingsCommand)
@_PATHS
@config_options
def check(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, **flags: Any) -> int:
    """Say what is new and what is gone; exits with 1 if either is anything."""
    from surfacelint.reporters import FORMATS

    report, _ = _run(paths, config, isolated, flags)
    output("".join(f"new: {line}\n" for line in FORMATS["concise"](report, colour=False).splitlines()))
    output(
        "".join(
            f"gone: {path}: {f'{code} {call}'.rstrip()}{function and f' in {function}'}\n" for code, path, function, call in report.gone
        )
    )
    known = sum(each.suppressed is not None and each.suppressed.kind == "external" for each in report.suppressed)
    output(f"{known} known, {len(report.findings)} new, {len(report.gone)} gone.\n")
    return INCOMPLETE if not report.complete else FOUND if report.findings or report.gone else CLEAN


@baseline.command(cls=SettingsCommand)
@_PATHS
@config_options
def shrink(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, **flags: Any) -> int:
    """Take out what is gone. Nothing is added."""
    from surfacelint.reporters.totals import count
    from surfacelint.suppressions.baseline_file import Baseline

    report, source = _run(paths, config, isolated, flags)
    left = shrunk(Baseline.read(source), report)
    if not report.complete:
        raise Failure("not everything could be checked, so nothing is known to be gone; the baseline is as it was")
    output(f"Took out {count(len(report.gone), 'finding')}, {left.entries.total()} left in {left.shown}.\n")
    return CLEAN


def shrunk(known: Baseline, report: Report) -> Baseline:
    """Take what is gone out of a baseline and its file. Raises Failure where that cannot be written."""
    from surfacelint.suppressions.baseline_file import Entry

    left = known.without(Entry(*each) for each in report.gone)
    if report.gone:
        rewrite(left.source, left.text().encode())
    return left


def _run(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, flags: dict[str, Any], known: bool = True) -> tuple[Report, Path]:
    """Return the report, with a baseline or as if there were none, and where the baseline is."""
    from dataclasses import replace

    from surfacelint import check as run
    from surfacelint.config import Hierarchy
    from surfacelint.project.module_names import common_directory
    from surfacelint.suppressions.baseline_file import DEFAULT_NAME

    chosen = read_config(paths, config, isolated, flags)
    home = Hierarchy(chosen).home(common_directory(paths) / DEFAULT_NAME)
    source = Path(chosen.baseline) if chosen.baseline else home / DEFAULT_NAME
    report = run(paths or (".",), replace(chosen, baseline=str(source) if known else ""))
    say_unchecked(report)
    return report, source
