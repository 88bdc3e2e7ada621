"""Finds the progress display of a repetition, such as `tqdm`: around its iterable, open around it, or advanced in its body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Progress
from surfacelint.facts.expressions import Attribute, Call, Expr, Name, Span, walk
from surfacelint.facts.function_bodies import Statement
from surfacelint.judgement.flow.access_paths import reads
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Surroundings, calls_in, context_managers, expressions_of, statements_in
from surfacelint.judgement.flow.expression_text import source_text
from surfacelint.judgement.flow.reaching_definitions import ProgramPoint, ReachingDefinitions, definitions_before
from surfacelint.linking.evaluation.abstract_values import External, Function, Method
from surfacelint.linking.evaluation.constants import definition
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_DEEPEST = 6
"""Nested wrappers and names that are followed from an iterable to its display."""

_DEEPEST_CALLEE = 2
"""Nested functions, called in a loop, that may move its display."""


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
            found = self._wrapping(frame.iterable, scope, 0) or self._rebound(frame, around, scope) or self._passed(frame, scope)
            if found is not None:
                return found
        return self._advanced(frame, scope) or self._open(frame, around, scope)

    def _values(self, expr: Expr, scope: FunctionNode) -> Iterator[External]:
        """Yield the library values that an expression may have, also those that callers pass."""
        for value in self._resolver.everywhere(self._resolver.evaluate(expr, scope)):
            if isinstance(value, External):
                yield value

    def _row(self, expr: Expr, scope: FunctionNode) -> Progress | None:
        rows = (self._catalogue.progress(value.path) for value in self._values(expr, scope))
        return next((row for row in rows if row is not None and row.counts), None)

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

    def _passed(self, frame: EnclosingRepetition, scope: FunctionNode) -> Display | None:
        """Return the display that callers have put around the iterable which they pass: `label(tqdm(texts))`."""
        iterable = frame.iterable
        parts = [argument.value for argument in iterable.arguments] if isinstance(iterable, Call) else [iterable]
        for part in (part for part in parts if isinstance(part, Name | Attribute)):
            for value in self._values(part, scope):
                made = value.path.removesuffix("()")
                row = self._catalogue.progress(made) if made != value.path else None
                if row is not None and row.counts and row.style in ("iterable", "context"):
                    return Display(row, source_text(part), frame.span)
        return None

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
        for statement in statements_in(frame.block):
            for part in _moves(statement):
                display = self._moved(part, scope, part.span if isinstance(part, Call) else statement.span)
                if display is not None:
                    return display
        return next((found for call in calls_in(frame.block) if (found := self._moved_by_callee(call, scope, 0)) is not None), None)

    def _moved(self, move: Call | Attribute, scope: FunctionNode, span: Span) -> Display | None:
        """Return the display that a call, or an assignment to an attribute, moves forward."""
        moving = move.function if isinstance(move, Call) else move
        owner, name = (moving.value, moving.attr) if isinstance(moving, Attribute) else (moving, "__call__")
        for value in self._values(owner, scope):
            row = self._catalogue.progress(value.path[:-2]) if value.path.endswith("()") else None
            if row is not None and row.counts and (name in row.advance or (row.style == "manual" and isinstance(move, Call))):
                return Display(row, source_text(owner), span)
        return None

    def _moved_by_callee(self, call: Call, scope: FunctionNode, depth: int) -> Display | None:
        """Return the display that a function moves forward once per call, and that it does not make itself."""
        for value in self._resolver.callee(call, scope) if depth < _DEEPEST_CALLEE else ():
            if not isinstance(value, Function | Method):
                continue
            callee = self._resolver.function(value.id)
            for site in callee.outline.calls:
                if site.repeated:
                    continue
                moved = self._moved(site.call, callee, call.span) if _comes_from_outside(site.call, callee) else None
                moved = moved or self._moved_by_callee(site.call, callee, depth + 1)
                if moved is not None:
                    return replace(moved, span=call.span)
        return None

    def _open(self, frame: EnclosingRepetition, around: Surroundings, scope: FunctionNode) -> Display | None:
        """Return the display that a `with` statement opens around `frame`."""
        for value in context_managers(around.places[: frame.depth]):
            row = self._row(value.function, scope) if isinstance(value, Call) else None
            if isinstance(value, Call) and row is not None and row.style in ("context", "iterable") and not row.concurrent:
                return Display(row, source_text(value.function), value.span)
        return None


def _moves(statement: Statement) -> Iterator[Call | Attribute]:
    """Yield the calls of a statement, and the attributes that it sets."""
    for role, expr in expressions_of(statement):
        if role == "target" and isinstance(expr, Attribute):
            yield expr
        yield from (part for part in walk(expr) if isinstance(part, Call))


def _comes_from_outside(call: Call, scope: FunctionNode) -> bool:
    """Whether the receiver of a call is a parameter, part of one, or a name of an enclosing scope."""
    expr = call.function
    while isinstance(expr, Attribute):
        expr = expr.value
    if not isinstance(expr, Name):
        return False
    sources = scope.names.get(expr.id, ())
    return all(source.parameter is not None for source in sources)
