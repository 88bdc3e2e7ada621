"""Small collections: iterables with few items, though no number says so.

Examples are the parts of one answer, the hits of one search, the fields of one sample, values from the command line. The origin of
the items is followed back within the function and through calls: a parameter holds a small collection if every known caller
passes one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Collection, Composite, Constant, Expr, Starred, walk
from surfacelint.judgement.flow.access_paths import first_overlap, reads
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_repetitions import frames_around, repeats_items
from surfacelint.judgement.flow.enclosing_statements import Surroundings
from surfacelint.judgement.flow.framework_arguments import FrameworkArguments
from surfacelint.judgement.flow.item_origins import Origin
from surfacelint.judgement.flow.model_answers import ModelAnswers
from surfacelint.judgement.flow.reaching_definitions import ReachingDefinitions, definitions_before
from surfacelint.judgement.size.collection_sizes import CollectionSizes
from surfacelint.judgement.size.last_assignments import UNKNOWN, with_last_assignments
from surfacelint.judgement.size.local_items import ANSWER, COMMAND_LINE, SAME, LocalItems
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Target
from surfacelint.linking.calls.request_summaries import Effect, Effects
from surfacelint.linking.evaluation.abstract_values import External, Instance
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

# Descriptions of items that callers show, for explanations.
_SAMPLE = "parts of one sample"
_SHORT = "a short list at every known caller"

_DEEPEST = 5
"""Calls through which a parameter is followed to its callers."""


class SmallCollections:
    """Finds small collections in one program.

    `min_items` returns the smallest number of items that is worth a batch in a function. `ends_on_answer` tells call sites that repeat
    only until there is an answer.
    """

    def __init__(
        self,
        effects: Effects,
        resolver: Resolver,
        catalogue: Catalogue,
        bodies: Bodies,
        sizes: CollectionSizes,
        min_items: Callable[[FunctionNode], int],
        ends_on_answer: Callable[[Effect], bool],
    ) -> None:
        self._effects = effects
        self._resolver = resolver
        self._bodies = bodies
        self._sizes = sizes
        self._min_items = min_items
        self._framework = FrameworkArguments(resolver, catalogue)
        self._local = LocalItems(resolver, catalogue, bodies, self._framework, ModelAnswers(effects, resolver, catalogue, ends_on_answer))
        self._sample_words = frozenset(catalogue.handful.samples)
        self._parameters: dict[tuple[Origin, str, int], str | None] = {}

    def description(self, expr: Expr, scope: FunctionNode, before: ReachingDefinitions, depth: int = 0) -> str:
        """Return what the items of `expr` are after the definitions in `before`, in words; empty where there may be many."""
        assigned = with_last_assignments(expr, before)
        found = self._local.description(expr, assigned, scope, before)
        if found:
            return found
        whole = expr if any(part == UNKNOWN for part in walk(assigned)) else assigned
        joined = [part for part in _joined(whole) if not _lists_few(part)]
        if joined and expr not in joined and depth <= _DEEPEST:
            parts = [self.description(part, scope, before, depth + 1) for part in joined]
            return parts[-1] if all(parts) else ""
        origin = self._local.origin(expr, scope, before)
        if origin is not None and depth <= _DEEPEST and _is_parameter(origin.name, scope):
            passed = self._passed(origin, scope, depth)
            if passed or (passed is not None and not origin.is_field):
                return passed
        return self._local.description_by_name(assigned) or self._local.description_by_name(expr)

    # Arguments of callers.

    def _passed(self, origin: Origin, scope: FunctionNode, depth: int) -> str | None:
        """Return what all known callers pass, empty if one of them may pass many items, `None` without known callers.

        Computed once per depth: there are far fewer callers than chains of callers.
        """
        question = (origin, scope.id, depth)
        if question not in self._parameters:
            self._parameters[question] = self._passed_by_all(origin, scope, depth)
        return self._parameters[question]

    def _passed_by_all(self, origin: Origin, scope: FunctionNode, depth: int) -> str | None:
        """Return what all known callers pass for a parameter; see `_passed`."""
        if origin.is_field and self._is_sample(origin.name, scope):
            return _SAMPLE
        is_tool = scope.id in self._framework.tools
        found: str | None = ANSWER if is_tool else None
        for site, target in self._callers(scope):
            if is_tool and any(argument.star == "**" for argument in site.call.arguments):
                continue
            if _defaults_to_nothing(origin, scope, target):
                found = found or _SHORT
                continue
            passed = self._passed_by(origin, scope, site, target, depth)
            if not passed:
                return ""
            found = passed
        return found

    def _callers(self, scope: FunctionNode) -> Iterator[tuple[Site, Target]]:
        for site in self._effects.edges.get(scope.id, ()):
            if site.function is not scope:
                yield from ((site, target) for target in site.targets if target.callee is scope)

    def _passed_by(self, origin: Origin, scope: FunctionNode, site: Site, target: Target, depth: int) -> str:
        """Return what one caller passes, empty if it may be many items."""
        around = self._bodies.around(site)
        given = argument_for(scope.outline, target.given, origin.name)
        if around is None:
            return ""
        if target.row is not None and repeats_items(target.row):
            is_part = isinstance(target.row, Repetition) and target.row.per != "item"  # a column of a part holds many items
            return _SAMPLE if origin.is_field and not is_part else ""
        if target.given.unknown or len(given) != 1 or given[0][0] != site.function.id:
            return ""
        before = definitions_before(around.places, -1)
        found = self.description(given[0][1], site.function, before, depth + 1)
        if found in (COMMAND_LINE, SAME) and (origin.is_made or origin.is_field):
            found = ""
        if not found and not origin.is_made and not origin.is_field and self._is_short(given[0][1], site.function, before):
            found = _SHORT
        if found or not origin.is_field:
            return found
        return _SAMPLE if self._is_item(given[0][1], site, around, before, depth) else ""

    def _is_short(self, expr: Expr, scope: FunctionNode, before: ReachingDefinitions) -> bool:
        """Whether an argument has a known number of items, too few for a batch."""
        bound = self._sizes.at(expr, scope, before)
        return bound is not None and bound < self._min_items(scope)

    # Samples.

    def _is_item(self, expr: Expr, site: Site, around: Surroundings, before: ReachingDefinitions, depth: int) -> bool:
        """Whether an argument is one item of a loop over many around its call, or such an item that its caller passed on."""
        origin = self._local.origin(expr, site.function, before)
        for frame in frames_around(around, None):
            if first_overlap(reads(expr) | ({origin.name} if origin else set()), frame.targets) is None:
                continue
            outside = definitions_before(around.places[: frame.depth + 1], -1)
            return frame.iterable is not None and self._sizes.at(frame.iterable, site.function, outside) is None
        if origin is None or depth > _DEEPEST or not _is_parameter(origin.name, site.function):
            return False
        return self._passed(Origin(origin.name, is_field=True), site.function, depth + 1) == _SAMPLE

    def _is_sample(self, name: str, scope: FunctionNode) -> bool:
        """Whether the annotation of a parameter declares one sample of a data set: a record of the program or of a package."""
        annotation = next((parameter.annotation for parameter in scope.outline.parameters if parameter.name == name), None)
        if annotation is None:
            return False
        words = {name.rpartition("_")[2].lower()}
        for value in self._resolver.names.annotated(annotation, scope.parent or scope):
            if isinstance(value, Instance):
                words.add(_last_word_of_class(value.id))
            elif isinstance(value, External):
                words.add(_last_word_of_class(value.path.removesuffix("()")))
        return bool(words & self._sample_words)


def _defaults_to_nothing(origin: Origin, scope: FunctionNode, target: Target) -> bool:
    """Whether a caller leaves out a parameter whose default is an empty collection."""
    default = next((each.default for each in scope.outline.parameters if each.name == origin.name), None)
    is_nothing = default == Constant(None) or (isinstance(default, Collection) and not default.items)
    return is_nothing and target.row is None and not target.given.unknown and not argument_for(scope.outline, target.given, origin.name)


def _joined(expr: Expr) -> tuple[Expr, ...]:
    """Return the collections that an expression joins to one: of `[query] + proxies` and `[query, *proxies]`; else nothing."""
    match expr:
        case Composite(operator="+", parts=parts):
            return tuple(inner for part in parts for inner in _joined(part) or (part,))
        case Collection(items=items) if any(isinstance(item, Starred) for item in items):
            return tuple(item.value for item in items if isinstance(item, Starred))
        case _:
            return ()


def _lists_few(expr: Expr) -> bool:
    """Whether an expression is a display of single items, which a program spells out."""
    return isinstance(expr, Collection) and not any(isinstance(item, Starred) for item in expr.items)


def _is_parameter(name: str, scope: FunctionNode) -> bool:
    if scope.owner is not None and name == scope.first:
        return False
    return any(each.name == name for each in scope.outline.parameters)


def _last_word_of_class(path: str) -> str:
    """Return the last word of the name of a class, in lower case: `sample` of `ragas:SingleTurnSample`."""
    name = path.rpartition(":")[2].rpartition(".")[2]
    return re.sub(r"^.*(?=[A-Z][a-z0-9]*$)", "", name).lower()
