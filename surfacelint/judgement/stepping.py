"""While loops that walk over items: an index against a length, a worklist."""

from __future__ import annotations

from surfacelint.facts.bodies import Augment, While
from surfacelint.facts.expressions import Attribute, Call, Composite, Constant, Expr, dotted, walk
from surfacelint.judgement.dataflow import any_touch, reads, target_keys
from surfacelint.judgement.frames import Frame
from surfacelint.judgement.places import expressions_of, statements_in


def stepping(frame: Frame) -> set[str]:
    """Return the names by which a while loop walks over its items."""
    node = frame.node
    if not isinstance(node, While):
        return set()
    tested = reads(node.test)
    found: set[str] = set()
    for statement in statements_in(frame.block):
        if isinstance(statement, Augment) and isinstance(statement.value, Constant):
            found |= target_keys(statement.target) & tested if _compares(node.test) else set()
        for role, expr in expressions_of(statement):
            if role == "value" and any(_takes_item(part, tested) for part in walk(expr)):
                found |= {key for role_, target in expressions_of(statement) if role_ == "target" for key in target_keys(target)}
    return found


def _compares(test: Expr) -> bool:
    return any(isinstance(part, Composite) and part.operator in ("<", "<=", ">", ">=", "!=") for part in walk(test))


def _takes_item(part: Expr, tested: set[str]) -> bool:
    if not isinstance(part, Call) or not isinstance(part.function, Attribute):
        return False
    owner = dotted(part.function.value)
    return part.function.attr in ("pop", "popleft") and owner is not None and any_touch({owner}, tested) is not None
