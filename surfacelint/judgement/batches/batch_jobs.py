"""Recognises expressions that hold a batch job or its status, and finds the requests of a batch API."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.provider_rows import BatchApi, Surface
from surfacelint.facts.expressions import Attribute, Await, Call, Constant, Expr, Name, Subscript, Walrus
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.hop_search import unseen_tails
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.abstract_values import External, Parameter, Text, Values
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

JOB_SURFACES: frozenset[Surface] = frozenset({"batch-submit", "batch-poll", "batch-cancel"})
"""Surfaces whose calls return a batch job."""

_DEEPEST = 8
"""Names that are followed to their values, one after another."""


@record(frozen=True, slots=True)
class BatchJobs:
    """Recognises the jobs of one batch API in one program."""

    api: BatchApi
    resolver: Resolver
    catalogue: Catalogue

    def is_job(self, expr: Expr, scope: FunctionNode) -> bool:
        """Whether all known values of `expr` are batch jobs."""
        return self._all(self.resolver.evaluate(expr, scope), self._gives_job)

    def is_status(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> bool:
        """Whether `expr` is the status of a batch job."""
        if isinstance(expr, Await | Walrus):
            return self.is_status(expr.value, scope, depth)
        if any(self.is_job(value, scope) for value in self._status_owners(expr)):
            return True
        if self._all(self.resolver.evaluate(expr, scope), self._gives_status):
            return True
        if isinstance(expr, Name) and depth < _DEEPEST:
            bound = [source.value for source in scope.names.get(expr.id, ()) if source.value is not None]
            computed = [value for value in bound if not isinstance(value, Constant)]
            return bool(computed) and all(self.is_status(value, scope, depth + 1) for value in computed)
        return False

    def _status_owners(self, expr: Expr) -> Iterator[Expr]:
        """Return the values from which `expr` reads a field that the batch API uses for the status of a job."""
        for name in self.api.status:
            here = expr
            for part in reversed(name.split(".")):
                step = _field_of(here)
                if step is None or step[1] != part:
                    break
                here = step[0]
            else:
                yield here

    def _all(self, values: Values, holds: Callable[[str], bool]) -> bool:
        known = [value for value in self.resolver.everywhere(values) if not isinstance(value, Text | Parameter)]
        return bool(known) and all(isinstance(value, External) and holds(value.path) for value in known)

    def _gives_job(self, path: str) -> bool:
        endpoints = self.catalogue.endpoints(path.removesuffix("()"))
        return path.endswith("()") and any(endpoint.surface in JOB_SURFACES for endpoint in endpoints)

    def _gives_status(self, path: str) -> bool:
        return any(path.endswith(f"().{name}") and self._gives_job(path.removesuffix(f".{name}")) for name in self.api.status)


def _field_of(expr: Expr) -> tuple[Expr, str] | None:
    """Return the owner and name of the field that `expr` reads: `job.status`, `job["status"]` or `job.get("status")`."""
    match expr:
        case Attribute(value=value, attr=attr):
            return value, attr
        case Subscript(value=value, index=Constant(value=str(word))):
            return value, word
        case Call(function=Attribute(value=value, attr="get"), arguments=(first, *_)) if isinstance(first.value, Constant):
            return value, str(first.value.value)
        case _:
            return None


def batch_effects(evidence: Evidence, surface: Surface) -> Iterator[Effect]:
    """Return the shortest effect of each call site that leads to a request of the given surface."""
    chosen: dict[tuple[str, object], Effect] = {}
    seen: set[Effect] = set()
    for sites in evidence.effects.sites.values():
        for _, ways in sites:
            for way in ways:
                if isinstance(way.sink, Request) and way.sink.endpoint.surface == surface:
                    for tail in unseen_tails(way, seen):
                        key = (tail.hop.site.function.id, tail.hop.site.call.span)
                        if key not in chosen or tail.length < chosen[key].length:
                            chosen[key] = tail
    yield from chosen.values()
