"""`surfacelint review`: every workload with its three answers, a verdict, and cost and hours on each surface."""

from __future__ import annotations

import math
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from surfacelint.cache import replay
from surfacelint.cli.console import Failure, recorded, say
from surfacelint.cli.options import SettingsCommand, config_options, read_projects
from surfacelint.cli.review_report import ReportOptions, read_review, report, report_options
from surfacelint.cli.review_repositories import check_fleet_options, fleet_options, review_repositories
from surfacelint.project.file_discovery import absolute
from surfacelint.review.volume_file import DEFAULT_NAME
from surfacelint.system.file_writing import Writing, WritingError, linked_place, write_together

if TYPE_CHECKING:
    from surfacelint.review.reviewing import Outcome
    from surfacelint.review.usage.usage_totals import UsageTotals


class ReviewCommand(SettingsCommand):
    """A command with an option for each setting that a review uses, in addition to its own options."""

    without = frozenset({"output_format", "fail_on", "batch_module", "severity"})


class _Amount(click.FloatRange):
    """A finite number of at least 0."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or fail with a usage error."""
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return found


_AMOUNT = _Amount(min=0)


@click.command(cls=ReviewCommand)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@config_options
@report_options
@fleet_options
@click.option("--items", type=_AMOUNT, metavar="N", help="Items of one run, for repeated calls whose number of items is unknown.")
@click.option("--seconds-per-call", type=_AMOUNT, metavar="S", help="Seconds of one realtime call, where nothing else is known.")
@click.option("--input-tokens", type=_AMOUNT, metavar="N", help="Input tokens of one call, where nothing else is known.")
@click.option("--output-tokens", type=_AMOUNT, metavar="N", help="Output tokens of one call, where nothing else is known.")
@click.option(
    "--volumes", type=click.Path(path_type=Path), metavar="FILE", help=f"Volume file.  [default: {DEFAULT_NAME} in the project root]"
)
@click.option("--write-volumes", is_flag=True, help="Add the workloads that are not in the volume file to it. Changes nothing else in it.")
@click.option(
    "--usage", multiple=True, type=click.Path(), metavar="FILE", help="Measure volumes and costs by this usage export. Repeatable."
)
@click.option("--usage-period", metavar="DAY..DAY", help="First and last day that the exports cover, if they leave out days without usage.")
@click.option("--repository", default="", metavar="NAME", help="Name of the repository.  [default: from git, or the folder]")
@click.option("-q", "--quiet", is_flag=True, help="Print no warnings, and no progress of --repositories.")
@click.option("--timings", is_flag=True, help="Print the time and the amount of work of each stage to stderr.")
def review(
    paths: tuple[str, ...],
    config: tuple[str, ...],
    isolated: bool,
    format_: str,
    output_file: Path | None,
    since: Path | None,
    fail_on_new: bool,
    budget: Decimal | None,
    items: float | None,
    seconds_per_call: float | None,
    input_tokens: float | None,
    output_tokens: float | None,
    usage: tuple[str, ...],
    usage_period: str | None,
    volumes: Path | None,
    write_volumes: bool,
    repository: str,
    quiet: bool,
    timings: bool,
    **flags: Any,
) -> int:
    """List every LLM workload with its cost and hours on each surface, and say what to do about it.

    Without a PATH, reviews the current directory. `--repositories` clones and reviews all that a file lists, with the extra `fleet`.
    `surfacelint review merge` merges reviews of several repositories.

    Exit status: 0 everything was reviewed, 1 new workloads with --fail-on-new, 2 something could not be reviewed.
    """
    began = time.time_ns()
    from surfacelint.config import cache_folder
    from surfacelint.review import reviewing
    from surfacelint.review.prices import price_list
    from surfacelint.review.stated_volumes import OPTIONS, Stated
    from surfacelint.system.file_dependencies import Dependencies
    from surfacelint.system.timings import Timings

    report_to = ReportOptions(format_, output_file, since, fail_on_new, budget)
    report_to.check()
    check_fleet_options(click.get_current_context(), paths)
    earlier = None if since is None else read_review(since)
    options = Stated(OPTIONS, items=items, seconds_per_call=seconds_per_call, input_tokens=input_tokens, output_tokens=output_tokens)
    if flags["repositories"] is not None:
        return report(review_repositories(flags, config, isolated, options, quiet), earlier, report_to)
    (project, *others) = read_projects(paths, config, isolated, flags)
    if others:
        raise click.UsageError("the paths belong to several projects: review each by itself")
    chosen, dependencies = project.config, Dependencies()
    sources = reviewing.Sources(price_list(), options, _usage(usage, usage_period), volumes, write_volumes, repository)
    measured = Timings()
    with recorded() as outputs:
        outcome = reviewing.review(paths or (".",), chosen, sources, measured, dependencies)
        for line in measured.lines() if timings else ():
            say("timing", line)
        notes = [note for each in outcome.review.usage for note in each.notes]
        for warning in () if quiet else (*outcome.warnings, *notes):
            say("warning", warning)
        if write_volumes:
            _write_volumes(outcome, chosen.root)
        status = report(outcome.review, earlier, report_to)
    if chosen.cache and output_file is None and not write_volumes and not timings:
        for path in (*usage, *((since,) if since is not None else ())):
            dependencies.look(absolute(path))
        replay.keep(str(cache_folder(chosen)), dependencies, outputs, status, began)
    return status


def _usage(paths: tuple[str, ...], period: str | None) -> UsageTotals | None:
    """Read usage exports, before anything takes time."""
    if not paths:
        if period is not None:
            raise click.UsageError("--usage-period needs --usage")
        return None
    from surfacelint.review.usage.file_usage import period_of
    from surfacelint.review.usage.usage_rows import UsageError
    from surfacelint.review.usage.usage_totals import read_usage

    try:
        return read_usage(paths, None if period is None else period_of(period))
    except UsageError as error:
        raise Failure(str(error)) from None


def _write_volumes(outcome: Outcome, root: Path) -> None:
    """Add new workloads to the volume file. Raises `Failure` for a link out of the project at `root`, and if it cannot be written."""
    from surfacelint.reporters.totals import count

    known = outcome.volumes
    path = Path(absolute(known.path))
    place, is_outside = linked_place(path, root)
    if path.is_relative_to(root) and is_outside:
        raise Failure(f"{known.shown}: not written, because it links to {place} outside the project; pass that file with --volumes")
    addition, number = known.addition(outcome.review.workloads)
    if number:
        before = place.read_bytes() if place.exists() else None
        if (before or b"").decode("utf-8-sig", "replace") != known.text:
            raise Failure(f"{known.shown}: not written, because it has changed in the meantime; run the command again")
        try:
            write_together([Writing(place, (before or b"") + addition.encode(), before)])
        except WritingError as error:
            raise Failure(f"{known.shown}: cannot be written: {error}; it is unchanged") from None
    say("volumes", f"added {count(number, 'workload')} to {known.shown}, which had {len(known.stated)}")
