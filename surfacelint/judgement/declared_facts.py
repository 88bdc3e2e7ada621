"""Facts that the author declares in comments and configuration, and which of them apply to a call site or silence it."""

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
class FunctionSettings:
    """The configuration of a function: the minimum numbers of items and of calls per day that are worth a batch, and declared facts."""

    min_items: int
    min_calls_per_day: int
    facts: Declaration = NOTHING


@record(frozen=True, slots=True)
class Declarations:
    """The declared facts of one program. `text` returns the text of a module, `settings` the configuration of a function.

    `used` collects the module and line of each comment that applied to a call site.
    """

    text: Callable[[str], str]
    settings: Callable[[FunctionNode], FunctionSettings]
    used: set[tuple[str, int]] = field(default_factory=set)
    _comments: dict[str, tuple[Declared, ...]] = field(default_factory=dict)

    def of(self, function: FunctionNode) -> Declaration:
        """Return the facts declared about a function: in comments at its head or at that of an enclosing function, and in configuration."""
        return _joined((*(each.facts for each in self._heads(function)), self.settings(function).facts))

    def at(self, function: FunctionNode, lines: Iterable[int]) -> Declaration:
        """Return the facts declared about a call site: on `lines` (of its call and its repetitions), and about its function."""
        found: list[Declared] = []
        for line in sorted(lines, reverse=True):
            found += [each for each in self.comments(function.module.name) if not each.block and each.lines[0] <= line <= each.lines[1]]
        heads = self._heads(function)
        self.used.update((function.module.name, each.line) for each in (*found, *heads))
        return _joined((*(each.facts for each in (*found, *heads)), self.settings(function).facts))

    def min_items(self, function: FunctionNode, line: int) -> int:
        """Return the minimum number of items of the repetition at `line`, or 0 if a sufficient volume is declared for it."""
        limits = self.settings(function)
        volume = self.at(function, (line,)).volume
        return 0 if volume is not None and volume >= limits.min_calls_per_day else limits.min_items

    def silence(self, function: FunctionNode, facts: Declaration, window: float | None) -> str:
        """Return why the facts rule out a batch that may take `window` hours (`None` for an immediate remedy), or an empty string."""
        least = self.settings(function).min_calls_per_day
        if facts.one_off:
            return "it is declared as `one-off`"
        if facts.volume is not None and facts.volume < least:
            return f"the declared volume is {facts.volume:.4g} calls per day, below `min-calls-per-day` ({least})"
        if facts.deadline is not None and window is not None and facts.deadline < window:
            return f"the declared deadline is {facts.deadline:g} h, and a batch may take {window:g} h"
        return ""

    def comments(self, module: str) -> tuple[Declared, ...]:
        """Return the comments of a module that declare facts, sorted by line."""
        if module not in self._comments:
            text = self.text(module)
            self._comments[module] = comment_parsing.read(text).declarations if _MENTION in text.lower() else ()
        return self._comments[module]

    def _heads(self, function: FunctionNode) -> list[Declared]:
        """Return the comments at the head of a function and of its enclosing functions, its own first."""
        if function.outline.qualname == MODULE_BODY:
            return []
        start = function.outline.span.start.line
        return [each for each in reversed(self.comments(function.module.name)) if each.block and each.lines[0] <= start <= each.lines[1]]


def _joined(facts: Iterable[Declaration]) -> Declaration:
    """Merge facts. Earlier ones take precedence over later ones."""
    whole = NOTHING
    for each in facts:
        whole = whole.over(each)
    return whole
