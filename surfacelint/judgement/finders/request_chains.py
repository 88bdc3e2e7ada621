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
from surfacelint.linking.evaluation.question_memo import Memo
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_UNKNOWN = MOST_BATCHES + 1
"""Length of a chain that is too long for batches, or that is not known."""

_MOST_HOPS = 12
"""Most hops to a request whose chain is counted: each function on the way is read. Behind more, one request is assumed."""


_MOST_SITES = 12
"""Most requests of a function that are compared with each other: a longer chain is too long for batches in any case."""


@record(frozen=True, slots=True)
class _Sent:
    """A site that leads to a request, the way there, and the code around it."""

    site: Site
    way: Effect
    around: Surroundings


@record(frozen=True, slots=True)
class RequestChains:
    """Answers for one program. `memo` holds lengths by function, or by loop; `inside` are the requests in each loop of a function."""

    evidence: Evidence
    memo: Memo = field(default_factory=Memo)
    inside: dict[str, dict[int, list[_Sent]]] = field(default_factory=dict)

    def stages(self, effect: Effect, frame: EnclosingRepetition) -> int:
        """Return how many batches in turn do the work of `frame`, a repetition of the first site; 0 if that depends on the item."""
        if frame.block:
            (length,) = self.memo.answer(id(frame.node), lambda: (self._longest(effect.hop.site.function, frame),), frame.node)
        else:
            length = self._own(effect)
        return length if length <= MOST_BATCHES else 0

    def _own(self, effect: Effect) -> int:
        """Return the length of the chain that one run of an effect's first site takes. One that grows with recursion is too long."""
        if effect.rest is None or effect.length > _MOST_HOPS:
            return 1
        function = effect.rest.hop.site.function
        return max(self.memo.answer(function.id, lambda: (self._longest(function, None),)), default=1)

    def _longest(self, function: FunctionNode, frame: EnclosingRepetition | None) -> int:
        """Return the length of the longest chain in a function, or in the block of one of its loops; too long ones are all the same."""
        found: list[tuple[Site, int]] = []
        depth = -1 if frame is None else frame.depth
        for sent in self._sent(function).get(0 if frame is None else id(frame.node), [])[:_MOST_SITES]:
            call, around = sent.site.call, sent.around
            before = definitions_before(around.places, depth, self.evidence.sites.writes.within(function))
            wanted = with_iterables(argument_reads(call), around)
            inside = {part.span.end for argument in call.arguments for part in walk(argument.value) if isinstance(part, Call)}
            needed = (
                length for other, length in found if other.call.span.end in inside or comes_from_call(wanted, before, other.call.span.end)
            )
            length = max(needed, default=0) + self._own(sent.way) * self._rounds(sent.way, frame)
            found.append((sent.site, min(length, _UNKNOWN)))
        return max((length for _, length in found), default=1)

    def _sent(self, function: FunctionNode) -> dict[int, list[_Sent]]:
        """Return the requests of a function: all at 0, and those inside each statement that holds one by its identity."""
        if function.id not in self.inside:
            found = self.inside[function.id] = {}
            for site, ways in self.evidence.effects.sites.get(function.id, ()):
                way = next((each for each in ways if each.is_realtime), None)
                around = None if way is None else self.evidence.sites.bodies.around(site)
                if way is not None and around is not None:
                    for key in (0, *{id(place.statement) for place in around.places}):
                        found.setdefault(key, []).append(_Sent(site, way, around))
        return self.inside[function.id]

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
