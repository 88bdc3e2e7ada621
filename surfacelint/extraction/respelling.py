"""Spells syntax that is newer than Python 3.10 as Python 3.10 would, so that any Python can read a text. LibCST finds what to respell.

Every name and every call stays in its row and column, which is why there are blanks in odd places:

    def f[T](a): ...        def f   (a): ...       PEP 695, 696
    class A[T = int]: ...   class A         : ...
    type A[T] = B           type;A    = B
    f"{a["b"]!r} c"         (  a["b"]  ,   )       PEP 701; only where the running Python does not accept the string
    t"{a}"                  f"{a}"                 PEP 750
    except A, B:            except(A, B):          PEP 758
    except* A:              except  A:             PEP 654
    a[*b]                   a[ b]                  PEP 646, 798
    lazy import a           lazy;import a          PEP 810

A formatted string becomes a tuple of its fields, and `OlderSpelling.formatted` has the text around them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import accumulate, islice
from typing import Any

import libcst as cst

from surfacelint.extraction.compiler_errors import parses
from surfacelint.extraction.concrete_syntax import ConcreteSyntax, UnreadableSyntaxError, on_large_stack, parse_concrete, spelled
from surfacelint.extraction.older_spelling import FormattedParts, OlderSpelling
from surfacelint.facts.expressions import Position, Span

_TEMPLATE = re.compile(r"(?<!\w)([rR]?)[tT]([rR]?)(?=[\"'])")
"""The prefix of a template string. LibCST cannot read all of them, so it gets formatted strings. Matches in texts do no harm there."""

_REMOVABLE = re.compile(r"[,:][ \t]")

_KEYWORD = len("type")
_EXCEPT = len("except")

_BLANK_AFTER_CONVERSION = re.compile(r"(![rsa])[ \t](?=[ \t]*[:}])")
"""A blank after a conversion in a formatted string. LibCST would drop it, so it gets a colon: a format specification."""


def respell(text: str) -> OlderSpelling | None:
    """Return a text without syntax that is newer than Python 3.10; `None` if it has none, or LibCST cannot parse it."""
    plain = _TEMPLATE.sub(r"\1f\2", text)
    try:
        syntax = parse_concrete(_BLANK_AFTER_CONVERSION.sub(r"\1:", plain))
        return on_large_stack(lambda: _Respelling(text, plain, syntax).result())
    except UnreadableSyntaxError:
        return None


class _Respelling:
    """The characters of a text while they are respelled. Each keeps its place in the list, and becomes another, none or several.

    `plain` is the text with formatted strings in place of template strings, and `syntax` the syntax of that.
    """

    def __init__(self, text: str, plain: str, syntax: ConcreteSyntax) -> None:
        self._text = text
        self._plain = plain
        self._syntax = syntax
        self._characters = list(text)
        self._starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self._formatted: dict[Span, FormattedParts] = {}
        self._inside: set[int] = set()

    def result(self) -> OlderSpelling | None:
        """Return the older spelling of the text, or `None` if it is the same."""
        spans = self._syntax.spans
        parts = {id(part) for node in spans if isinstance(node, cst.ConcatenatedString) for part in (node.left, node.right)}
        nodes = [node for node in spans if type(node) in _RESPELLED and id(node) not in parts]
        # From the last to the first, because the text around the fields of a string is blanked after the strings in its fields.
        for node in sorted(nodes, key=self._start, reverse=True):
            _RESPELLED[type(node)](self, node)
        older = "".join(self._characters)
        return None if older == self._text else OlderSpelling(older, self._formatted, frozenset(self._inside))

    # Places.

    def _offset(self, position: Position) -> int:
        return self._starts[position.line - 1] + position.column

    def _start(self, node: cst.CSTNode) -> int:
        return self._offset(self._syntax.spans[node].start)

    def _end(self, node: cst.CSTNode) -> int:
        return self._offset(self._syntax.spans[node].end)

    def _source(self, node: cst.CSTNode) -> str:
        """Return the original source of a node, in which template strings are still such."""
        return self._text[self._start(node) : self._end(node)]

    # Changes.

    def _blank(self, start: int, end: int, newline: str = "\n") -> None:
        for offset in range(start, end):
            self._characters[offset] = newline if self._text[offset] == "\n" else " "

    def _shorten(self, start: int, end: int, by: int) -> None:
        """Remove up to `by` blanks after commas and colons, so that what follows is in its column."""
        for found in islice(_REMOVABLE.finditer(self._text, start, end), by):
            self._characters[found.end() - 1] = ""

    def _put(self, sign: str, offset: int) -> int:
        """Put a sign in the place of a blank (or a star that was blanked) at an offset; between two characters if there is none.

        Returns the number of columns by which what follows moves.
        """
        if self._characters[offset] in (" ", "\t"):
            self._characters[offset] = sign
            return 0
        self._characters[offset - 1] += sign
        return len(sign)

    # Nodes.

    def type_parameters(self, node: cst.TypeParameters) -> None:
        self._blank(self._start(node), self._end(node), newline="\\\n")

    def soft_keyword(self, node: cst.TypeAlias | cst.LazyImport | cst.LazyImportFrom) -> None:
        """Make a keyword a statement of its own: the name `type` or `lazy`."""
        self._put(";", self._start(node) + _KEYWORD)

    def handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> None:
        opening = self._start(node) + _EXCEPT
        if isinstance(node, cst.ExceptStarHandler):
            star = self._text.index("*", opening)
            self._blank(star, star + 1)
        if isinstance(node.type, cst.Tuple) and not node.type.lpar:
            colon = self._text.index(":", self._end(node.type))
            self._characters[colon] = "):"
            self._shorten(opening, colon + 2, by=1 + self._put("(", opening))

    def index(self, node: cst.Index) -> None:
        if node.star:
            self._blank(self._start(node), self._start(node) + 1)

    def starred_annotation(self, node: cst.Annotation) -> None:
        self._starred(node.annotation)

    def unpacking(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> None:
        self._starred(node.elt)

    def _starred(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.StarredElement):
            self._blank(self._start(node), self._start(node) + 1)

    def dict_unpacking(self, node: cst.StarredDictComp) -> None:
        stars = self._text.index("**", self._start(node))
        self._blank(stars, stars + 2)

    # Strings.

    def string(self, node: cst.FormattedString | cst.ConcatenatedString) -> None:
        start, end = self._start(node), self._end(node)
        leaves = list(_leaves(node))
        if not any(isinstance(leaf, cst.FormattedString) for leaf in leaves):
            return
        for leaf in leaves:
            for offset in range(self._start(leaf), self._start(leaf) + len(leaf.prefix)):
                if self._text[offset] in "tT":
                    self._characters[offset] = "f"
        if parses(f"({self._plain[start:end]}\n)"):
            return
        parts: list[str | int] = []
        for leaf in leaves:
            self._leaf(leaf, parts)
        self._characters[start], self._characters[end - 1] = "(", ")"
        self._formatted[self._syntax.spans[node]] = _merged(parts)

    def _leaf(self, leaf: cst.SimpleString | cst.FormattedString, parts: list[str | int]) -> None:
        """Blank a string except for its fields, with a comma after each, and add its parts to `parts`."""
        done = self._start(leaf)
        self._inside.update(range(self._syntax.spans[leaf].start.line, self._syntax.spans[leaf].end.line))
        if isinstance(leaf, cst.SimpleString):
            parts.append(str(ast.literal_eval(self._source(leaf))))
        else:
            for content in leaf.parts:
                if isinstance(content, cst.FormattedStringText):
                    parts.append(_decoded(self._source(content), leaf.prefix))
                elif isinstance(content, cst.FormattedStringExpression):
                    self._blank(done, self._start(content) + 1)
                    self._field(content, parts)
                    done = self._end(content)
        self._blank(done, self._end(leaf))

    def _field(self, field: cst.FormattedStringExpression, parts: list[str | int]) -> None:
        """Leave only the expression of a field, with a comma after it, and add its parts to `parts`."""
        inside = (field.whitespace_before_expression, field.expression, field.whitespace_after_expression)
        kept = self._start(field) + 1 + sum(len(spelled(self._syntax.module, each)) for each in inside)
        end = self._end(field)
        if field.equal is not None:
            parts.append(self._text[self._start(field) + 1 : kept])
            self._blank(self._start(field.equal), self._end(field.equal))
        parts.append(_elements(field.expression))
        self._blank(kept, end)
        self._characters[end - 1] = " " if _ends_with_comma(field.expression) else ","


def _leaves(node: cst.CSTNode) -> Iterator[cst.SimpleString | cst.FormattedString]:
    """Yield the strings of a concatenation in order."""
    while isinstance(node, cst.ConcatenatedString):
        yield from _leaves(node.left)
        node = node.right
    if isinstance(node, cst.SimpleString | cst.FormattedString):
        yield node


def _elements(field: cst.BaseExpression) -> int:
    """Return the number of elements that a field has in a tuple."""
    return len(field.elements) if isinstance(field, cst.Tuple) and not field.lpar else 1


def _ends_with_comma(field: cst.BaseExpression) -> bool:
    return isinstance(field, cst.Tuple) and not field.lpar and isinstance(field.elements[-1].comma, cst.Comma)


def _decoded(source: str, prefix: str) -> str:
    """Return the text that a part of a formatted string stands for."""
    text = source.replace("{{", "{").replace("}}", "}")
    if "\\" not in text or "r" in prefix.lower():
        return text
    with suppress(SyntaxError, ValueError):
        quoted = re.sub(r'\\[\s\S]|"', lambda found: '\\"' if found.group() == '"' else found.group(), text)
        return str(ast.literal_eval(f'"""{quoted}"""'))
    return text


def _merged(parts: list[str | int]) -> FormattedParts:
    """Return the parts with adjacent texts as one."""
    merged: list[str | int] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return tuple(merged)


# Each method only gets nodes of its key's type.
_RESPELLED: dict[type[cst.CSTNode], Callable[[_Respelling, Any], None]] = {
    cst.TypeParameters: _Respelling.type_parameters,
    cst.TypeAlias: _Respelling.soft_keyword,
    cst.LazyImport: _Respelling.soft_keyword,
    cst.LazyImportFrom: _Respelling.soft_keyword,
    cst.ExceptHandler: _Respelling.handler,
    cst.ExceptStarHandler: _Respelling.handler,
    cst.Index: _Respelling.index,
    cst.Annotation: _Respelling.starred_annotation,
    cst.ListComp: _Respelling.unpacking,
    cst.SetComp: _Respelling.unpacking,
    cst.GeneratorExp: _Respelling.unpacking,
    cst.StarredDictComp: _Respelling.dict_unpacking,
    cst.FormattedString: _Respelling.string,
    cst.ConcatenatedString: _Respelling.string,
}
