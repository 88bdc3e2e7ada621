"""Extracts the `Body` of one function from its own lines of the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from surfacelint.extraction.ast_expressions import Converter
from surfacelint.extraction.compiler_errors import parse
from surfacelint.extraction.expression_listener import NULL_LISTENER
from surfacelint.extraction.newer_syntax import older_spelling
from surfacelint.extraction.older_spelling import OlderSpelling
from surfacelint.extraction.switch_tests import case_test
from surfacelint.facts.expressions import Choice, Composite, Element, Expr, Lambda, Name, Span
from surfacelint.facts.function_bodies import (
    Assign,
    Augment,
    Body,
    Comment,
    Evaluate,
    For,
    Handler,
    If,
    Leave,
    Raise,
    Return,
    Statement,
    Try,
    While,
    With,
)
from surfacelint.facts.module_outlines import MODULE_BODY, FunctionOutline, ModuleOutline

_OWN_COMMENT = re.compile(r"#\s*(surfacelint:.*)$")


class UnreadableBodyError(Exception):
    """A function whose body cannot be read. The text says why."""


def read_body(text: str, outline: ModuleOutline, function: FunctionOutline) -> Body:
    """Return the body of `function`, an entry of `outline`, which is the outline of `text`. It shares the calls of the outline.

    Raises UnreadableBodyError if the lines of the function cannot be parsed on their own.
    """
    if function.qualname.startswith("<lambda>"):
        return Body(tuple(Return(value, function.span) for value in function.returns), ())
    try:
        tree, converter, comments = _parsed(text, outline, function)
        reader = _Reader(converter, _nested(outline, function))
        statements = reader.block(_statements_of(tree, function))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableBodyError(f"{function.qualname} could not be read: {type(error).__name__}") from error
    return Body(statements, comments)


def _parsed(text: str, outline: ModuleOutline, function: FunctionOutline) -> tuple[ast.Module, Converter, tuple[Comment, ...]]:
    """Parse the lines of a function: from an older spelling of the file if they have syntax that is newer than the running Python."""
    code, shift = _slice(text, outline, function)
    comments = _own_comments(code, shift)
    spelling: OlderSpelling | None = None
    try:
        tree = parse(code)
    except SyntaxError:
        spelling = older_spelling(text)
        if spelling is None:
            raise
        code, _ = _slice(spelling.text, outline, function)
        tree = parse(code)
    known = {site.call.span.end: site.call for site in function.calls}
    return tree, Converter(code, shift, spelling, known), comments


@lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    # Not `splitlines`, because form feeds and similar characters do not end lines in Python.
    return text.split("\n")


def _slice(text: str, outline: ModuleOutline, function: FunctionOutline) -> tuple[str, int]:
    """Return the text to parse, and the number to add to its line numbers to get those of the file."""
    lines = _lines(text)
    if function.qualname == MODULE_BODY:
        lines = lines.copy()
        # Top-level functions and classes have their own bodies. Blanking their lines keeps line numbers.
        for first, last in _top_level(outline):
            for number in range(first - 1, min(last, len(lines))):
                lines[number] = ""
        return "\n".join(lines), 0
    first, last = function.lines
    code = "\n".join(lines[first - 1 : last]) + "\n"
    code = code.lstrip("\f")
    if code[:1] in (" ", "\t"):
        return "if 1:\n" + code, first - 2
    return code, first - 1


def _top_level(outline: ModuleOutline) -> list[tuple[int, int]]:
    functions = [f.lines for f in outline.functions if f.parent == MODULE_BODY and f.owner is None and f.span.start.column == 0]
    classes = [c.lines for c in outline.classes if c.parent == MODULE_BODY and c.span.start.column == 0]
    lambdas = {f.lines for f in outline.functions if f.qualname.startswith("<lambda>")}
    return [lines for lines in [*functions, *classes] if lines not in lambdas]


def _statements_of(tree: ast.Module, function: FunctionOutline) -> Sequence[ast.stmt]:
    if function.qualname == MODULE_BODY:
        return tree.body
    block = tree.body
    while block:
        node = block[0]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return node.body
        if not isinstance(node, ast.If):
            break
        block = node.body
    raise UnreadableBodyError(f"{function.qualname} is not on its own lines")


def _own_comments(code: str, shift: int) -> tuple[Comment, ...]:
    if "surfacelint:" not in code:
        return ()
    found = []
    for number, line in enumerate(code.split("\n"), start=1):
        match = _OWN_COMMENT.search(line)
        if match is not None:
            found.append(Comment(number + shift, match[1].strip()))
    return tuple(found)


def _nested(outline: ModuleOutline, function: FunctionOutline) -> dict[str, Lambda]:
    """Return the functions defined inside a function by name, each as a lambda of all expressions that it evaluates."""
    if not function.definitions:
        return {}
    named = dict(function.definitions)
    found = [each for each in outline.functions if each.parent == function.qualname and named.get(each.name) == each.qualname]
    return {each.name: _as_lambda(each, _nested(outline, each)) for each in found}


def _as_lambda(function: FunctionOutline, inner: Mapping[str, Lambda]) -> Lambda:
    own = {parameter.name for parameter in function.parameters} | set(inner)
    own |= {binding.target.id for binding in function.bindings if isinstance(binding.target, Name)} - set(function.global_names)
    return Lambda(tuple(sorted(own)), Composite("", (*function.evaluated, *inner.values())), function.span)


class _Reader:
    """Converts the statements of one function. A nested function becomes an assignment of a lambda (`nested`, by name)."""

    def __init__(self, converter: Converter, nested: Mapping[str, Lambda]) -> None:
        self.nested = nested
        self.converter = converter

    def block(self, nodes: Sequence[ast.stmt]) -> tuple[Statement, ...]:
        found: list[Statement] = []
        for node in nodes:
            read = _STATEMENTS.get(type(node))
            if read is not None:
                found += read(self, node)
        return tuple(found)

    def expression(self, node: ast.expr) -> Expr:
        return self.converter.expression(node, NULL_LISTENER)

    def optional(self, node: ast.expr | None) -> Expr | None:
        return self.converter.optional(node, NULL_LISTENER)

    def span(self, node: ast.stmt | ast.expr, until: ast.expr | None = None) -> Span:
        """Return the span of a node, or from its start to the end of `until`."""
        span = self.converter.span(node)
        return span if until is None else Span(span.start, self.converter.span(until).end)


def _assign(reader: _Reader, node: ast.Assign) -> list[Statement]:
    return [Assign(tuple([reader.expression(target) for target in node.targets]), reader.expression(node.value), reader.span(node))]


def _alias(reader: _Reader, node: Any) -> list[Statement]:
    return [Assign((reader.expression(node.name),), reader.expression(node.value), reader.span(node))]


def _annotated(reader: _Reader, node: ast.AnnAssign) -> list[Statement]:
    if node.value is None:
        return []
    return [Assign((reader.expression(node.target),), reader.expression(node.value), reader.span(node))]


def _augment(reader: _Reader, node: ast.AugAssign) -> list[Statement]:
    return [Augment(reader.expression(node.target), reader.expression(node.value), reader.span(node))]


def _evaluate(reader: _Reader, node: ast.Expr) -> list[Statement]:
    return [Evaluate(reader.expression(node.value), reader.span(node))]


def _assert(reader: _Reader, node: ast.Assert) -> list[Statement]:
    return [Evaluate(reader.expression(node.test), reader.span(node))]


def _delete(reader: _Reader, node: ast.Delete) -> list[Statement]:
    return [Evaluate(reader.expression(target), reader.span(node)) for target in node.targets]


def _return(reader: _Reader, node: ast.Return) -> list[Statement]:
    return [Return(reader.optional(node.value), reader.span(node))]


def _raise(reader: _Reader, node: ast.Raise) -> list[Statement]:
    return [Raise(reader.optional(node.exc), reader.span(node))]


def _leave(reader: _Reader, node: ast.Break | ast.Continue) -> list[Statement]:
    return [Leave("break" if isinstance(node, ast.Break) else "continue", reader.span(node))]


def _define(reader: _Reader, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Statement]:
    """Convert a nested function to an assignment of the expressions that it evaluates."""
    made = reader.nested.get(node.name)
    return [] if made is None else [Assign((Name(node.name),), made, made.span)]


def _if(reader: _Reader, node: ast.If) -> list[Statement]:
    return [If(reader.expression(node.test), reader.block(node.body), reader.block(node.orelse), reader.span(node, node.test))]


def _for(reader: _Reader, node: ast.For | ast.AsyncFor) -> list[Statement]:
    target, iterable = reader.expression(node.target), reader.expression(node.iter)
    is_async = isinstance(node, ast.AsyncFor)
    return [For(target, iterable, reader.block(node.body), reader.block(node.orelse), is_async, reader.span(node, node.iter))]


def _while(reader: _Reader, node: ast.While) -> list[Statement]:
    return [While(reader.expression(node.test), reader.block(node.body), reader.block(node.orelse), reader.span(node, node.test))]


def _with(reader: _Reader, node: ast.With | ast.AsyncWith) -> list[Statement]:
    items = tuple([(reader.expression(item.context_expr), reader.optional(item.optional_vars)) for item in node.items])
    span = reader.span(node, node.items[-1].context_expr)
    return [With(items, reader.block(node.body), isinstance(node, ast.AsyncWith), span)]


def _try(reader: _Reader, node: ast.Try) -> list[Statement]:
    handlers = tuple([Handler(reader.optional(each.type), each.name, reader.block(each.body)) for each in node.handlers])
    start = reader.span(node).start
    return [Try(reader.block(node.body), handlers, reader.block(node.orelse), reader.block(node.finalbody), Span(start, start))]


def _match(reader: _Reader, node: ast.Match) -> list[Statement]:
    """Convert a match to a chain of ifs on its subject."""
    subject = reader.expression(node.subject)
    span = reader.span(node, node.subject)
    chain: tuple[Statement, ...] = ()
    for case in reversed(node.cases):
        captured = [Assign((Name(name),), Element(subject), span) for name in _captures(case.pattern)]
        # The test of another pattern than a value is unknown, but reads the subject.
        tested = case_test(reader.converter, subject, case.pattern)
        test: Expr = Composite("", (subject,)) if tested is None else tested
        if case.guard is not None:
            test = Choice((test, reader.expression(case.guard)), (), "and")
        chain = (If(test, (*captured, *reader.block(case.body)), chain, span),)
    return list(chain)


def _captures(pattern: ast.pattern) -> list[str]:
    names = [getattr(part, "rest" if isinstance(part, ast.MatchMapping) else "name", None) for part in ast.walk(pattern)]
    return [name for name in names if name is not None]


# Each reader only gets nodes of its key's type.
_Read = Callable[[_Reader, Any], list[Statement]]

_STATEMENTS: dict[type[ast.stmt], _Read] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augment,
    ast.Expr: _evaluate,
    ast.Assert: _assert,
    ast.Delete: _delete,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Break: _leave,
    ast.Continue: _leave,
    ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Match: _match,
}

if hasattr(ast, "TryStar"):  # from Python 3.11
    _STATEMENTS[ast.TryStar] = _try
if hasattr(ast, "TypeAlias"):  # from Python 3.12
    _STATEMENTS[ast.TypeAlias] = _alias
