"""State that a call both reads and changes: a history on its receiver, a list that is passed in, a chat session.

For an effect, it answers which access paths of the calling function carry state from one run of its first site to the next. A loop
over the site has a loop-carried dependence if such an access path outlives the iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice, takewhile
from typing import TypeAlias

from surfacelint.facts.expressions import Attribute, Call, Expr
from surfacelint.facts.function_bodies import Assign, Augment, Body
from surfacelint.judgement.flow.access_paths import NO_PATHS, AccessPaths, access_path, assigned_paths, first_overlap, reads, root
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.decided_branches import branch_tests, choice_tests, decided
from surfacelint.judgement.flow.enclosing_statements import CallPositions, Surroundings, calls_in, statements_in
from surfacelint.judgement.flow.iteration_dataflow import derived, outliving, upward_exposed
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.flow.statement_definitions import CallWrites, in_place_changes
from surfacelint.judgement.flow.writes import Writes
from surfacelint.judgement.repetition.request_inputs import RequestInputs
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.calls.switch_conditions import SwitchConditions
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.conditions import ALWAYS, NEVER, Condition, both, either
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_DEEPEST = 8
"""Hops towards the request that are followed to find the state that they read."""

_MOST_SWITCHES = 6
"""Switches in one function that are tried in both positions."""

_States: TypeAlias = dict[str, Condition]
"""Access paths that carry state, each with the condition on parameters under which it does."""

SHARED = "<shared>"
"""Root of the access paths of module-level state, which outlives every loop."""


class LoopCarriedState:
    """State that call sites of one program carry from run to run, memoized.

    `numbers` are keywords of a request that only say how many answers are wanted. A switch that is off at a call, such as
    `keep_history=False`, carries nothing there: each access path has a condition on `switches`.
    """

    def __init__(
        self, bodies: Bodies, writes: Writes, inputs: RequestInputs, numbers: frozenset[str], conditions: SwitchConditions
    ) -> None:
        self._bodies = bodies
        self._writes = writes
        self._inputs = inputs
        self._numbers = numbers
        self._conditions = conditions
        self._known: dict[Effect, _States] = {}
        self._possible: dict[Effect, frozenset[str]] = {}

    def of(self, effect: Effect) -> frozenset[str]:
        """Return the access paths, in the function of the effect's first site, through which one run of the site affects the next."""
        known = self._possible.get(effect)
        if known is None:
            pending = list(takewhile(lambda tail: tail not in self._known, effect.tails()))
            for tail in reversed(pending):
                self._known[tail] = self._of(tail)
            function, is_possible = effect.hop.site.function, self._conditions.is_possible
            known = frozenset(path for path, condition in self._known[effect].items() if is_possible(condition, function))
            self._possible[effect] = known
        return known

    def request_paths(self, effect: Effect, by_item: AccessPaths = NO_PATHS, depth: int = 0) -> set[str]:
        """Return the access paths, in the function of the effect's first site, that go into the request or select where it is sent.

        `by_item` is as for `reads`. The number of answers that are still wanted does not count as input.
        """
        call = effect.hop.site.call
        arguments = [argument for argument in call.arguments if argument.name not in self._numbers]
        plain = {path for argument in arguments for path in reads(argument.value, by_item)}
        if effect.rest is None or depth > _DEEPEST:
            return plain | receiver_paths(call)
        callee = effect.rest.hop.site.function
        around = self._bodies.around(effect.rest.hop.site)
        if around is None:
            return plain | receiver_paths(call)
        before = definitions_before(around.places, -1, self._writes.within(callee))
        read = self._writes.expand_properties(upward_exposed(self.request_paths(effect.rest, depth=depth + 1), before, NO_PATHS), callee)
        # All of a data argument counts, because another request of the callee may use it. Of an object, only what this request reads.
        scope = effect.hop.site.function
        unsent = self.unsent(effect)
        plainly = [argument.value for argument in arguments if id(argument.value) not in unsent]
        data = [value for value in plainly if not self._writes.is_object(value, scope)]
        found = {path for expr in data for path in reads(expr, by_item)}
        for path in read:
            passed = [] if root(path) == callee.first else argument_for(callee.outline, effect.hop.given, root(path))
            if callee.outlives(root(path)) and all(self._writes.is_object(expr, scope) for _, expr in passed):
                found |= _translated(path, callee, effect)
        return found

    def unsent(self, effect: Effect) -> frozenset[int]:
        """Return the arguments of the effect's first site, by identity, that the callee neither sends nor stores."""
        if effect.rest is None:
            return frozenset()
        return frozenset(map(id, self._inputs.unsent(effect.hop, effect.rest.hop.site.function)))

    def _of(self, effect: Effect) -> _States:
        """Return the state that the effect's first site carries. Requires the answer for the rest of the effect."""
        call = effect.hop.site.call
        if effect.rest is None:
            sink = effect.sink
            if not isinstance(sink, Request):
                return {}
            # A keyword names the conversation that the provider stores.
            chained = {path for argument in call.arguments if argument.name in sink.endpoint.chain for path in reads(argument.value)}
            if sink.endpoint.stateful:
                path = access_path(call.function.value) if isinstance(call.function, Attribute) else access_path(call.function)
                chained |= set() if path is None else {path}
            return dict.fromkeys(chained, ALWAYS)
        callee = effect.rest.hop.site.function
        found: _States = {}
        for inner, condition in self._states(effect.rest, callee).items():
            when = self._conditions.after_hop(effect.hop.site, effect.hop.given, callee, condition)
            for path in _translated(inner, callee, effect) if when != NEVER else ():
                found[path] = either(found[path], when) if path in found else when
        return found

    def _states(self, effect: Effect, function: FunctionNode) -> _States:
        """Return the access paths that outlive a run of `function` and carry state to its next run, each with its condition."""
        around = self._bodies.around(effect.hop.site)
        body = self._bodies.body(function)
        inner = self._known[effect]
        if around is None or body is None:
            return {}
        carried = self._carried(effect, function, body, around, set(inner))
        found = {path: inner.get(path, ALWAYS) for path in carried}
        for test in self._tests(body, function) if found else ():
            for holds in (True, False):
                kept = self._carried_if(test, effect, function, body, set(inner), holds=not holds)
                needed = self._conditions.switches.truth(test, function, holds=holds)
                found = {path: condition if path in kept else both(condition, needed) for path, condition in found.items()}
        return found

    def _tests(self, body: Body, function: FunctionNode) -> list[Expr]:
        """Return the tests of switches in a body, the first few of them."""
        tests = dict.fromkeys((*branch_tests(body.statements), *choice_tests(body.statements)))
        truth = self._conditions.switches.truth
        decisive = (test for test in tests if truth(test, function, holds=True) or truth(test, function, holds=False))
        return list(islice(decisive, _MOST_SWITCHES))

    def _carried_if(self, test: Expr, effect: Effect, function: FunctionNode, body: Body, inner: set[str], *, holds: bool) -> set[str]:
        """Return the access paths that carry state if a test holds, or fails."""
        statements = decided(body.statements, lambda other: holds if other == test else None)
        around = CallPositions(Body(statements, ())).of(effect.hop.site.call.span.end)
        return set() if around is None else self._carried(effect, function, Body(statements, ()), around, inner)

    def _carried(self, effect: Effect, function: FunctionNode, body: Body, around: Surroundings, inner: set[str]) -> set[str]:
        """Return the access paths that outlive a run of `function` with a body and carry state to its next run through the effect."""
        call = effect.hop.site.call
        wanted = self.request_paths(effect)
        call_writes = self._writes.within(function)
        before = definitions_before(around.places, -1, call_writes)
        read = self._writes.expand_properties(upward_exposed(wanted, before, NO_PATHS), function)
        made = derived(body.statements, set(), ends=frozenset({call.span.end}), call_writes=call_writes)
        kept = {path for path in outliving(inner, before) if function.outlives(root(path))}
        changed = _changed(body, made, function, call_writes, lambda call: self._writes.is_first_party(call, function))
        return kept | {path for path in read if function.outlives(root(path)) and first_overlap({path}, changed) is not None}


