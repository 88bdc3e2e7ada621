"""Determines which expressions hold batch results or parts of them, and records what is read and checked on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Choice,
    Clause,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Expr,
    Name,
    Slice,
    Span,
    Subscript,
    Walrus,
    Yield,
    children,
    dotted,
)
from surfacelint.judgement.batches.positional_joins import PositionalJoins
from surfacelint.judgement.batches.result_fields import Activation, FieldPath, LoopIndex, ResultFields, ResultUse, Spot, called
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.access_paths import access_path

CallValue: TypeAlias = Callable[[Call, Activation], set[FieldPath]]
"""Returns the field paths of the value of a call."""


@dataclass(slots=True)
class TrackingState:
    """The state of one run: what was recorded so far, the running activations, and the current statement.

    `guarded` says that the current statement is in a `try` block with handlers.
    """

    fields: ResultFields
    use: ResultUse = field(default_factory=ResultUse)
    stack: list[Activation] = field(default_factory=list)
    statement: Span | None = None
    guarded: bool = False

    def take(self, held: set[FieldPath], field_name: str, *, is_test: bool = False) -> set[FieldPath]:
        """Return the field paths of a field of a value, and record whether reading it checks for failures or reads an answer."""
        found = {self.fields.extend(path, field_name) for path in held}
        self.use.keyed |= field_name == self.fields.api.key
        for path in found:
            if self.fields.is_failure(path) or (is_test and self.fields.proves_answer(path)):
                self.use.checked = True
            elif self.fields.depth_in_answer(path) == 0 and self.statement is not None and not is_test:
                # If failures come separately from answers, reading an answer raises no error that a handler could catch.
                self.use.checked |= self.guarded and not self.fields.api.apart
                self.use.answers.setdefault(Spot(self.stack[-1].function, self.statement))
        return found


class ResultValues:
    """Evaluates the expressions of one run to field paths. `call_value` evaluates calls."""

    def __init__(self, evidence: Evidence, state: TrackingState, call_value: CallValue) -> None:
        self._state = state
        self._call_value = call_value
        self.joins = PositionalJoins(evidence, state.fields, state.use, self.value)

    def value(self, expr: Expr, act: Activation) -> set[FieldPath]:
        """Return the field paths that `expr` may have, an empty set if it holds nothing of the results."""
        match expr:
            case Name(id=name):
                self._state.use.checked |= name[:1].isupper() and name in self._state.fields.api.failures
                return act.of(name)
            case Attribute(value=value, attr=attr):
                held = act.of(dotted(expr) or "")
                return held | self._state.take(self.value(value, act), attr)
            case Subscript(value=value, index=index):
                return self._item(expr, value, index, act)
            case Call():
                return self._call_value(expr, act)
            case Comprehension(elements=elements, clauses=clauses):
                self._clauses(clauses, act)
                return self.values(elements, act)
            case Choice(options=options, tests=tests):
                for test in tests:
                    self.test(test, act)
                return self.values(options, act)
            case Composite(operator="in" | "not in", parts=(Constant(value=str(field_name)), right)):
                self._state.take(self.value(right, act), field_name, is_test=True)
                return set()
            case Walrus(target=target, value=value):
                found = self.value(value, act)
                self.assign(target, found, act)
                return found
            case _:
                found = self.values(children(expr), act)
                act.returned |= found if isinstance(expr, Yield) else set()
                return found

    def values(self, parts: Iterable[Expr], act: Activation) -> set[FieldPath]:
        """Return the field paths that any of several expressions may have."""
        return {path for part in parts for path in self.value(part, act)}

    def test(self, expr: Expr, act: Activation) -> None:
        """Evaluate a condition, and record if it checks whether there is an answer."""
        if any(map(self._state.fields.proves_answer, self.value(expr, act))):
            self._state.use.checked = True

    def assign(self, target: Expr, paths: set[FieldPath], act: Activation) -> None:
        """Assign a value with the given field paths to a target."""
        match target:
            case Collection(items=items):
                for item in items:
                    self.assign(item, paths, act)
            case Subscript(value=value, index=index):
                self.value(index, act)
                self.joins.indexed(target, self.value(value, act), act, self._state.statement)
                key = access_path(value)
                if key is not None and paths:
                    act.add(key, paths)
            case _:
                key = access_path(target)
                if key is not None and paths:
                    act.add(key, paths)

    def bind(self, target: Expr, iterable: Expr, paths: set[FieldPath], act: Activation) -> None:
        """Assign the items of `iterable`, whose value has the given field paths, to the target of a loop."""
        numbered, zipped, ranged = called(iterable, "enumerate"), called(iterable, "zip"), called(iterable, "range")
        items = target.items if isinstance(target, Collection) else ()
        if numbered is not None and numbered.arguments and len(items) == 2 and isinstance(items[0], Name):
            inner = numbered.arguments[0].value
            index = act.indices.setdefault(items[0].id, LoopIndex())
            found = self.value(inner, act)
            index.counts_results |= self.joins.are_results(found)
            self.bind(items[1], inner, found, act)
        elif zipped is not None and len(items) == len(zipped.arguments):
            for item, argument in zip(items, zipped.arguments, strict=True):
                self.assign(item, self.value(argument.value, act), act)
        elif ranged is not None and isinstance(target, Name):
            act.indices.setdefault(target.id, LoopIndex())
        else:
            self.assign(target, paths, act)

    def _clauses(self, clauses: Iterable[Clause], act: Activation) -> None:
        for clause in clauses:
            self.bind(clause.target, clause.iterable, self.value(clause.iterable, act), act)
            for condition in clause.conditions:
                self.test(condition, act)

    def _item(self, expr: Subscript, value: Expr, index: Expr, act: Activation) -> set[FieldPath]:
        held = self.value(value, act)
        if isinstance(index, Constant) and isinstance(index.value, str):
            self._state.use.keyed |= index.value == self._state.fields.api.key
            return self._state.take(held, index.value)
        if not isinstance(index, Slice):
            self.value(index, act)
            self.joins.indexed(expr, held, act, self._state.statement)
        return held
