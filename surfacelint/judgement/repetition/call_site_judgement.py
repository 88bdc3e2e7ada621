"""Judges a call site: the repetitions around it, a verdict on each, and the number of items where it is known."""

from __future__ import annotations

from dataclasses import replace

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Progress, Repetition
from surfacelint.facts.expressions import Call, Span
from surfacelint.judgement.declared_facts import Declarations
from surfacelint.judgement.flow.access_paths import reads, root
from surfacelint.judgement.flow.appended_names import AppendedNames
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition, frames_around, repeats_items
from surfacelint.judgement.flow.enclosing_statements import Surroundings, expressions_in
from surfacelint.judgement.flow.hop_search import first_along
from surfacelint.judgement.flow.mapped_functions import MappedFunctions
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.flow.writes import Writes
from surfacelint.judgement.repetition.call_site_facts import CallSiteFacts
from surfacelint.judgement.repetition.drawn_inputs import DrawnInputs
from surfacelint.judgement.repetition.filled_queues import FilledQueues
from surfacelint.judgement.repetition.item_reaches_request import ItemReachability
from surfacelint.judgement.repetition.list_arguments import ListArguments
from surfacelint.judgement.repetition.loop_carried_state import LoopCarriedState
from surfacelint.judgement.repetition.loop_limits import most_runs
from surfacelint.judgement.repetition.new_objects import NewObjects
from surfacelint.judgement.repetition.packed_prompts import PackedPrompts
from surfacelint.judgement.repetition.request_inputs import RequestInputs
from surfacelint.judgement.repetition.setting_arguments import SettingArguments
from surfacelint.judgement.repetition.single_inputs import SingleInputs
from surfacelint.judgement.repetition.verdicts import ITEMS, Verdict, judge, repeated_calls
from surfacelint.judgement.size.chunked_items import ChunkedItems
from surfacelint.judgement.size.collection_sizes import CollectionSizes
from surfacelint.judgement.size.small_collections import SmallCollections
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect, Effects
from surfacelint.linking.calls.switch_conditions import SwitchConditions
from surfacelint.linking.evaluation.abstract_values import External
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

MOST_BATCHES = 4
"""Most batches, one after the other, that replace work in rounds."""

_MANY_ROUNDS = frozenset({"dependent", "conversation"})
"""Verdicts on an inner repetition which mean that one item takes several requests, each of which needs the previous one."""


@record(frozen=True, slots=True)
class JudgedSite:
    """A judged call site. `frames` are its repetitions, outermost first, each with its verdict and the number of items, if known."""

    around: Surroundings
    frames: tuple[tuple[EnclosingRepetition, Verdict, int | None], ...]

    @property
    def innermost(self) -> EnclosingRepetition | None:
        """The innermost repetition over independent items whose number may be worth a batch."""
        return next((frame for frame, verdict, _ in reversed(self.frames) if verdict.kind == ITEMS), None)


