"""Workloads: call sites with their repetition or handler, and the three answers about each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from surfacelint.catalogue.catalogue import Catalogue
from surfacelint.catalogue.schema import Progress, Repetition
from surfacelint.facts.expressions import Call, Constant, Span, walk
from surfacelint.facts.outlines import MODULE_BODY
from surfacelint.findings import Location, TraceStep
from surfacelint.judgement.concurrency import Concurrency
from surfacelint.judgement.dataflow import any_touch, argument_reads, derived
from surfacelint.judgement.displays import Display, Displays
from surfacelint.judgement.entries import Entries
from surfacelint.judgement.frames import Frame, awaited_inside
from surfacelint.judgement.places import expressions_in
from surfacelint.judgement.sites import Judged, Sites
from surfacelint.judgement.spelling import spell
from surfacelint.judgement.verdicts import ITEMS
from surfacelint.judgement.waiting import Waits
from surfacelint.linking.effects import Effect, Effects, Hop
from surfacelint.linking.modules import FunctionNode
from surfacelint.linking.resolution import Resolver
from surfacelint.linking.targets import Request
from surfacelint.program import Independence, ProgressDisplay, RepeatedBy, Volume, Waiting, Workload

Locate = Callable[[FunctionNode, Span], Location]
"""Where a span of a function's module is, as users see it."""

_BATCH = frozenset({"batch-submit", "batch-wait"})

