"""The construct of a workload: what the visitors see of it in the source."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

import libcst as cst

from surfacelint.facts.expressions import Span
from surfacelint.model.findings import Location
from surfacelint.model.workloads import Workload
from surfacelint.system.records import record
from surfacelint.visitors.handler_visitor import Handler, handler_around
from surfacelint.visitors.progress_visitor import Progress, progress_at
from surfacelint.visitors.repetition_visitor import ComprehensionParts, RepeatingCall, Repetition, Round, header, repetition_around
from surfacelint.visitors.source_tree import Reported, SourceTree, children
from surfacelint.visitors.spellings import respelled

Placed = Callable[[Location], Span]
"""Returns the span of a location in the text of its file, which differs from it in a notebook."""

MOST_PARTS = 200
"""Expressions that are looked at in one node to find the one that a message names."""

Statement: TypeAlias = "cst.BaseSmallStatement | cst.BaseCompoundStatement"

_REPEATED = frozenset({"repeated", "pseudo-batch", "batch-of-one", "endless-poll"})


@record(frozen=True, slots=True)
class Construct:
    """What a workload looks like in the source.

    - `call`: the reported expression. `path` are the nodes around it, outermost first, the expression last.
    - `handler`: the function around it, and what waits there for a batch.
    - `repetition`: what repeats it, for kinds of workloads that are repeated. `reported` is the repetition that the analysis reports,
      `walks` are those that walk over items, outermost first.
    - `progress`: what shows or reports the progress of the repetition, if it is in the same function.
    """

    tree: SourceTree
    path: tuple[cst.CSTNode, ...]
    handler: Handler
    repetition: Repetition | None = None
    reported: Round | None = None
    walks: tuple[Round, ...] = ()
    progress: Progress | None = None

    @property
    def call(self) -> Reported:
        """The reported call, or what else is reported."""
        return self.handler.call

    @property
    def span(self) -> Span:
        """The span of the reported expression in the text of the file."""
        return self.tree.span(self.call)

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows of the text that show the construct: its header, its progress display and what waits, in order, each once."""
        return tuple(sorted(set(self._rows())))

    def _rows(self) -> Iterator[int]:
        for node in self._telling():
            yield self.tree.span(node).start.line

    def _telling(self) -> Iterator[cst.CSTNode]:
        if self.repetition is not None:
            yield from map(header, self.repetition.rounds)
        else:
            yield from self.handler.decorators
            if self.handler.function is not None:
                yield self.handler.function
        yield from self.handler.waits
        if self.progress is not None:
            yield self.progress.call

    def statement(self, node: cst.CSTNode | None = None) -> Statement | None:
        """Return the statement that holds a node around the reported expression, or that expression: the node itself if it is one."""
        path = self.path if node is None else self.path[: self.path.index(node) + 1]
        return next((each for each in reversed(path) if isinstance(each, cst.BaseSmallStatement | cst.BaseCompoundStatement)), None)

    def respelled(self, message: str) -> str:
        """Return a message in which code in backticks is spelled as in the construct."""
        named: list[cst.CSTNode] = [self.call]
        named += [each.func for each in self.path[:-1] if type(each) is cst.Call]
        if self.reported is not None and not isinstance(self.reported, RepeatingCall):
            named += [self.reported.items, *([] if self.reported.targets is None else [self.reported.targets])]
        if self.progress is not None:
            named.append(self.progress.call)
        return respelled(message, [self.tree.code(each) for each in named], lambda: self._parts(named))

    def _parts(self, nodes: Sequence[cst.CSTNode]) -> Iterator[str]:
        """Yield the source of the expressions in nodes, outer ones first, and not of all in very long ones."""
        for node in nodes:
            yield from (self.tree.code(each) for each in islice(_expressions(node), MOST_PARTS))


def construct_of(workload: Workload, tree: SourceTree, placed: Placed) -> Construct | None:
    """Return the construct of a workload in the tree of its function, or `None` if the tree does not show what the analysis reports."""
    path = tree.path_to(placed(workload.site))
    if not path:
        return None
    if workload.kind not in _REPEATED:
        return Construct(tree, path, handler_around(path, *waiting_methods(workload)))
    handler, repeated = handler_around(path), workload.repetition
    if repeated is None:
        repetition = repetition_around(path, False)
        return None if repetition is None else Construct(tree, path, handler, repetition)
    repetition = repetition_around(path, repeated.location == workload.site)
    if repetition is None:
        return None
    reported = _reported(repetition.rounds, placed(repeated.location), tree)
    if reported is None:
        return None
    places = [placed(each) for each in workload.walks]
    walks = tuple(each for each in repetition.rounds if each is reported or any(_stands_at(each, place, tree) for place in places))
    display = workload.progress or workload.report
    progress = None if display is None else progress_at(tree.path_to(placed(display.location)))
    return Construct(tree, path, handler, repetition, reported, walks, progress)


def _expressions(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the expressions of a node, outermost first."""
    waiting = deque([node])
    while waiting:
        each = waiting.popleft()
        if isinstance(each, cst.BaseExpression):
            yield each
        waiting.extend(children(each))


def _reported(rounds: Sequence[Round], place: Span, tree: SourceTree) -> Round | None:
    """Return the innermost repetition at a place."""
    return next((each for each in reversed(rounds) if _stands_at(each, place, tree)), None)


def _stands_at(each: Round, place: Span, tree: SourceTree) -> bool:
    """Whether a repetition is at a place, which for a generator expression includes the parentheses. The end of a loop is not compared."""
    span = tree.span(each.node)
    return span.start == place.start or (isinstance(each, ComprehensionParts) and place.start < span.start and span.end < place.end)


def waiting_methods(workload: Workload) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of the methods by which code polls a batch of the provider, and of those that block until it ends."""
    if workload.kind != "submitted":
        return frozenset(), frozenset()
    named = [(each.surface, each.path.rpartition(".")[2]) for each in workload.provider.endpoints]
    polls, blocks = (frozenset(name for surface, name in named if surface == wanted) for wanted in ("batch-poll", "batch-wait"))
    return polls, blocks
