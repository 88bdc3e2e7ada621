"""Recognises code that joins batch results to other data by position: `zip`, columns of a table, a common index."""

from __future__ import annotations

from collections.abc import Callable

from surfacelint.facts.expressions import Call, Collection, Composite, Comprehension, Constant, Expr, Mapping, Name, Span, Subscript
from surfacelint.judgement.batches.result_fields import (
    JOB,
    Activation,
    FieldPath,
    PositionalJoin,
    ResultFields,
    ResultUse,
    Spot,
    called,
)
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.expression_text import source_text
from surfacelint.linking.evaluation.abstract_values import External


class PositionalJoins:
    """Records joins in a `ResultUse`. `value` returns the field paths of an expression."""

    def __init__(
        self, evidence: Evidence, fields: ResultFields, use: ResultUse, value: Callable[[Expr, Activation], set[FieldPath]]
    ) -> None:
        self._evidence = evidence
        self._fields = fields
        self._use = use
        self._value = value

    def are_results(self, paths: set[FieldPath]) -> bool:
        """Whether a value holds results or parts of them, other than their keys."""
        return any(each[:1] != (JOB,) and not self._fields.is_key(each) for each in paths)

    def called(self, call: Call, act: Activation, library_paths: list[str]) -> None:
        """Record a call that joins results to something else: `zip(texts, results)`, `DataFrame({"text": texts, "answer": answers})`."""
        parts: list[Expr] = []
        if "builtins.zip" in library_paths:
            parts = [argument.value for argument in call.arguments]
        elif any(self._is_table(f"{path}()") for path in library_paths) and call.arguments and isinstance(call.arguments[0].value, Mapping):
            parts = [value for value in call.arguments[0].value.values if not isinstance(value, Constant)]
        found = [(part, self._value(part, act)) for part in parts]
        others = [part for part, paths in found if not paths and called(part, "range") is None and called(part, "count") is None]
        if others and any(self.are_results(paths) for _, paths in found):
            self._use.joins.setdefault(PositionalJoin(Spot(act.function, call.span), source_text(others[0])))

    def column(self, target: Expr, value: Expr, paths: set[FieldPath], act: Activation, span: Span) -> None:
        """Record an assignment of results to a column of a table."""
        match target:
            case Subscript(value=table, index=Constant(value=str())) if self.are_results(paths) and not self._value(table, act):
                is_list = isinstance(value, Comprehension) or (isinstance(value, Name) and self._is_list(value.id, act))
                known = self._evidence.resolver.everywhere(self._evidence.resolver.evaluate(table, act.function))
                if is_list and any(isinstance(each, External) and self._is_table(each.path) for each in known):
                    self._use.joins.setdefault(PositionalJoin(Spot(act.function, span), source_text(table)))
            case _:
                pass

    def _is_list(self, name: str, act: Activation) -> bool:
        bound = [source.value for source in act.function.names.get(name, ())]
        return any(isinstance(value, Comprehension) or (isinstance(value, Collection) and value.kind == "list") for value in bound)

    def _is_table(self, path: str) -> bool:
        row = self._evidence.catalogue.repetition(f"{path}.apply")
        return row is not None and row.rows

    def indexed(self, expr: Subscript, held: set[FieldPath], act: Activation, statement: Span | None) -> None:
        """Record the use of a loop variable as an index. It joins by position if it indexes both results and something else."""
        parts = expr.index.items if isinstance(expr.index, Collection) else (expr.index,)
        for part in parts:
            index = act.indices.get(part.id) if isinstance(part, Name) else None
            if index is None:
                continue
            if self.are_results(held):
                index.counts_results = True
            elif not self._is_created_empty(expr.value, act) and statement is not None:
                index.other = index.other or PositionalJoin(Spot(act.function, statement), source_text(expr.value))
            if index.counts_results and index.other is not None:
                self._use.joins.setdefault(index.other)

    def _is_created_empty(self, expr: Expr, act: Activation) -> bool:
        """Whether the function creates a container empty and fills it, so that its order comes from the results."""
        bound = [source.value for source in act.function.names.get(expr.id, ())] if isinstance(expr, Name) else []
        return bool(bound) and all(
            (isinstance(value, Collection) and not value.items)
            or (isinstance(value, Mapping) and not value.keys)
            or isinstance(value, Composite)
            or (isinstance(value, Call) and isinstance(value.function, Name) and not value.arguments)
            for value in bound
        )
