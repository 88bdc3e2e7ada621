"""Which options of `check` and `review` need others, and which do not go together. All other pairs work together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import click
from click.core import ParameterSource

Needs = Mapping[str, tuple[str, str]]
"""The option that another one needs, and why."""

Conflicts = Mapping[str, tuple[tuple[str, ...], str]]
"""Options that an option does not go together with, and why."""

NEEDS: Needs = {"reason": ("add_ignores", "it is the reason to write into comments")}
"""For `check`."""

_CHECKING = (
    *("fix", "unsafe_fixes", "diff", "add_ignores", "reason", "statistics"),
    *("output_file", "exit_zero", "verbose", "timings", "diff_base", "watch"),
)

CONFLICTS: Conflicts = {
    "show_files": ((*_CHECKING, "show_settings"), "it only lists files, and checks nothing"),
    "show_settings": (_CHECKING, "it only shows settings, and checks nothing"),
    "diff_base": (("fix", "unsafe_fixes", "diff", "add_ignores"), "it only limits what is reported, not what is changed"),
    "watch": (("fix", "diff", "add_ignores"), "it only reports, and changes nothing"),
    "diff": (("statistics",), "it shows changes, and no report"),
    "quiet": (("verbose",), "one asks for less output, the other for more"),
}
"""For `check`."""

COMMENTING = (("statistics", "output_file"), "it writes comments, and no report")
"""The same for --add-ignores, unless --diff shows what it would write."""


def check_options(context: click.Context, needs: Needs = NEEDS, conflicts: Conflicts = CONFLICTS) -> None:
    """Raise `UsageError` for options of the command line that need another one or do not go together."""
    options = [param for param in context.command.get_params(context) if isinstance(param, click.Option)]
    flags = {each.name or "": next(flag for flag in each.opts if flag.startswith("--")) for each in options}
    given = {name for name in flags if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    for problem in problems(given, flags, needs, conflicts):
        raise click.UsageError(problem)


def problems(given: Collection[str], flags: Mapping[str, str], needs: Needs = NEEDS, conflicts: Conflicts = CONFLICTS) -> Iterator[str]:
    """Yield a sentence for each pair of `given` options that cannot be used together. `flags` are the spellings by name."""
    for name, (needed, why) in needs.items():
        if name in given and needed not in given:
            yield f"{flags[name]} needs {flags[needed]}: {why}"
    commenting = {} if "diff" in given else {"add_ignores": COMMENTING}
    for name, (others, why) in {**conflicts, **commenting}.items():
        for other in others if name in given else ():
            if other in given:
                yield f"{flags[name]} does not go together with {flags[other]}: {why}"
