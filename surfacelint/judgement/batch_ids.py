"""Batches whose id nobody keeps: there is no way back to their results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from surfacelint.catalogue.schema import BatchApi
from surfacelint.facts.bodies import Assign, Evaluate, Return, Statement
from surfacelint.facts.expressions import Attribute, Await, Call, Constant, Expr, Lambda, Name, Position, Subscript, Walrus, children, names
from surfacelint.facts.outlines import MODULE_BODY
from surfacelint.judgement.evidence import Evidence, requested
from surfacelint.judgement.jobs import batch_effects
from surfacelint.judgement.places import expressions_of, statements_in
from surfacelint.linking.callgraph import Site
from surfacelint.linking.effects import Effect
from surfacelint.linking.modules import FunctionNode
from surfacelint.program import Workload
from surfacelint.records import record

Use: TypeAlias = Literal["kept", "returned", "dropped"]

_DEEPEST = 12
"""Functions that hand a batch up."""


def discarded(evidence: Evidence) -> Iterator[Workload]:
    """Return the batches whose id is neither kept, returned, passed on nor shown, each at the call that drops it."""
    search = _Search(
        evidence, {(effect.hop.site.function.id, effect.hop.site.call.span): effect for effect in batch_effects(evidence, "batch-submit")}
    )
    listed = {requested(effect).provider for effect in batch_effects(evidence, "batch-list")}
    for effect in search.effects.values():
        request = requested(effect)
        api = evidence.catalogue.provider(request.provider).batch
        # Whoever lists batches finds them again.
        if effect.rest is None and api is not None and api.id and not api.delivers and request.provider not in listed:
            with evidence.guard.judging(effect.hop.site.function):
                yield from search.dropped(effect, api)


@dataclass(slots=True)
class _Search:
    """Looks for those who drop batches."""

    evidence: Evidence
    effects: dict[tuple[str, object], Effect]
    reported: set[tuple[str, object]] = field(default_factory=set)

    def dropped(self, effect: Effect, api: BatchApi) -> Iterator[Workload]:
        for site, lost in self._droppers(effect.hop.site, api, 0):
            key = (site.function.id, site.call.span)
            way = self.effects.get(key)
            if way is not None and key not in self.reported:
                self.reported.add(key)
                yield self.evidence.workload("discarded", way, about=lost)

    def _droppers(self, site: Site, api: BatchApi, depth: int) -> Iterator[tuple[Site, str]]:
        """Return the sites where what `site` gives is lost, each with the name that it is lost in."""
        function = site.function
        uses, lost = _Uses(self.evidence, function, api).of(site.call.span.end)
        if "kept" in uses or not uses or depth > _DEEPEST:
            return
        if "returned" not in uses:
            yield site, lost
            return
        for caller in self._callers(function):
            yield from self._droppers(caller, api, depth + 1)

    def _callers(self, function: FunctionNode) -> list[Site]:
        """Return who calls a function by its name; what frameworks call returns to them."""
        if self.evidence.entries.point(function) is not None:
            return []
        sites = self.evidence.effects.edges.get(function.id, ())
        return [site for site in sites if any(target.callee is function and target.row is None for target in site.targets)]


@record(frozen=True, slots=True)
class _Uses:
    """What a function does with a batch."""

    evidence: Evidence
    function: FunctionNode
    api: BatchApi

    def of(self, end: Position) -> tuple[set[Use], str]:
        """Return the uses of what the call that ends at `end` gives, and the name that holds it; none where the call cannot be found."""
        body = self.evidence.sites.bodies.body(self.function)
        for statement in statements_in(body.statements) if body is not None else ():
            for _, expr in expressions_of(statement):
                for path in _paths(expr, lambda part: isinstance(part, Call) and part.span.end == end):
                    held = [target.id for target in getattr(statement, "targets", ()) if isinstance(target, Name)]
                    return self._use(path, statement, frozenset()), held[0] if held else ""
        return set(), ""

    def _use(self, path: tuple[Expr, ...], statement: Statement, seen: frozenset[str]) -> set[Use]:
        """Return the uses of the last expression of `path`, which leads down from an expression of the statement."""
        value = path[-1]
        for number in range(len(path) - 2, -1, -1):
            outer = path[number]
            word = _word(outer, value)
            if isinstance(outer, Await) or word == self.api.id:
                value = outer
            elif isinstance(outer, Walrus) and isinstance(outer.target, Name):
                return (self._use(path[: number + 1], statement, seen) - {"dropped"}) | self._named(outer.target.id, seen)
            elif word is not None and not (number > 0 and isinstance(call := path[number - 1], Call) and call.function is outer):
                return {"dropped"}  # another of its fields
            else:
                return {"kept"}
        return self._stated(statement, seen)

    def _stated(self, statement: Statement, seen: frozenset[str]) -> set[Use]:
        match statement:
            case Evaluate(span=span):
                # A notebook shows the last value of a cell.
                shown = self.evidence.locate(self.function, span).cell is not None
                return {"kept"} if shown else {"dropped"}
            case Return():
                return {"returned"}
            case Assign(targets=targets) if all(isinstance(target, Name) for target in targets):
                found: set[Use] = set()
                for target in targets:
                    found |= self._named(target.id, seen) if isinstance(target, Name) else set()
                return found or {"dropped"}
            case _:
                return {"kept"}

    def _named(self, name: str, seen: frozenset[str] = frozenset()) -> set[Use]:
        """Return the uses of what a name holds."""
        if name in self.function.outline.global_names or self._is_read_inside(name) or self._is_imported(name):
            return {"kept"}
        found: set[Use] = set()
        body = self.evidence.sites.bodies.body(self.function)
        for statement in statements_in(body.statements) if body is not None and name not in seen else ():
            for role, expr in expressions_of(statement):
                if isinstance(expr, Name) and role == "target":
                    continue
                for path in _paths(expr, lambda part: _mentions(part, name)):
                    found |= {"kept"} if isinstance(path[-1], Lambda) else self._use(path, statement, seen | {name})
        return found

    def _is_read_inside(self, name: str) -> bool:
        """Whether functions that are defined in this one, or use a global name of this module, read it."""
        for other in self.function.module.functions.values():
            if other is self.function or not _stands_in(other, self.function):
                continue
            body = self.evidence.sites.bodies.body(other)
            for statement in statements_in(body.statements) if body is not None else ():
                if any(name in names(expr) for _, expr in expressions_of(statement)):
                    return True
        return False

    def _is_imported(self, name: str) -> bool:
        """Whether another module imports a name of the module body."""
        if self.function.outline.qualname != MODULE_BODY:
            return False
        others = (function for function in self.evidence.resolver.functions() if function.module is not self.function.module)
        return any(imported.symbol == name for function in others for imported in function.outline.imports)


def _stands_in(inner: FunctionNode, outer: FunctionNode) -> bool:
    return any(here is outer for here in inner.scopes()) or outer.outline.qualname == MODULE_BODY


def _mentions(part: Expr, name: str) -> bool:
    return (isinstance(part, Name) and part.id == name) or (isinstance(part, Lambda) and name in names(part))


def _word(outer: Expr, value: Expr) -> str | None:
    """Return what `outer` takes of `value`; `None` where it is something else."""
    match outer:
        case Attribute(value=inner, attr=attr) if inner is value:
            return attr
        case Subscript(value=inner, index=Constant(value=str(word))) if inner is value:
            return word
        case _:
            return None


def _paths(expr: Expr, wanted: Callable[[Expr], bool]) -> Iterator[tuple[Expr, ...]]:
    """Return the ways from `expr` down to each part of it that is wanted."""
    stack: list[tuple[Expr, ...]] = [(expr,)]
    while stack:
        path = stack.pop()
        if wanted(path[-1]):
            yield path
        else:
            stack += [(*path, child) for child in children(path[-1])]
