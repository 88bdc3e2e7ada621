"""Number of items that one call of a first-party function returns or yields, by its arguments: `load(path, limit=3)`."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import Call, Collection, Constant, Expr, Mapping, Yield, walk
from surfacelint.facts.function_bodies import Evaluate, For, If, Return, Try, With
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.decided_branches import decided
from surfacelint.judgement.flow.enclosing_statements import Block, blocks_of, expressions_of
from surfacelint.judgement.flow.reaching_definitions import definitions_in
from surfacelint.judgement.size.call_result_sizes import SizeOf, largest, product
from surfacelint.judgement.size.last_assignments import with_last_assignments
from surfacelint.linking.calls.switch_conditions import SwitchConditions
from surfacelint.linking.evaluation.abstract_values import Function, Method, Parameter
from surfacelint.linking.evaluation.call_arguments import passed
from surfacelint.linking.evaluation.function_runs import Passed, Run
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_MOST_RUNS = 3
"""Calls within calls that are followed."""

_NOTHING = (None, Constant(None), Collection("list", ()), Collection("tuple", ()), Mapping((), ()))
"""What a function returns that found nothing."""


class ReturnedItems:
    """Sizes of what first-party functions return. `size_of` measures expressions in them, and asks here for what a run passes."""

    def __init__(self, resolver: Resolver, bodies: Bodies, conditions: SwitchConditions, size_of: SizeOf) -> None:
        self._resolver = resolver
        self._bodies = bodies
        self._conditions = conditions
        self._size_of = size_of
        self._runs: list[Run] = []

    def of(self, call: Call, scope: FunctionNode, depth: int) -> int | None:
        """Return the largest number of items that a call gives, `None` where it is unknown."""
        values = self._resolver.callee(call, scope)
        if len(values) != 1 or not isinstance(values[0], Function | Method) or len(self._runs) >= _MOST_RUNS:
            return None
        function = self._resolver.function(values[0].id)
        body = self._bodies.body(function)
        if body is None:
            return None
        given = passed(call, scope.id, skip=int(isinstance(values[0], Method)))
        run = self._conditions.switches.objects.run(call, function, given, scope)
        self._runs.append(run)
        try:
            block = decided(body.statements, lambda test: self._holds(test, function))
            sizes = list(
                self._yielded(block, (), [], function, depth) if function.outline.is_generator else self._returned(block, function, depth)
            )
        finally:
            self._runs.pop()
        return largest(sizes) or None

    @property
    def is_following(self) -> bool:
        """Whether answers are about one run of a function."""
        return bool(self._runs)

    def number(self, expr: Expr, scope: FunctionNode) -> int | None:
        """Return the largest value of a number in `scope`: in the run that is followed, or in all runs."""
        return self._conditions.largest(expr, scope, self._runs_of(scope))

    def passed(self, name: str, scope: FunctionNode) -> Passed | None:
        """Return what the run of `scope` that is followed passes for a parameter, `None` if none is followed."""
        runs = self._runs_of(scope)
        return self._conditions.switches.objects.passed(runs[0], Parameter(scope.id, name)) if runs else None

    def _runs_of(self, scope: FunctionNode) -> tuple[Run, ...]:
        """Return the run of a function that is followed, and those around it, innermost first."""
        found: list[Run] = []
        for run in reversed(self._runs):
            if run.callee is (found[-1].caller if found else scope):
                found.append(run)
        return tuple(found)

    def _holds(self, test: Expr, function: FunctionNode) -> bool | None:
        return self._conditions.holds(test, function, self._runs_of(function))

    def _returned(self, block: Block, function: FunctionNode, depth: int) -> Iterator[int | None]:
        for value, before in _returns(block, ()):
            if value in _NOTHING:
                yield 0
                continue
            assigned = None if value is None else with_last_assignments(value, definitions_in(before), bounded=True)
            yield None if assigned is None else self._size_of(assigned, function, depth + 1)

    def _yielded(self, block: Block, before: Block, loops: list[int | None], function: FunctionNode, depth: int) -> Iterator[int | None]:
        """Yield the number of runs of each `yield` in a block of a generator inside of `loops`, each with its number of rounds."""
        for index, statement in enumerate(block):
            here = (*before, *block[:index])
            if isinstance(statement, Evaluate | Return) and statement.value is not None:
                if any(isinstance(part, Yield) for part in walk(statement.value)):
                    yield product(loops) if loops and isinstance(statement.value, Yield) and not statement.value.delegates else None
            elif isinstance(statement, For):
                rounds = self._size_of(with_last_assignments(statement.iterable, definitions_in(here)), function, depth + 1)
                yield from self._yielded(statement.body, here, [*loops, rounds], function, depth)
            elif isinstance(statement, If | With | Try):
                for _, inner in blocks_of(statement):
                    yield from self._yielded(inner, here, loops, function, depth)
            elif any(isinstance(part, Yield) for _, expr in expressions_of(statement) for part in walk(expr)) or blocks_of(statement):
                yield None


def _returns(block: Block, before: Block) -> Iterator[tuple[Expr | None, Block]]:
    """Yield what a block returns, with the statements before each `return`."""
    for index, statement in enumerate(block):
        here = (*before, *block[:index])
        if isinstance(statement, Return):
            yield statement.value, here
        for _, inner in blocks_of(statement):
            yield from _returns(inner, here)
