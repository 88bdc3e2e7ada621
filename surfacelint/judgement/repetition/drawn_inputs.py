"""Drawn inputs: requests that differ although the loop only counts, because a function on the way draws something at random for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Attribute, Call, walk
from surfacelint.judgement.flow.access_paths import argument_reads, first_overlap, reads
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import calls_in
from surfacelint.judgement.flow.iteration_dataflow import calls_behind, paths_behind
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.abstract_values import Function, Method
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_DEEPEST = 2
"""Nested first-party calls that are looked into: a helper that picks a topic."""


class DrawnInputs:
    """Answers for the effects of one program. `sent` returns the access paths that go into the request from an effect's first site."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, bodies: Bodies, sent: Callable[[Effect], set[str]]) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies
        self._sent = sent
        self._known: dict[str, bool] = {}

    def within(self, effect: Effect, depth: int) -> bool:
        """Whether the input of the request is drawn anew in each run of the repetition at `depth` around the effect's first site."""
        tails = ((tail, depth if tail is effect else -1) for tail in effect.tails())
        return any(self._draws(call, tail.hop.site.function) for tail, around in tails for call in self._calls(tail, around))

    def _calls(self, tail: Effect, depth: int) -> Iterator[Call]:
        """Yield the calls that the input at a site is made from."""
        site, around = tail.hop.site, self._bodies.around(tail.hop.site)
        if around is None:
            return
        sent = self._sent(tail)
        settings = self._catalogue.sweep.keywords
        given = [argument.value for argument in site.call.arguments if argument.name not in settings]
        yield from (part for value in given for part in walk(value) if isinstance(part, Call))
        wanted = {path for value in given for path in reads(value)} & sent if tail.rest is not None else sent
        before = definitions_before(around.places, depth)
        yield from calls_behind(wanted, before)
        body = self._bodies.body(site.function)
        behind = wanted | paths_behind(wanted, before)
        for call in calls_in(() if body is None else body.statements):
            if isinstance(call.function, Attribute) and call.function.attr == "shuffle" and first_overlap(argument_reads(call), behind):
                yield call

    def _draws(self, call: Call, scope: FunctionNode, depth: int = 0) -> bool:
        """Whether a call returns something else each time."""
        values = self._resolver.callee(call, scope)
        if any(self._catalogue.canonical(path) in self._catalogue.draws for path in self._resolver.called_paths(call, scope)):
            return True
        own = [self._resolver.function(value.id) for value in values if isinstance(value, Function | Method)]
        return depth < _DEEPEST and any(self._body_draws(function, depth + 1) for function in own)

    def _body_draws(self, function: FunctionNode, depth: int) -> bool:
        known = self._known.get(function.id)
        if known is None:
            self._known[function.id] = False  # it may call itself
            body = self._bodies.body(function)
            known = body is not None and any(self._draws(call, function, depth) for call in calls_in(body.statements))
            self._known[function.id] = known
        return known
