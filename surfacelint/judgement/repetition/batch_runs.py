"""Code whose requests the batch module answers: loops over the passes of a run, and blocks whose calls are prepared."""

from __future__ import annotations

from surfacelint.facts.expressions import Call, Expr
from surfacelint.facts.function_bodies import For, With
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.hop_search import first_along
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.name_lookup import BATCH_MODULE
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_PASSES = frozenset({f"{BATCH_MODULE}.BatchRun().passes", f"{BATCH_MODULE}.BatchRun().async_passes"})
_PREPARED = frozenset({f"{BATCH_MODULE}.prepared", f"{BATCH_MODULE}.async_prepared"})
_WORDS = ("passes", "prepared")


class BatchRuns:
    """Finds such code around the call sites of one program."""

    def __init__(self, resolver: Resolver, bodies: Bodies) -> None:
        self._resolver = resolver
        self._bodies = bodies
        self._known: dict[Effect, bool] = {}

    def answer(self, effect: Effect) -> bool:
        """Whether a batch run answers the requests of a route: a call site along it is part of such code."""
        return first_along(effect, self._is_inside, False, self._known)

    def _is_inside(self, effect: Effect) -> bool:
        site = effect.hop.site
        if not self._bodies.mentions(site.function, _WORDS):
            return False
        around = self._bodies.around(site)
        for place in () if around is None else around.places:
            match place.statement:
                case For(iterable=iterable) if place.role == "body" and self._calls(iterable, site.function, _PASSES):
                    return True
                case With(items=items) if place.role == "body":
                    if any(self._calls(item, site.function, _PREPARED) for item, _ in items):
                        return True
        return False

    def _calls(self, expr: Expr, scope: FunctionNode, paths: frozenset[str]) -> bool:
        return isinstance(expr, Call) and any(path in paths for path in self._resolver.paths(expr.function, scope))
