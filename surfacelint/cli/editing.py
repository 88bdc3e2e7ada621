"""Edits of checked files by `surfacelint check`: fixes and suppression comments.

A file is edited only if it lies in the project, after following links, and only if it still holds the text that was checked. Other files
are reported and left unchanged.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from surfacelint.cli.console import Failure, linked_place, replace_content, say

if TYPE_CHECKING:
    from surfacelint.model.findings import Edit, Finding, Fix, Report

MOST_ROUNDS = 8
"""Maximum number of rounds of `--fix`, because a fix may enable another one."""


class Change(NamedTuple):
    """Content of a file before and after its edits. `path` is the path as shown to users."""

    path: str
    before: bytes
    after: bytes


class Editing:
    """Applies edits to the files of one project. `problems` maps each path that cannot be edited to a sentence."""

    def __init__(self, root: Path) -> None:
        """Allow edits only below the directory `root`."""
        self.problems: dict[str, str] = {}
        self._root = root

    def fix(self, report: Report, analyse: Callable[[], Report], unsafe: bool) -> Report:
        """Apply fixes and `analyse` again until no fixes are left. Returns the last report."""
        fixed = 0
        for _ in range(MOST_ROUNDS):
            chosen = self._chosen(report, unsafe)
            written = self._write((edit for each in chosen for edit in each.edits), report)
            done = [each for each in chosen if written.issuperset(edit.path for edit in each.edits)]
            if not done:
                break
            fixed += len(done)
            report = analyse()
        if fixed:
            from surfacelint.reporters.totals import count

            say("fixed", count(fixed, "finding"))
        return report

    def diff(self, report: Report, unsafe: bool) -> str:
        """Return the unified diff of the first round of `fix`."""
        import difflib

        lines: list[str] = []
        for change in self._changes((edit for each in self._chosen(report, unsafe) for edit in each.edits), report):
            old, new = (data.decode("utf-8", "backslashreplace").splitlines(keepends=True) for data in (change.before, change.after))
            path = Path(change.path).as_posix()
            for line in difflib.unified_diff(old, new, path, path):
                lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
        return "".join(lines)

    def add_ignores(self, report: Report, reason: str) -> int:
        """Add a suppression comment to the statement of each finding. Returns the number of comments."""
        from surfacelint.model.findings import Applicability
        from surfacelint.rules import NOT_CHECKED

        wanted: dict[str, list[Finding]] = {}
        for finding in report.findings:
            if finding.rule.code != NOT_CHECKED and (finding.fix is None or finding.fix.applicability is Applicability.DISPLAY):
                wanted.setdefault(finding.location.path, []).append(finding)
        texts = dict(report.sources)
        edits = [edit for path, findings in wanted.items() for edit in _additions(path, findings, texts, reason)]
        written = self._write(edits, report)
        return sum(edit.path in written for edit in edits)

    def _chosen(self, report: Report, unsafe: bool) -> tuple[Fix, ...]:
        """Return the fixes of this round, without those in files that cannot be edited."""
        from surfacelint.suppressions.byte_edits import applicable

        fixes = [each.fix for each in report.findings if each.fix is not None]
        chosen = applicable(fixes, unsafe)
        for path in {edit.path for each in chosen for edit in each.edits} - self.problems.keys():
            problem = self._obstacle(path)
            if problem is not None:
                self.problems[path] = problem
        return applicable((each for each in fixes if not any(edit.path in self.problems for edit in each.edits)), unsafe)

    def _write(self, edits: Iterable[Edit], report: Report) -> set[str]:
        """Write the edits, and return the paths of the files that were written."""
        written: set[str] = set()
        for change in self._changes(edits, report):
            problem = _write_change(change)
            if problem is None:
                written.add(change.path)
            else:
                self.problems[change.path] = problem
        return written

    def _changes(self, edits: Iterable[Edit], report: Report) -> Iterator[Change]:
        """Yield one change per file. A file with two names is changed once."""
        by_path: dict[str, list[Edit]] = {}
        for edit in edits:
            by_path.setdefault(edit.path, []).append(edit)
        texts = dict(report.sources)
        seen: set[str] = set()
        for path, here in sorted(by_path.items(), key=lambda item: (Path(item[0]).is_symlink(), item[0])):
            place = os.path.realpath(path)
            problem = self._obstacle(path)
            if problem is None and place not in seen:
                seen.add(place)
                made = _change(path, Path(place), here, texts.get(path))
                if isinstance(made, Change):
                    yield made
                    continue
                problem = made
            if problem is not None:
                self.problems[path] = problem

    def _obstacle(self, path: str) -> str | None:
        """Return why a file must not be edited, or `None`."""
        known = Path(os.path.abspath(path))  # noqa: PTH100 - must not follow links
        place, is_outside = linked_place(known, self._root if known.is_relative_to(self._root) else known.parent)
        if is_outside:
            return f"{path}: not edited, because it links to {place} outside the project; pass that file by name to edit it"
        try:
            mode = place.stat().st_mode
        except OSError as error:
            return f"{path}: cannot be read: {error.strerror or error}"
        if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(place, os.W_OK):
            return f"{path}: not edited, because it is read-only; make it writable"
        return None


def _write_change(change: Change) -> str | None:
    """Write a change; return why it cannot be written, or `None`."""
    try:
        replace_content(Path(change.path), change.after, change.before)
    except Failure as failure:
        return failure.format_message()
    return None


def _change(path: str, place: Path, edits: Iterable[Edit], checked: str | None) -> Change | str:
    """Return the change of a file, or why its edits cannot be applied, for example because it no longer holds the text `checked`."""
    from surfacelint.suppressions.byte_edits import UnfixableError, apply_edits, text_of

    try:
        before = place.read_bytes()
        if checked is not None and text_of(before) != checked:
            return f"{path}: not edited, because it has changed since it was checked; run the command again"
        return Change(path, before, apply_edits(before, edits))
    except UnfixableError as error:
        return f"{path}: not edited: {error}"
    except OSError as error:
        return f"{path}: cannot be read: {error.strerror or error}"


def _additions(path: str, findings: Iterable[Finding], texts: dict[str, str], reason: str) -> Iterator[Edit]:
    from surfacelint.suppressions import comment_edits
    from surfacelint.suppressions.comment_parsing import lay_out

    text = texts.get(path)
    if text is None:
        say("warning", f"{path}: is a notebook; add comments by hand")
        return
    lines, layout = text.split("\n"), lay_out(text)
    by_place: dict[int, list[Finding]] = {}
    for finding in findings:
        line = comment_edits.line_for_comment(lines, layout, finding.location.span)
        if line is None:
            start = finding.location.span.start.line
            say("warning", f"{path}:{start}: no line of the statement can hold a comment; add one to the head of the function by hand")
        else:
            by_place.setdefault(line, []).append(finding)
    for line, here in sorted(by_place.items()):
        yield comment_edits.addition(path, line, lines[line - 1], {each.rule.code for each in here}, reason)
