"""What the items of an iterable are, as far as the function that iterates over it shows."""

from __future__ import annotations

from collections.abc import Callable

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
from surfacelint.judgement.flow.access_paths import first_overlap, reads
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.framework_arguments import FrameworkArguments
from surfacelint.judgement.flow.item_origins import IterationStart, Origin, OriginMemo, description_of, origin_of
from surfacelint.judgement.flow.model_answers import ModelAnswers
from surfacelint.judgement.flow.reaching_definitions import ReachingDefinitions, definitions_in
from surfacelint.judgement.size.command_line_values import CommandLineValues
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

# Descriptions of the items of small collections, for explanations.
ANSWER = "parts of one answer"
HITS = "hits of one search"
COMMAND_LINE = "values from the command line"
SAME = "the same each time"


class LocalItems:
    """Describes the items of iterables in one program, without a look at callers."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, bodies: Bodies, handed: FrameworkArguments, answers: ModelAnswers) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies
        self._framework = handed
        self._answers = answers
        self._command_line = CommandLineValues(resolver, catalogue)
        self._names = frozenset(catalogue.handful.names)
        self._known: dict[str, OriginMemo] = {}

    def description(self, expr: Expr, assigned: Expr, scope: FunctionNode, before: ReachingDefinitions) -> str:
        """Return what the items of `expr` are after the definitions in `before`; empty where the function does not show it.

        `assigned` is `expr` with its names replaced by their last assignments.
        """
        if _is_the_same(assigned):
            return SAME
        if self._command_line.is_value(assigned, scope):
            return COMMAND_LINE
        return self._from_one_call(expr, scope, before) or self._in_graph_state(assigned, scope)

    def description_by_name(self, expr: Expr) -> str:
        """Return what the name of an iterable says about its items; empty if it says nothing."""
        return ANSWER if _last_word(expr) in self._names else ""

    def origin(self, expr: Expr, scope: FunctionNode, before: ReachingDefinitions) -> Origin | None:
        """Return the name that the items of `expr` come from, `None` where it cannot be followed."""
        return origin_of(expr, self._before(before, scope))

    def _from_one_call(self, expr: Expr, scope: FunctionNode, before: ReachingDefinitions) -> str:
        """Return whether all items come from one answer or search, made once for the loop; empty if not."""
        return description_of(expr, self._before(before, scope))

    def _before(self, definitions: ReachingDefinitions, scope: FunctionNode) -> IterationStart:
        parameters = frozenset(parameter.name for parameter in scope.outline.parameters)
        known = self._known.setdefault(scope.id, OriginMemo())
        return IterationStart(definitions, parameters, self._reads_source(scope), lambda part: self._result_of(part, scope), known)

    def _in_graph_state(self, expr: Expr, scope: FunctionNode) -> str:
        """Return what a node of a graph takes out of the state, if another node puts a small collection there."""
        for value, node in self._framework.state_values(expr, scope):
            body = self._bodies.body(node)
            found = "" if body is None else self._from_one_call(value, node, definitions_in(body.statements))
            if found:
                return found
        return ""

    def _result_of(self, part: Expr, scope: FunctionNode) -> str:
        """Return what an expression gives: an answer, hits of a search, or empty for anything else."""
        if isinstance(part, Call) and part.span.end in self._answers.calls(scope):
            return ANSWER
        if isinstance(part, Call) and self._has_effect(part, scope, "hits"):
            return HITS
        return ANSWER if self._answers.is_answer_field(part, scope) else ""

    def _has_effect(self, call: Call, scope: FunctionNode, effect: str) -> bool:
        """Whether a call returns few items (`hits`) or reads a source that may hold many (`source`)."""
        rows = map(self._catalogue.iteration, self._resolver.called_paths(call, scope))
        return any(row is not None and row.effect == effect for row in rows)

    def _reads_source(self, scope: FunctionNode) -> Callable[[Call], bool]:
        return lambda call: self._has_effect(call, scope, "source") or self._has_effect(call, scope, "queue")


def _is_the_same(expr: Expr) -> bool:
    """Whether all items are equal: `[x] * n`, `[ask for _ in range(n)]`."""
    if isinstance(expr, Composite) and expr.operator == "*":
        return any(isinstance(part, Collection) and len(part.items) == 1 for part in expr.parts)
    if not isinstance(expr, Comprehension) or expr.kind == "dict":
        return False
    if any(isinstance(part, Lambda) and part.parameters for element in expr.elements for part in walk(element)):
        return False  # the default of a parameter may hold the item
    targets = {path for clause in expr.clauses for path in reads(clause.target)}
    return first_overlap({path for element in expr.elements for path in reads(element)}, targets) is None


def _last_word(expr: Expr) -> str:
    """Return the last word of an expression, in lower case: `hits` for `state["hits"]` and `result.hits`."""
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
