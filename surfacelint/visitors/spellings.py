"""The spelling of code in messages: as in the source, on one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

LONGEST = 60
"""Characters. Longer spellings are cut and end in an ellipsis."""

CUT = "…"

_QUOTED = re.compile(r"`([^`]+)`")
_TOKEN = re.compile(
    r"""(?P<string>\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<blank>(?:\s|\\\n|\#[^\n]*)+)|(?P<comma>,(?:\s|\#[^\n]*)*\n\s*(?=[)\]}]))|(?P<bracket>[()\[\]{}])|[^\s'"()\[\]{},\#]+|.""",
    re.DOTALL,
)


def one_line(code: str) -> str:
    """Return an expression on one line, without comments and trailing commas. Text of several lines in quotes becomes `…`."""
    parts: list[str] = []
    tuples: list[bool] = []
    for token in _TOKEN.finditer(code):
        text = token[0]
        if token["string"] and "\n" in text:
            text = text[:3] + CUT + text[-3:]
        elif token["blank"]:
            text = _blank(text, parts[-1] if parts else "", code[token.end() : token.end() + 1])
        elif token["comma"]:
            text = "," if tuples and tuples[-1] else ""
        elif token["bracket"] and text in "([{":
            tuples.append(text == "(" and not re.search(r"[\w\])}]$", parts[-1] if parts else ""))
        elif token["bracket"] and tuples:
            tuples.pop()
        parts.append(text)
    return "".join(parts)


def _blank(text: str, before: str, after: str) -> str:
    """Return what stands for blanks, line breaks and comments between two tokens."""
    breaks = "\n" in text
    return "" if not after or not before or (breaks and (before in "([{" or after in ")]}")) else " "


def shortened(code: str) -> str:
    """Return an expression on one line, cut to `LONGEST` characters."""
    text = one_line(code)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}{CUT}"


def respelled(message: str, constructs: Iterable[str], parts: Callable[[], Iterable[str]]) -> str:
    """Return a message in which code in backticks is spelled as in the source.

    Code that occurs in the source of the `constructs` stays. For other code, the expressions `parts` are searched: one stands for it if
    it differs from it in nothing but quotes, spaces, line breaks and parts left out as `…`.
    """
    texts = [one_line(code) for code in constructs]
    known: list[tuple[str, str]] | None = None

    def spelled(reported: str) -> str:
        nonlocal known
        if any(reported in text for text in texts) or not reported.strip(CUT):
            return reported
        if known is None:
            known = [(_form(code), code) for code in parts()]
        return _found(reported, known)

    return _QUOTED.sub(lambda found: f"`{spelled(found[1])}`", message)


def _found(reported: str, known: Iterable[tuple[str, str]]) -> str:
    """Return the code of which `reported` is another spelling, or `reported`."""
    pattern = re.compile(".*".join(re.escape(part) for part in _form(reported).split(CUT)), re.DOTALL)
    code = next((code for form, code in known if pattern.fullmatch(form)), None)
    text = reported if code is None else shortened(code)
    return reported if "`" in text else text


def _form(code: str) -> str:
    """Return code without what may differ between two spellings of it."""
    return "".join(one_line(code).replace('"', "'").split())
