"""Suppressions: the comments that silence findings, and the findings they silence.

Three kinds are known. `# noqa` and `# noqa: SRF101` are flake8's, read with flake8's expression: prefixes of codes
count, and codes are case-sensitive. `# surfacelint: ignore[SRF101] -- reason` takes names of rules too.
`# surfacelint: ignore-file`, and flake8's `# flake8: noqa` on a line of its own, silence a whole file.

A comment counts on any line of the call that a finding stands at. flake8 itself looks at the first line of the call
only; under flake8 a `noqa` therefore belongs there. Only real comments count, whatever strings may say.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from surfacelint.findings import Finding, Location, SuppressedBy

# flake8/defaults.py, NOQA_INLINE_REGEXP and NOQA_FILE
_NOQA = re.compile(r"# noqa(?::[\s]?(?P<codes>([A-Z]+[0-9]+(?:[,\s]+)?)+))?", re.IGNORECASE)
_NOQA_FILE = re.compile(r"# flake8[:=]\s*noqa", re.IGNORECASE)
_IGNORE = re.compile(r"#\s*surfacelint:\s*ignore(?P<file>-file)?(?:\[(?P<codes>[^\]]*)\])?(?=\s|$)")
_REASON = re.compile(r"[^#]*?(?<=\s)--\s+(?P<reason>[^#]*[^#\s])")
_MENTION = re.compile(r"noqa|surfacelint:", re.IGNORECASE)

NOT_CHECKED = "SRF901"
"""The one code that no comment silences."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment that silences findings: on its own `line`, or in the whole file.

    `codes` are codes, prefixes of codes, or names; `None` stands for every rule. `noqa` says that the comment is
    flake8's, `reason` is what stands behind ` -- `.
    """

    line: int
    codes: tuple[str, ...] | None
    whole_file: bool
    noqa: bool
    reason: str = ""

    def silences(self, finding: Finding) -> bool:
        """Say whether the comment silences the finding, given that it is in the same text."""
        span = finding.location.span
        if not self.whole_file and not span.start.line <= self.line <= span.end.line:
            return False
        if finding.rule.code == NOT_CHECKED:
            return False
        return self.codes is None or finding.rule.name in self.codes or finding.rule.code.startswith(self.codes)


def apply(
    findings: Iterable[Finding], text_by_path: Mapping[str, str], noqa: bool = True
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Split findings into live ones and those that a comment silences. Texts are looked up by `text_key` of the location.

    Without `noqa` flake8's comments are left to flake8.
    """
    by_text: dict[str, list[Suppression]] = {}
    live: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        key = text_key(finding.location)
        if key not in by_text:
            by_text[key] = [each for each in read(text_by_path.get(key, "")) if noqa or not each.noqa]
        by = next((suppression for suppression in by_text[key] if suppression.silences(finding)), None)
        if by is None:
            live.append(finding)
        else:
            suppressed.append(replace(finding, suppressed=SuppressedBy("inSource", by.reason)))
    return tuple(live), tuple(suppressed)


def text_key(location: Location) -> str:
    """Return what the text around a location goes by: its path, and the cell of a notebook as users see it."""
    return location.path if location.cell is None else f"{location.path}:cell {location.cell}"


def read(text: str) -> tuple[Suppression, ...]:
    """Return the suppressions in a text, in the order of their lines."""
    if not _MENTION.search(text):
        return ()
    return tuple(found for line, comment, alone in _comments(text) for found in _parse(line, comment, alone))


def _parse(line: int, comment: str, alone: bool) -> Iterator[Suppression]:
    if alone and _NOQA_FILE.match(comment):
        yield Suppression(line, None, whole_file=True, noqa=True, reason=_reason(comment, 1))
    elif found := _NOQA.search(comment):
        yield Suppression(line, _codes(found["codes"]), whole_file=False, noqa=True, reason=_reason(comment, found.end()))
    if found := _IGNORE.search(comment):
        codes = _codes(found["codes"])
        yield Suppression(line, codes, whole_file=found["file"] is not None, noqa=False, reason=_reason(comment, found.end()))


def _reason(comment: str, start: int) -> str:
    """Return what is given as a reason behind the place where a suppression ends."""
    found = _REASON.match(comment, start)
    return found["reason"] if found else ""


def _codes(listed: str | None) -> tuple[str, ...] | None:
    return None if listed is None else tuple(code for code in re.split(r"[,\s]+", listed) if code)


def _comments(text: str) -> list[tuple[int, str, bool]]:
    """Return line, text and whether it stands alone on its line for each comment; for each line if the text has no tokens."""
    lines = io.StringIO(text, newline=None)
    try:
        return [
            (token.start[0], token.string, not token.line[: token.start[1]].strip())
            for token in tokenize.generate_tokens(lines.readline)
            if token.type == tokenize.COMMENT
        ]
    except (tokenize.TokenError, SyntaxError):
        lines.seek(0)
        return [(number, line.lstrip(), True) for number, line in enumerate(lines, start=1)]
