"""Facet loops: for each item of the data, a few more requests, one per language, role or criterion. The loop over the data is reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from surfacelint.facts.expressions import Attribute, Call, Collection, Constant, Expr, Name, Subscript
from surfacelint.facts.function_bodies import If
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.finders.repetition_details import RepetitionDetails
from surfacelint.judgement.flow.access_paths import first_overlap, reads
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Surroundings
from surfacelint.judgement.flow.statement_definitions import leaves
from surfacelint.judgement.repetition.call_site_judgement import JudgedSite
from surfacelint.judgement.repetition.loop_dependence import item_paths
from surfacelint.judgement.repetition.verdicts import ITEMS
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_DEEPEST = 4
"""Callers through which the loop around a facet loop is looked for."""

_PARTS = frozenset({"items", "keys", "values", "split", "copy"})
"""Methods whose result is named as their receiver is: `languages.split(",")`."""


@record(frozen=True, slots=True)
class FacetLoops:
    """Finds the facet loops of one program. `known` is a memo."""

    evidence: Evidence
    details: RepetitionDetails
    known: dict[Effect, tuple[Effect, ...]] = field(default_factory=dict)

    def over_data(self, judged: JudgedSite, scope: FunctionNode) -> EnclosingRepetition | None:
        """Return the repetition over the data around a site: the innermost one over items, or the one around it if that is a facet loop."""
        over_items = [frame for frame, verdict, _ in judged.frames if verdict.kind == ITEMS]
        if not over_items:
            return None
        frame = over_items.pop()
        while over_items and self._is_facet(frame, over_items[-1], judged, scope):
            frame = over_items.pop()
        return frame

    def _is_facet(self, inner: EnclosingRepetition, outer: EnclosingRepetition, judged: JudgedSite, scope: FunctionNode) -> bool:
        if self._is_named(outer, scope):
            return False
        if self._is_named(inner, scope):
            return True
        around = self.evidence.displays.around
        if around(outer, judged.around, scope) is None or around(inner, judged.around, scope) is not None or inner.iterable is None:
            return False
        return first_overlap(reads(inner.iterable), item_paths(outer, self.evidence.sites.writes.within(scope))) is None

    def _is_named(self, frame: EnclosingRepetition, scope: FunctionNode) -> bool:
        """Whether a repetition is over languages, roles, fields and the like, by the name of its iterable or of its item."""
        if frame.iterable is None:
            return False
        facets = self.evidence.catalogue.handful.facets
        walked = self.evidence.sites.chunks.items(frame.iterable, scope)
        word = _name(walked).lower().rpartition("_")[2]
        target = frame.target.items[0] if isinstance(frame.target, Collection) and _is_call_of(walked, "items") else frame.target
        return word in facets or (isinstance(target, Name) and target.id.lower().rpartition("_")[2] in facets)

    # Facet loops in functions that a loop over the data calls.

    def outer(self, effect: Effect, judged: JudgedSite) -> tuple[Effect, ...]:
        """Return ways to the same request from loops over the data that call the function of `effect`, if that is in a facet loop."""
        if effect not in self.known:
            self.known[effect] = ()  # it may call itself
            self.known[effect] = tuple(self._outer(effect, judged))
        return self.known[effect]

    def _outer(self, effect: Effect, judged: JudgedSite) -> Iterator[Effect]:
        scope = effect.hop.site.function
        frame = self.over_data(judged, scope)
        if frame is None or self.evidence.displays.around(frame, judged.around, scope) is not None:
            return
        named = self._is_named(frame, scope)
        if not named and not self._is_branch(effect):
            return
        deepest = _DEEPEST if named else 0
        pending, seen = [(scope, 0)], {scope.id}
        while pending:
            function, depth = pending.pop()
            for site, way in self._calls_of(function):
                above = self.evidence.sites.judged(way)
                over = None if above is None else self.over_data(above, site.function)
                if above is not None and over is not None:
                    if not self._is_named(over, site.function) and (named or way.sink == effect.sink):
                        yield way
                elif depth < deepest and site.function.id not in seen:
                    seen.add(site.function.id)
                    pending.append((site.function, depth + 1))

    def _calls_of(self, function: FunctionNode) -> Iterator[tuple[Site, Effect]]:
        """Yield the sites that call a function and lead to a realtime request through it, each with such a way."""
        for site in self.evidence.effects.edges.get(function.id, ()):
            for way in self.evidence.site_effects(site):
                if way.is_realtime and way.rest is not None and way.rest.hop.site.function is function:
                    yield site, way
                    break

    def _is_branch(self, effect: Effect) -> bool:
        """Whether the function of `effect` sends the same request once, where it does not run the loop: another branch of its code."""
        function = effect.hop.site.function
        loop = self.evidence.sites.bodies.around(effect.hop.site)
        for site, ways in self.evidence.effects.sites.get(function.id, ()):
            if site.outline.repeated or not any(each.sink == effect.sink for each in ways):
                continue
            once = self.evidence.sites.bodies.around(site)
            if loop is not None and once is not None and exclude_each_other(once, loop):
                return True
        return False


def exclude_each_other(one: Surroundings, other: Surroundings) -> bool:
    """Whether a run of the function that reaches one of two calls does not reach the other."""
    for mine, theirs in zip(one.places, other.places, strict=False):
        if mine.block is not theirs.block:
            return False
        if mine.statement is theirs.statement:
            if mine.role != theirs.role:
                return isinstance(mine.statement, If) and {mine.role, theirs.role} == {"body", "orelse"}
            continue
        first = mine if mine.index < theirs.index else theirs
        return isinstance(first.statement, If) and first.role in ("body", "orelse") and leaves(getattr(first.statement, first.role))
    return False


def _name(expr: Expr) -> str:
    """Return the name of a collection: `languages` of `config["languages"]` and `args.languages.split(",")`."""
    while isinstance(expr, Call) and isinstance(expr.function, Attribute) and expr.function.attr in _PARTS:
        expr = expr.function.value
    match expr:
        case Name(id=name) | Attribute(attr=name) | Subscript(index=Constant(value=str(name))):
            return name
        case _:
            return ""


def _is_call_of(expr: Expr, method: str) -> bool:
    return isinstance(expr, Call) and isinstance(expr.function, Attribute) and expr.function.attr == method
