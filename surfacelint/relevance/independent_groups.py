"""Parts of a program that have nothing to do with each other, to be analysed one by one, by several processes, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

FULL = 120
"""Modules from which on a group takes no further island."""


def groups(
    modules: Collection[str], imports: Mapping[str, Collection[str]], bases: Callable[[str], Iterable[str]]
) -> tuple[frozenset[str], ...]:
    """Return the relevant `modules` in groups, the largest first; small islands are put together.

    Modules are of one island where one imports the other, or where both import a module that has a base class of one: who calls a
    method of that may know the subclass by no other name. `bases` returns the modules outside of `modules` with base classes of a
    module's classes. Nothing here depends on how many processes there are.
    """
    parents: dict[str, str] = {module: module for module in sorted(modules)}
    waiting = list(parents)
    while waiting:
        module = waiting.pop()
        for base in bases(module):
            if base not in parents:
                parents[base] = base
                waiting.append(base)
            _join(parents, module, base)
    for module in sorted(modules):
        for target in imports.get(module, ()):
            if target in parents:
                _join(parents, module, target)
    islands: dict[str, list[str]] = {}
    for module in sorted(modules):
        islands.setdefault(_root(parents, module), []).append(module)
    found: list[list[str]] = []
    for island in sorted(islands.values(), key=lambda island: (-len(island), island)):
        if found and len(found[-1]) < FULL:
            found[-1] += island
        else:
            found.append(island)
    return tuple(map(frozenset, found))


def _root(parents: dict[str, str], module: str) -> str:
    while parents[module] != module:
        parents[module] = parents[parents[module]]
        module = parents[module]
    return module


def _join(parents: dict[str, str], one: str, other: str) -> None:
    first, second = sorted((_root(parents, one), _root(parents, other)))
    parents[second] = first
