"""The concrete syntax of a few lines of a file, with positions in the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from typing import TypeAlias, TypeGuard, TypeVar, cast

import libcst as cst

from surfacelint.extraction.concrete_syntax import ConcreteSyntax, UnreadableSyntaxError, parse_concrete, spelled
from surfacelint.facts.expressions import Position, Span

_Node = TypeVar("_Node", bound=cst.CSTNode)
_Made = TypeVar("_Made")

_BLOCK = "if True:\n"
"""Makes indented lines a module. It takes a row of its own, so that columns stay as they are."""


_SIGNS = re.compile(
    r".*whitespace.*|.*lines|lines_.*|header|footer|comment|newline|indent|default_.*|.*line"
    r"|.*comma|.*colon|semicolon|equal|dot|separator|[lr](par|brace|bracket)|posonly_ind"
)
"""The fields of blanks, comments and punctuation. They hold more than half of all nodes, and none of those has a meaning."""

Reported: TypeAlias = "cst.BaseExpression | cst.BaseSmallStatement | cst.BaseCompoundStatement"
"""What a finding is reported at: nearly always a call, sometimes another expression or a statement."""

_SCOPES = frozenset({cst.FunctionDef, cst.ClassDef, cst.Lambda})


class UnreadableError(Exception):
    """LibCST cannot read the lines. The text says why."""


@dataclass(frozen=True)
class SourceTree:
    """The concrete syntax tree of consecutive lines of a file. All positions are those of the file.

    `first_row` is the 1-based row of the first line of the tree.
    """

    module: cst.Module
    first_row: int
    _spans: Mapping[cst.CSTNode, Span] = field(repr=False)
    _rows: Mapping[cst.CSTNode, tuple[int, int]] = field(default_factory=dict, repr=False)
    original: str = field(default="", repr=False)
    """The code before it was rewritten, if it was."""
    _inside: dict[cst.CSTNode, tuple[cst.CSTNode, ...]] = field(default_factory=dict, repr=False)
    _made: dict[object, object] = field(default_factory=dict, repr=False)

    def rewritten(self, module: cst.Module) -> SourceTree:
        """Return the tree of rewritten code that takes the place of the same lines. Its positions are not those of the file.

        Raises `UnreadableError`.
        """
        parsed = _parsed(self.code(module), self.first_row)
        return SourceTree(parsed.module, self.first_row, parsed.spans, parsed.rows, self.original or self.text)

    @classmethod
    def of_lines(cls, text: Sequence[str], first: int, last: int) -> SourceTree:
        """Read the 1-based lines `first` to `last` of the lines of a text, such as those of a function. Raises `UnreadableError`."""
        lines = list(text[first - 1 : last])
        while lines and not lines[-1].strip():
            lines.pop()  # LibCST drops blanks at the end
        is_indented = next((line[:1] in " \t" for line in lines if line.strip() and not line.lstrip().startswith("#")), False)
        row = first - is_indented
        parsed = _parsed((_BLOCK if is_indented else "") + "\n".join(lines) + "\n", row)
        return cls(parsed.module, row, parsed.spans, parsed.rows)

    def span(self, node: cst.CSTNode) -> Span:
        """Return the span of a node, without parentheses and blanks around it."""
        return self._spans[node]

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
        here: cst.CSTNode | None = self._reported.get(place)
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
        """Yield the nodes of a class, but not of its subclasses, in no particular order."""
        yield from cast("Iterable[_Node]", self._by_kind.get(kind, ()))

    def all_nodes(self) -> Iterator[cst.CSTNode]:
        """Yield all nodes but blanks and comments, in no particular order."""
        yield from self._spans

    def inside(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes below `node` in source order, without the code of functions, lambdas and classes in it."""
        known = self._inside.get(node)
        if known is None:
            known = self._inside[node] = tuple(self._below(node))
        return iter(known)

    def within(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield `node` and the nodes below it, as `inside` does."""
        yield node
        yield from self.inside(node)

    def _below(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        waiting = self._last_first(node)
        while waiting:
            child = waiting.pop()
            yield child
            if type(child) not in _SCOPES:
                waiting += self._last_first(child)

    def _last_first(self, node: cst.CSTNode) -> list[cst.CSTNode]:
        found = list(children(node))
        if len(found) > 1:
            found.sort(key=self._start)
            found.reverse()
        return found

    def code(self, node: cst.CSTNode) -> str:
        """Return the source of a node of this tree, or of a new one that will be part of it."""
        return spelled(self.module, node)

    def rows(self, statement: cst.CSTNode) -> tuple[int, int]:
        """Return the rows of a statement of a block with the blanks and comments above it: the first one, and the one after the last."""
        return self._rows[statement]

    def block_code(self, block: cst.CSTNode | None, statements: Iterable[cst.CSTNode]) -> str:
        """Return the code of statements, of this tree or new ones, in a block of this tree, indented as they are there."""
        around = () if block is None else (block, *self.ancestors(block))
        blocks = [each for each in around if isinstance(each, cst.IndentedBlock)]
        indents = [self.module.default_indent if each.indent is None else each.indent for each in reversed(blocks)]
        return spelled(self.module, *statements, indents=indents)

    @cached_property
    def text(self) -> str:
        """The code of the whole tree."""
        return self.code(self.module)

    @cached_property
    def newline(self) -> str:
        """Line break between lines."""
        return self.module.default_newline

    def _start(self, node: cst.CSTNode) -> tuple[int, int]:
        start = self._spans[node].start
        return start.line, start.column

    @cached_property
    def _by_kind(self) -> Mapping[type[cst.CSTNode], Sequence[cst.CSTNode]]:
        found: dict[type[cst.CSTNode], list[cst.CSTNode]] = {}
        for node in self._spans:
            found.setdefault(type(node), []).append(node)
        return found

    @cached_property
    def _calls(self) -> Mapping[Position, cst.Call]:
        return {self.span(node).end: node for node in self.nodes(cst.Call)}

    @cached_property
    def _reported(self) -> Mapping[Span, Reported]:
        # An outer node comes before the nodes that it holds, so the innermost one of a span stays.
        return {self._spans[node]: node for node in self._parents if is_reported(node)}

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


def _parsed(text: str, first_row: int) -> ConcreteSyntax:
    try:
        return parse_concrete(text, first_row)
    except UnreadableSyntaxError as error:
        raise UnreadableError(f"cannot be read with LibCST: {error}") from error


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the nodes that `node` directly holds, in order of the fields of its class, without blanks, comments and punctuation."""
    for name in _names(type(node)):
        value = getattr(node, name)
        if _is_node_type(value.__class__):
            yield value
        elif type(value) in (tuple, list):
            yield from (each for each in value if _is_node_type(each.__class__))


@cache
def _names(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if not _SIGNS.fullmatch(each.name))


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