def _changed(
    body: Body, made: set[str], function: FunctionNode, call_writes: CallWrites, is_first_party: Callable[[Call], bool]
) -> set[str]:
    """Return the access paths that a function changes in place: from the response in `made`, or by adding to its receiver."""
    found: set[str] = set()
    kept = AccessPaths(made)
    for holder, value in in_place_changes(body.statements, call_writes):
        path = access_path(holder)
        if path is not None and first_overlap(reads(value), kept) is not None:
            found.add(path)
    for call in (call for call in calls_in(body.statements) if not is_first_party(call)):
        added = (access_path(holder) for holder, _ in call_writes(call))
        found |= {path for path in added if path is not None and path.startswith(f"{function.first}.")}
    for statement in statements_in(body.statements):
        if isinstance(statement, Assign | Augment) and first_overlap(reads(statement.value), kept) is not None:
            targets = statement.targets if isinstance(statement, Assign) else (statement.target,)
            found |= {path for target in targets for path in assigned_paths(target) if path in function.outline.global_names}
    return found


def _translated(path: str, callee: FunctionNode, effect: Effect) -> set[str]:
    """Return an access path of the callee in terms of the calling function."""
    name, _, rest = path.partition(".")
    site = effect.hop.site
    tail = f".{rest}" if rest else ""
    if name == callee.first and callee.owner is not None:
        owner = _receiver(site.call, callee)
        if owner is None or callee.outline.name in ("__init__", "__new__", "__post_init__"):
            return set()
        return {f"{owner}{tail}"}
    if any(parameter.name == name for parameter in callee.outline.parameters):
        if effect.hop.row is not None:
            return set()
        found = argument_for(callee.outline, effect.hop.given, name)
        paths = [access_path(expr) for _, expr in found]
        return {f"{passed}{tail}" for passed in paths if passed is not None}
    return {path if name == SHARED or _same_scope(name, callee, site.function) else f"{SHARED}.{path}"}


def _same_scope(name: str, callee: FunctionNode, function: FunctionNode) -> bool:
    """Whether a name that a nested function reads from its enclosing function is a name of `function`."""
    return name in function.names and callee.parent is not None and callee.parent.id == function.id


def _receiver(call: Call, callee: FunctionNode) -> str | None:
    """Return the access path of the object whose method a call runs or passes on as a callback."""
    name = callee.outline.name
    for expr in (call.function, *(argument.value for argument in call.arguments)):
        if isinstance(expr, Attribute) and expr.attr == name:
            return access_path(expr.value)
    # The name of a callable object is itself the receiver.
    return access_path(call.function) if name == "__call__" else None


def receiver_paths(call: Call) -> set[str]:
    """Return the access path of the receiver of a method call, unless it is `self` or `cls`."""
    if isinstance(call.function, Attribute):
        path = access_path(call.function.value)
        if path is not None and path not in ("self", "cls"):
            return {path}
    return set()
