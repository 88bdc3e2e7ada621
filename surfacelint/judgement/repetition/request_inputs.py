"""Request inputs: parameters of a function that may go into one of its requests. Others only decide, are counted or are looked up in."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import Comprehension, Expr
from surfacelint.facts.function_bodies import For
from surfacelint.judgement.flow.access_paths import NO_PATHS, argument_reads, assigned_paths, first_overlap, reads, root
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import Surroundings
from surfacelint.judgement.flow.iteration_dataflow import Seen, upward_exposed
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.flow.writes import Writes
from surfacelint.linking.calls.request_summaries import Effects, Hop
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.symbol_tables import FunctionNode


class RequestInputs:
    """Request inputs of the functions of one program, memoized."""

    def __init__(self, effects: Effects, bodies: Bodies, writes: Writes) -> None:
        self._effects = effects
        self._bodies = bodies
        self._writes = writes
        self._known: dict[str, frozenset[str]] = {}

    def unsent(self, hop: Hop, callee: FunctionNode) -> Iterator[Expr]:
        """Yield the arguments of a hop that the callee neither puts into a request nor stores."""
        if hop.row is not None:
            return
        sent = self._of(callee)
        for parameter in callee.outline.parameters:
            if parameter.name not in sent and not parameter.kind.startswith("*"):
                yield from (expr for _, expr in argument_for(callee.outline, hop.given, parameter.name))

    def _of(self, function: FunctionNode) -> frozenset[str]:
        """Return the parameters of a function that may be sent or stored; all of them if that is unknown."""
        known = self._known.get(function.id)
        if known is None:
            every = frozenset(parameter.name for parameter in function.outline.parameters)
            # A nested function may send what it reads whenever it runs.
            known = self._known[function.id] = every if function.holds_functions else every & self._reached(function, every)
        return known

    def _reached(self, function: FunctionNode, every: frozenset[str]) -> frozenset[str]:
        """Return the parameters of a function that may reach a request or be stored; all of them where a call site cannot be read."""
        call_writes = self._writes.within(function)
        found = set(self._writes.written_parameters(function))
        seen: Seen = {}
        for site in (site for site, effects in self._effects.sites.get(function.id, ()) if effects):
            around = self._bodies.around(site)
            if around is None:
                return every
            wanted = with_iterables(argument_reads(site.call) | reads(site.call.function), around)
            found |= {root(path) for path in upward_exposed(wanted, definitions_before(around.places, -1, call_writes), NO_PATHS, seen)}
        return frozenset(found)


def with_iterables(wanted: set[str], around: Surroundings) -> set[str]:
    """Return `wanted`, with what the repetitions around a call run over whose items are wanted."""
    found = set(wanted)
    for expr in reversed(around.expressions):
        for clause in reversed(expr.clauses if isinstance(expr, Comprehension) else ()):
            found |= _iterated(clause.target, clause.iterable, found)
    for place in reversed(around.places):
        if isinstance(place.statement, For) and place.role == "body":
            found |= _iterated(place.statement.target, place.statement.iterable, found)
    return found


def _iterated(target: Expr, iterable: Expr, wanted: set[str]) -> set[str]:
    return reads(iterable) if first_overlap(assigned_paths(target), wanted) is not None else set()
