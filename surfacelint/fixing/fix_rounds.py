"""Applies fixes round by round, in memory, and undoes each one that does not do what it promises.

A round applies the fixes that go together and analyses the result. Every fixed finding must be gone, and there must be no new one: code
that no longer compiles is a new finding, too. If the check fails, the fixes of the files with problems wait for the next round, or half of
them where a file has several. A fix that fails alone in its file twice is undone: the first time, a fix of another file may be at fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from surfacelint.fixing.fix_selection import compatible, is_applicable
from surfacelint.fixing.working_copy import UneditableFileError, WorkingCopy
from surfacelint.model.findings import Finding, Fix, Report
from surfacelint.project.file_discovery import absolute
from surfacelint.reporters.locations import place
from surfacelint.suppressions.matching import NOT_CHECKED, UNUSED
from surfacelint.system.records import record

MOST_ROUNDS = 100
"""Maximum number of rounds. Each round leaves fewer findings, so a run that needs more has very many fixes in one place."""


class Analyse(Protocol):
    """Returns the report on the requested files and some more."""

    def __call__(self, also: Sequence[Path], texts: Mapping[Path, str], *, fixes: bool) -> Report:
        """Analyse with `texts` in place of files on disk. Without `fixes`, findings have none."""
        ...


@record(frozen=True, slots=True)
class Fixed:
    """Result of fixing: the findings that are fixed with their fixes, and whether no more fixes were left."""

    findings: tuple[Finding, ...]
    is_stable: bool


@record(frozen=True, slots=True)
class _Problem:
    """A finding that must not be in the result of fixes. `reason` completes the sentence "it was undone, because …"."""

    finding: Finding
    reason: str


class FixRounds:
    """Applies the fixes of a project to a working copy. `undone` maps the finding of each fix that failed to the reason."""

    def __init__(
        self,
        copy: WorkingCopy,
        analyse: Analyse,
        asked: Callable[[], frozenset[Path]],
        unsafe: bool,
        wanted: Callable[[Finding], bool] = lambda finding: True,
    ) -> None:
        """Apply safe fixes, and with `unsafe` unsafe ones, of the findings that are `wanted`.

        `asked` returns the files that `analyse` reports on in any case.
        """
        self.undone: dict[object, str] = {}
        self._failed_once: set[object] = set()
        self._copy = copy
        self._analyse = analyse
        self._asked = asked
        self._unsafe = unsafe
        self._wanted = wanted

    def apply(self, report: Report) -> Fixed:
        """Apply the fixes of a report on the files on disk, and those that these make possible. Changes only the working copy."""
        fixed: list[Finding] = []
        for _ in range(MOST_ROUNDS):
            chosen = self._chosen(report)
            if not chosen:
                return Fixed(tuple(fixed), is_stable=True)
            kept = self._settled(report, chosen)
            if not kept:
                continue
            fixed += _fixed_by(kept, report)
            self._copy.contents = self._copy.edited(kept)
            report = self._analyse([], self._copy.texts(self._copy.contents), fixes=True)
        return Fixed(tuple(fixed), is_stable=not self._chosen(report))

    def explained(self, report: Report) -> Report:
        """Return a report in which findings say why their fixes were undone."""
        return replace(report, findings=tuple(self._explained(each) for each in report.findings))

    def _explained(self, finding: Finding) -> Finding:
        reason = self.undone.get(_key(finding))
        return finding if reason is None else replace(finding, fix=None, refusal=reason)

    def _chosen(self, report: Report) -> tuple[Fix, ...]:
        """Return the fixes of the next round."""
        texts = dict(report.sources)
        wanted = filter(self._wanted, report.findings)
        fixes = {each.fix: None for each in wanted if each.fix is not None and _key(each) not in self.undone}
        possible = [fix for fix in fixes if is_applicable(fix, self._unsafe) and self._copy.admits(fix, texts)]
        chosen = compatible(possible, self._copy.place)
        if self._failure(chosen) is None:
            return chosen
        failing = {fix: problem for fix in possible if (problem := self._failure((fix,))) is not None}
        for each in _fixed_by(failing, report):
            self.undone[_key(each)] = f"the fix cannot be applied: {failing[each.fix]}" if each.fix else ""
        return compatible((fix for fix in possible if fix not in failing), self._copy.place)

    def _failure(self, fixes: Iterable[Fix]) -> str | None:
        """Return why fixes cannot be applied to their texts, or `None`."""
        try:
            self._copy.edited(fixes)
        except UneditableFileError as error:
            return str(error)
        return None

    def _settled(self, report: Report, fixes: Sequence[Fix]) -> tuple[Fix, ...]:
        """Return as many of the fixes as hold together. Adds to `undone`."""
        before = self._with_others(report, fixes)
        kept = list(fixes)
        while kept:
            fixed = _fixed_by(kept, report)
            texts = self._copy.texts(self._copy.edited(kept))
            after = self._analyse([*_edited(kept), *_added(kept)], texts, fixes=False)
            problems = list(_problems(before, after, fixed))
            if not problems:
                break
            blamed = [self._blamed(each, kept, report) for each in problems]
            # Fixes that must wait because of a problem that they have nothing to do with are not at fault.
            waiting = {fix for group in blamed for fix in (group if len(group) == 1 else group[len(group) // 2 :])}
            for problem, group in zip(problems, blamed, strict=True):
                if len(group) == 1:
                    self._fail(group[0], problem.reason, report, is_certain=len(kept) == 1)
            kept = [fix for fix in kept if fix not in waiting]
        return tuple(kept)

    def _blamed(self, problem: _Problem, fixes: Sequence[Fix], report: Report) -> list[Fix]:
        """Return the fixes that can be at fault: those of the finding that remained, those of its file, or all."""
        own = {each.fix for each in report.findings if each.identity == problem.finding.identity}
        file = self._copy.place(problem.finding.location.path)
        return [fix for fix in fixes if fix in own] or [fix for fix in fixes if file in self._copy.places(fix)] or list(fixes)

    def _fail(self, fix: Fix, reason: str, report: Report, is_certain: bool) -> None:
        for each in _fixed_by((fix,), report):
            key = _key(each)
            if is_certain or key in self._failed_once:
                self.undone.setdefault(key, f"it was applied and undone, because {reason}")
        self._failed_once.update(map(_key, _fixed_by((fix,), report)))

    def _with_others(self, report: Report, fixes: Iterable[Fix]) -> Report:
        """Return the report with the findings of all files that fixes edit, requested or not."""
        edited = _edited(fixes)
        if not edited or self._asked().issuperset(edited):
            return report
        return self._analyse(edited, self._copy.texts(self._copy.contents), fixes=False)


def _edited(fixes: Iterable[Fix]) -> list[Path]:
    return sorted({Path(absolute(edit.path)) for fix in fixes for edit in fix.edits})


def _added(fixes: Iterable[Fix]) -> list[Path]:
    return sorted({Path(absolute(file.path)) for fix in fixes for file in fix.files})


def _fixed_by(fixes: Iterable[Fix], report: Report) -> list[Finding]:
    known = set(fixes)
    return [each for each in report.findings if each.fix in known]


def _problems(before: Report, after: Report, fixed: Iterable[Finding]) -> Iterator[_Problem]:
    """Yield what is wrong with the result of fixes. It may have fewer findings than expected, but none more."""
    gone = Counter(each.identity for each in fixed)
    expected = Counter(each.identity for each in before.findings) - gone
    found = Counter(each.identity for each in after.findings)
    for each in after.findings:
        if found[each.identity] <= expected[each.identity]:
            continue
        where = place(each.location)
        if each.rule.code == NOT_CHECKED:
            yield _Problem(each, f"the result cannot be checked: {where}: {each.message}")
        elif each.identity in gone:
            yield _Problem(each, f"the finding remained, at {where}")
        # A fix may leave a suppression comment without use. The next round removes it.
        elif each.rule.code != UNUSED:
            yield _Problem(each, f"the result has a new finding, {each.rule.code} at {where}")


def _key(finding: Finding) -> object:
    """Return what identifies the fix of a finding from one round to the next, although lines move."""
    fix = finding.fix
    return (finding.identity, fix and (fix.message, tuple((edit.path, edit.text) for edit in fix.edits)))
