"""Finds requests whose result goes into rounds of further requests for the same item, such as a draft that an agent revises."""

from __future__ import annotations

from dataclasses import field

from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.access_paths import argument_reads, reads
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.expression_text import source_text
from surfacelint.judgement.flow.hop_search import first_along
from surfacelint.judgement.flow.iteration_dataflow import comes_from_call
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.repetition.call_site_judgement import JudgedSite
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.system.records import record

_DEPENDENT = frozenset({"dependent", "open-ended"})
"""Verdicts on repetitions in which a round uses the results of earlier rounds."""


@record(frozen=True, slots=True)
class DependentRounds:
    """Answers for the call sites of one program. The `known_…` fields are memos."""

    evidence: Evidence
    known_sites: dict[tuple[str, frozenset[object]], dict[int | None, list[tuple[Site, JudgedSite]]]] = field(default_factory=dict)
    known_further: dict[Effect, str | None] = field(default_factory=dict)
    known_sinks: dict[int, frozenset[object]] = field(default_factory=dict)

    def after(self, effect: Effect, frame: EnclosingRepetition) -> str | None:
        """Return the callee of a repeated call, inside `frame`, that uses the result of `effect`, or `None`.

        The repeated call may be in a function further along the route to the request.
        """
        return self._after_site(effect.hop.site, frame) or first_along(effect.rest, self._after_hop, None, self.known_further)

    def _after_hop(self, effect: Effect) -> str | None:
        judged = self.evidence.sites.judged(effect)
        return None if judged is None or judged.frames else self._after_site(effect.hop.site, None)

    def _after_site(self, site: Site, around: EnclosingRepetition | None) -> str | None:
        """Return the callee of a repeated call that uses the result of `site`, where both are inside `around`."""
        own = frozenset(sink for sink in self._sinks(site) if not _is_realtime(sink))  # perhaps a client passed as an argument
        stores = self.evidence.sites.writes.within(site.function)
        for other, judged in self._sites(site.function.id, own).get(None if around is None else id(around.node), ()):
            if other is site:
                continue
            nodes = [each.node for each, _, _ in judged.frames]
            first = 0 if around is None else next(number + 1 for number, node in enumerate(nodes) if node is around.node)
            if not any(verdict.kind in _DEPENDENT for _, verdict, _ in judged.frames[first:]):
                continue
            before = definitions_before(judged.around.places, -1 if around is None else around.depth, stores)
            walked = (each.iterable for each, _, _ in judged.frames[first:] if each.iterable is not None)
            wanted = argument_reads(other.call).union(*map(reads, walked))
            if comes_from_call(wanted, before, site.call.span.end):
                return source_text(other.call.function)
        return None

    def _sinks(self, site: Site) -> frozenset[object]:
        """Return the ends of all routes from a site."""
        if id(site) not in self.known_sinks:
            for here, ways in self.evidence.effects.sites.get(site.function.id, ()):
                self.known_sinks[id(here)] = frozenset(way.sink for way in ways)
        return self.known_sinks.get(id(site), frozenset())

    def _sites(self, id_: str, sinks: frozenset[object]) -> dict[int | None, list[tuple[Site, JudgedSite]]]:
        """Return the sites of a function that lead to a realtime request or to one of `sinks`, in dependent rounds.

        The keys are identities of the syntax nodes of repetitions around a site. `None` is the key of all sites.
        """
        if (id_, sinks) not in self.known_sites:
            found = self.known_sites[id_, sinks] = {}
            for site, ways in self.evidence.effects.sites.get(id_, ()):
                way = next((each for each in ways if each.sink in sinks or each.is_realtime), None)
                judged = self.evidence.sites.judged(way) if way is not None and site.outline.repeated else None
                if judged is not None and any(verdict.kind in _DEPENDENT for _, verdict, _ in judged.frames):
                    for key in (None, *dict.fromkeys(id(frame.node) for frame, _, _ in judged.frames)):
                        found.setdefault(key, []).append((site, judged))
        return self.known_sites[id_, sinks]


def _is_realtime(sink: object) -> bool:
    return isinstance(sink, Request) and sink.endpoint.surface == "realtime"
