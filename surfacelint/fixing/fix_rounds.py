"""Applies fixes round by round, in memory, and undoes each one that does not do what it promises.

A round applies the fixes that go together and analyses the result. Every fixed finding must be gone, and there must be no new one: code
that no longer compiles is a new finding, too. If the check fails, halves of the fixes are tried, until those at fault are known. A fix that
fails next to others gets another chance in the next round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from surfacelint.fixing.fix_selection import compatible, is_applicable
from surfacelint.fixing.working_copy import Contents, WorkingCopy
from surfacelint.model.findings import Finding, Fix, Report
from surfacelint.project.file_discovery import absolute
from surfacelint.reporters.locations import place
from surfacelint.suppressions.matching import NOT_CHECKED, UNUSED
from surfacelint.system.records import record

MOST_ROUNDS = 100
"""Maximum number of rounds. Each round leaves fewer findings, so a run that needs more has very many fixes in one place."""

Analyse: TypeAlias = Callable[[Sequence[Path], Mapping[Path, str]], Report]
"""Returns the report on the requested files and some more, with the given texts in place of those on disk."""


@record(frozen=True, slots=True)
class Fixed:
    """Result of fixing: the findings that are fixed with their fixes, and whether no more fixes were left."""

    findings: tuple[Finding, ...]
    is_stable: bool


@record(frozen=True, slots=True)
class _Trial:
    """Fixes of a round that hold together, the contents they lead to, and the report on these."""

    fixes: tuple[Fix, ...]
    contents: Contents
    report: Report


class FixRounds:
    """Applies the fixes of a project to a working copy. `undone` maps the finding of each fix that failed to the reason."""

    def __init__(self, copy: WorkingCopy, analyse: Analyse, asked: Callable[[], frozenset[Path]], unsafe: bool) -> None:
        """Apply safe fixes, and with `unsafe` unsafe ones. `asked` returns the files that `analyse` reports on in any case."""
        self.undone: dict[object, str] = {}
        self._copy = copy
        self._analyse = analyse
        self._asked = asked
        self._unsafe = unsafe

    def apply(self, report: Report) -> Fixed:
        """Apply the fixes of a report on the files on disk, and those that these make possible. Changes only the working copy."""
        fixed: list[Finding] = []
        for _ in range(MOST_ROUNDS):
            chosen = self._chosen(report)
            if not chosen:
                return Fixed(tuple(fixed), is_stable=True)
            before = self._with_others(report, chosen)
            trial = self._settled(before, _Trial((), self._copy.contents, before), chosen)
            fixed += _fixed_by(trial.fixes, before)
            self._copy.contents = trial.contents
            asked = self._asked()
            live = tuple(each for each in trial.report.findings if Path(absolute(each.location.path)) in asked)
            report = replace(trial.report, findings=live)
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
        fixes = {each.fix: None for each in report.findings if each.fix is not None and _key(each) not in self.undone}
        possible = [fix for fix in fixes if is_applicable(fix, self._unsafe) and self._copy.admits(fix, texts)]
        while True:
            chosen = compatible(possible, self._copy.place)
            if not chosen or self._copy.edited(chosen) is not None:
                return chosen
            possible = [fix for fix in possible if self._copy.admits(fix, texts)]

    def _with_others(self, report: Report, fixes: Iterable[Fix]) -> Report:
        """Return the report with the findings of all files that fixes edit, requested or not."""
        edited = _edited(fixes)
        if not edited or self._asked().issuperset(edited):
            return report
        return self._analyse(edited, self._copy.texts(self._copy.contents))

    def _settled(self, before: Report, kept: _Trial, fixes: tuple[Fix, ...]) -> _Trial:
        """Return the trial of the fixes of `kept`, and of as many other fixes as hold together with them."""
        if not fixes:
            return kept
        everything = (*kept.fixes, *fixes)
        contents = self._copy.edited(everything)
        assert contents is not None  # All fixes of the round could be edited together, so some of them can.
        report = self._analyse([*_edited(everything), *_added(everything)], self._copy.texts(contents))
        problem = _problem(before, report, everything)
        if problem is None:
            return _Trial(everything, contents, report)
        if len(fixes) > 1:
            half = len(fixes) // 2
            return self._settled(before, self._settled(before, kept, fixes[:half]), fixes[half:])
        if not kept.fixes:
            self.undone.update({_key(each): f"it was applied and undone, because {problem}" for each in _fixed_by(fixes, before)})
        return kept


def _edited(fixes: Iterable[Fix]) -> list[Path]:
    return sorted({Path(absolute(edit.path)) for fix in fixes for edit in fix.edits})


def _added(fixes: Iterable[Fix]) -> list[Path]:
    return sorted({Path(absolute(file.path)) for fix in fixes for file in fix.files})


def _fixed_by(fixes: Iterable[Fix], report: Report) -> list[Finding]:
    known = set(fixes)
    return [each for each in report.findings if each.fix in known]


def _problem(before: Report, after: Report, fixes: Iterable[Fix]) -> str | None:
    """Return what is wrong with the result of fixes, or `None`. It may have fewer findings than expected, but none more."""
    fixed = Counter(each.identity for each in _fixed_by(fixes, before))
    expected = Counter(each.identity for each in before.findings) - fixed
    found = Counter(each.identity for each in after.findings)
    for each in after.findings:
        if found[each.identity] <= expected[each.identity]:
            continue
        where = place(each.location)
        if each.rule.code == NOT_CHECKED:
            return f"the result cannot be checked: {where}: {each.message}"
        if each.identity in fixed:
            return f"the finding remained, at {where}"
        # A fix may leave a suppression comment without use. The next round removes it.
        if each.rule.code != UNUSED:
            return f"the result has a new finding, {each.rule.code} at {where}"
    return None


def _key(finding: Finding) -> object:
    """Return what identifies the fix of a finding from one round to the next, although lines move."""
    fix = finding.fix
    return (finding.identity, fix and (fix.message, tuple((edit.path, edit.text) for edit in fix.edits)))
