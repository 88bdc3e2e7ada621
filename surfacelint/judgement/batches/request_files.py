"""Counts the requests in a JSONL file that is uploaded for a batch: in the text that the program writes to it."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import (
    Attribute,
    Await,
    Call,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Expr,
    Mapping,
    Name,
    Subscript,
)
from surfacelint.facts.function_bodies import For, Statement, While, With
from surfacelint.judgement.batches.request_counts import DEEPEST, Context, RequestCount, ValueFollower, total
from surfacelint.judgement.batches.request_lists import RequestLists
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.enclosing_statements import Block, blocks_of, expressions_of
from surfacelint.linking.evaluation.constants import member
from surfacelint.system.records import record

_CONTENT_METHODS = frozenset({"encode", "getvalue", "read", "strip"})
"""Methods that return the text of their receiver."""

_READ_MODES = (Constant("r"), Constant("rb"), Constant("rt"))
"""First arguments that are modes, as in `path.open("rb")`, and not paths, as in `open("requests.jsonl")`."""

_WRITE_METHODS = frozenset({"write", "write_text", "write_bytes"})


@record(frozen=True, slots=True)
class RequestFiles:
    """Counts the requests in files of one program."""

    evidence: Evidence
    values: ValueFollower
    lists: RequestLists

    def count(self, expr: Expr, context: Context, depth: int) -> RequestCount:
        """Return how many requests an uploaded file holds. `expr` is the id or object that the upload returned."""
        if depth > DEEPEST:
            return ""
        match expr:
            case Attribute(value=value) | Subscript(value=value) | Await(value=value):
                return self.count(value, context, depth + 1)
            case Collection(items=items):
                return self.count(items[0], context, depth + 1) if len(items) == 1 else ""
            case Mapping(values=values):
                return self.count(values[0], context, depth + 1) if len(values) == 1 else ""
            case Name(id=name):
                return self.values.count_name(name, context, depth, self.count)
            case Call():
                for path in self.evidence.resolver.paths(expr.function, context.function):
                    for endpoint in self.evidence.catalogue.endpoints(path):
                        if endpoint.surface == "batch-build":
                            uploaded = [argument.value for argument in expr.arguments if argument.name in endpoint.files]
                            return self._count_content(uploaded[0], context, depth + 1) if uploaded else ""
                return self.values.count_returned(expr, context, depth, self.count)
            case _:
                return ""

    def _count_content(self, expr: Expr, context: Context, depth: int) -> RequestCount:
        """Return how many requests are in the argument of an upload: an opened file, a path, or content made in memory."""
        if depth > DEEPEST:
            return ""
        match expr:
            case Call(function=Name(id="open") | Attribute(attr="open"), arguments=(first, *_)) if first.value not in _READ_MODES:
                return self._count_written(first.value, context, depth)
            case Call(function=Name(id="Path"), arguments=(first,)):
                return self._count_written(first.value, context, depth)
            case Call(function=Attribute(value=value, attr="open" | "read_bytes" | "read_text")):
                return self._count_written(value, context, depth)
            case Collection(items=(_, content, *_)):
                return self._count_content(content, context, depth + 1)
            case Mapping():
                inside = member(expr, "content")
                return "" if inside is None else self._count_content(inside, context, depth + 1)
            case Constant():
                return self._count_written(expr, context, depth)
            case Name(id=name) if context.last_definition(name) is not None:
                return self.values.count_name(name, context, depth, self._count_content) or self._count_text(expr, context, depth)
            case Name():
                return self.values.count_argument(expr.id, context, depth, self._count_content) or self._count_written(expr, context, depth)
            case _:
                return self._count_text(expr, context, depth)

    def _count_text(self, expr: Expr, context: Context, depth: int) -> RequestCount:
        """Return how many requests are in a text. The JSON of one object is one request."""
        if depth > DEEPEST:
            return ""
        match expr:
            case Call(function=Attribute(attr="dumps") | Name(id="dumps"), arguments=(first, *_)):
                return "" if isinstance(first.value, Collection | Comprehension) else "one"
            case Call(function=Attribute(attr="model_dump_json")):
                return "one"
            case Call(function=Attribute(value=Constant(), attr="join"), arguments=(first,)):
                return self.lists.count(first.value, context, depth + 1)
            case Call(function=Attribute(value=value, attr=attr)) if attr in _CONTENT_METHODS:
                return self._count_content(value, context, depth + 1)
            case Call(function=Name() | Attribute(), arguments=(first, *_)) if not self.values.is_first_party(expr, context):
                content = member(expr, "content")
                return self._count_content(first.value if content is None else content, context, depth + 1)
            case Call():
                return self.values.count_returned(expr, context, depth, self._count_text)
            case Composite(operator="+" | "format", parts=parts):
                return total(self._count_text(part, context, depth + 1) for part in parts if not isinstance(part, Constant))
            case Name(id=name):
                return self.values.count_name(name, context, depth, self._count_text)
            case _:
                return ""

    def _count_written(self, path: Expr, context: Context, depth: int) -> RequestCount:
        """Return how many requests the program writes to the file that `path` names."""
        written = list(self._writes(context.block, path, frozenset(), context, looped=False, depth=depth))
        if written:
            return total(written)
        if isinstance(path, Name):
            return self.values.count_argument(path.id, context, depth, self._count_written)
        return ""

    def _writes(
        self, block: Block, path: Expr, files: frozenset[str], context: Context, *, looped: bool, depth: int
    ) -> Iterator[RequestCount]:
        """Yield the count of each write to a file in a block. `files` are the names of open file objects, `looped` is set inside a loop."""
        for statement in block:
            opened = files | _opened(statement, path)
            for _, expr in expressions_of(statement):
                if isinstance(expr, Call):
                    count = self._count_write(expr, path, opened, context, depth)
                    if count is not None:
                        yield "many" if looped else count
            for _, inner in blocks_of(statement):
                deeper = looped or isinstance(statement, For | While)
                yield from self._writes(inner, path, opened, context, looped=deeper, depth=depth)

    def _count_write(self, call: Call, path: Expr, opened: frozenset[str], context: Context, depth: int) -> RequestCount | None:
        """Return how many requests a call writes to a file, or `None` if it does not write to it."""
        function, arguments = call.function, [argument.value for argument in call.arguments]
        if isinstance(function, Attribute) and function.attr in _WRITE_METHODS and arguments:
            is_to_file = (isinstance(function.value, Name) and function.value.id in opened) or _is_same_file(function.value, path)
            return self._count_text(arguments[0], context, depth + 1) if is_to_file else None
        if isinstance(function, Attribute) and function.attr == "writelines" and isinstance(function.value, Name):
            return self.lists.count(arguments[0], context, depth + 1) if function.value.id in opened and arguments else None
        if isinstance(function, Attribute) and function.attr == "dump" and len(arguments) > 1:
            return "one" if isinstance(arguments[1], Name) and arguments[1].id in opened else None
        if any(_is_same_file(argument, path) for argument in arguments) and self.values.is_first_party(call, context):
            counts = [self.lists.count(argument, context, depth + 1) for argument in arguments if isinstance(argument, Collection)]
            return counts[0] if len(counts) == 1 else ""
        return None


def _opened(statement: Statement, path: Expr) -> set[str]:
    """Return the names to which a `with` statement binds the open file that `path` names."""
    entered = statement.items if isinstance(statement, With) else ()
    return {target.id for value, target in entered if isinstance(target, Name) and isinstance(value, Call) and _opens(value, path)}


def _opens(call: Call, path: Expr) -> bool:
    """Whether a call opens the file that `path` names, and does not append to it."""
    given = [argument.value for argument in call.arguments]
    owner = call.function.value if isinstance(call.function, Attribute) else None
    named = any(_is_same_file(value, path) for value in given[:1]) or (owner is not None and _is_same_file(owner, path))
    return named and Constant("a") not in given


def _is_same_file(expr: Expr, path: Expr) -> bool:
    """Whether two expressions name the same file: `Path(name)`, `str(name)` and `name` do."""
    while isinstance(expr, Call) and isinstance(expr.function, Name) and expr.function.id in ("Path", "str") and expr.arguments:
        expr = expr.arguments[0].value
    return expr == path
