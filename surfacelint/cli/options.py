"""Command line options for settings, generated from the fields of `Config`, and merged with configuration files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import click

if TYPE_CHECKING:
    from surfacelint.config import Config, ProjectPaths, Setting

WHERE = "command line"
"""Origin of settings from the command line, in messages."""

_Command = TypeVar("_Command", bound=Callable[..., Any])

_SECTIONS = {
    "Rules": (
        "select",
        "extend_select",
        "ignore",
        "extend_ignore",
        "per_file_ignores",
        "severity",
        "min_items",
        "min_calls_per_day",
        "check_tests",
        "baseline",
        "diff_base",
    ),
    "Volumes": ("items", "seconds_per_call", "input_tokens", "output_tokens", "usage", "usage_period", "volumes", "write_volumes"),
    "Many repositories": (
        *("repositories", "results", "scheduler", "workers"),
        *("repository_timeout", "repository_memory", "retry_pause"),
    ),
    "Files": ("exclude", "extend_exclude", "force_exclude", "include", "extend_include", "stdin_filename", "show_files", "watch"),
    "Speed": ("jobs", "cache", "cache_dir", "timings"),
    "Settings": ("config", "isolated", "show_settings"),
    "Changes": ("fix", "unsafe_fixes", "diff", "batch_module", "add_ignores", "reason"),
    "Output": ("output_format", "format_", "output_file", "repository", "statistics", "fail_on", "exit_zero", "quiet", "verbose", "color"),
}
"""Sections of `--help` and their parameters. Other parameters come last."""


def config_options(command: _Command) -> _Command:
    """Add `--config` and `--isolated` to a command."""
    isolated = click.option("--isolated", is_flag=True, help="Ignore all configuration files.")
    text = "Read settings from this TOML file, or override one setting, as in 'min-items = 300'."
    return click.option("--config", multiple=True, type=click.Path(), metavar="FILE|KEY=VALUE", help=text)(isolated(command))


class SettingsCommand(click.Command):
    """A command with an option for each setting in addition to its own options.

    Left out are settings that it works `without`, or, if any are named, all but the `only` ones that matter to it.
    """

    without: ClassVar[frozenset[str]] = frozenset()
    only: ClassVar[frozenset[str]] = frozenset()

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return all parameters. Imports the settings only now."""
        from surfacelint.config import Config, settings

        defaults = Config()
        options = [
            _option(name, setting, getattr(defaults, name)) for name, setting in settings().items() if setting.flag and self._offers(name)
        ]
        return [*options, *super().get_params(ctx)]

    def _offers(self, name: str) -> bool:
        return name in self.only if self.only else name not in self.without

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options in sections."""
        rows = {param.name or "": row for param in self.get_params(ctx) if (row := param.get_help_record(ctx)) and row[1]}
        named = {title: [rows.pop(name) for name in names if name in rows] for title, names in _SECTIONS.items()}
        for title, records in {**named, "Other options": list(rows.values())}.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def _option(name: str, setting: Setting, default: object) -> click.Option:
    if setting.shape == "switch":
        return click.Option([f"{setting.flag}/{setting.flag.replace('--', '--no-', 1)}", name], default=None, help=setting.help)
    if setting.shape in ("integer", "choice"):
        kind = int if setting.shape == "integer" else click.Choice(setting.choices)
        metavar = "N" if setting.shape == "integer" else None
        return click.Option([setting.flag, name], type=kind, metavar=metavar, help=f"{setting.help}  [default: {default}]")
    if setting.shape == "path":
        return click.Option([setting.flag, name], type=click.Path(), metavar="PATH", help=setting.help)
    if setting.shape == "module":
        return click.Option([setting.flag, name], metavar="MODULE", help=f"{setting.help}  [default: {default}]")
    metavar = {"codes": "CODES", "patterns": "PATTERNS", "choice by code": "CODE:SEVERITY"}.get(setting.shape, "PATTERN:CODE")
    text = f"{setting.help} Comma-separated."
    complete = complete_codes if setting.shape == "codes" else None
    return click.Option([setting.flag, name], multiple=True, metavar=metavar, help=text, shell_complete=complete)


def complete_codes(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """Complete the last rule code of a comma-separated list."""
    from surfacelint.rules import RULES

    before, comma, begun = typed.rpartition(",")
    return [f"{before}{comma}{rule.code}" for rule in RULES if rule.code.startswith(begun.upper())]


def read_config(paths: Sequence[str], given: Sequence[str], isolated: bool, flags: Mapping[str, Any]) -> Config:
    """Return the settings for `paths` of one project, overridden by the options of the command line. Raises `ConfigError`."""
    from surfacelint.config import discover

    return _overridden(discover(paths, settings_file(given, isolated), isolated), given, flags)


def read_projects(paths: Sequence[str], given: Sequence[str], isolated: bool, flags: Mapping[str, Any]) -> tuple[ProjectPaths, ...]:
    """Return `paths` by project, with the settings of each, overridden by the options of the command line. Raises `ConfigError`."""
    from dataclasses import replace

    from surfacelint.config import discover_each

    projects = discover_each(paths, settings_file(given, isolated), isolated)
    return tuple(replace(each, config=_overridden(each.config, given, flags)) for each in projects)


def settings_file(given: Sequence[str], isolated: bool) -> str | None:
    """Return the file that `--config` names, if it names one."""
    files = [text for text in given if not _is_inline(text)]
    if len(files) > 1:
        raise click.UsageError(f"--config names two files, {files[0]} and {files[1]}: use `extend` in one of them instead")
    if files and isolated:
        raise click.UsageError(f"--isolated ignores all configuration files, but --config names {files[0]}: use one of the two")
    return files[0] if files else None


def _is_inline(text: str) -> bool:
    return "=" in text and not os.path.exists(text)


def _overridden(config: Config, given: Sequence[str], flags: Mapping[str, Any]) -> Config:
    """Return the settings of files, overridden by `--config KEY=VALUE` and by options."""
    from surfacelint.config import anchored, layer

    for where, values in given_settings(given, flags):
        config = config.apply(anchored(layer(values, where), Path.cwd()))
    return config


def given_settings(given: Sequence[str], flags: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the settings of each `--config KEY=VALUE` and of the options, by TOML key, after the place that messages name.

    Of two values of a setting, the last one counts. Raises `ConfigError` for text that is not TOML.
    """
    from surfacelint.config import parse_toml, settings

    for text in filter(_is_inline, given):
        where = f"--config {text!r}"
        yield where, parse_toml(text, where)
    named = {name: value for name, value in flags.items() if value not in (None, ())}
    values = {setting.key: _as_toml(setting, named[name]) for name, setting in settings().items() if name in named}
    if values:
        yield WHERE, values


def _as_toml(setting: Setting, value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    from surfacelint.project.brace_patterns import separated

    words = [word.strip() for text in value for word in separated(text)]
    if setting.shape == "choice by code":
        return _by_code(setting, words)
    return _by_pattern(setting, words) if setting.shape == "codes by pattern" else words


def _by_code(setting: Setting, words: Iterable[str]) -> dict[str, str]:
    pairs = [word.partition(":") for word in words]
    for code, colon, choice in pairs:
        if not (code and colon and choice):
            raise click.UsageError(f"{setting.flag} takes CODE:SEVERITY, as in SRF101:error, not {code!r}")
    return {code: choice for code, _, choice in pairs}


def _by_pattern(setting: Setting, words: Iterable[str]) -> dict[str, list[str]]:
    """Read `PATTERN:CODE` pairs; a code on its own belongs to the pattern before it."""
    table: dict[str, list[str]] = {}
    pattern = ""
    for word in words:
        before, colon, code = word.rpartition(":")
        pattern = before if colon else pattern
        if not pattern:
            raise click.UsageError(f"{setting.flag} takes PATTERN:CODE, as in 'scripts/*:SRF101', not {word!r}")
        table.setdefault(pattern, []).append(code)
    return table
