"""Handfuls: items of which there are a few, though nothing says how many.

The parts of one answer, the hits of one search, the fields of one sample, what a person typed. What a loop runs over is
followed back to where its items come from, through calls as well: a parameter is a handful if every known caller passes
one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import (
    Argument,
    Attribute,
    Call,
    Choice,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Expr,
    Lambda,
    Name,
    Subscript,
    walk,
)
from surfacelint.judgement.flow.access_paths import any_touch, reads
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_repetitions import frames_around, repeats_items
from surfacelint.judgement.flow.enclosing_statements import Around
from surfacelint.judgement.flow.framework_arguments import Handed
from surfacelint.judgement.flow.item_origins import Before, Known, Origin, made_of, origin_of
from surfacelint.judgement.flow.model_answers import Answers
from surfacelint.judgement.flow.reaching_definitions import Reaching, definitions_before, definitions_in
from surfacelint.judgement.size.collection_sizes import Bounds
from surfacelint.judgement.size.command_line_values import Typed
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Target
from surfacelint.linking.calls.request_summaries import Effect, Effects
from surfacelint.linking.evaluation.abstract_values import External, Instance
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

ANSWER = "parts of one answer"
HITS = "hits of one search"
SAMPLE = "parts of one sample"
TYPED = "what a person typed"
SAME = "the same each time"
SHORT = "a short list at every caller that is known"

_DEEPEST = 5
"""Calls through which a handful is handed on."""


class Handfuls:
    """Answers for iterables of one program."""

    def __init__(
        self,
        effects: Effects,
        resolver: Resolver,
        catalogue: Catalogue,
        bodies: Bodies,
        bounds: Bounds,
        min_items: Callable[[FunctionNode], int],
        tries: Callable[[Effect], bool],
    ) -> None:
        self._effects = effects
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies
        self._bounds = bounds
        self._min_items = min_items
        self._handed = Handed(resolver, catalogue)
        self._answers = Answers(effects, resolver, catalogue, tries)
        self._typed = Typed(resolver, catalogue)
        self._names = frozenset(catalogue.handful.names)
        self._samples = frozenset(catalogue.handful.samples)
        self._parameters: dict[tuple[Origin, str, int], str | None] = {}
        self._known: dict[str, Known] = {}

    def what(self, expr: Expr, scope: FunctionNode, before: Reaching, depth: int = 0) -> str:
        """Return what the items of `expr` are where `before` has run, for a sentence; empty where they may be many."""
        settled = self._bounds.settled(expr, before)
        if _is_the_same(settled):
            return SAME
        if self._typed.typed(settled, scope):
            return TYPED
        found = self._made_here(expr, scope, before) or self._in_state(settled, scope)
        if found:
            return found
        origin = origin_of(expr, self._before(before, scope))
        if origin is not None and depth <= _DEEPEST and _is_parameter(origin.name, scope):
            passed = self._passed(origin, scope, depth)
            if passed or (passed is not None and not origin.is_field):
                return passed
        # Nobody shows where it comes from, but it says what it is.
        return ANSWER if _last_word(settled) in self._names or _last_word(expr) in self._names else ""

    def _made_here(self, expr: Expr, scope: FunctionNode, before: Reaching) -> str:
        """Whether the items come from one answer or search in the same function, made once for the loop."""
        return made_of(expr, self._before(before, scope))

    def _before(self, setters: Reaching, scope: FunctionNode) -> Before:
        parameters = frozenset(parameter.name for parameter in scope.outline.parameters)
        known = self._known.setdefault(scope.id, Known())
        return Before(setters, parameters, self._reads(scope), lambda part: self._gives(part, scope), known)

    def _in_state(self, expr: Expr, scope: FunctionNode) -> str:
        """Return what a node of a graph takes out of the state, if one of the nodes puts a handful there."""
        for value, node in self._handed.puts(expr, scope):
            body = self._bodies.body(node)
            found = "" if body is None else self._made_here(value, node, definitions_in(body.statements))
            if found:
                return found
        return ""

    def _gives(self, part: Expr, scope: FunctionNode) -> str:
        if isinstance(part, Call) and part.span.end in self._answers.calls(scope):
            return ANSWER
        if isinstance(part, Call) and self._does(part, scope, "hits"):
            return HITS
        return ANSWER if self._answers.is_part(part, scope) else ""

    def _does(self, call: Call, scope: FunctionNode, effect: str) -> bool:
        """Whether a call finds a handful (`hits`) or reads what may be much (`source`)."""
        rows = map(self._catalogue.iteration, self._resolver.called_paths(call, scope))
        return any(row is not None and row.effect == effect for row in rows)

    def _reads(self, scope: FunctionNode) -> Callable[[Call], bool]:
        return lambda call: self._does(call, scope, "source")

    # What callers pass.

    def _passed(self, origin: Origin, scope: FunctionNode, depth: int) -> str | None:
        """Return what all known callers pass, empty where one of them may pass many, `None` where nobody is known to call.

        Answered once for each depth: there are many more ways through callers than callers.
        """
        key = (origin, scope.id, depth)
        if key not in self._parameters:
            self._parameters[key] = self._by_callers(origin, scope, depth)
        return self._parameters[key]

    def _by_callers(self, origin: Origin, scope: FunctionNode, depth: int) -> str | None:
        if origin.is_field and self._is_sample(origin.name, scope):
            return SAMPLE
        is_tool = scope.id in self._handed.tools
        found: str | None = ANSWER if is_tool else None
        for site, target in self._callers(scope):
            if is_tool and any(argument.star == "**" for argument in site.call.arguments):
                continue
            here = self._given(origin, scope, site, target, depth)
            if not here:
                return ""
            found = here
        return found

    def _callers(self, scope: FunctionNode) -> Iterator[tuple[Site, Target]]:
        for site in self._effects.edges.get(scope.id, ()):
            if site.function is not scope:
                yield from ((site, target) for target in site.targets if target.callee is scope)

    def _given(self, origin: Origin, scope: FunctionNode, site: Site, target: Target, depth: int) -> str:
        around = self._bodies.around(site)
        given = argument_for(scope.outline, target.given, origin.name)
        if around is None:
            return ""
        if target.row is not None and repeats_items(target.row):
            return SAMPLE if origin.is_field else ""
        if target.given.unknown or len(given) != 1 or given[0][0] != site.function.id:
            return ""
        before = definitions_before(around.places, -1)
        what = self.what(given[0][1], site.function, before, depth + 1)
        if what in (TYPED, SAME) and (origin.is_made or origin.is_field):
            what = ""
        if not what and not origin.is_made and self._is_short(given[0][1], site.function, before):
            what = SHORT
        if what or not origin.is_field:
            return what
        return SAMPLE if self._is_item(given[0][1], site, around, before, depth) else ""

    def _is_short(self, expr: Expr, scope: FunctionNode, before: Reaching) -> bool:
        """Whether an argument is a list of known length, shorter than what is worth a batch."""
        bound = self._bounds.at(expr, scope, before)
        return bound is not None and bound < self._min_items(scope)

    # Samples.

    def _is_item(self, expr: Expr, site: Site, around: Around, before: Reaching, depth: int) -> bool:
        """Whether an argument is one item of a walk over many around its call, or what a caller was given as one."""
        origin = origin_of(expr, self._before(before, site.function))
        frames = frames_around(around, None)
        for frame in frames:
            if any_touch(reads(expr) | ({origin.name} if origin else set()), frame.targets) is None:
                continue
            outside = definitions_before(around.places[: frame.depth + 1], -1)
            return frame.iterable is not None and self._bounds.at(frame.iterable, site.function, outside) is None
        if origin is None or depth > _DEEPEST or not _is_parameter(origin.name, site.function):
            return False
        return self._passed(Origin(origin.name, is_field=True), site.function, depth + 1) == SAMPLE

    def _is_sample(self, name: str, scope: FunctionNode) -> bool:
        """Whether a parameter is declared to be one sample of a data set: a record of the program or of a package."""
        annotation = next((parameter.annotation for parameter in scope.outline.parameters if parameter.name == name), None)
        if annotation is None:
            return False
        words = {name.rpartition("_")[2].lower()}
        for value in self._resolver.names.annotated(annotation, scope.parent or scope):
            if isinstance(value, Instance):
                words.add(_last_camel(value.id))
            elif isinstance(value, External):
                words.add(_last_camel(value.path.removesuffix("()")))
        return bool(words & self._samples)


def _is_parameter(name: str, scope: FunctionNode) -> bool:
    if scope.owner is not None and name == scope.first:
        return False
    return any(each.name == name for each in scope.outline.parameters)


def _is_the_same(expr: Expr) -> bool:
    """Whether each item is the same: `[x] * n`, `[ask for _ in range(n)]`."""
    if isinstance(expr, Composite) and expr.operator == "*":
        return any(isinstance(part, Collection) and len(part.items) == 1 for part in expr.parts)
    if not isinstance(expr, Comprehension) or expr.kind == "dict":
        return False
    if any(isinstance(part, Lambda) and part.parameters for element in expr.elements for part in walk(element)):
        return False  # the default of a parameter may be the item
    targets = {key for clause in expr.clauses for key in reads(clause.target)}
    return any_touch({key for element in expr.elements for key in reads(element)}, targets) is None


def _last_word(expr: Expr) -> str:
    """Return the name that says what `expr` holds."""
    while True:
        match expr:
            case Name(id=name) | Attribute(attr=name) | Subscript(index=Constant(value=str(name))):
                return name.lower()
            case Call(function=Attribute(attr="get"), arguments=(Argument(value=Constant(value=str(name))), *_)):
                return name.lower()
            case Call(arguments=(Argument(value=first), *_)) | Choice(options=(first, *_)):
                expr = first
            case _:
                return ""


def _last_camel(path: str) -> str:
    """Return the last word of the name of a class: `sample` of `ragas:SingleTurnSample`."""
    name = path.rpartition(":")[2].rpartition(".")[2]
    return re.sub(r"^.*(?=[A-Z][a-z0-9]*$)", "", name).lower()
