"""Bodies on demand: only functions on a way to a request are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from surfacelint.facts.expressions import Position
from surfacelint.facts.function_bodies import Body
from surfacelint.judgement.flow.enclosing_statements import Around, Whereabouts
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_MOST = 200
"""Bodies of which it is remembered where each call stands: one is asked about many times in a row, and then rarely."""


class BodySource(Protocol):
    """Where bodies come from."""

    def body(self, function: FunctionNode) -> Body | None:
        """Return the body of a function, `None` where it cannot be read."""

    def text(self, module: str) -> str:
        """Return the text of a module, empty where it cannot be read."""


class Bodies:
    """Bodies and the surroundings of call sites, remembered."""

    def __init__(self, source: BodySource) -> None:
        self._source = source
        self._bodies: dict[str, Body | None] = {}
        self._around: dict[tuple[str, Position], Around | None] = {}
        self._whereabouts: dict[str, Whereabouts | None] = {}
        self._lines: dict[str, str] = {}

    def body(self, function: FunctionNode) -> Body | None:
        """Return the body of a function, `None` where it cannot be read."""
        if function.id not in self._bodies:
            self._bodies[function.id] = self._source.body(function)
        return self._bodies[function.id]

    def mentions(self, function: FunctionNode, words: Iterable[str]) -> bool:
        """Say whether one of some words stands in the lines of a function, which costs far less than its body."""
        lines = self._lines.get(function.id)
        if lines is None:
            first, last = function.outline.lines
            lines = self._lines[function.id] = "\n".join(self._source.text(function.module.name).split("\n")[first - 1 : last])
        return any(word in lines for word in words)

    def around(self, site: Site) -> Around | None:
        """Return what is around a call site; `None` where it does not stand in the body of its function."""
        id_, end = site.function.id, site.call.span.end
        if (id_, end) not in self._around:
            if id_ not in self._whereabouts:
                if len(self._whereabouts) >= _MOST:
                    self._whereabouts.clear()
                body = self.body(site.function)
                self._whereabouts[id_] = None if body is None else Whereabouts(body)
            found = self._whereabouts[id_]
            self._around[id_, end] = None if found is None else found.of(end)
        return self._around[id_, end]
