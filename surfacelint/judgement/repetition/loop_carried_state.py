"""State that a call both reads and changes: a history on its receiver, a list that is passed in, a chat session.

For an effect, it answers which access paths of the calling function carry state from one run of its first site to the next. A loop
over the site has a loop-carried dependence if such an access path outlives the iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

from surfacelint.facts.expressions import Attribute, Call
from surfacelint.facts.function_bodies import Assign, Augment, Body
from surfacelint.judgement.flow.access_paths import NO_KEYS, KeySet, any_touch, key_of, reads, root, target_keys
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import calls_in, statements_in
from surfacelint.judgement.flow.iteration_dataflow import derived, exposed, outliving
from surfacelint.judgement.flow.reaching_definitions import definitions_before
from surfacelint.judgement.flow.statement_definitions import Stores, changes
from surfacelint.judgement.flow.writes import Storing
from surfacelint.judgement.repetition.request_inputs import Sent
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_DEEPEST = 8
"""Hops towards the request that are followed to find the state that they read."""

SHARED = "<shared>"
"""Root of the access paths of module-level state, which outlives every loop."""


class Feedback:
    """State that call sites of one program carry from run to run, memoized.

    `numbers` are keywords of a request that only say how many answers are wanted.
    """

    def __init__(self, bodies: Bodies, storing: Storing, sent: Sent, numbers: frozenset[str]) -> None:
        self._bodies = bodies
        self._storing = storing
        self._sent = sent
        self._numbers = numbers
        self._known: dict[Effect, frozenset[str]] = {}

    def of(self, effect: Effect) -> frozenset[str]:
        """Return the access paths, in the function of the effect's first site, through which one run of the site affects the next."""
        pending = list(takewhile(lambda tail: tail not in self._known, effect.tails()))
        for tail in reversed(pending):
            self._known[tail] = frozenset(self._of(tail))
        return self._known[effect]

    def requested(self, effect: Effect, by_item: KeySet = NO_KEYS, depth: int = 0) -> set[str]:
        """Return the access paths, in the function of the effect's first site, that go into the request or select where it is sent.

        `by_item` is as for `reads`. The number of answers that are still wanted does not count as input.
        """
        call = effect.hop.site.call
        arguments = [argument for argument in call.arguments if argument.name not in self._numbers]
        plain = {key for argument in arguments for key in reads(argument.value, by_item)}
        if effect.rest is None or depth > _DEEPEST:
            return plain | receiver_keys(call)
        callee = effect.rest.hop.site.function
        around = self._bodies.around(effect.rest.hop.site)
        if around is None:
            return plain | receiver_keys(call)
        before = definitions_before(around.places, -1, self._storing.within(callee))
        read = self._storing.looked_into(exposed(self.requested(effect.rest, depth=depth + 1), before, NO_KEYS), callee)
        # All of a data argument counts, because another request of the callee may use it. Of an object, only what this request reads.
        scope = effect.hop.site.function
        unsent = set(map(id, self._sent.unsent(effect.hop, callee)))
        plainly = [argument.value for argument in arguments if id(argument.value) not in unsent]
        data = [value for value in plainly if not self._storing.is_object(value, scope)]
        found = {key for expr in data for key in reads(expr, by_item)}
        for key in read:
            passed = [] if root(key) == callee.first else argument_for(callee.outline, effect.hop.given, root(key))
            if callee.outlives(root(key)) and all(self._storing.is_object(expr, scope) for _, expr in passed):
                found |= _translated(key, callee, effect)
        return found

    def _of(self, effect: Effect) -> set[str]:
        call = effect.hop.site.call
        if effect.rest is None:
            sink = effect.sink
            if not isinstance(sink, Request):
                return set()
            # A keyword names the conversation that the provider stores.
            chained = {key for argument in call.arguments if argument.name in sink.endpoint.chain for key in reads(argument.value)}
            if sink.endpoint.stateful:
                key = key_of(call.function.value) if isinstance(call.function, Attribute) else key_of(call.function)
                chained |= set() if key is None else {key}
            return chained
        callee = effect.rest.hop.site.function
        state = self._state(effect.rest, callee)
        return {key for inner in state for key in _translated(inner, callee, effect)}

    def _state(self, effect: Effect, function: FunctionNode) -> set[str]:
        """Return the access paths that outlive a run of `function` and carry state to its next run through the effect."""
        around = self._bodies.around(effect.hop.site)
        body = self._bodies.body(function)
        if around is None or body is None:
            return set()
        call = effect.hop.site.call
        inner = set(self.of(effect))
        wanted = self.requested(effect)
        stores = self._storing.within(function)
        before = definitions_before(around.places, -1, stores)
        read = self._storing.looked_into(exposed(wanted, before, NO_KEYS), function)
        made = derived(body.statements, set(), ends=frozenset({call.span.end}), stores=stores)
        kept = {key for key in outliving(inner, before) if function.outlives(root(key))}
        changed = _changed(body, made, function, stores, lambda call: self._storing.is_own(call, function))
        return kept | {key for key in read if function.outlives(root(key)) and any_touch({key}, changed) is not None}


def _changed(body: Body, made: set[str], function: FunctionNode, stores: Stores, is_own: Callable[[Call], bool]) -> set[str]:
    """Return the access paths that a function changes in place: from the response in `made`, or by adding to its receiver."""
    found: set[str] = set()
    kept = KeySet(made)
    for holder, value in changes(body.statements, stores):
        key = key_of(holder)
        if key is not None and any_touch(reads(value), kept) is not None:
            found.add(key)
    for call in (call for call in calls_in(body.statements) if not is_own(call)):
        added = (key_of(holder) for holder, _ in stores(call))
        found |= {key for key in added if key is not None and key.startswith(f"{function.first}.")}
    for statement in statements_in(body.statements):
        if isinstance(statement, Assign | Augment) and any_touch(reads(statement.value), kept) is not None:
            targets = statement.targets if isinstance(statement, Assign) else (statement.target,)
            found |= {key for target in targets for key in target_keys(target) if key in function.outline.global_names}
    return found


def _translated(key: str, callee: FunctionNode, effect: Effect) -> set[str]:
    """Return an access path of the callee in terms of the calling function."""
    name, _, rest = key.partition(".")
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
        keys = [key_of(expr) for _, expr in found]
        return {f"{passed}{tail}" for passed in keys if passed is not None}
    return {key if name == SHARED or _same_scope(name, callee, site.function) else f"{SHARED}.{key}"}


def _same_scope(name: str, callee: FunctionNode, function: FunctionNode) -> bool:
    """Whether a name that a nested function reads from its enclosing function is a name of `function`."""
    return name in function.names and callee.parent is not None and callee.parent.id == function.id


def _receiver(call: Call, callee: FunctionNode) -> str | None:
    """Return the access path of the object whose method a call runs or passes on as a callback."""
    name = callee.outline.name
    for expr in (call.function, *(argument.value for argument in call.arguments)):
        if isinstance(expr, Attribute) and expr.attr == name:
            return key_of(expr.value)
    # The name of a callable object is itself the receiver.
    return key_of(call.function) if name == "__call__" else None


def receiver_keys(call: Call) -> set[str]:
    """Return the access path of the receiver of a method call, unless it is `self` or `cls`."""
    if isinstance(call.function, Attribute):
        key = key_of(call.function.value)
        if key is not None and key not in ("self", "cls"):
            return {key}
    return set()
