"""Settings among the arguments of a call site: what only selects the model or sets one of its parameters, and what is its input."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Call, Constant, Element, Expr, Mapping, Name, Subscript
from surfacelint.judgement.flow.access_paths import AccessPaths, first_overlap, reads
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.writes import Writes
from surfacelint.judgement.repetition.call_site_facts import Role
from surfacelint.judgement.repetition.item_reaches_request import spread
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_DEEPEST = 6
"""Hops towards the request through which an argument is followed."""

_Question: TypeAlias = tuple[Effect, str]
"""The effect that begins in a function, and a parameter of the function."""


class SettingArguments:
    """Answers for the arguments of the first site of an effect: `position` counts from 0, `name` is the keyword or `None`."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, bodies: Bodies, writes: Writes) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._keywords = frozenset(catalogue.sweep.keywords)
        self._variants = frozenset(catalogue.sweep.variants)
        self._names = self._keywords | frozenset(catalogue.sweep.names)
        self._no_input = self._keywords | frozenset(catalogue.sweep.delivery)
        self._bodies = bodies
        self._writes = writes
        self._known: dict[_Question, Role] = {}

    def role(self, effect: Effect, position: int, name: str | None, item: AccessPaths, depth: int = 0) -> Role:
        """Return what the parts of an argument that are made from the access paths in `item` are to the request."""
        rest = effect.rest
        argument = effect.hop.site.call.arguments[position]
        is_spread = argument.star == "**"
        if is_spread and not self._has_input(effect.hop.site.call):
            return "input" if rest is None else "unknown"  # the keys that a callee reads may be a model, a prompt or both
        if rest is None:
            if name in self._keywords or (is_spread and self._holds_options(effect)) or self._is_entry(argument.value, item):
                return "setting"
            return "unknown" if name is None and isinstance(argument.value, Name) else "input"
        row = effect.hop.row
        if depth > _DEEPEST or (row is not None and not (isinstance(row, Repetition) and row.items == "loop")):
            return "unknown"
        callee = rest.hop.site.function
        parameter = filled_parameter(effect, callee, position, name)
        return "unknown" if parameter is None else self._of_parameter(rest, callee, parameter, depth)

    def mapped_role(self, effect: Effect) -> Role:
        """Return what the parameter that gets the item of the callable that the first site maps is to the request."""
        if effect.rest is None:
            return "unknown"
        callee = effect.rest.hop.site.function
        names = [parameter.name for parameter in callee.outline.parameters]
        given = ((name, argument_for(callee.outline, effect.hop.given, name)) for name in names)
        filled = next((name for name, shares in given if any(isinstance(expr, Element) for _, expr in shares)), None)
        return "unknown" if filled is None else self._of_parameter(effect.rest, callee, filled, 0)

    def _of_parameter(self, rest: Effect, callee: FunctionNode, parameter: str, depth: int) -> Role:
        """Return what a parameter of a callee is to the request, by its name where data flow does not show it."""
        question = (rest, parameter)
        if question not in self._known:
            self._known[question] = self._followed(rest, callee, parameter, depth)
        return self._known[question]

    def _followed(self, rest: Effect, callee: FunctionNode, parameter: str, depth: int) -> Role:
        if parameter in self._variants:
            return "setting"
        body = self._bodies.body(callee)
        roles: set[Role] = set()
        if body is not None:
            made = spread(body.statements, AccessPaths({parameter}), callee, self._writes)
            reached = (each for each in enumerate(rest.hop.site.call.arguments) if first_overlap(reads(each[1].value), made) is not None)
            roles = {self.role(rest, index, argument.name, made, depth + 1) for index, argument in reached}
        found = joined(roles)
        return "setting" if found in ("both", "unknown") and parameter in self._names else found

    def _is_entry(self, value: Expr, item: AccessPaths) -> bool:
        """Whether the item is the value of a setting in a dict display: `{"effort": effort}`. The innermost of nested keys counts."""
        if not isinstance(value, Mapping):
            return False
        pairs = [(key, each) for key, each in zip(value.keys, value.values, strict=True) if first_overlap(reads(each), item) is not None]
        return bool(pairs) and all(self._is_setting(key, each, item) for key, each in pairs)

    def _is_setting(self, key: Expr | None, value: Expr, item: AccessPaths) -> bool:
        if isinstance(value, Mapping):
            return self._is_entry(value, item)
        return isinstance(key, Constant) and key.value in self._keywords

    def _holds_options(self, effect: Effect) -> bool:
        """Whether `**` holds options: next to a prompt, unless the prompt is a template, but not next to a URL."""
        is_template = isinstance(effect.sink, Request) and "**" in effect.sink.endpoint.keywords
        return not is_template and not self._is_http_call(effect.hop.site)

    def _is_http_call(self, site: Site) -> bool:
        """Whether a call sends a raw HTTP request."""
        paths = self._resolver.called_paths(site.call, site.function)
        return any(self._catalogue.canonical(path) in self._catalogue.http_calls for path in paths)

    def _has_input(self, call: Call) -> bool:
        """Whether a call gets more by name or position than a model, its parameters, and how the request is sent and answered."""
        return any(not argument.star and argument.name not in self._no_input for argument in call.arguments)


def joined(roles: Iterable[Role]) -> Role:
    """Return what a value is that reaches the request as all of `roles`."""
    found = set(roles)
    if "both" in found or {"input", "setting"} <= found:
        return "both"
    if "input" in found:
        return "input"
    return "setting" if found == {"setting"} else "unknown"


def filled_parameter(effect: Effect, callee: FunctionNode, position: int, name: str | None) -> str | None:
    """Return the parameter of `callee` that an argument of an effect's first site fills, `None` if it may fill several."""
    argument = effect.hop.site.call.arguments[position]
    if argument.star == "**":
        required = [each for each in callee.outline.parameters if each.default is None and not each.kind.startswith("*")]
        filled = [found for parameter in required for found in argument_for(callee.outline, effect.hop.given, parameter.name)]
        if any(isinstance(expr, Subscript) and expr.value is argument.value for _, expr in filled):
            return None  # the prompt comes out of it
        return next((parameter.name for parameter in callee.outline.parameters if parameter.kind == "**"), None)
    wanted = argument.value
    for parameter in callee.outline.parameters:
        if any(expr is wanted or expr == wanted for _, expr in argument_for(callee.outline, effect.hop.given, parameter.name)):
            return parameter.name
    return name
