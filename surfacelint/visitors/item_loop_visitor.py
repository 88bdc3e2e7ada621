"""Finds the parts of a loop around a call: what runs before the call for each item, and what runs after it."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from surfacelint.system.records import record
from surfacelint.visitors.list_request_visitor import own_nodes
from surfacelint.visitors.side_effects import below, common_paths, may_not_run, noticed, paths_changed, paths_read, variables
from surfacelint.visitors.source_tree import SourceTree


@record(frozen=True, slots=True)
class ItemLoop:
    """A `for` loop, with the statement that holds a call.

    - `condition`: the `if` around the rest of the body, or `None`. `block` is the body, or that of the `if`.
    - `outside`: the statements before the `if`. `before`, `statement` and `after` are those of `block`.
    """

    loop: cst.For
    condition: cst.If | None
    block: cst.IndentedBlock
    outside: tuple[cst.BaseStatement, ...]
    before: tuple[cst.BaseStatement, ...]
    statement: cst.SimpleStatementLine
    after: tuple[cst.BaseStatement, ...]

    @property
    def ahead(self) -> tuple[cst.CSTNode, ...]:
        """What runs for an item before the call."""
        return (*self.outside, *((self.condition.test,) if self.condition is not None else ()), *self.before)


def item_loop(tree: SourceTree, loop: cst.For, call: cst.CSTNode) -> ItemLoop | str:
    """Return the parts of a loop around a call, or what stands between the call and the loop."""
    statement, block = None, None
    condition = None
    for outer in tree.ancestors(call):
        if isinstance(outer, cst.SimpleStatementLine) and statement is None:
            statement = outer
        elif isinstance(outer, cst.IndentedBlock):
            block = block or outer
        elif outer is loop:
            break
        elif isinstance(outer, cst.If) and condition is None and outer.orelse is None:
            condition = outer
        elif isinstance(outer, cst.BaseCompoundStatement | cst.Lambda | cst.BaseComp):
            return f"a `{_keyword(outer)}` stands between the loop and the request"
    if statement is None or len(statement.body) != 1 or not isinstance(loop.body, cst.IndentedBlock) or block is None:
        return "the request shares its line with other statements, or is in the head of one"
    if may_not_run(tree, call, statement):
        return "the request is sent under a condition in its expression"
    if condition is not None and (loop.body.body[-1] is not condition or condition.body is not block):
        return f"other statements follow the `if {tree.code(condition.test)}` around the request"
    outside = tuple(loop.body.body[:-1]) if condition is not None else ()
    number = list(block.body).index(statement)
    return ItemLoop(loop, condition, block, outside, tuple(block.body[:number]), statement, tuple(block.body[number + 1 :]))


def obstacle(
    tree: SourceTree, scope: cst.CSTNode, found: ItemLoop, item: cst.BaseExpression, call: cst.BaseExpression, file: SourceTree
) -> str:
    """Return why the requests of a loop cannot all be sent before the rest of it runs, or an empty string.

    `file` is the tree of the whole file, which may define what the loop calls.
    """
    if found.loop.orelse is not None:
        return "the loop has an `else`"
    if found.loop.asynchronous is not None:
        return "`async for` gets its items one by one"
    leaving = _leaving([found.statement, *found.after]) or next(iter(returns_in(found.ahead)), None)
    if leaving is not None:
        return f"`{_keyword(leaving)}` in line {tree.span(leaving).start.line} may end the loop"
    rest: tuple[cst.CSTNode, ...] = (found.statement, *found.after)
    own = paths_changed([found.loop.target, *found.ahead]) | _names(found.loop.target)
    read = {path for path in paths_read([*found.ahead, item, found.loop.iter]) if path.partition(".")[0] not in _names(found.loop.target)}
    carried = common_paths(read, paths_changed(rest) - _rebound(found) - _own_cells(tree, found, item))
    if carried:
        return f"`{carried[0]}` carries from one item to the next"
    early = noticed(file, [*found.ahead, item], ignored=[call])
    late = noticed(file, rest, ignored=[call]) if early is not None else None
    if early is not None and late is not None:
        order = f"before the request of each item and `{_short(tree, late)}` after it, in an order that others may see"
        return f"`{_short(tree, early)}` runs {order}"
    return _read_later(tree, scope, found, own)


def _own_cells(tree: SourceTree, found: ItemLoop, item: cst.BaseExpression) -> set[str]:
    """Return the containers of which each iteration uses its own cell only: `rows` if the loop reads and changes nothing but `rows[i]`.

    `i` is the key or the position in a walked container, and so occurs once.
    """
    key = _key(found.loop)
    if not key:
        return set()
    cells, others = set[str](), set[str]()
    for part in (*found.ahead, item, found.statement, *found.after):
        for variable in variables(part):
            outer = tree.parent(variable)
            is_cell = isinstance(outer, cst.Subscript) and outer.value is variable and tree.code(outer.slice[0]).strip(" ,") == key
            (cells if is_cell else others).add(variable.value)
    walked = found.loop.iter
    return set() if isinstance(walked, cst.Name) and walked.value not in cells else cells - others


def _key(loop: cst.For) -> str:
    """Return the variable that holds the position of an item, or its key in a dict, or an empty string."""
    target, walked = loop.target, loop.iter
    if isinstance(walked, cst.Call):
        name = (
            walked.func.value
            if isinstance(walked.func, cst.Name)
            else walked.func.attr.value
            if isinstance(walked.func, cst.Attribute)
            else ""
        )
        if name in ("enumerate", "items") and isinstance(target, cst.Tuple):
            first = target.elements[0].value
            return first.value if isinstance(first, cst.Name) else ""
        if name not in ("range", "keys"):
            return ""
    return target.value if isinstance(target, cst.Name) and isinstance(walked, cst.Name | cst.Call) else ""


def _rebound(found: ItemLoop) -> set[str]:
    """Return the variables that every iteration sets anew before the call."""
    lines = [each for each in (*found.outside, *found.before) if isinstance(each, cst.SimpleStatementLine)]
    assigned = [small for line in lines for small in line.body if isinstance(small, cst.Assign)]
    return {name for each in assigned for name in paths_changed(each.targets) if name not in paths_read([each.value])}


def _read_later(tree: SourceTree, scope: cst.CSTNode, found: ItemLoop, own: set[str]) -> str:
    """Return that code after the loop reads a variable whose last value would differ, or an empty string."""
    if not found.ahead:
        return ""
    inside = set(below(found.loop))
    end = tree.span(found.loop).end
    used = paths_read([found.statement, *found.after])
    for node in own_nodes(scope):
        if isinstance(node, cst.Name) and node not in inside and node.value in own & used and tree.span(node).start > end:
            return f"`{node.value}` is read after the loop"
    return ""


def ends_early(nodes: Sequence[cst.CSTNode]) -> bool:
    """Whether the body of a loop has a statement that ends the loop."""
    return bool(_leaving_nodes(nodes))


def returns_in(nodes: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
    """Return the `return` statements in nodes, without those of functions in them."""
    return [each for each in _leaving_nodes(nodes) if isinstance(each, cst.Return)]


def _leaving_nodes(nodes: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
    found: list[cst.CSTNode] = []
    for node in nodes:
        if isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            continue
        if isinstance(node, cst.Return | cst.Break):
            found.append(node)
        inner = [
            each for each in _leaving_nodes(node.children) if isinstance(each, cst.Return) or not isinstance(node, cst.For | cst.While)
        ]
        found += inner
    return found


def _leaving(nodes: Sequence[cst.CSTNode]) -> cst.CSTNode | None:
    return next(iter(_leaving_nodes(nodes)), None)


def _names(target: cst.BaseExpression) -> set[str]:
    return {node.value for node in variables(target)}


def _short(tree: SourceTree, node: cst.CSTNode) -> str:
    if isinstance(node, cst.Call):
        return f"{tree.code(node.func)}"
    return _keyword(node)


def _keyword(node: cst.CSTNode) -> str:
    words = {cst.With: "with", cst.Try: "try", cst.TryStar: "try", cst.While: "while", cst.For: "for", cst.If: "if", cst.Match: "match"}
    words |= {cst.Return: "return", cst.Break: "break", cst.Raise: "raise", cst.Yield: "yield", cst.Await: "await", cst.Lambda: "lambda"}
    return words.get(type(node), "comprehension" if isinstance(node, cst.BaseComp) else type(node).__name__.lower())
