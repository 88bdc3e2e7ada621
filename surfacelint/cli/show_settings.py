"""`surfacelint show-settings`: the settings for a path, and the origin of each value."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from surfacelint.cli.console import CLEAN, INCOMPLETE, output, say
from surfacelint.cli.options import SettingsCommand, config_options, read_config

if TYPE_CHECKING:
    from surfacelint.config import Config, ProjectPaths, Setting
    from surfacelint.facts.comment_directives import Declaration


@click.command(cls=SettingsCommand)
@click.argument("path", default=".", type=click.Path(), metavar="[PATH]")
@config_options
def show_settings(path: str, config: tuple[str, ...], isolated: bool, **flags: Any) -> int:
    """Show the settings for a path, and the file and line or option each comes from.

    Accepts the settings options of `check` to show their effect.
    """
    return print_settings(path, read_config([path], config, isolated, flags))


def print_settings(path: str, config: Config) -> int:
    """Print the settings that apply to a path. Raises `UsageError` if it does not exist."""
    from pathlib import Path

    from surfacelint.config import Hierarchy
    from surfacelint.project.file_discovery import absolute

    place = Path(absolute(path))
    if not os.path.exists(place):
        raise click.UsageError(f"{path} does not exist")
    output("".join(f"{line}\n" for line in _lines(Hierarchy(config).at(place / "_" if place.is_dir() else place))))
    return CLEAN


def print_files(projects: Sequence[ProjectPaths]) -> int:
    """Print the files that a run would check, and return the exit status."""
    from surfacelint.pipeline import engine
    from surfacelint.project.file_discovery import display_path

    found = [engine.files(each.paths or (".",), each.config) for each in projects]
    output("".join(f"{display_path(file)}\n" for file in sorted({file for files, _ in found for file in files}, key=str)))
    errors = [error for _, some in found for error in some]
    for error in errors:
        say("error", error)
    return INCOMPLETE if errors else CLEAN


def _lines(config: Config) -> Iterator[str]:
    from surfacelint.config import settings
    from surfacelint.rules import RULES, selected

    yield f"# project: {config.root}"
    yield f"# rules: {', '.join(rule.code for rule in selected(RULES, config))}"
    for name, setting in settings().items():
        given = [layer for layer in config.layers if name in layer.values]
        # Selectors of a layer override those below, but their origins are still shown.
        value = given[-1].values[name] if given and setting.shape == "codes" else getattr(config, name)
        origins = given if setting.adds else given[-1:]
        yield f"{setting.key} = {_toml(setting, value)}  # {', '.join(layer.place(name) for layer in origins) or 'default'}"


def _facts(facts: Declaration) -> str:
    words = {"user-waits": facts.waits == "yes", "background": facts.waits == "no", "one-off": facts.one_off}
    given = [f'volume = "{facts.volume:g}/day"'] if facts.volume is not None else []
    given += [f'deadline = "{facts.deadline:g}h"'] if facts.deadline is not None else []
    return "{" + ", ".join((*given, *(f"{word} = true" for word, said in words.items() if said))) + "}"


def _toml(setting: Setting, value: Any) -> str:
    """Return a value as TOML; for a catalogue, the number of its rows."""
    import json
    from dataclasses import fields

    match setting.shape:
        case "codes" if value is None:
            return '"the default rules"'
        case "codes by pattern" | "choice by code":
            return "{" + ", ".join(f"{json.dumps(key)} = {json.dumps(given)}" for key, given in value) + "}"
        case "workloads":
            return "{" + ", ".join(f"{json.dumps(name)} = {_facts(facts)}" for name, facts in value) + "}"
        case "catalogue":
            rows = sum(len(part) for part in (getattr(value, each.name) for each in fields(value)) if isinstance(part, tuple))
            return f'"{rows} custom rows"'
    return json.dumps(value, ensure_ascii=False)
