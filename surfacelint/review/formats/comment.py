"""The `comment` format: what a change adds, as one Markdown comment on a pull request.

Its first line is a tag by which a later run finds the comment and replaces it.
"""

from __future__ import annotations

from surfacelint.review import change_texts, row_texts
from surfacelint.review.formats.markdown_text import escaped, table
from surfacelint.review.records import Review
from surfacelint.system.printable_text import code_span

TAG = "<!-- surfacelint review -->"

_MOST = 50
"""Most changes in a comment. GitHub refuses comments of more than 65,536 characters."""


def comment(review: Review) -> str:
    """Return the comment for a review that was compared with an earlier one."""
    comparison = review.comparison
    assert comparison is not None
    changes = [each for each in comparison.changes if each.kind != "overdue"]
    several = len(review.repositories) > 1
    parts = [TAG, "", "### LLM workloads", "", escaped(change_texts.heading(comparison)), ""]
    if changes:
        shown = change_texts.rows(review, changes[:_MOST])
        cells = [(kind, code_span(where), code_span(name), *map(escaped, rest)) for kind, where, name, *rest in shown]
        parts += [table(change_texts.TITLES, cells), ""]
    if len(changes) > _MOST:
        parts += [f"{len(changes) - _MOST} more are in the review.", ""]
    new = {(each.repository, each.workload) for each in changes[:_MOST] if each.kind == "new"}
    for row in review.workloads:
        if (row.repository, row.id) in new:
            parts.append(f"- {code_span(row_texts.place(row, with_repository=several))}, **{row.verdict}**: {escaped(row.reason)}")
            parts += [f"  - {escaped(f'{title}: {text}')}" for title, text in row_texts.figures(row, review.currency)]
            parts += [f"  - {escaped(basis)}" for basis in (row_texts.basis(row),) if basis]
    parts += [f"- Not checked: {escaped(row_texts.problem(each, with_repository=several))}" for each in review.not_checked]
    return "\n".join(parts).rstrip("\n") + "\n"
