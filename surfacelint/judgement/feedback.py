"""State that a call both reads and changes: histories on a receiver, lists that are passed in, chats.

Answers for an effect which keys of the calling function are fed back by running its first site. A loop that runs such a
site is dependent if the key outlives the iteration.
"""

from __future__ import annotations

from surfacelint.facts.bodies import Assign, Augment, Body, Evaluate
from surfacelint.facts.expressions import Attribute, Call, Name, Subscript, dotted
from surfacelint.judgement.bodies import Bodies
from surfacelint.judgement.dataflow import (
    MUTATORS,
    any_touch,
    argument_reads,
    definitions_before,
    derived,
    exposed,
    outliving,
    reads,
    target_keys,
)
from surfacelint.judgement.places import statements_in
from surfacelint.judgement.verdicts import receiver_keys
from surfacelint.linking.arguments import argument_for
from surfacelint.linking.effects import Effect
from surfacelint.linking.modules import FunctionNode
from surfacelint.linking.targets import Request

SHARED = "<shared>"
"""Root of the keys of module-level state, which outlives every loop."""


class Feedback:
    """Answers, remembered, for one program."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._known: dict[Effect, frozenset[str]] = {}

    def of(self, effect: Effect) -> frozenset[str]:
        """Return the keys, in the function of the effect's first site, that running that site feeds back."""
        known = self._known.get(effect)
        if known is None:
            self._known[effect] = frozenset()  # recursion ends here
            known = self._known[effect] = frozenset(self._of(effect))
        return known

    def _of(self, effect: Effect) -> set[str]:
        call = effect.hop.site.call
        if effect.rest is None:
            sink = effect.sink
            if not isinstance(sink, Request):
                return set()
            # A conversation that the provider keeps is named by a keyword.
            chained = {key for argument in call.arguments if argument.name in sink.endpoint.chain for key in reads(argument.value)}
            if sink.endpoint.stateful:
                key = dotted(call.function.value) if isinstance(call.function, Attribute) else dotted(call.function)
                chained |= set() if key is None else {key}
            return chained
        callee = effect.rest.hop.site.function
        state = self._state(effect.rest, callee)
        return {key for inner in state for key in _translated(inner, callee, effect)}

    def _state(self, effect: Effect, function: FunctionNode) -> set[str]:
        """Return the keys of `function` that outlive it and that running it feeds back through the effect."""
        around = self._bodies.around(effect.hop.site)
        body = self._bodies.body(function)
        if around is None or body is None:
            return set()
        call = effect.hop.site.call
        inner = set(self.of(effect))
        wanted = argument_reads(call) | receiver_keys(call)
        before = definitions_before(around.places, -1)
        read = exposed(wanted, before, frozenset())
        made = derived(body.statements, set(), ends=frozenset({call.span.end}))
        kept = {key for key in outliving(inner, before) if _outlives(key, function)}
        changed = _changed(body, made, function)
        return kept | {key for key in read if _outlives(key, function) and any_touch({key}, changed) is not None}


def _outlives(key: str, function: FunctionNode) -> bool:
    """Whether a key names something that is there before and after the function runs."""
    root = key.partition(".")[0]
    if any(parameter.name == root for parameter in function.outline.parameters):
        return True
    return root not in function.names or root in function.outline.global_names


def _changed(body: Body, made: set[str], function: FunctionNode) -> set[str]:
    """Return the keys that outlive the function and that it changes in place: with the response, or by adding to its receiver's own."""
    found: set[str] = set()
    for statement in statements_in(body.statements):
        match statement:
            case Evaluate(value=Call(function=Attribute(value=owner, attr=attr), arguments=arguments)) if attr in MUTATORS:
                key = dotted(owner)
                fed = any(any_touch(reads(argument.value), made) is not None for argument in arguments)
                if key is not None and (fed or key.startswith(f"{function.first}.")):
                    found.add(key)
            case Assign(targets=targets, value=value):
                fed = any_touch(reads(value), made) is not None
                for target in targets:
                    if fed and (isinstance(target, Subscript | Attribute) or _is_global(target, function)):
                        found |= target_keys(target)
            case Augment(target=target, value=value):
                fed = any_touch(reads(value), made) is not None
                if fed and (isinstance(target, Subscript | Attribute) or _is_global(target, function)):
                    found |= target_keys(target)
            case _:
                pass
    return found


def _is_global(target: object, function: FunctionNode) -> bool:
    return isinstance(target, Name) and target.id in function.outline.global_names


def _translated(key: str, callee: FunctionNode, effect: Effect) -> set[str]:
    """Return a key of the callee in terms of the function that calls it."""
    root, _, rest = key.partition(".")
    site = effect.hop.site
    tail = f".{rest}" if rest else ""
    if root == callee.first and callee.owner is not None:
        owner = _receiver(site.call, callee)
        if owner is None or callee.outline.name in ("__init__", "__new__", "__post_init__"):
            return set()
        return {f"{owner}{tail}"}
    if any(parameter.name == root for parameter in callee.outline.parameters):
        if effect.hop.row is not None:
            return set()
        found = argument_for(callee.outline, effect.hop.given, root)
        keys = [dotted(expr) for _, expr in found]
        return {f"{name}{tail}" for name in keys if name is not None}
    return {key if root == SHARED or _same_scope(root, callee, site.function) else f"{SHARED}.{key}"}


def _same_scope(root: str, callee: FunctionNode, function: FunctionNode) -> bool:
    """Whether a name that a nested function shares with its surroundings is a name of `function`."""
    return root in function.names and callee.parent is not None and callee.parent.id == function.id


def _receiver(call: Call, callee: FunctionNode) -> str | None:
    """Return the key of the object whose method a call runs, or hands over to be run."""
    name = callee.outline.name
    for expr in (call.function, *(argument.value for argument in call.arguments)):
        if isinstance(expr, Attribute) and expr.attr == name:
            return dotted(expr.value)
    # a callable object: its own name is the receiver
    return dotted(call.function) if name == "__call__" else None
