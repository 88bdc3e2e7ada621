"""Source text and outline → `Body` of one function, by LibCST, from the function's own lines only.

Not a visitor: LibCST's visitors cost fifty times a descent over the fields that matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import libcst as cst

from surfacelint.extraction.cst_expressions import Converter
from surfacelint.extraction.positions import Positions
from surfacelint.facts.bodies import (
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
from surfacelint.facts.expressions import Choice, Composite, Element, Expr, Lambda, Name, Span
from surfacelint.facts.outlines import MODULE_BODY, FunctionOutline, ModuleOutline

LONGEST_SLICE = 256 * 1024
"""LibCST's parser needs about 900 bytes of memory for each byte of source, so longer functions are not read."""

MOST_OPERATORS = 1_500
"""LibCST's parser overflows the stack of the process on chains of some thousand operators: so they never reach it."""

_Line = cst.BaseStatement | cst.BaseSmallStatement
"""What a block holds: statements on lines of their own, or small ones after the colon of a header."""

_OWN_COMMENT = re.compile(r"#\s*(surfacelint:.*)$")


class UnreadableBodyError(Exception):
    """A function whose body cannot be read; the message says why."""


def read_body(text: str, outline: ModuleOutline, function: FunctionOutline) -> Body:
    """Return the body of `function`, which `outline`, the outline of `text`, lists.

    Raises UnreadableBodyError where LibCST cannot read the function's lines.
    """
    if function.qualname.startswith("<lambda>"):
        return Body(tuple(Return(value, function.span) for value in function.returns), ())
    code, shift = _slice(text, outline, function)
    if len(code) > LONGEST_SLICE:
        raise UnreadableBodyError(f"{function.qualname} is longer than {LONGEST_SLICE // 1024} KiB")
    if max(code.count(operator) for operator in ("+", " and ", " or ", "|")) > MOST_OPERATORS:
        raise UnreadableBodyError(f"{function.qualname} holds more than {MOST_OPERATORS} operators of a kind")
    try:
        module = cst.parse_module(code)
        reader = _Reader(Converter(Positions(module, shift)), _nested(outline, function))
        statements = reader.block(_statements_of(module, function))
    except (cst.ParserSyntaxError, RecursionError, MemoryError) as error:
        raise UnreadableBodyError(f"{function.qualname} could not be read: {type(error).__name__}") from error
    return Body(statements, _own_comments(code, shift))


def _slice(text: str, outline: ModuleOutline, function: FunctionOutline) -> tuple[str, int]:
    """Return the lines to parse and what to add to their numbers to get those of the file."""
    # Not `splitlines`: form feeds and the like end no line of Python.
    lines = text.split("\n")
    if function.qualname == MODULE_BODY:
        # Top-level functions and classes have bodies of their own: their lines are blanked, which moves nothing.
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


def _statements_of(module: cst.Module, function: FunctionOutline) -> Sequence[_Line]:
    if function.qualname == MODULE_BODY:
        return module.body
    block: Sequence[cst.CSTNode] = module.body
    while block:
        node = block[0]
        if isinstance(node, cst.FunctionDef):
            return _suite(node.body)
        if not isinstance(node, cst.If):
            break
        block = node.body.body
    raise UnreadableBodyError(f"{function.qualname} does not stand on lines of its own")


def _suite(node: cst.BaseSuite) -> Sequence[_Line]:
    return node.body


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
    """Return the functions defined in the scope of a function by name, each as a lambda of all that it evaluates."""
    named = dict(function.definitions)
    found = [each for each in outline.functions if each.parent == function.qualname and named.get(each.name) == each.qualname]
    return {each.name: _as_lambda(each, _nested(outline, each)) for each in found}


def _as_lambda(function: FunctionOutline, inner: Mapping[str, Lambda]) -> Lambda:
    own = {parameter.name for parameter in function.parameters} | set(inner)
    own |= {binding.target.id for binding in function.bindings if isinstance(binding.target, Name)} - set(function.global_names)
    said = [site.call for site in function.calls] + [binding.value for binding in function.bindings]
    return Lambda(tuple(sorted(own)), Composite("", (*said, *function.returns, *inner.values())), function.span)


class _Reader:
    """Statements of one slice, in order. Nested functions and classes have bodies of their own; here a function is what it is made of."""

    def __init__(self, converter: Converter, nested: Mapping[str, Lambda]) -> None:
        self.converter = converter
        self.nested = nested

    def block(self, nodes: Sequence[_Line]) -> tuple[Statement, ...]:
        found: list[Statement] = []
        for node in nodes:
            if isinstance(node, cst.SimpleStatementLine):
                found += self.block(node.body)
            elif isinstance(node, cst.BaseSmallStatement):
                found += self.small(node)
            else:
                read = _COMPOUND.get(type(node))
                if read is not None:
                    found += read(self, node)
        return tuple(found)

    def suite(self, node: cst.BaseSuite) -> tuple[Statement, ...]:
        return self.block(node.body)

    def orelse(self, node: cst.Else | None) -> tuple[Statement, ...]:
        return () if node is None else self.suite(node.body)

    def small(self, node: cst.BaseSmallStatement) -> list[Statement]:
        read = _SMALL.get(type(node))
        return [] if read is None else [read(self, node)]

    def header(self, node: cst.CSTNode, until: cst.CSTNode) -> Span:
        return self.converter.span(node, until)


def _assign(reader: _Reader, node: cst.Assign) -> Statement:
    targets = tuple(reader.converter.expression(target.target) for target in node.targets)
    return Assign(targets, reader.converter.expression(node.value), reader.converter.span(node))


