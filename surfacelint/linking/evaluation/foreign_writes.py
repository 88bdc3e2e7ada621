"""Container writes into other modules and classes: `plugins.REGISTRY["ask"] = ask`."""

from __future__ import annotations

from surfacelint.facts.expressions import Attribute, Expr, Name
from surfacelint.linking.evaluation.abstract_values import Class, Module
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import ContainerWrite


def place_foreign_writes(resolver: Resolver) -> bool:
    """Note the foreign writes of relevant modules where the containers are. Return whether there were any; if so, the memo is cleared."""
    program = resolver.program
    waiting: list[tuple[Expr, ContainerWrite]] = []
    for module in [node for node in program.modules.values() if node is not None and program.is_open(node)]:
        waiting += module.foreign_writes
        module.foreign_writes = []
    placed = [_place(resolver, container, write) for container, write in waiting]
    if any(placed):
        program.memo.clear()
    return any(placed)


def _place(resolver: Resolver, container: Expr, write: ContainerWrite) -> bool:
    if isinstance(container, Name):
        found = resolver.names.origin(container.id, write.function)
        if found is not None:
            found[0].body.writes.setdefault(found[1], []).append(write)
        return found is not None
    placed = False
    for value in resolver.evaluate(container.value, write.function) if isinstance(container, Attribute) else ():
        module = resolver.program.module(value.name) if isinstance(value, Module) else None
        holder = resolver.classes.node(value.id) if isinstance(value, Class) else None if module is None else module.body
        if holder is not None and isinstance(container, Attribute):
            holder.writes.setdefault(container.attr, []).append(write)
            placed = True
    return placed
