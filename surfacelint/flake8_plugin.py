"""The same findings inside of flake8, file by file; each project is analysed once per process, however that came to be."""

import tokenize
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from surfacelint import __version__, check
from surfacelint.config import Config, Hierarchy, covers, discover, layer, settings
from surfacelint.discovery import absolute
from surfacelint.facts.expressions import Position
from surfacelint.findings import Finding, Report
from surfacelint.project import project_files, project_root
from surfacelint.rules import NOT_CHECKED, RULES, selected
from surfacelint.suppressions import apply, comments

_MIRRORED = {setting.key: setting for setting in settings().values() if setting.in_flake8}
_settings = cache(discover)
_hierarchy = cache(Hierarchy)


class Plugin:
    """What flake8 makes for each file."""

    name, version = "surfacelint", __version__
    _given: ClassVar[tuple[Mapping[str, Any], str | None]] = ({}, None)
    _asked: ClassVar[tuple[str, ...]] = ()
    _root: ClassVar[Path | None] = None

    def __init__(self, tree: object, lines: list[str], filename: str) -> None:
        """Take a file. flake8 has parsed it, so its syntax is right; what stands in it may not be saved."""
        self._text, self._path = "".join(lines), absolute(filename if filename.endswith(".py") else f"{filename}.py")

    @staticmethod
    def add_options(manager: Any) -> None:
        """Offer those settings of ours that flake8 has no option of its own for."""
        manager.add_option("--surfacelint-config", metavar="FILE", parse_from_config=True, normalize_paths=True, help="Settings to read.")
        for key, setting in _MIRRORED.items():
            kind = {"action": "store_true", "default": None} if setting.shape == "switch" else {"type": int}
            manager.add_option(f"--surfacelint-{key}", parse_from_config=True, help=setting.help, **kind)

    @classmethod
    def parse_options(cls, options: Any) -> None:
        """Keep what was given. flake8's selectors become ours, so that the next rule speaks for one that is off.

        What flake8 is to check is one project, as it would be on our own command line, whatever settings lie further down in it.
        """
        given = {key: getattr(options, f"surfacelint_{key.replace('-', '_')}") for key in _MIRRORED}
        for key in ("select", "extend-select", "ignore", "extend-ignore"):
            codes = getattr(options, key.replace("-", "_"))
            given[key] = codes and [code for code in codes if any(covers(code, rule.code) for rule in RULES)]
        cls._asked = tuple(path for path in getattr(options, "filenames", None) or (".",) if path != "-")
        cls._root = project_root(cls._asked) if cls._asked else None
        cls._given = {key: value for key, value in given.items() if value is not None}, options.surfacelint_config

    def run(self) -> Iterator[tuple[int, int, str, type["Plugin"]]]:
        """Yield the findings, but for those that our own comments silence: `noqa` is left to flake8. A failure is a finding."""
        try:
            found = [(each.location.span.start, f"{each.rule.code} {each.message}") for each in self._findings()]
        except Exception as error:  # It would end all of flake8.
            found = [(Position(1, 0), f"{NOT_CHECKED} not checked: {type(error).__name__}: {' '.join(str(error).split())}")]
        yield from ((start.line, start.column, text, type(self)) for start, text in found)

    def _findings(self) -> tuple[Finding, ...]:
        inside = self._root is not None and Path(self._path).is_relative_to(self._root)
        config = _settings(self._asked if inside else (self._path,), self._given[1]).apply(layer(self._given[0], "flake8"))
        if all(rule.code == NOT_CHECKED for rule in selected(RULES, _hierarchy(config).at(Path(self._path)))):
            return ()
        report = self._report(config)
        silent = [each for each in report.suppressed if each.suppressed is None or each.suppressed.kind == "inSource"]
        here = [each for each in (*report.findings, *silent) if absolute(each.location.path) == self._path]
        read = comments.read(self._text)
        return apply(here, {each.location.path: read for each in here}, noqa=False).live

    def _report(self, config: Config) -> Report:
        saved = None
        with suppress(OSError, SyntaxError, UnicodeError), tokenize.open(self._path) as file:
            saved = file.read()
        if saved != self._text:
            return check(["-"], config, self._text, self._path)
        report, files = _project(config)
        return report if Path(self._path) in files else check([self._path], replace(config, force_exclude=True))


@cache
def _project(config: Config) -> tuple[Report, frozenset[Path]]:
    whole = _hierarchy(config).at(config.root / "_")
    files = project_files(config.root, (), whole.excluded, config.included, governs=_hierarchy(config).governed_by(whole))
    return check(files, replace(config, force_exclude=True)), frozenset(files)
