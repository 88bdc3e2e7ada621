"""What flake8 is told about our settings, and what it tells us. Imports next to nothing, as flake8 reads this for every run."""

from __future__ import annotations

from typing import Any, NamedTuple

from surfacelint.cache import replay

MIRRORED = (
    ("min-items", "integer", "Stay silent about repetitions that are known to be shorter."),
    ("min-calls-per-day", "integer", "Stay silent about workloads that are declared to make fewer calls."),
    ("check-tests", "switch", "Report findings in test code."),
)
"""Those settings that flake8 has no option of its own for, each with its shape and what it is for, as `config` has them."""

SELECTORS = ("select", "extend_select", "ignore", "extend_ignore")
"""Those options of flake8 that choose among our rules, too."""


class Given(NamedTuple):
    """What flake8 was given: the `paths` to check, our settings and its selectors by their keys, and a `file` of settings.

    `unsaved` says that code comes from standard input.
    """

    paths: tuple[str, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()
    selectors: tuple[tuple[str, tuple[str, ...]], ...] = ()
    file: str | None = None
    unsaved: bool = False

    @classmethod
    def of(cls, options: Any) -> Given:
        """Return what stands in the options of flake8."""
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
        """All that our findings depend on beside the file system."""
        return replay.key(["flake8", repr(self)])
