"""Finds submitted batches whose id is discarded, so that their results cannot be fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.facts.expressions import (
    Attribute,
    Await,
    Call,
    Constant,
    Expr,
    Lambda,
    Name,
    Position,
    Span,
    Subscript,
    Walrus,
    children,
    names,
)
from surfacelint.facts.function_bodies import Assign, Evaluate, Return, Statement
from surfacelint.facts.module_outlines import MODULE_BODY
from surfacelint.judgement.batches.batch_jobs import batch_effects
from surfacelint.judgement.evidence import Evidence, request_of
from surfacelint.judgement.flow.enclosing_statements import expressions_of, statements_in
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.model.workloads import Workload
from surfacelint.system.records import record

IdUse: TypeAlias = Literal["kept", "returned", "dropped"]
"""What a function does with the id of a batch."""

_DEEPEST = 12
"""Callers that are followed upwards while functions return a batch."""


def discarded_ids(evidence: Evidence) -> Iterator[Workload]:
    """Return the batches whose id is not stored, returned, passed on or shown, each at the call whose result is dropped."""
    submitting = {(effect.hop.site.function.id, effect.hop.site.call.span): effect for effect in batch_effects(evidence, "batch-submit")}
    search = _DiscardSearch(evidence, submitting, _IdUses(evidence))
    listed = {request_of(effect).provider for effect in batch_effects(evidence, "batch-list")}
    for effect in search.effects.values():
        request = request_of(effect)
        api = evidence.catalogue.provider(request.provider).batch
        # A program that lists the batches of a provider can find them without an id.
        if effect.rest is None and api is not None and api.id and not api.delivers and request.provider not in listed:
            with evidence.guard.judging(effect.hop.site.function):
                yield from search.discarded(effect, api)


@record(frozen=True, slots=True)
class _Mention:
    """A place where a value is read: the expressions from the outermost one of a statement down to the value."""

    path: tuple[Expr, ...]
    statement: Statement


@dataclass(slots=True)
class _DiscardSearch:
    """Searches for the calls that discard the ids of batches."""

    evidence: Evidence
    effects: dict[tuple[str, Span], Effect]
    uses: _IdUses
    reported: set[tuple[str, Span]] = field(default_factory=set)

    def discarded(self, effect: Effect, api: BatchApi) -> Iterator[Workload]:
        for site, name in self._discarding_sites(effect.hop.site, api):
            key = (site.function.id, site.call.span)
            way = self.effects.get(key)
            if way is not None and key not in self.reported:
                self.reported.add(key)
                yield self.evidence.workload("discarded", way, about=name)

    def _discarding_sites(self, start: Site, api: BatchApi) -> Iterator[tuple[Site, str]]:
        """Return the sites that discard the batch submitted at `start`, each with the name that held it last."""
        pending, seen = [(start, 0)], set[tuple[str, Position]]()
        while pending:
            site, depth = pending.pop()
            key = (site.function.id, site.call.span.end)
            uses, name = self.uses.of(site, api) if key not in seen else (set(), "")
            seen.add(key)
            if "kept" in uses or not uses or depth > _DEEPEST:
                continue
            if "returned" in uses:
                pending += [(caller, depth + 1) for caller in reversed(self._callers(site.function))]
            else:
                yield site, name

    def _callers(self, function: FunctionNode) -> list[Site]:
        """Return the direct call sites of a function. An entry point has none, because it returns to its framework."""
        if self.evidence.entries.point(function) is not None:
            return []
        sites = self.evidence.effects.edges.get(function.id, ())
        return [site for site in sites if any(target.callee is function and target.row is None for target in site.targets)]


@dataclass(slots=True)
class _IdUses:
    """What the functions of one program do with the values of submissions. The other fields are memos, by function."""

    evidence: Evidence
    mentions: dict[str, dict[str, list[_Mention]]] = field(default_factory=dict)
    read_elsewhere: dict[str, frozenset[str]] = field(default_factory=dict)
    imported: dict[str, frozenset[str]] = field(default_factory=dict)

    def of(self, site: Site, api: BatchApi) -> tuple[set[IdUse], str]:
        """Return the uses of the value of a site and the name that holds it, or no uses if the site is not found in its body."""
        around = self.evidence.sites.bodies.around(site)
        if around is None:
            return set(), ""
        statement = around.places[-1].statement
        held = [target.id for target in getattr(statement, "targets", ()) if isinstance(target, Name)]
        return self._all_uses(_Mention(around.expressions, statement), site.function, api), held[0] if held else ""

    def _all_uses(self, first: _Mention, function: FunctionNode, api: BatchApi) -> set[IdUse]:
        """Return the uses of a value, directly and through the names to which it is assigned."""
        pending, seen = [first], set[str]()
        found: set[IdUse] = set()
        named = False
        while pending:
            mention = pending.pop()
            use, names_, sure = self._use(mention, function, api)
            found |= {use} if use is not None else set()
            named = named or (sure and bool(names_))
            for name in names_:
                if name in function.outline.global_names or name in self._read_elsewhere(function) or name in self._imported(function):
                    found.add("kept")
                elif name not in seen:
                    seen.add(name)
                    pending += self._mentions(function).get(name, ())
        return found or ({"dropped"} if named else set())

    def _use(self, mention: _Mention, function: FunctionNode, api: BatchApi) -> tuple[IdUse | None, list[str], bool]:
        """Return the use of a value at one place, the names assigned to it, and whether it is dropped if these names are unused."""
        value = mention.path[-1]
        if isinstance(value, Lambda):
            return "kept", [], True
        held: list[str] = []
        for number in range(len(mention.path) - 2, -1, -1):
            outer = mention.path[number]
            read = _field_read(outer, value)
            if isinstance(outer, Await) or read in (api.job, api.id):
                value = outer
            elif isinstance(outer, Walrus) and isinstance(outer.target, Name):
                held.append(outer.target.id)
                value = outer
            elif read is not None and not (number > 0 and isinstance(call := mention.path[number - 1], Call) and call.function is outer):
                return None if held else "dropped", held, False  # reads a field other than the id
            else:
                return "kept", held, False
        use, names_ = self._statement_use(mention.statement, function)
        return None if held and use == "dropped" else use, [*held, *names_], not held

    def _statement_use(self, statement: Statement, function: FunctionNode) -> tuple[IdUse | None, list[str]]:
        """Return what a statement does with its value, and the names to which it assigns it."""
        match statement:
            case Evaluate(span=span):
                # A notebook shows the last value of a cell.
                shown = self.evidence.locate(function, span).cell is not None
                return "kept" if shown else "dropped", []
            case Return():
                return "returned", []
            case Assign(targets=targets) if all(isinstance(target, Name) for target in targets):
                return None, [target.id for target in targets if isinstance(target, Name)]
            case _:
                return "kept", []

    def _mentions(self, function: FunctionNode) -> dict[str, list[_Mention]]:
        """Return the places where a function reads its names. A lambda counts as a place for every name in it."""
        if function.id not in self.mentions:
            found = self.mentions[function.id] = {}
            body = self.evidence.sites.bodies.body(function)
            for statement in statements_in(body.statements) if body is not None else ():
                for role, expr in expressions_of(statement):
                    if not (isinstance(expr, Name) and role == "target"):
                        for path in _paths(expr):
                            read = names(path[-1]) if isinstance(path[-1], Name | Lambda) else ()
                            for name in read:
                                found.setdefault(name, []).append(_Mention(path, statement))
        return self.mentions[function.id]

    def _read_elsewhere(self, function: FunctionNode) -> frozenset[str]:
        """Return the names that other functions may read from the scope of `function`."""
        if function.id not in self.read_elsewhere:
            others = (each for each in function.module.functions.values() if each is not function and _sees_scope(each, function))
            bodies = (body for each in others if (body := self.evidence.sites.bodies.body(each)) is not None)
            parts = (expr for body in bodies for each in statements_in(body.statements) for _, expr in expressions_of(each))
            self.read_elsewhere[function.id] = frozenset(name for expr in parts for name in names(expr))
        return self.read_elsewhere[function.id]

    def _imported(self, function: FunctionNode) -> frozenset[str]:
        """Return the names that other modules import, if `function` is the body of a module."""
        if function.outline.qualname != MODULE_BODY:
            return frozenset()
        if function.id not in self.imported:
            others = (each for each in self.evidence.resolver.functions() if each.module is not function.module)
            imports = (imported for each in others for imported in each.outline.imports)
            self.imported[function.id] = frozenset(imported.symbol for imported in imports if imported.symbol)
        return self.imported[function.id]


def _sees_scope(inner: FunctionNode, outer: FunctionNode) -> bool:
    """Whether `inner` is nested in `outer`, or `outer` is the body of their module."""
    return any(here is outer for here in inner.scopes()) or outer.outline.qualname == MODULE_BODY


def _field_read(outer: Expr, value: Expr) -> str | None:
    """Return the field that `outer` reads from `value`, or `None` if it does something else."""
    match outer:
        case Attribute(value=inner, attr=attr) if inner is value:
            return attr
        case Subscript(value=inner, index=Constant(value=str(word))) if inner is value:
            return word
        case _:
            return None


def _paths(expr: Expr) -> Iterator[tuple[Expr, ...]]:
    """Return the expressions from `expr` down to each of its parts."""
    stack: list[tuple[Expr, ...]] = [(expr,)]
    while stack:
        path = stack.pop()
        yield path
        stack += [(*path, child) for child in children(path[-1])]
