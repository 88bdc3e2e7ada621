"""The ways from a repetition to its requests, as calls in the syntax trees of the functions on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import libcst as cst

from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.refusals import RefusedError
from surfacelint.model.workloads import RequestRoute
from surfacelint.visitors.source_tree import SourceTree, UnreadableError

MOST_STEPS = 30
"""Most functions between a repetition and its request. A reviewer does not follow more, and each one is read and counted."""


@dataclass(frozen=True, slots=True)
class RoutedCall:
    """A call on the way to a request. `function` is the qualified name of the function that holds it."""

    document: Document
    function: str
    tree: SourceTree
    node: cst.Call

    @property
    def place(self) -> tuple[str, cst.Call]:
        """Identifies the call."""
        return self.document.path, self.node


@dataclass(frozen=True, slots=True)
class Route:
    """A way to a request. The first call is in the repetition, the last sends the request."""

    calls: tuple[RoutedCall, ...]
    request: RequestRoute

    @property
    def last(self) -> RoutedCall:
        """The call that sends the request."""
        return self.calls[-1]


def routes_of(routes: Iterable[RequestRoute], documents: Documents) -> tuple[Route, ...]:
    """Return routes in the source, each way once. Raises `RefusedError` if a call is not to be seen there."""
    found: dict[tuple[object, ...], Route] = {}
    for route in routes:
        calls = tuple(_calls(route, documents))
        found.setdefault(tuple(each.place for each in calls), Route(calls, route))
    return tuple(found.values())


def _calls(route: RequestRoute, documents: Documents) -> Iterator[RoutedCall]:
    if len(route.calls) > MOST_STEPS:
        raise RefusedError(f"the request is behind {len(route.calls) - 1:,} functions")
    for location, function in zip(route.calls, route.functions, strict=True):
        document = documents.at(location.path)
        if document is None:
            raise RefusedError(f"{location.path} cannot be read")
        try:
            tree = document.tree(function)
        except UnreadableError as error:
            raise RefusedError(f"{location.path} {error}") from error
        node = tree.call_at(document.span(location))
        if node is None:
            raise RefusedError(f"LibCST cannot see the call in {location.path}, line {location.span.start.line}")
        yield RoutedCall(document, function, tree, node)
