"""Options of the flake8 plugin. Imports little, because flake8 imports this module in every run."""

from __future__ import annotations

from typing import Any, NamedTuple

from surfacelint.cache import replay

MIRRORED = (
    ("min-items", "integer", "Do not report repetitions known to have fewer items."),
    ("min-calls-per-day", "integer", "Do not report workloads declared to make fewer calls per day."),
    ("check-tests", "switch", "Check test code, too."),
)
"""Key, shape and help of the settings for which flake8 has no option, as in `config`."""

SELECTORS = ("select", "extend_select", "ignore", "extend_ignore")
"""Options of flake8 that also select our rules."""


class Flake8Options(NamedTuple):
    """Options of one flake8 run: `paths` to check, our `settings`, flake8's `selectors`, and a configuration `file`.

    `unsaved` states that the code comes from standard input.
    """

    paths: tuple[str, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()
    selectors: tuple[tuple[str, tuple[str, ...]], ...] = ()
    file: str | None = None
    unsaved: bool = False

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
        )

    @property
    def key(self) -> bytes:
        """Key of the replay: everything that findings depend on, except the file system."""
        return replay.key(["flake8", repr(self)])
