"""Counts the requests in a list that is passed to a batch API."""

from __future__ import annotations

from surfacelint.facts.expressions import (
    Argument,
    Await,
    Call,
    Choice,
    Collection,
    Composite,
    Comprehension,
    Expr,
    Name,
    Slice,
    Starred,
    Subscript,
)
from surfacelint.judgement.batches.request_counts import DEEPEST, Context, RequestCount, ValueFollower, common, total
from surfacelint.judgement.flow.statement_definitions import Definition
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class RequestLists:
    """Counts the requests in lists of one program."""

    values: ValueFollower

    def count(self, expr: Expr, context: Context, depth: int) -> RequestCount:
        """Return how many requests the list `expr` holds."""
        if depth > DEEPEST:
            return ""
        match expr:
            case Collection(items=items):
                return "many" if len(items) > 1 or any(isinstance(item, Starred) for item in items) else "one" if items else ""
            case Comprehension() | Subscript(index=Slice()):
                return "many"
            case Composite(operator="+", parts=parts):
                return total(self.count(part, context, depth + 1) for part in parts)
            case Choice(options=options):
                return common(self.count(option, context, depth + 1) for option in options)
            case Await(value=value) | Call(function=Name(id="list" | "tuple"), arguments=(Argument(value=value),)):
                return self.count(value, context, depth + 1)
            case Call():
                return self.values.count_returned(expr, context, depth, self.count)
            case Name(id=name):
                return self._count_named(name, context, depth)
            case _:
                return ""

    def _count_named(self, name: str, context: Context, depth: int) -> RequestCount:
        """Return how many requests the list `name` holds, including those appended to it."""
        added: list[Definition] = []
        for _, definition in context.before.naming(name, len(context.before)):
            if name not in definition.keys:
                continue
            if definition.adds or definition.loops:
                added.append(definition)
            elif not definition.certain:
                return ""
            elif not added:
                return self.count(definition.value, context, depth + 1)
            elif isinstance(definition.value, Collection) and not definition.value.items:
                return "one" if len(added) == 1 and added[0].adds and not added[0].loops else "many"
            else:
                return ""
        return "" if added else self.values.count_argument(name, context, depth, self.count)
