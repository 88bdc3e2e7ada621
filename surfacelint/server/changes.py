"""What code actions change in code: fixes as `check --fix` applies them, suppression comments, and declared facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from surfacelint.fixing.comment_additions import Additions, additions, declared
from surfacelint.fixing.fix_rounds import FixRounds
from surfacelint.fixing.notebook_edits import json_of
from surfacelint.fixing.text_edits import UneditableError, text_as_written
from surfacelint.fixing.working_copy import Change, UneditableFileError, WorkingCopy
from surfacelint.model.findings import Finding, Report
from surfacelint.pipeline import engine
from surfacelint.project.file_discovery import absolute
from surfacelint.server.questions import AddComment, ApplyFixes, Changes, FileChange
from surfacelint.server.scope_analysis import ScopeAnalysis
from surfacelint.system.file_writing import linked_place

GONE = "nothing was changed, because the finding is gone"


def fixes(analysis: ScopeAnalysis, question: ApplyFixes) -> Changes:
    """Return what the wanted fixes change. A fix that does not do what it promises is a problem, and changes nothing."""
    report = analysis.report(fixes=True)
    one = question.finding
    if one is not None and one not in report.findings:
        return Changes((), (GONE,))

    def wanted(finding: Finding) -> bool:
        return absolute(finding.location.path) == str(question.path) if one is None else finding == one

    def analyse(also: Sequence[Path], texts: Mapping[Path, str], *, fixes: bool) -> Report:
        return analysis.report(also, texts, fixes=fixes)

    copy = _working_copy(analysis)
    rounds = FixRounds(copy, analyse, lambda: frozenset(engine.files(analysis.paths, analysis.config)[0]), one is not None, wanted)
    rounds.apply(report)
    return _permitted(analysis, copy.changes(), (*copy.problems.values(), *rounds.undone.values()))


def comment(analysis: ScopeAnalysis, question: AddComment) -> Changes:
    """Return what a comment changes that suppresses a finding, or declares a fact about its workload."""
    report = analysis.report(fixes=False)
    meant = question.finding
    found = [each for each in report.findings if each.rule.code == meant.rule.code and each.location == meant.location]
    if not found:
        return Changes((), (GONE,))
    added = _comments(found[0], report, question)
    copy = _working_copy(analysis)
    comments = [each for each in added.comments if copy.admits(each, dict(report.sources))]
    try:
        copy.contents = copy.edited(comments)
    except UneditableFileError as error:
        return Changes((), (str(error),))
    return _permitted(analysis, copy.changes(), (*added.warnings, *copy.problems.values()))


def _comments(finding: Finding, report: Report, question: AddComment) -> Additions:
    if question.fact:
        return declared(finding, report, question.fact, question.reason)
    return additions(replace(report, findings=(finding,)), question.reason)


def _working_copy(analysis: ScopeAnalysis) -> WorkingCopy:
    return WorkingCopy(analysis.config.root, analysis.open)


def _permitted(analysis: ScopeAnalysis, changes: Iterable[Change], problems: Iterable[str]) -> Changes:
    """Return changes of files; none at all if one of the files is outside of the folders that may be changed."""
    given = list(changes)
    outside = [change.path for change in given if not is_writable(analysis, change.place)]
    if outside:
        return Changes((), (f"{outside[0]}: not edited, because it is outside of the workspace",))
    return Changes(tuple(map(_file_change, given)), tuple(problems))


def is_writable(analysis: ScopeAnalysis, place: Path) -> bool:
    """Whether edits may change the file at a path: it is in the workspace, also after following links."""
    return any(not linked_place(place, folder)[1] for folder in analysis.scope.writable or (analysis.config.root,))


def _file_change(change: Change) -> FileChange:
    path = Path(absolute(change.path))
    return FileChange(path, None if change.before is None else _text(path, change.before), _text(path, change.after))


def _text(path: Path, data: bytes) -> str:
    try:
        return json_of(data) if path.suffix == ".ipynb" else text_as_written(data)
    except UneditableError:  # it was edited, so its text is known
        return data.decode("utf-8", "replace")
