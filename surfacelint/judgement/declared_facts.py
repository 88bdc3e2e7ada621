"""Facts that only the author knows, declared in comments and in configuration: what they say of a site, and what they make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field

from surfacelint.facts.comment_directives import Declaration
from surfacelint.facts.module_outlines import MODULE_BODY
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.suppressions import comment_parsing
from surfacelint.suppressions.comment_parsing import Declared
from surfacelint.system.records import record

NOTHING = Declaration()

_MENTION = "surfacelint:"


@record(frozen=True, slots=True)
class Settings:
    """What configuration says about a function: the least numbers of items and of calls a day that are worth it, and declared facts."""

    min_items: int
    min_calls_per_day: int
    facts: Declaration = NOTHING


@record(frozen=True, slots=True)
class Declarations:
    """Answers what is declared, for one program. `text` returns the text of a module, `settings` what is configured for a function.

    `used` collects the comments that were asked for, by module and line.
    """

    text: Callable[[str], str]
    settings: Callable[[FunctionNode], Settings]
    used: set[tuple[str, int]] = field(default_factory=set)
    _comments: dict[str, tuple[Declared, ...]] = field(default_factory=dict)

    def of(self, function: FunctionNode) -> Declaration:
        """Return what is declared about a function: at its head or that of what it stands in, and by configuration."""
        return _joined((*(each.facts for each in self._heads(function)), self.settings(function).facts))

    def at(self, function: FunctionNode, lines: Iterable[int]) -> Declaration:
        """Return what is declared about a site: on the lines of its call and of what repeats it, and about its function."""
        found: list[Declared] = []
        for line in sorted(lines, reverse=True):
            found += [each for each in self.comments(function.module.name) if not each.block and each.lines[0] <= line <= each.lines[1]]
        heads = self._heads(function)
        self.used.update((function.module.name, each.line) for each in (*found, *heads))
        return _joined((*(each.facts for each in (*found, *heads)), self.settings(function).facts))

    def min_items(self, function: FunctionNode, line: int) -> int:
        """Return the least number of items that a repetition has to have. A declared volume that is worth it makes that none."""
        limits = self.settings(function)
        volume = self.at(function, (line,)).volume
        return 0 if volume is not None and volume >= limits.min_calls_per_day else limits.min_items

    def silence(self, function: FunctionNode, facts: Declaration, window: float | None) -> str:
        """Return why who knows the facts would not ask for a batch that may take `window` hours; empty if he would."""
        least = self.settings(function).min_calls_per_day
        if facts.one_off:
            return "it is declared to be a one-off"
        if facts.volume is not None and facts.volume < least:
            return f"{facts.volume:.4g} calls a day are declared, and min-calls-per-day is {least}"
        if facts.deadline is not None and window is not None and facts.deadline < window:
            return f"a deadline of {facts.deadline:g} h is declared, and a batch may take {window:g} h"
        return ""

    def comments(self, module: str) -> tuple[Declared, ...]:
        """Return the comments of a module that declare facts, by line."""
        if module not in self._comments:
            text = self.text(module)
            self._comments[module] = comment_parsing.read(text).declarations if _MENTION in text.lower() else ()
        return self._comments[module]

    def _heads(self, function: FunctionNode) -> list[Declared]:
        """Return the comments at the head of a function and of those that it stands in, its own first."""
        if function.outline.qualname == MODULE_BODY:
            return []
        start = function.outline.span.start.line
        return [each for each in reversed(self.comments(function.module.name)) if each.block and each.lines[0] <= start <= each.lines[1]]


def _joined(facts: Iterable[Declaration]) -> Declaration:
    """Return all facts as one, those that come first over the others."""
    whole = NOTHING
    for each in facts:
        whole = whole.over(each)
    return whole
