"""Fixes and suppression comments of `surfacelint check`: applies them in memory, then writes the files or shows a diff."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from surfacelint.cli.console import say
from surfacelint.system.records import record

if TYPE_CHECKING:
    from surfacelint.config import Config
    from surfacelint.fixing.fix_rounds import FixRounds
    from surfacelint.fixing.working_copy import WorkingCopy
    from surfacelint.model.findings import Finding, Fix, Report


@record(frozen=True, slots=True)
class Wishes:
    """What to change: apply `fixes`, with `unsafe` unsafe ones too, then add `comments` for what remains, with `reason` in each."""

    fixes: bool
    unsafe: bool
    comments: bool
    reason: str


@record(frozen=True, slots=True)
class Written:
    """What was written: the number of fixed findings and of comments, and the files that were added."""

    fixed: int
    comments: int
    added: tuple[str, ...]


class Editing:
    """The changes of one run. `problems` are sentences about files that must not be or could not be edited."""

    def __init__(self, paths: Sequence[str], config: Config, analyse: Callable[[Sequence[str], Mapping[Path, str], bool], Report]) -> None:
        """Change files of the project around `paths`.

        `analyse` returns the report on paths, with texts in place of files on disk, and with or without fixes.
        """
        from surfacelint.fixing.working_copy import WorkingCopy

        self._paths = paths
        self._config = config
        self._analyse = analyse
        self._copy: WorkingCopy = WorkingCopy(config.root)
        self._rounds: FixRounds | None = None
        self._fixed: tuple[Finding, ...] = ()
        self._comments: tuple[Fix, ...] = ()
        self._is_written = False

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence per file that must not be or could not be edited."""
        return tuple(self._copy.problems.values())

    def apply(self, report: Report, wishes: Wishes) -> None:
        """Apply fixes and add comments, in memory."""
        if wishes.fixes:
            self._fix(report, wishes.unsafe)
        if wishes.comments:
            self._comment(self.remaining(report), wishes.reason)

    def remaining(self, report: Report) -> Report:
        """Return the report on the files as they are now; `report` if nothing has changed."""
        if self._rounds is None:
            return report
        texts = {} if self._is_written else self._copy.texts(self._copy.contents)
        return self._rounds.explained(self._analyse(self._paths, texts, True) if self._fixed else report)

    @property
    def fixable(self) -> int:
        """The number of findings that the changes fix."""
        return len(self._fixed)

    def diff(self) -> bytes:
        """Return the diff of all changes, with the bytes of the files."""
        from surfacelint.fixing.unified_diffs import unified_diff

        return unified_diff(self._copy.changes())

    def write(self) -> Written:
        """Write all changes, and return what was written."""
        fixes = tuple(each.fix for each in self._fixed if each.fix is not None)
        new = [change for change in self._copy.changes() if change.before is None]
        failed = self._copy.write(fixes)
        self._is_written = True
        return Written(
            fixed=sum(self._copy.places(fix).isdisjoint(failed) for fix in fixes),
            comments=sum(self._copy.places(comment).isdisjoint(failed) for comment in self._comments),
            added=tuple(change.path for change in new if change.place not in failed),
        )

    def _fix(self, report: Report, unsafe: bool) -> None:
        from surfacelint.fixing.fix_rounds import FixRounds

        self._rounds = FixRounds(self._copy, self._analyse_also, lambda: self._asked, unsafe)
        result = self._rounds.apply(report)
        self._fixed = result.findings
        if not result.is_stable:
            say("warning", "some fixes were not applied, because there were too many rounds of fixes; run the command again")

    def _comment(self, report: Report, reason: str) -> None:
        from surfacelint.fixing.comment_additions import additions

        added = additions(report, reason)
        for warning in added.warnings:
            say("warning", warning)
        self._add(added.comments, dict(report.sources))

    def _add(self, comments: Sequence[Fix], texts: Mapping[str, str]) -> None:
        from surfacelint.fixing.working_copy import UneditableFileError

        self._comments = tuple(each for each in comments if self._copy.admits(each, texts))
        try:
            self._copy.contents = self._copy.edited(self._comments)
        except UneditableFileError as error:
            self._copy.problems[error.path] = str(error)
            self._add(self._comments, texts)

    def _analyse_also(self, also: Sequence[Path], texts: Mapping[Path, str], *, fixes: bool) -> Report:
        return self._analyse([*self._paths, *map(str, also)], texts, fixes)

    @cached_property
    def _asked(self) -> frozenset[Path]:
        from surfacelint.pipeline import engine

        return frozenset(engine.files(self._paths, self._config)[0])
