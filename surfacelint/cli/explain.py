"""`surfacelint explain`: why a call is or is not reported."""

from __future__ import annotations

import re
from typing import Any

import click

from surfacelint.cli.console import output
from surfacelint.cli.options import SettingsCommand, config_options, read_config

_PLACE = re.compile(r"(?P<path>.+?)(?::cell (?P<cell>\d+))?:(?P<row>\d+)(?::\d+)?:?")
"""A location as printed in findings. The column is accepted and ignored."""


@click.command(cls=SettingsCommand)
@click.argument("place", type=click.Path(), metavar="FILE:LINE")
@config_options
def explain(place: str, config: tuple[str, ...], isolated: bool, **flags: Any) -> None:
    """Explain why each call on a line is or is not reported.

    Copy FILE:LINE from a finding, as in src/job.py:42:9 or "book.ipynb:cell 3:2:5".
    """
    from surfacelint.pipeline import engine

    match = _PLACE.fullmatch(place)
    if match is None:
        raise click.UsageError(f"{place!r} is not of the form FILE:LINE, as in src/job.py:42")
    path, cell = match["path"], int(match["cell"]) if match["cell"] else None
    try:
        text = engine.explain(path, int(match["row"]), read_config([path], config, isolated, flags), cell)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    output(text)
