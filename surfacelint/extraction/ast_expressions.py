"""Converts `ast` expressions to unresolved expressions, and reports calls, lambdas, bindings, yields and awaits to a listener."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from surfacelint.extraction.compiler_suspects import Doubts
from surfacelint.extraction.expression_listener import NULL_LISTENER, Listener
from surfacelint.extraction.older_spelling import FormattedParts, OlderSpelling
from surfacelint.extraction.type_tests import tests_types
from surfacelint.facts.expressions import (
    NOTHING,
    Argument,
    Attribute,
    Await,
    Call,
    Choice,
    Clause,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Element,
    Expr,
    Lambda,
    Mapping,
    Name,
    Position,
    Slice,
    Span,
    Starred,
    Subscript,
    Walrus,
    Yield,
)

LONGEST_TEXT = 200
"""The maximum length of string literals in facts. Names, URLs and models are shorter; longer ones are prompts."""

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Not: "not",
    ast.And: "and",
    ast.Or: "or",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
}


class Converter:
    """Converts the `ast` expressions of one source to `Expr`. Columns become code points. Collects `doubts` for the compiler."""

    def __init__(self, text: str, shift: int = 0, spelling: OlderSpelling | None = None, calls: dict[Position, Call] | None = None) -> None:
        """`text` is the whole source, needed for columns in non-ASCII lines. `shift` is added to line numbers.

        `spelling` is that of the file, if the text is in older syntax. `calls` are calls of the same source that were converted before,
        by their ends. They are taken as they are, without telling the listener, so that what is known of them stays known.
        """
        self._calls = calls or {}
        self._lines = None if text.isascii() else text.split("\n")
        self._shift = shift
        self._formatted = {} if spelling is None else spelling.formatted
        self.doubts = Doubts()

    def position(self, line: int, column: int) -> Position:
        """Return the position of a line and byte column of `ast`."""
        if self._lines is not None and 0 < line <= len(self._lines):
            here = self._lines[line - 1]
            if not here.isascii():
                column = len(here.encode()[:column].decode(errors="replace"))
        return Position(line + self._shift, column)

    def span(self, node: ast.expr | ast.stmt) -> Span:
        """Return the span of `node`."""
        end_line = node.end_lineno or node.lineno
        end_column = node.end_col_offset if node.end_col_offset is not None else node.col_offset
        return Span(self.position(node.lineno, node.col_offset), self.position(end_line, end_column))

    def parts(self, node: ast.Tuple) -> FormattedParts | None:
        """Return the parts of the formatted string that is spelled as a tuple, or `None` if it is just a tuple."""
        return self._formatted.get(self.span(node)) if self._formatted else None

    def expression(self, node: ast.expr, listener: Listener) -> Expr:
        """Convert `node`."""
        convert = _CONVERTERS.get(type(node))
        if convert is None:
            parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
            return Composite("", self.expressions(parts, listener))
        return convert(self, node, listener)

    def expressions(self, nodes: list[ast.expr], listener: Listener) -> tuple[Expr, ...]:
        """Convert several nodes in order."""
        return tuple([self.expression(node, listener) for node in nodes])

    def optional(self, node: ast.expr | None, listener: Listener) -> Expr | None:
        """Convert a node that may be absent."""
        return None if node is None else self.expression(node, listener)

    def check_only(self, *nodes: ast.expr | None) -> None:
        """Check nodes that the facts omit for constructs that the compiler may reject."""
        for node in nodes:
            if node is not None and type(node) not in _LEAVES:
                self.doubts.within += 1
                self.expression(node, NULL_LISTENER)
                self.doubts.within -= 1

    def call(self, node: ast.Call, listener: Listener, *, awaited: bool) -> Call:
        """Convert a call, inner calls first."""
        span = self.span(node)
        known = self._calls.get(span.end) if self._calls else None
        if known is not None and known.span == span:
            return known
        function = self.expression(node.func, listener)
        arguments: list[Argument] = []
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                arguments.append(Argument(self.expression(argument.value, listener), None, "*"))
            else:
                arguments.append(Argument(self.expression(argument, listener)))
        for keyword in node.keywords:
            value = self.expression(keyword.value, listener)
            arguments.append(Argument(value, keyword.arg, "" if keyword.arg else "**"))
        self.doubts.keywords(node.keywords)
        call = Call(function, tuple(arguments), span)
        listener.call(call, awaited=awaited)
        return call

    def comprehension(
        self, kind: str, elements: list[ast.expr], node: ast.expr, clauses: list[ast.comprehension], listener: Listener
    ) -> Expr:
        """Convert a comprehension. Everything except its first iterable is repeated."""
        converted: list[Clause] = []
        tests: list[tuple[Expr, int]] = []
        self.doubts.within += 1
        for number, clause in enumerate(clauses):
            iterable = self.expression(clause.iter, listener)
            if number == 0:
                listener.repeat(1)
            target = self.expression(clause.target, listener)
            listener.bind(target, Element(iterable))
            conditions = self.expressions(clause.ifs, listener)
            tests += [(condition, listener.reached()) for condition in conditions]
            converted.append(Clause(target, iterable, conditions, bool(clause.is_async)))
            if clause.is_async:
                self.doubts.raised = True
        items = self.expressions(elements, listener)
        for test, first in tests:
            listener.branch(test, first, holds=True)
        self.doubts.within -= 1
        listener.repeat(-1)
        return Comprehension(kind, items, tuple(converted), self.span(node))


def _constant(node: ast.Constant) -> Constant:
    value = node.value
    if isinstance(value, str):
        return Constant(value[:LONGEST_TEXT])
    if value is None or isinstance(value, bool | int | float):
        return Constant(value)
    return Constant(type(value).__name__)


def _call(converter: Converter, node: ast.Call, listener: Listener) -> Expr:
    return converter.call(node, listener, awaited=False)


def _attribute(converter: Converter, node: ast.Attribute, listener: Listener) -> Expr:
    return Attribute(converter.expression(node.value, listener), node.attr)


def _await(converter: Converter, node: ast.Await, listener: Listener) -> Expr:
    converter.doubts.bound_to_place()
    listener.awaits()
    if isinstance(node.value, ast.Call):
        return Await(converter.call(node.value, listener, awaited=True))
    return Await(converter.expression(node.value, listener))


def _binary(converter: Converter, node: ast.BinOp, listener: Listener) -> Expr:
    # Left-nested chains become one node, so that a sum of a thousand terms needs no deep recursion.
    operator = type(node.op)
    parts = [node.right]
    left = node.left
    while isinstance(left, ast.BinOp) and type(left.op) is operator:
        parts.append(left.right)
        left = left.left
    parts.append(left)
    return Composite(OPERATORS[operator], converter.expressions(parts[::-1], listener))


def _compare(converter: Converter, node: ast.Compare, listener: Listener) -> Expr:
    return Composite(OPERATORS[type(node.ops[0])], converter.expressions([node.left, *node.comparators], listener))


def _unary(converter: Converter, node: ast.UnaryOp, listener: Listener) -> Expr:
    return Composite(OPERATORS[type(node.op)], (converter.expression(node.operand, listener),))


def _choice(converter: Converter, node: ast.IfExp, listener: Listener) -> Expr:
    test = converter.expression(node.test, listener)
    if tests_types(test):
        listener.narrow(test, converter.span(node.body), converter.span(node.orelse))
    options = []
    for option, holds in ((node.body, True), (node.orelse, False)):
        first = listener.reached()
        options.append(converter.expression(option, listener))
        listener.branch(test, first, holds=holds)
    return Choice(tuple(options), (test,))


def _operands(converter: Converter, node: ast.BoolOp, listener: Listener) -> Expr:
    """Convert `and` or `or`: an operand is evaluated only if those before it are true, or false."""
    before: list[tuple[Expr, int]] = []
    for operand in node.values:
        converted = converter.expression(operand, listener)
        before.append((converted, listener.reached()))
    for test, first in before[:-1]:
        listener.branch(test, first, holds=isinstance(node.op, ast.And))
    return Choice(tuple([operand for operand, _ in before]), (), OPERATORS[type(node.op)])


def _mapping(converter: Converter, node: ast.Dict, listener: Listener) -> Expr:
    keys: list[Expr | None] = []
    values: list[Expr] = []
    for key, value in zip(node.keys, node.values, strict=True):
        keys.append(converter.optional(key, listener))
        values.append(converter.expression(value, listener))
    return Mapping(tuple(keys), tuple(values))


def _slice(converter: Converter, node: ast.Slice, listener: Listener) -> Expr:
    return Slice(*(converter.optional(part, listener) for part in (node.lower, node.upper, node.step)))


def _lambda(converter: Converter, node: ast.Lambda, listener: Listener) -> Expr:
    span = converter.span(node)
    converter.doubts.parameters(node.args)
    listener.function(node, span)
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
    body = Converter.expression(converter, node.body, NULL_LISTENER)
    return Lambda(tuple(argument.arg for argument in named), body, span)


def _walrus(converter: Converter, node: ast.NamedExpr, listener: Listener) -> Expr:
    converter.doubts.bound_to_place()
    value = converter.expression(node.value, listener)
    target = converter.expression(node.target, listener)
    listener.bind(target, value)
    return Walrus(target, value)


def _yield(converter: Converter, node: ast.Yield, listener: Listener) -> Expr:
    converter.doubts.bound_to_place()
    value = converter.optional(node.value, listener)
    listener.yields(value)
    return Yield(value, delegates=False)


def _yield_from(converter: Converter, node: ast.YieldFrom, listener: Listener) -> Expr:
    converter.doubts.raised = True
    value = converter.expression(node.value, listener)
    listener.yields(Element(value))
    return Yield(value, delegates=True)


def _list(converter: Converter, node: ast.List | ast.Tuple | ast.Set, listener: Listener) -> Expr:
    kind = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}[type(node)]
    if not isinstance(node, ast.Set) and isinstance(node.ctx, ast.Store):
        converter.doubts.targets(node.elts)
    items = []
    for each in node.elts:
        items.append(_starred(converter, each, listener) if isinstance(each, ast.Starred) else converter.expression(each, listener))
    return Collection(kind, tuple(items))


def _starred(converter: Converter, node: ast.Starred, listener: Listener) -> Expr:
    return Starred(converter.expression(node.value, listener))


def _starred_alone(converter: Converter, node: ast.Starred, listener: Listener) -> Expr:
    converter.doubts.raised = True
    return _starred(converter, node, listener)


def _tuple(converter: Converter, node: ast.Tuple, listener: Listener) -> Expr:
    parts = converter.parts(node)
    if parts is None:
        return _list(converter, node, listener)
    fields = iter(node.elts)
    return Composite("format", tuple([_part(converter, part, fields, listener) for part in parts]))


def _part(converter: Converter, part: str | int, fields: Iterator[ast.expr], listener: Listener) -> Expr:
    """Convert a part of a formatted string: a text, or the number of `fields` that belong to it."""
    if isinstance(part, str):
        return Constant(part[:LONGEST_TEXT])
    values = [converter.expression(field, listener) for field in islice(fields, part)]
    return values[0] if len(values) == 1 else Collection("tuple", tuple(values))


def _formatted(converter: Converter, node: ast.FormattedValue, listener: Listener) -> Expr:
    converter.check_only(node.format_spec)
    return converter.expression(node.value, listener)


_LEAVES = (ast.Name, ast.Constant)

# Each converter only gets nodes of its key's type.
_Convert = Callable[[Converter, Any, Listener], Expr]

_CONVERTERS: dict[type[ast.expr], _Convert] = {
    ast.Name: lambda converter, node, listener: Name(node.id),
    ast.Constant: lambda converter, node, listener: _constant(node),
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: lambda converter, node, listener: Subscript(
        converter.expression(node.value, listener), converter.expression(node.slice, listener)
    ),
    ast.Slice: _slice,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _list,
    ast.Dict: _mapping,
    ast.Starred: _starred_alone,
    ast.Lambda: _lambda,
    ast.Await: _await,
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.BoolOp: _operands,
    ast.IfExp: _choice,
    ast.NamedExpr: _walrus,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.JoinedStr: lambda converter, node, listener: Composite("format", converter.expressions(node.values, listener)),
    ast.FormattedValue: _formatted,
    ast.ListComp: lambda converter, node, listener: converter.comprehension("list", [node.elt], node, node.generators, listener),
    ast.SetComp: lambda converter, node, listener: converter.comprehension("set", [node.elt], node, node.generators, listener),
    ast.GeneratorExp: lambda converter, node, listener: converter.comprehension("generator", [node.elt], node, node.generators, listener),
    ast.DictComp: lambda converter, node, listener: converter.comprehension(
        "dict", [node.key, node.value], node, node.generators, listener
    ),
}

if hasattr(ast, "TemplateStr"):  # from Python 3.14
    _CONVERTERS[ast.TemplateStr] = _CONVERTERS[ast.JoinedStr]
if hasattr(ast, "Interpolation"):  # from Python 3.14
    _CONVERTERS[ast.Interpolation] = _formatted


def annotation(converter: Converter, node: ast.expr | None, listener: Listener) -> Expr | None:
    """Convert an annotation; quoted ones are parsed. Return `None` without one, or if it cannot be parsed."""
    if node is None:
        return None
    if isinstance(node, ast.Name):
        return Name(node.id)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            parsed = ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError):
            return None
        return converter.expression(parsed, NULL_LISTENER)
    converter.doubts.within += 1
    converted = converter.expression(node, listener)
    converter.doubts.within -= 1
    return converted


__all__ = ["LONGEST_TEXT", "NOTHING", "OPERATORS", "Converter", "annotation"]
