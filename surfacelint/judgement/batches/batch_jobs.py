"""Batch jobs in expressions: which of them hold a job, and what of one they take."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.provider_rows import BatchApi, Surface
from surfacelint.facts.expressions import Attribute, Await, Call, Constant, Expr, Name, Subscript, Walrus
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.route_memo import unseen
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.abstract_values import External, Parameter, Text, Values
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

JOBS: frozenset[Surface] = frozenset({"batch-submit", "batch-poll", "batch-cancel"})
"""What gives a job back."""

_DEEPEST = 8
"""Names bound to what names are bound to."""


@record(frozen=True, slots=True)
class Taken:
    """What is taken of a value: `words` are the attributes, constant keys and arguments of `get`, in order."""

    value: Expr
    words: tuple[str, ...]
    soft: bool = False


def taken(expr: Expr) -> Taken:
    """Return what `expr` takes of the innermost value that it names or calls. `soft` takes cannot fail: `row.get("error")`."""
    words: list[str] = []
    soft = False
    while True:
        match expr:
            case Attribute(value=value, attr=attr):
                words.append(attr)
                expr = value
            case Subscript(value=value, index=index):
                words += [index.value] if isinstance(index, Constant) and isinstance(index.value, str) else []
                expr = value
            case Call(function=Attribute(value=value, attr="get"), arguments=(first, *_)) if isinstance(first.value, Constant):
                words.append(str(first.value.value))
                soft = True
                expr = value
            case Call(function=Name(id="getattr"), arguments=(first, second, *rest)) if isinstance(second.value, Constant):
                words.append(str(second.value.value))
                soft = soft or bool(rest)
                expr = first.value
            case Await(value=value) | Walrus(value=value):
                expr = value
            case _:
                return Taken(expr, tuple(reversed(words)), soft)


@record(frozen=True, slots=True)
class Jobs:
    """Answers about one batch API in one program."""

    api: BatchApi
    resolver: Resolver
    catalogue: Catalogue

    def is_job(self, expr: Expr, scope: FunctionNode) -> bool:
        """Whether `expr` is a job, as far as all that is known of it says."""
        return self._all(self.resolver.evaluate(expr, scope), self._gives_job)

    def is_state(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> bool:
        """Whether `expr` is the state of a job."""
        if isinstance(expr, Await | Walrus):
            return self.is_state(expr.value, scope, depth)
        if any(self.is_job(value, scope) for value in self._states_of(expr)):
            return True
        if self._all(self.resolver.evaluate(expr, scope), self._gives_state):
            return True
        if isinstance(expr, Name) and depth < _DEEPEST:
            bound = [source.value for source in scope.names.get(expr.id, ()) if source.value is not None]
            said = [value for value in bound if not isinstance(value, Constant)]
            return bool(said) and all(self.is_state(value, scope, depth + 1) for value in said)
        return False

    def _states_of(self, expr: Expr) -> Iterator[Expr]:
        """Return the values of which `expr` takes what is called the state of a job."""
        for name in self.api.status:
            here = expr
            for word in reversed(name.split(".")):
                step = _step(here)
                if step is None or step[1] != word:
                    break
                here = step[0]
            else:
                yield here

    def _all(self, values: Values, holds: Callable[[str], bool]) -> bool:
        known = [value for value in self.resolver.everywhere(values) if not isinstance(value, Text | Parameter)]
        return bool(known) and all(isinstance(value, External) and holds(value.path) for value in known)

    def _gives_job(self, path: str) -> bool:
        return path.endswith("()") and any(endpoint.surface in JOBS for endpoint in self.catalogue.endpoints(path.removesuffix("()")))

    def _gives_state(self, path: str) -> bool:
        return any(path.endswith(f"().{name}") and self._gives_job(path.removesuffix(f".{name}")) for name in self.api.status)


def _step(expr: Expr) -> tuple[Expr, str] | None:
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
    """Return the parts of all effects that lead to a request of a surface, one for each site that begins one, the shortest."""
    chosen: dict[tuple[str, object], Effect] = {}
    seen: set[Effect] = set()
    for sites in evidence.effects.sites.values():
        for _, ways in sites:
            for way in ways:
                if isinstance(way.sink, Request) and way.sink.endpoint.surface == surface:
                    for tail in unseen(way, seen):
                        key = (tail.hop.site.function.id, tail.hop.site.call.span)
                        if key not in chosen or tail.length < chosen[key].length:
                            chosen[key] = tail
    yield from chosen.values()
