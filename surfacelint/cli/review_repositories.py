"""`surfacelint review --repositories LIST`: reviews many repositories on workers, and merges the reviews."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from surfacelint.cli.console import Failure, say
from surfacelint.cli.option_conflicts import Conflicts, Needs, check_options
from surfacelint.cli.options import given_settings, settings_file

if TYPE_CHECKING:
    from surfacelint.review.fleet.fleet_review import FleetReview, Progress
    from surfacelint.review.fleet.tasks import ReviewOptions
    from surfacelint.review.records import Review
    from surfacelint.review.stated_volumes import Stated

_Function = TypeVar("_Function", bound=Callable[..., Any])

DEFAULT_RESULTS = "surfacelint-reviews"
DEFAULT_SECONDS, DEFAULT_MEGABYTES, DEFAULT_PAUSE = 600.0, 2_000, 10.0

_OWN = ("results", "scheduler", "workers", "repository_timeout", "repository_memory", "retry_pause")
_NEEDS: Needs = dict.fromkeys(_OWN, ("repositories", "it is about many repositories"))
_ALONE = ("repositories",)
_CONFLICTS: Conflicts = {
    "scheduler": (("workers",), "the scheduler has workers of its own"),
    "usage": (_ALONE, "usage is joined with one repository; review it by itself, and merge the reviews"),
    "usage_period": (_ALONE, "usage is joined with one repository"),
    "volumes": (_ALONE, "each repository has its own volume file"),
    "write_volumes": (_ALONE, "nothing is written to the repositories"),
    "repository": (_ALONE, "the list names the repositories"),
    "baseline": (_ALONE, "each repository has its own"),
    "cache": (_ALONE, "clones are removed, and so would be their caches"),
    "cache_dir": (_ALONE, "clones are removed, and so would be their caches"),
    "timings": (_ALONE, "it measures the review of one repository"),
}


def fleet_options(function: _Function) -> _Function:
    """Add the options about many repositories."""
    positive = click.IntRange(min=1)
    for option in reversed(
        (
            click.option(
                "--repositories", type=click.Path(path_type=Path), metavar="LIST", help="Review the repositories that this file lists."
            ),
            click.option(
                "--results",
                type=click.Path(path_type=Path),
                metavar="FOLDER",
                help=f"Keep finished reviews here, and do not repeat them.  [default: {DEFAULT_RESULTS}]",
            ),
            click.option("--scheduler", metavar="ADDRESS", help="Use the workers of this Dask scheduler, such as tcp://host:8786."),
            click.option("--workers", type=positive, metavar="N", help="Number of reviews at a time.  [default: one per core]"),
            click.option(
                "--repository-timeout",
                type=click.FloatRange(min=0, min_open=True, max=10**6),
                metavar="S",
                help=f"Seconds that cloning and reviewing one repository may take.  [default: {DEFAULT_SECONDS:g}]",
            ),
            click.option(
                "--repository-memory",
                type=positive,
                metavar="MB",
                help=f"Megabytes that each process for one repository may use, on Linux.  [default: {DEFAULT_MEGABYTES}]",
            ),
            click.option(
                "--retry-pause",
                type=click.FloatRange(min=0, max=10**6),
                metavar="S",
                help=f"Seconds before a failed repository is tried again; doubled the second time.  [default: {DEFAULT_PAUSE:g}]",
            ),
        )
    ):
        function = option(function)
    return function


def check_fleet_options(context: click.Context, paths: Sequence[str]) -> None:
    """Raise `UsageError` for options that need `--repositories`, or do not go together with it."""
    check_options(context, _NEEDS, _CONFLICTS)
    if paths and context.params["repositories"] is not None:
        raise click.UsageError(f"--repositories does not go together with the path {paths[0]}: the list names what to review")


def review_repositories(flags: Mapping[str, Any], config: Sequence[str], isolated: bool, stated: Stated, quiet: bool) -> Review:
    """Return the merged review of all repositories in a list. Raises `Failure` if there is none."""
    from surfacelint.review.fleet.fleet_review import FleetReview
    from surfacelint.review.fleet.kept_results import KeptResults
    from surfacelint.review.fleet.repository_list import read_list
    from surfacelint.review.prices import price_list
    from surfacelint.review.reviewing import generator
    from surfacelint.system.safe_reading import InputError

    gc.enable()  # this process works for long, and does not analyse code itself
    options = _options(flags, config, isolated, stated)
    folder = Path(DEFAULT_RESULTS) if flags["results"] is None else flags["results"]
    try:
        listed = read_list(flags["repositories"])
    except InputError as error:
        raise Failure(f"{flags['repositories']}: {error}") from None
    try:
        results = KeptResults(folder, options, generator())
    except OSError as error:
        raise Failure(f"{folder}: cannot be a folder for results: {error.strerror or error}; name another with --results") from None

    def tell(news: Progress) -> None:
        if not quiet:
            _say(news, len(listed))

    pause = DEFAULT_PAUSE if flags["retry_pause"] is None else flags["retry_pause"]
    fleet = FleetReview(listed, options, results, pause, tell)
    _run(fleet, folder, flags["scheduler"], min(flags["workers"] or _cores(), len(listed)))
    try:
        return fleet.merged(price_list())
    except InputError as error:
        raise Failure(str(error)) from None


def _options(flags: Mapping[str, Any], config: Sequence[str], isolated: bool, stated: Stated) -> ReviewOptions:
    """Return the options for each repository. Raises `UsageError`, and `ConfigError` for wrong settings."""
    from surfacelint.config import Config, layer
    from surfacelint.review.fleet.tasks import ReviewOptions

    file = settings_file(config, isolated)
    if file is not None:
        raise click.UsageError(f"--repositories does not go together with --config {file}: pass settings as KEY=VALUE")
    layers = list(given_settings(config, flags))
    for where, values in layers:
        Config().apply(layer(values, where))
    names = ("items", "seconds_per_call", "input_tokens", "output_tokens")
    return ReviewOptions(
        layers,
        isolated,
        {name: getattr(stated, name) for name in names},
        flags["repository_timeout"] or DEFAULT_SECONDS,
        flags["repository_memory"] or DEFAULT_MEGABYTES,
        os.environ.get("SOURCE_DATE_EPOCH", ""),
    )


def _run(fleet: FleetReview, folder: Path, scheduler: str | None, workers: int) -> None:
    """Review all repositories. Raises `Failure` if that cannot be finished."""
    from surfacelint.review.fleet.cluster import ClusterError, cluster
    from surfacelint.review.fleet.kept_results import KeepingError

    begun = False

    def kept() -> str:
        return f"; {fleet.finished} finished, and kept in {folder}: run the same command again for the rest" if begun else ""

    try:
        with cluster(scheduler, workers) as found:
            begun = True
            fleet.run(found)
    except ImportError as error:
        raise Failure(f"`surfacelint review --repositories` needs the extra `fleet`: pip install 'surfacelint[fleet]' ({error})") from None
    except (ClusterError, KeepingError) as error:
        raise Failure(f"{error}{kept()}") from None
    except KeyboardInterrupt:
        raise Failure(f"interrupted{kept()}") from None


def _say(news: Progress, number: int) -> None:
    """Print a line about a repository to stderr."""
    place = f"{news.repository.name}: " if news.kind in ("retry", "failed") else f"{news.repository.name} at "
    text = news.text if news.kind in ("retry", "failed") else news.text[:12]
    counted = "" if news.kind == "retry" else f"{news.finished} of {number}: "
    say(news.kind, f"{counted}{place}{text}")


def _cores() -> int:
    from surfacelint.system.worker_processes import cores

    return cores()
