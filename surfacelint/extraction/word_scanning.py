"""Extracts sketches of modules from their text, in a quarter of the time of parsing.

Removes comments and long strings, and finds statements by their indentation. This is correct for valid Python. The names
and words of a statement may include too many, which only means that more modules are analysed than needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, islice, takewhile
from keyword import iskeyword
from typing import NamedTuple

from surfacelint.facts.mentioned_words import NAME, ClassSketch, Definition, Method, Sketch, words

_LITERAL = re.compile(
    r'((?<!["\'])#[^\n]*|"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*"""|' + r"'''[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*''')"
    r'|"[^"\\\n()\[\]{}]*"|' + r"'[^'\\\n()\[\]{}]*'" + r'|("(?:[^"\\\n]|\\[\s\S])*"|' + r"'(?:[^'\\\n]|\\[\s\S])*')"
)
"""A comment or a long string (group 1), a string without brackets (no group), or one with brackets (group 2).

After a quote, `#` may be the text of a string in a field of another one, so it does not count as a comment.
"""

_DEFINITION = re.compile(rf"(?:async[ \t]+)?(?:def|class)[ \t]+({NAME})").match
_IMPORT = re.compile(r"(?:lazy[ \t]+)?(?:import|from)\b").match
_COMPOUND = re.compile(r"(?:if|elif|else|try|except|finally|with|for|while|match|case|async)\b(?![ \t]*=)").match
_STARTS_ANEW = re.compile(r"\s*(?:@|(?:async[ \t]+)?def\b|class\b|import\b)").match
_DECORATED = re.compile(r"\s*@").match
_MOST_INDENTED = 200
"""The maximum indentation of handwritten code in columns."""
_BODY = re.compile(r":[ \t]*\n(?:[ \t]*\n)*([ \t]+)\S").finditer

_ASSIGNED = re.compile(r"[()\[\]{}:]|(?<![=!<>])=(?!=)").finditer
_MOST_SIGNS = 200
"""The maximum number of brackets and signs up to the last target of a statement."""
_INDEX = re.compile(r"(?<=[\w\])])[ \t]*\[[^\[\]]*\]|\.\s*\w+|'[^'\n]*'|\"[^\"\n]*\"")
_NAMED = re.compile(rf"(?<!\w)({NAME})\s*:=").findall
_BOUND_BY_HEAD = re.compile(r"\bas\b([^=:]+)|\bfor\b((?:(?!\bfor\b).)+?)\bin\b", re.DOTALL).findall
_BEGINNING = re.compile(rf"[( \t]*({NAME})").match
_ONE_AFTER_THE_OTHER = re.compile(r"[;:]").split
_USED = re.compile(rf"(?<![\w.])({NAME})\.").findall
_BECOMES = r"[ \t]*(?:[-+*/|&^%@]|//|\*\*|<<|>>)?=(?!=)"
_SET = re.compile(rf"(\]){_BECOMES}").finditer, re.compile(rf"(\.\w+){_BECOMES}").finditer
_ROOT = re.compile(rf"(?<![\w.\])])({NAME})(?:\s*\.\w+|\s*\[(?:[^\[\]]|\[[^\[\]]*\])*\])+\Z").search
_LONGEST_TARGET = 300
"""The maximum length of an attribute or item that is assigned."""

_DECORATORS = re.compile(rf"\n[ \t]*@[ \t]*({NAME})").findall
_GLOBALS = re.compile(r"global(?<!\wglobal)[ \t]+([^\n;]+)").findall

_HEADERS = re.compile(rf"\n([ \t]*)(?:async[ \t]+)?(def|class)[ \t]+({NAME})").finditer
_OPENING = re.compile(r"[ \t]*(?:\[(?:(?!\][ \t]*:)[\s\S]){0,1000}?\][ \t]*)?\(").match
"""The opening bracket after the name of a class, behind its type parameters."""
_BRACKETS = re.compile(r"[()\[\]{},]").finditer
_BASE = re.compile(rf"\s*({NAME}(?:\.{NAME})*)\s*(?:\[|$)").match


def sketch(text: str) -> Sketch:
    """Return the sketch of the module with this text."""
    code = "\n" + _plain(text)
    statements = list(_statements(code, ""))
    bound = [frozenset[str]() if _is_definition(statement) else frozenset(_targets(statement)) for statement in statements]
    variables = frozenset[str]().union(*bound)
    definitions = [_definition(statement, names, variables) for statement, names in zip(statements, bound, strict=True)]
    return Sketch(tuple(_registered(statements, definitions)), tuple(_classes(code)))


def _registered(statements: list[str], definitions: list[Definition]) -> Iterator[Definition]:
    """Yield definitions. One with a decorator of the module also changes what the decorator changes: a registry."""
    changing = {
        _header_name(f"\n{statement}"): each for statement, each in zip(statements, definitions, strict=True) if len(each.names) > 1
    }
    for statement, definition in zip(statements, definitions, strict=True):
        decorators = _DECORATORS(f"\n{statement}") if changing and _DECORATED(statement) is not None else ()
        changed = {name for each in decorators if each in changing for name in changing[each].names - {each}}
        yield Definition(definition.names | changed, definition.words) if changed else definition


def _plain(text: str) -> str:
    """Return a text without comments, long strings, brackets in strings, and backslash line continuations."""
    pieces: list[str] = []
    start = 0
    for literal in _LITERAL.finditer(text):
        if literal.lastindex is not None:
            pieces.append(text[start : literal.start()])
            start = literal.end()
            comment = text[literal.start()] == "#"
            if literal.lastindex == 2 or (not comment and "{" in literal.group()):  # Keeps the words of formatted expressions.
                pieces.append(f"'{' '.join(words(literal.group()))}'")
            elif not comment:
                pieces.append("''")
    return "".join((*pieces, text[start:])).replace("\\\n", " ").replace("\f", "")


# Statements.


@lru_cache(maxsize=100)
def _border(indent: str) -> re.Pattern[str]:
    return re.compile(rf"\n(?={indent}[^\s)\]}}])")


def _statements(code: str, indent: str) -> Iterator[str]:
    """Yield the statements with this indentation. Those inside compound statements are separate; decorators are part of a definition."""
    unfinished: list[str] = []
    depth = 0
    for line in _border(indent).split(code):
        decorated = bool(unfinished) and _DECORATED(unfinished[0]) is not None
        if unfinished and not decorated and _STARTS_ANEW(line):
            yield "\n".join(unfinished)  # The count of brackets was wrong.
            unfinished, depth = [], 0
        unfinished.append(line)
        depth += _opened(line)
        if depth <= 0 and (not _DECORATED(unfinished[0]) or _DEFINITION(line.lstrip())):
            yield from _inside("\n".join(unfinished))
            unfinished, depth = [], 0
    if unfinished:
        yield "\n".join(unfinished)


def _opened(line: str) -> int:
    """Return how many brackets a line opens and does not close."""
    count = line.count
    return count("(") + count("[") + count("{") - count(")") - count("]") - count("}")


def _inside(statement: str) -> Iterator[str]:
    """Yield a simple statement or definition as it is, or the head and the inner statements of a compound one."""
    plain = statement.strip()
    body = _body(statement) if _COMPOUND(plain) and not _DEFINITION(plain) else None
    if body is None or len(body.group(1)) > _MOST_INDENTED:
        if plain:
            yield plain
        return
    yield statement[: body.start()].strip()
    yield from _statements(statement[body.start() + 1 :], body.group(1))


def _body(statement: str) -> re.Match[str] | None:
    """Return the match at the start of a compound statement's body: after a colon outside brackets."""
    return next((found for found in islice(_BODY(statement), 10) if _opened(statement[: found.start()]) <= 0), None)


def _is_definition(statement: str) -> bool:
    return _DECORATED(statement) is not None or _DEFINITION(statement) is not None


def _definition(statement: str, bound: frozenset[str], variables: frozenset[str]) -> Definition:
    """Return the definition of a statement that binds `bound`: these names, and the `variables` of the module that it may change."""
    if not _is_definition(statement):
        return Definition(bound | variables.intersection(_USED(statement)), frozenset(words(statement)))
    code = f"\n{statement}"
    changed = variables.intersection((*_DECORATORS(code), *_changed(code)))
    listed = {name for names in _GLOBALS(code) for name in words(names)}
    name = _header_name(code)
    return Definition(changed.union(listed, (name,) if name else ()), frozenset(words(code)))


def _header_name(code: str) -> str:
    """Return the name of the first function or class that is defined."""
    header = next(_HEADERS(code), None)
    return "" if header is None else header.group(3)


def _changed(code: str) -> Iterator[str]:
    """Yield the names whose attributes or items are assigned."""
    for found in chain.from_iterable(search(code) for search in _SET):
        root = _ROOT(code[max(0, found.start() - _LONGEST_TARGET) : found.end(1)])
        if root is not None:
            yield root.group(1)


def _targets(statement: str) -> Iterator[str]:
    """Yield the names that a statement binds, or begins with, because a call by that name may register something."""
    compound = _COMPOUND(statement) is not None
    heads = [names for found in _BOUND_BY_HEAD(statement) for names in found] if compound else []
    heads += _NAMED(statement)
    pieces = [statement]
    if compound:
        pieces = _ONE_AFTER_THE_OTHER(statement)
    elif ";" in statement:
        pieces = statement.split(";")
    heads += [_assigned(piece) for piece in pieces if not _IMPORT(piece.lstrip())]
    yield from (name for head in heads for name in words(head) if not iskeyword(name))


def _assigned(statement: str) -> str:
    """Return the targets of a simple statement without attributes, indices and annotation; without an `=`, its first name."""
    depth, last, end = 0, 0, len(statement)
    for sign in islice(_ASSIGNED(statement), _MOST_SIGNS):
        found = sign.group()
        if found in "([{":
            depth += 1
        elif found in ")]}":
            depth -= 1
        elif depth <= 0 and found == "=":
            last = sign.start()
        elif depth <= 0 and not last:
            end = min(end, sign.start())
    if last:
        return _INDEX.sub("", statement[: min(last, end)])
    beginning = _BEGINNING(statement)
    return "" if beginning is None else beginning.group(1)


# Classes.


class _Header(NamedTuple):
    """The start of a function or class: positions before and after `def name` or `class name`, and the indentation in columns."""

    start: int
    end: int
    indent: int
    kind: str
    name: str


def _classes(code: str) -> Iterator[ClassSketch]:
    headers = [_Header(each.start(), each.end(), len(each.group(1).expandtabs()), each.group(2), each.group(3)) for each in _HEADERS(code)]
    around: list[_Header] = []
    before = 0
    for number, header in enumerate(headers):
        while around and (around[-1].indent >= header.indent or _less_indented(around[-1].indent)(code, before, header.start)):
            around.pop()
        before = header.end
        around.append(header)
        if header.kind == "class":
            inside = list(takewhile(lambda other, outer=header: other.indent > outer.indent, islice(headers, number + 1, None)))  # type: ignore[misc]
            bases = tuple(_bases(code, header.end))
            after = number + 1 + len(inside)
            end = headers[after].start if after < len(headers) else len(code)
            yield ClassSketch(".".join(each.name for each in around), bases, tuple(_methods(code, inside, end)))


@lru_cache(maxsize=100)
def _less_indented(columns: int) -> Callable[[str, int, int], re.Match[str] | None]:
    """Return a search for a statement that is indented by at most `columns`, which ends a block with that indentation."""
    return re.compile(rf"\n[ \t]{{0,{columns}}}[^\s)\]}}]").search


def _bases(code: str, start: int) -> Iterator[str]:
    """Yield the base classes of the class whose name ends at `start` as dotted names, empty for other expressions."""
    opening = _OPENING(code, start)
    if opening is None:
        return
    depth, first = 0, opening.end()
    for bracket in _BRACKETS(code, first - 1):
        depth += (bracket.group() in "([{") - (bracket.group() in ")]}")
        if depth == 0 or (depth == 1 and bracket.group() == ","):
            argument = code[first : bracket.start()]
            base = _BASE(argument)
            if base is not None:
                yield base.group(1)
            elif argument.strip() and "=" not in argument:
                yield ""
            first = bracket.end()
        if depth == 0:
            return


def _methods(code: str, inside: list[_Header], end: int) -> Iterator[Method]:
    """Yield the methods of a class among the headers `inside` it. `end` is the end of the class in the text."""
    body = min((header.indent for header in inside), default=0)
    direct = [header for header in inside if header.indent == body]
    stops = [*(header.start for header in direct), end][1:]
    yield from (Method(header.name, code[header.start : stop]) for header, stop in zip(direct, stops, strict=True) if header.kind == "def")
