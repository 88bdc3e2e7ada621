"""The spelling of code in messages: as in the source, on one line."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 60
"""Characters. Longer spellings are cut and end in an ellipsis."""

_QUOTED = re.compile(r"`([^`]+)`")
_COMMENT = re.compile(r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|#[^\n]*""")
_CUT = "…"


def one_line(code: str) -> str:
    """Return an expression on one line: without comments, line breaks, and commas before a closing bracket."""
    text = " ".join(_COMMENT.sub(lambda found: found[1] or "", code).split())
    return re.sub(r"([(\[{]) ", r"\1", re.sub(r",? ([)\]}])", r"\1", text))


def shortened(code: str) -> str:
    """Return an expression on one line, cut to `LONGEST` characters."""
    text = one_line(code)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}{_CUT}"


def respelled(message: str, spellings: Iterable[str]) -> str:
    """Return a message in which code in backticks is spelled as in the source.

    `spellings` is the source of expressions. An expression stands for code in backticks that differs from it in nothing but quotes,
    spaces, line breaks and parts left out as `…`.
    """
    known = [(_form(code), code) for code in spellings]
    return _QUOTED.sub(lambda found: f"`{_spelled(found[1], known)}`", message)


def _spelled(reported: str, known: list[tuple[str, str]]) -> str:
    form = _form(reported)
    pattern = re.compile(".*".join(re.escape(part) for part in form.split(_CUT)), re.DOTALL)
    found = next((code for other, code in known if pattern.fullmatch(other)), None) if form.strip(_CUT) else None
    spelled = reported if found is None else shortened(found)
    return reported if "`" in spelled else spelled


def _form(code: str) -> str:
    """Return code without what may differ between two spellings of it."""
    return re.sub(r",(?=[)\]}])", "", "".join(one_line(code).replace('"', "'").split()))
