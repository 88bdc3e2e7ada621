"""Calls that return one answer of a model, and classes that such an answer is parsed into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Argument, Attribute, Expr, Name, Position
from surfacelint.judgement.flow.enclosing_repetitions import repeats_items
from surfacelint.judgement.flow.hop_search import first_along
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect, Effects
from surfacelint.linking.evaluation.abstract_values import Class, Instance
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_READING = frozenset({"embedding", "ocr", "audio"})
"""Kinds of requests whose results have as many parts as their input: the pages of a document, the segments of a recording."""


class ModelAnswers:
    """The model answers of one program. `ends_on_answer` tells call sites that repeat only until there is an answer."""

    def __init__(self, effects: Effects, resolver: Resolver, catalogue: Catalogue, ends_on_answer: Callable[[Effect], bool]) -> None:
        self._effects = effects
        self._ends_on_answer = ends_on_answer
        self._resolver = resolver
        self._catalogue = catalogue
        self._keywords = frozenset(catalogue.handful.answer_keywords)
        self._calls: dict[str, frozenset[Position]] = {}
        self._classes: frozenset[str] | None = None
        self._looping: dict[Effect, bool] = {}
        self._iterating: dict[Effect, bool] = {}

    def calls(self, scope: FunctionNode) -> frozenset[Position]:
        """Return the ends of the calls in a function that make one realtime request per run."""
        known = self._calls.get(scope.id)
        if known is None:
            ends = {site.call.span.end for site, effects in self._effects.sites.get(scope.id, ()) if self._is_one_answer(effects)}
            known = self._calls[scope.id] = frozenset(ends)
        return known

    def is_answer_field(self, expr: Expr, scope: FunctionNode) -> bool:
        """Whether `expr` is a field of a parsed answer: `plan.steps` after `parse(…, response_format=Plan)`."""
        if not isinstance(expr, Attribute):
            return False
        return any(isinstance(value, Instance) and value.id in self.classes for value in self._resolver.evaluate(expr.value, scope))

    @property
    def classes(self) -> frozenset[str]:
        """The identifiers of the program's classes that answers are parsed into."""
        if self._classes is None:
            self._classes = frozenset(self._parsed_into())
        return self._classes

    def _parsed_into(self) -> Iterator[str]:
        """Yield the classes that calls name as the format of an answer."""
        for function in self._resolver.functions():
            for site in function.outline.calls:
                for argument in site.call.arguments:
                    if argument.name in self._keywords:
                        yield from self._named(argument, function)

    def _named(self, argument: Argument, function: FunctionNode) -> Iterator[str]:
        """Yield the classes that an argument names: `Plan`, but not `list[Plan]`, which holds many."""
        if isinstance(argument.value, Name | Attribute):
            for value in self._resolver.evaluate(argument.value, function):
                if isinstance(value, Class):
                    yield value.id

    def _is_one_answer(self, effects: Sequence[Effect]) -> bool:
        """Whether a site makes each of its requests once per run, and one of them returns an answer."""
        realtime = [effect for effect in effects if effect.is_realtime]
        answering = [effect for effect in realtime if isinstance(effect.sink, Request) and effect.sink.endpoint.kind not in _READING]
        return bool(answering) and not any(map(self._repeats, realtime))

    def _repeats(self, effect: Effect) -> bool:
        """Whether one run of an effect's first site may make its request many times, other than to retry until it has an answer."""
        return first_along(effect.rest, self._loops, False, self._looping) or first_along(effect, _iterates, False, self._iterating)

    def _loops(self, effect: Effect) -> bool:
        return effect.hop.site.outline.repeated and not self._ends_on_answer(effect)


def _iterates(effect: Effect) -> bool:
    return effect.hop.row is not None and repeats_items(effect.hop.row)
