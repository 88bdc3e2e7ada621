"""Lists among the arguments of a call site: many inputs in one request."""

from __future__ import annotations

from collections.abc import Iterable

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
    dotted,
)
from surfacelint.judgement.flow.appended_names import AppendedNames
from surfacelint.judgement.repetition.setting_arguments import filled_parameter
from surfacelint.judgement.repetition.single_inputs import SingleInputs
from surfacelint.judgement.size.chunked_items import ChunkedItems
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_LIST_TYPES = frozenset({"list", "List", "Sequence", "Iterable", "tuple", "Collection", "ndarray", "NDArray", "Series"})
"""Annotations of parameters that take many inputs at once."""


class ListArguments:
    """Answers for the arguments of the first site of an effect: `position` counts from 0, `name` is the keyword or `None`."""

    def __init__(self, appended: AppendedNames, chunks: ChunkedItems) -> None:
        self._appended = appended
        self._singles = SingleInputs(appended)
        self._chunks = chunks

    def is_list(self, effect: Effect, position: int, name: str | None) -> bool:
        """Whether an argument is a list that the caller makes, or the callee declares its parameter a list or cuts it into slices."""
        value, scope = effect.hop.site.call.arguments[position].value, effect.hop.site.function
        if self._singles.is_single(value, scope):
            return False
        if isinstance(value, Name) and (value.id in self._appended.added_to(scope.outline) or _holds_comprehension(value.id, scope)):
            return True
        if isinstance(value, Call) and value.function in (Name("list"), Name("sorted")):
            return True
        if effect.rest is None or effect.hop.row is not None:
            return False
        callee = effect.rest.hop.site.function
        parameter = filled_parameter(effect, callee, position, name)
        annotation = next((each.annotation for each in callee.outline.parameters if each.name == parameter), None)
        if annotation is not None:
            return _is_list_type(annotation)
        return any(self._is_slice(argument.value, callee, parameter) for argument in effect.rest.hop.site.call.arguments)

    def _is_slice(self, value: Expr, callee: FunctionNode, parameter: str | None) -> bool:
        """Whether a value is a slice of a list: of a parameter that is no text, or of a list that the function fills."""
        if not (isinstance(value, Subscript) and isinstance(value.index, Slice) and isinstance(value.value, Name)):
            return False
        if value.value.id in self._appended.added_to(callee.outline):
            return True
        return value.value.id == parameter and not self._chunks.is_text(value.value, callee)


def _holds_comprehension(name: str, scope: FunctionNode) -> bool:
    """Whether a function binds a name to list comprehensions only, which make lists of many items."""
    bound = [source.value for source in scope.names.get(name, ())]
    return bool(bound) and all(isinstance(value, Comprehension) and value.kind == "list" for value in bound)


def _is_list_type(annotation: Expr) -> bool:
    """Whether an annotation allows only lists, arrays and `None`."""
    match annotation:
        case Subscript(value=Name(id="Optional") | Attribute(attr="Optional"), index=index):
            return _is_list_type(index)
        case Subscript(value=Name(id="Union") | Attribute(attr="Union"), index=Collection(items=parts)):
            return _are_list_types(parts)
        case Composite(operator="|", parts=parts):
            return _are_list_types(parts)
        case Subscript(value=value):
            return _is_list_type(value)
        case _:
            return (dotted(annotation) or "").rpartition(".")[2] in _LIST_TYPES


def _are_list_types(annotations: Iterable[Expr]) -> bool:
    return all(_is_list_type(part) for part in annotations if part != Constant(None))
