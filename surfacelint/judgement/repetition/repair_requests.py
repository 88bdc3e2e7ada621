"""Requests that are made only where an answer could not be read: to repair it, or to ask again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Collection, dotted
from surfacelint.facts.function_bodies import Handler, Return, Try
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import Around, Block, Place
from surfacelint.judgement.flow.identity_memo import ByIdentity
from surfacelint.judgement.flow.route_memo import first_along
from surfacelint.linking.calls.request_summaries import Effect


class Repairs:
    """Answers for the ways of one program."""

    def __init__(self, catalogue: Catalogue, bodies: Bodies) -> None:
        self._errors = catalogue.parse_errors
        self._bodies = bodies
        self._known: dict[Effect, str] = {}
        self._returning: ByIdentity[list[tuple[int, Handler]]] = ByIdentity()

    def error(self, way: Effect, around: Around, depth: int) -> str:
        """Return the name of the error without which a way is not taken, empty if there is none.

        `around` is what its first site stands in, of which only that counts which is deeper than `depth`.
        """
        return self._handled(around.places[depth + 1 :]) or first_along(way.rest, self._around, "", self._known)

    def _around(self, way: Effect) -> str:
        around = self._bodies.around(way.hop.site)
        return "" if around is None else self._handled(around.places)

    def _handled(self, places: tuple[Place, ...]) -> str:
        handler = next(self._failed(places), None)
        return "" if handler is None else ", ".join(sorted(_names(handler)))

    def _failed(self, places: tuple[Place, ...]) -> Iterator[Handler]:
        """Yield what has to be handled before a statement is come to, and is about parsing.

        The statement stands in a handler, or behind a `try` that returns otherwise.
        """
        for outer, inner in pairwise(places):
            if isinstance(outer.statement, Try) and outer.role == "handler":
                yield from (each for each in outer.statement.handlers if each.body is inner.block and self._is_about_parsing(each))
        for place in places:
            returning = self._returning.get((place.block,), partial(self._first_in, place.block))
            yield from (handler for index, handler in returning if index < place.index)

    def _first_in(self, block: Block) -> list[tuple[int, Handler]]:
        """Return the first handler about parsing without which a `try` of a block returns, with the number of that statement."""
        found: list[tuple[int, Handler]] = []
        for index, before in enumerate(block):
            if isinstance(before, Try) and before.body and isinstance(before.body[-1], Return) and len(before.handlers) == 1:
                found.append((index, before.handlers[0]))
        return [each for each in found if self._is_about_parsing(each[1])][:1]

    def _is_about_parsing(self, handler: Handler) -> bool:
        names = _names(handler)
        return bool(names) and names <= self._errors


def _names(handler: Handler) -> frozenset[str]:
    """Return the last names of the exceptions that a handler is for."""
    kinds = handler.type.items if isinstance(handler.type, Collection) else () if handler.type is None else (handler.type,)
    return frozenset((dotted(kind) or "").rpartition(".")[2] for kind in kinds)
