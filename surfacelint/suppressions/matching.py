"""Suppressions: which findings the comments silence, and which comments silence nothing.

A comment silences the findings whose calls stand on its line. Where there are none it silences those of the statement
that it stands in, so that it may stand at the end of a long call or of what holds it; at the head of a function or
class it silences those within. flake8 itself looks at the first line of the call only; under flake8 a `noqa` therefore
belongs there.
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
"""The one code that no comment silences."""

UNUSED = "SRF900"
"""The code of findings about comments that silence nothing."""


@record(frozen=True, slots=True)
class Unused:
    """A comment in the text of that key that silences nothing; with `codes`, these of its codes do not."""

    key: str
    suppression: Suppression
    codes: tuple[str, ...] | None


@record(frozen=True, slots=True)
class Outcome:
    """Findings as comments split them, both in the order in which they were given, and what silences nothing."""

    live: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    unused: tuple[Unused, ...]


def apply(findings: Iterable[Finding], comments: Mapping[str, Comments], noqa: bool = True) -> Outcome:
    """Split findings into live ones and those that a comment silences. Comments are looked up by `text_key` of the location.

    Without `noqa` flake8's comments are left to flake8.
    """
    given = list(findings)
    by_text: dict[str, list[int]] = {}
    for number, finding in enumerate(given):
        by_text.setdefault(text_key(finding.location), []).append(number)
    silenced: dict[int, Suppression] = {}
    unused: list[Unused] = []
    for key, each in comments.items():
        placed = _Placed(given, by_text.get(key, ()))
        for suppression in each.suppressions:
            if suppression.noqa and not noqa:
                continue
            meant = [number for number in placed.near(suppression) if _covers(suppression, given[number])]
            meant = [number for number in meant if _stands_on(suppression, given[number])] or meant
            for number in meant:
                silenced.setdefault(number, suppression)
            unused += _unused(key, suppression, [given[number] for number in meant])
    live = tuple(finding for number, finding in enumerate(given) if number not in silenced)
    quiet = tuple(
        replace(finding, suppressed=SuppressedBy("inSource", silenced[number].reason))
        for number, finding in enumerate(given)
        if number in silenced
    )
    return Outcome(live, quiet, tuple(unused))


class _Placed:
    """The findings in one text, by number, so that a comment need not look at all of them."""

    def __init__(self, findings: Sequence[Finding], numbers: Iterable[int]) -> None:
        self._findings = findings
        self._numbers = sorted(numbers, key=lambda number: findings[number].location.span.start.line)
        spans = [findings[number].location.span for number in self._numbers]
        self._starts = [span.start.line for span in spans]
        # The last line that any finding up to here reaches.
        self._reach = list(accumulate((span.end.line for span in spans), max))
        self._everywhere: dict[tuple[str, ...] | None, list[int]] = {}

    def near(self, suppression: Suppression) -> list[int]:
        """Return all findings on the lines that a comment speaks for, and perhaps more, in the order in which they were given."""
        if suppression.whole_file:
            return self._of_codes(suppression.codes)
        first, last = suppression.lines
        end = bisect_right(self._starts, last)
        begin = end
        while begin and self._reach[begin - 1] >= first:
            begin -= 1
        return sorted(self._numbers[begin:end])

    def _of_codes(self, codes: tuple[str, ...] | None) -> list[int]:
        """Return the findings that any of some codes means, which each of a thousand comments on the file may ask."""
        known = self._everywhere.get(codes)
        if known is None:
            meant = codes or ("",)
            known = sorted(number for number in self._numbers if any(_means(code, self._findings[number]) for code in meant))
            self._everywhere[codes] = known
        return known


def text_key(location: Location) -> str:
    """Return what the text around a location goes by: its path, and the cell of a notebook as users see it."""
    return location.path if location.cell is None else f"{location.path}:cell {location.cell}"


def text_place(key: str) -> tuple[str, int | None]:
    """Return the path and the cell, if there is one, that a `text_key` was made of."""
    path, found, cell = key.rpartition(":cell ")
    return (path, int(cell)) if found and cell.isdigit() else (key, None)


def unjustified(unused: Iterable[Unused], judges: Callable[[str, str | None], bool]) -> Iterator[Unused]:
    """Return what is surely of no use, given who can say so: `judges(key, code)` tells whether all that a code means was looked for.

    Codes of other tools, and flake8's comments without codes, are not ours to judge.
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


def _stands_on(suppression: Suppression, finding: Finding) -> bool:
    span = finding.location.span
    return not suppression.whole_file and not suppression.block and span.start.line <= suppression.line <= span.end.line


def _means(code: str, finding: Finding) -> bool:
    return finding.rule.name == code or finding.rule.code.startswith(code)


def _unused(key: str, suppression: Suppression, findings: Iterable[Finding]) -> Iterator[Unused]:
    found = list(findings)
    if suppression.codes is None:
        if not found:
            yield Unused(key, suppression, None)
        return
    codes = tuple(code for code in suppression.codes if not any(_means(code, finding) for finding in found))
    if codes:
        yield Unused(key, suppression, codes)
