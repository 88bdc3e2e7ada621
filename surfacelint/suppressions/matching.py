"""Matches findings with suppression comments, and finds comments that suppress nothing.

A comment suppresses the findings whose calls are on its line. If there are none, it suppresses those in its statement,
so that it may follow a call that spans lines. At the head of a function or class, it suppresses all findings inside.
flake8 only looks at the first line of the call, so `noqa` comments for flake8 belong there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from surfacelint.model.findings import Finding, Location, SuppressedBy
from surfacelint.suppressions.comment_parsing import Comments, Suppression
from surfacelint.system.records import record

NOT_CHECKED = "SRF901"
"""The code that no comment can suppress."""

UNUSED = "SRF900"
"""The code of findings about unused suppressions."""


@record(frozen=True, slots=True)
class UnusedSuppression:
    """An unused suppression in the text with `text_key` `key`: the whole comment, or only `codes` if these are given."""

    key: str
    suppression: Suppression
    codes: tuple[str, ...] | None


@record(frozen=True, slots=True)
class Outcome:
    """Live and suppressed findings, both in their original order, and unused suppressions."""

    live: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    unused: tuple[UnusedSuppression, ...]


def match_suppressions(findings: Iterable[Finding], comments: Mapping[str, Comments]) -> Outcome:
    """Split findings into live and suppressed ones. `comments` are those of each text, by `text_key`."""
    given = list(findings)
    by_text: dict[str, list[int]] = {}
    for number, finding in enumerate(given):
        by_text.setdefault(text_key(finding.location), []).append(number)
    suppressed: dict[int, Suppression] = {}
    unused: list[UnusedSuppression] = []
    for key, each in comments.items():
        by_line = _FindingsByLine(given, by_text.get(key, ()))
        for suppression in each.suppressions:
            meant = [number for number in by_line.near(suppression) if _covers(suppression, given[number])]
            meant = [number for number in meant if _is_on_line(suppression, given[number])] or meant
            for number in meant:
                suppressed.setdefault(number, suppression)
            unused += _unused(key, suppression, [given[number] for number in meant])
    live = tuple(finding for number, finding in enumerate(given) if number not in suppressed)
    quiet = tuple(
        replace(finding, suppressed=SuppressedBy("inSource", suppressed[number].reason))
        for number, finding in enumerate(given)
        if number in suppressed
    )
    return Outcome(live, quiet, tuple(unused))


class _FindingsByLine:
    """The findings in one text, as indices into all findings, indexed by line so that each comment looks at few of them."""

    def __init__(self, findings: Sequence[Finding], numbers: Iterable[int]) -> None:
        self._findings = findings
        self._numbers = sorted(numbers, key=lambda number: findings[number].location.span.start.line)
        spans = [findings[number].location.span for number in self._numbers]
        self._starts = [span.start.line for span in spans]
        # For each finding, the last line of it and all before it.
        self._reach = list(accumulate((span.end.line for span in spans), max))
        self._everywhere: dict[tuple[str, ...] | None, list[int]] = {}

    def near(self, suppression: Suppression) -> list[int]:
        """Return the findings on the lines that a comment applies to, and possibly more, in their original order."""
        if suppression.whole_file:
            return self._of_codes(suppression.codes)
        first, last = suppression.lines
        end = bisect_right(self._starts, last)
        begin = end
        while begin and self._reach[begin - 1] >= first:
            begin -= 1
        return sorted(self._numbers[begin:end])

    def _of_codes(self, codes: tuple[str, ...] | None) -> list[int]:
        """Return the findings with any of `codes`. Cached, because a file may have thousands of comments."""
        known = self._everywhere.get(codes)
        if known is None:
            meant = codes or ("",)
            known = sorted(number for number in self._numbers if any(_means(code, self._findings[number]) for code in meant))
            self._everywhere[codes] = known
        return known


def text_key(location: Location) -> str:
    """Return the key of the text that contains a location: its path, and for notebooks the cell."""
    return location.path if location.cell is None else f"{location.path}:cell {location.cell}"


def text_place(key: str) -> tuple[str, int | None]:
    """Return the path and the cell (`None` outside notebooks) of a `text_key`."""
    path, found, cell = key.rpartition(":cell ")
    return (path, int(cell)) if found and cell.isdigit() else (key, None)


def certainly_unused(unused: Iterable[UnusedSuppression], judges: Callable[[str, str | None], bool]) -> Iterator[UnusedSuppression]:
    """Yield the suppressions that are certainly unused. `judges(key, code)` tells whether this run checked all rules of a code.

    Codes of other tools, and flake8's comments without codes, are never reported.
    """
    for each in unused:
        suppression = each.suppression
        if suppression.codes is None:
            if not suppression.noqa and judges(each.key, None):
                yield each
            continue
        ours = [code for code in each.codes or () if not (suppression.noqa and not code.startswith("SRF"))]
        codes = tuple(code for code in ours if judges(each.key, code))
        if codes:
            yield replace(each, codes=codes)


def _covers(suppression: Suppression, finding: Finding) -> bool:
    if finding.rule.code == NOT_CHECKED or not any(_means(code, finding) for code in suppression.codes or ("",)):
        return False
    first, last = suppression.lines
    span = finding.location.span
    if finding.rule.code == UNUSED and span == suppression.span and suppression.codes is None:
        return False
    if suppression.whole_file:
        return True
    return first <= span.start.line <= last if suppression.block else span.start.line <= last and first <= span.end.line


def _is_on_line(suppression: Suppression, finding: Finding) -> bool:
    span = finding.location.span
    return not suppression.whole_file and not suppression.block and span.start.line <= suppression.line <= span.end.line


def _means(code: str, finding: Finding) -> bool:
    return finding.rule.name == code or finding.rule.code.startswith(code)


def _unused(key: str, suppression: Suppression, findings: Iterable[Finding]) -> Iterator[UnusedSuppression]:
    found = list(findings)
    if suppression.codes is None:
        if not found:
            yield UnusedSuppression(key, suppression, None)
        return
    codes = tuple(code for code in suppression.codes if not any(_means(code, finding) for finding in found))
    if codes:
        yield UnusedSuppression(key, suppression, codes)
