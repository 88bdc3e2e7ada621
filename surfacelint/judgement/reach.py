"""Whether the item of a repetition reaches the request, through all hops in between.

A loop over bots that starts each of them, and on the way warms up a model once, does not send its items to the model.
What cannot be followed counts as reached, so that doubt keeps an alarm.
"""

from __future__ import annotations

from surfacelint.facts.expressions import Attribute, Call, Expr, Lambda, Name, walk
from surfacelint.judgement.bodies import Bodies
from surfacelint.judgement.by_identity import ByIdentity
from surfacelint.judgement.dataflow import Flow
from surfacelint.judgement.keys import KeySet, any_touch, argument_reads, covers, key_of, reads, root, touches
from surfacelint.judgement.places import Block, calls_in
from surfacelint.judgement.stepping import drawn
from surfacelint.judgement.stores import Storing
from surfacelint.linking.arguments import argument_for
from surfacelint.linking.effects import Effect
from surfacelint.linking.modules import FunctionNode


def reaches_request(
    effect: Effect, item: set[str], block: Block, bodies: Bodies, storing: Storing, settings: frozenset[str] | None = None
) -> bool:
    """Return whether what is derived from the keys `item` in a block of the first site's function reaches the effect's request.

    With `settings`, the keywords of a model and its parameters, whether it becomes part of the input: neither a setting nor the client.
    """
    keys = _spread(block, item, effect.hop.site.function, storing)
    for tail in effect.tails():
        site = tail.hop.site
        callee = None if tail.rest is None else tail.rest.hop.site.function
        nested = callee is not None and callee.parent is not None and callee.parent.id == site.function.id
        receiver = site.call.function.value if isinstance(site.call.function, Attribute) else site.call.function
        touched = any_touch(argument_reads(site.call) | reads(receiver), keys) is not None
        if isinstance(site.call.function, Name) and not site.call.arguments:
            return touched  # the item is what is called: it has its input inside
        if callee is None and settings is not None:
            given = [argument for argument in site.call.arguments if argument.name not in settings]
            return any(any_touch(reads(argument.value), keys) is not None for argument in given)
        if callee is None or tail.hop.row is not None or tail.hop.given.unknown:
            return touched
        body = bodies.body(callee)
        start = _handed_over(tail, callee, keys) if touched else set()
        if body is None or start is None:
            return touched
        if nested:
            start |= {key for key in keys if root(key) not in callee.names}  # it sees the names around it
        start |= {key for key in drawn(body.statements) if callee.outlives(root(key))}
        if not start:
            return False
        keys = _spread(body.statements, start, callee, storing)
    return True


def _handed_over(effect: Effect, callee: FunctionNode, keys: set[str]) -> set[str] | None:
    """Return the keys of the callee that get something of `keys`; `None` where that cannot be told."""
    call = effect.hop.site.call
    if any(argument.star for argument in call.arguments) or any(isinstance(part, Lambda) for part in walk(call)):
        return None
    found = {
        parameter.name
        for parameter in callee.outline.parameters
        if any(any_touch(reads(expr), keys) is not None for _, expr in argument_for(callee.outline, effect.hop.given, parameter.name))
    }
    if callee.owner is not None and callee.first is not None and isinstance(call.function, Attribute):
        found |= _below_first(call.function.value, callee.first, keys)
    return found


def _below_first(receiver: Expr, first: str, keys: set[str]) -> set[str]:
    """Return what of `keys` a method finds in its receiver, below its first parameter."""
    owner = key_of(receiver)
    if owner is None:
        return {first} if any_touch(reads(receiver), keys) is not None else set()
    return {f"{first}{key[len(owner) :]}" if covers(owner, key) else first for key in keys if touches(key, owner)}


_METHODS: ByIdentity[list[tuple[Call, str]]] = ByIdentity()


def _methods(block: Block) -> list[tuple[Call, str]]:
    """Return the calls of methods in a block, each with the key of its receiver."""
    called = [(call, key_of(call.function.value)) for call in calls_in(block) if isinstance(call.function, Attribute)]
    return [(call, key) for call, key in called if key is not None]


def _spread(block: Block, start: set[str], scope: FunctionNode, storing: Storing) -> set[str]:
    """Return what is derived from `start`; an object of which nothing is known that is given something of it may hold it from then on."""
    stores = storing.within(scope)
    flow = Flow.of(block, stores)
    found = flow.derived(start)
    foreign = [
        (key, argument_reads(call)) for call, key in _METHODS.get((block,), lambda: _methods(block)) if not storing.is_own(call, scope)
    ]
    while True:
        known = KeySet(found)
        held = {key for key, read in foreign if key not in found and any_touch(read, known) is not None}
        if not held:
            return found
        found = flow.derived(found | held)
