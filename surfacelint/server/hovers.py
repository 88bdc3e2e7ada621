"""What the editor shows of the findings at a position: the three answers, the trace, what to do, and the page of the rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surfacelint.model.findings import Applicability, Finding, TraceStep
from surfacelint.server.diagnostics import Placement
from surfacelint.system.printable_text import code_span

_APPLICABILITY = {
    Applicability.SAFE: "A code action applies it: {message}.",
    Applicability.UNSAFE: "A code action applies it, for your review: {message}.",
    Applicability.DISPLAY: "No code action applies it: {message}.",
}


def markdown(findings: Iterable[Finding], placement: Placement) -> str:
    """Return the text for findings at one position."""
    return "\n\n---\n\n".join("\n\n".join(_paragraphs(each, placement)) for each in findings)


def _paragraphs(finding: Finding, placement: Placement) -> Iterator[str]:
    rule = finding.rule
    link = f" · [documentation]({rule.url})" if rule.url else ""
    yield f"**{rule.code}** {rule.name} · {rule.severity.value}{link}"
    yield finding.message
    if finding.answers is not None:
        rows = (
            ("Is a user waiting?", finding.answers.waiting),
            ("Can the items run independently?", finding.answers.independence),
            ("Is the volume worth it?", finding.answers.volume),
        )
        yield "\n".join(("| | |", "|---|---|", *(f"| {question} | {_cell(answer)} |" for question, answer in rows)))
    if finding.trace:
        yield "\n".join(("**Trace**", "", *(f"{number}. {_step(step, placement)}" for number, step in enumerate(finding.trace, 1))))
    if finding.help:
        yield "\n".join(("**What to do**", "", *(f"- {line}" for line in finding.help.split("\n"))))
    yield f"**Fix** {_fix(finding)}"
    yield _page(rule.page)


def _step(step: TraceStep, placement: Placement) -> str:
    at = placement.place(step.location)
    line = at.range.start.line + 1
    name = step.location.path if step.location.cell is None else f"{step.location.path}, cell {step.location.cell}"
    return f"[{code_span(f'{name}:{step.location.span.start.line}')}]({at.uri}#L{line}) {step.note}"


def _fix(finding: Finding) -> str:
    if finding.fix is None:
        return f"There is none: {finding.refusal}." if finding.refusal else "There is none."
    return _APPLICABILITY[finding.fix.applicability].format(message=finding.fix.message)


def _page(page: str) -> str:
    """Return the page of a rule with headings that are smaller than those of the editor."""
    return page.strip().replace("\n## ", "\n#### ")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
