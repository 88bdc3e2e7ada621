"""Whether the item of a repetition reaches the request, through all hops between them.

A loop that starts bots, each of which warms up the same model, does not send its items to the model. Where the data flow cannot be
followed, the item counts as reaching the request, so that an unclear case is still reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from surfacelint.facts.expressions import Attribute, Expr, Lambda, Name, Subscript, walk
from surfacelint.facts.function_bodies import For, If
from surfacelint.judgement.flow.access_paths import (
    AccessPaths,
    access_path,
    argument_reads,
    assigned_paths,
    covers,
    first_overlap,
    reads,
    root,
    touches,
)
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import Block, calls_in, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.flow.iteration_dataflow import BlockFlow
from surfacelint.judgement.flow.statement_definitions import CallWrites, assignments
from surfacelint.judgement.flow.writes import Writes
from surfacelint.judgement.repetition.manual_iteration import item_sources
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_State: TypeAlias = tuple[Effect, frozenset[str], frozenset[str] | None]
"""An effect, the access paths in its first function that hold something of the item, and the keywords that are settings."""


class ItemReachability:
    """Answers for one program, memoized per hop: many effects share their last hops."""

    def __init__(self, bodies: Bodies, writes: Writes) -> None:
        self._bodies = bodies
        self._writes = writes
        self._known: dict[_State, bool] = {}

    def __call__(self, effect: Effect, item: AccessPaths, block: Block, settings: frozenset[str] | None = None) -> bool:
        """Return whether data made from `item` in a block of the first site's function reaches the effect's request.

        With `settings`, the keywords of the model and its parameters, return whether it reaches the input of the request: neither a
        setting nor the client.
        """
        paths = spread(block, item, effect.hop.site.function, self._writes)
        passed: list[_State] = []
        reached = True
        for tail in effect.tails():
            start = self._step(tail, paths, settings)
            if isinstance(start, bool) or tail.rest is None:
                reached = bool(start)
                break
            state = (tail.rest, start, settings)
            if state in self._known:
                reached = self._known[state]
                break
            passed.append(state)
            callee = tail.rest.hop.site.function
            body = self._bodies.body(callee)
            paths = spread(() if body is None else body.statements, AccessPaths(start), callee, self._writes)
        self._known.update(dict.fromkeys(passed, reached))
        return reached

    def _step(self, tail: Effect, paths: AccessPaths, settings: frozenset[str] | None) -> bool | frozenset[str]:
        """Return the access paths of the callee of a site that hold something of `paths`, or the final answer if this site decides it."""
        site = tail.hop.site
        callee = None if tail.rest is None else tail.rest.hop.site.function
        receiver = site.call.function.value if isinstance(site.call.function, Attribute) else site.call.function
        touched = first_overlap(argument_reads(site.call) | reads(receiver), paths) is not None
        if isinstance(site.call.function, Name) and not site.call.arguments:
            return touched  # the item itself is called and holds its input
        if callee is None and settings is not None:
            given = [argument for argument in site.call.arguments if argument.name not in settings]
            return any(first_overlap(reads(argument.value), paths) is not None for argument in given)
        if callee is None or tail.hop.row is not None or tail.hop.given.unknown:
            return touched
        body = self._bodies.body(callee)
        start = _handed_over(tail, callee, paths) if touched else set()
        if body is None or start is None:
            return touched
        if callee.parent is not None and callee.parent.id == site.function.id:
            start |= {path for path in paths if root(path) not in callee.names}  # a nested function sees the names around it
        start |= {path for path in item_sources(body.statements) if callee.outlives(root(path))}
        return frozenset(start) if start else False


def _handed_over(effect: Effect, callee: FunctionNode, paths: AccessPaths) -> set[str] | None:
    """Return the access paths of the callee that receive something of `paths`; `None` where that is unknown."""
    call = effect.hop.site.call
    if any(argument.star for argument in call.arguments) or any(isinstance(part, Lambda) for part in walk(call)):
        return None
    found = {
        parameter.name
        for parameter in callee.outline.parameters
        if any(first_overlap(reads(expr), paths) is not None for _, expr in argument_for(callee.outline, effect.hop.given, parameter.name))
    }
    if callee.owner is not None and callee.first is not None and isinstance(call.function, Attribute):
        found |= _below_first(call.function.value, callee.first, paths)
    return found


def _below_first(receiver: Expr, first: str, paths: AccessPaths) -> set[str]:
    """Return those of `paths` that lie in the receiver of a method, in terms of its first parameter."""
    owner = access_path(receiver)
    if any(first_overlap(reads(part.index), paths) is not None for part in walk(receiver) if isinstance(part, Subscript)):
        return {first}  # the item chooses the receiver: `stories[number].fill()`
    if owner is None:
        return {first} if first_overlap(reads(receiver), paths) is not None else set()
    return {f"{first}{path[len(owner) :]}" if covers(owner, path) else first for path in paths.rooted(root(owner)) if touches(path, owner)}


_FLOWS: IdentityMemo[BlockFlow] = IdentityMemo()
_SPREAD: IdentityMemo[AccessPaths] = IdentityMemo()


def spread(block: Block, start: AccessPaths, scope: FunctionNode, writes: Writes) -> AccessPaths:
    """Return the access paths that a block makes from `start`. An unknown object may keep whatever its methods are given."""
    call_writes = writes.within(scope)
    flow = _FLOWS.get((block, call_writes), lambda: _flow(block, call_writes, scope, writes))
    return _SPREAD.get((flow, start), lambda: AccessPaths(flow.derived(start)))


def _flow(block: Block, call_writes: CallWrites, scope: FunctionNode, writes: Writes) -> BlockFlow:
    pairs = assignments(block, call_writes)
    return BlockFlow((*pairs, *_selections(block, call_writes)), _holders(block, scope, writes))


def _selections(block: Block, call_writes: CallWrites) -> Iterator[tuple[Expr, Expr]]:
    """Yield what a block sets where an entry of a loop passes a test, with the test: `if row["id"] == wanted: found = row`."""
    for loop in (statement for statement in statements_in(block) if isinstance(statement, For)):
        entry = assigned_paths(loop.target)
        for chosen in (statement for statement in statements_in(loop.body) if isinstance(statement, If)):
            if first_overlap(reads(chosen.test), entry) is not None:
                yield from ((target, chosen.test) for target, _ in assignments((*chosen.body, *chosen.orelse), call_writes))


def _holders(block: Block, scope: FunctionNode, writes: Writes) -> Iterator[tuple[Expr, set[str]]]:
    """Yield the unknown objects whose methods a block calls, each with the access paths that the arguments read."""
    for call in calls_in(block):
        if isinstance(call.function, Attribute) and access_path(call.function.value) is not None and not writes.is_first_party(call, scope):
            yield call.function.value, argument_reads(call)
