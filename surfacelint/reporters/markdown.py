"""The `markdown` format: a pull request comment with a table of findings and foldable traces, within the size limit of GitHub."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from surfacelint.model.findings import Finding, Report
from surfacelint.reporters.locations import advice, place, sketch, steps
from surfacelint.reporters.totals import count, summary
from surfacelint.system.printable_text import code_span, one_line

LIMIT = 65_536
"""Maximum number of characters in a GitHub comment. We count bytes, to be on the safe side."""

_RESERVE = 1_000
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~&!])")
_MENTION = re.compile(r"([@#])(?=\w)")
_BACKTICKS = re.compile(r"`{3,}")
_HEADER = "| place | rule | finding |\n|---|---|---|\n"


def markdown(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """Return the comment. If it is too long, the last traces are left out first, then the last findings, and their number is stated."""
    head = f"### surfacelint\n\n{_escape(summary(report))}\n"
    room = LIMIT - _RESERVE - _size(head)
    errors = _fitting((f"- {_escape(error)}\n" for error in report.errors), room // 2)
    rows = _fitting((_row(finding) for finding in report.findings), room - _size(*errors))
    traced = [finding for finding in report.findings[: len(rows)] if steps(finding) or advice(finding)]
    traces = _fitting((_folded(finding) for finding in traced), room - _size(*errors, *rows))
    return "".join(
        (
            head,
            *_part("\n**Not checked:**\n\n", errors),
            *_left_out(len(report.errors) - len(errors), "error"),
            *_part(f"\n{_HEADER}", rows),
            *_left_out(len(report.findings) - len(rows), "finding"),
            *_part("", traces),
            *_left_out(len(traced) - len(traces), "trace"),
        )
    )


def _escape(text: str) -> str:
    """Escape Markdown syntax, mentions of users and references to issues."""
    return _MENTION.sub("\\1\u200b", _SPECIAL.sub(r"\\\1", one_line(text)))


def _row(finding: Finding) -> str:
    code = f"[{finding.rule.code}]({finding.rule.url})" if finding.rule.url else finding.rule.code
    return f"| {code_span(place(finding.location))} | {code} | {_escape(finding.message)} |\n"


def _folded(finding: Finding) -> str:
    lines = [f"{number}. {code_span(place(step.location))} {_escape(step.note)}" for number, step in enumerate(steps(finding), start=1)]
    lines += [f"\n{label}: {_escape(text)}" for label, text in advice(finding)]
    if sketch(finding):
        fence = max(("`" * (len(run) + 1) for line in sketch(finding) for run in _BACKTICKS.findall(line)), key=len, default="```")
        lines += [f"\n{fence}python", *sketch(finding), fence]
    title = f"<code>{_entities(place(finding.location))}</code> {finding.rule.code}"
    return f"\n<details><summary>{title}</summary>\n\n" + "\n".join(lines).lstrip("\n") + "\n\n</details>\n"


def _entities(text: str) -> str:
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _size(*parts: str) -> int:
    return sum(len(part.encode("utf-8", "surrogatepass")) for part in parts)


def _fitting(parts: Iterable[str], room: int) -> list[str]:
    """Return the first parts that fit into `room` bytes together."""
    found: list[str] = []
    for part in parts:
        room -= _size(part)
        if room < 0:
            break
        found.append(part)
    return found


def _part(head: str, parts: Sequence[str]) -> Iterator[str]:
    if parts:
        yield head
        yield from parts


def _left_out(number: int, noun: str) -> Iterator[str]:
    if number > 0:
        yield f"\n{count(number, f'more {noun}')} left out: the size of a comment is limited.\n"
