"""Splits a program into groups of modules that can be analysed independently, by several processes and in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

FULL = 30
"""A group with this many modules takes no further connected component. Larger ones save processes, smaller ones save more after an edit."""


def groups(
    modules: Collection[str], imports: Mapping[str, Collection[str]], bases: Callable[[str], Iterable[str]]
) -> tuple[frozenset[str], ...]:
    """Return the relevant `modules` in groups, the largest first. A group consists of one or more connected components.

    Two modules are connected if one imports the other, or a module with a base class of the other's classes: a caller may know a
    subclass by its base class alone. `bases` returns the modules outside of `modules` that have base classes of a module's classes.
    The groups do not depend on the number of processes.
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
    components: dict[str, list[str]] = {}
    for module in sorted(modules):
        components.setdefault(_root(parents, module), []).append(module)
    found: list[list[str]] = []
    for component in sorted(components.values(), key=lambda component: (-len(component), component)):
        if found and len(found[-1]) < FULL:
            found[-1] += component
        else:
            found.append(component)
    return tuple(map(frozenset, found))


def _root(parents: dict[str, str], module: str) -> str:
    while parents[module] != module:
        parents[module] = parents[parents[module]]
        module = parents[module]
    return module


def _join(parents: dict[str, str], one: str, other: str) -> None:
    first, second = sorted((_root(parents, one), _root(parents, other)))
    parents[second] = first
