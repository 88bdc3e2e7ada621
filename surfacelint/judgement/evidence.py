"""What finders use to build workloads: request summaries, the analyses that answer questions about them, and trace steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from itertools import islice
from typing import Any

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.provider_rows import Provider
from surfacelint.facts.comment_directives import Declaration
from surfacelint.facts.expressions import Call, Position, Span, dotted
from surfacelint.judgement.declared_facts import Declarations
from surfacelint.judgement.error_guard import Guard
from surfacelint.judgement.flow.expression_text import source_text
from surfacelint.judgement.flow.hop_search import first_along
from surfacelint.judgement.progress.progress_displays import ProgressDisplays
from surfacelint.judgement.progress.progress_reports import ProgressReports
from surfacelint.judgement.progress.shown_answers import ShownAnswers
from surfacelint.judgement.repetition.batch_runs import BatchRuns
from surfacelint.judgement.repetition.call_site_judgement import CallSiteJudge
from surfacelint.judgement.repetition.collected_streams import CollectedStreams
from surfacelint.judgement.repetition.concurrency import Concurrency
from surfacelint.judgement.repetition.repair_requests import RepairRequests
from surfacelint.judgement.waiting.entry_points import EntryPoints
from surfacelint.judgement.waiting.user_waiting import UserWaiting
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect, Effects, Hop
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.findings import LONGEST_TRACE, STEPS_AFTER, Location, TraceStep, elided
from surfacelint.model.workloads import FOR_BATCHES, Kind, RequestRoute, Waiting, Workload
from surfacelint.system.records import record

_WAITED: frozenset[Kind] = frozenset({"submitted", "follow-up", "blocking"})
"""Kinds of workloads that are a problem only because a user waits."""

Locate = Callable[[FunctionNode, Span], Location]
"""Returns the location of a span in the module of a function, as users see it."""


@record(frozen=True, slots=True)
class Evidence:
    """Everything that finders may ask about one program. The `known_…` fields are memos."""

    effects: Effects
    resolver: Resolver
    catalogue: Catalogue
    declarations: Declarations
    sites: CallSiteJudge
    displays: ProgressDisplays
    reports: ProgressReports
    shown: ShownAnswers
    entries: EntryPoints
    waits: UserWaiting
    concurrency: Concurrency
    streams: CollectedStreams
    repairs: RepairRequests
    batch_runs: BatchRuns
    locate: Locate
    guard: Guard
    known_sites: dict[str, dict[Position, Site]] = field(default_factory=dict)
    known_effects: dict[str, dict[Position, tuple[Effect, ...]]] = field(default_factory=dict)
    known_steps: dict[Effect, TraceStep] = field(default_factory=dict)
    known_ends: dict[Effect, tuple[TraceStep, ...]] = field(default_factory=dict)
    known_starts: dict[Effect, Call | None] = field(default_factory=dict)

    def site(self, function: FunctionNode, end: Position) -> Site | None:
        """Return the call site in `function` whose call ends at `end`, if it leads to a request."""
        if function.id not in self.known_sites:
            self.known_sites[function.id] = {site.call.span.end: site for site, _ in self.effects.sites.get(function.id, ())}
        return self.known_sites[function.id].get(end)

    def site_effects(self, site: Site) -> tuple[Effect, ...]:
        """Return the effects of a call site."""
        id_ = site.function.id
        if id_ not in self.known_effects:
            self.known_effects[id_] = {each.call.span.end: effects for each, effects in self.effects.sites.get(id_, ())}
        return self.known_effects[id_].get(site.call.span.end, ())

    def workload(
        self, kind: Kind, effect: Effect, before: tuple[TraceStep, ...] = (), after: tuple[TraceStep, ...] = (), **facts: Any
    ) -> Workload:
        """Return the workload at the first call site of `effect`. `facts` add fields of the workload, or override the usual values.

        In the trace, the steps `before` precede the call site, and `after` follow the request and show how its result is used.
        """
        request = request_of(effect)
        function = effect.hop.site.function
        own: dict[str, Any] = {
            "waiting": self.waits.waiting(function),
            "site": self.locate(function, effect.hop.site.call.span),
            "call": callee(effect.hop),
            "worker": _worker(effect),
            "function": function.outline.qualname,
            "alternatives": self.other_providers(effect),
        }
        values = own | facts
        declared = self.declarations.at(function, self._lines(kind, effect))
        if declared.waits and declared.waits != values["waiting"].answer:
            values["waiting"] = Waiting(declared.waits, "as declared")
        if not values.get("silence"):
            values["silence"] = self._declared_silence(kind, effect, declared)
        return Workload(
            kind=kind,
            request=_request(effect),
            endpoint=request.endpoint,
            provider=self.catalogue.provider(request.provider),
            posted=request.posted,
            trace=self._trace(before, effect, after),
            declared=declared,
            **values,
        )

    def route(self, effect: Effect) -> RequestRoute:
        """Return the calls of an effect with their locations."""
        request, sites = request_of(effect), [hop.site for hop in effect.hops()]
        return RequestRoute(
            tuple([self.locate(site.function, site.call.span) for site in sites]),
            tuple([site.function.outline.qualname for site in sites]),
            request.endpoint,
            request.provider,
            tuple(sorted(request.traits)),
        )

    def other_providers(self, effect: Effect, routes: Iterable[RequestRoute] = ()) -> tuple[Provider, ...]:
        """Return the providers that may answer instead of that of an effect: on another of `routes` from its call, or by another model."""
        request, site = request_of(effect), self.locate(effect.hop.site.function, effect.hop.site.call.span)
        hosted = (each for each in routes if each.calls[0] == site and each.traits != ("local",) and not each.endpoint.takes_list)
        names = (*(each.provider for each in hosted), *((request.otherwise,) if request.otherwise else ()))
        found = {_batch_name(provider): provider for provider in map(self.catalogue.provider, names)}
        found.pop(_batch_name(self.catalogue.provider(request.provider)), None)
        return tuple(found.values())

    def _lines(self, kind: Kind, effect: Effect) -> Iterator[int]:
        """Return the lines whose comments declare facts about a site: the lines of the call, and the first line of each repetition."""
        span = effect.hop.site.call.span
        yield from range(span.start.line, span.end.line + 1)
        judged = self.sites.judged(effect) if kind in ("repeated", "pseudo-batch") else None
        yield from (frame.span.start.line for frame, _, _ in (() if judged is None else judged.frames))

    def _declared_silence(self, kind: Kind, effect: Effect, declared: Declaration) -> str:
        """Return why the declared facts silence a workload, or an empty string."""
        if kind in _WAITED and declared.waits == "no":
            return "it is declared as `background`: no user waits for it"
        if kind not in FOR_BATCHES:
            return ""
        request = request_of(effect)
        batch = self.catalogue.provider(request.provider).batch
        # A request with a list of inputs is answered at once.
        window = None if batch is None or request.endpoint.takes_list else batch.window_hours
        return self.declarations.silence(effect.hop.site.function, declared, window)

    def unawaited_start(self, way: Effect) -> Call | None:
        """Return the first call along a route that starts work without waiting for it (in a queue, thread or task), or `None`."""
        return first_along(way, self._started_call, None, self.known_starts)

    def _started_call(self, way: Effect) -> Call | None:
        starts = way.rest is not None and self.waits.starts_without_waiting(way.hop.site, way.rest.hop.site.function)
        return way.hop.site.call if starts else None

    def out_of_scope_reason(self, effect: Effect, streamed: bool = True) -> str:
        """Return why the analysis ignores the request of an effect, an empty string if it does not.

        It does so for requests that are local, `streamed` (where that is a reason), already discounted or sent to another host.
        """
        request = request_of(effect)
        if "local" in request.traits:
            return "the model runs on the user's own hardware"
        if streamed and "streaming" in request.traits and not self.streams.is_collected(effect):
            return "the response is streamed"
        if "discounted" in request.traits:
            return "the request already has the batch price"
        if "elsewhere" in request.traits:
            return "the client uses a host that is not known to have a batch API"
        return ""

    def no_batch_reason(self, request: Request) -> str:
        """Return why a request cannot move to a batch, or an empty string."""
        provider = self.catalogue.provider(request.provider)
        elsewhere = request.provider != request.endpoint.provider
        if not request.endpoint.batch or (elsewhere and provider.batch is None):
            return f"{provider.title} has no batch API for this request"
        return ""

    def _trace(self, before: tuple[TraceStep, ...], effect: Effect, after: tuple[TraceStep, ...]) -> tuple[TraceStep, ...]:
        """Return the trace of an effect. Of a long trace, only the steps that are shown are created."""
        length = len(before) + effect.length + len(after)
        if length <= LONGEST_TRACE:
            return (*before, *map(self._step, effect.tails()), *after)
        first = (*before, *map(self._step, islice(effect.tails(), LONGEST_TRACE)), *after)
        return elided(first, (*before, *self._end(effect), *after), length)

    def _end(self, effect: Effect) -> tuple[TraceStep, ...]:
        """Return the last `STEPS_AFTER` steps of an effect."""
        passed: list[Effect] = []
        here: Effect | None = effect
        while here is not None and here not in self.known_ends:
            passed.append(here)
            here = here.rest
        for tail in reversed(passed):
            rest = () if tail.rest is None else self.known_ends[tail.rest]
            self.known_ends[tail] = rest if len(rest) >= STEPS_AFTER else (self._step(tail), *rest)
        return self.known_ends[effect]

    def _step(self, way: Effect) -> TraceStep:
        step = self.known_steps.get(way)
        if step is None:
            site, name = way.hop.site, callee(way.hop)
            note = f"`{name}` sends the request" if way.rest is None else _call_note(way.hop, way.rest.hop.site.function)
            step = self.known_steps[way] = TraceStep(self.locate(site.function, site.call.span), note)
        return step


def request_of(effect: Effect) -> Request:
    """Return the request that an effect leads to. The effect must end in a request."""
    assert isinstance(effect.sink, Request)
    return effect.sink


def callee(hop: Hop) -> str:
    """Return the callee of a hop, as spelled in the source."""
    return source_text(hop.site.call.function)


def _batch_name(provider: Provider) -> str:
    """Return the name of a provider's batch API, which several SDKs may share, or that of the provider if it has none."""
    return provider.title if provider.batch is None else provider.batch.title


