"""`surfacelint review merge`: one review of several repositories."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from surfacelint.cli.console import Failure
from surfacelint.cli.review_report import ReportOptions, read_review, report, report_options


@click.command(name="merge")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@report_options
def merge(
    files: tuple[Path, ...],
    format_: str,
    output_file: Path | None,
    since: Path | None,
    fail_on_new: bool,
    budget: Decimal | None,
) -> int:
    """Merge reviews in JSON into one review of all their repositories.

    Of several reviews of one repository, the newest counts.

    Exit status: 0 everything was reviewed, 1 new workloads with --fail-on-new, 2 something could not be reviewed.
    """
    from surfacelint.review.merging import merged
    from surfacelint.system.safe_reading import InputError

    options = ReportOptions(format_, output_file, since, fail_on_new, budget)
    options.check()
    earlier = None if since is None else read_review(since)
    try:
        return report(merged([read_review(path) for path in files]), earlier, options)
    except InputError as error:
        raise Failure(str(error)) from None
