"""Recognises progress that a loop writes to an attribute or item which a request handler reads, such as `jobs[id]["done"]`."""

from __future__ import annotations

from surfacelint.facts.expressions import Expr
from surfacelint.facts.function_bodies import Assign, Augment, Statement
from surfacelint.judgement.flow.access_paths import access_path, assigned_paths, is_exact, root
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import Block, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.judgement.repetition.loop_counters import RoundCounters, is_attribute_or_item
from surfacelint.judgement.waiting.shared_state import SharedState
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_ROOTS: IdentityMemo[frozenset[str]] = IdentityMemo()


class StoredProgress:
    """Finds progress in shared state of one program."""

    def __init__(self, bodies: Bodies, shared: SharedState) -> None:
        self._bodies = bodies
        self._shared = shared

    def target(self, statement: Statement, block: Block, scope: FunctionNode, counting: RoundCounters) -> Expr | None:
        """Return the target of a statement in a loop's block that stores a count where a handler reads it, or `None`."""
        for target in counted_targets(statement, counting):
            if isinstance(statement, Augment) and not self._belongs_to_run(target, block, scope):
                continue
            if self._shared.is_read(target, scope):
                return target
        return None

    def _belongs_to_run(self, target: Expr, block: Block, scope: FunctionNode) -> bool:
        """Whether a counter belongs to one run: the run's id selects it, or the run also sets it outside of the loop.

        Other counters belong to the service, such as its total number of calls.
        """
        key = access_path(target)
        if key is None or not is_exact(key):
            return key is not None
        return root(key) in _ROOTS.get((block,), lambda: self._roots_set_outside(block, scope))

    def _roots_set_outside(self, block: Block, scope: FunctionNode) -> frozenset[str]:
        """Return the root names of the attributes and items that a function sets outside of a block."""
        body = self._bodies.body(scope)
        inside = set(map(id, statements_in(block)))
        around = (each for each in statements_in(body.statements) if id(each) not in inside) if body is not None else ()
        return frozenset(root(other) for each in around for part in _slots(each) for other in assigned_paths(part))


def counted_targets(statement: Statement, counting: RoundCounters) -> list[Expr]:
    """Return the attributes and items that a statement sets to a count."""
    if isinstance(statement, Augment):
        return [target for target in _slots(statement) if any(map(counting.counters.overlaps_any, assigned_paths(target)))]
    return _slots(statement) if isinstance(statement, Assign) and counting.counts(statement.value) else []


def _slots(statement: Statement) -> list[Expr]:
    """Return the attributes and items that a statement sets."""
    match statement:
        case Assign(targets=targets):
            return [target for target in targets if is_attribute_or_item(target)]
        case Augment(target=target) if is_attribute_or_item(target):
            return [target]
        case _:
            return []
