"""Values that a callee or a callback runs as a parameter: what is passed for it, or what a closure captured."""

from __future__ import annotations

from surfacelint.linking.calls.call_targets import Target, TargetFinder
from surfacelint.linking.evaluation.abstract_values import Parameter, Values, segments
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

MOST_CAPTURED = 3
"""A wrapper that may have captured more functions than this, as that of a widely used decorator, does not tell which one it calls."""


class SinkValues:
    """Replaces parameters that are sinks of effects by values."""

    def __init__(self, resolver: Resolver, targets: TargetFinder) -> None:
        self._resolver = resolver
        self._targets = targets
        self._known: dict[tuple[int, Parameter], Values] = {}
        self._arguments: dict[tuple[int, Parameter], Values] = {}

    def passed(self, target: Target, callee: FunctionNode, sink: Parameter) -> Values:
        """Return the values that `callee` runs as its parameter `sink`, without those that cannot lead to a request."""
        key = (id(target), sink)
        known = self._known.get(key)
        if known is None:
            own = sink.id == callee.id
            values = self._argument(target, sink) if own else self._captured(target, sink)
            known = self._known[key] = tuple([value for value in values if not self._targets.is_inert(value)])
        return known

    def _argument(self, target: Target, sink: Parameter) -> Values:
        """Return what is passed for a sink, one step of its path at a time: sinks whose paths begin alike share the answers."""
        steps = segments(sink.path)
        if not steps or steps[0].startswith("['"):
            return self._resolver.substitution.argument(sink, target.given)
        owner = Parameter(sink.id, sink.name, "".join(steps[:-1]))
        key = (id(target), owner)
        owners = self._arguments.get(key)
        if owners is None:
            owners = self._arguments[key] = self._argument(target, owner)
        return self._resolver.follow(owners, steps[-1])

    def _captured(self, target: Target, sink: Parameter) -> Values:
        """Return the values that a closure captured for a parameter of a function around it."""
        captured = self._resolver.substitution.captured(sink, target.bound)
        return self._resolver.everywhere((sink,)) if captured is None else captured

    def captured_by_callback(self, target: Target, sink: Parameter) -> Values:
        """Return the values that a callback captured for a parameter of a function around it, none if there are too many."""
        if target.binds(sink):
            return self._captured(target, sink)
        captured = tuple([value for value in self._captured(target, sink) if not isinstance(value, Parameter)])
        return captured if len(captured) <= MOST_CAPTURED else ()
