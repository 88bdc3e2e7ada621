"""The few colours of the formats for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from surfacelint.system.records import record

Style: TypeAlias = Callable[[str], str]


@record(frozen=True, slots=True)
class Styles:
    """What each part of a finding looks like."""

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
    """Return the styles to use."""
    return COLOURED if colour else PLAIN
