"""`surfacelint baseline`: create, check and shrink the baseline of known findings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from surfacelint.cli.console import CLEAN, FOUND, INCOMPLETE, Failure, output, replace_content, say_unchecked
from surfacelint.cli.options import SettingsCommand, config_options, read_config
from surfacelint.system.file_writing import linked_place

if TYPE_CHECKING:
    from surfacelint.model.findings import Report
    from surfacelint.suppressions.baseline_file import Baseline

_PATHS = click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")


@click.group(invoke_without_command=True)
@click.pass_context
def baseline(context: click.Context) -> None:
    """Record known findings in a file, so that `check --baseline` reports only new ones.

    The file is given by --baseline or the `baseline` setting. By default it is surfacelint-baseline.json, next to the
    nearest configuration file.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(INCOMPLETE)


@baseline.command(cls=SettingsCommand)
@_PATHS
@config_options
@click.option("--force", is_flag=True, help="Replace an existing baseline.")
def create(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, force: bool, **flags: Any) -> int:
    """Write all current findings to a new baseline."""
    from surfacelint.reporters.totals import count
    from surfacelint.suppressions.baseline_file import Baseline

    report, source, root = _run(paths, config, isolated, flags, known=False)
    made = Baseline.of(source, report.findings)
    if os.path.exists(source) and not force:
        raise Failure(
            f"{made.shown}: already exists; run `surfacelint baseline shrink` to remove fixed findings, or use --force to replace it"
        )
    _write(made, root)
    output(f"Wrote {count(made.entries.total(), 'finding')} to {made.shown}.\n")
    return CLEAN if report.complete else INCOMPLETE


@baseline.command(cls=SettingsCommand)
@_PATHS
@config_options
def check(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, **flags: Any) -> int:
    """List new and fixed findings. Exits with 1 if there are any."""
    from surfacelint.reporters import FORMATS

    report, _, _ = _run(paths, config, isolated, flags)
    output("".join(f"new: {line}\n" for line in FORMATS["concise"](report, colour=False).splitlines()))
    output(
        "".join(
            f"fixed: {path}: {f'{code} {call}'.rstrip()}{function and f' in {function}'}\n" for code, path, function, call in report.gone
        )
    )
    known = sum(each.suppressed is not None and each.suppressed.kind == "external" for each in report.suppressed)
    output(f"{known} known, {len(report.findings)} new, {len(report.gone)} fixed.\n")
    return INCOMPLETE if not report.complete else FOUND if report.findings or report.gone else CLEAN


@baseline.command(cls=SettingsCommand)
@_PATHS
@config_options
def shrink(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, **flags: Any) -> int:
    """Remove fixed findings from the baseline. Adds nothing."""
    from surfacelint.reporters.totals import count
    from surfacelint.suppressions.baseline_file import Baseline

    report, source, root = _run(paths, config, isolated, flags)
    left = shrunk(Baseline.read(source), report, root)
    if not report.complete:
        raise Failure("not everything could be checked, so fixed findings are unknown; the baseline is unchanged")
    output(f"Removed {count(len(report.gone), 'finding')} from {left.shown}, {left.entries.total()} left.\n")
    return CLEAN


def shrunk(known: Baseline, report: Report, root: Path) -> Baseline:
    """Remove fixed findings from a baseline and its file. Raises `Failure` if the file cannot be written."""
    from surfacelint.suppressions.baseline_file import Entry

    left = known.without(Entry(*each) for each in report.gone)
    if report.gone:
        _write(left, root)
    return left


def _write(made: Baseline, root: Path) -> None:
    """Write a baseline. Raises `Failure` for a link out of the project at `root`: a project must not choose what is overwritten."""
    known = Path(os.path.abspath(made.source))  # noqa: PTH100 - must not follow links
    place, is_outside = linked_place(known, root)
    if known.is_relative_to(root) and is_outside:
        raise Failure(f"{made.shown}: not written, because it links to {place} outside the project; pass that file with --baseline")
    replace_content(made.source, made.text().encode())


def _run(
    paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, flags: dict[str, Any], known: bool = True
) -> tuple[Report, Path, Path]:
    """Return the report, the path of the baseline and the root of the project. Unless `known`, report as if there were no baseline."""
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
    return report, source, chosen.root
