"""Alternatives in glob patterns: `{src,tools}/*.py` stands for `src/*.py` and `tools/*.py`, as in ruff. They may be nested."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1_000)
def alternatives(pattern: str) -> tuple[str, ...]:
    """Return the patterns without braces that a pattern stands for. A brace without a partner is an ordinary character."""
    start = pattern.find("{")
    while start >= 0:
        parts = _parts(pattern, start)
        if parts is not None:
            choices, end = parts
            return tuple(whole for choice in choices for whole in alternatives(pattern[:start] + choice + pattern[end:]))
        start = pattern.find("{", start + 1)
    return (pattern,)


def separated(text: str) -> list[str]:
    """Return the parts between the commas of a list, except commas inside braces."""
    words, depth = [""], 0
    for character in text:
        depth = max(0, depth + (character == "{") - (character == "}"))
        if character == "," and not depth:
            words.append("")
        else:
            words[-1] += character
    return words if not depth else text.split(",")


def _parts(pattern: str, start: int) -> tuple[list[str], int] | None:
    """Return the alternatives of the brace at `start`, and the end of its partner; `None` if it has none."""
    depth, begin = 0, start + 1
    choices: list[str] = []
    for index in range(start, len(pattern)):
        match pattern[index]:
            case "{":
                depth += 1
            case "}":
                depth -= 1
            case ",":
                pass
            case _:
                continue
        if depth == 0 or (depth == 1 and pattern[index] == ","):
            choices.append(pattern[begin:index])
            begin = index + 1
        if depth == 0:
            return choices, begin
    return None
