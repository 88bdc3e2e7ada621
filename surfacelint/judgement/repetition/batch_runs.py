"""Code whose requests are answered from batches: loops over the passes of a run, and blocks of packages that reach batch APIs."""

from __future__ import annotations

from functools import cached_property

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Call, Expr, Name
from surfacelint.facts.function_bodies import Assign, For, With
from surfacelint.judgement.flow.access_paths import reads
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import EnclosingStatement, expressions_in, statements_in
from surfacelint.judgement.flow.hop_search import first_along
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.request_summaries import Effect, Effects
from surfacelint.linking.evaluation.name_lookup import BATCH_MODULE
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, imported_roots

_PASSES = frozenset({f"{BATCH_MODULE}.BatchRun().passes", f"{BATCH_MODULE}.BatchRun().async_passes"})


class BatchRuns:
    """Finds such code around the call sites of one program."""

    def __init__(self, effects: Effects, resolver: Resolver, catalogue: Catalogue, bodies: Bodies) -> None:
        self._effects = effects
        self._resolver = resolver
        self._blocks = catalogue.batch_blocks
        self._words = frozenset({"passes", *(path.rpartition(".")[2] for path in self._blocks)})
        self._bodies = bodies
        self._known: dict[Effect, bool] = {}
        self._run_inside: dict[str, bool] = {}

    def answer(self, effect: Effect) -> bool:
        """Whether batches answer the requests of a route: a call site along it is part of such code, or all of its callers are."""
        if first_along(effect, lambda each: self._is_inside(each.hop.site, starts=each.hop.coroutine), False, self._known):
            return True
        return self._is_imported and self._is_run_inside(effect.hop.site.function)

    @cached_property
    def _is_imported(self) -> bool:
        """Whether a module imports a package with such blocks, so that it is worth asking callers."""
        packages = {path.partition(".")[0] for path in self._blocks} - {BATCH_MODULE}
        nodes = (self._resolver.program.modules.get(name) for name in self._resolver.program.relevant)
        return any(node is not None and not packages.isdisjoint(imported_roots(node)) for node in nodes)

    def _is_run_inside(self, function: FunctionNode) -> bool:
        """Whether such code runs a function whenever it is run: no chain of other calls leads there from a function without callers."""
        if function.id not in self._run_inside:
            self._run_inside[function.id] = self._find_run_inside(function)
        return self._run_inside[function.id]

    def _find_run_inside(self, function: FunctionNode) -> bool:
        pending, seen, is_entered = [function], {function.id}, False
        while pending:
            here = pending.pop()
            sites = self._effects.edges.get(here.id, ())
            if not sites:
                return False
            for site in sites:
                if self._is_inside(site, starts=here.outline.is_async):
                    is_entered = True
                elif site.function.id not in seen:
                    seen.add(site.function.id)
                    pending.append(site.function)
        return is_entered

    def _is_inside(self, site: Site, *, starts: bool) -> bool:
        """Whether a call site is part of such code. A call that `starts` a coroutine is, if a block uses the coroutine."""
        if not self._bodies.mentions(site.function, self._words):
            return False
        around = self._bodies.around(site)
        for place in () if around is None else around.places:
            match place.statement:
                case For(iterable=iterable) if place.role == "body" and self._calls(iterable, site.function, _PASSES):
                    return True
                case With() as block if place.role == "body" and self._is_block(block, site.function):
                    return True
        return starts and around is not None and self._is_used_inside(around.places[-1], site.function)

    def _is_used_inside(self, place: EnclosingStatement, scope: FunctionNode) -> bool:
        """Whether a block uses what a statement assigns to a name: coroutines that it awaits."""
        body = self._bodies.body(scope)
        if not isinstance(place.statement, Assign) or body is None:
            return False
        names = {target.id for target in place.statement.targets if isinstance(target, Name)}
        blocks = (each for each in statements_in(body.statements) if isinstance(each, With) and self._is_block(each, scope))
        return any(names & reads(expr) for block in blocks for expr in expressions_in(block.body))

    def _is_block(self, statement: With, scope: FunctionNode) -> bool:
        return any(self._calls(item, scope, self._blocks) for item, _ in statement.items)

    def _calls(self, expr: Expr, scope: FunctionNode, paths: frozenset[str]) -> bool:
        return isinstance(expr, Call) and any(path in paths for path in self._resolver.paths(expr.function, scope))
