"""Finds how the requests of a batch get their keys: from the position of an item, or from the item."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from surfacelint.system.records import record
from surfacelint.visitors.side_effects import below, roots_read
from surfacelint.visitors.source_tree import SourceTree


@record(frozen=True, slots=True)
class RequestKey:
    """The expression for the key of a request.

    - `code`: the expression, in which `variable` is the position of an item or, without `is_position`, the item.
    - `first`: the position of the first item.
    - `node`: the expression.
    """

    code: str
    variable: str
    is_position: bool
    first: int
    node: cst.BaseExpression


def request_keys(tree: SourceTree, name: str) -> list[RequestKey]:
    """Return the keys that code gives to requests under a name such as `custom_id`, without repetitions."""
    found: dict[tuple[str, str, bool, int], RequestKey] = {}
    for value in _values(tree, name):
        key = _key(tree, value)
        if key is not None:
            found.setdefault((key.code, key.variable, key.is_position, key.first), key)
    return list(found.values())


def _values(tree: SourceTree, name: str) -> Iterator[cst.BaseExpression]:
    for node in tree.all_nodes():
        match node:
            case cst.DictElement(key=cst.SimpleString() as key, value=value) if key.evaluated_value == name:
                yield value
            case cst.Arg(keyword=cst.Name(value=word), value=value) if word == name:
                yield value
            case _:
                pass


def _key(tree: SourceTree, value: cst.BaseExpression) -> RequestKey | None:
    """Return the key that a value is, if it depends on nothing but the item or its position in the innermost loop."""
    for outer in tree.ancestors(value):
        clause = outer if isinstance(outer, cst.For) else outer.for_in if isinstance(outer, cst.BaseComp) else None
        if clause is None:
            continue
        position, item, first = _targets(clause.target, clause.iter)
        names = roots_read([value]) - {"str", "int", "format", "repr"}
        if len(names) != 1:
            return None
        name = names.pop()
        if name in (position, item):
            return RequestKey(tree.code(value), name, name == position, first, value)
        return None
    return None


def _targets(target: cst.BaseExpression, iterable: cst.BaseExpression) -> tuple[str, str, int]:
    """Return the variable of the position, that of the item, and the first position. Names that do not exist are empty."""
    match target, iterable:
        case cst.Tuple(elements=[number, item]), cst.Call(func=cst.Name(value="enumerate"), args=[_, *rest]):
            first = _number(rest[0].value) if rest else 0
            names = [each.value.value if isinstance(each.value, cst.Name) else "" for each in (number, item)]
            return (names[0], names[1], first) if first is not None else ("", names[1], 0)
        case cst.Name(value=name), cst.Call(func=cst.Name(value="range"), args=[_]):
            return name, "", 0
        case cst.Name(value=name), _:
            return "", name, 0
        case _:
            return "", "", 0


def _number(node: cst.BaseExpression) -> int | None:
    return node.evaluated_value if isinstance(node, cst.Integer) else None


def position_of(key: RequestKey, found: str) -> str | None:
    """Return the code that gets the position back from a key in the expression `found`, or `None` if no simple code does."""
    offset = f" - {key.first}" if key.first else ""
    match key.node:
        case cst.Call(func=cst.Name(value="str"), args=[cst.Arg(value=cst.Name())]):
            return f"int({found}){offset}"
        case cst.FormattedString(parts=parts):
            numbers = [each for each in parts if isinstance(each, cst.FormattedStringExpression)]
            if len(numbers) != 1 or not isinstance(numbers[0].expression, cst.Name):
                return None
            place = list(parts).index(numbers[0])
            before, after = (
                "".join(each.value for each in half if isinstance(each, cst.FormattedStringText))
                for half in (parts[:place], parts[place + 1 :])
            )
            if "{" in before + after or "}" in before + after or "\\" in before + after:
                return None
            text = f"{found}.removeprefix({_quoted(before)})" if before else found
            text = f"{text}.removesuffix({_quoted(after)})" if after else text
            return f"int({text}){offset}"
        case _:
            return None


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def uses_of(nodes: list[cst.CSTNode], name: str, tree: SourceTree) -> str:
    """Return how code reads a result in the variable `name`: `attribute`, `key` or `text` (a line of JSON); empty if it is not clear."""
    kinds = set()
    for root in nodes:
        for node in below(root):
            if isinstance(node, cst.Name) and node.value == name:
                parent = tree.parent(node)
                if isinstance(parent, cst.Attribute) and parent.value is node:
                    kinds.add("attribute")
                elif isinstance(parent, cst.Subscript) and parent.value is node:
                    kinds.add("key")
                elif isinstance(parent, cst.Arg) and tree.code(parent).strip(" ,") == name:
                    call = tree.parent(parent)
                    kinds.add("text" if isinstance(call, cst.Call) and tree.code(call.func).endswith("loads") else "")
    kinds.discard("")
    return kinds.pop() if len(kinds) == 1 else ""
