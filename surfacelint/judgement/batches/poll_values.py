"""Evaluates expressions in a polling loop, given the status that a batch job has."""

from __future__ import annotations

from typing import TypeAlias

from surfacelint.facts.expressions import Attribute, Await, Call, Choice, Collection, Composite, Constant, Expr, Name, Walrus, dotted
from surfacelint.judgement.batches.batch_jobs import BatchJobs
from surfacelint.judgement.evidence import Evidence
from surfacelint.linking.evaluation.constants import constant, definition
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

Known: TypeAlias = str | bool | None
"""A value during simulation, or `None` if it is unknown."""

_CASE_METHODS = frozenset({"lower", "upper", "strip", "casefold"})

_MOST_STEPS = 20
"""Names and calls that are followed to a collection of states."""


@record(frozen=True, slots=True)
class PollValues:
    """Values in `function` while the job has the status `state`. `held` are the known values of access paths that the loop sets."""

    evidence: Evidence
    jobs: BatchJobs
    function: FunctionNode
    state: str
    held: dict[str, Known]

    def copy(self) -> PollValues:
        """Return values that can be changed independently."""
        return PollValues(self.evidence, self.jobs, self.function, self.state, dict(self.held))

    def truth(self, expr: Expr) -> bool | None:
        """Return the truth value of an expression, or `None` if it is unknown."""
        value = self.value(expr)
        return value if isinstance(value, bool) else None

    def value(self, expr: Expr) -> Known:
        """Return the value of an expression."""
        key = dotted(expr)
        if key is not None and key in self.held and self.held[key] is not None:
            return self.held[key]
        if self._is_status(expr):
            return self.state
        match expr:
            case Constant(value=str() | bool() as value):
                return value
            case Constant(value=int() as number):
                return bool(number)
            case Attribute(attr=attr) if attr in self.jobs.api.done:
                return attr
            case Attribute(value=inner, attr="value" | "name") | Await(value=inner) | Walrus(value=inner):
                return self.value(inner)
            case Call(function=Name(id="str"), arguments=(argument,)):
                return self.value(argument.value)
            case Call(function=Attribute(value=inner, attr=attr), arguments=()) if attr in _CASE_METHODS:
                text = self.value(inner)
                return getattr(text, attr)() if isinstance(text, str) else None
            case Composite():
                return self._composite(expr)
            case Choice(options=options, operator=("and" | "or") as operator):
                return _combined([self.truth(option) for option in options], operator == "or")
            case _:
                return self._constant(expr, key)

    def _is_status(self, expr: Expr) -> bool:
        """Whether an expression is the status of the job, by all values that it may have outside of the simulation."""
        if isinstance(expr, Constant | Composite | Choice | Collection):
            return False
        return self.jobs.is_status(expr, self.function)

    def _constant(self, expr: Expr, key: str | None) -> Known:
        if key is None or key in self.held:
            return None
        known = constant(self.evidence.resolver, expr, self.function)
        return known if isinstance(known, str | bool) else None

    def _composite(self, expr: Composite) -> Known:
        match expr:
            case Composite(operator="not", parts=(inner,)):
                truth = self.truth(inner)
                return None if truth is None else not truth
            case Composite(operator=("==" | "!=" | "is" | "is not") as operator, parts=(left, right)):
                one, other = self.value(left), self.value(right)
                return None if one is None or other is None else (one == other) == (operator in ("==", "is"))
            case Composite(operator=("in" | "not in") as operator, parts=(left, right)):
                one, others = self.value(left), self._members(right)
                if one is None or others is None:
                    return None
                return (one in others) == (operator == "in") if one in others or None not in others else None
            case _:
                return None

    def _members(self, expr: Expr) -> list[Known] | None:
        """Return the values of the items of a collection, also of one that is defined elsewhere under a name."""
        for _ in range(_MOST_STEPS):
            if isinstance(expr, Collection):
                return self._items(expr)
            if isinstance(expr, Call) and isinstance(expr.function, Name) and len(expr.arguments) == 1:
                expr = expr.arguments[0].value
                continue
            defined = definition(self.evidence.resolver, expr, self.function)
            if defined is None:
                return None
            expr = defined[0]
        return None

    def _items(self, expr: Collection) -> list[Known]:
        # If one attribute of an enumeration is a terminal state, its other attributes are states, too.
        attributes = [item for item in expr.items if isinstance(item, Attribute)]
        owners = [item.value for item in attributes if item.attr in self.jobs.api.done]
        return [item.attr if isinstance(item, Attribute) and item.value in owners else self.value(item) for item in expr.items]


def _combined(truths: list[bool | None], either: bool) -> bool | None:
    """Return the `or` of truth values if `either`, otherwise their `and`."""
    if either in truths:
        return either
    return None if None in truths else not either
