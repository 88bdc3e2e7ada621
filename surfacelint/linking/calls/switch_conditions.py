"""Conditions on switches: a call may run only for some values of parameters, and a way to a request holds only for some calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Attribute, Call, Expr, Name, children, last_word
from surfacelint.facts.module_outlines import Branch
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Target
from surfacelint.linking.evaluation.call_arguments import PassedArguments
from surfacelint.linking.evaluation.conditions import ALWAYS, NEVER, Condition, both
from surfacelint.linking.evaluation.function_runs import Run, run_by
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.switches import Switches
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, ModuleNode

_MOST_CALLERS = 8
"""Callers of callers that are asked for the values of switches."""

LARGEST = 10_000
"""Larger numbers than this bound nothing."""


class SwitchConditions:
    """Conditions of the call sites of one program, memoized. `edges` are the sites that run a function, by its identifier."""

    def __init__(self, resolver: Resolver, edges: Mapping[str, Collection[Site]]) -> None:
        self._resolver = resolver
        self._edges = edges
        self.switches = Switches(resolver)
        self._own: dict[int, Condition] = {}
        self._numbers: dict[str, dict[int, int]] = {}
        self._branches: dict[int, Condition] = {}
        self._after: dict[tuple[int, str, Condition], tuple[Condition, Target]] = {}  # with the target, so that its identity stays its own
        self._possible: dict[tuple[str, Condition, bool], bool] = {}
        self._values: dict[str, frozenset[str]] = {}

    def own(self, site: Site) -> Condition:
        """Return the condition on parameters of its function under which a call site runs."""
        function = site.function
        if not function.outline.branches:
            return ALWAYS
        known = self._own.get(id(site.outline))
        if known is None:
            known = self._own[id(site.outline)] = self._guard(site)
        return known

    def _guard(self, site: Site) -> Condition:
        function = site.function
        numbers = self._numbers.get(function.id)
        if numbers is None:
            numbers = self._numbers[function.id] = {id(outline): number for number, outline in enumerate(function.outline.calls)}
        number = numbers.get(id(site.outline), -1)
        found = ALWAYS
        for branch in function.outline.branches:
            if branch.first <= number < branch.end:
                found = both(found, self._branch(branch, function))
        return found

    def _branch(self, branch: Branch, function: FunctionNode) -> Condition:
        """Return the condition under which a branch runs."""
        known = self._branches.get(id(branch))
        if known is None:
            known = self._branches[id(branch)] = self.switches.truth(branch.test, function, holds=branch.holds)
        return known

    def holds(self, test: Expr, function: FunctionNode, runs: tuple[Run, ...] = ()) -> bool | None:
        """Whether a test in a function always holds, or always fails; `None` if it may do either.

        `runs` are the run of the function in question and the runs around it, innermost first; without them, all runs count.
        """
        if not self._is_possible_in(runs, self.switches.truth(test, function, holds=True), function):
            return False
        return None if self._is_possible_in(runs, self.switches.truth(test, function, holds=False), function) else True

    def _is_possible_in(self, runs: tuple[Run, ...], condition: Condition, function: FunctionNode, *, by_default: bool = False) -> bool:
        for run in runs:
            condition, function = self.switches.after(condition, run), run.caller
        return self.is_possible(condition, function, by_default=by_default)

    def largest(self, expr: Expr, function: FunctionNode, runs: tuple[Run, ...] = ()) -> int | None:
        """Return the largest value that a number in `function` can have, by the known callers and defaults; `None` if unknown.

        `runs` are as for `holds`.
        """

        def may_be(operator: str, number: int) -> bool:
            condition = self.switches.compared(expr, operator, number, function)
            return self._is_possible_in(runs, condition, function, by_default=True)

        if may_be("<", 0) or may_be(">", LARGEST):
            return None
        low, high = 0, LARGEST
        while low < high:
            middle = (low + high) // 2
            if may_be(">", middle):
                low = middle + 1
            else:
                high = middle
        return low

    def after(self, site: Site, target: Target, callee: FunctionNode, condition: Condition) -> Condition:
        """Return the condition of an effect of `callee` as one on the parameters of the function whose site runs it."""
        if not condition or condition == NEVER:
            return condition
        key = (id(target), callee.id, condition)
        known = self._after.get(key)
        if known is None:
            known = self._after[key] = (self.switches.after(condition, self.run(site, target, callee)), target)
        return known[0]

    def chosen(self, site: Site, target: Target) -> Condition:
        """Return the condition under which a site makes the request of one of its targets: by one of the clients, with certain models."""
        found = ALWAYS
        for scope, argument in target.given.arguments if target.models else ():
            if argument.name == "model" and scope == site.function.id:
                found = self.switches.named(argument.value, target.models, site.function)
        clients = {other.library: None for other in site.targets if other.library is not None}
        if target.library is not None and len(clients) > 1:
            found = both(found, self.switches.client(site.call.function, target.library, site.function))
        return found

    def after_hop(self, site: Site, given: PassedArguments, callee: FunctionNode, condition: Condition) -> Condition:
        """Return a condition of a callee as one on the function whose site runs it with the arguments `given`, where the site runs."""
        target = next((each for each in site.targets if each.callee is callee), Target(callee, given))
        return both(self.own(site), self.after(site, target, callee, condition))

    def run(self, site: Site, target: Target, callee: FunctionNode) -> Run:
        """Return the run of a function by a call site."""
        has_defaults = self.switches.objects.has_defaults(callee) and (not target.given.unknown or _passes_items_only(site, target))
        return run_by(site.call, callee, target.given, site.function, defaults=has_defaults)

    def is_possible(self, condition: Condition, function: FunctionNode, depth: int = 0, *, by_default: bool = False) -> bool:
        """Whether a condition can hold in some run of `function`: by its known callers, if all of them are known.

        With `by_default`, whoever calls a function without known callers leaves its parameters at their defaults.
        """
        if condition == NEVER:
            return False
        sites = [site for site in self._edges.get(function.id, ()) if site.function is not function]
        if not sites and by_default:
            run = Run(function, PassedArguments(()), function.parent or function, None, self.switches.objects.has_defaults(function))
            return self.switches.after(condition, run) != NEVER
        if not sites or depth > _MOST_CALLERS:
            return True
        key = (function.id, condition, by_default)
        if key not in self._possible:
            self._possible[key] = True  # what runs itself is possible
            called = any(self._is_possible_at(site, condition, function, depth, by_default=by_default) for site in sites)
            self._possible[key] = called or self._has_other_callers(function)
        return self._possible[key]

    def _is_possible_at(self, site: Site, condition: Condition, function: FunctionNode, depth: int, *, by_default: bool) -> bool:
        own = self.own(site)
        if own == NEVER:
            return False
        targets = [target for target in site.targets if target.callee is function]
        if not targets:
            return True  # as a callback
        conditions = [both(own, self.after(site, target, function, condition)) for target in targets]
        return any(self.is_possible(each, site.function, depth + 1, by_default=by_default) for each in conditions)

    def _has_other_callers(self, function: FunctionNode) -> bool:
        """Whether a framework may call a function: a decorator or a call takes it, or it is a method that a library declares."""
        if not self.switches.objects.has_defaults(function):
            return True
        name = function.outline.name
        if function.owner is not None and any(not hasattr(base, "methods") for base in self._resolver.classes.bases(function.owner.id)):
            return True
        return name in self._names_of_values(function.module)

    def _names_of_values(self, module: ModuleNode) -> frozenset[str]:
        """Return the last parts of the names that a module uses other than to call them."""
        known = self._values.get(module.name)
        if known is None:
            found: set[str] = set()
            for function in module.functions.values():
                for expr in function.outline.evaluated:
                    found |= _names_of_values(expr)
            known = self._values[module.name] = frozenset(found)
        return known


def _passes_items_only(site: Site, target: Target) -> bool:
    """Whether a library function passes one item of each iterable, and nothing else: `pool.map(post, rows)`."""
    row = target.row
    is_mapping = isinstance(row, Repetition) and row.items in ("argument", "arguments") and row.per == "item"
    return is_mapping and "star" not in last_word(site.call.function) and all(argument.name is None for argument in site.call.arguments)


def _names_of_values(expr: Expr) -> set[str]:
    found: set[str] = set()
    stack = [expr]
    while stack:
        here = stack.pop()
        if isinstance(here, Call):
            stack += [argument.value for argument in here.arguments]
            if not isinstance(here.function, Name):
                stack += children(here.function)
        elif isinstance(here, Name):
            found.add(here.id)
        else:
            if isinstance(here, Attribute):
                found.add(here.attr)
            stack += children(here)
    return found
