"""Finds what runs a call for many items: `gather`, and calls such as `map` that get a function and the items."""

from __future__ import annotations

import libcst as cst
from libcst.helpers import get_full_name_for_node

from surfacelint.system.records import record
from surfacelint.visitors.call_arguments import called_name
from surfacelint.visitors.item_loop_visitor import ends_early
from surfacelint.visitors.side_effects import below
from surfacelint.visitors.source_tree import SourceTree


@record(frozen=True, slots=True)
class FanOut:
    """A call that awaits all calls of a comprehension: `await gather(*[…])`. `awaited` is that expression.

    `assigned` is the statement that holds the comprehension in a variable, if the call gets the variable.
    """

    name: str
    awaited: cst.Await
    assigned: cst.SimpleStatementLine | None = None


@record(frozen=True, slots=True)
class Worker:
    """A call that runs `function` for each of `items`: `map(function, items)`, `pool.map(function, items)`, `column.apply(function)`.

    `node` is the call, with a `list(…)` around it. `pool` is a `with` statement whose only use of its pool is this call.
    """

    node: cst.BaseExpression
    function: cst.BaseExpression
    items: cst.BaseExpression
    pool: cst.With | None = None
    is_column: bool = False


def fan_out(tree: SourceTree, comprehension: cst.BaseComp) -> FanOut | str:
    """Return the call that awaits the calls of a comprehension, or why it cannot be replaced."""
    parent = tree.parent(comprehension)
    if isinstance(parent, cst.Arg):
        return _awaiting(tree, parent, None)
    statement = tree.parent(parent) if parent is not None else None
    match parent:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]) if isinstance(statement, cst.SimpleStatementLine):
            block = tree.parent(statement)
            nodes = list(below(block)) if block is not None else []
            uses = [
                node
                for node in nodes
                if isinstance(node, cst.Name) and node.value == name and not isinstance(tree.parent(node), cst.AssignTarget)
            ]
            argument = tree.parent(uses[0]) if len(uses) == 1 else None
            if isinstance(argument, cst.Arg) and len(statement.body) == 1:
                return _awaiting(tree, argument, statement)
            return f"`{name}` is used in several places"
        case _:
            return "the calls are not awaited where they are made"


def _awaiting(tree: SourceTree, argument: cst.Arg, assigned: cst.SimpleStatementLine | None) -> FanOut | str:
    call = tree.parent(argument)
    awaited = tree.parent(call) if call is not None else None
    if not isinstance(call, cst.Call) or not isinstance(awaited, cst.Await):
        return "the calls are not awaited where they are made"
    name = get_full_name_for_node(call.func) or ""
    if len(call.args) != 1 or argument.star != "*" or name.rpartition(".")[2] != "gather":
        return f"`{name}` does more than wait for the results"
    return FanOut(name, awaited, assigned)


def worker(tree: SourceTree, call: cst.Call) -> Worker | str:
    """Return the function and the items of a call that runs one for each of the others, or why it cannot be replaced."""
    name = called_name(call)
    plain = [each for each in call.args if each.keyword is None and not each.star]
    if len(plain) != sum(each.keyword is None for each in call.args):
        return f"`{name}` gets its items through a `*`"
    owner = call.func.value if isinstance(call.func, cst.Attribute) else None
    if name in ("apply", "map", "progress_apply") and len(call.args) == 1 and isinstance(owner, cst.Subscript | cst.Attribute):
        parent = tree.parent(call)
        if isinstance(parent, cst.Assign) and isinstance(parent.targets[0].target, cst.Subscript):
            return Worker(call, plain[0].value, owner, is_column=True)
        return f"the results of `{name}` are not assigned to a column"
    if name not in ("map", "imap") or len(plain) != 2:
        return f"`{tree.code(call.func)}` runs the requests in a way that has no list"
    argument = tree.parent(call)
    whole = tree.parent(argument) if isinstance(argument, cst.Arg) else None
    is_listed = isinstance(whole, cst.Call) and isinstance(whole.func, cst.Name) and whole.func.value == "list" and len(whole.args) == 1
    node = whole if is_listed and isinstance(whole, cst.Call) else call
    if owner is None and node is call and not is_consumed(tree, call):
        return f"the results of `{name}` may not all be taken"
    return Worker(node, plain[0].value, plain[1].value, _pool(tree, call, owner))


_CONSUMERS = frozenset(
    {"list", "tuple", "set", "frozenset", "dict", "sum", "sorted", "max", "min", "join", "array", "stack", "extend", "DataFrame"}
)
"""Functions and methods that take every item of an iterable."""


def is_consumed(tree: SourceTree, node: cst.BaseExpression) -> bool:
    """Whether code takes every item of a lazy iterable: in a call that does, or in a loop without an early end."""
    parent = tree.parent(node)
    if isinstance(parent, cst.For):
        return parent.iter is node and not ends_early(parent.body.body)
    if isinstance(parent, cst.CompFor):
        return parent.iter is node and not isinstance(tree.parent(parent), cst.GeneratorExp)
    call = tree.parent(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    name = called_name(call)
    return name in _CONSUMERS or (name in ("zip", "enumerate") and is_consumed(tree, call))


def _pool(tree: SourceTree, call: cst.Call, owner: cst.BaseExpression | None) -> cst.With | None:
    """Return the `with` statement that makes a pool for a call and nothing else."""
    if not isinstance(owner, cst.Name):
        return None
    for outer in tree.ancestors(call):
        if isinstance(outer, cst.With) and len(outer.items) == 1 and isinstance(outer.body, cst.IndentedBlock):
            name = outer.items[0].asname
            uses = sum(isinstance(node, cst.Name) and node.value == owner.value for node in below(outer.body))
            is_own = name is not None and isinstance(name.name, cst.Name) and name.name.value == owner.value
            has_block_string = any(isinstance(node, cst.SimpleString) and len(node.quote) == 3 for node in below(outer.body))
            return outer if is_own and uses == 1 and not has_block_string else None
    return None
