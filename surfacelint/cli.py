"""The command line: arguments → `Config` → `Report` → text → exit code. The only code that prints.

Starting up imports nothing but click: the options of `check` come from the fields of `Config` once they are asked for,
and everything else is imported by the command that needs it.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from surfacelint import __version__
from surfacelint import check as run

if TYPE_CHECKING:
    from surfacelint.config import Config, Layer, Setting
    from surfacelint.findings import Report

CLEAN, FOUND, INCOMPLETE = 0, 1, 2
STDIN = "-"
PROGRAM = "surfacelint"

EXAMPLES = """\b
Examples:
  surfacelint check                         check the project in this folder
  surfacelint check --select SRF3 src jobs  only progress displays over serial calls
  surfacelint rule SRF101                   what a rule means, and what to do
"""


class _Failure(click.ClickException):
    """Something outside of the code under analysis went wrong. The message is one sentence: what, where, what to do."""


class _Commands(click.Group):
    """The commands. Whatever goes wrong in one of them becomes one line on stderr and exit code 2."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run a command and leave the process."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            code = super().main(*args, **{**extra, "prog_name": PROGRAM, "standalone_mode": False})
        except Exception as error:
            _say("error", _sentence(error))
            code = INCOMPLETE
        sys.exit(code)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say what was meant."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            meant = close[0] if close else f"check {args[0]}" if Path(args[0]).exists() else "--help"
            raise click.UsageError(f"there is no command {args[0]!r}; did you mean `surfacelint {meant}`?")
        return super().resolve_command(ctx, args)


class _Check(click.Command):
    """`check`: besides its own options it has one for each setting."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return all parameters, importing the settings only now."""
        from surfacelint.config import Config, settings

        defaults = Config()
        options = [_option(name, setting, getattr(defaults, name)) for name, setting in settings().items() if setting.flag]
        return [*options, *super().get_params(ctx)]


def _option(name: str, setting: Setting, default: object) -> click.Option:
    if setting.shape == "switch":
        return click.Option([f"{setting.flag}/{setting.flag.replace('--', '--no-', 1)}", name], default=None, help=setting.help)
    if setting.shape in ("integer", "choice"):
        kind = int if setting.shape == "integer" else click.Choice(setting.choices)
        metavar = "N" if setting.shape == "integer" else None
        return click.Option([setting.flag, name], type=kind, metavar=metavar, help=f"{setting.help}  [default: {default}]")
    metavar = {"codes": "CODES", "patterns": "PATTERNS"}.get(setting.shape, "PATTERN:CODE")
    return click.Option([setting.flag, name], multiple=True, metavar=metavar, help=f"{setting.help} Separated by commas.")


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Find LLM calls on the wrong surface: realtime calls that should be batches, batches where a user waits."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(INCOMPLETE)


