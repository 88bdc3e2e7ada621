"""Counts the requests that an expression stands for (one, many or unknown), and follows names and calls to their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from surfacelint.facts.expressions import Call, Expr
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.enclosing_statements import Block, EnclosingStatement
from surfacelint.judgement.flow.reaching_definitions import ReachingDefinitions, definitions_before
from surfacelint.judgement.flow.statement_definitions import Definition
from surfacelint.linking.evaluation.abstract_values import Function, Method
from surfacelint.linking.evaluation.call_arguments import PassedArguments, argument_for, passed
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

RequestCount: TypeAlias = Literal["one", "many", ""]
"""A number of requests. It is empty if the number is unknown."""

DEEPEST = 12
"""Names and calls that are followed from one expression."""


@record(frozen=True, slots=True)
class Context:
    """A point in a function from which expressions are followed.

    `before` are the definitions that reach the point, and `block` the statements around it. In a function that is entered through a
    call, `caller` is the context of that call and `given` are its arguments.
    """

    function: FunctionNode
    before: ReachingDefinitions
    block: Block
    caller: Context | None = None
    given: PassedArguments | None = None

    def last_definition(self, name: str) -> Definition | None:
        """Return the last definition of `name` that reaches this point."""
        return next((each for _, each in self.before.naming(name, len(self.before)) if name in each.keys), None)


Counter: TypeAlias = Callable[[Expr, Context, int], RequestCount]
"""Counts the requests of an expression, in a context, after following a number of names and calls."""


@record(frozen=True, slots=True)
class ValueFollower:
    """Passes the values behind names and calls on to a `Counter`."""

    evidence: Evidence

    def enter(self, function: FunctionNode, caller: Context, given: PassedArguments) -> Context | None:
        """Return the context at the end of a called function, or `None` if its body is unknown or empty."""
        body = self.evidence.sites.bodies.body(function)
        if body is None or not body.statements:
            return None
        end = EnclosingStatement(body.statements[-1], "", body.statements, len(body.statements))
        return Context(function, definitions_before((end,), -1), body.statements, caller, given)

    def count_argument(self, name: str, context: Context, depth: int, counter: Counter) -> RequestCount:
        """Count the requests of the argument that the caller passes for a parameter."""
        if context.caller is None or context.given is None:
            return ""
        found = argument_for(context.function.outline, context.given, name)
        return counter(found[0][1], context.caller, depth + 1) if len(found) == 1 else ""

    def count_name(self, name: str, context: Context, depth: int, counter: Counter) -> RequestCount:
        """Count the requests of the last value of a name."""
        definition = context.last_definition(name)
        if definition is None:
            return self.count_argument(name, context, depth, counter)
        return counter(definition.value, context, depth + 1) if definition.certain and not definition.loops else ""

    def count_returned(self, call: Call, context: Context, depth: int, counter: Counter) -> RequestCount:
        """Count the requests that a call of a first-party function returns."""
        found: list[RequestCount] = []
        for value in self.evidence.resolver.callee(call, context.function):
            if not isinstance(value, Function | Method):
                return ""
            callee = self.evidence.resolver.function(value.id)
            inner = self.enter(callee, context, passed(call, context.function.id, skip=int(isinstance(value, Method))))
            if inner is None or callee.outline.is_generator:
                return ""
            found += [counter(returned, inner, depth + 1) for returned in callee.outline.returns]
        return common(found)

    def is_first_party(self, call: Call, context: Context) -> bool:
        """Whether a call may run a function of the project."""
        return any(isinstance(value, Function | Method) for value in self.evidence.resolver.callee(call, context.function))


def total(counts: Iterable[RequestCount]) -> RequestCount:
    """Add counts up. Unknown ones are left out."""
    found = [count for count in counts if count]
    return "" if not found else "one" if found == ["one"] else "many"


def common(counts: Iterable[RequestCount]) -> RequestCount:
    """Return the count of alternatives if all have the same."""
    found = set(counts)
    return found.pop() if len(found) == 1 else ""
