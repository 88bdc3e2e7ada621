"""Whether the item of a repetition reaches the request, through all hops in between.

A loop over bots that starts each of them, and on the way warms up a model once, does not send its items to the model.
What cannot be followed counts as reached, so that doubt keeps an alarm.
"""

from __future__ import annotations

from surfacelint.facts.expressions import Attribute, Lambda, dotted, walk
from surfacelint.judgement.bodies import Bodies
from surfacelint.judgement.dataflow import any_touch, argument_reads, derived, reads
from surfacelint.judgement.places import Block, calls_in
from surfacelint.linking.arguments import argument_for
from surfacelint.linking.effects import Effect
from surfacelint.linking.modules import FunctionNode


def reaches_request(effect: Effect, item: set[str], bodies: Bodies) -> bool:
    """Return whether what is derived from the keys `item`, in the function of the first site, reaches the request of the effect."""
    keys = item
    for tail in effect.tails():
        site = tail.hop.site
        wanted = argument_reads(site.call) | reads(site.call.function)
        if any_touch(wanted, keys) is None:
            return False
        if tail.rest is None or tail.hop.row is not None or tail.hop.given.unknown:
            return True
        callee = tail.rest.hop.site.function
        body = bodies.body(callee)
        start = _handed_over(tail, callee, keys)
        if body is None or start is None:
            return True
        keys = _spread(body.statements, start)
    return True


def _handed_over(effect: Effect, callee: FunctionNode, keys: set[str]) -> set[str] | None:
    """Return the keys of the callee that get something of `keys`; `None` where that cannot be told."""
    call = effect.hop.site.call
    if callee.parent is effect.hop.site.function or any(isinstance(part, Lambda) for part in walk(call)):
        return None  # it sees the names around it
    if any(argument.star for argument in call.arguments):
        return None
    found = {
        parameter.name
        for parameter in callee.outline.parameters
        if any(any_touch(reads(expr), keys) is not None for _, expr in argument_for(callee.outline, effect.hop.given, parameter.name))
    }
    receiver = call.function.value if isinstance(call.function, Attribute) else call.function
    if callee.owner is not None and callee.first is not None and any_touch(reads(receiver), keys) is not None:
        found.add(callee.first)
    return found or None


def _spread(block: Block, start: set[str]) -> set[str]:
    """Return what is derived from `start`; an object that is given something of it may hold it from then on."""
    found = derived(block, start)
    while True:
        held = {
            key
            for call in calls_in(block)
            if isinstance(call.function, Attribute)
            for key in [dotted(call.function.value)]
            if key is not None and any(any_touch(reads(argument.value), found) is not None for argument in call.arguments)
        }
        if held <= found:
            return found
        found = derived(block, found | held)
