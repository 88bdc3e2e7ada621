"""One call site under judgement: its frames, their verdicts, and what it runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Expr,
    Name,
    Span,
    Subscript,
    dotted,
)
from surfacelint.judgement.declared_facts import Declarations
from surfacelint.judgement.flow.access_paths import KeySet, any_touch, reads, root
from surfacelint.judgement.flow.appended_names import Fillings
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_repetitions import Frame, frames_around, repeats_items
from surfacelint.judgement.flow.enclosing_statements import Around, Block, expressions_in
from surfacelint.judgement.flow.iteration_dataflow import derived
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.flow.route_memo import first_along
from surfacelint.judgement.flow.writes import Storing
from surfacelint.judgement.repetition.item_reaches_request import Reaches
from surfacelint.judgement.repetition.loop_carried_state import Feedback
from surfacelint.judgement.repetition.loop_limits import capped
from surfacelint.judgement.repetition.request_inputs import Sent
from surfacelint.judgement.repetition.verdicts import ITEMS, Subject, Verdict, judge, own_calls
from surfacelint.judgement.size.chunked_items import Chunks
from surfacelint.judgement.size.collection_sizes import Bounds
from surfacelint.judgement.size.small_collections import Handfuls
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect, Effects
from surfacelint.linking.evaluation.abstract_values import External
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_LISTS = frozenset({"list", "List", "Sequence", "Iterable", "tuple", "Collection", "ndarray", "NDArray", "Series"})
"""Annotations of parameters that take many inputs at once."""

_MANY_ROUNDS = frozenset({"dependent", "conversation"})
"""Verdicts on inner frames which mean that one item takes several requests, each needing the one before."""


@record(frozen=True, slots=True)
class Judged:
    """A site with its frames, outermost first, each with its verdict and the number of items where it is known."""

    around: Around
    frames: tuple[tuple[Frame, Verdict, int | None], ...]

    @property
    def innermost(self) -> Frame | None:
        """The innermost frame that repeats the site over independent items in a number that may be worth it."""
        return next((frame for frame, verdict, _ in reversed(self.frames) if verdict.kind == ITEMS), None)


class Sites:
    """Judges sites, in one program."""

    def __init__(self, effects: Effects, resolver: Resolver, catalogue: Catalogue, bodies: Bodies, declarations: Declarations) -> None:
        self._effects = effects
        self._resolver = resolver
        self._catalogue = catalogue
        self.bodies = bodies
        self._declarations = declarations
        self.storing = Storing(resolver, catalogue, bodies)
        self.feedback = Feedback(bodies, self.storing, Sent(effects, bodies, self.storing), frozenset(catalogue.sweep.numbers))
        self._reaches = Reaches(bodies, self.storing)
        self._fillings = Fillings()
        self.bounds = Bounds(resolver, catalogue, self._fillings)
        self.chunks = Chunks(resolver, catalogue, self._fillings)
        self.handfuls = Handfuls(effects, resolver, catalogue, bodies, self.bounds, self._fewest, self._tries)
        self._known: dict[Effect, Judged | None] = {}
        self._known_rounds: dict[Effect, str | None] = {}
        self._conversing: dict[tuple[str, Span], bool] = {}

    def _fewest(self, function: FunctionNode) -> int:
        return self._declarations.min_items(function, function.outline.lines[0])

    def judged(self, effect: Effect) -> Judged | None:
        """Return the judgement on the first site of an effect; `None` where its surroundings cannot be read."""
        if effect not in self._known:
            self._known[effect] = self._judge(effect)
        return self._known[effect]

    def _judge(self, effect: Effect) -> Judged | None:
        hop = effect.hop
        around = self.bodies.around(hop.site)
        if around is None:
            return None
        subject = self._subject(effect, around)
        scope = hop.site.function
        found = []
        for frame in frames_around(around, hop.row):
            bound = None
            if frame.iterable is not None:
                bound = self.bounds.at(frame.iterable, scope, definitions_before(around.places[: frame.depth + 1], -1))
            cap = capped(frame, around, lambda expr: self.bounds.number(expr, scope))
            bound = cap if bound is None else min(bound, cap or bound)
            verdict = judge(frame, subject)
            if bound is not None and verdict.kind == ITEMS and bound < self._declarations.min_items(scope, frame.span.start.line):
                verdict = Verdict("few", str(bound))
            found.append((frame, verdict, bound))
        return Judged(around, tuple(found))

    def _tries(self, effect: Effect) -> bool:
        """Whether whatever repeats the effect's first site ends as soon as there is an answer; what the items are does not matter."""
        around = self.bodies.around(effect.hop.site)
        if around is None:
            return False
        subject = replace(self._subject(effect, around), handful=lambda frame: "")
        return all(judge(frame, subject).kind in ("retry", "search") for frame in frames_around(around, effect.hop.row))

    def takes_many_rounds(self, effect: Effect) -> str | None:
        """Return what shows that one run of the site's callee takes several dependent requests, `None` if nothing does."""
        return first_along(effect.rest, self._rounds, None, self._known_rounds)

    def _rounds(self, effect: Effect) -> str | None:
        judged = self.judged(effect)
        verdicts = (verdict for _, verdict, _ in judged.frames) if judged is not None else ()
        return next((verdict.name or verdict.kind for verdict in verdicts if verdict.kind in _MANY_ROUNDS), None)

    # The subject.

    def _subject(self, effect: Effect, around: Around) -> Subject:
        sink = effect.sink
        site = effect.hop.site
        scope = site.function
        sweep = self._catalogue.sweep
        return Subject(
            around=around,
            call=site.call,
            fed_back=self.feedback.of(effect),
            requested=lambda by_item: self.feedback.requested(effect, by_item),
            list_input=isinstance(sink, Request) and sink.endpoint.takes_list and sink.endpoint.list_input,
            varies=lambda number, name: self._varies(effect, number, name, 0),
            converses=lambda frame: self._converses(frame, scope),
            is_text=lambda expr: self.chunks.is_text(expr, scope),
            takes_list=lambda number, name: self._takes_list(effect, number, name),
            reaches=lambda item, block: self._reaches(effect, item, block),
            is_input=lambda keys, block: self._is_input(effect, keys, block),
            in_chunks=lambda frame: frame.iterable is not None and self.chunks.in_chunks(frame.iterable, scope),
            arrives=lambda frame: self._arrives(frame, scope),
            ignores_item=self._ignores_item(effect),
            sweep_names=frozenset(sweep.names),
            sweep_words=frozenset(sweep.words),
            handful=lambda frame: self._handful(frame, around, scope),
            stores=self.storing.within(scope),
            looked_into=lambda keys: self.storing.looked_into(keys, scope),
        )

    def _handful(self, frame: Frame, around: Around, scope: FunctionNode) -> str:
        before = definitions_before(around.places[: frame.depth + 1], -1)
        return "" if frame.iterable is None else self.handfuls.what(frame.iterable, scope, before)

    def _arrives(self, frame: Frame, scope: FunctionNode) -> bool:
        """Whether a loop walks over messages of a queue, which come when somebody sends one."""
        if frame.iterable is None:
            return False
        paths = self._resolver.paths(self.chunks.items(frame.iterable, scope), scope)
        return any(self._catalogue.entry("iterate", path) is not None for path in paths)

    def _ignores_item(self, effect: Effect) -> bool:
        """Whether what the effect's first site runs many times reads no parameter: `pool.map(lambda _: ask(prompt), range(n))`."""
        if effect.rest is None or effect.hop.row is None or not repeats_items(effect.hop.row):
            return False
        callee = effect.rest.hop.site.function
        own = {parameter.name for parameter in callee.outline.parameters}
        body = self.bodies.body(callee)
        if body is None or callee.holds_functions or callee.owner is not None or len(own) != 1:
            return False
        return not any(root(key) in own for expr in expressions_in(body.statements) for key in reads(expr))

    def _converses(self, frame: Frame, scope: FunctionNode) -> bool:
        key = (scope.id, frame.span)
        if key not in self._conversing:
            self._conversing[key] = any(self._is_user_input(call, scope) for call in own_calls(frame))
        return self._conversing[key]

    def _is_user_input(self, call: Call, scope: FunctionNode) -> bool:
        values = self._resolver.callee(call, scope)
        return any(isinstance(value, External) and self._catalogue.user_input(value.path) is not None for value in values)

    def _varies(self, effect: Effect, number: int, name: str | None, depth: int) -> bool:
        """Whether an argument of the effect's first site only picks the model or one of its parameters."""
        sweep = self._catalogue.sweep
        if name is not None and name in sweep.keywords:
            return True
        rest = effect.rest
        spread = effect.hop.site.call.arguments[number].star == "**"
        if spread and not self._has_input(effect.hop.site.call):
            return False
        if rest is None:
            # Beside a prompt it sets options, unless that is a template. Beside a URL it holds the prompt.
            filled = isinstance(effect.sink, Request) and "**" in effect.sink.endpoint.keywords
            return spread and not filled and not self._posts(effect.hop.site)
        if depth > 6 or effect.hop.row is not None:
            return False
        callee = rest.hop.site.function
        parameter = self._parameter(effect, callee, number, name)
        if parameter is None:
            return False
        if parameter in sweep.keywords or parameter in sweep.names:
            return True
        body = self.bodies.body(callee)
        if body is None:
            return False
        made = derived(body.statements, {parameter})
        reached = [
            (position, argument.name)
            for position, argument in enumerate(rest.hop.site.call.arguments)
            if any_touch(reads(argument.value), made) is not None
        ]
        return bool(reached) and all(self._varies(rest, position, keyword, depth + 1) for position, keyword in reached)

    def _posts(self, site: Site) -> bool:
        """Whether a call sends a raw HTTP request."""
        paths = self._resolver.called_paths(site.call, site.function)
        return any(self._catalogue.canonical(path) in self._catalogue.http_calls for path in paths)

    def _is_input(self, effect: Effect, keys: KeySet, block: Block) -> bool:
        """Whether something that the effect's first site is given becomes part of the input of the request."""
        return self._reaches(effect, keys, block, frozenset(self._catalogue.sweep.keywords))

    def _has_input(self, call: Call) -> bool:
        """Whether a call is given more by name or position than a model and its parameters."""
        return any(not argument.star and argument.name not in self._catalogue.sweep.keywords for argument in call.arguments)

    def _takes_list(self, effect: Effect, number: int, name: str | None) -> bool:
        """Whether the callee of the effect's first site declares the parameter to be a list."""
        value, scope = effect.hop.site.call.arguments[number].value, effect.hop.site.function
        if isinstance(value, Name) and (value.id in self._fillings.added_to(scope.outline) or _is_listed(value.id, scope)):
            return True  # a list that the function fills itself
        if effect.rest is None or effect.hop.row is not None:
            return False
        callee = effect.rest.hop.site.function
        parameter = self._parameter(effect, callee, number, name)
        annotation = next((each.annotation for each in callee.outline.parameters if each.name == parameter), None)
        return annotation is not None and _is_list(annotation)

    def _parameter(self, effect: Effect, callee: FunctionNode, number: int, name: str | None) -> str | None:
        argument = effect.hop.site.call.arguments[number]
        if argument.star == "**":
            needed = [
                parameter for parameter in callee.outline.parameters if parameter.default is None and not parameter.kind.startswith("*")
            ]
            filled = [found for parameter in needed for found in argument_for(callee.outline, effect.hop.given, parameter.name)]
            if any(isinstance(expr, Subscript) and expr.value is argument.value for _, expr in filled):
                return None  # the prompt comes out of it
            return next((parameter.name for parameter in callee.outline.parameters if parameter.kind == "**"), None)
        wanted = argument.value
        for parameter in callee.outline.parameters:
            if any(expr is wanted or expr == wanted for _, expr in argument_for(callee.outline, effect.hop.given, parameter.name)):
                return parameter.name
        return name


def _is_listed(name: str, scope: FunctionNode) -> bool:
    """Whether all that a function binds a name to are comprehensions, which make lists of many."""
    bound = [source.value for source in scope.names.get(name, ())]
    return bool(bound) and all(isinstance(value, Comprehension) and value.kind == "list" for value in bound)


def _is_list(annotation: Expr) -> bool:
    """Whether an annotation names nothing but lists and arrays, `None` apart."""
    match annotation:
        case Subscript(value=Name(id="Optional") | Attribute(attr="Optional"), index=index):
            return _is_list(index)
        case Subscript(value=Name(id="Union") | Attribute(attr="Union"), index=Collection(items=parts)):
            return _are_lists(parts)
        case Composite(operator="|", parts=parts):
            return _are_lists(parts)
        case Subscript(value=value):
            return _is_list(value)
        case _:
            return (dotted(annotation) or "").rpartition(".")[2] in _LISTS


def _are_lists(annotations: Iterable[Expr]) -> bool:
    return all(_is_list(part) for part in annotations if part != Constant(None))
