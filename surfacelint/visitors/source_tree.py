"""The concrete syntax of a few lines of a file, with positions in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from typing import TypeAlias, TypeGuard, TypeVar, cast

import libcst as cst
from libcst.metadata import CodeRange

from surfacelint.extraction.concrete_syntax import ConcreteSyntax, UnreadableSyntaxError, parse_concrete
from surfacelint.facts.expressions import Position, Span

_Node = TypeVar("_Node", bound=cst.CSTNode)
_Made = TypeVar("_Made")

_BLOCK = "if True:\n"
"""Makes indented lines a module. It takes a row of its own, so that columns stay as they are."""


Reported: TypeAlias = "cst.BaseExpression | cst.BaseSmallStatement | cst.BaseCompoundStatement"
"""What a finding is reported at: nearly always a call, sometimes another expression or a statement."""


class UnreadableError(Exception):
    """LibCST cannot read the lines. The text says why."""


@dataclass(frozen=True)
class SourceTree:
    """The concrete syntax tree of consecutive lines of a file. All positions are those of the file.

    `first_row` is the 1-based row of the first line of the tree.
    """

    module: cst.Module
    first_row: int
    _ranges: Mapping[cst.CSTNode, CodeRange] = field(repr=False)
    original: str = field(default="", repr=False)
    """The code before it was rewritten, if it was."""
    _inside: dict[cst.CSTNode, tuple[cst.CSTNode, ...]] = field(default_factory=dict, repr=False)
    _by_kind: dict[type[cst.CSTNode], tuple[cst.CSTNode, ...]] = field(default_factory=dict, repr=False)
    _made: dict[object, object] = field(default_factory=dict, repr=False)

    def rewritten(self, module: cst.Module) -> SourceTree:
        """Return the tree of rewritten code that takes the place of the same lines. Its positions are not those of the file.

        Raises `UnreadableError`.
        """
        parsed = _parsed(module.code)
        return SourceTree(parsed.module, self.first_row, parsed.ranges, self.original or self.text)

    @classmethod
    def of_lines(cls, text: Sequence[str], first: int, last: int) -> SourceTree:
        """Read the 1-based lines `first` to `last` of the lines of a text, such as those of a function. Raises `UnreadableError`."""
        lines = list(text[first - 1 : last])
        while lines and not lines[-1].strip():
            lines.pop()  # LibCST drops blanks at the end
        is_indented = next((line[:1] in " \t" for line in lines if line.strip() and not line.lstrip().startswith("#")), False)
        parsed = _parsed((_BLOCK if is_indented else "") + "\n".join(lines) + "\n")
        return cls(parsed.module, first - is_indented, parsed.ranges)

    def span(self, node: cst.CSTNode) -> Span:
        """Return the span of a node, without parentheses and blanks around it."""
        found = self._ranges[node]
        down = self.first_row - 1
        return Span(Position(found.start.line + down, found.start.column), Position(found.end.line + down, found.end.column))

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node that directly holds `node`, or `None` for the module."""
        return self._parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes around `node`, innermost first."""
        here = self._parents.get(node)
        while here is not None:
            yield here
            here = self._parents.get(here)

    def function_around(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """Return the innermost function with a name that holds `node`, or `None`."""
        return next((each for each in self.ancestors(node) if isinstance(each, cst.FunctionDef)), None)

    def call_at(self, span: Span) -> cst.Call | None:
        """Return the call that ends where `span` ends. The end of a call identifies it."""
        return self._calls.get(span.end)

    def path_to(self, place: Span) -> tuple[cst.CSTNode, ...]:
        """Return the nodes around the expression or statement at `place`, outermost first and itself last; nothing if there is none.

        A span may belong to several nodes: to an expression, and to the statement that it is all of. The innermost one counts.
        """
        path: list[cst.CSTNode] = []
        up = self.first_row - 1
        here: cst.CSTNode | None = self._reported.get((place.start.line - up, place.start.column, place.end.line - up, place.end.column))
        parents = self._parents
        while here is not None:
            path.append(here)
            here = parents.get(here)
        return tuple(path[::-1])

    def once(self, make: Callable[[SourceTree], _Made]) -> _Made:
        """Return what a function makes of the tree. It is made once."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(_Made, self._made[make])

    def once_for(self, node: cst.CSTNode, make: Callable[[SourceTree, cst.CSTNode], _Made]) -> _Made:
        """Return what a function makes of a node. It is made once."""
        if (make, node) not in self._made:
            self._made[make, node] = make(self, node)
        return cast(_Made, self._made[make, node])

    def nodes(self, kind: type[_Node]) -> Iterator[_Node]:
        """Yield the nodes of a kind, in no particular order."""
        known = self._by_kind.get(kind)
        if known is None:
            known = self._by_kind[kind] = tuple(node for node in self.all_nodes() if isinstance(node, kind))
        yield from cast("tuple[_Node, ...]", known)

    def all_nodes(self) -> Iterator[cst.CSTNode]:
        """Yield all nodes, in no particular order."""
        yield from self._ranges

    def inside(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes below `node` in source order, without the code of functions, lambdas and classes in it."""
        known = self._inside.get(node)
        if known is None:
            known = self._inside[node] = tuple(self._below(node))
        yield from known

    def within(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield `node` and the nodes below it, as `inside` does."""
        yield node
        yield from self.inside(node)

    def _below(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        for child in sorted(children(node), key=self._start):
            yield child
            if not isinstance(child, cst.FunctionDef | cst.ClassDef | cst.Lambda):
                yield from self._below(child)

    def code(self, node: cst.CSTNode) -> str:
        """Return the source of a node."""
        return self.module.code_for_node(node)

    @cached_property
    def text(self) -> str:
        """The code of the whole tree."""
        return self.module.code

    @cached_property
    def newline(self) -> str:
        """Line break between lines."""
        return self.module.default_newline

    def _start(self, node: cst.CSTNode) -> tuple[int, int]:
        found = self._ranges.get(node)  # LibCST shares some nodes of blanks
        return (0, 0) if found is None else (found.start.line, found.start.column)

    @cached_property
    def _calls(self) -> Mapping[Position, cst.Call]:
        return {self.span(node).end: node for node in self.nodes(cst.Call)}

    @cached_property
    def _reported(self) -> Mapping[tuple[int, int, int, int], Reported]:
        # An outer node comes before the nodes that it holds, so the innermost one of a span stays.
        found: dict[tuple[int, int, int, int], Reported] = {}
        for node in self._parents:
            if is_reported(node):
                at = self._ranges[node]
                found[at.start.line, at.start.column, at.end.line, at.end.column] = node
        return found

    @cached_property
    def _parents(self) -> Mapping[cst.CSTNode, cst.CSTNode]:
        # Nine times as fast as LibCST's own provider, which copies each node that it visits, and without recursion.
        found: dict[cst.CSTNode, cst.CSTNode] = {}
        waiting: list[cst.CSTNode] = [self.module]
        while waiting:
            node = waiting.pop()
            for child in children(node):
                found[child] = node
                waiting.append(child)
        return found


def _parsed(text: str) -> ConcreteSyntax:
    try:
        return parse_concrete(text)
    except UnreadableSyntaxError as error:
        raise UnreadableError(f"cannot be read with LibCST: {error}") from error


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the nodes that `node` directly holds, in order of the fields of its class."""
    for name in _names(type(node)):
        value = getattr(node, name)
        if _is_node_type(value.__class__):
            yield value
        elif type(value) in (tuple, list):
            yield from (each for each in value if _is_node_type(each.__class__))


@cache
def _names(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def is_reported(node: cst.CSTNode) -> TypeGuard[Reported]:
    """Whether a node is of a kind that a finding may be reported at."""
    return _is_reported_type(type(node))


@cache
def _is_node_type(kind: type[object]) -> bool:
    # Asked once for each class: the classes of LibCST are abstract ones, which answer slowly.
    return issubclass(kind, cst.CSTNode)


@cache
def _is_reported_type(kind: type[cst.CSTNode]) -> bool:
    return issubclass(kind, cst.BaseExpression | cst.BaseSmallStatement | cst.BaseCompoundStatement)
