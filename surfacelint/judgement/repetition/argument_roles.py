"""What the arguments of a call site are to the request behind it: input, settings of the model, or lists of inputs."""

from __future__ import annotations

from collections.abc import Iterable

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
    dotted,
)
from surfacelint.judgement.flow.access_paths import first_overlap, reads
from surfacelint.judgement.flow.appended_names import AppendedNames
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.iteration_dataflow import derived
from surfacelint.judgement.repetition.single_inputs import SingleInputs
from surfacelint.judgement.size.chunked_items import ChunkedItems
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_LIST_TYPES = frozenset({"list", "List", "Sequence", "Iterable", "tuple", "Collection", "ndarray", "NDArray", "Series"})
"""Annotations of parameters that take many inputs at once."""

_DEEPEST = 6
"""Hops towards the request through which an argument is followed."""


class ArgumentRoles:
    """Answers for the arguments of the first site of an effect: `position` counts from 0, `name` is the keyword or `None`."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, bodies: Bodies, appended: AppendedNames, chunks: ChunkedItems) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._sweep = catalogue.sweep
        self._no_input = frozenset((*catalogue.sweep.keywords, *catalogue.sweep.delivery))
        self._bodies = bodies
        self._appended = appended
        self._singles = SingleInputs(appended)
        self._chunks = chunks

    def is_setting(self, effect: Effect, position: int, name: str | None, depth: int = 0) -> bool:
        """Whether an argument only selects the model or sets one of its parameters."""
        if name is not None and name in self._sweep.keywords:
            return True
        rest = effect.rest
        is_spread = effect.hop.site.call.arguments[position].star == "**"
        if is_spread and not self._has_input(effect.hop.site.call):
            return False
        if rest is None:
            # Next to a prompt, `**` holds options, unless the prompt is a template. Next to a URL, it holds the prompt.
            is_template = isinstance(effect.sink, Request) and "**" in effect.sink.endpoint.keywords
            return is_spread and not is_template and not self._is_http_call(effect.hop.site)
        if depth > _DEEPEST or effect.hop.row is not None:
            return False
        callee = rest.hop.site.function
        parameter = self._parameter(effect, callee, position, name)
        if parameter is None:
            return False
        if parameter in self._sweep.keywords or parameter in self._sweep.names:
            return True
        body = self._bodies.body(callee)
        if body is None:
            return False
        made = derived(body.statements, {parameter})
        reached = [
            (index, argument.name)
            for index, argument in enumerate(rest.hop.site.call.arguments)
            if first_overlap(reads(argument.value), made) is not None
        ]
        return bool(reached) and all(self.is_setting(rest, index, keyword, depth + 1) for index, keyword in reached)

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
        parameter = self._parameter(effect, callee, position, name)
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

    def _is_http_call(self, site: Site) -> bool:
        """Whether a call sends a raw HTTP request."""
        paths = self._resolver.called_paths(site.call, site.function)
        return any(self._catalogue.canonical(path) in self._catalogue.http_calls for path in paths)

    def _has_input(self, call: Call) -> bool:
        """Whether a call gets more by name or position than a model, its parameters, and how the request is sent and answered."""
        return any(not argument.star and argument.name not in self._no_input for argument in call.arguments)

    def _parameter(self, effect: Effect, callee: FunctionNode, position: int, name: str | None) -> str | None:
        """Return the parameter of `callee` that an argument fills, `None` if the argument may fill several."""
        argument = effect.hop.site.call.arguments[position]
        if argument.star == "**":
            required = [each for each in callee.outline.parameters if each.default is None and not each.kind.startswith("*")]
            filled = [found for parameter in required for found in argument_for(callee.outline, effect.hop.given, parameter.name)]
            if any(isinstance(expr, Subscript) and expr.value is argument.value for _, expr in filled):
                return None  # the prompt comes out of it
            return next((parameter.name for parameter in callee.outline.parameters if parameter.kind == "**"), None)
        wanted = argument.value
        for parameter in callee.outline.parameters:
            if any(expr is wanted or expr == wanted for _, expr in argument_for(callee.outline, effect.hop.given, parameter.name)):
                return parameter.name
        return name


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
