"""`surfacelint baseline`: create, check and shrink the baseline of known findings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from surfacelint.cli.console import CLEAN, FOUND, INCOMPLETE, Failure, output, replace_content, say, say_unchecked
from surfacelint.cli.options import SettingsCommand, config_options, read_projects
from surfacelint.system.file_writing import linked_place
from surfacelint.system.records import record

if TYPE_CHECKING:
    from surfacelint.model.findings import Report
    from surfacelint.suppressions.baseline_file import Baseline

_PATHS = click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")


class BaselineCommand(SettingsCommand):
    """A command about a baseline: output and exit status do not depend on the settings for these."""

    without = frozenset({"output_format", "fail_on", "batch_module"})


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


@baseline.command(cls=BaselineCommand)
@_PATHS
@config_options
@click.option("--force", is_flag=True, help="Replace an existing baseline.")
def create(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, force: bool, **flags: Any) -> int:
    """Write all current findings to a new baseline."""
    from surfacelint.reporters.totals import count
    from surfacelint.suppressions.baseline_file import Baseline

    runs = _runs(paths, config, isolated, flags, known=False)
    made = [Baseline.of(each.source, each.report.findings) for each in runs]
    existing = next((each for each in made if os.path.exists(each.source)), None)
    if existing is not None and not force:
        raise Failure(
            f"{existing.shown}: already exists; run `surfacelint baseline shrink` to remove fixed findings, or use --force to replace it"
        )
    for baseline, each in zip(made, runs, strict=True):
        _write(baseline, each.root)
        output(f"Wrote {count(baseline.entries.total(), 'finding')} to {baseline.shown}.\n")
        if not each.is_configured:
            say("note", _how_to_use(baseline))
    return CLEAN if all(each.report.complete for each in runs) else INCOMPLETE


def _how_to_use(made: Baseline) -> str:
    """Say how later runs use a baseline, which no setting names yet."""
    return (
        f"use it with `surfacelint check --baseline {made.shown}`, "
        f'or add `baseline = "{made.source.name}"` under [tool.surfacelint] in the pyproject.toml of that folder'
    )


@baseline.command(cls=BaselineCommand)
@_PATHS
@config_options
def check(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, **flags: Any) -> int:
    """List new and fixed findings. Exits with 1 if there are any."""
    from surfacelint.pipeline.merged_reports import merged
    from surfacelint.reporters import FORMATS

    report = merged([each.report for each in _runs(paths, config, isolated, flags)])
    output("".join(f"new: {line}\n" for line in FORMATS["concise"](report, colour=False).splitlines()))
    output(
        "".join(
            f"fixed: {path}: {f'{code} {call}'.rstrip()}{function and f' in {function}'}\n" for code, path, function, call in report.gone
        )
    )
    known = sum(each.suppressed is not None and each.suppressed.kind == "external" for each in report.suppressed)
    output(f"{known} known, {len(report.findings)} new, {len(report.gone)} fixed.\n")
    return INCOMPLETE if not report.complete else FOUND if report.findings or report.gone else CLEAN


@baseline.command(cls=BaselineCommand)
@_PATHS
@config_options
def shrink(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, **flags: Any) -> int:
    """Remove fixed findings from the baseline. Adds nothing."""
    from surfacelint.reporters.totals import count
    from surfacelint.suppressions.baseline_file import Baseline

    runs = _runs(paths, config, isolated, flags)
    for each in runs:
        left = shrunk(Baseline.read(each.source), each.report, each.root)
        if not each.report.complete:
            raise Failure("not everything could be checked, so fixed findings are unknown; the baseline is unchanged")
        output(f"Removed {count(len(each.report.gone), 'finding')} from {left.shown}, {left.entries.total()} left.\n")
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


@record(frozen=True, slots=True)
class BaselineRun:
    """The report on the projects that share the baseline at `source`. `is_configured` states that a setting or option names the file."""

    report: Report
    source: Path
    root: Path
    is_configured: bool


def _runs(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, flags: dict[str, Any], known: bool = True) -> list[BaselineRun]:
    """Check each project, and return one report per baseline. Unless `known`, report as if there were no baseline."""
    from dataclasses import replace

    from surfacelint.config import Hierarchy
    from surfacelint.pipeline import engine
    from surfacelint.pipeline.merged_reports import merged
    from surfacelint.project.module_names import common_directory
    from surfacelint.suppressions.baseline_file import DEFAULT_NAME

    found: dict[Path, BaselineRun] = {}
    for project in read_projects(paths, config, isolated, flags):
        chosen = project.config
        home = Hierarchy(chosen).home(common_directory(project.paths) / DEFAULT_NAME)
        source = Path(chosen.baseline) if chosen.baseline else home / DEFAULT_NAME
        report = engine.run(project.paths or (".",), replace(chosen, baseline=str(source) if known else ""))
        say_unchecked(report)
        before = found.get(source)
        together = report if before is None else merged((before.report, report))
        found[source] = BaselineRun(together, source, chosen.root, bool(chosen.baseline))
    return list(found.values())
