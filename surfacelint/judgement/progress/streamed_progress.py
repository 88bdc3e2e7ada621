"""Recognises progress that a generator yields to a streaming response, such as server-sent events."""

from __future__ import annotations

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Call, Span, Yield, walk
from surfacelint.judgement.flow.access_paths import first_overlap, reads
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import Block, calls_in, expressions_in, expressions_of, statements_in
from surfacelint.judgement.flow.expression_text import source_text
from surfacelint.judgement.flow.iteration_dataflow import derived
from surfacelint.judgement.repetition.loop_counters import RoundCounters
from surfacelint.linking.calls.request_summaries import Effects
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_DEEPEST = 2
"""Generators that pass the items of another generator on."""


class StreamedProgress:
    """Finds progress in the streams of one program."""

    def __init__(self, effects: Effects, resolver: Resolver, catalogue: Catalogue, bodies: Bodies) -> None:
        self._effects = effects
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies

    def response(self, block: Block, scope: FunctionNode, counting: RoundCounters) -> tuple[str, Span] | None:
        """Return the response that sends a count yielded in `block`, as spelled, with the span of the statement that yields."""
        if not scope.outline.is_generator:
            return None
        for statement in statements_in(block):
            for part in (part for _, expr in expressions_of(statement) for part in walk(expr)):
                if isinstance(part, Yield) and part.value is not None and counting.counts(part.value):
                    response = self._response_of(scope, 0)
                    return None if response is None else (response, statement.span)
        return None

    def _response_of(self, generator: FunctionNode, depth: int) -> str | None:
        """Return the response that sends the items of a generator, as spelled."""
        for site in self._effects.edges.get(generator.id, ()):
            body = self._bodies.body(site.function)
            if body is None:
                continue
            ends = frozenset({site.call.span.end})
            made = derived(body.statements, set(), ends=ends)
            for call in calls_in(body.statements):
                rows = [self._catalogue.progress(path) for path in self._resolver.called_paths(call, site.function)]
                sent = [argument.value for argument in call.arguments]
                holds = any(isinstance(part, Call) and part.span.end in ends for value in sent for part in walk(value))
                holds = holds or any(first_overlap(reads(value), made) is not None for value in sent)
                if holds and any(row is not None and row.style == "stream" for row in rows):
                    return source_text(call.function)
            again = depth < _DEEPEST and site.function.outline.is_generator
            found = self._response_of(site.function, depth + 1) if again and _yields(body.statements) else None
            if found is not None:
                return found
        return None


def _yields(block: Block) -> bool:
    return any(isinstance(part, Yield) for part in expressions_in(block))
