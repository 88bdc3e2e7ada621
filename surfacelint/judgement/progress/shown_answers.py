"""Recognises loops that show each answer to the user as it arrives: they stream it, send it, or put it on a queue."""

from __future__ import annotations

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Attribute, Await, Call, Expr, Position, Yield
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import expressions_in
from surfacelint.judgement.progress.progress_reports import PUT_METHODS
from surfacelint.judgement.repetition.loop_counters import RoundCounters, round_counters
from surfacelint.judgement.waiting.entry_points import EntryPoints
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_CONVERSING = frozenset({"chat", "voice", "stream"})
"""Media in which a handler sends messages before it returns."""


@record(frozen=True, slots=True)
class ShownAnswers:
    """Answers for the loops of one program."""

    resolver: Resolver
    catalogue: Catalogue
    entries: EntryPoints

    def are_in(self, frame: EnclosingRepetition, call: Call, scope: FunctionNode) -> bool:
        """Whether each round of `frame`, a loop around `call` in `scope`, shows what the call answers."""
        counting = round_counters(frame, frozenset({call.span.end}))
        parts = expressions_in(frame.block)
        awaited = {part.value.span.end for part in parts if isinstance(part, Await) and isinstance(part.value, Call)}
        return any(self._shows(part, awaited, counting, scope) for part in parts)

    def _shows(self, part: Expr, awaited: set[Position], counting: RoundCounters, scope: FunctionNode) -> bool:
        """Whether a part of a round yields an answer, or passes it to a call that sends it."""
        if isinstance(part, Yield):
            return part.value is not None and counting.answers_in(part.value)
        if not isinstance(part, Call) or part.span.end in counting.requests:
            return False
        if not any(counting.answers_in(argument.value) for argument in part.arguments):
            return False
        point = self.entries.point(scope)
        if part.span.end in awaited and point is not None and point.medium in _CONVERSING:
            return True
        is_put = isinstance(part.function, Attribute) and part.function.attr in PUT_METHODS
        return is_put or self._is_channel(part, scope)

    def _is_channel(self, call: Call, scope: FunctionNode) -> bool:
        rows = map(self.catalogue.progress, self.resolver.called_paths(call, scope))
        return any(row is not None and row.style == "channel" and row.audience == "browser" for row in rows)
