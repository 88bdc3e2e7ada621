"""Options of the flake8 plugin. Imports little, because flake8 imports this module in every run."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any, NamedTuple

from surfacelint.cache import replay
from surfacelint.project.module_names import by_project, common_directory, marked_directories

MIRRORED = (
    ("min-items", "integer", "Do not report repetitions known to have fewer items."),
    ("min-calls-per-day", "integer", "Do not report workloads declared to make fewer calls per day."),
    ("check-tests", "switch", "Check test code, too."),
)
"""Key, shape and help of the settings for which flake8 has no option, as in `config`."""

PREFIX = "SRF"

SELECTORS = ("select", "extend_select", "ignore", "extend_ignore")
"""Options of flake8 that also select our rules, whose codes start with `PREFIX`."""


class Flake8Options(NamedTuple):
    """Options of one flake8 run: `paths` to check, our `settings`, flake8's `selectors`, and a configuration `file`.

    `unsaved` states that the code comes from standard input, `disable_noqa` that `noqa` comments do not count.
    """

    paths: tuple[str, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()
    selectors: tuple[tuple[str, tuple[str, ...]], ...] = ()
    file: str | None = None
    unsaved: bool = False
    disable_noqa: bool = False

    @classmethod
    def of(cls, options: Any) -> Flake8Options:
        """Read the options from flake8's namespace."""
        names = tuple(getattr(options, "filenames", None) or (".",))
        settings = [(key, getattr(options, f"surfacelint_{key.replace('-', '_')}", None)) for key, _, _ in MIRRORED]
        selectors = [(name.replace("_", "-"), getattr(options, name, None)) for name in SELECTORS]
        return cls(
            tuple(name for name in names if name != "-"),
            tuple((key, value) for key, value in settings if value is not None),
            tuple((key, tuple(codes)) for key, codes in selectors if codes is not None),
            getattr(options, "surfacelint_config", None),
            "-" in names,
            bool(getattr(options, "disable_noqa", False)),
        )

    @property
    def select_nothing(self) -> bool:
        """Whether flake8 will show no finding of any rule."""
        given = {name: [code for code in codes if PREFIX.startswith(code) or code.startswith(PREFIX)] for name, codes in self.selectors}
        if given.get("select") or given.get("extend-select"):
            return False
        return "select" in given or any(PREFIX.startswith(code) for name in ("ignore", "extend-ignore") for code in given.get(name, ()))

    @property
    def projects(self) -> tuple[Flake8Options, ...]:
        """The options for each project that `paths` belong to. They are the same for all paths in a project, so runs share findings."""
        marked = marked_directories(self.paths)
        groups = (self.paths,) if len(marked) == 1 else by_project(self.paths)
        return tuple(self._replace(paths=_place(group)) for group in groups)

    @property
    def key(self) -> bytes:
        """Key of the replay: everything that findings depend on, except the file system."""
        return replay.key(["flake8", repr(self)])


def count(text: str) -> int:
    """Return a number of 0 or more in an option. Raises ArgumentTypeError, which flake8 reports with the name of the option."""
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"must be an integer of 0 or more, not {text!r}")
    return int(text)


def _place(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return what paths of one project mean for its analysis: the nearest directory with a marker, if there is one."""
    (marked,) = marked_directories([common_directory(paths)])
    return paths if marked is None else (str(marked),)
