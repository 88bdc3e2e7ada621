"""Replaces the parameters of a function by the arguments of one call: in its result, and in closures that it makes."""

from __future__ import annotations

from dataclasses import replace

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
from surfacelint.linking.evaluation.call_arguments import PassedArguments, Share, shares_for
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator, ValueEvaluator
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

DEEPEST_CLOSURE = 3
"""Closures nested deeper than this lose what they captured."""


@record(frozen=True, slots=True)
class _Run:
    """One run of a function: its arguments, and the captured parameters of the functions around it."""

    function: FunctionNode
    given: PassedArguments
    bound: Bound


class Substitution:
    """Replaces parameters by arguments."""

    def __init__(self, program: ProgramIndex, expressions: ExpressionEvaluator, values: ValueEvaluator) -> None:
        self._program = program
        self._expressions = expressions
        self._values = values
        self._used_names: dict[str, frozenset[str]] = {}

    def result(self, function: FunctionNode, given: PassedArguments, bound: Bound = ()) -> Values:
        """Return the result of a call of `function`; `bound` are the captured parameters of the functions around it."""
        run = _Run(function, given, bound)
        return union([self._substituted(value, run) for value in self._expressions.returned(function)])

    def argument(self, parameter: Parameter, given: PassedArguments) -> Values:
        """Return what `given` passes for a parameter, with the path of the parameter applied.

        For a path into `**name` that begins with a key, only the argument with that keyword is evaluated.
        """
        first = next(iter(segments(parameter.path)), "")
        if first.startswith("['"):
            for share in shares_for(self._program.function(parameter.id).outline, given, parameter.name):
                if share.key == first[2:-2]:
                    values = self._expressions.evaluate(share.expr, self._program.function(share.scope))
                    return self._values.follow(values, parameter.path[len(first) :])
        return self._values.follow(self._argument_or_default(parameter, given), parameter.path)

    def captured(self, parameter: Parameter, bound: Bound) -> Values | None:
        """Return the values that a closure captured for a parameter of a function around it, `None` if they are unknown."""
        found = dict(bound).get(parameter.whole)
        return None if found is None else self._values.follow(found, parameter.path)

    def _substituted(self, value: Value, run: _Run) -> Values:
        match value:
            case Parameter(id=owner) if owner == run.function.id:
                return self.argument(value, run.given)
            case Parameter():
                captured = self.captured(value, run.bound) if run.bound else None
                return (value,) if captured is None else captured
            case Function():
                return (self._closure(value, run),)
            case Items(items=items, keys=keys, called=called):
                return (Items(tuple(self._all_substituted(item, run) for item in items), keys, called),)
            case Partial(function=function, arguments=arguments, scope=scope):
                return tuple(Partial(inner, arguments, scope) for inner in self._substituted(function, run))
            case _:
                return (value,)

    def _all_substituted(self, values: Values, run: _Run) -> Values:
        return union([self._substituted(value, run) for value in values])

    def _closure(self, value: Function, run: _Run) -> Function:
        """Return a function together with the parameters that it captures from the run of a function around it."""
        found: list[tuple[Parameter, Values]] = [(parameter, self._all_substituted(values, run)) for parameter, values in value.bound]
        node = self._program.function(value.id)
        around = {here.id for here in node.scopes()} - {node.id}
        own = [Parameter(run.function.id, each.name) for each in run.function.outline.parameters] if run.function.id in around else []
        known = [parameter for parameter, _ in run.bound if parameter.id in around]
        for parameter in (*own, *known):
            if parameter.name in self._names_in(node):
                found.append((parameter, self._substituted(parameter, run)))
        bound = tuple([(parameter, values) for parameter, values in found if values])
        return replace(value, bound=bound if _depth(bound) <= DEEPEST_CLOSURE else ())

    def _names_in(self, function: FunctionNode) -> frozenset[str]:
        """Return the names that a function and the functions defined in it evaluate."""
        known = self._used_names.get(function.id)
        if known is None:
            outline = function.outline
            inner = [function.module.functions[qualname] for _, qualname in outline.definitions if qualname in function.module.functions]
            evaluated = map(names, outline.evaluated)
            known = self._used_names[function.id] = frozenset().union(*evaluated, *map(self._names_in, inner))
        return known

    def _argument_or_default(self, parameter: Parameter, given: PassedArguments) -> Values:
        function = self._program.function(parameter.id)
        # Keyword arguments of `**name` are looked up by key: a dict of all arguments of all callers would be of little use.
        found = [share for share in shares_for(function.outline, given, parameter.name) if share.key is None]
        values = union([self._evaluated(share) for share in found])
        if values or (found and not any(argument.star for _, argument in given.arguments)):
            return values
        default = next((each.default for each in function.outline.parameters if each.name == parameter.name), None)
        return NONE if default is None else self._expressions.evaluate(default, function.parent or function)

    def _evaluated(self, share: Share) -> Values:
        values = self._expressions.evaluate(share.expr, self._program.function(share.scope))
        return (Items((values,)),) if share.packed else values


def _depth(bound: Bound) -> int:
    """Return how deep closures are nested in captured values."""
    inner = [_depth(value.bound) for _, values in bound for value in values if isinstance(value, Function)]
    return 1 + max(inner, default=0) if bound else 0
