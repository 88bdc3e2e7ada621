"""Requests that a call only prepares: a generator runs, and a streamed answer arrives, in the loop that walks it.

A framework walks the generator of a streaming response in a thread of its own, so that it blocks no coroutine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from surfacelint.facts.expressions import Attribute, Call, Comprehension, Expr, Name, Starred, Subscript, Yield, children, last_word
from surfacelint.facts.function_bodies import Assign, For, Return, Statement, With
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import expressions_of, statements_in
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.abstract_values import Function, Method
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_WALKING = frozenset({"list", "tuple", "set", "dict", "sorted", "sum", "any", "all", "max", "min", "next", "join", "extend", "update"})
"""Functions and methods that walk an iterable."""

_WRAPPING = frozenset({"iter", "map", "filter", "enumerate", "zip", "islice", "chain", "tqdm", "reversed"})
"""Functions that return another iterable over the same items."""

_Use: TypeAlias = Literal["walked", "returned", "left"]
"""What a function does with an iterable: it walks it, returns it to its callers, or leaves it to others."""


@record(frozen=True, slots=True)
class LazyRequests:
    """Answers for the ways to the requests of one program."""

    resolver: Resolver
    bodies: Bodies

    def is_sent(self, effect: Effect) -> bool:
        """Whether the function in which a way begins sends the request itself: generators on the way are walked, and so is a stream."""
        is_lazy = isinstance(effect.sink, Request) and "streaming" in effect.sink.traits
        for hop in reversed(list(effect.hops())):
            function = hop.site.function
            use: _Use = self._use(hop.site) if is_lazy else "walked"
            if use == "left":
                return False
            is_lazy = use == "returned" or (function.outline.is_generator and not function.outline.is_async)
        return not is_lazy

    def _use(self, site: Site) -> _Use:
        """Return what the function of a call site does with the result of the call."""
        around, body = self.bodies.around(site), self.bodies.body(site.function)
        if around is None or body is None:
            return "walked"
        place = around.places[-1]
        found = self._use_there(place.statement, place.role, around.expressions, site.function)
        if found == "left" and isinstance(place.statement, Assign):
            names = {target.id for target in place.statement.targets if isinstance(target, Name)}
            uses = set(self._uses_of(names, statements_in(body.statements), site.function))
            return "walked" if "walked" in uses else "returned" if "returned" in uses else "left"
        return found

    def _uses_of(self, names: set[str], statements: Iterable[Statement], function: FunctionNode) -> Iterator[_Use]:
        """Yield what statements do with the iterable that `names` stand for."""
        for statement in statements:
            for role, expr in expressions_of(statement):
                for chain in _chains(expr) if role != "target" else ():
                    if isinstance(chain[-1], Name) and chain[-1].id in names:
                        yield self._use_there(statement, role, chain, function)

    def _use_there(self, statement: Statement, role: str, chain: tuple[Expr, ...], function: FunctionNode) -> _Use:
        """Return what a statement does with the last expression of `chain`, which the others are around, outermost first."""
        for parent, inner in zip(reversed(chain[:-1]), reversed(chain), strict=False):
            match parent:
                case Starred() | Attribute() | Subscript() | Yield(delegates=True):
                    return "walked"
                case Comprehension(kind=kind) if kind != "generator" and any(inner is clause.iterable for clause in parent.clauses):
                    return "walked"
                case Call(function=callee) if callee is not inner and last_word(callee) not in _WRAPPING:
                    return "walked" if self._walks(parent, function) else "left"
                case _:
                    continue
        if isinstance(statement, Return):
            return "returned"
        return "walked" if isinstance(statement, For | With) and role in ("iterable", "item") else "left"

    def _walks(self, call: Call, function: FunctionNode) -> bool:
        """Whether a call walks the iterables among its arguments. A function of the project may."""
        if last_word(call.function) in _WALKING:
            return True
        return any(isinstance(value, Function | Method) for value in self.resolver.callee(call, function))


def _chains(expr: Expr) -> Iterator[tuple[Expr, ...]]:
    """Yield each part of an expression with the parts around it, outermost first."""
    pending: list[tuple[Expr, ...]] = [(expr,)]
    while pending:
        chain = pending.pop()
        yield chain
        pending += [(*chain, child) for child in children(chain[-1])]
