"""Finds the progress display of a repetition, such as `tqdm`: around its iterable, open around it, or advanced in its body."""

from __future__ import annotations

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Progress
from surfacelint.facts.expressions import Attribute, Call, Expr, Name, Span
from surfacelint.judgement.flow.access_paths import reads
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Surroundings, calls_in, context_managers
from surfacelint.judgement.flow.expression_text import source_text
from surfacelint.judgement.flow.reaching_definitions import ProgramPoint, ReachingDefinitions, definitions_before
from surfacelint.linking.evaluation.abstract_values import External
from surfacelint.linking.evaluation.constants import definition
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_DEEPEST = 6
"""Nested wrappers and names that are followed from an iterable to its display."""


@record(frozen=True, slots=True)
class Display:
    """A progress display: its row in the catalogue, its callee as spelled in the source, and its span."""

    row: Progress
    name: str
    span: Span


class ProgressDisplays:
    """Finds the progress displays of one program."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._rebindings: dict[tuple[str, str, ProgramPoint], tuple[int, Display] | None] = {}
        self._bars: dict[tuple[str, Span], Display | None] = {}

    def around(self, frame: EnclosingRepetition, around: Surroundings, scope: FunctionNode) -> Display | None:
        """Return the display of `frame`, a repetition in `scope` with the statements `around` it, or `None`."""
        if isinstance(frame.row, Progress) and isinstance(frame.node, Call):
            return Display(frame.row, source_text(frame.node.function), frame.span)
        if frame.iterable is not None:
            found = self._wrapping(frame.iterable, scope, 0) or self._rebound(frame, around, scope)
            if found is not None:
                return found
        return self._advanced(frame, scope) or self._open(frame, around, scope)

    def _row(self, expr: Expr, scope: FunctionNode) -> Progress | None:
        for value in self._resolver.evaluate(expr, scope):
            if isinstance(value, External):
                row = self._catalogue.progress(value.path)
                if row is not None and row.counts:
                    return row
        return None

    def _wrapping(self, expr: Expr, scope: FunctionNode, depth: int) -> Display | None:
        """Return the display that wraps an iterable: `enumerate(tqdm(xs))`, `bar = tqdm(xs)`."""
        if depth > _DEEPEST:
            return None
        if isinstance(expr, Name | Attribute):
            defined = definition(self._resolver, expr, scope)
            return None if defined is None else self._wrapping(defined[0], defined[1], depth + 1)
        if not isinstance(expr, Call):
            return None
        row = self._row(expr.function, scope)
        if row is not None and row.style in ("iterable", "context"):
            return Display(row, source_text(expr.function), expr.span)
        inner = [argument.value for argument in expr.arguments if argument.name is None]
        return next((found for part in inner for found in [self._wrapping(part, scope, depth + 1)] if found is not None), None)

    def _rebound(self, frame: EnclosingRepetition, around: Surroundings, scope: FunctionNode) -> Display | None:
        """Return the display to which the iterable was rebound: `if verbose: rows = tqdm(rows)`."""
        wanted = reads(frame.iterable) if frame.iterable is not None else set()
        before = definitions_before(around.places[: frame.depth + 1], -1)
        found = [rebound for key in wanted if (rebound := self._rebinding(key, before, scope)) is not None]
        return max(found, key=lambda each: each[0])[1] if found else None

    def _rebinding(self, key: str, before: ReachingDefinitions, scope: FunctionNode) -> tuple[int, Display] | None:
        """Return the last display to which an access path was rebound, with the number of that definition."""
        passed = []
        found: tuple[int, Display] | None = None
        for number, definition_ in before.of(key, len(before)):
            spot = (scope.id, key, before.spot(number + 1))
            if spot in self._rebindings:
                found = self._rebindings[spot]
                break
            passed.append(spot)
            display = self._wrapping(definition_.value, scope, 1) if isinstance(definition_.value, Call) else None
            if display is not None:
                found = number, display
                break
        self._rebindings.update(dict.fromkeys(passed, found))
        return found

    def _advanced(self, frame: EnclosingRepetition, scope: FunctionNode) -> Display | None:
        """Return the display that the body of `frame` advances: `bar.update()`."""
        key = (scope.id, frame.span)
        if key not in self._bars:
            self._bars[key] = self._find_advanced(frame, scope)
        return self._bars[key]

    def _find_advanced(self, frame: EnclosingRepetition, scope: FunctionNode) -> Display | None:
        for call in calls_in(frame.block):
            owner = call.function.value if isinstance(call.function, Attribute) else call.function
            for value in self._resolver.evaluate(owner, scope):
                if not isinstance(value, External) or not value.path.endswith("()"):
                    continue
                row = self._catalogue.progress(value.path[:-2])
                name = call.function.attr if isinstance(call.function, Attribute) else "()"
                if row is not None and row.counts and (name in row.advance or name == "()" in row.advance or row.style == "manual"):
                    return Display(row, source_text(owner), call.span)
        return None

    def _open(self, frame: EnclosingRepetition, around: Surroundings, scope: FunctionNode) -> Display | None:
        """Return the display that a `with` statement opens around `frame`."""
        for value in context_managers(around.places[: frame.depth]):
            row = self._row(value.function, scope) if isinstance(value, Call) else None
            if isinstance(value, Call) and row is not None and row.style in ("context", "iterable") and not row.concurrent:
                return Display(row, source_text(value.function), value.span)
        return None
