"""`surfacelint explain`: why a call is or is not reported."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click

from surfacelint.cli.console import output, say
from surfacelint.cli.options import SettingsCommand, config_options, read_config

if TYPE_CHECKING:
    from surfacelint.pipeline.explanation import ExplainedCall

_PLACE = re.compile(r"(?P<path>.+?)(?::cell (?P<cell>\d+))?:(?P<row>\d+)(?::\d+)?:?")
"""A location as printed in findings. The column is accepted and ignored."""


class ExplainCommand(SettingsCommand):
    """The command with the settings that decide what is reported. It has an output format of its own, and does not report."""

    without = frozenset({"output_format", "fail_on", "batch_module", "baseline", "force_exclude"})


@click.command(cls=ExplainCommand)
@click.argument("place", type=click.Path(), metavar="FILE:LINE")
@config_options
@click.option("--output-format", "form", type=click.Choice(("text", "json")), default="text", help="Output format.  [default: text]")
def explain(place: str, config: tuple[str, ...], isolated: bool, form: str, **flags: Any) -> None:
    """Explain why each call on a line is or is not reported.

    Copy FILE:LINE from a finding, as in src/job.py:42:9 or "book.ipynb:cell 3:2:5".
    """
    from surfacelint.pipeline import engine

    match = _PLACE.fullmatch(place)
    if match is None:
        raise click.UsageError(f"{place!r} is not of the form FILE:LINE, as in src/job.py:42")
    path, cell = match["path"], int(match["cell"]) if match["cell"] else None
    try:
        found = engine.explained(path, int(match["row"]), read_config([path], config, isolated, flags), cell)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if form == "text":
        output(found.text())
        return
    if found.note:
        say("note", found.note)
    output(json.dumps([_as_json(each) for each in found.calls], indent=2) + "\n")


def _as_json(call: ExplainedCall) -> dict[str, Any]:
    start = call.location.span.start
    return {
        "call": call.call,
        "cell": call.location.cell,
        "details": [line.strip() for line in call.details],
        "filename": call.location.path,
        "function": call.function,
        "location": {"column": start.column + 1, "row": start.line},
        "verdicts": [
            {"codes": list(each.codes), "text": each.text, "verdict": "report" if each.codes else "silent"} for each in call.verdicts
        ],
    }