_REASONS = {
    "few": "at most {name} items",
    "retry": "the loop ends as soon as the call succeeds",
    "search": "the loop ends when the result says so ({name})",
    "dependent": "each call needs an earlier one's result ({name})",
    "sampling": "the input does not change from one call to the next",
    "sweep": "the loop varies {name}, not the data",
    "packed": "each request carries many inputs already",
    "handful": "the items are parts of one answer or hits of one search",
    "conversation": "a person answers in every round",
    "open-ended": "the loop does not walk over items",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that workloads are made from."""

    effects: Effects
    resolver: Resolver
    catalogue: Catalogue
    sites: Sites
    displays: Displays
    entries: Entries
    waits: Waits
    concurrency: Concurrency
    locate: Locate

    def workloads(self) -> tuple[Workload, ...]:
        """Return all workloads of the program, sorted by place."""
        found = [*self._repeated(), *self._handled()]
        return tuple(sorted(found, key=lambda w: (w.site.path, w.site.cell or 0, w.site.span, w.endpoint.path, w.silence)))

    # Repeated requests.

    def _repeated(self) -> Iterator[Workload]:
        chosen: dict[tuple[str, Span], Effect] = {}
        for effects in self.effects.sites.values():
            for _, ways in effects:
                for way in ways:
                    for effect in _repeating(way):
                        key = (effect.hop.site.function.id, effect.hop.site.call.span)
                        known = chosen.get(key)
                        if known is None or _better(effect, known):
                            chosen[key] = effect
        for effect in chosen.values():
            workload = self._repeated_site(effect)
            if workload is not None:
                yield workload

    def _repeated_site(self, effect: Effect) -> Workload | None:
        judged = self.sites.judged(effect)
        if judged is None or not judged.frames:
            return None
        frame = judged.innermost
        silence = self._silence(effect, judged)
        shown = frame or judged.frames[-1][0]
        return self._workload(effect, shown, judged, silence)

    def _silence(self, effect: Effect, judged: Judged) -> str:
        """Return why a reviewer would say nothing, empty if there is no reason in the code around the site."""
        request = effect.sink
        assert isinstance(request, Request)
        reason = self._request_silence(request)
        if reason:
            return reason
        kinds = [verdict for _, verdict, _ in judged.frames]
        for verdict in kinds:
            if verdict.kind in ("packed", "conversation"):
                return _reason(verdict.kind, verdict.name)
        if judged.innermost is None:
            return _reason(kinds[-1].kind, kinds[-1].name)
        inner = kinds[[frame for frame, _, _ in judged.frames].index(judged.innermost) + 1 :]
        for verdict in inner:
            if verdict.kind == "dependent":
                return f"each item takes several requests, one after another ({verdict.name or verdict.kind})"
        rounds = self.sites.takes_many_rounds(effect) or self._goes_on(effect, judged.innermost)
        if rounds is not None:
            return f"each item takes several requests, one after another ({rounds})"
        return "" if self._stands_out(effect, judged) else self._further_in(effect)

    def _goes_on(self, effect: Effect, frame: Frame) -> str | None:
        """Return what shows that a call's result goes into rounds of further calls for the same item, as an agent's draft does."""
        site = effect.hop.site
        made = derived(frame.block, set(), ends=frozenset({site.call.span.end}))
        for other, ways in self.effects.sites.get(site.function.id, ()):
            way = next((each for each in ways if isinstance(each.sink, Request) and each.sink.endpoint.surface == "realtime"), None)
            if way is None or other is site or not other.outline.repeated:
                continue
            wanted = argument_reads(other.call)
            judged = self.sites.judged(way) if any_touch(wanted, made) is not None else None
            if judged is None or not any(each.node is frame.node for each, _, _ in judged.frames):
                continue
            number = next(index for index, (each, _, _) in enumerate(judged.frames) if each.node is frame.node)
            if any(verdict.kind in ("dependent", "open-ended") for _, verdict, _ in judged.frames[number + 1 :]):
                return f"{spell(other.call.function)} goes on with its result"
        return None

    def _stands_out(self, effect: Effect, judged: Judged) -> bool:
        """Whether an outer repetition is the bulk job itself: fan-out, rows, or under a progress display."""
        frame = judged.innermost
        if frame is None:
            return False
        repeated = self._repeated_by(frame, effect)
        return repeated.concurrent or repeated.kind == "rows" or self._display(frame, judged, effect.hop.site.function) is not None

    def _request_silence(self, request: Request) -> str:
        if "local" in request.traits:
            return "the model runs on the user's own hardware"
        if "streaming" in request.traits:
            return "the answer is streamed to somebody"
        if "discounted" in request.traits:
            return "the request is at batch price already"
        if "elsewhere" in request.traits:
            return "the client talks to a host that is not known to take batches"
        provider = self.catalogue.provider(request.provider)
        elsewhere = request.provider != request.endpoint.provider
        if (not request.endpoint.batch or (elsewhere and provider.batch is None)) and not request.endpoint.list_input:
            return f"{provider.title} has no batch API for it"
        return ""

    def _further_in(self, effect: Effect) -> str:
        """An inner repetition that is reported itself makes the outer one a duplicate."""
        for tail in effect.tails():
            if tail is effect or not tail.hop.repeats:
                continue
            judged = self.sites.judged(tail)
            if judged is not None and judged.innermost is not None and not self._silence(tail, judged):
                return f"reported where {tail.hop.site.function.outline.title} repeats it"
        return ""

    def _workload(self, effect: Effect, frame: Frame, judged: Judged, silence: str) -> Workload:
        request = effect.sink
        assert isinstance(request, Request)
        site = effect.hop.site
        display = self._display(frame, judged, site.function)
        dependent = next((verdict for _, verdict, _ in judged.frames if verdict.kind == "dependent"), None)
        provider = self.catalogue.provider(request.provider)
        return Workload(
            site=self.locate(site.function, site.call.span),
            call=_callee(effect.hop),
            request=_callee(_last(effect)),
            function=site.function.outline.qualname,
            endpoint=request.endpoint,
            provider=provider,
            repetition=self._repeated_by(frame, effect),
            progress=None if display is None else self._progress(display, site.function),
            waiting=self.waits.waiting(site.function),
            independence=Independence(dependent is None, dependent.name if dependent else ""),
            volume=Volume(next((bound for f, _, bound in judged.frames if f is frame), None)),
            awaited=awaited_inside(frame),
            trace=self._trace(effect, frame),
            silence=silence,
        )

    def _display(self, frame: Frame, judged: Judged, scope: FunctionNode) -> Display | None:
        """Return the display of the frame, or of an outer one that a person would see move with it."""
        outer = [other for other, verdict, _ in judged.frames if other is frame or verdict.kind == ITEMS]
        for candidate in reversed(outer):
            display = self.displays.around(candidate, judged.around, scope)
            if display is not None:
                return display
        return None

    def _progress(self, display: Display, scope: FunctionNode) -> ProgressDisplay:
        return ProgressDisplay(display.name, display.row.audience, self.locate(scope, display.span))

    def _repeated_by(self, frame: Frame, effect: Effect) -> RepeatedBy:
        hop = effect.hop
        location = self.locate(hop.site.function, frame.span)
        items = "" if frame.iterable is None else spell(self.sites.chunks.items(frame.iterable, hop.site.function))
        target = "" if frame.target is None else spell(frame.target)
        if frame.kind == "call" and isinstance(frame.node, Call):
            rows = (isinstance(frame.row, Repetition) and frame.row.rows) or (
                isinstance(frame.row, Progress) and frame.row.style == "method"
            )
            concurrent = frame.row is not None and (hop.coroutine or self.concurrency.overlaps(frame.row, frame.node, hop))
            kind = "rows" if rows else "fan-out" if concurrent else "map"
            return RepeatedBy(kind, items, target, spell(frame.node.function), concurrent, location)
        concurrent, via = self.concurrency.of(frame, effect)
        kind = "fan-out" if concurrent else "comprehension" if frame.kind == "comprehension" else "loop"
        return RepeatedBy(kind, items, target, via, concurrent, location)

    def _trace(self, effect: Effect, frame: Frame) -> tuple[TraceStep, ...]:
        first = effect.hop.site
        what = {"for": "the loop", "while": "the loop", "comprehension": "the comprehension", "call": "the call"}[frame.kind]
        over = f" over {spell(frame.iterable)}" if frame.iterable is not None else ""
        steps = [TraceStep(self.locate(first.function, frame.span), f"{what}{over} repeats")]
        return (*steps, *self._hops(effect))

    def _hops(self, effect: Effect) -> Iterator[TraceStep]:
        for tail in effect.tails():
            site = tail.hop.site
            callee = _callee(tail.hop)
            note = f"{callee} sends the request" if tail.rest is None else _runs(callee, tail.rest.hop.site.function)
            yield TraceStep(self.locate(site.function, site.call.span), note)

    # Batches in handlers.

    def _handled(self) -> Iterator[Workload]:
        seen: set[tuple[str, Span, str]] = set()
        for id_, sites in self.effects.sites.items():
            function = self.resolver.function(id_)
            point = self.entries.point(function)
            if point is None or point.waits != "yes":
                continue
            waiting = self.waits.waiting(function)
            for _, effects in sites:
                for way in effects:
                    request = way.sink
                    if not isinstance(request, Request) or request.endpoint.surface not in _BATCH:
                        continue
                    effect = _in_page(way)
                    key = (effect.hop.site.function.id, effect.hop.site.call.span, request.endpoint.path)
                    if key not in seen:
                        seen.add(key)
                        yield self._handled_site(effect, waiting)

    def _handled_site(self, effect: Effect, waiting: Waiting) -> Workload:
        request = effect.sink
        assert isinstance(request, Request)
        site = effect.hop.site
        function = site.function
        entry = TraceStep(self.locate(function, _header(function)), f"{waiting.entry} is where a user waits")
        return Workload(
            site=self.locate(function, site.call.span),
            call=_callee(effect.hop),
            request=_callee(_last(effect)),
            function=function.outline.qualname,
            endpoint=request.endpoint,
            provider=self.catalogue.provider(request.provider),
            repetition=None,
            progress=None,
            waiting=waiting,
            independence=Independence(independent=True),
            volume=Volume(),
            awaited=False,
            trace=(entry, *self._hops(effect)),
            accepted=self._accepts(function),
            polled=self._polled(function),
        )

    def _accepts(self, function: FunctionNode) -> bool:
        """Whether a handler answers 202 Accepted: its caller has been told not to wait."""
        body = self.sites.bodies.body(function)
        said = list(expressions_in(body.statements)) if body is not None else []
        said += [part for decorator in function.outline.decorators for part in walk(decorator)]
        return any(
            (isinstance(part, Constant) and part.value == 202 and not isinstance(part.value, bool))
            or spell(part).endswith(("202_ACCEPTED", "HTTPStatus.ACCEPTED"))
            for part in said
        )

    def _polled(self, function: FunctionNode) -> bool:
        """Whether a handler looks at the state of a batch in a loop, itself or through what it calls."""
        for _, effects in self.effects.sites.get(function.id, ()):
            for effect in effects:
                request = effect.sink
                if isinstance(request, Request) and request.endpoint.surface == "batch-wait":
                    return True
                polls = isinstance(request, Request) and request.endpoint.surface == "batch-poll"
                if polls and any(hop.site.outline.repeated for hop in effect.hops()):
                    return True
        return False


def _repeating(way: Effect) -> Iterator[Effect]:
    """Return the parts of an effect that begin at a site which may repeat, and end in a realtime request."""
    if isinstance(way.sink, Request) and way.sink.endpoint.surface == "realtime":
        for tail in way.tails():
            if tail.hop.repeats:
                yield tail


def _in_page(way: Effect) -> Effect:
    """A page is a module body that often only calls `main()`: the call in there is the one that matters."""
    effect = way
    page = way.hop.site.function
    while page.outline.qualname == MODULE_BODY and effect.rest is not None:
        following = effect.rest.hop.site.function
        if effect is not way or following.module is not page.module:
            break
        effect = effect.rest
    return effect


def _better(one: Effect, other: Effect) -> bool:
    """Whether one effect of a site stands for it rather than another: requests that can move first, then the shorter way."""

    def rank(effect: Effect) -> tuple[bool, bool, int]:
        request = effect.sink
        assert isinstance(request, Request)
        return bool(request.traits), not request.endpoint.batch, effect.length

    return rank(one) < rank(other)


def _reason(kind: str, name: str) -> str:
    return _REASONS.get(kind, kind).format(name=name)


def _callee(hop: Hop) -> str:
    return spell(hop.site.call.function)


def _runs(callee: str, function: FunctionNode) -> str:
    name = function.outline.title
    if name.startswith("<lambda>"):
        return f"{callee} runs the lambda on line {function.outline.span.start.line}"
    return f"{callee} is called" if callee == name else f"{callee} runs {name}"


def _last(effect: Effect) -> Hop:
    return list(effect.hops())[-1]


def _header(function: FunctionNode) -> Span:
    start = function.outline.span.start
    return Span(start, start)
