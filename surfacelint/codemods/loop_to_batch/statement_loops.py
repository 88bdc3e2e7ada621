"""Runs loops in the passes of a batch run: `for x in xs:` → `for x in batch.passes(xs):`, with the body as an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import libcst as cst

from surfacelint.codemods.documents import Document
from surfacelint.codemods.loop_to_batch.carried_state import carried_path
from surfacelint.codemods.loop_to_batch.item_block import ItemBlock
from surfacelint.codemods.loop_to_batch.loop_surroundings import (
    check_answers,
    check_callers,
    check_consumers,
    check_exits,
    check_items,
    check_properties,
)
from surfacelint.codemods.loop_to_batch.program_changes import ProgramChanges
from surfacelint.codemods.loop_to_batch.request_counts import MOST_STAGES, Known, count_requests
from surfacelint.codemods.loop_to_batch.request_routes import Route
from surfacelint.codemods.refusals import RefusedError
from surfacelint.codemods.tree_edits import preceded_by
from surfacelint.facts.expressions import Position
from surfacelint.system.records import record
from surfacelint.visitors.lasting_effects import OwnNames, own_names, target_names
from surfacelint.visitors.name_bindings import fresh_name, mentioned_names
from surfacelint.visitors.source_tree import SourceTree

_CONTAINERS = frozenset({"list", "dict", "set", "defaultdict", "Counter", "OrderedDict", "deque"})
_BUNDLE = (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp)


@dataclass(frozen=True, slots=True)
class LoopRun:
    """Loops over items that become the passes of one run, outermost first. `requests` are the calls in them with their numbers of requests.

    `direct` are those that send it themselves. `stages` is the least number of rehearsals, `attempts` how often failed requests are tried.
    `display` is the call of a progress bar in the head of a loop.
    """

    document: Document
    tree: SourceTree
    routes: tuple[Route, ...]
    loops: tuple[cst.For, ...]
    requests: Known
    direct: frozenset[cst.Call]
    stages: int
    attempts: int
    is_async: bool
    display: cst.Call | None = None

    def rewrite(self, changes: ProgramChanges) -> None:
        """Add the changes of the loops. Raises `RefusedError`."""
        innermost = self.loops[-1]
        parallel = self._parallel(innermost)
        stages = self._stages(innermost, parallel)
        taken = self.tree.once(mentioned_names)
        resetting: list[str] = []
        for loop in self.loops:
            batch = fresh_name("batch", taken)
            taken |= {batch}
            self._check_carried(loop)
            block = self._block(changes, loop, stages, batch, resetting)
            block.parallel = parallel if loop is innermost else ()
            block.adapt(loop.body.body)
            changes.change(self.document, self.tree, loop, _Passes(self, loop, block).rewritten)
            self._make_run(changes, loop, batch, stages)

    def _make_run(self, changes: ProgramChanges, loop: cst.For, batch: str, stages: int) -> None:
        """Make the run before its loop. The settings of the outermost one hold for all."""
        made = changes.name(self.document, self.tree, loop, "BatchRun")
        settings = [f"stages={stages}"] * (stages > 1) + [f"attempts={self.attempts}"] * (self.attempts > 1)
        run = f"{batch} = {made}({', '.join(settings if loop is self.loops[0] else ())})"
        changes.change(self.document, self.tree, loop, preceded_by(run))

    def _block(self, changes: ProgramChanges, loop: cst.For, stages: int, batch: str, resetting: list[str]) -> ItemBlock:
        scope = self.tree.function_around(loop) or self.tree.module
        return ItemBlock(
            self.document,
            self.tree,
            changes,
            self.requests,
            stages,
            batch,
            own=self._own_names(loop),
            containers=self._containers(scope, self.loops[0]),
            scope=loop,
            direct=self.direct,
            walks=frozenset(self.loops[self.loops.index(loop) + 1 :]),
            resetting=resetting,
            is_outermost=loop is self.loops[0],
        )

    def _stages(self, innermost: cst.For, parallel: Sequence[cst.CSTNode]) -> int:
        """Return how many requests an item sends one after the other. Raises `RefusedError` if they are too many."""
        if parallel:
            found = max(count_requests(self.tree, each, self.requests).most for each in parallel)
        else:
            found = max(self.stages, count_requests(self.tree, innermost.body, self.requests).most)
        if found > MOST_STAGES:
            raise RefusedError(f"an item sends up to {found} requests, one after the other")
        return max(1, found)

    def _parallel(self, loop: cst.For) -> tuple[cst.CSTNode, ...]:
        """Return the statements of a loop that send requests, if there are several and none needs what an earlier one binds."""
        sending = [each for each in loop.body.body if count_requests(self.tree, each, self.requests).most]
        if len(sending) < 2 or not all(isinstance(each, cst.SimpleStatementLine) for each in sending):
            return ()
        bound: set[str] = set()
        for statement in loop.body.body[: loop.body.body.index(sending[-1]) + 1]:
            if bound & {node.value for node in self.tree.inside(statement) if isinstance(node, cst.Name)}:
                return ()
            if statement in sending:
                bound |= own_names(self.tree, statement).bound
        return tuple(sending)

    def _own_names(self, loop: cst.For) -> OwnNames:
        own = own_names(self.tree, loop)
        targets = frozenset(target_names(loop.target))
        return OwnNames(own.bound | targets, own.fresh - targets)

    def _containers(self, scope: cst.CSTNode, loop: cst.For) -> frozenset[str]:
        """Return the names to which the function assigns a new list, dict or set before the loop."""
        found: set[str] = set()
        start = self.tree.span(loop).start
        for each in self.tree.once_for(scope, _assignments):
            if each.start >= start:
                break
            found = found | each.names if each.is_container else found - each.names
        return frozenset(found)

    def _check_carried(self, loop: cst.For) -> None:
        """Raise `RefusedError` for what an item reads before its request and an earlier item wrote."""
        own = self._own_names(loop)
        carried = carried_path(self.tree, loop, self.requests, own, self.document.modules)
        if carried:
            raise RefusedError(f"`{carried}` carries from one item to the next")
        check_items(self.document, self.tree, loop, self.routes)
        check_properties(self.document, self.tree, loop, self.requests)
        check_exits(self.tree, loop, self.requests)
        check_callers(self.document, self.tree, loop)
        check_consumers(self.document, self.tree, loop, self.routes)
        check_answers(loop, self.tree, self.routes, self.requests, own)


@record(frozen=True, slots=True)
class _Assignment:
    """An assignment of one value to names."""

    start: Position
    names: frozenset[str]
    is_container: bool


def _assignments(tree: SourceTree, scope: cst.CSTNode) -> tuple[_Assignment, ...]:
    """Return the assignments of a scope, in order."""
    found: list[_Assignment] = []
    for node in tree.inside(scope):
        if isinstance(node, cst.Assign | cst.AnnAssign) and node.value is not None:
            targets = [each.target for each in node.targets] if isinstance(node, cst.Assign) else [node.target]
            for target, value in (pair for whole in targets for pair in _paired(whole, node.value)):
                made = isinstance(value, cst.Call) and isinstance(value.func, cst.Name) and value.func.value in _CONTAINERS
                is_container = made or isinstance(value, _BUNDLE)
                found.append(_Assignment(tree.span(node).start, frozenset(target_names(target)), is_container))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Passes:
    """Rewrites the head and the body of one loop."""

    run: LoopRun
    loop: cst.For
    block: ItemBlock

    def rewritten(self, updated: cst.For) -> cst.For:
        method = "async_passes" if self.run.is_async else "passes"
        items, bar = self._items(updated.iter)
        arguments = [cst.Arg(_enclosed(items))]
        if bar is not None:
            arguments.append(_keyword("bar", bar))
        if self.block.resetting and self.block.is_outermost:  # an inner loop walks its items once in each pass of the outer one
            arguments.append(_keyword("resetting", cst.parse_expression(f"[{', '.join(self.block.resetting)}]")))
        call = cst.Call(cst.parse_expression(f"{self.block.batch}.{method}"), arguments)
        body = updated.body
        inner = body.with_changes(header=cst.TrailingWhitespace()) if isinstance(body, cst.IndentedBlock) else body
        item = cst.With([cst.WithItem(cst.parse_expression(f"{self.block.batch}.item()"))], inner)
        header = body.header if isinstance(body, cst.IndentedBlock) else cst.TrailingWhitespace()
        asynchronous = (updated.asynchronous or cst.Asynchronous()) if self.run.is_async else None
        return updated.with_changes(iter=call, body=cst.IndentedBlock([item], header=header), asynchronous=asynchronous)

    def _items(self, iterable: cst.BaseExpression) -> tuple[cst.BaseExpression, cst.BaseExpression | None]:
        """Return what the loop walks without a progress bar, and the function that makes the bar."""
        display = self.run.display
        if display is None or not display.args or display not in self.run.tree.within(self.loop.iter):
            return iterable, None
        walked = display.args[0].value
        items = walked if display is self.loop.iter else cast(cst.BaseExpression, self.loop.iter.deep_replace(display, walked))
        if len(display.args) == 1:
            return items, display.func
        first = display.args[0].with_changes(value=cst.Name("ticks"))
        shown = display.with_changes(args=[first, *display.args[1:]])
        bar = cst.Lambda(cst.Parameters([cst.Param(cst.Name("ticks"))]), shown)
        return items, bar


def _keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    bare = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return cst.Arg(value, cst.Name(name), equal=bare)


def _enclosed(node: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(node, cst.Tuple) and not node.lpar:
        return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return node


def _paired(target: cst.BaseExpression, value: cst.BaseExpression) -> list[tuple[cst.BaseExpression, cst.BaseExpression]]:
    """Return the targets of an assignment with their values; displays of the same length are paired item by item: `a, b = [], {}`."""
    if isinstance(target, cst.Tuple) and isinstance(value, cst.Tuple) and len(target.elements) == len(value.elements):
        return [(each.value, own.value) for each, own in zip(target.elements, value.elements, strict=True)]
    return [(target, value)]
