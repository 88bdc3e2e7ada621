"""Finds the models that the code names for a request: in its arguments, in its JSON body, or where its client is made."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import Argument, Attribute, Call, Composite, Expr, Name
from surfacelint.linking.calls.request_summaries import Effect, Hop
from surfacelint.linking.evaluation.abstract_values import GAP, Parameter, Values, union
from surfacelint.linking.evaluation.constants import definition, member
from surfacelint.linking.evaluation.library_paths import BODY_KEYWORDS
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_KEYWORDS = frozenset({"model", "model_name", "model_id", "modelId", "engine"})
"""Keyword arguments of requests and clients that name a model."""

_BODIES = BODY_KEYWORDS | {"json", "data", "body", "content"}
"""Keyword arguments that hold the body of a request."""

_DEEPEST = 4
"""Names and parts of pipelines between a request and the call that makes its client."""


def named_models(resolver: Resolver, effect: Effect) -> tuple[str, ...]:
    """Return the names of the models that a request may use on the way of `effect`, sorted; empty if the code names none."""
    hops = list(effect.hops())
    values = union(_of_arguments(resolver, hops[-1]))
    if not values:
        call, function = hops[-1].site.call, hops[-1].site.function
        values = union(_of_client(resolver, call.function.value, function, 0)) if isinstance(call.function, Attribute) else ()
    for outer, inner in zip(reversed(hops[:-1]), reversed(hops[1:]), strict=True):
        values = _passed(resolver, values, inner.site.function, outer)
    names = {text.value for text in resolver.clients.texts(values)}
    return tuple(sorted(name for name in names if name.strip() and GAP not in name))


def _of_arguments(resolver: Resolver, hop: Hop) -> Iterator[Values]:
    """Yield the values of the arguments of a request that name a model."""
    for scope, argument in hop.given.arguments:
        function = resolver.function(scope)
        if argument.name in _KEYWORDS:
            yield resolver.evaluate(argument.value, function)
        elif argument.star == "**" or argument.name in _BODIES:
            yield from _of_body(resolver, argument, function)


def _of_body(resolver: Resolver, argument: Argument, function: FunctionNode) -> Iterator[Values]:
    """Yield the values for the model in a dict, which may be passed to a call such as `json.dumps`."""
    value, scope = definition(resolver, argument.value, function) or (argument.value, function)
    if isinstance(value, Call) and value.arguments and value.arguments[0].name is None:
        value, scope = definition(resolver, value.arguments[0].value, scope) or (value.arguments[0].value, scope)
    for name in sorted(_KEYWORDS):
        part = member(value, name)
        if part is not None:
            yield resolver.evaluate(part, scope)


def _of_client(resolver: Resolver, expr: Expr, function: FunctionNode, depth: int) -> Iterator[Values]:
    """Yield the models named by the calls that make a client, or a part of a pipeline: `prompt | ChatOpenAI(model="…")`."""
    if depth > _DEEPEST:
        return
    if isinstance(expr, Name | Attribute):
        defined = definition(resolver, expr, function)
        if defined is not None:
            yield from _of_client(resolver, defined[0], defined[1], depth + 1)
        elif isinstance(expr, Attribute):
            yield from _of_client(resolver, expr.value, function, depth + 1)
    elif isinstance(expr, Composite):
        for part in expr.parts:
            yield from _of_client(resolver, part, function, depth + 1)
    elif isinstance(expr, Call):
        named = [argument for argument in expr.arguments if argument.name in _KEYWORDS]
        yield from (resolver.evaluate(argument.value, function) for argument in named)
        if not named and isinstance(expr.function, Attribute):
            yield from _of_client(resolver, expr.function.value, function, depth + 1)


def _passed(resolver: Resolver, values: Values, callee: FunctionNode, hop: Hop) -> Values:
    """Return values with the parameters of `callee` replaced by what a hop passes for them."""
    return union(
        resolver.substitution.argument(value, hop.given) if isinstance(value, Parameter) and value.id == callee.id else (value,)
        for value in values
    )
