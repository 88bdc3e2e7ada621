"""Lists every workload of a program for the review, also those that no rule reports and the requests that nothing repeats.

Each request is followed to its callers. On each way in, one call site is the workload:

1. the repeated call that is reported,
2. otherwise the call that repeats, for whatever reason it is not reported: over items, or else the outermost one,
3. otherwise the call in the handler or job at which the way begins,
4. otherwise the request, or the call of a function around it that several calls share: a wrapper is not a workload, its uses are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import field, replace

from surfacelint.facts.module_outlines import MODULE_BODY, title
from surfacelint.judgement.evidence import Evidence, request_of
from surfacelint.judgement.finders.named_models import named_models
from surfacelint.judgement.finders.repeated_requests import MOST_ROUTES
from surfacelint.judgement.repetition.verdicts import ITEMS
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request, Target
from surfacelint.linking.calls.request_summaries import MOST_EFFECTS, Effect, Hop
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.findings import Location
from surfacelint.model.workloads import Waiting, Workload
from surfacelint.system.records import record

MOST_WAYS = 100
"""Most ways from one call site to requests that are looked at."""

MOST_STEPS = 300
"""Most callers that are followed for one request. In code with more of them, the farthest ones count as one workload."""

_SENDING = frozenset({"realtime", "pseudo-batch", "local", "async-job", "batch-submit"})
"""Surfaces of the calls that begin a workload. A call that only waits for a batch counts where its provider is sent none."""

_REPEATING = frozenset({"repeated", "pseudo-batch"})

_NO_WORK = frozenset({"retry"})
"""Verdicts on loops that do not multiply the work."""

_SERVING = frozenset({"embedding", "rerank", "moderation", "tokens"})
"""Kinds of requests that often only serve one that generates."""

_NOT_OVER_ITEMS = frozenset({"conversation", "open-ended", "arrivals", "search", "retry"})
"""Verdicts on repetitions of which it was not asked whether their items are independent."""


def listed_workloads(evidence: Evidence, found: tuple[Workload, ...]) -> tuple[Workload, ...]:
    """Return the workloads of the review: those `found` that are reported or that are a way in, and the requests that nothing repeats."""
    ways = _Ways(evidence, {each.site: each for each in found if each.kind in _REPEATING})
    rows = ways.rows()
    kept = [each for each in found if not each.silence or each.site in rows]
    known = {each.site for each in kept if each.kind in _REPEATING}
    listed = []
    for each in kept:
        effects = rows.get(each.site, [])
        with evidence.guard.judging(effects[0].hop.site.function) if effects else nullcontext():
            each = _completed(evidence, each, effects)
        listed.append(each)
    for site, effects in rows.items():
        with evidence.guard.judging(effects[0].hop.site.function):
            listed += [] if site in known else [_completed(evidence, _single(evidence, effects), effects)]
    return tuple(listed)


def _single(evidence: Evidence, effects: list[Effect]) -> Workload:
    """Return the workload of a call site that nothing repeats and that leads to a request in each of these ways."""
    effect = min(effects, key=_rank)
    requests = {(request_of(each).function, request_of(each).span) for each in effects}
    return evidence.workload("single", effect, stages=1 if len(requests) == 1 else 0, silence=evidence.out_of_scope_reason(effect))


def _rank(effect: Effect) -> tuple[bool, bool, bool, int]:
    """Return a key that is least for the way that represents a call site best: to a hosted model, in realtime, that generates."""
    request = request_of(effect)
    generates = request.endpoint.kind not in _SERVING
    return bool(request.traits), request.endpoint.surface != "realtime", not generates, effect.length


def _completed(evidence: Evidence, workload: Workload, effects: list[Effect]) -> Workload:
    """Return a workload with the facts that only the review needs, from all `effects` that begin at its call site."""
    if not effects:
        return workload
    judged = evidence.sites.judged(effects[0]) if workload.kind in _REPEATING else None
    kinds = set() if judged is None else {verdict.kind for _, verdict, _ in judged.frames}
    if kinds & _NOT_OVER_ITEMS and workload.independence.independent:
        workload = replace(workload, independence=replace(workload.independence, known=False))
    if "conversation" in kinds:
        workload = replace(workload, waiting=Waiting("yes", f"conversation in {title(workload.function)}"))
    if not workload.routes:
        effects = sorted(effects, key=_rank)
        routes, request = tuple(map(evidence.route, effects[:MOST_ROUTES])), request_of(effects[0])
        if all((each.endpoint, each.provider) != (workload.endpoint, workload.provider.name) for each in routes):
            # Its own request belongs to another workload around this one.
            own_way = evidence.workload(workload.kind, effects[0], workload.trace[:1])
            provider = evidence.catalogue.provider(request.provider)
            workload = replace(workload, endpoint=request.endpoint, provider=provider, request=own_way.request, trace=own_way.trace)
        shown = next((each for each in effects if request_of(each).provider == workload.provider.name), effects[0])
        workload = replace(workload, routes=routes, alternatives=evidence.other_providers(shown, routes))
    own = [each for each in effects if request_of(each).provider == workload.provider.name]
    names = {name for each in own for name in named_models(evidence.resolver, each)}
    tiers = {tier.value for each in own if (tier := request_of(each).tier) is not None}
    return replace(workload, models=tuple(sorted(names)), tier=tiers.pop() if len(tiers) == 1 else "")


@record(frozen=True, slots=True)
class _Step:
    """A step from a request to its callers: the way from there, and the candidates for the workload on it.

    `shared` is the call of a function that several calls share. It is `settled` in a function that makes several requests.
    """

    effect: Effect
    repeating: Effect | None
    shared: Effect
    settled: bool = False

    @property
    def chosen(self) -> Effect:
        """The workload if there is no further caller."""
        return self.repeating or self.shared


@record(frozen=True, slots=True)
class _Ways:
    """The ways into the requests of one program. `repeated` are the workloads of repeated calls by call site.

    `found` are the call sites that are workloads, each with ways to its requests. `several` and `known_callers` are memos.
    """

    evidence: Evidence
    repeated: dict[Location, Workload]
    found: dict[Location, list[Effect]] = field(default_factory=dict)
    several: dict[str, bool] = field(default_factory=dict)
    known_callers: dict[tuple[str, str, str], list[tuple[Site, Target | None]]] = field(default_factory=dict)

    def rows(self) -> dict[Location, list[Effect]]:
        """Return the call sites that are workloads, each with the ways to its requests."""
        for request in self._requests():
            with self.evidence.guard.judging(request.hop.site.function):
                self._climb(request)
        return self.found

    def _requests(self) -> Iterator[Effect]:
        """Yield the calls that send a request or submit a batch."""
        ways = [way for sites in self.evidence.effects.sites.values() for _, ways in sites for way in ways if way.rest is None]
        own = [way for way in ways if isinstance(way.sink, Request)]
        submitting = {request_of(way).endpoint.provider for way in own if request_of(way).endpoint.surface == "batch-submit"}
        for way in own:
            endpoint = request_of(way).endpoint
            waits = endpoint.surface == "batch-wait" and (endpoint.kind != "job" or endpoint.provider not in submitting)
            if waits or endpoint.surface in _SENDING:
                yield way

    def _climb(self, request: Effect) -> None:
        pending = [_Step(request, None, request)]
        seen: set[tuple[Site, Site | None, Site]] = set()
        while pending:
            step = pending.pop()
            site = step.effect.hop.site
            place = self._place(site)
            known = self.repeated.get(place)
            if known is not None and not known.silence:
                self._add(step.effect)
                continue
            if known is not None and self._is_outer(step):
                step = replace(step, repeating=step.effect)
            point = self.evidence.entries.point(site.function)
            if point is not None and point.waits != "unknown":
                self._add(step.repeating or _past_main(step.effect))
                continue
            callers = self._callers(step.effect) if len(seen) < MOST_STEPS else []
            if not callers:
                self._add(step.chosen)
            for caller in callers:
                following = self._following(step, caller, len(callers))
                key = (caller.hop.site, None if following.repeating is None else following.repeating.hop.site, following.shared.hop.site)
                if key not in seen:
                    seen.add(key)
                    pending.append(following)

    def _following(self, step: _Step, caller: Effect, number: int) -> _Step:
        """Return the step to one of a `number` of callers."""
        moved = step.shared.rest is not None
        settled = step.settled or ((number == 1 or moved) and self._has_several_requests(step.effect.hop.site.function))
        return _Step(caller, step.repeating, step.shared if settled or number == 1 else caller, settled)

    def _add(self, effect: Effect) -> None:
        known = self.found.setdefault(self._place(effect.hop.site), [])
        if len(known) < MOST_WAYS:
            known.append(effect)

    def _place(self, site: Site) -> Location:
        return self.evidence.locate(site.function, site.call.span)

    def _is_outer(self, step: _Step) -> bool:
        """Whether a repetition makes more work than one inside of it: a retry does not, nor one around the work on items."""
        own = self._kinds(step.effect)
        return not own <= _NO_WORK and (step.repeating is None or ITEMS not in self._kinds(step.repeating))

    def _kinds(self, effect: Effect) -> set[str]:
        judged = self.evidence.sites.judged(effect)
        return set() if judged is None else {verdict.kind for _, verdict, _ in judged.frames}

    def _has_several_requests(self, function: FunctionNode) -> bool:
        if function.id not in self.several:
            ways = [ways for _, ways in self.evidence.effects.sites.get(function.id, ()) if any(map(_is_sent, ways))]
            self.several[function.id] = len(ways) > 1
        return self.several[function.id]

    def _callers(self, effect: Effect) -> list[Effect]:
        """Return the ways that begin at the callers of the function of an effect. Code that runs its own module is none."""
        function, endpoint = effect.hop.site.function, request_of(effect).endpoint
        key = (function.id, endpoint.path, endpoint.surface)
        if key not in self.known_callers:
            self.known_callers[key] = list(self._calling(function, effect))
        return [_with_hop(site, target, effect) for site, target in self.known_callers[key]]

    def _calling(self, function: FunctionNode, effect: Effect) -> Iterator[tuple[Site, Target | None]]:
        for site in self.evidence.effects.edges.get(function.id, ()):
            own = site.function.id == function.id
            runs_module = site.function.outline.qualname == MODULE_BODY and site.function.module is function.module
            plain = runs_module and not self._is_entry(site.function) and self._place(site) not in self.repeated
            if not own and not plain and self._leads_there(site, effect):
                yield site, next((each for each in site.targets if each.callee is function), None)

    def _is_entry(self, function: FunctionNode) -> bool:
        return self.evidence.entries.point(function) is not None

    def _leads_there(self, site: Site, effect: Effect) -> bool:
        """Whether a call site leads to the request of an effect, with the values that are passed there. A dispatcher may always do."""
        wanted = request_of(effect).endpoint
        sinks = [way.sink for way in self.evidence.site_effects(site)]
        return len(sinks) >= MOST_EFFECTS or any(
            isinstance(sink, Request) and (sink.endpoint.path, sink.endpoint.surface) == (wanted.path, wanted.surface) for sink in sinks
        )


def _with_hop(site: Site, target: Target | None, rest: Effect) -> Effect:
    """Return the way from a call site on, through one of its targets."""
    callee = rest.hop.site.function.outline
    known = target or site.targets[0]
    hop = Hop(site, known.row, known.given, callee.is_async and not callee.is_generator)
    return Effect(rest.sink, hop, rest, rest.length + 1)


def _is_sent(way: Effect) -> bool:
    return isinstance(way.sink, Request) and way.sink.endpoint.surface in _SENDING


def _past_main(effect: Effect) -> Effect:
    """Return the way from inside `main()` if it begins in a module body that only calls it, as the page of a UI toolkit does."""
    page, rest = effect.hop.site.function, effect.rest
    is_page = page.outline.qualname == MODULE_BODY and rest is not None and rest.hop.site.function.module is page.module
    return rest if is_page and rest is not None else effect
