"""What `review` and `review merge` do with a review: compare it, write it, and decide the exit status."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from surfacelint.cli.console import CLEAN, FOUND, INCOMPLETE, Failure, output, say, write
from surfacelint.review.formats import FORMATS
from surfacelint.system.records import record

if TYPE_CHECKING:
    from surfacelint.review.records import Review

_Function = TypeVar("_Function", bound=Callable[..., Any])

_COMPARING = "comment"
"""The format that shows nothing but changes."""


def _amount(_context: click.Context, _option: click.Parameter, value: str | None) -> Decimal | None:
    """Return an amount of money. Raises BadParameter."""
    if value is None:
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise click.BadParameter(f"{value!r} is not an amount such as 250 or 99.50") from None
    if not found.is_finite() or found < 0:
        raise click.BadParameter(f"{value!r} is not an amount of at least 0")
    return found


@record(frozen=True, slots=True)
class ReportOptions:
    """The options of `report_options`."""

    format: str
    output_file: Path | None
    since: Path | None
    fail_on_new: bool
    budget: Decimal | None

    def check(self) -> None:
        """Raise UsageError for options that do not go together."""
        if self.since is None and (self.fail_on_new or self.format == _COMPARING):
            wanting = "--fail-on-new" if self.fail_on_new else f"--output-format {_COMPARING}"
            raise click.UsageError(f"{wanting} needs --since")
        if self.budget is not None and not self.fail_on_new:
            raise click.UsageError("--budget needs --fail-on-new")


def report_options(function: _Function) -> _Function:
    """Add the options that say where a review goes, and with which earlier one it is compared."""
    for option in reversed(
        (
            click.option(
                "--output-format",
                "format_",
                type=click.Choice(FORMATS),
                default=FORMATS[0],
                help=f"Output format.  [default: {FORMATS[0]}]",
            ),
            click.option("-o", "--output-file", type=click.Path(path_type=Path), metavar="FILE", help="Write the review to this file."),
            click.option("--since", type=click.Path(path_type=Path), metavar="FILE", help="Compare with an earlier review in JSON."),
            click.option("--fail-on-new", is_flag=True, help="Exit with 1 if workloads are new and not on the right surface."),
            click.option(
                "--budget", callback=_amount, metavar="AMOUNT", help="With --fail-on-new: what all new workloads may cost a month."
            ),
        )
    ):
        function = option(function)
    return function


def read_review(path: Path) -> Review:
    """Return the review in a JSON file. Raises `Failure`."""
    from surfacelint.review.json_document import LARGEST, from_text
    from surfacelint.system.safe_reading import InputError, read_text

    try:
        return from_text(read_text(path, LARGEST, pipe=True))
    except InputError as error:
        raise Failure(f"{path}: {error}") from None


def report(review: Review, earlier: Review | None, options: ReportOptions) -> int:
    """Write a review, compared with an earlier one, and report what could not be checked. Returns the exit status."""
    from surfacelint.review.comparison import compared, over_budget
    from surfacelint.review.formats import render
    from surfacelint.review.row_texts import problem
    from surfacelint.system.safe_reading import InputError

    if earlier is not None:
        try:
            review = compared(review, earlier)
        except InputError as error:
            raise Failure(f"{options.since}: {error}") from None
    text = render(options.format, review)
    if options.output_file is None:
        output(text)
    else:
        write(options.output_file, text)
    for each in review.not_checked:
        say("error", problem(each, with_repository=len(review.repositories) > 1))
    failing = over_budget(review, options.budget) if options.fail_on_new else ""
    if failing:
        say("new", failing)
    return INCOMPLETE if not review.complete else FOUND if failing else CLEAN
