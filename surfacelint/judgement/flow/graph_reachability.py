"""Reachability in a graph: the end points that each node leads to, with each node explored once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

_Node = TypeVar("_Node", bound=Hashable)
_End = TypeVar("_End", bound=Hashable)


class Reachability(Generic[_Node, _End]):
    """The end points that nodes lead to. Nodes of a cycle have the same end points (Tarjan 1972, without recursion)."""

    def __init__(
        self,
        step: Callable[[_Node], tuple[Iterable[_End], Iterable[_Node]]],
        without_redundant: Callable[[Iterable[_End]], frozenset[_End]],
    ) -> None:
        """`step` returns the end points at a node and its successors. `without_redundant` drops end points that others make redundant."""
        self._step = step
        self._without_redundant = without_redundant
        self._ends: dict[_Node, frozenset[_End]] = {}

    def ends(self, start: _Node) -> frozenset[_End]:
        """Return the end points that a node leads to."""
        if start not in self._ends:
            self._explore(start)
        return self._ends[start]

    def _explore(self, start: _Node) -> None:
        """Find the end points of `start` and of all nodes that it leads to."""
        number: dict[_Node, int] = {}
        lowest: dict[_Node, int] = {}
        found: dict[_Node, set[_End]] = {}
        open_nodes: list[_Node] = []  # nodes whose cycle is not complete yet
        stack: list[tuple[_Node, list[_Node]]] = []

        def enter(node: _Node) -> None:
            ends, following = self._step(node)
            number[node] = lowest[node] = len(number)
            found[node] = set(ends)
            open_nodes.append(node)
            stack.append((node, list(following)))

        enter(start)
        while stack:
            node, following = stack[-1]
            if following:
                other = following.pop()
                if other in self._ends:
                    found[node] |= self._ends[other]
                elif other in number:
                    lowest[node] = min(lowest[node], number[other])
                else:
                    enter(other)
                continue
            stack.pop()
            if lowest[node] == number[node]:
                self._close(node, open_nodes, found)
            if stack:
                above = stack[-1][0]
                lowest[above] = min(lowest[above], lowest[node])
                found[above] |= found[node] if node not in self._ends else self._ends[node]

    def _close(self, head: _Node, open_nodes: list[_Node], found: dict[_Node, set[_End]]) -> None:
        """Give every node of a cycle the end points of all its nodes."""
        cycle = [open_nodes.pop()]
        while cycle[-1] != head:
            cycle.append(open_nodes.pop())
        ends = self._without_redundant({end for node in cycle for end in found[node]})
        for node in cycle:
            self._ends[node] = ends