class CallSiteJudge:
    """Judges the call sites of one program. Each judgement is about the first site of an effect."""

    def __init__(
        self,
        effects: Effects,
        resolver: Resolver,
        catalogue: Catalogue,
        bodies: Bodies,
        declarations: Declarations,
        conditions: SwitchConditions,
    ) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self.bodies = bodies
        self._declarations = declarations
        self.writes = Writes(effects, resolver, catalogue, bodies)
        inputs = RequestInputs(effects, bodies, self.writes)
        self._state = LoopCarriedState(bodies, self.writes, inputs, frozenset(catalogue.sweep.numbers), conditions)
        self._drawn = DrawnInputs(resolver, catalogue, bodies, self._state.request_paths)
        self._reachability = ItemReachability(bodies, self.writes)
        self._packed = PackedPrompts(bodies)
        appended = AppendedNames()
        self.bounds = CollectionSizes(resolver, catalogue, appended, bodies, conditions)
        self.chunks = ChunkedItems(resolver, catalogue, appended)
        self.singles = SingleInputs(appended)
        self._new = NewObjects(resolver)
        self._lists = ListArguments(appended, self.chunks)
        self._settings = SettingArguments(resolver, catalogue, bodies, self.writes)
        self._small = SmallCollections(effects, resolver, catalogue, bodies, self.bounds, self._min_items, self._ends_on_answer)
        self._queues = FilledQueues(effects, resolver, catalogue, bodies, self._may_be_many)
        self.mapped = MappedFunctions(resolver, catalogue, bodies)
        self._judged: dict[Effect, JudgedSite | None] = {}
        self._rounds_memo: dict[Effect, str | None] = {}
        self._conversations: dict[tuple[str, Span], bool] = {}

    def _min_items(self, function: FunctionNode) -> int:
        return self._declarations.min_items(function, function.outline.lines[0])

    def may_repeat(self, effect: Effect) -> bool:
        """Whether the first site of an effect may run many times in its function, or its function many times for an engine."""
        return effect.hop.repeats or self.mapped.mapping(effect.hop.site.function) is not None

    def judged(self, effect: Effect) -> JudgedSite | None:
        """Return the judgement on the first site of an effect; `None` where the code around it cannot be read."""
        if effect not in self._judged:
            self._judged[effect] = self._judge(effect)
        return self._judged[effect]

    def _judge(self, effect: Effect) -> JudgedSite | None:
        """Judge each repetition around the first site. One with fewer items than `min-items` gets the verdict `few`."""
        hop = effect.hop
        around = self.bodies.around(hop.site)
        if around is None:
            return None
        facts = self._facts(effect, around)
        scope = hop.site.function
        found: list[tuple[EnclosingRepetition, Verdict, int | None]] = []
        mapped = self.mapped.frame(hop.site, around)
        for frame in (*([] if mapped is None else [mapped]), *frames_around(around, self._row(effect))):
            bound = self._bound(frame, around, scope)
            verdict = judge(frame, facts)
            if bound is not None and verdict.kind == ITEMS and bound < self._declarations.min_items(scope, frame.span.start.line):
                verdict = Verdict("few", str(bound))
            if verdict.kind == ITEMS:
                # A request per item of each chunk carries one input.
                found = [(each, Verdict(ITEMS) if known.kind == "packed" else known, most) for each, known, most in found]
            found.append((frame, verdict, bound))
        return JudgedSite(around, tuple(found))

    def _row(self, effect: Effect) -> Repetition | Progress | None:
        """Return the library function that repeats what an effect's first site runs. A function that a decorator maps counts there."""
        row, rest = effect.hop.row, effect.rest
        is_mapped = isinstance(row, Repetition) and row.items == "none" and rest is not None
        return None if is_mapped and rest is not None and self.mapped.mapping(rest.hop.site.function) is not None else row

    def _ends_on_answer(self, effect: Effect) -> bool:
        """Whether every repetition of the effect's first site ends as soon as there is an answer. The kind of items does not matter."""
        around = self.bodies.around(effect.hop.site)
        if around is None:
            return False
        facts = replace(self._facts(effect, around), few_items=lambda frame: "", has_items=lambda supply: False)
        return all(judge(frame, facts).kind in ("retry", "search") for frame in frames_around(around, effect.hop.row))

    def takes_many_rounds(self, effect: Effect) -> str | None:
        """Return what shows that one run of the site's callee takes several dependent requests, `None` if nothing does."""
        return first_along(effect.rest, self._rounds, None, self._rounds_memo)

    def _rounds(self, effect: Effect) -> str | None:
        judged = self.judged(effect)
        verdicts = (verdict for _, verdict, _ in judged.frames) if judged is not None else ()
        return next((verdict.name or verdict.kind for verdict in verdicts if verdict.kind in _MANY_ROUNDS), None)

    # Facts about the call site, for its verdicts.

    def _facts(self, effect: Effect, around: Surroundings) -> CallSiteFacts:
        """Gather what verdicts need to know about the first site of an effect."""
        sink = effect.sink
        site = effect.hop.site
        scope = site.function
        settings = frozenset(self._catalogue.sweep.keywords)
        return CallSiteFacts(
            around=around,
            call=site.call,
            carried_state=lambda: self._state.of(effect),
            request_paths=lambda by_item: self._state.request_paths(effect, by_item),
            list_input=isinstance(sink, Request) and (_takes_list(sink) or self._packed.in_body(effect)),
            joins_items=lambda item, block: self._packed.in_prompt(effect, item, block),
            mapped_role=lambda: self._settings.mapped_role(effect),
            unsent=lambda: self._state.unsent(effect),
            role=lambda position, name, item: self._settings.role(effect, position, name, item),
            asks_person=lambda frame: self._asks_person(frame, scope),
            is_text=lambda expr: self.chunks.is_text(expr, scope),
            is_list=lambda position, name: self._lists.is_list(effect, position, name),
            reaches_request=lambda item, block: self._reachability(effect, item, block),
            reaches_input=lambda paths, block: self._reachability(effect, paths, block, settings),
            has_items=lambda supply: self._queues.has_items(supply, scope),
            in_chunks=lambda frame: frame.iterable is not None and self.chunks.in_chunks(frame.iterable, scope),
            arrives_over_time=lambda frame: self._arrives_over_time(frame, scope),
            draws_input=lambda frame: self._drawn.within(effect, frame.depth),
            ignores_item=self._ignores_item(effect),
            sweep=self._catalogue.sweep,
            failure_words=self._catalogue.failure_words,
            is_new=lambda expr: self._new.is_new(expr, scope),
            has_few_rounds=lambda frame: (self._bound(frame, around, scope) or MOST_BATCHES + 1) <= MOST_BATCHES,
            few_items=lambda frame: self._few_items(frame, around, scope),
            call_writes=self.writes.within(scope),
            expand_properties=lambda paths: self.writes.expand_properties(paths, scope),
        )

    def _few_items(self, frame: EnclosingRepetition, around: Surroundings, scope: FunctionNode) -> str:
        """Return what the items of a small collection are; empty if the frame may repeat over many items."""
        before = definitions_before(around.places[: frame.depth + 1], -1)
        return "" if frame.iterable is None else self._small.description(frame.iterable, scope, before)

    def _may_be_many(self, frame: EnclosingRepetition, around: Surroundings, scope: FunctionNode) -> bool:
        """Whether a repetition in `scope` may be over many items that are there from the start."""
        if self._asks_person(frame, scope) or self._arrives_over_time(frame, scope) or self._few_items(frame, around, scope):
            return False
        bound = self._bound(frame, around, scope)
        return bound is None or bound >= self._declarations.min_items(scope, frame.span.start.line)

    def _bound(self, frame: EnclosingRepetition, around: Surroundings, scope: FunctionNode) -> int | None:
        """Return the largest number of items of a repetition, by its iterable and by limits in its body; `None` where it is unknown."""
        bound = None
        if frame.iterable is not None:
            bound = self.bounds.at(frame.iterable, scope, definitions_before(around.places[: frame.depth + 1], -1))
        limit = most_runs(frame, around, lambda expr: self.bounds.number(expr, scope))
        return limit if bound is None else min(bound, limit or bound)

    def _arrives_over_time(self, frame: EnclosingRepetition, scope: FunctionNode) -> bool:
        """Whether a loop iterates over the messages of a queue, which arrive over time."""
        if frame.iterable is None:
            return False
        paths = self._resolver.paths(self.chunks.items(frame.iterable, scope), scope)
        return any(self._catalogue.entry("iterate", path) is not None for path in paths)

    def _ignores_item(self, effect: Effect) -> bool:
        """Whether the function that the effect's first site repeats ignores its parameter: `pool.map(lambda _: ask(prompt), range(n))`."""
        if effect.rest is None or effect.hop.row is None or not repeats_items(effect.hop.row):
            return False
        callee = effect.rest.hop.site.function
        parameters = {parameter.name for parameter in callee.outline.parameters}
        body = self.bodies.body(callee)
        if body is None or callee.holds_functions or callee.owner is not None or len(parameters) != 1:
            return False
        return not any(root(path) in parameters for expr in expressions_in(body.statements) for path in reads(expr))

    def _asks_person(self, frame: EnclosingRepetition, scope: FunctionNode) -> bool:
        """Whether each round asks a person for input."""
        question = (scope.id, frame.span)
        if question not in self._conversations:
            self._conversations[question] = any(self._is_user_input(call, scope) for call in repeated_calls(frame))
        return self._conversations[question]

    def _is_user_input(self, call: Call, scope: FunctionNode) -> bool:
        values = self._resolver.callee(call, scope)
        return any(isinstance(value, External) and self._catalogue.user_input(value.path) is not None for value in values)


def _takes_list(request: Request) -> bool:
    return request.endpoint.takes_list and request.endpoint.list_input
