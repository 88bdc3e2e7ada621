"""Measures how deeply a text nests, without a parser, so that no parser has to overflow its stack to find out.

What adds a level to a syntax tree is an open bracket, a field of a formatted string, or one more token in a chain of operators,
attributes, calls or adjacent strings. A comma or the end of a statement ends a chain.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Nesting: TypeAlias = Literal["shallow", "deep", "too deep"]

MOST_LEVELS = 200
"""The maximum number of nested brackets and fields. CPython refuses more, too."""

LONGEST_CHAIN = 1_000
"""The maximum number of tokens without a comma between them, in a statement and the brackets that are open in it."""

MOST_BRANCHES = 2_000
"""The maximum number of `elif` in a file, each of which is inside the one before."""

SHALLOW_LEVELS, SHALLOW_CHAIN, SHALLOW_BRANCHES, SHALLOW_BLOCKS = 10, 100, 50, 10
"""The maximum numbers of brackets, tokens, `elif` and blocks in each other in code that takes half a megabyte of the stack."""

MOST_IN_PATTERN = 10
"""The maximum number of nested brackets in a `case` or `del`, which LibCST reads in a time that doubles with each."""

_TOKEN = re.compile(
    r"(?P<blank>[ \t\f]+|\\\n?|#[^\n]*)|(?P<end>[,;\n])|(?P<prefix>[A-Za-z]{0,2})(?P<quote>\"\"\"|'''|[\"'])"
    r"|(?P<word>\w+)|(?P<open>[(\[{])|(?P<close>[)\]}])|[\s\S]"
)
_INDENT = re.compile(r"([ \t\f]*)[^ \t\f\n#]")
_IN_TEXT = re.compile(r"\\[^{}]|\{\{|[{}\"'\n]")
_REST = {
    '"""': re.compile(r'[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*"""'),
    "'''": re.compile(r"[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*'''"),
    '"': re.compile(r'[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"'),
    "'": re.compile(r"[^'\\\n]*(?:\\[\s\S][^'\\\n]*)*'"),
}
"""The rest of a string after its opening quotes."""

_SPEC = ":"


class _Scan:
    """The levels around a position of a text, outermost first: how each was opened, and how many tokens its last chain has.

    A formatted string is a level of text, opened by its quotes. So is a format specification, opened by a colon. `blocks` are the columns
    at which the blocks around a line begin.
    """

    __slots__ = ("blocks", "chains", "opened", "patterns", "position", "text", "total")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.opened = [""]
        self.chains = [0]
        self.total = 0
        self.patterns = False
        self.blocks = [0]

    @property
    def is_shallow(self) -> bool:
        return self.total <= SHALLOW_CHAIN and len(self.opened) <= SHALLOW_LEVELS and len(self.blocks) <= SHALLOW_BLOCKS

    @property
    def is_too_deep(self) -> bool:
        return self.total > LONGEST_CHAIN or len(self.opened) > (MOST_IN_PATTERN if self.patterns else MOST_LEVELS)

    def advance(self) -> None:
        """Read the next token, or the next part of the text of a formatted string."""
        if self._is_text(-1):
            self._advance_in_text()
            return
        found = _TOKEN.match(self.text, self.position)
        assert found is not None
        self.position = found.end()
        if found["quote"]:
            self._string(found["prefix"].lower(), found["quote"])
        elif found["close"]:
            self._close()
            self._count()
        elif found["end"]:
            self._end(found["end"])
        elif found["blank"] is None:
            self._token(found)

    def _count(self) -> None:
        self.chains[-1] += 1
        self.total += 1

    def _token(self, found: re.Match[str]) -> None:
        self._count()
        if found["open"]:
            self._open(found["open"])
        elif found.group() == ":" and self.opened[-1] == "{" and self._is_text(-2):
            self._open(_SPEC)
        elif len(self.opened) == 1:
            self.patterns = found["word"] in ("case", "del") or (self.patterns and found.group() != ":")

    def _end(self, sign: str) -> None:
        """End a chain. A line break inside brackets does not."""
        if sign == "," or len(self.opened) == 1:
            self.total -= self.chains[-1]
            self.chains[-1] = 0
        if sign != "," and len(self.opened) == 1:
            self.patterns = False
        if sign == "\n" and len(self.opened) == 1:
            self._begin_line()

    def _begin_line(self) -> None:
        """Note the blocks around the next line, by how far they are indented, unless it has no code."""
        found = _INDENT.match(self.text, self.position)
        if found is not None:
            width = len(found[1])
            while self.blocks[-1] > width:
                self.blocks.pop()
            if self.blocks[-1] < width:
                self.blocks.append(width)

    def _string(self, prefix: str, quote: str) -> None:
        self._count()
        if "f" in prefix or "t" in prefix:
            self._open(quote)
            return
        rest = _REST[quote].match(self.text, self.position)
        if rest is not None:
            self.position = rest.end()

    def _advance_in_text(self) -> None:
        quote = next(each for each in reversed(self.opened) if each in _REST)
        found = _IN_TEXT.search(self.text, self.position)
        self.position = len(self.text) if found is None else found.end()
        sign = "" if found is None else found.group()
        if sign == "{":
            self._open(sign)
        elif sign == "}" and self.opened[-1] == _SPEC:
            self._close()
            self._close()
        elif (sign and self.text.startswith(quote, self.position - len(sign))) or (sign == "\n" and len(quote) == 1):
            self.position += len(quote) - len(sign) if sign != "\n" else 0
            while self._close() != quote:
                pass

    def _is_text(self, level: int) -> bool:
        return len(self.opened) >= -level and (self.opened[level] in _REST or self.opened[level] == _SPEC)

    def _open(self, sign: str) -> None:
        self.opened.append(sign)
        self.chains.append(0)

    def _close(self) -> str:
        """Close the innermost level, if there is one, and return how it was opened."""
        if len(self.opened) == 1:
            return ""
        self.total -= self.chains.pop()
        return self.opened.pop()


def nesting(text: str) -> Nesting:
    """Return whether the tree of a text may be deeper than LibCST reads safely and soon, or than it reads on an ordinary stack."""
    branches = text.count("elif")
    if branches > MOST_BRANCHES:
        return "too deep"
    scan = _Scan(text)
    is_shallow = branches <= SHALLOW_BRANCHES
    while scan.position < len(text):
        scan.advance()
        if scan.is_too_deep:
            return "too deep"
        is_shallow = is_shallow and scan.is_shallow
    return "shallow" if is_shallow else "deep"
