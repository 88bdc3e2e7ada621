"""Colours of the `full` and `concise` formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from surfacelint.system.records import record

Style: TypeAlias = Callable[[str], str]


@record(frozen=True, slots=True)
class Styles:
    """Styles of the parts of a finding: rule code, mark below the source, gutter of line numbers, and labels."""

    code: Style
    mark: Style
    gutter: Style
    label: Style


def _plain(text: str) -> str:
    return text


def _ansi(codes: str) -> Style:
    return lambda text: f"\x1b[{codes}m{text}\x1b[0m"


PLAIN = Styles(_plain, _plain, _plain, _plain)
COLOURED = Styles(code=_ansi("1;31"), mark=_ansi("1;31"), gutter=_ansi("1;34"), label=_ansi("1;36"))


def styles(colour: bool) -> Styles:
    """Return coloured or plain styles."""
    return COLOURED if colour else PLAIN
