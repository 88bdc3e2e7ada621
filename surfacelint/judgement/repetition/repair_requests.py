"""Repair requests: made only if an answer could not be parsed, to repair it or to ask again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Collection, dotted
from surfacelint.facts.function_bodies import Handler, Return, Try
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import Block, EnclosingStatement, Surroundings
from surfacelint.judgement.flow.hop_search import first_along
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.repetition.error_flags import flagging_handler
from surfacelint.linking.calls.request_summaries import Effect


class RepairRequests:
    """Finds repair requests among the effects of one program, memoized."""

    def __init__(self, catalogue: Catalogue, bodies: Bodies) -> None:
        self._errors = catalogue.parse_errors
        self._bodies = bodies
        self._known: dict[Effect, str] = {}
        self._returning: IdentityMemo[list[tuple[int, Handler]]] = IdentityMemo()

    def error(self, effect: Effect, around: Surroundings, depth: int) -> str:
        """Return the names of the parse errors that must occur before an effect's request is made, empty if none must.

        `around` is the code around its first site; only what is nested deeper than `depth` counts.
        """
        return self._handled(around.places[depth + 1 :]) or first_along(effect.rest, self._around, "", self._known)

    def _around(self, effect: Effect) -> str:
        around = self._bodies.around(effect.hop.site)
        return "" if around is None else self._handled(around.places)

    def _handled(self, places: tuple[EnclosingStatement, ...]) -> str:
        handler = next(self._failed(places), None)
        return "" if handler is None else ", ".join(sorted(_names(handler)))

    def _failed(self, places: tuple[EnclosingStatement, ...]) -> Iterator[Handler]:
        """Yield the handlers of parse errors that must run before the statement in `places` does.

        The statement is inside such a handler, follows a `try` that returns without an error, or needs a flag that tells of the error.
        """
        for outer, inner in pairwise(places):
            if isinstance(outer.statement, Try) and outer.role == "handler":
                yield from (each for each in outer.statement.handlers if each.body is inner.block and self._is_about_parsing(each))
        for place in places:
            returning = self._returning.get((place.block,), partial(self._first_in, place.block))
            yield from (handler for index, handler in returning if index < place.index)
            flagging = flagging_handler(place, places[0].block, self._is_about_parsing)
            if flagging is not None:
                yield flagging

    def _first_in(self, block: Block) -> list[tuple[int, Handler]]:
        """Return the first handler of parse errors of a `try` in a block that otherwise returns, with the index of the `try`."""
        found: list[tuple[int, Handler]] = []
        for index, before in enumerate(block):
            if isinstance(before, Try) and before.body and isinstance(before.body[-1], Return) and len(before.handlers) == 1:
                found.append((index, before.handlers[0]))
        return [each for each in found if self._is_about_parsing(each[1])][:1]

    def _is_about_parsing(self, handler: Handler) -> bool:
        names = _names(handler)
        return bool(names) and names <= self._errors


def _names(handler: Handler) -> frozenset[str]:
    """Return the exceptions that a handler catches, each by the last part of its name."""
    kinds = handler.type.items if isinstance(handler.type, Collection) else () if handler.type is None else (handler.type,)
    return frozenset((dotted(kind) or "").rpartition(".")[2] for kind in kinds)
