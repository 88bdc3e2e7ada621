"""The fix of a realtime request in a loop: submit its requests as a batch. Unsafe, because the answers arrive later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import cast

import libcst as cst

from surfacelint.codemods.batch_module import NAMES
from surfacelint.codemods.batch_module_place import batch_module_place
from surfacelint.codemods.documents import Document, Documents
from surfacelint.codemods.loop_to_batch.call_spelling import COMPREHENSIONS
from surfacelint.codemods.loop_to_batch.item_walks import ItemWalk, counted_walk, item_walk
from surfacelint.codemods.loop_to_batch.prepared_calls import PreparedCalls
from surfacelint.codemods.loop_to_batch.program_changes import ProgramChanges
from surfacelint.codemods.loop_to_batch.repeatable_code import blocks_aside, check_function, is_wholly_repeatable, one_line
from surfacelint.codemods.loop_to_batch.request_counts import (
    MOST_STAGES,
    Known,
    attempts,
    call_counts,
    count_requests,
    function_count,
    is_retried_by_decorator,
)
from surfacelint.codemods.loop_to_batch.request_routes import Route, RoutedCall, routes_of
from surfacelint.codemods.loop_to_batch.request_wrapping import adapt_function, end_rehearsal, feature_of, hold_back, wrap_request
from surfacelint.codemods.loop_to_batch.statement_loops import LoopRun
from surfacelint.codemods.loop_to_batch.stored_state import check_stores
from surfacelint.codemods.loop_to_batch.while_loops import walked_by_for
from surfacelint.codemods.loop_to_batch.wrapping_decorators import check_decorators
from surfacelint.codemods.refusals import Refusal, RefusedError
from surfacelint.model.findings import Applicability, Finding, Fix, Location
from surfacelint.model.workloads import RequestRoute, Workload
from surfacelint.system.records import record
from surfacelint.visitors.source_tree import SourceTree


def move_to_batch(finding: Finding, workload: Workload, documents: Documents) -> Fix | Refusal:
    """Return the fix that submits the requests of a repetition as batches, or what prevents it."""
    try:
        if workload.waiting.answer == "yes":
            raise RefusedError("a user waits, and a batch would answer hours later")
        if workload.repetition is not None and workload.repetition.elsewhere:
            raise RefusedError(f"`{workload.repetition.via or 'a decorator'}` makes the calls later or elsewhere")
        feature_of(workload.routes[0])
        return _moved(workload, documents)
    except RefusedError as error:
        return Refusal(error.reason)


def _moved(workload: Workload, documents: Documents) -> Fix | Refusal:
    """Return the fix of a workload, or why there is none. That of a loop is the same for all of its calls, and made once.

    Raises `RefusedError`.
    """
    first = _Move(workload, workload.routes[:1], documents)
    frames, own = first.frames(), first.routes[0]
    if not isinstance(frames[-1], cst.For | cst.While) or first.is_started:
        return _Move(workload, workload.routes, documents).outcome().of(own.request)

    def outcome() -> _Outcome:
        beside = (route for each in documents.beside(workload) for route in each.routes)
        return _Move(workload, chain(workload.routes, beside), documents).outcome()

    key = (_moved, own.last.document.path, own.request.endpoint.mode, workload.repetition, workload.progress, workload.walks, *frames)
    return documents.once(key, outcome).of(own.request)


@record(frozen=True, slots=True)
class _Outcome:
    """What moving the requests of a repetition leads to: the fix, or why there is none.

    `obstacles` say why single requests cannot move, by the calls that lead to them.
    """

    fix: Fix | Refusal
    obstacles: Mapping[tuple[Location, ...], str]

    def of(self, route: RequestRoute) -> Fix | Refusal:
        """Return the outcome for a finding about a route, whose request has to move."""
        obstacle = self.obstacles.get(route.calls, "")
        return Refusal(obstacle) if obstacle else self.fix


@record(frozen=True, slots=True)
class _Tries:
    """How many requests an item sends one after the other, and how often a failed one is sent."""

    stages: int
    attempts: int


class _Move:
    """Moves the requests of a repetition to batches. The first of the routes belongs to the workload."""

    def __init__(self, workload: Workload, routes: Iterable[RequestRoute], documents: Documents) -> None:
        self._workload = workload
        self._documents = documents
        self.routes = routes_of(routes, documents)
        self._site = self.routes[0].calls[0]
        self._obstacles: dict[tuple[Location, ...], str] = {}

    @property
    def is_started(self) -> bool:
        """Whether the calls are started together, by something like `gather` or `submit`."""
        return self._workload.repetition is not None and self._workload.repetition.kind == "fan-out"

    def outcome(self) -> _Outcome:
        """Return the fix, or why there is none, and the obstacles of single requests."""
        try:
            return _Outcome(self._fix(), self._obstacles)
        except RefusedError as error:
            return _Outcome(Refusal(error.reason), self._obstacles)

    def _fix(self) -> Fix:
        place = batch_module_place(self.routes[0].last.document, self._site.document, self._documents)
        changes = ProgramChanges(place.name)
        frames = self.frames()
        walk = self._walk(frames[-1])
        if walk is not None:
            frames = self._with_walk(frames, walk)
        check_stores(frames[-1], self.routes)
        known = call_counts(self.routes)
        known_obstacles: dict[object, str] = {}
        for route in self.routes:
            self._obstacles[route.request.calls] = self._obstacle(route, frames[-1], known_obstacles)
        moved = tuple(route for route in self.routes if not self._obstacles[route.request.calls])
        if not moved:
            raise RefusedError(self._obstacles[self.routes[0].request.calls])
        for route in self.routes:
            wrap_request(route, changes) if route in moved else hold_back(route, changes)
        self._rewrite(frames, known, self._tries(frames[-1], moved, known, changes), changes)
        features = frozenset(feature_of(route.request) for route in moved)
        edits, files = place.provide(features | (changes.names & NAMES) | self._methods(changes), self._documents)
        return Fix("submit the requests as a batch", (*changes.edits(), *edits), Applicability.UNSAFE, files)

    def _tries(self, innermost: cst.CSTNode, moved: tuple[Route, ...], known: Known, changes: ProgramChanges) -> _Tries:
        """Adapt the functions on the way to the requests, and return how often these are sent. Raises `RefusedError`."""
        body = innermost.body if isinstance(innermost, cst.For) else innermost
        stages, often = count_requests(self._site.tree, body, known).most, attempts(moved, innermost)
        inner = [call for route in moved for call in route.calls[1:]]
        for call in inner:
            if stages > 1:
                check_function(call, whole=True)
            for block in blocks_aside(call, self._sending()) if stages == 1 else ():
                end_rehearsal(call, block.body[0], changes)
            check_decorators(call)
            adapt_function(call, changes)
        by_code = often > 1 and not any(map(is_retried_by_decorator, inner))
        if by_code and all(map(is_wholly_repeatable, inner)):
            return _Tries(min(max(stages, often), MOST_STAGES), 1)
        return _Tries(stages, often)

    def _obstacle(self, route: Route, innermost: cst.CSTNode, known: dict[object, str]) -> str:
        """Return why the request of a route cannot move, or an empty string. `known` are the answers about calls, which routes share."""
        try:
            feature_of(route.request)
            attempts((route,), innermost)
        except RefusedError as error:
            return error.reason
        for depth, call in enumerate(route.calls[1:], start=1):
            key = (depth, call.place)
            if key not in known:
                known[key] = self._obstacle_in_function(call, depth)
            if known[key]:
                return known[key]
        return ""

    def _obstacle_in_function(self, call: RoutedCall, depth: int) -> str:
        """Return why the function that holds a call cannot run in passes, or an empty string."""
        try:
            check_function(call, whole=self._passes_by(call, depth), sends_once=True, aside=blocks_aside(call, self._sending()))
        except RefusedError as error:
            return error.reason
        return ""

    def _sending(self) -> set[cst.Call]:
        """Return all calls that lead to requests."""
        return {call.node for route in self.routes for call in route.calls}

    def _passes_by(self, call: RoutedCall, depth: int) -> bool:
        """Whether a run of the function that holds a call may send no request."""
        alike = [each for each in self.routes if len(each.calls) > depth and each.calls[depth].function == call.function]
        return function_count(call, alike, depth).least == 0

    def _walk(self, loop: cst.CSTNode) -> ItemWalk | None:
        """Return what has to take the place of a loop, so that its items are known before it runs."""
        tree = self._site.tree
        if isinstance(loop, cst.While):
            return item_walk(tree, loop)
        if isinstance(loop, cst.For):
            sending = {route.calls[0].node for route in self.routes}
            first = next((each for each in loop.body.body if any(node in sending for node in tree.inside(each))), None)
            return None if first is None else counted_walk(tree, loop, first)
        return None

    def _with_walk(self, frames: list[cst.CSTNode], walk: ItemWalk) -> list[cst.CSTNode]:
        """Put a walk in the place of the innermost loop, and return the repetitions in the rewritten tree."""
        loop = cast("cst.While | cst.For", frames[-1])
        outer = [self._site.tree.span(each).start for each in frames[:-1]]
        made, self.routes = walked_by_for(self._site.tree, loop, walk, self.routes)
        self._site = self.routes[0].calls[0]
        tree = self._site.tree
        found = [each for each in tree.all_nodes() if isinstance(each, cst.For | cst.While) and tree.span(each).start in outer]
        return [*sorted(found, key=lambda each: tree.span(each).start), made]

    @property
    def _is_async(self) -> bool:
        return self.routes[0].request.endpoint.mode == "async"

    def _methods(self, changes: ProgramChanges) -> set[str]:
        return {"async_passes" if self._is_async else "passes"} if "BatchRun" in changes.names else set()

    def _rewrite(self, frames: list[cst.CSTNode], known: Known, tries: _Tries, changes: ProgramChanges) -> None:
        document, tree = self._site.document, self._site.tree
        if any(isinstance(each, cst.While) for each in frames):
            raise RefusedError("a `while` loop walks the items")
        loops = [each for each in frames if isinstance(each, cst.For)]
        innermost = frames[-1]
        if not isinstance(innermost, cst.For) or self.is_started:
            stages, is_direct = max(tries.stages, known[self._site.node].most), len(self.routes[0].calls) == 1
            PreparedCalls(document, tree, self._site.node, innermost, stages, tries.attempts, self._is_async, is_direct).rewrite(changes)
            loops = loops[:-1] if isinstance(innermost, cst.For) else loops
        if loops:
            direct = frozenset(route.last.node for route in self.routes if len(route.calls) == 1)
            display = self._display(tree, document)
            LoopRun(
                document, tree, self.routes, tuple(loops), known, direct, tries.stages, tries.attempts, self._is_async, display
            ).rewrite(changes)

    def _display(self, tree: SourceTree, document: Document) -> cst.Call | None:
        progress = self._workload.progress
        return None if progress is None or progress.location.path != document.path else tree.call_at(document.span(progress.location))

    def frames(self) -> list[cst.CSTNode]:
        """Return the repetitions over items around the call, outermost first. Raises `RefusedError` if the source does not show them."""
        site = self._site
        walks = [site.document.span(location) for location in self._workload.walks]
        found: list[cst.CSTNode] = []
        if any(walk.end == site.tree.span(site.node).end for walk in walks):
            found.append(site.node)
        for node in site.tree.ancestors(site.node):
            if isinstance(node, cst.FunctionDef):
                break
            span = site.tree.span(node)
            if (
                (isinstance(node, cst.For | cst.While) and any(walk.start == span.start for walk in walks))
                or (isinstance(node, COMPREHENSIONS) and any(walk.start <= span.start and span.end <= walk.end for walk in walks))
                or (isinstance(node, cst.Call) and any(walk.end == span.end for walk in walks))
            ):
                found.append(node)
        if not found:
            raise RefusedError(f"LibCST cannot see what repeats `{one_line(site.tree, site.node)}`")
        return found[::-1]
