"""What all known callers pass for a parameter."""

from __future__ import annotations

from surfacelint.facts.expressions import Attribute, Constant, Expr, Name
from surfacelint.linking.evaluation.abstract_values import Parameter, Values, segments, union
from surfacelint.linking.evaluation.call_arguments import PassedArguments, shares_for
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator, ValueEvaluator
from surfacelint.linking.evaluation.parameter_substitution import Substitution
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_DEEPEST = 6
"""Calls through which an argument is followed."""


class CallerArguments:
    """Replaces parameters by the arguments of all known callers."""

    def __init__(self, program: ProgramIndex, expressions: ExpressionEvaluator, values: ValueEvaluator, substitution: Substitution) -> None:
        self._program = program
        self._memo = program.memo
        self._expressions = expressions
        self._values = values
        self._substitution = substitution

    def everywhere(self, values: Values) -> Values:
        """Replace parameters by what all known callers pass: for values that outlive the call, such as attributes of an instance."""
        if not any(isinstance(value, Parameter) for value in values):
            return values
        return union([self._from_callers(value) if isinstance(value, Parameter) else (value,) for value in values])

    def is_sometimes_omitted(self, parameter: Parameter) -> bool:
        """Whether some known callers pass an argument for a parameter and others rely on its default."""
        calls = self._program.calls_of(parameter.id)
        outline = self._program.function(parameter.id).outline
        passing = [bool(shares_for(outline, given, parameter.name)) for _, given in calls]
        return any(passing) and not all(passing)

    def may_be_unknown(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> bool:
        """Whether the value of `expr` is unknown for some of the known calls that lead to it, or is nothing for some of them."""
        if depth > _DEEPEST or expr == Constant(None):
            return True
        if isinstance(expr, Attribute) and expr.value == Name(scope.first or "") and scope.owner is not None:
            bound = scope.owner.attributes.get(expr.attr, [])
            if len(bound) == 1 and bound[0][1].value is not None and expr.attr not in scope.owner.members:
                return self.may_be_unknown(bound[0][1].value, bound[0][0], depth + 1)
        values = self._expressions.evaluate(expr, scope)
        return not values or any(isinstance(value, Parameter) and self._is_unknown_for_some(value, depth) for value in values)

    def _is_unknown_for_some(self, parameter: Parameter, depth: int) -> bool:
        calls = self._program.calls_of(parameter.id)
        outline = self._program.function(parameter.id).outline
        declared = next((each for each in outline.parameters if each.name == parameter.name), None)
        if parameter.path or declared is None or declared.kind in ("*", "**"):
            return bool(parameter.path) and not self.everywhere((parameter,))  # of a part, what is known counts for all
        shares = [shares_for(outline, given, parameter.name) for _, given in calls]
        if not (shares and all(shares)) and declared.default in (None, Constant(None)):
            return True
        return any(self.may_be_unknown(share.expr, self._program.function(share.scope), depth + 1) for found in shares for share in found)

    def keyword_arguments(self, values: Values) -> Values:
        """Return all values that callers pass by keyword for `**kwargs` parameters among `values`."""
        program = self._program
        found = []
        for value in values:
            if isinstance(value, Parameter) and not value.path:
                calls = program.calls_of(value.id)
                outline = program.function(value.id).outline
                shares = [share for _, given in calls for share in shares_for(outline, given, value.name)]
                found += [self._expressions.evaluate(share.expr, program.function(share.scope)) for share in shares]
        return self.everywhere(union(found))

    def _from_callers(self, value: Parameter) -> Values:
        return self._memo.answer(("callers", value), lambda: self._passed(value))

    def _passed(self, value: Parameter) -> Values:
        """Return what all known callers pass, one step of the path at a time: paths that begin alike share the answers."""
        calls = self._program.calls_of(value.id)
        *before, last = segments(value.path) or ("",)
        if before:
            owners = self._from_callers(Parameter(value.id, value.name, "".join(before)))
        else:
            if not last or last.startswith("['"):
                all_given = [given for _, given in calls] or [PassedArguments(())]
                found = self.everywhere(union([self._substitution.argument(value, given) for given in all_given]))
                # If nothing is known of the arguments, the default applies.
                return found or self.everywhere(self._substitution.argument(value, PassedArguments(())))
            owners = self._from_callers(Parameter(value.id, value.name))
        return self.everywhere(self._values.follow(owners, last))
