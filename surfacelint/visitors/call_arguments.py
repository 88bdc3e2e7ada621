"""Names and arguments of calls, and entries of dicts: find them by name, and the span to delete to take one out."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from surfacelint.facts.expressions import Position, Span
from surfacelint.visitors.source_tree import SourceTree


def keyword_argument(call: cst.Call, name: str) -> cst.Arg | None:
    """Return the argument that a call passes by a keyword, or `None`."""
    return next((each for each in call.args if each.keyword is not None and each.keyword.value == name), None)


def argument(call: cst.Call, position: int, keywords: Sequence[str]) -> cst.Arg | None:
    """Return the argument at a 0-based position or with one of the keywords; `None` if there is none, or a `*` may stand for it."""
    for name in keywords:
        found = keyword_argument(call, name)
        if found is not None:
            return found
    positional = [each for each in call.args if each.keyword is None and each.star != "**"]
    if any(each.star for each in positional[: position + 1]) or position >= len(positional):
        return None
    return positional[position]


def dict_entry(node: cst.Dict, key: str) -> cst.DictElement | None:
    """Return the entry of a dict display whose key is the string `key`, or `None`."""
    for each in node.elements:
        if isinstance(each, cst.DictElement) and isinstance(each.key, cst.SimpleString) and each.key.evaluated_value == key:
            return each
    return None


def span_without(tree: SourceTree, items: Sequence[cst.CSTNode], item: cst.CSTNode) -> Span:
    """Return the span to delete so that `item` disappears from the comma-separated `items`, with one comma."""
    number = next(index for index, each in enumerate(items) if each is item)
    span = tree.span(items[number])
    if number + 1 < len(items):
        return Span(span.start, tree.span(items[number + 1]).start)
    if number:
        return Span(tree.span(items[number - 1]).end, span.end)
    comma = getattr(item, "comma", None)
    return Span(span.start, tree.span(comma).end if isinstance(comma, cst.Comma) else span.end)


def point(position: Position) -> Span:
    """Return the empty span at a position."""
    return Span(position, position)


def called_name(call: cst.Call) -> str:
    """Return the name of a called function or method, without what is before it; empty for other callees."""
    match call.func:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return name
        case _:
            return ""


def method_name(call: cst.Call) -> str:
    """Return the name of a called method, or an empty string."""
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
