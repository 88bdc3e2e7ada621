"""Conditions on receivers: an effect of a method may hold only for some subclasses."""

from __future__ import annotations

from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Target
from surfacelint.linking.evaluation.class_hierarchy import Classes
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

MOST_RECEIVERS = 250
"""For a receiver with more possible classes than this, subclasses are not told apart."""


@record(frozen=True, slots=True)
class ReceiverCondition:
    """A condition: the receiver of `method` is of one of `classes`."""

    method: str
    classes: frozenset[str]


def narrowed(
    classes: Classes, site: Site, target: Target, callee: FunctionNode, condition: ReceiverCondition | None
) -> tuple[bool, ReceiverCondition | None]:
    """Return whether an effect of `callee` with the condition `condition` is possible at a site that runs it, and its condition there."""
    if condition is not None and condition.method != callee.id:
        # The condition is about the receiver of a method that encloses `callee`.
        return True, condition if encloses(condition.method, site.function) else None
    receiver = target.receiver
    if receiver is None:
        return True, None
    possible = classes.receivers(receiver)
    if len(possible) > MOST_RECEIVERS:
        return True, None
    own = bool(receiver.via) and encloses(receiver.via, site.function)
    chosen = classes.running(receiver, callee) if own else possible
    if condition is not None:
        chosen &= condition.classes
    if not chosen:
        return False, None
    return True, ReceiverCondition(receiver.via, chosen) if own and len(chosen) < len(possible) else None


def encloses(id_: str, function: FunctionNode) -> bool:
    """Whether a function is the one with an identifier, or is defined in it."""
    return any(here.id == id_ for here in function.scopes())
