"""The `markdown` format: totals, a table of all workloads, and the reason, figures and assumptions of each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from surfacelint.review import row_texts, usage_texts
from surfacelint.review.records import VERDICTS, Review, ReviewedWorkload
from surfacelint.system.printable_text import one_line

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~&!#])")
_MENTION = re.compile(r"@(?=\w)")
_TITLES = ("place", "owners", "model", "repeats", "a user waits", "independent", "volume", "today", "verdict", "saves")
_USAGE_TITLES = ("usage", "cost", "share", "requests", "share", "reason")


def markdown(review: Review) -> str:
    """Return the page."""
    parts = [f"# LLM workloads of {', '.join(map(_escaped, review.repositories))}, {review.date}\n\n"]
    parts += [f"- {_escaped(text)}\n" for text in (*row_texts.summary(review), *usage_texts.summary(review))]
    rows = sorted(review.workloads, key=lambda row: VERDICTS.index(row.verdict))
    if rows:
        parts.append(f"\n| {' | '.join(_TITLES)} |\n|{'---|' * len(_TITLES)}\n")
        parts += [_row(row, review.currency) for row in rows]
        parts.append("\n## Reasons and figures\n\n")
        parts += [_details(row, review.currency) for row in rows]
    parts += _unjoined(review)
    if review.not_checked:
        parts.append("\n## Not checked\n\n")
        parts += [f"- {_escaped(row_texts.problem(each))}\n" for each in review.not_checked]
    return "".join(parts)


def _unjoined(review: Review) -> Iterator[str]:
    """Yield the section on measured usage that could not be joined with a workload."""
    unjoined = [each for usage in review.usage for each in usage.unjoined]
    if unjoined:
        yield "\n## Usage that could not be joined\n\n"
        yield f"| {' | '.join(_USAGE_TITLES)} |\n|{'---|' * len(_USAGE_TITLES)}\n"
        for each in unjoined:
            cells = (usage_texts.title(each), *usage_texts.amounts(each, review.currency), usage_texts.reason(each, review))
            yield f"| {' | '.join(map(_escaped, cells))} |\n"


def _row(row: ReviewedWorkload, currency: str) -> str:
    cells = (
        _code(row_texts.place(row)),
        _escaped(", ".join(row.owners)),
        _escaped(row_texts.models(row)),
        _escaped(row.repetition.text),
        _escaped(row_texts.waits(row)),
        _escaped(row_texts.independence(row)),
        _escaped(row_texts.volume(row)),
        row.surface,
        row.verdict,
        _escaped(row_texts.savings(row, currency)),
    )
    return f"| {' | '.join(cells)} |\n"


def _details(row: ReviewedWorkload, currency: str) -> str:
    lines = [f"- {_code(row_texts.place(row))} {_code(row.call)} in {_code(row.function)}, **{row.verdict}**: {_escaped(row.reason)}"]
    lines += [f"  - {_escaped(text)}" for text in _figures(row, currency)]
    return "\n".join(lines) + "\n"


def _figures(row: ReviewedWorkload, currency: str) -> Iterator[str]:
    for title, text in row_texts.figures(row, currency):
        yield f"{title}: {text}"
    if basis := row_texts.basis(row):
        yield basis


def _escaped(text: str) -> str:
    """Escape Markdown syntax and mentions of users."""
    return _MENTION.sub("@\u200b", _SPECIAL.sub(r"\\\1", one_line(text)))


def _code(text: str) -> str:
    """Return a code span for a table cell, with the characters replaced that would end the span or the cell."""
    return f"`{one_line(text).replace('`', chr(39)).replace('|', chr(0xA6))}`"
