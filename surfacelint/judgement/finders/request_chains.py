"""Request chains: how many requests an item takes one after the other, each made from the answer to the one before."""

from __future__ import annotations

from dataclasses import field

from surfacelint.facts.expressions import Call, walk
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.access_paths import argument_reads
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Surroundings
from surfacelint.judgement.flow.iteration_dataflow import comes_from_call
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.repetition.call_site_judgement import MOST_BATCHES
from surfacelint.judgement.repetition.request_inputs import with_iterables
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_UNKNOWN = MOST_BATCHES + 1
"""Length of a chain that is too long for batches, or that is not known."""

_MOST_HOPS = 12
"""Most hops to a request whose chain is counted: each function on the way is read. Behind more, one request is assumed."""


@record(frozen=True, slots=True)
class RequestChains:
    """Answers for one program. `known` is a memo by function."""

    evidence: Evidence
    known: dict[str, int] = field(default_factory=dict)

    def stages(self, effect: Effect, frame: EnclosingRepetition) -> int:
        """Return how many batches in turn do the work of `frame`, a repetition of the first site; 0 if that depends on the item."""
        length = self._longest(effect.hop.site.function, frame) if frame.block else self._own(effect)
        return length if length <= MOST_BATCHES else 0

    def _own(self, effect: Effect) -> int:
        """Return the length of the chain that one run of an effect's first site takes."""
        if effect.rest is None or effect.length > _MOST_HOPS:
            return 1
        function = effect.rest.hop.site.function
        if function.id not in self.known:
            self.known[function.id] = 1  # it may call itself
            self.known[function.id] = self._longest(function, None)
        return self.known[function.id]

    def _longest(self, function: FunctionNode, frame: EnclosingRepetition | None) -> int:
        """Return the length of the longest chain in a function, or in the block of one of its loops; too long ones are all the same."""
        found: list[tuple[Site, int]] = []
        for site, ways in self.evidence.effects.sites.get(function.id, ()):
            way = next((each for each in ways if each.is_realtime), None)
            around = None if way is None else self.evidence.sites.bodies.around(site)
            if way is None or around is None or (frame is not None and not _is_inside(around, frame)):
                continue
            depth = -1 if frame is None else frame.depth
            before = definitions_before(around.places, depth, self.evidence.sites.writes.within(function))
            wanted = with_iterables(argument_reads(site.call), around)
            inside = {part.span.end for argument in site.call.arguments for part in walk(argument.value) if isinstance(part, Call)}
            needed = (
                length for other, length in found if other.call.span.end in inside or comes_from_call(wanted, before, other.call.span.end)
            )
            length = max(needed, default=0) + self._own(way)
            if length <= MOST_BATCHES:
                length += self._own(way) * (self._rounds(way, frame) - 1)
            if length > MOST_BATCHES:
                return _UNKNOWN
            found.append((site, length))
        return max((length for _, length in found), default=1)

    def _rounds(self, way: Effect, frame: EnclosingRepetition | None) -> int:
        """Return how often a site runs for one item, as far as each run needs the last."""
        if not way.hop.repeats:
            return 1
        judged = self.evidence.sites.judged(way)
        frames = () if judged is None else judged.frames
        first = next((number for number, (each, _, _) in enumerate(frames, 1) if frame is not None and each.node is frame.node), 0)
        rounds = 1
        for _, verdict, bound in frames[first:]:
            if verdict.kind in ("chain", "dependent", "conversation"):
                rounds *= bound or _UNKNOWN
        return rounds


def _is_inside(around: Surroundings, frame: EnclosingRepetition) -> bool:
    return any(place.statement is frame.node for place in around.places)
