"""Colours and hyperlinks of the `full` and `concise` formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from surfacelint.model.findings import RuleInfo
from surfacelint.system.records import record

Style: TypeAlias = Callable[[str], str]


@record(frozen=True, slots=True)
class Styles:
    """Styles of the parts of a finding: rule code, mark below the source, gutter of line numbers, and labels.

    With `links`, a rule code leads to the page of its rule.
    """

    plain_code: Style
    mark: Style
    gutter: Style
    label: Style
    links: bool = False

    def code(self, rule: RuleInfo) -> str:
        """Return the code of a rule, as a link to its page."""
        text = self.plain_code(rule.code)
        # OSC 8: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
        return f"\x1b]8;;{rule.url}\x1b\\{text}\x1b]8;;\x1b\\" if self.links and rule.url else text


def _plain(text: str) -> str:
    return text


def _ansi(codes: str) -> Style:
    return lambda text: f"\x1b[{codes}m{text}\x1b[0m"


PLAIN = Styles(_plain, _plain, _plain, _plain)


def styles(colour: bool, links: bool = False) -> Styles:
    """Return coloured or plain styles, with or without hyperlinks."""
    if not colour:
        return PLAIN
    return Styles(plain_code=_ansi("1;31"), mark=_ansi("1;31"), gutter=_ansi("1;34"), label=_ansi("1;36"), links=links)
