"""What `surfacelint check` writes into the files that it checks: fixes, and comments that silence what is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from surfacelint.cli.console import Failure, rewrite, say

if TYPE_CHECKING:
    from surfacelint.findings import Edit, Finding, Report

MOST_ROUNDS = 8
"""A fix may make room for another; so often everything is checked again."""


def fix(report: Report, again: Callable[[], Report], unsafe: bool) -> Report:
    """Apply the fixes of a report, check again, and so on until there are none. Returns the last report."""
    from surfacelint.fixes import applicable

    fixed = 0
    for _ in range(MOST_ROUNDS):
        chosen = applicable((each.fix for each in report.findings if each.fix is not None), unsafe)
        if not chosen:
            break
        for path, _, after in _edited(edit for each in chosen for edit in each.edits):
            rewrite(path, after)
        fixed += len(chosen)
        report = again()
    if fixed:
        from surfacelint.reporters.totals import count

        say("fixed", count(fixed, "finding"))
    return report


def diff(report: Report, unsafe: bool) -> str:
    """Return the unified diff of what `fix` would write first."""
    from surfacelint.fixes import applicable

    chosen = applicable((each.fix for each in report.findings if each.fix is not None), unsafe)
    return "".join(_diffs(edit for each in chosen for edit in each.edits))


def add_ignores(report: Report, reason: str) -> int:
    """Add a comment to the statement of each finding, so that it is silent from now on. Returns how many were added."""
    from surfacelint.rules import NOT_CHECKED

    wanted: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.rule.code != NOT_CHECKED and finding.fix is None:
            wanted.setdefault(finding.location.path, []).append(finding)
    edits = [edit for path, findings in wanted.items() for edit in _additions(path, findings, dict(report.sources), reason)]
    for path, _, after in _edited(edits):
        rewrite(path, after)
    return len(edits)


def _additions(path: str, findings: Iterable[Finding], texts: dict[str, str], reason: str) -> Iterator[Edit]:
    from surfacelint.suppressions import edits
    from surfacelint.suppressions.comments import lay_out

    text = texts.get(path)
    if text is None:
        say("warning", f"{path}: is a notebook, in which comments have to be added by hand")
        return
    lines, layout = text.split("\n"), lay_out(text)
    by_place: dict[int, list[Finding]] = {}
    for finding in findings:
        line = edits.carrier(lines, layout, finding.location.span)
        if line is None:
            start = finding.location.span.start.line
            say("warning", f"{path}:{start}: no line of the statement can carry a comment; put it at the head of the function by hand")
        else:
            by_place.setdefault(line, []).append(finding)
    for line, here in sorted(by_place.items()):
        yield edits.addition(path, line, lines[line - 1], {each.rule.code for each in here}, reason)


def _edited(edits: Iterable[Edit]) -> Iterator[tuple[Path, bytes, bytes]]:
    """Return path, content and new content of each file that edits are for."""
    from surfacelint.fixes import UnfixableError, apply

    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    for path, here in sorted(by_path.items()):
        before = _content(path)
        try:
            after = apply(before, here)
        except UnfixableError as error:
            raise Failure(f"{path}: {error}; nothing was changed in it") from None
        yield Path(path), before, after


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror or error}") from None


def _diffs(edits: Iterable[Edit]) -> Iterator[str]:
    import difflib

    for path, before, after in _edited(edits):
        old, new = (data.decode("utf-8", "backslashreplace").splitlines(keepends=True) for data in (before, after))
        for line in difflib.unified_diff(old, new, path.as_posix(), path.as_posix()):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
