"""Results that are put beside something else by their position."""

from __future__ import annotations

from collections.abc import Callable

from surfacelint.facts.expressions import Call, Collection, Composite, Comprehension, Constant, Expr, Mapping, Name, Span, Subscript
from surfacelint.judgement.batches.result_collection import JOB, Activation, Glossary, Join, Reading, Spot, Words, called
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.expression_text import spell
from surfacelint.linking.evaluation.abstract_values import External


class Joins:
    """Notes joins in a reading; `value` says by which words an expression was taken of results."""

    def __init__(self, evidence: Evidence, glossary: Glossary, reading: Reading, value: Callable[[Expr, Activation], set[Words]]) -> None:
        self._evidence = evidence
        self._glossary = glossary
        self._reading = reading
        self._value = value

    def are_results(self, words: set[Words]) -> bool:
        """Whether something was taken of results, and not of their keys."""
        return any(each[:1] != (JOB,) and not self._glossary.is_key(each) for each in words)

    def called(self, call: Call, act: Activation, paths: list[str]) -> None:
        """Note what a call puts beside results: `zip(texts, results)`, `DataFrame({"text": texts, "answer": answers})`."""
        parts: list[Expr] = []
        if "builtins.zip" in paths:
            parts = [argument.value for argument in call.arguments]
        elif any(self._is_table(f"{path}()") for path in paths) and call.arguments and isinstance(call.arguments[0].value, Mapping):
            parts = [value for value in call.arguments[0].value.values if not isinstance(value, Constant)]
        found = [(part, self._value(part, act)) for part in parts]
        others = [part for part, words in found if not words and called(part, "range") is None and called(part, "count") is None]
        if others and any(self.are_results(words) for _, words in found):
            self._reading.joins.setdefault(Join(Spot(act.function, call.span), spell(others[0])))

    def column(self, target: Expr, value: Expr, words: set[Words], act: Activation, span: Span) -> None:
        """Note results that become a column of a table."""
        match target:
            case Subscript(value=table, index=Constant(value=str())) if self.are_results(words) and not self._value(table, act):
                is_list = isinstance(value, Comprehension) or (isinstance(value, Name) and self._is_list(value.id, act))
                known = self._evidence.resolver.everywhere(self._evidence.resolver.evaluate(table, act.function))
                if is_list and any(isinstance(each, External) and self._is_table(each.path) for each in known):
                    self._reading.joins.setdefault(Join(Spot(act.function, span), spell(table)))
            case _:
                pass

    def _is_list(self, name: str, act: Activation) -> bool:
        bound = [source.value for source in act.function.names.get(name, ())]
        return any(isinstance(value, Comprehension) or (isinstance(value, Collection) and value.kind == "list") for value in bound)

    def _is_table(self, path: str) -> bool:
        row = self._evidence.catalogue.repetition(f"{path}.apply")
        return row is not None and row.rows

    def indexed(self, expr: Subscript, held: set[Words], act: Activation, at: tuple[Span, bool] | None) -> None:
        """Note what a number of a loop picks: results, or something beside them."""
        parts = expr.index.items if isinstance(expr.index, Collection) else (expr.index,)
        for part in parts:
            index = act.indices.get(part.id) if isinstance(part, Name) else None
            if index is None:
                continue
            if self.are_results(held):
                index.counts_results = True
            elif not self._is_made_here(expr.value, act) and at is not None:
                index.other = index.other or Join(Spot(act.function, at[0]), spell(expr.value))
            if index.counts_results and index.other is not None:
                self._reading.joins.setdefault(index.other)

    def _is_made_here(self, expr: Expr, act: Activation) -> bool:
        """Whether a container is filled by the function itself, so that its slots say nothing of anything else."""
        bound = [source.value for source in act.function.names.get(expr.id, ())] if isinstance(expr, Name) else []
        return bool(bound) and all(
            (isinstance(value, Collection) and not value.items)
            or (isinstance(value, Mapping) and not value.keys)
            or isinstance(value, Composite)
            or (isinstance(value, Call) and isinstance(value.function, Name) and not value.arguments)
            for value in bound
        )
