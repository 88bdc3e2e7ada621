"""Turns a `while` loop that walks items into one that collects them, and a `for` loop over what it collected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import libcst as cst

from surfacelint.codemods.loop_to_batch.repeatable_code import is_logged, one_line
from surfacelint.codemods.refusals import RefusedError
from surfacelint.system.records import record
from surfacelint.visitors.call_arguments import called_name
from surfacelint.visitors.lasting_effects import OwnNames, dotted_path, effects_of, is_output, own_names, target_names
from surfacelint.visitors.name_bindings import fresh_name, mentioned_names
from surfacelint.visitors.source_tree import SourceTree

_TAKERS = frozenset(
    {"pop", "popleft", "get", "get_nowait", "readline", "fetchone", "fetchmany", "read", "next", "__next__", "lpop", "rpop"}
)

_READERS = frozenset(
    {"len", "str", "int", "float", "min", "max", "abs", "dict", "list", "tuple", "strip", "rstrip", "lstrip", "split", "lower", "upper",
     "get", "format", "replace", "join", "items", "keys", "values"}
)  # fmt: skip
"""Functions and methods that only make a value."""


@record(frozen=True, slots=True)
class ItemWalk:
    """What takes the place of a loop: the statements that collect the items, the loop over them, and what follows."""

    before: tuple[cst.BaseStatement, ...]
    loop: cst.For
    after: tuple[cst.BaseStatement, ...] = ()


def item_walk(tree: SourceTree, loop: cst.While) -> ItemWalk:
    """Return what takes the place of a loop. Raises `RefusedError` if it does not walk items that can be collected first."""
    if loop.orelse is not None or not isinstance(loop.body, cst.IndentedBlock):
        raise RefusedError(f"`while {one_line(tree, loop.test)}` has a form that the fix does not know")
    counted = _counted(tree, loop, loop.body.body)
    if counted is not None:
        return counted
    name = fresh_name("items", tree.once(mentioned_names))
    stepped = _stepped(tree, loop, loop.body.body, name)
    if stepped is not None:
        return stepped
    for split in (_taken_in_test, _taken_first, _taken_last):
        parts = split(tree, loop, loop.body.body)
        if parts is not None:
            head, rest, tail, names = parts
            _check_end(tree, loop, [*head, *tail])
            _check_rest(tree, loop, [*head, *tail], rest)
            return _collected(loop, name, head, rest, tail, names)
    raise RefusedError(f"`while {one_line(tree, loop.test)}` does not walk items that are known before")


_Parts = tuple[Sequence[cst.BaseStatement], Sequence[cst.BaseStatement], Sequence[cst.BaseStatement], tuple[str, ...]]
"""Statements that take an item, statements for the item, statements that take the next item, and the names of the item."""


def _counted(tree: SourceTree, loop: cst.While, body: Sequence[cst.BaseStatement]) -> ItemWalk | None:
    """Return the loop over the indices of `while i < len(xs): …; i += 1`."""
    test, last = loop.test, body[-1]
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1 or not isinstance(test.left, cst.Name):
        return None
    index, target = test.left.value, test.comparisons[0]
    steps = (
        isinstance(last, cst.SimpleStatementLine) and len(last.body) == 1 and " ".join(tree.code(last.body[0]).split()) == f"{index} += 1"
    )
    if not isinstance(target.operator, cst.LessThan) or not steps:
        return None
    others = [node for each in body[:-1] for node in tree.inside(each) if _sets(node, index) or isinstance(node, cst.Continue)]
    is_read = _is_read_after(tree, loop, index)
    if others or (is_read and any(isinstance(node, cst.Break) for node in tree.inside(loop.body))):
        return None
    after = (cst.parse_statement(f"{index} = max({index}, {tree.code(target.comparator)})"),) if is_read else ()
    walked = cst.parse_expression(f"range({index}, {tree.code(target.comparator)})")
    made = cst.For(cst.Name(index), walked, loop.body.with_changes(body=list(body[:-1])), leading_lines=loop.leading_lines)
    return ItemWalk((), made, after)


def _stepped(tree: SourceTree, loop: cst.While, body: Sequence[cst.BaseStatement], name: str) -> ItemWalk | None:
    """Return what takes the place of a loop that moves an index on anywhere in its body, or before each `continue`."""
    guards = next((number for number, each in enumerate(body) if not (isinstance(each, cst.If) and _only_breaks(each.body))), 0)
    asked = {node.value for each in (loop.test, *body[:guards]) for node in _names(tree, each)}
    steps = [(position, each) for position, each in enumerate(body) if _is_count(each) and _bound_by_step(each) in asked]
    if len(steps) != 1:
        return None
    position, step = steps[0]
    index = _bound_by_step(step)
    head, rest, tail = body[: position + 1], body[position + 1 :], body[:0]
    if position == len(body) - 1:
        head, rest, tail = body[:guards], body[guards:-1], body[-1:]
        if any(isinstance(node, cst.Continue) for each in rest for node in tree.inside(each)):
            rest = [cast(cst.BaseStatement, each.visit(_StepsBeforeContinue(step))) for each in rest]
    if not rest:
        return None
    _check_steps(tree, loop, index, head, rest, tail)
    used = {node.value for each in body[len(head) :] for node in _names(tree, each)}
    is_read = _is_read_after(tree, loop, index)
    bound = [each for statement in head for each in _bound(tree, statement) if each in used and each != index]
    names = (*dict.fromkeys(bound), *([index] if index in used or is_read or not bound else []))
    walk = _collected(loop, name, head, rest, tail, names)
    if not tail or not is_read:
        return walk
    last = fresh_name(f"last_{index}", tree.once(mentioned_names))
    return ItemWalk((*walk.before, cst.parse_statement(f"{last} = {index}")), walk.loop, (cst.parse_statement(f"{index} = {last}"),))


def _check_steps(
    tree: SourceTree,
    loop: cst.While,
    index: str,
    head: Sequence[cst.BaseStatement],
    rest: Sequence[cst.BaseStatement],
    tail: Sequence[cst.BaseStatement],
) -> None:
    """Raise `RefusedError` if what an item does changes which items there are, or if taking an item does more than to read."""
    remaining = [node for each in rest for node in _all_nodes(each)]
    skips = sum(isinstance(node, cst.Continue) for node in _all_nodes(loop.body)) if tail else 0
    steps = sum(_sets(node, index) for each in loop.body.body for node in _all_nodes(each))
    breaks = tail and _is_read_after(tree, loop, index) and any(isinstance(node, cst.Break) for node in remaining)
    if any(_sets(node, index) for node in remaining) or steps != skips + 1 or breaks:
        raise RefusedError(f"`{index}` is more than the number of the item")
    taking = [loop.test, *head]
    for node in (node for each in taking for node in _all_nodes(each)):
        if isinstance(node, cst.Await) or (isinstance(node, cst.Call) and called_name(node) not in _READERS):
            raise RefusedError(f"`{one_line(tree, node)}` runs before the request of an item is known")
    bound = {each for statement in head for each in _bound(tree, statement)} | {index}
    read = {dotted_path(node) for each in taking for node in _all_nodes(each) if isinstance(node, cst.Name | cst.Attribute)} - bound
    nothing = OwnNames(frozenset(), frozenset())
    for statement in loop.body.body[len(head) :]:
        written = [each.path for each in effects_of(tree, statement, nothing) if each.kind != "use"]
        changed = next((path for path in read if path in written), "")
        if changed:
            raise RefusedError(f"`{changed}` carries from one item to the next")


class _StepsBeforeContinue(cst.CSTTransformer):
    """Removes the steps that come right before `continue`."""

    def __init__(self, step: cst.BaseStatement) -> None:
        super().__init__()
        self._index = _bound_by_step(step)

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.IndentedBlock:  # noqa: N802
        *others, last = updated_node.body
        before = others[-1] if others else None
        skips = isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[0], cst.Continue)
        if skips and before is not None and _is_count(before) and _bound_by_step(before) == self._index:
            return updated_node.with_changes(body=[*others[:-1], last])
        return updated_node


def _is_count(statement: cst.CSTNode) -> bool:
    """Whether a statement only adds to a name: `i += 1`."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    step = statement.body[0]
    return isinstance(step, cst.AugAssign) and isinstance(step.target, cst.Name) and isinstance(step.operator, cst.AddAssign)