def _worker(effect: Effect) -> str:
    """Return the argument that the first hop passes to be run (`label` in `executor.submit(label)`), as spelled; empty for plain calls."""
    path = request_of(effect).endpoint.path.removesuffix("()") if effect.rest is None else effect.rest.hop.site.function.outline.name
    values = [argument.value for argument in effect.hop.site.call.arguments] if effect.hop.row is not None else []
    name = path.rpartition(".")[2]
    return next((source_text(value) for value in values if (dotted(value) or "").rpartition(".")[2] == name), "")


def _request(effect: Effect) -> str:
    """Return the callee of the request as spelled in the source, or as the provider spells it where the call goes through a callback."""
    *_, last = effect.hops()
    spelled = callee(last)
    path = request_of(effect).endpoint.path
    return spelled if spelled.rpartition(".")[2] == path.rpartition(".")[2] else path.rpartition("().")[2]


def _call_note(hop: Hop, function: FunctionNode) -> str:
    """Return the trace note of a hop into a function: "calls `ask`" for a plain call, "`pool.map` runs `ask`" for others."""
    name, title = callee(hop), function.outline.title
    if title.startswith("<lambda>"):
        return f"`{name}` runs the lambda on line {function.outline.span.start.line}"
    is_plain = hop.row is None and name.rpartition(".")[2] == title.rpartition(".")[2]
    return f"calls `{title}`" if is_plain else f"`{name}` runs `{title}`"
