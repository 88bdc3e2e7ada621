"""Whether an iterable gives single items or chunks of items, and whether an expression is a text."""

from __future__ import annotations

from collections.abc import Sequence

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Expr,
    Name,
    Slice,
    Subscript,
)
from surfacelint.judgement.flow.appended_names import AppendedNames
from surfacelint.linking.evaluation.abstract_values import External, Function, Method
from surfacelint.linking.evaluation.constants import definition
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_DEEPEST = 10
"""Nested wrappers of an iterable, and names bound to names, that are followed."""

_TEXT_NAMES = frozenset({"text", "content", "document", "doc", "essay", "transcript", "string", "article", "page_content", "body"})
_TEXT_METHODS = frozenset({"read", "read_text", "join", "decode", "strip", "replace", "format", "lower", "getvalue"})


class ChunkedItems:
    """Answers for the iterables of one program."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, appended: AppendedNames) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._appended = appended

    def items(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> Expr:
        """Return the iterable inside `expr`, without progress bars, `enumerate` and other wrappers that keep the items."""
        if not isinstance(expr, Call) or depth > _DEEPEST:
            return expr
        positional = [argument.value for argument in expr.arguments if argument.name is None]
        for value in self._resolver.callee(expr, scope):
            if not isinstance(value, External):
                continue
            progress, row = self._catalogue.progress(value.path), self._catalogue.iteration(value.path)
            position = progress.argument if progress is not None else row.argument if row is not None and row.effect == "same" else None
            if position is not None and 0 <= position < len(positional) and not (row is not None and row.all_arguments):
                return self.items(positional[position], scope, depth + 1)
        return expr

    def in_chunks(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> bool:
        """Whether iterating over `expr` gives chunks of items, or the indexes where chunks begin."""
        if depth > _DEEPEST:
            return False
        if not isinstance(expr, Call):
            if self._has_slices(_items_of(expr), scope):
                return True
            if isinstance(expr, Name) and expr.id in self._appended.lists_of_lists(scope.outline):
                return True
            defined = definition(self._resolver, expr, scope)
            return defined is not None and self.in_chunks(defined[0], defined[1], depth + 1)
        for value in self._resolver.evaluate(expr.function, scope):
            if isinstance(value, Function | Method) and self._slices(value.id):
                return True
            if not isinstance(value, External):
                continue
            if value.path == "builtins.range":
                return len(expr.arguments) == 3 and expr.arguments[2].value != Constant(1)
            row = self._catalogue.iteration(value.path)
            if row is not None and row.effect == "chunks":
                return True
            if row is not None or self._catalogue.progress(value.path) is not None:
                return any(self.in_chunks(argument.value, scope, depth + 1) for argument in expr.arguments if argument.name is None)
        return False

    def _slices(self, id_: str) -> bool:
        """Whether a function yields or returns slices: `yield xs[i : i + n]`, `return [xs[i : i + n] for …]`."""
        function = self._resolver.function(id_)
        return self._has_slices([item for value in function.outline.returns for item in _items_of(value)], function)

    def _has_slices(self, items: Sequence[Expr], scope: FunctionNode) -> bool:
        """Whether `items` include a slice of a list. A slice of a text is a single input."""
        return any(isinstance(item, Subscript) and isinstance(item.index, Slice) and not self.is_text(item.value, scope) for item in items)

    def is_text(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> bool:
        """Whether an expression is a string, judging by its form, annotation or name."""
        match expr:
            case Constant(value=str()) | Composite(operator="format"):
                return True
            case Call(function=Attribute(attr=attr)):
                return attr in _TEXT_METHODS
            case Attribute(attr=attr):
                return attr in _TEXT_NAMES
            case Name(id=name):
                annotation = next((p.annotation for p in scope.outline.parameters if p.name == name), None)
                if annotation is not None:
                    return annotation == Name("str")
                defined = definition(self._resolver, expr, scope) if depth < _DEEPEST else None
                return name in _TEXT_NAMES or (defined is not None and self.is_text(defined[0], defined[1], depth + 1))
            case _:
                return False


def _items_of(expr: Expr) -> tuple[Expr, ...]:
    if isinstance(expr, Collection):
        return expr.items
    return expr.elements if isinstance(expr, Comprehension) and expr.kind != "dict" else ()