def _bound_by_step(statement: cst.BaseStatement) -> str:
    return dotted_path(cst.ensure_type(cst.ensure_type(statement, cst.SimpleStatementLine).body[0], cst.AugAssign).target)


def _all_nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _all_nodes(child)


def counted_walk(tree: SourceTree, loop: cst.For, first: cst.CSTNode) -> ItemWalk | None:
    """Return what takes the place of a loop that counts its items before it decides about them; `None` if it does not.

    `first` is the first statement of the loop that sends a request. The statements before it that deal with the counters run for
    all items first. Raises `RefusedError` if the other statements need the counters.
    """
    if not isinstance(loop.body, cst.IndentedBlock):
        return None
    head = loop.body.body[: list(loop.body.body).index(first)]  # type: ignore[arg-type]
    steps = [node for each in head for node in tree.inside(each) if isinstance(node, cst.AugAssign) and isinstance(node.target, cst.Name)]
    counters = {cst.ensure_type(step.target, cst.Name).value for step in steps} - own_names(tree, loop.body).bound
    reads = [node for each in (*head, first) for node in _names(tree, each) if node.value in counters and _matters(tree, node)]
    if not reads:
        return None
    used = {node.value for node in reads}
    count = 1 + max(position for position, each in enumerate(head) if used & {node.value for node in _names(tree, each)})
    taking, rest = head[:count], loop.body.body[count:]
    if any(is_output(each) for statement in taking for each in tree.within(statement)):
        raise RefusedError(f"`{sorted(used)[0]}` carries from one item to the next")
    if any(_sets(node, name) for each in rest for node in tree.inside(each) for name in used):
        raise RefusedError(f"`{sorted(used)[0]}` carries from one item to the next")
    name = fresh_name("items", tree.once(mentioned_names))
    bound = [each for statement in taking for each in _bound(tree, statement)]
    needed = {node.value for each in rest for node in _names(tree, each)}
    names = tuple(dict.fromkeys([*target_names(loop.target), *(each for each in (*bound, *sorted(counters)) if each in needed)]))
    walk = _collected(loop, name, taking, rest, (), names)
    kept = {
        each: fresh_name(f"last_{each}", tree.once(mentioned_names))
        for each in names
        if each in counters and _is_read_after(tree, loop, each)
    }
    keep = [cst.parse_statement(f"{last} = {each}") for each, last in kept.items()]
    restore = [cst.parse_statement(f"{each} = {last}") for each, last in kept.items()]
    return ItemWalk((*walk.before, *keep), walk.loop, tuple(restore))