@main.command(cls=_Check, epilog=EXAMPLES)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="Read settings from this TOML file.")
@click.option("--isolated", is_flag=True, help="Ignore all configuration files.")
@click.option("--stdin-filename", metavar="PATH", help="The name of the code on standard input; needs - as the path.")
@click.option("-o", "--output-file", type=click.Path(path_type=Path), metavar="FILE", help="Write findings to this file.")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of showing them.")
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 despite findings; with 2 still if anything could not be checked.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings and errors, but nothing else.")
@click.option("-v", "--verbose", is_flag=True, help="Say on stderr which settings hold and what was done.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="When to use colours.")
def check(
    paths: tuple[str, ...],
    config_file: Path | None,
    isolated: bool,
    stdin_filename: str | None,
    output_file: Path | None,
    statistics: bool,
    exit_zero: bool,
    quiet: bool,
    verbose: bool,
    color: str,
    **flags: Any,
) -> int:
    """Check files and folders for LLM calls on the wrong surface.

    Without a PATH the folder that you are in is checked; - reads standard input.

    Exit codes: 0 nothing found, 1 findings, 2 something could not be checked.
    """
    started = time.perf_counter()
    from surfacelint import config as configuration

    stdin = _stdin(paths, stdin_filename)
    places = [stdin_filename] if stdin_filename else [path for path in paths if path != STDIN]
    config = configuration.discover(places, config_file, isolated).apply(_layer(flags))
    _warn(config, quiet, verbose)

    report = run(paths or (".",), config, stdin, stdin_filename)
    colour = output_file is None and _wants_colour(color, os.environ, sys.stdout.isatty())
    text = _render(report, config.output_format, statistics, colour)
    if output_file is None:
        _print(text, colour)
    else:
        _write(output_file, text)
    _conclude(report, quiet or config.output_format != "full", verbose, time.perf_counter() - started)
    return INCOMPLETE if not report.complete else FOUND if report.findings and not exit_zero else CLEAN


@main.command()
@click.argument("code", required=False)
def rule(code: str | None) -> None:
    """Explain a rule, given its code or name, or list all of them."""
    from surfacelint.rules import RULES, find

    if code is not None:
        info = find(code, RULES).info
        _print(f"# {info.name} ({info.code})\n\n{info.page.strip()}\n")
        return
    width = max(len(each.name) for each in RULES)
    rows = (f"{each.code}  {'on ' if each.default else 'off'}  {each.name:{width}}  {each.info.summary}\n" for each in RULES)
    _print("".join(rows))


@main.command()
@click.argument("place", metavar="FILE:LINE")
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
    _print(text)


def _stdin(paths: Sequence[str], name: str | None) -> str | None:
    """Read standard input if it is what is to be checked."""
    if STDIN not in paths:
        if name is not None:
            raise click.UsageError("--stdin-filename names the code on standard input: give - as the path, too")
        return None
    if len(paths) > 1:
        raise click.UsageError("- stands for standard input and has to be the only path")
    import tokenize

    data = sys.stdin.buffer.read()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise _Failure(f"{name or 'standard input'}: cannot be decoded: {error}; save it as UTF-8 or declare its encoding") from None


def _layer(flags: Mapping[str, Any]) -> Layer:
    """Read the options that were given as a file would give them."""
    from surfacelint.config import layer, settings

    given = {name: value for name, value in flags.items() if value not in (None, ())}
    return layer({setting.key: _as_toml(setting, given[name]) for name, setting in settings().items() if name in given}, "command line")


def _as_toml(setting: Setting, value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    words = [word.strip() for text in value for word in text.split(",")]
    return _by_pattern(setting, words) if setting.shape == "codes by pattern" else words


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


def _warn(config: Config, quiet: bool, verbose: bool) -> None:
    """Say what is odd about the settings, and, if asked, which they are. Raises what is wrong with them."""
    from surfacelint.rules import NOT_CHECKED, RULES, selected, unknown_ignores

    rules = selected(RULES, config)
    warnings = list(unknown_ignores(RULES, config))
    if all(each.code == NOT_CHECKED for each in rules):
        warnings.append("no rule is enabled, so nothing can be found; see select and ignore")
    for warning in () if quiet else warnings:
        _say("warning", warning)
    if verbose:
        _say("settings", f"{config.source or 'defaults'}, project {config.root}, {len(rules)} of {len(RULES)} rules enabled")


def _wants_colour(when: str, environment: Mapping[str, str], terminal: bool) -> bool:
    """Say whether to use colours: the option, then NO_COLOR, then FORCE_COLOR, then what stdout is."""
    if when != "auto":
        return when == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return terminal and environment.get("TERM") != "dumb"


def _render(report: Report, output_format: str, statistics: bool, colour: bool) -> str:
    from surfacelint import reporters
    from surfacelint.reporters import totals

    if statistics:
        return totals.statistics_json(report) if output_format == "json" else totals.statistics(report)
    return reporters.FORMATS[output_format](report, colour=colour)


def _conclude(report: Report, silent: bool, verbose: bool, seconds: float) -> None:
    from surfacelint.reporters import totals

    if not silent:
        _print(totals.summary(report) + "\n")
    for error in report.errors:
        _say("error", error)
    if verbose:
        _say("done", f"{totals.summary(report)} ({seconds:.2f} s)")


def _print(text: str, colour: bool = False) -> None:
    """Print to stdout. A reader that has seen enough and closed the pipe is no error."""
    try:
        click.echo(text, nl=False, color=colour)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            raise _Failure(f"standard output: cannot be written: {error.strerror}") from None


def _write(path: Path, text: str) -> None:
    """Write a file at once or not at all; what is no regular file (a device, a pipe) is written to."""
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")
            return
        draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            draft.write_text(text, encoding="utf-8")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise _Failure(f"{path}: cannot be written: {error.strerror or error}; name a file in a folder that exists") from None


def _say(kind: str, sentence: str) -> None:
    click.echo(f"{kind}: {' '.join(sentence.split())}", err=True)


def _sentence(error: Exception) -> str:
    """Return what to tell the user about an error."""
    from surfacelint.config import ConfigError

    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else PROGRAM
        return f"{error.format_message().rstrip('.')}; see `{command} --help`"
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, click.Abort):
        return "interrupted; nothing was reported"
    if isinstance(error, ConfigError):
        return str(error)
    if os.environ.get("SURFACELINT_DEBUG"):
        import traceback

        traceback.print_exception(error)
    return f"surfacelint itself failed with {type(error).__name__}: {error}; please report it, with what SURFACELINT_DEBUG=1 prints"
