"""Recognises fire-and-forget calls: work that is started and whose future, task or thread is never waited for."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Attribute, Await, Call, Enter, Name, Span, last_word, walk
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import expressions_in
from surfacelint.linking.calls.call_graph import CallGraph, Site
from surfacelint.linking.calls.request_summaries import Effects
from surfacelint.linking.evaluation.abstract_values import External, Parameter
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_WAITING_NAMES = frozenset({"result", "results", "as_completed", "wait", "gather", "shutdown", "joinall", "exception", "wrap_future"})
"""Functions and methods that wait for started work, in any library."""


class FireAndForget:
    """Answers for the call sites of one program."""

    def __init__(self, graph: CallGraph, effects: Effects, resolver: Resolver, catalogue: Catalogue, bodies: Bodies) -> None:
        self._graph = graph
        self._effects = effects
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies
        self._sites_by_argument: dict[str, dict[Span, list[Site]]] = {}

    def __call__(self, site: Site, function: FunctionNode) -> bool:
        """Whether a site starts `function`, and neither the site's function nor the callers to which it returns wait for it."""
        targets = [target for target in site.targets if target.callee is function or isinstance(target.callee, Parameter)]
        row = next((target.row for target in targets), None)
        if row is None and not site.outline.awaited and function.outline.is_async:
            return any(self._is_dropped(around) for around in self._starting(site))
        return isinstance(row, Repetition) and row.starts and self._is_dropped(site)

    def is_started(self, site: Site) -> bool:
        """Whether a call starts the coroutine that a site creates."""
        return next(self._starting(site), None) is not None

    def _starting(self, site: Site) -> Iterator[Site]:
        """Return the sites that start the coroutine which a site creates: `create_task(ask(text))`."""
        for other in self._by_argument(site.function).get(site.call.span, ()):
            paths = [value.path for value in self._resolver.callee(other.call, other.function) if isinstance(value, External)]
            if any(row.starts and row.argument is not None for path in paths for row in self._catalogue.repetitions(path)):
                yield other

    def _by_argument(self, function: FunctionNode) -> dict[Span, list[Site]]:
        """Return the call sites of a function by the spans of the calls among their arguments."""
        if function.id not in self._sites_by_argument:
            found = self._sites_by_argument[function.id] = {}
            for site in self._graph.sites.get(function.id, ()):
                for span in dict.fromkeys(argument.value.span for argument in site.call.arguments if isinstance(argument.value, Call)):
                    found.setdefault(span, []).append(site)
        return self._sites_by_argument[function.id]

    def _is_dropped(self, site: Site) -> bool:
        """Whether nothing waits for the work that a site starts."""
        if site.outline.awaited or _is_in_with(site) or self._collects(site.function):
            return False
        if site.outline.start == site.call.span.start:
            return True  # the call is a whole statement, so its result is dropped
        if site.function.outline.is_async and not self._is_kept_only(site):
            return False
        return not any(self._collects(caller.function) for caller in self._effects.edges.get(site.function.id, ()))

    def _is_kept_only(self, site: Site) -> bool:
        """Whether a coroutine only assigns the started task to a name, and neither awaits nor returns it."""
        function = site.function
        kept = {each.target for each in function.outline.bindings if isinstance(each.value, Call) and each.value.span == site.call.span}
        body = self._bodies.body(function) if kept else None
        if body is None:
            return False
        asked = [part.value for part in expressions_in(body.statements) if isinstance(part, Await)]
        return not any(part in kept for expr in (*asked, *function.outline.returns) for part in walk(expr))

    def _collects(self, function: FunctionNode) -> bool:
        """Whether a function, or one nested in it, waits for any started work, or streams its results."""
        inside = [other for other in function.module.functions.values() if f"{other.id}.".startswith(f"{function.id}.")]
        return any(self._waits(outlined.call, each) for each in inside for outlined in each.outline.calls)

    def _waits(self, call: Call, function: FunctionNode) -> bool:
        name = last_word(call.function)
        # `join` and `get` with arguments are those of a string, a path or a dict.
        if name in _WAITING_NAMES or (name in ("join", "get") and not call.arguments):
            return True
        shown = [self._catalogue.progress(path) for path in self._resolver.called_paths(call, function)]
        return any(row is not None and row.style == "stream" for row in shown)


def _is_in_with(site: Site) -> bool:
    """Whether the object that starts the work was opened by `with`, which waits for all started work at its end."""
    callee = site.call.function
    if not isinstance(callee, Attribute) or not isinstance(callee.value, Name):
        return False
    scope = site.function.scope_of(callee.value.id)
    return scope is not None and any(isinstance(source.value, Enter) for source in scope.names[callee.value.id])
