"""One review: paths → listed workloads → rows → volumes, figures and verdicts → review."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from surfacelint.config import Config, ConfigError
from surfacelint.model.findings import Report
from surfacelint.pipeline import engine
from surfacelint.project.file_discovery import absolute
from surfacelint.review import volume_file
from surfacelint.review.appraisal import appraised
from surfacelint.review.code_owners import PLACES, CodeOwners
from surfacelint.review.prices import Prices
from surfacelint.review.records import SCHEMA_VERSION, Problem, Review, ReviewedWorkload
from surfacelint.review.repository_names import SETTINGS, repository_name
from surfacelint.review.stated_volumes import Stated, default_assumptions
from surfacelint.review.totals import totals
from surfacelint.review.usage.measured_volumes import measured_volumes, usage_of
from surfacelint.review.usage.usage_totals import UsageTotals
from surfacelint.review.usage.workload_join import joined
from surfacelint.review.volume_file import VolumeFile
from surfacelint.review.workload_rows import rows
from surfacelint.rules import NOT_CHECKED
from surfacelint.system.file_dependencies import Dependencies
from surfacelint.system.records import record
from surfacelint.system.safe_reading import InputError
from surfacelint.system.timings import Timings
from surfacelint.system.version import __version__


@record(frozen=True, slots=True)
class Sources:
    """What a review rests on besides the code.

    - `options`: numbers from the command line, for workloads of which nothing else is known.
    - `usage`: what usage exports measured, `None` without any.
    - `volumes`: the path of the volume file. That in the root of the project, the default, need not exist; nor need one to be written.
    - `repository`: the name of the repository, if it is not that which git or the folder gives.
    """

    prices: Prices
    options: Stated
    usage: UsageTotals | None = None
    volumes: Path | None = None
    writes_volumes: bool = False
    repository: str = ""


@record(frozen=True, slots=True)
class Outcome:
    """A review, the root of its project, its volume file, and warnings."""

    review: Review
    root: Path
    volumes: VolumeFile
    warnings: tuple[str, ...]


def review(paths: Sequence[str], config: Config, sources: Sources, timings: Timings, dependencies: Dependencies) -> Outcome:
    """Review all workloads in `paths`. Raises `ConfigError` as a check does, and for a bad volume file or CODEOWNERS file."""
    listing = engine.list_workloads(paths, config, timings, dependencies)
    root = listing.root
    top = _top(root)
    inside = root.relative_to(top).as_posix()
    _look(dependencies, root, top, sources)
    volumes = volume_file.read(
        sources.volumes or root / volume_file.DEFAULT_NAME, required=sources.volumes is not None and not sources.writes_volumes
    )
    with timings.stage("review"):
        owners = _owners(top)
        name = sources.repository or repository_name(top)
        found = rows(listing, owners, sources.prices, "" if inside == "." else f"{inside}/", name)
        usage = UsageTotals(()) if sources.usage is None else sources.usage
        join = joined(usage, [row for _, row in found], listing.catalogue.providers)
        measured = measured_volumes(join)
        finished = tuple(
            [appraised(site, row, _about(row, volumes.stated, measured, sources.options), sources.prices) for site, row in found]
        )
    made = Review(
        schema_version=SCHEMA_VERSION,
        generator=generator(),
        date=today().isoformat(),
        repositories=(name,),
        currency=sources.prices.currency,
        prices=sources.prices.source,
        workloads=finished,
        totals=totals(finished),
        assumptions=default_assumptions(sources.options),
        not_checked=tuple(_problems(listing.report, listing.paths, name)),
        usage=() if sources.usage is None else (usage_of(usage, join, name),),
    )
    whole = any(Path(absolute(path)) == root for path in paths)
    unknown = tuple(volumes.unknown(row.id for row in finished)) if whole and made.complete else ()
    return Outcome(made, root, volumes, (*listing.report.warnings, *unknown))


def _look(dependencies: Dependencies, root: Path, top: Path, sources: Sources) -> None:
    """Record the files other than code that a review depends on. A price list may be installed or replaced."""
    places = [sources.volumes or root / volume_file.DEFAULT_NAME, *(top / place for place in (*PLACES, SETTINGS))]
    places += [Path(folder, "genai_prices", "__init__.py") for folder in sys.path]
    for place in places:
        dependencies.look(absolute(place))


def _owners(top: Path) -> CodeOwners:
    try:
        return CodeOwners.of(top)
    except InputError as error:
        raise ConfigError(str(error)) from None


def generator() -> str:
    """Return the name and version of the program, as in a review."""
    return f"surfacelint {__version__}"


def today() -> datetime.date:
    """Return the date of a review: that of SOURCE_DATE_EPOCH if it is set, so that a review can be reproduced."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.datetime.now(datetime.timezone.utc)
    return (datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc) if epoch.isdecimal() else now).date()


def _about(row: ReviewedWorkload, stated: Mapping[str, Stated], measured: Mapping[str, Stated], options: Stated) -> tuple[Stated, ...]:
    """Return what is stated about a row, the most reliable source first."""
    return (*(source[row.id] for source in (measured, stated) if row.id in source), options)


def _top(root: Path) -> Path:
    """Return the folder of the repository around a project, or the project itself."""
    return next((folder for folder in (root, *root.parents) if os.path.lexists(folder / ".git")), root)


def _problems(report: Report, paths: Mapping[str, str], repository: str) -> list[Problem]:
    found = [Problem("", None, error, repository) for error in report.errors]
    for each in report.findings:
        if each.rule.code == NOT_CHECKED:
            path = paths.get(each.location.path, each.location.path)
            found.append(Problem(path, each.location.span.start.line, each.message, repository))
    return found