def _matters(tree: SourceTree, node: cst.Name) -> bool:
    return not _is_step(tree, node) and not is_logged(tree, node)


def _is_step(tree: SourceTree, node: cst.Name) -> bool:
    return isinstance(tree.parent(node), cst.AugAssign)


def _taken_in_test(tree: SourceTree, loop: cst.While, body: Sequence[cst.BaseStatement]) -> _Parts | None:
    """`while line := file.readline():`."""
    found = [node for node in tree.within(loop.test) if isinstance(node, cst.NamedExpr)]
    if len(found) == 1 and _takes(tree, found[0].value) and isinstance(found[0].target, cst.Name):
        return (), body, (), (found[0].target.value,)
    return None


def _taken_first(tree: SourceTree, loop: cst.While, body: Sequence[cst.BaseStatement]) -> _Parts | None:
    """`while queue: item = queue.pop()`, perhaps with `if item is None: break` after it."""
    first = body[0]
    tried = first.body if isinstance(first, cst.Try) else first
    if isinstance(first, cst.Try) and not all(_only_breaks(handler.body) for handler in first.handlers):
        return None
    if not any(isinstance(node, cst.Call) and _takes(tree, node) for node in tree.inside(tried)):
        return None
    count = 1
    while count < len(body) and isinstance(body[count], cst.If) and _only_breaks(cst.ensure_type(body[count], cst.If).body):
        count += 1
    names = [name for each in body[:count] for name in _bound(tree, each)]
    used = {node.value for each in body[count:] for node in tree.inside(each) if isinstance(node, cst.Name)}
    return (body[:count], body[count:], (), tuple(name for name in names if name in used)) if names else None


def _taken_last(tree: SourceTree, loop: cst.While, body: Sequence[cst.BaseStatement]) -> _Parts | None:
    """`row = cursor.fetchone()` before the loop and at its end."""
    names = [name for name in _bound(tree, body[-1]) if name in {each.value for each in _names(tree, loop.test)}]
    takes = any(isinstance(node, cst.Call) and _takes(tree, node) for node in tree.inside(body[-1]))
    skips = any(isinstance(node, cst.Continue) for each in body for node in tree.inside(each))
    return ((), body[:-1], body[-1:], tuple(names)) if names and takes and not skips else None


