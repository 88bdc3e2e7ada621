"""LibCST expressions → unresolved expressions, the same ones that `ast_expressions` makes of the same source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from surfacelint.extraction.ast_expressions import LONGEST_TEXT
from surfacelint.extraction.positions import Positions
from surfacelint.facts.expressions import (
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
    Expr,
    Lambda,
    Mapping,
    Name,
    Slice,
    Span,
    Starred,
    Subscript,
    Walrus,
    Yield,
)

OPERATORS: dict[type[cst.CSTNode], str] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.BitOr: "|",
    cst.BitAnd: "&",
    cst.BitXor: "^",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.Not: "not",
    cst.And: "and",
    cst.Or: "or",
    cst.Minus: "-",
    cst.Plus: "+",
    cst.BitInvert: "~",
}

_WORDS: dict[str, bool | None] = {"True": True, "False": False, "None": None}


class Converter:
    """Turns LibCST expressions of one slice into `Expr`."""

    def __init__(self, positions: Positions) -> None:
        """`positions` are those of the slice's nodes in the file."""
        self._positions = positions

    def span(self, node: cst.CSTNode, until: cst.CSTNode | None = None) -> Span:
        """Return where `node` stands, or the range from its start to the end of `until`."""
        return Span(self._positions.start(node), self._positions.end(until or node))

    def expression(self, node: cst.BaseExpression) -> Expr:
        """Convert `node`."""
        convert = _CONVERTERS.get(type(node))
        return Composite("", ()) if convert is None else convert(self, node)

    def expressions(self, nodes: Sequence[cst.BaseExpression]) -> tuple[Expr, ...]:
        """Convert several nodes in order."""
        return tuple([self.expression(node) for node in nodes])

    def optional(self, node: cst.BaseExpression | None) -> Expr | None:
        """Convert a node that may be absent."""
        return None if node is None else self.expression(node)

    def elements(self, nodes: Sequence[cst.BaseElement]) -> tuple[Expr, ...]:
        """Convert the elements of a display."""
        return tuple(
            [
                Starred(self.expression(node.value)) if isinstance(node, cst.StarredElement) else self.expression(node.value)
                for node in nodes
            ]
        )

    def comprehension(self, kind: str, elements: Sequence[cst.BaseExpression], node: cst.BaseExpression, loop: cst.CompFor) -> Expr:
        """Convert a comprehension with all its clauses."""
        clauses: list[Clause] = []
        here: cst.CompFor | None = loop
        while here is not None:
            conditions = self.expressions([condition.test for condition in here.ifs])
            clauses.append(Clause(self.expression(here.target), self.expression(here.iter), conditions, here.asynchronous is not None))
            here = here.inner_for_in
        return Comprehension(kind, self.expressions(elements), tuple(clauses), self.span(node))


def _call(converter: Converter, node: cst.Call) -> Expr:
    positional: list[Argument] = []
    keywords: list[Argument] = []
    for argument in node.args:
        value = converter.expression(argument.value)
        if argument.keyword is not None:
            keywords.append(Argument(value, argument.keyword.value))
        elif argument.star == "**":
            keywords.append(Argument(value, None, "**"))
        else:
            positional.append(Argument(value, None, argument.star))
    return Call(converter.expression(node.func), (*positional, *keywords), converter.span(node))


def _name(converter: Converter, node: cst.Name) -> Expr:
    return Constant(_WORDS[node.value]) if node.value in _WORDS else Name(node.value)


def _text(node: cst.SimpleString) -> str | None:
    value = node.evaluated_value
    return value if isinstance(value, str) else None


def _string(converter: Converter, node: cst.SimpleString) -> Expr:
    text = _text(node)
    return Constant("bytes") if text is None else Constant(text[:LONGEST_TEXT])


def _formatted_parts(converter: Converter, node: cst.FormattedString) -> list[Expr]:
    parts: list[Expr] = []
    for part in node.parts:
        if isinstance(part, cst.FormattedStringExpression):
            parts.append(converter.expression(part.expression))
        elif isinstance(part, cst.FormattedStringText):
            parts.append(Constant(part.value[:LONGEST_TEXT]))
    return parts


def _format(parts: list[Expr]) -> Expr:
    """Make a formatted string, neighbouring texts merged as Python does."""
    merged: list[Expr] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, Constant) and isinstance(last, Constant):
            merged[-1] = Constant(f"{last.value}{part.value}"[:LONGEST_TEXT])
        else:
            merged.append(part)
    return Composite("format", tuple(merged))


def _formatted(converter: Converter, node: cst.FormattedString) -> Expr:
    return _format(_formatted_parts(converter, node))


def _concatenated(converter: Converter, node: cst.ConcatenatedString) -> Expr:
    pieces: list[cst.BaseExpression] = [node.left]
    right: cst.BaseExpression = node.right
    while isinstance(right, cst.ConcatenatedString):
        pieces.append(right.left)
        right = right.right
    pieces.append(right)
    if all(isinstance(piece, cst.SimpleString) for piece in pieces):
        texts = [_text(piece) for piece in pieces if isinstance(piece, cst.SimpleString)]
        joined = "".join(text for text in texts if text is not None)
        return Constant("bytes") if None in texts else Constant(joined[:LONGEST_TEXT])
    parts: list[Expr] = []
    for piece in pieces:
        parts += _formatted_parts(converter, piece) if isinstance(piece, cst.FormattedString) else [converter.expression(piece)]
    return _format(parts)


