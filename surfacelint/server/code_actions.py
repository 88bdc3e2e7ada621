"""Code actions on findings: which there are, and the question whose answer is their edit.

Listing them needs no analysis. The edit of an action is computed when the user chooses it, if the client can wait for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from lsprotocol import types

from surfacelint.facts.comment_directives import Declaration, parse
from surfacelint.fixing.comment_additions import can_hold_comment
from surfacelint.fixing.fix_selection import is_applicable
from surfacelint.model.findings import Applicability, Finding
from surfacelint.server.open_documents import Snapshot
from surfacelint.server.questions import AddComment, AddToBaseline, ApplyFixes, Question, Scope
from surfacelint.suppressions.baseline_file import is_kept

FIX_ALL = "source.fixAll.surfacelint"
"""The kind of the action that applies all safe fixes of a file, as when it is saved."""

KINDS = (types.CodeActionKind.QuickFix, FIX_ALL)

REASON = "TODO: say why"
"""The reason in a suppression comment, for the user to replace."""

FACT = "volume=100/day"
"""The declared fact in a comment, for the user to replace."""

Deed: TypeAlias = Literal["fix", "fix-all", "suppress", "declare", "baseline"]


class ActionError(Exception):
    """An action that cannot be done. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an action carries from its listing to its edit: the deed, the document, and the finding by its code and place.

    `reason` and `fact` are texts of comments, which the client may replace after it has asked the user.
    """

    deed: Deed
    uri: str
    code: str = ""
    line: int = 0
    column: int = 0
    reason: str = REASON
    fact: str = FACT

    @classmethod
    def read(cls, data: object) -> Chosen:
        """Read the data of an action. Raises ActionError."""
        try:
            chosen = cls(**data) if isinstance(data, Mapping) else None
        except TypeError:
            chosen = None
        if chosen is None or not all(isinstance(each, str) for each in (chosen.uri, chosen.code, chosen.reason, chosen.fact)):
            raise ActionError("this is no action of surfacelint")
        if "#" in chosen.reason or "\n" in chosen.reason:
            raise ActionError("a reason becomes part of a comment: it must be one line without #")
        if not isinstance(parse(chosen.fact), Declaration):
            raise ActionError(f"{chosen.fact!r} is no fact; write volume=200/day, deadline=1h, one-off, user-waits or background")
        return chosen

    def data(self) -> dict[str, Any]:
        """Return the data for the action."""
        return {name: getattr(self, name) for name in self.__slots__}

    def finding(self, findings: Iterable[Finding]) -> Finding:
        """Return the finding that is meant. Raises ActionError if it is gone."""
        for each in findings:
            start = each.location.span.start
            if (each.rule.code, start.line, start.column) == (self.code, self.line, self.column):
                return each
        raise ActionError("the finding is gone")


@dataclass(frozen=True, slots=True)
class ClientActions:
    """What the client can do with code actions."""

    resolves: bool
    shows_disabled: bool

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities) -> ClientActions:
        """Read the capabilities of a client."""
        known = capabilities.text_document.code_action if capabilities.text_document is not None else None
        if known is None:
            return cls(False, False)
        support = known.resolve_support
        resolves = support is not None and "edit" in support.properties and bool(known.data_support)
        return cls(resolves, bool(known.disabled_support))

    def listed(
        self, uri: str, findings: Iterable[tuple[Finding, types.Diagnostic]], only: Iterable[types.CodeActionKind | str] | None
    ) -> Iterator[types.CodeAction]:
        """Yield the actions on findings at the cursor, and those on the whole document, of the kinds that the client wants."""
        given = list(findings)
        wanted = None if only is None else [str(getattr(kind, "value", kind)) for kind in only]
        for action in (*(each for pair in given for each in self._on(uri, *pair)), *_on_document(uri)):
            kind = str(getattr(action.kind, "value", action.kind))
            if wanted is None or any(kind == each or kind.startswith(f"{each}.") or not each for each in wanted):
                yield action

    def _on(self, uri: str, finding: Finding, shown: types.Diagnostic) -> Iterator[types.CodeAction]:
        start = finding.location.span.start
        chosen = Chosen("fix", uri, finding.rule.code, start.line, start.column)

        def action(title: str, deed: Deed, **more: Any) -> types.CodeAction:
            data = replace(chosen, deed=deed).data()
            return types.CodeAction(title, types.CodeActionKind.QuickFix, [shown], data=data, **more)

        code = finding.rule.code
        if finding.fix is not None and is_applicable(finding.fix, unsafe=True):
            is_safe = finding.fix.applicability is Applicability.SAFE
            yield action(f"{_sentence(finding.fix.message)} ({code}{'' if is_safe else ', needs review'})", "fix", is_preferred=is_safe)
        elif finding.refusal and self.shows_disabled:
            yield action(f"Fix {code}", "fix", disabled=types.CodeActionDisabled(finding.refusal))
        if can_hold_comment(finding):
            yield action(f"Suppress {code} here, with a reason", "suppress")
        if finding.answers is not None and finding.answers.volume_decides:
            yield action("Declare the volume of this workload", "declare")
        if is_kept(finding):
            yield action(f"Add this {code} to the baseline", "baseline")


def _on_document(uri: str) -> Iterator[types.CodeAction]:
    yield types.CodeAction("Apply all safe fixes of surfacelint", FIX_ALL, data=Chosen("fix-all", uri).data())


def question(chosen: Chosen, scope: Scope, path: Path, findings: Iterable[Finding], documents: Snapshot) -> Question:
    """Return the question whose answer is the edit of an action. `findings` are those in its document. Raises ActionError."""
    texts = documents.texts()
    if chosen.deed == "fix-all":
        return ApplyFixes(scope, texts, path)
    finding = chosen.finding(findings)
    if chosen.deed == "fix":
        return ApplyFixes(scope, texts, path, finding)
    if chosen.deed == "baseline":
        return AddToBaseline(scope, texts, finding, documents.others())
    if chosen.deed == "declare":
        return AddComment(scope, texts, finding, fact=chosen.fact)
    return AddComment(scope, texts, finding, reason=chosen.reason)


def annotation(chosen: Chosen, findings: Iterable[Finding]) -> types.ChangeAnnotation | None:
    """Return how the client describes the edit of an action for preview: one that changes what the code does needs confirmation."""
    if chosen.deed != "fix":
        return None
    fix = chosen.finding(findings).fix
    if fix is None or fix.applicability is Applicability.SAFE:
        return None
    return types.ChangeAnnotation(
        _sentence(fix.message), needs_confirmation=True, description=f"{chosen.code}: see the documentation of the rule"
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