def _collected(
    loop: cst.While | cst.For,
    name: str,
    head: Sequence[cst.BaseStatement],
    rest: Sequence[cst.BaseStatement],
    tail: Sequence[cst.BaseStatement],
    names: tuple[str, ...],
) -> ItemWalk:
    item = names[0] if len(names) == 1 else f"({', '.join(names)})"
    target = names[0] if len(names) == 1 else ", ".join(names)
    append = cst.parse_statement(f"{name}.append({item})")
    block = cst.ensure_type(loop.body, cst.IndentedBlock)
    collecting = loop.with_changes(body=block.with_changes(body=[*head, append, *tail]), leading_lines=[])
    first = cst.parse_statement(f"{name} = []").with_changes(leading_lines=loop.leading_lines)
    walking = cst.ensure_type(cst.parse_statement(f"for {target} in {name}:\n    pass\n"), cst.For)
    return ItemWalk((first, collecting), walking.with_changes(body=block.with_changes(body=list(rest), header=cst.TrailingWhitespace())))


def _check_rest(tree: SourceTree, loop: cst.While, taking: Sequence[cst.CSTNode], rest: Sequence[cst.CSTNode]) -> None:
    """Raise `RefusedError` if the statements for an item touch what the items are taken from."""
    takers = [node for each in (loop.test, *taking) for node in tree.within(each) if isinstance(node, cst.Call) and _takes(tree, node)]
    sources = {_source(node) for node in takers} | {path for path in map(dotted_path, (loop.test,)) if path}
    for statement in rest:
        for node in tree.inside(statement):
            if isinstance(node, cst.Name | cst.Attribute) and dotted_path(node) in sources and not _acknowledges(tree.parent(node)):
                raise RefusedError(f"`{dotted_path(node)}` is used in the loop that empties it")


def _check_end(tree: SourceTree, loop: cst.While, taking: Sequence[cst.BaseStatement]) -> None:
    """Raise `RefusedError` if the loop that collects the items would not end, or would wait for items that need the others' answers."""
    tested = {dotted_path(node) for node in tree.within(loop.test) if isinstance(node, cst.Name | cst.Attribute)} - {""}
    nodes = [node for each in (loop.test, *taking) for node in tree.within(each)]
    takers = [node for node in nodes if isinstance(node, cst.Call) and _takes(tree, node)]
    changed = {name for each in taking for name in _bound(tree, each)} | {_source(node) for node in takers}
    if not tested & changed and not any(isinstance(node, cst.Break) for node in nodes):
        raise RefusedError("the loop ends only after it has looked at an item")
    for node in takers:
        waits = not node.args and dotted_path(node.func).rpartition(".")[2] == "get"
        if waits and _source(node) not in tested:
            raise RefusedError(f"`{one_line(tree, node)}` waits for items that other code adds meanwhile")


def _acknowledges(node: cst.CSTNode | None) -> bool:
    """Whether an attribute is the method that tells a queue that an item is done."""
    return isinstance(node, cst.Attribute) and node.attr.value == "task_done"


def _takes(tree: SourceTree, node: cst.CSTNode) -> bool:
    """Whether a call takes an item out of something."""
    if isinstance(node, cst.Await):
        return False
    if not isinstance(node, cst.Call):
        return any(isinstance(each, cst.Call) and _takes(tree, each) for each in tree.inside(node))
    return dotted_path(node.func).rpartition(".")[2] in _TAKERS


def _source(call: cst.Call) -> str:
    path = dotted_path(call.func)
    if path == "next" and call.args:
        return dotted_path(call.args[0].value)
    return path.rpartition(".")[0]


def _only_breaks(body: cst.BaseSuite) -> bool:
    statements = body.body
    if isinstance(body, cst.SimpleStatementSuite):
        return len(statements) == 1 and isinstance(statements[0], cst.Break)
    return len(statements) == 1 and isinstance(statements[0], cst.SimpleStatementLine) and isinstance(statements[0].body[0], cst.Break)


def _bound(tree: SourceTree, statement: cst.CSTNode) -> list[str]:
    return sorted(own_names(tree, statement).bound)


def _names(tree: SourceTree, node: cst.CSTNode) -> list[cst.Name]:
    return [each for each in tree.within(node) if isinstance(each, cst.Name)]


def _sets(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.AugAssign):
        return dotted_path(node.target) == name
    return isinstance(node, cst.Assign) and any(dotted_path(target.target) == name for target in node.targets)


def _is_read_after(tree: SourceTree, loop: cst.While | cst.For, name: str) -> bool:
    """Whether code of the same function reads a name after a loop."""
    scope = tree.function_around(loop) or tree.module
    end = tree.span(loop).end
    return any(isinstance(node, cst.Name) and node.value == name and tree.span(node).start > end for node in tree.inside(scope))