def _binary(converter: Converter, node: cst.BinaryOperation) -> Expr:
    operator = type(node.operator)
    parts = [node.right]
    left = node.left
    while isinstance(left, cst.BinaryOperation) and type(left.operator) is operator:
        parts.append(left.right)
        left = left.left
    parts.append(left)
    return Composite(OPERATORS[operator], converter.expressions(parts[::-1]))


def _boolean(converter: Converter, node: cst.BooleanOperation) -> Expr:
    operator = type(node.operator)
    parts = [node.right]
    left = node.left
    while isinstance(left, cst.BooleanOperation) and type(left.operator) is operator and not left.lpar:
        parts.append(left.right)
        left = left.left
    parts.append(left)
    return Choice(converter.expressions(parts[::-1]), (), OPERATORS[operator])


def _compare(converter: Converter, node: cst.Comparison) -> Expr:
    values = [node.left, *(target.comparator for target in node.comparisons)]
    return Composite(OPERATORS[type(node.comparisons[0].operator)], converter.expressions(values))


def _choice(converter: Converter, node: cst.IfExp) -> Expr:
    return Choice(converter.expressions([node.body, node.orelse]), (converter.expression(node.test),))


def _mapping(converter: Converter, node: cst.Dict) -> Expr:
    keys: list[Expr | None] = []
    for element in node.elements:
        keys.append(converter.expression(element.key) if isinstance(element, cst.DictElement) else None)
    return Mapping(tuple(keys), converter.expressions([element.value for element in node.elements]))


def _index(converter: Converter, node: cst.SubscriptElement) -> Expr:
    part = node.slice
    if isinstance(part, cst.Slice):
        return Slice(converter.optional(part.lower), converter.optional(part.upper), converter.optional(part.step))
    value = converter.expression(part.value) if isinstance(part, cst.Index) else Composite("", ())
    return Starred(value) if isinstance(part, cst.Index) and part.star else value


def _subscript(converter: Converter, node: cst.Subscript) -> Expr:
    elements = node.slice
    single = len(elements) == 1 and isinstance(elements[0].comma, cst.MaybeSentinel)
    index = _index(converter, elements[0]) if single else Collection("tuple", tuple(_index(converter, element) for element in elements))
    return Subscript(converter.expression(node.value), index)


def _lambda(converter: Converter, node: cst.Lambda) -> Expr:
    parameters = node.params
    named = [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]
    named += [extra for extra in (parameters.star_arg, parameters.star_kwarg) if isinstance(extra, cst.Param)]
    return Lambda(tuple(parameter.name.value for parameter in named), converter.expression(node.body), converter.span(node))


def _yield(converter: Converter, node: cst.Yield) -> Expr:
    if isinstance(node.value, cst.From):
        return Yield(converter.expression(node.value.item), delegates=True)
    return Yield(converter.optional(node.value), delegates=False)


# Each converter is only ever given nodes of the type that it stands under.
_Convert = Callable[[Converter, Any], Expr]

_CONVERTERS: dict[type[cst.BaseExpression], _Convert] = {
    cst.Name: _name,
    cst.Attribute: lambda converter, node: Attribute(converter.expression(node.value), node.attr.value),
    cst.Call: _call,
    cst.Subscript: _subscript,
    cst.Integer: lambda converter, node: Constant(node.evaluated_value),
    cst.Float: lambda converter, node: Constant(node.evaluated_value),
    cst.Imaginary: lambda converter, node: Constant("complex"),
    cst.Ellipsis: lambda converter, node: Constant("ellipsis"),
    cst.SimpleString: _string,
    cst.FormattedString: _formatted,
    cst.ConcatenatedString: _concatenated,
    cst.List: lambda converter, node: Collection("list", converter.elements(node.elements)),
    cst.Tuple: lambda converter, node: Collection("tuple", converter.elements(node.elements)),
    cst.Set: lambda converter, node: Collection("set", converter.elements(node.elements)),
    cst.Dict: _mapping,
    cst.Lambda: _lambda,
    cst.Await: lambda converter, node: Await(converter.expression(node.expression)),
    cst.BinaryOperation: _binary,
    cst.BooleanOperation: _boolean,
    cst.UnaryOperation: lambda converter, node: Composite(OPERATORS[type(node.operator)], (converter.expression(node.expression),)),
    cst.Comparison: _compare,
    cst.IfExp: _choice,
    cst.NamedExpr: lambda converter, node: Walrus(converter.expression(node.target), converter.expression(node.value)),
    cst.Yield: _yield,
    cst.ListComp: lambda converter, node: converter.comprehension("list", [node.elt], node, node.for_in),
    cst.SetComp: lambda converter, node: converter.comprehension("set", [node.elt], node, node.for_in),
    cst.GeneratorExp: lambda converter, node: converter.comprehension("generator", [node.elt], node, node.for_in),
    cst.DictComp: lambda converter, node: converter.comprehension("dict", [node.key, node.value], node, node.for_in),
}
