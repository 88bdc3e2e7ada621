"""`surfacelint explain`: why a call is reported, or why not."""

from __future__ import annotations

import re
from typing import Any

import click

from surfacelint.cli.console import output
from surfacelint.cli.options import SettingsCommand, config_options, read_config

_PLACE = re.compile(r"(?P<path>.+?)(?::cell (?P<cell>\d+))?:(?P<row>\d+)(?::\d+)?:?")
"""A place as findings name it: the column is of no use, and no harm."""


@click.command(cls=SettingsCommand)
@click.argument("place", type=click.Path(), metavar="FILE:LINE")
@config_options
def explain(place: str, config: tuple[str, ...], isolated: bool, **flags: Any) -> None:
    """Say of each call on a line why it is reported, or why not.

    FILE:LINE may be copied from a finding, as in src/job.py:42:9 or "book.ipynb:cell 3:2:5".
    """
    from surfacelint.pipeline import engine

    found = _PLACE.fullmatch(place)
    if found is None:
        raise click.UsageError(f"{place!r} is not FILE:LINE, as in src/job.py:42")
    path, cell = found["path"], int(found["cell"]) if found["cell"] else None
    try:
        text = engine.explain(path, int(found["row"]), read_config([path], config, isolated, flags), cell)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    output(text)
