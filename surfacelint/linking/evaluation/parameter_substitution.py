"""What a call puts for the parameters of a function: in what it gives, and in the functions that it makes there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from surfacelint.facts.expressions import names
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    Bound,
    Function,
    Items,
    Parameter,
    Partial,
    Value,
    Values,
    segments,
    union,
)
from surfacelint.linking.evaluation.call_arguments import Passed, Share, shares_for
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

if TYPE_CHECKING:
    from surfacelint.linking.evaluation.resolver import Resolver

DEEPEST_CLOSURE = 3
"""Wrappers around wrappers; nobody needs more of them."""


@record(frozen=True, slots=True)
class _Run:
    """One run of a function: what it was given, and what is bound already in the functions around it."""

    function: FunctionNode
    given: Passed
    bound: Bound


class Substitution:
    """Puts arguments for parameters, in one program."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._used: dict[str, frozenset[str]] = {}

    def made(self, function: FunctionNode, given: Passed, bound: Bound = ()) -> Values:
        """Return what a function gives that is run with some arguments; `bound` is what those around it were given."""
        run = _Run(function, given, bound)
        return union([self._put(value, run) for value in self._resolver.returned(function)])

    def given(self, parameter: Parameter, given: Passed) -> Values:
        """Return what `given` passes for a parameter. Of `**name` only the argument is looked at that the path begins with."""
        first = next(iter(segments(parameter.path)), "")
        if first.startswith("['"):
            for share in shares_for(self._resolver.function(parameter.id).outline, given, parameter.name):
                if share.key == first[2:-2]:
                    values = self._resolver.evaluate(share.expr, self._resolver.function(share.scope))
                    return self._resolver.follow(values, parameter.path[len(first) :])
        return self._resolver.follow(self._actual(parameter, given), parameter.path)

    def kept(self, parameter: Parameter, bound: Bound) -> Values | None:
        """Return what a function that is made finds in a parameter of one around it, `None` where that is not known."""
        found = dict(bound).get(parameter.whole)
        return None if found is None else self._resolver.follow(found, parameter.path)

    def _put(self, value: Value, run: _Run) -> Values:
        """Put arguments for parameters in one value."""
        match value:
            case Parameter(id=owner) if owner == run.function.id:
                return self.given(value, run.given)
            case Parameter():
                kept = self.kept(value, run.bound) if run.bound else None
                return (value,) if kept is None else kept
            case Function():
                return (self._closed(value, run),)
            case Items(items=items, keys=keys):
                return (Items(tuple(self._put_all(item, run) for item in items), keys),)
            case Partial(function=function, arguments=arguments, scope=scope):
                return tuple(Partial(inner, arguments, scope) for inner in self._put(function, run))
            case _:
                return (value,)

    def _put_all(self, values: Values, run: _Run) -> Values:
        return union([self._put(value, run) for value in values])

    def _closed(self, value: Function, run: _Run) -> Function:
        """Return a function with what it finds in the parameters of those around it, of which one is run."""
        found: list[tuple[Parameter, Values]] = [(parameter, self._put_all(values, run)) for parameter, values in value.bound]
        node = self._resolver.function(value.id)
        around = {here.id for here in node.scopes()} - {node.id}
        own = [Parameter(run.function.id, each.name) for each in run.function.outline.parameters] if run.function.id in around else []
        known = [parameter for parameter, _ in run.bound if parameter.id in around]
        for parameter in (*own, *known):
            if parameter.name in self._names(node):
                found.append((parameter, self._put(parameter, run)))
        bound = tuple([(parameter, values) for parameter, values in found if values])
        return replace(value, bound=bound if _depth(bound) <= DEEPEST_CLOSURE else ())

    def _names(self, function: FunctionNode) -> frozenset[str]:
        """Return the names that a function, and what is defined in it, evaluates."""
        known = self._used.get(function.id)
        if known is None:
            outline = function.outline
            inner = [function.module.functions[qualname] for _, qualname in outline.definitions if qualname in function.module.functions]
            known = self._used[function.id] = frozenset().union(*map(names, outline.evaluated), *map(self._names, inner))
        return known

    def _actual(self, parameter: Parameter, given: Passed) -> Values:
        """Return what `given` passes for a parameter: its argument, or else its default."""
        function = self._resolver.function(parameter.id)
        # What is named is looked up by its name: a dict of all arguments of all callers would be of little use.
        found = [share for share in shares_for(function.outline, given, parameter.name) if share.key is None]
        values = union([self._shared(share) for share in found])
        if values or (found and not any(argument.star for _, argument in given.arguments)):
            return values
        default = next((each.default for each in function.outline.parameters if each.name == parameter.name), None)
        return NONE if default is None else self._resolver.evaluate(default, function.parent or function)

    def _shared(self, share: Share) -> Values:
        values = self._resolver.evaluate(share.expr, self._resolver.function(share.scope))
        return (Items((values,)),) if share.packed else values


def _depth(bound: Bound) -> int:
    """Return how many functions with something bound hold each other."""
    inner = [_depth(value.bound) for _, values in bound for value in values if isinstance(value, Function)]
    return 1 + max(inner, default=0) if bound else 0
