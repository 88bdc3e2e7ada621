"""Functions that a decorator hands to an engine, which runs them once per row: `@udf`."""

from __future__ import annotations

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Repetition
from surfacelint.facts.expressions import Call, Collection, Expr, Name
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Surroundings
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class Mapping:
    """What maps a function: the row of the decorator, and the decorator without its arguments."""

    row: Repetition
    decorator: Expr


class MappedFunctions:
    """Answers for the functions of one program."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, bodies: Bodies) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._bodies = bodies
        self._known: dict[str, Mapping | None] = {}

    def mapping(self, function: FunctionNode) -> Mapping | None:
        """Return what maps a function over rows, `None` if no decorator does."""
        if not function.outline.decorators:
            return None
        if function.id not in self._known:
            self._known[function.id] = self._mapping(function)
        return self._known[function.id]

    def _mapping(self, function: FunctionNode) -> Mapping | None:
        for decorator in function.outline.decorators:
            for path in self._resolver.bare_paths(decorator, function.parent or function):
                row = self._catalogue.repetition(path)
                if row is not None and row.items == "none" and row.per != "once":
                    called = decorator.function if isinstance(decorator, Call) else decorator
                    return Mapping(row, called)
        return None

    def frame(self, site: Site, around: Surroundings) -> EnclosingRepetition | None:
        """Return the repetition of a call site by the decorator of its function, `None` without one.

        The parameters hold the item. The repetition stands where the call stands, because nothing else in the body shows it.
        """
        mapping, body = self.mapping(site.function), self._bodies.body(site.function)
        if mapping is None or body is None:
            return None
        item = Collection("tuple", tuple([Name(parameter.name) for parameter in site.function.outline.parameters]))
        return EnclosingRepetition(
            "decorator",
            site.call.span,
            item,
            None,
            -1,
            around.expressions,
            Call(mapping.decorator, (), site.call.span),
            row=mapping.row,
            body=body.statements,
        )