def _annotated(reader: _Reader, node: cst.AnnAssign) -> Statement:
    span = reader.converter.span(node)
    target = reader.converter.expression(node.target)
    if node.value is None:
        return Evaluate(Composite("", ()), span)
    return Assign((target,), reader.converter.expression(node.value), span)


def _augment(reader: _Reader, node: cst.AugAssign) -> Statement:
    target, value = reader.converter.expressions([node.target, node.value])
    return Augment(target, value, reader.converter.span(node))


def _evaluate(reader: _Reader, node: cst.Expr) -> Statement:
    return Evaluate(reader.converter.expression(node.value), reader.converter.span(node))


def _assert(reader: _Reader, node: cst.Assert) -> Statement:
    return Evaluate(reader.converter.expression(node.test), reader.converter.span(node))


def _delete(reader: _Reader, node: cst.Del) -> Statement:
    return Evaluate(reader.converter.expression(node.target), reader.converter.span(node))


def _return(reader: _Reader, node: cst.Return) -> Statement:
    return Return(reader.converter.optional(node.value), reader.converter.span(node))


def _raise(reader: _Reader, node: cst.Raise) -> Statement:
    return Raise(reader.converter.optional(node.exc), reader.converter.span(node))


def _break(reader: _Reader, node: cst.Break) -> Statement:
    return Leave("break", reader.converter.span(node))


def _continue(reader: _Reader, node: cst.Continue) -> Statement:
    return Leave("continue", reader.converter.span(node))


def _define(reader: _Reader, node: cst.FunctionDef) -> list[Statement]:
    """A nested function is something made of the names around it that it uses."""
    made = reader.nested.get(node.name.value)
    name = reader.converter.expression(node.name)
    return [] if made is None else [Assign((name,), made, made.span)]


def _if(reader: _Reader, node: cst.If) -> list[Statement]:
    orelse = tuple(_if(reader, node.orelse)) if isinstance(node.orelse, cst.If) else reader.orelse(node.orelse)
    test = reader.converter.expression(node.test)
    return [If(test, reader.suite(node.body), orelse, reader.header(node, node.test))]


def _for(reader: _Reader, node: cst.For) -> list[Statement]:
    target, iterable = reader.converter.expressions([node.target, node.iter])
    span = reader.header(node, node.iter)
    is_async = node.asynchronous is not None
    return [For(target, iterable, reader.suite(node.body), reader.orelse(node.orelse), is_async, span)]


def _while(reader: _Reader, node: cst.While) -> list[Statement]:
    test = reader.converter.expression(node.test)
    return [While(test, reader.suite(node.body), reader.orelse(node.orelse), reader.header(node, node.test))]


def _with(reader: _Reader, node: cst.With) -> list[Statement]:
    items: list[tuple[Expr, Expr | None]] = []
    for item in node.items:
        target = None if item.asname is None else reader.converter.expression(item.asname.name)
        items.append((reader.converter.expression(item.item), target))
    span = reader.header(node, node.items[-1].item)
    return [With(tuple(items), reader.suite(node.body), node.asynchronous is not None, span)]


def _try(reader: _Reader, node: cst.Try | cst.TryStar) -> list[Statement]:
    handlers = []
    for handler in node.handlers:
        name = handler.name.name.value if handler.name is not None and isinstance(handler.name.name, cst.Name) else None
        handlers.append(Handler(reader.converter.optional(handler.type), name, reader.suite(handler.body)))
    final = () if node.finalbody is None else reader.suite(node.finalbody.body)
    span = reader.converter.span(node)
    return [Try(reader.suite(node.body), tuple(handlers), reader.orelse(node.orelse), final, Span(span.start, span.start))]


def _match(reader: _Reader, node: cst.Match) -> list[Statement]:
    """A match is a chain of ifs over the subject."""
    subject = reader.converter.expression(node.subject)
    span = reader.header(node, node.subject)
    chain: tuple[Statement, ...] = ()
    for case in reversed(node.cases):
        captured = [Assign((name,), Element(subject), span) for name in _captures(reader, case.pattern)]
        test: Expr = subject if case.guard is None else Choice((subject, reader.converter.expression(case.guard)))
        chain = (If(test, (*captured, *reader.suite(case.body)), chain, span),)
    return list(chain)


def _captures(reader: _Reader, pattern: cst.MatchPattern) -> list[Expr]:
    if isinstance(pattern, cst.MatchAs) and pattern.name is not None:
        inner = [] if pattern.pattern is None else _captures(reader, pattern.pattern)
        return [*inner, reader.converter.expression(pattern.name)]
    found: list[Expr] = []
    for child in pattern.children:
        if isinstance(child, cst.MatchPattern):
            found += _captures(reader, child)
        elif isinstance(child, cst.MatchSequenceElement | cst.MatchMappingElement | cst.MatchKeywordElement):
            found += _captures(reader, child.pattern if not isinstance(child, cst.MatchSequenceElement) else child.value)
    return found


_SMALL: dict[type[cst.BaseSmallStatement], Callable[[_Reader, Any], Statement]] = {
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augment,
    cst.Expr: _evaluate,
    cst.Assert: _assert,
    cst.Del: _delete,
    cst.Return: _return,
    cst.Raise: _raise,
    cst.Break: _break,
    cst.Continue: _continue,
}

_COMPOUND: dict[type[cst.BaseStatement], Callable[[_Reader, Any], list[Statement]]] = {
    cst.FunctionDef: _define,
    cst.If: _if,
    cst.For: _for,
    cst.While: _while,
    cst.With: _with,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.Match: _match,
}
