"""Tracks batch results through the statements of a function and of the functions it calls, by abstract execution."""

from __future__ import annotations

from surfacelint.facts.expressions import Composite
from surfacelint.facts.function_bodies import Assign, Augment, Evaluate, For, If, Return, Statement, Try, While, With
from surfacelint.judgement.batches.result_calls import BatchCalls, ResultCalls
from surfacelint.judgement.batches.result_fields import Activation, FieldPath, ResultFields, ResultUse
from surfacelint.judgement.batches.result_values import TrackingState
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.access_paths import root
from surfacelint.judgement.flow.enclosing_statements import Block
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_DEEPEST = 8
"""Nested calls."""

_PASSES = 3
"""Passes over a body, because statements late in a loop may define what its earlier ones read."""


class ResultTracking:
    """One run, from one function."""

    def __init__(self, evidence: Evidence, fields: ResultFields, batch_calls: BatchCalls, leading: frozenset[str]) -> None:
        self._evidence = evidence
        self._state = TrackingState(fields)
        self._values = ResultCalls(evidence, self._state, self._run, batch_calls, leading).values
        self._done: dict[object, Activation] = {}

    def start(self, function: FunctionNode) -> ResultUse:
        """Return what `function`, with the functions it calls, does with batch results."""
        act = self._run(function, {})
        if act is not None:
            kept = [path for key, held in act.paths.items() if self._outlives(key, act) for path in held]
            uncalled = not self._evidence.effects.edges.get(function.id)
            self._state.use.escaped = any(map(self._state.fields.is_whole_result, [*kept, *(act.returned if uncalled else ())]))
        return self._state.use

    def _outlives(self, key: str, act: Activation) -> bool:
        """Whether the value of an access path is still reachable after the function has returned."""
        name = root(key)
        given = any(parameter.name == name for parameter in act.function.outline.parameters)
        return given or name in act.function.outline.global_names

    def _run(self, function: FunctionNode, paths: dict[str, set[FieldPath]]) -> Activation | None:
        """Execute a function with the field paths of its parameters, once for equal inputs."""
        state = self._state
        statement, guarded = state.statement, state.statement is not None and state.guarded
        key = (function.id, frozenset((name, frozenset(held)) for name, held in paths.items() if held), guarded)
        if key in self._done:
            return self._done[key]
        body = self._evidence.sites.bodies.body(function) if len(state.stack) < _DEEPEST else None
        if body is None:
            state.use.lost |= any(state.fields.is_whole_result(each) for held in paths.values() for each in held)
            return None
        outer = next((act for act in reversed(state.stack) if act.function is function.parent), None)
        act = self._done[key] = Activation(function, {name: set(held) for name, held in paths.items()}, outer)
        state.stack.append(act)
        for _ in range(_PASSES):
            size = act.size
            self._block(body.statements, act, guarded)
            if act.size == size:
                break
        state.stack.pop()
        state.statement, state.guarded = statement, guarded
        return act

    def _block(self, block: Block, act: Activation, guarded: bool) -> None:
        pending = list(reversed(block))
        while pending:
            statement = pending.pop()
            self._state.statement, self._state.guarded = statement.span, guarded
            if isinstance(statement, If):
                self._values.test(statement.test, act)
                pending += reversed((*statement.body, *statement.orelse))
            else:
                self._statement(statement, act, guarded)

    def _statement(self, statement: Statement, act: Activation, guarded: bool) -> None:
        match statement:
            case Assign(targets=targets, value=value):
                found = self._values.value(value, act)
                for target in targets:
                    self._values.joins.column(target, value, found, act, statement.span)
                    self._values.assign(target, found, act)
            case Augment(target=target, value=value):
                self._values.assign(target, self._values.value(value, act), act)
            case Evaluate(value=Composite() as test):
                self._values.test(test, act)  # an assertion
            case Evaluate(value=value):
                self._values.value(value, act)
            case Return(value=returned):
                act.returned |= set() if returned is None else self._values.value(returned, act)
            case _:
                self._compound(statement, act, guarded)

    def _compound(self, statement: Statement, act: Activation, guarded: bool) -> None:
        match statement:
            case For(target=target, iterable=iterable, body=body, orelse=orelse):
                self._values.bind(target, iterable, self._values.value(iterable, act), act)
                self._block((*body, *orelse), act, guarded)
            case While(test=test, body=body, orelse=orelse):
                self._values.test(test, act)
                self._block((*body, *orelse), act, guarded)
            case With(items=items, body=body):
                for value, named in items:
                    found = self._values.value(value, act)
                    if named is not None:
                        self._values.assign(named, found, act)
                self._block(body, act, guarded)
            case Try(body=body, handlers=handlers, orelse=orelse, final=final):
                self._block(body, act, guarded or bool(handlers))
                self._block((*orelse, *(each for handler in handlers for each in handler.body), *final), act, guarded)
            case _:
                pass
