"""Lists of one input: a request that takes a list, and gets a display with a single item, is one request."""

from __future__ import annotations

from itertools import pairwise

from surfacelint.facts.expressions import Collection, Expr, Name, Starred
from surfacelint.judgement.flow.appended_names import AppendedNames
from surfacelint.judgement.flow.enclosing_repetitions import items_of
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.symbol_tables import FunctionNode


class SingleInputs:
    """Answers for the effects of one program."""

    def __init__(self, appended: AppendedNames) -> None:
        self._appended = appended

    def is_single(self, expr: Expr, scope: FunctionNode) -> bool:
        """Whether an expression is a list of one item, or a name that its function binds to such a list and adds nothing to."""
        if isinstance(expr, Collection):
            return len(expr.items) == 1 and not isinstance(expr.items[0], Starred)
        if not isinstance(expr, Name) or expr.id in self._appended.added_to(scope.outline):
            return False
        bound = [source.value for source in scope.names.get(expr.id, ())]
        return bool(bound) and all(isinstance(value, Collection) and self.is_single(value, scope) for value in bound)

    def reaches_request(self, effect: Effect) -> bool:
        """Whether the request of a pseudo-batch at the end of an effect gets a list of one item from a function on the way."""
        hops = list(effect.hops())
        last = hops[-1]
        if last.row is None:
            return False
        value = items_of(last.site.call, last.row)
        for hop, caller in pairwise((*reversed(hops), None)):
            assert hop is not None
            function = hop.site.function
            if value is None or self.is_single(value, function):
                return value is not None
            if caller is None or caller.row is not None or not isinstance(value, Name):
                return False
            passed = [expr for _, expr in argument_for(function.outline, caller.given, value.id)]
            value = passed[0] if len(passed) == 1 else None
        return False
