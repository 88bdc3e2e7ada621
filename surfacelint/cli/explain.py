"""`surfacelint explain`: why a call is reported, or why not."""

from __future__ import annotations

import click

from surfacelint.cli.console import output


@click.command()
@click.argument("place", type=click.Path(), metavar="FILE:LINE")
def explain(place: str) -> None:
    """Say of each call on a line why it is reported, or why not."""
    from surfacelint import engine
    from surfacelint.config import discover

    path, _, line = place.rpartition(":")
    if not path or not line.isdigit():
        raise click.UsageError(f"{place!r} is not FILE:LINE, as in src/job.py:42")
    try:
        text = engine.explain(path, int(line), discover([path]))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    output(text)
