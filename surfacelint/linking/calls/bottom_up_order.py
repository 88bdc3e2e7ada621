"""Orders the functions of a call graph so that callees come before their callers."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def callees_first(nodes: Sequence[str], successors: Callable[[str], Sequence[str]]) -> list[str]:
    """Return `nodes` in depth-first postorder: successors come first, except within a cycle.

    The order depends only on the order of `nodes` and of the successors.
    """
    order: list[str] = []
    seen: set[str] = set()
    for root in nodes:
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, iter(successors(root)))]
        while stack:
            node, rest = stack[-1]
            following = next((successor for successor in rest if successor not in seen), None)
            if following is None:
                order.append(node)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(successors(following))))
    return order
