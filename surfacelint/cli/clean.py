"""`surfacelint clean`: removes caches."""

from __future__ import annotations

from typing import Any

import click

from surfacelint.cli.console import CLEAN, INCOMPLETE, output, say
from surfacelint.cli.options import SettingsCommand, config_options, read_projects


class CleanCommand(SettingsCommand):
    """The command with the one setting that matters to it."""

    only = frozenset({"cache_dir"})


@click.command(cls=CleanCommand)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@config_options
def clean(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, **flags: Any) -> int:
    """Remove the cache of the project around each PATH, and nothing else.

    Without a PATH, that of the project around the current directory.
    """
    from surfacelint.cache.clearing import clear
    from surfacelint.config import cache_folder
    from surfacelint.project.file_discovery import display_path

    status = CLEAN
    for folder in dict.fromkeys(cache_folder(each.config) for each in read_projects(paths, config, isolated, flags)):
        shown, found = display_path(folder), clear(str(folder))
        if found is None:
            output(f"There is no cache at {shown}.\n")
        elif found.removed:
            output(f"Removed {shown}.\n")
        else:
            status = INCOMPLETE
            say("error", f"{shown}: emptied, but not removed: it has files that surfacelint has not written, or must not be removed")
    return status
