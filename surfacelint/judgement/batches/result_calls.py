"""Tracks batch results through calls: requests of the batch API, functions of the project, and library functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from surfacelint.catalogue.provider_rows import Surface
from surfacelint.facts.expressions import Attribute, Call, Composite, Constant, Expr, Lambda, Name, Position, last_word
from surfacelint.judgement.batches import result_files
from surfacelint.judgement.batches.batch_jobs import JOB_SURFACES
from surfacelint.judgement.batches.result_fields import JOB, Activation, FieldPath
from surfacelint.judgement.batches.result_values import ResultValues, TrackingState
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.access_paths import access_path
from surfacelint.judgement.flow.statement_definitions import ADDING_METHODS
from surfacelint.linking.evaluation.abstract_values import External, Function, Method
from surfacelint.linking.evaluation.call_arguments import argument_for, passed
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

BatchCalls: TypeAlias = Mapping[tuple[str, Position], Surface]
"""The calls of one batch API, by function id and end position."""

RunFunction: TypeAlias = Callable[[FunctionNode, dict[str, set[FieldPath]]], "Activation | None"]
"""Executes a function with the field paths of its parameters. Returns `None` if its body is unknown."""

WAITING_SURFACES: frozenset[Surface] = JOB_SURFACES | {"batch-wait"}
"""Surfaces whose calls return a batch job, here including those that wait for its end."""

_SORTS = frozenset({"sorted", "sort", "sort_values"})


class ResultCalls:
    """Evaluates the calls of one run. `leading` are the ids of functions that lead to results."""

    def __init__(
        self,
        evidence: Evidence,
        state: TrackingState,
        run: RunFunction,
        batch_calls: BatchCalls,
        leading: frozenset[str],
    ) -> None:
        self._evidence = evidence
        self._state = state
        self._run = run
        self._batch_calls = batch_calls
        self._leading = leading
        self.values = ResultValues(evidence, state, self.value)

    def value(self, call: Call, act: Activation) -> set[FieldPath]:
        """Return the field paths that the value of a call may have."""
        function = call.function
        receiver = self.values.value(function.value, act) if isinstance(function, Attribute) else set()
        given = self.values.values((argument.value for argument in call.arguments), act)
        surface = self._batch_calls.get((act.function.id, call.span.end))
        if surface == "batch-results":
            return {()}
        if surface in WAITING_SURFACES:
            return {(JOB,)}
        field_name, owner = _read_field(call)
        if field_name:
            return self._state.take(receiver if owner is None else self.values.value(owner, act), field_name)
        callees = self._evidence.resolver.everywhere(self._evidence.resolver.callee(call, act.function))
        first_party = [callee for callee in callees if isinstance(callee, Function | Method)]
        if first_party:
            return {path for callee in first_party for path in self._first_party_value(call, act, callee)}
        library_paths = [callee.path for callee in callees if isinstance(callee, External)]
        return self._library_value(call, act, receiver, given, library_paths, is_known=bool(callees))

    def _first_party_value(self, call: Call, act: Activation, value: Function | Method) -> set[FieldPath]:
        """Execute a function of the project. What it stores in its receiver is stored in the receiver of the call."""
        callee = self._evidence.resolver.function(value.id)
        is_method = isinstance(value, Method)
        given = passed(call, act.function.id, skip=int(is_method))
        paths: dict[str, set[FieldPath]] = {}
        for parameter in callee.outline.parameters:
            found = self.values.values((expr for _, expr in argument_for(callee.outline, given, parameter.name)), act)
            if found:
                paths[parameter.name] = found
        owner = access_path(call.function.value) if is_method and isinstance(call.function, Attribute) else None
        for key, held in act.paths.items() if owner is not None and callee.first is not None else ():
            if key.startswith(f"{owner}."):
                paths[f"{callee.first}{key[len(owner or '') :]}"] = held
        nested = any(callee.parent is each.function for each in self._state.stack)
        if not paths and callee.id not in self._leading and not nested:
            return set()
        inner = self._run(callee, paths)
        if inner is None:
            return set()
        for key, held in list(inner.paths.items()) if owner is not None and callee.first is not None else ():
            if key.startswith(f"{callee.first}."):
                act.add(f"{owner}{key[len(callee.first or '') :]}", held)
        return set(inner.returned)

    def _library_value(
        self, call: Call, act: Activation, receiver: set[FieldPath], given: set[FieldPath], library_paths: list[str], *, is_known: bool
    ) -> set[FieldPath]:
        """Return the field paths of a call of anything else: it is assumed to return its receiver or its arguments."""
        function = call.function
        inputs = receiver | given
        name = last_word(function)
        inputs |= self._callback_values(call, act, inputs)
        if inputs and name in _SORTS:
            self._state.use.keyed = True
        self.values.joins.called(call, act, library_paths)
        opened = result_files.opened(call, act, name, library_paths)
        if isinstance(function, Attribute):
            key = access_path(function.value)
            if name in ADDING_METHODS and key is not None:
                if given:
                    act.add(key, given)
                return set()
            if result_files.writes(call, name):
                result_files.written(call, act, inputs if name.endswith("file") else given)
                return set()
            if receiver:
                return self._state.take(receiver, name) | given
        is_text_method = isinstance(function, Attribute) and isinstance(function.value, Constant | Composite)
        if not is_known and not is_text_method and any(map(self._state.fields.is_whole_result, given)):
            self._state.use.lost = True
        return inputs | opened

    def _callback_values(self, call: Call, act: Activation, inputs: set[FieldPath]) -> set[FieldPath]:
        """Return the field paths that functions among the arguments return when they are given the other inputs of the call."""
        found: set[FieldPath] = set()
        for argument in call.arguments:
            if isinstance(argument.value, Lambda):
                inner = Activation(act.function, dict.fromkeys(argument.value.parameters, inputs), act)
                found |= self.values.value(argument.value.body, inner)
            elif isinstance(argument.value, Name | Attribute) and inputs:
                for value in self._evidence.resolver.evaluate(argument.value, act.function):
                    callee = self._evidence.resolver.function(value.id) if isinstance(value, Function | Method) else None
                    names = [] if callee is None else [each.name for each in callee.outline.parameters][int(isinstance(value, Method)) :]
                    if callee is not None and names:
                        run = self._run(callee, {names[0]: inputs})
                        found |= set() if run is None else run.returned
        return found


def _read_field(call: Call) -> tuple[str, Expr | None]:
    """Return the field that a call reads, with its owner unless that is the receiver: `row.get("error")`, `getattr(row, "error")`."""
    match call:
        case Call(function=Attribute(attr="get" | "pop"), arguments=(first, *_)) if isinstance(first.value, Constant):
            return str(first.value.value), None
        case Call(function=Name(id="getattr"), arguments=(first, second, *_)) if isinstance(second.value, Constant):
            return str(second.value.value), first.value
        case _:
            return "", None
