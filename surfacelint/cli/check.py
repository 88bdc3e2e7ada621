"""`surfacelint check`: arguments → `Config` → `Report` → text → exit status.

The options for settings are generated from the fields of `Config`.
"""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from surfacelint.cli.console import EXAMPLES, Failure
from surfacelint.cli.option_conflicts import check_options
from surfacelint.cli.options import SettingsCommand, config_options, read_projects

STDIN = "-"


@click.command(cls=SettingsCommand, epilog=EXAMPLES)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@config_options
@click.option("--stdin-filename", type=click.Path(), metavar="PATH", help="Path of the code on standard input. Requires - as PATH.")
@click.option("--diff-base", metavar="REV", help="Report only findings that this git revision has not, such as origin/main.")
@click.option("--watch", is_flag=True, help="Check again after each change, until you press Ctrl-C.")
@click.option("-o", "--output-file", type=click.Path(path_type=Path), metavar="FILE", help="Write the report to this file.")
@click.option("--fix", is_flag=True, help="Apply safe fixes, and report the remaining findings.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that need review. Otherwise: count them as fixable.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, without changing it. Exits with 1 if there are changes.")
@click.option("--add-ignores", "--add-noqa", is_flag=True, help="Add a suppression comment for every current finding.")
@click.option("--reason", metavar="TEXT", help="With --add-ignores: the reason to write into each comment.")
@click.option("--show-files", is_flag=True, help="List the files that would be checked, and exit.")
@click.option("--show-settings", is_flag=True, help="Show the settings and their origins, and exit.")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of showing them.")
@click.option(
    "-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings. Still exits with 2 if anything could not be checked."
)
@click.option("-q", "--quiet", is_flag=True, help="Print only findings and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Print the settings in use and a summary to stderr.")
@click.option("--timings", is_flag=True, help="Print the time and the amount of work of each stage to stderr.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="When to use colours.")
def check(
    paths: tuple[str, ...],
    config: tuple[str, ...],
    isolated: bool,
    stdin_filename: str | None,
    diff_base: str | None,
    watch: bool,
    output_file: Path | None,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    add_ignores: bool,
    reason: str | None,
    show_files: bool,
    show_settings: bool,
    statistics: bool,
    exit_zero: bool,
    quiet: bool,
    verbose: bool,
    timings: bool,
    color: str,
    **flags: Any,
) -> int:
    """Check files and directories for LLM calls on the wrong surface.

    Without a PATH, checks the current directory. Use - to read standard input.

    Exit status: 0 no findings, 1 findings, 2 something could not be checked.
    """
    gc.disable()  # a run keeps nearly everything it allocates until the process ends
    check_options(click.get_current_context())
    if reason and ("#" in reason or "\n" in reason):
        raise click.UsageError("--reason becomes part of a comment: it must be one line without #")
    stdin = _stdin(paths, stdin_filename)
    if stdin is not None and (fix or diff or add_ignores or watch):
        raise click.UsageError("--fix, --diff, --add-ignores and --watch need files, not standard input")
    places = [stdin_filename] if stdin_filename else [path for path in paths if path != STDIN]
    projects = read_projects(places, config, isolated, flags)
    if show_files or show_settings:
        from surfacelint.cli.show_settings import print_files, print_settings

        return print_settings((*places, ".")[0], projects[0].config) if show_settings else print_files(projects)
    from surfacelint.cli.check_run import CheckRun

    run = CheckRun(
        stdin=stdin,
        stdin_filename=stdin_filename,
        diff_base=diff_base,
        watch=watch,
        output_file=output_file,
        fixes=fix or (diff and not add_ignores),
        unsafe_fixes=unsafe_fixes,
        diff=diff,
        comments=add_ignores,
        reason=reason or "",
        statistics=statistics,
        exit_zero=exit_zero,
        quiet=quiet,
        verbose=verbose,
        timings=timings,
        color=color,
    )
    if watch:
        from surfacelint.cli.watching import watch as check_repeatedly

        return check_repeatedly(run, lambda: read_projects(places, config, isolated, flags))
    return run.run(projects)


def _stdin(paths: Sequence[str], name: str | None) -> str | None:
    """Return the code on standard input, or `None` if the paths do not include `-`."""
    if STDIN not in paths:
        if name is not None:
            raise click.UsageError("--stdin-filename requires - as the path")
        return None
    if len(paths) > 1:
        raise click.UsageError("- reads standard input and must be the only path")
    import tokenize

    data = sys.stdin.buffer.read()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise Failure(f"{name or 'standard input'}: cannot be decoded: {error}; save it as UTF-8 or declare its encoding") from None
