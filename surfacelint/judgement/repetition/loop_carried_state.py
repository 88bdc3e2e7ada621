"""State that a call both reads and changes: a history on its receiver, a list that is passed in, a chat session.

For an effect, it answers which access paths of the calling function carry state from one run of its first site to the next. A loop
over the site has a loop-carried dependence if such an access path outlives the iteration.
"""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TypeAlias

from surfacelint.facts.expressions import Attribute, Call, Expr
from surfacelint.facts.function_bodies import Assign, Augment, Body
from surfacelint.judgement.flow.access_paths import NO_PATHS, AccessPaths, access_path, assigned_paths, reads, root
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.decided_branches import branch_tests, choice_tests, decided
from surfacelint.judgement.flow.enclosing_statements import CallPositions, Surroundings, calls_in, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.flow.iteration_dataflow import derived, outliving, upward_exposed
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.flow.statement_definitions import in_place_changes
from surfacelint.judgement.flow.writes import Writes
from surfacelint.judgement.repetition.request_inputs import RequestInputs
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.calls.switch_conditions import SwitchConditions
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.conditions import ALWAYS, NEVER, Condition, both, either
from surfacelint.linking.evaluation.function_runs import receiver_of
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

_DEEPEST = 8
"""Hops towards the request that are followed to find the state that they read."""

_MOST_SWITCHES = 6
"""Switches in one function that are tried in both positions."""

_States: TypeAlias = dict[str, Condition]
"""Access paths that carry state, each with the condition on parameters under which it does."""


@record(frozen=True, slots=True)
class _Switched:
    """What runs of a body with a switch in one position, and the condition under which it is in the other one."""

    body: Body
    positions: CallPositions
    otherwise: Condition


@record(frozen=True, slots=True)
class _Changes:
    """The access paths that a body changes in place: `always`, or if one of the access paths is a response that it is `made_from`."""

    always: frozenset[str]
    made_from: tuple[tuple[str, set[str]], ...]


_CHANGES: IdentityMemo[_Changes] = IdentityMemo()

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
        self._paths: dict[tuple[Effect, int], set[str]] = {}
        self._switches: dict[str, list[_Switched]] = {}

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
        if by_item:
            return self._request_paths(effect, by_item, depth)
        known = self._paths.get((effect, depth))
        if known is None:
            known = self._paths[effect, depth] = self._request_paths(effect, by_item, depth)
        return known

    def _request_paths(self, effect: Effect, by_item: AccessPaths, depth: int) -> set[str]:
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
        for switched in self._switched(body, function) if found else ():
            here = switched.positions.of(effect.hop.site.call.span.end)
            kept = set() if here is None else self._carried(effect, function, switched.body, here, set(inner))
            found = {path: condition if path in kept else both(condition, switched.otherwise) for path, condition in found.items()}
        return found

    def _switched(self, body: Body, function: FunctionNode) -> list[_Switched]:
        """Return a body with each of its switches, the first few of them, in both positions. Positions that always hold are left out."""
        known = self._switches.get(function.id)
        if known is None:
            tests = dict.fromkeys((*branch_tests(body.statements), *choice_tests(body.statements)))
            truth = self._conditions.switches.truth
            both_ways = ((test, truth(test, function, holds=True), truth(test, function, holds=False)) for test in tests)
            decisive = islice(((test, on, off) for test, on, off in both_ways if on or off), _MOST_SWITCHES)
            cases = ((test, *case) for test, on, off in decisive for case in ((False, on), (True, off)))
            known = self._switches[function.id] = [
                _switched(body, test, otherwise, holds=holds) for test, holds, otherwise in cases if otherwise != ALWAYS
            ]
        return known

    def _carried(self, effect: Effect, function: FunctionNode, body: Body, around: Surroundings, inner: set[str]) -> set[str]:
        """Return the access paths that outlive a run of `function` with a body and carry state to its next run through the effect."""
        call = effect.hop.site.call
        wanted = self.request_paths(effect)
        call_writes = self._writes.within(function)
        before = definitions_before(around.places, -1, call_writes)
        read = self._writes.expand_properties(upward_exposed(wanted, before, NO_PATHS), function)
        kept = {path for path in outliving(inner, before) if function.outlives(root(path))}
        lasting = AccessPaths(path for path in read if function.outlives(root(path)))
        if not lasting:
            return kept
        changes = _CHANGES.get((body.statements, call_writes), lambda: self._changes(body, function))
        changed = AccessPaths(changes.always)
        made_from = [(path, read) for path, read in changes.made_from if lasting.overlaps_any(path)]
        if made_from:
            made = AccessPaths(derived(body.statements, set(), ends=frozenset({call.span.end}), call_writes=call_writes))
            changed.update(path for path, read in made_from if any(map(made.overlaps_any, read)))
        return kept.union(filter(changed.overlaps_any, lasting))

    def _changes(self, body: Body, function: FunctionNode) -> _Changes:
        """Return the access paths that a function changes in place: from a response, or by adding to its receiver."""
        call_writes = self._writes.within(function)
        changed = [(access_path(holder), value) for holder, value in in_place_changes(body.statements, call_writes)]
        for statement in statements_in(body.statements):
            if isinstance(statement, Assign | Augment):
                targets = statement.targets if isinstance(statement, Assign) else (statement.target,)
                names = sorted({path for target in targets for path in assigned_paths(target) if path in function.outline.global_names})
                changed += [(path, statement.value) for path in names]
        always: set[str] = set()
        for call in (call for call in calls_in(body.statements) if not self._writes.is_first_party(call, function)):
            added = (access_path(holder) for holder, _ in call_writes(call))
            always |= {path for path in added if path is not None and path.startswith(f"{function.first}.")}
        return _Changes(frozenset(always), tuple([(path, reads(value)) for path, value in changed if path is not None]))


def _switched(body: Body, test: Expr, otherwise: Condition, *, holds: bool) -> _Switched:
    statements = decided(body.statements, lambda other: holds if other == test else None)
    running = Body(statements, ())
    return _Switched(running, CallPositions(running), otherwise)


def _translated(path: str, callee: FunctionNode, effect: Effect) -> set[str]:
    """Return an access path of the callee in terms of the calling function."""
    name, _, rest = path.partition(".")
    site = effect.hop.site
    tail = f".{rest}" if rest else ""
    if name == callee.first and callee.owner is not None:
        receiver = receiver_of(site.call, callee.outline.name)
        owner = None if receiver is None else access_path(receiver)
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


def receiver_paths(call: Call) -> set[str]:
    """Return the access path of the receiver of a method call, unless it is `self` or `cls`."""
    if isinstance(call.function, Attribute):
        path = access_path(call.function.value)
        if path is not None and path not in ("self", "cls"):
            return {path}
    return set()
