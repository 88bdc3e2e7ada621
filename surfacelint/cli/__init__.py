"""The command line. Each command has its own module, and only the requested command is imported."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from itertools import takewhile
from typing import Any, NoReturn

import click

from surfacelint.cli.bug_report import FORMATS, print_bug_report
from surfacelint.cli.console import INCOMPLETE, PROGRAM, discard_stdout, output, say, sentence
from surfacelint.system.prerendered_help import usage, versions

COMMANDS = ("check", "review", "explain", "rule", "providers", "baseline", "show-settings", "clean", "server", "mcp")
"""Commands in the order of `--help`. The module of the same name, with underscores, defines the command."""


class _Commands(click.Group):
    """Group of all commands. Any error becomes one line on stderr and exit status 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command with this name, or return `None`."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command = getattr(importlib.import_module(f"{__name__}.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def get_help(self, ctx: click.Context) -> str:
        """Return the prerendered help, which `surfacelint.startup` prints without importing click."""
        return usage().rstrip("\n")

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run a command and exit the process."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            code = super().main(*args, **{**extra, "prog_name": PROGRAM, "standalone_mode": False})
        except Exception as error:
            say("error", sentence(error))
            if isinstance(error, OSError):
                discard_stdout()
            code = INCOMPLETE
        sys.exit(code)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command, or raise `UsageError` with a suggestion."""
        _check_ambiguous(args)
        if args[:2] == ["review", "merge"]:
            from surfacelint.cli.review_merge import merge

            return "review merge", merge, args[2:]
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from surfacelint.system.did_you_mean import close

            meant = close(args[0], self.list_commands(ctx)) or (f"check {args[0]}" if os.path.exists(args[0]) else "--help")
            raise click.UsageError(f"unknown command {args[0]!r}; did you mean `surfacelint {meant}`?")
        return super().resolve_command(ctx, args)


def _check_ambiguous(arguments: Sequence[str]) -> None:
    """Raise `UsageError` for an option that is a file, too: `*` and pre-commit pass names of files, and a project may choose them."""
    for each in takewhile(lambda argument: argument != "--", arguments):
        if len(each) > 1 and each.startswith("-") and os.path.lexists(each):
            raise click.UsageError(f"{each!r} is an option, and a file here has this name, too; rename the file")


def _print_versions(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        output(versions())
        context.exit()


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option(
    *("-V", "--version"),
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_versions,
)
@click.option(
    "--bug-report",
    is_flag=False,
    flag_value="markdown",
    type=click.Choice(FORMATS),
    is_eager=True,
    expose_value=False,
    callback=print_bug_report,
)
@click.pass_context
def main(context: click.Context) -> None:
    """Find LLM calls on the wrong surface: realtime calls that should be batches, batches where a user waits."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(INCOMPLETE)
