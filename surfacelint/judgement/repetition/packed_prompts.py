"""Requests that carry many inputs although their endpoint takes one: in a list of a JSON body, or joined to one prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Collection,
    Comprehension,
    Constant,
    Expr,
    Mapping,
    Name,
    Slice,
    Subscript,
    last_word,
)
from surfacelint.facts.function_bodies import For
from surfacelint.judgement.flow.access_paths import AccessPaths, first_overlap, reads
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.enclosing_statements import Block, expressions_in, statements_in
from surfacelint.judgement.flow.iteration_dataflow import derived
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_ENCODING = frozenset({"dumps", "encode", "dict", "bytes"})
"""Functions and methods between a dict and the body that holds it."""

_PAIRING = frozenset({"enumerate", "zip", "list", "sorted", "reversed", "map"})
"""Functions that keep the items of their arguments."""

_PARTS_OF_TEXT = frozenset({"words", "tokens", "token_ids", "chars", "characters", "sentences", "paragraphs", "pages", "text", "content"})
"""Names of lists that are one text in parts: joined, they are one input."""

_DEEPEST = 5
"""Names, encoders and functions that are followed."""


class PackedPrompts:
    """Answers for the requests of one program."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies

    def in_body(self, effect: Effect) -> bool:
        """Whether the body of a request has a list of inputs: `invoke_model(body=json.dumps({"texts": texts}))`."""
        if not isinstance(effect.sink, Request) or not effect.sink.endpoint.list_keys:
            return False
        *_, last = effect.hops()
        scope, keys = last.site.function, effect.sink.endpoint.list_keys
        return any(_has_list(argument.value, scope, keys, 0) for argument in last.site.call.arguments)

    def in_prompt(self, effect: Effect, item: AccessPaths, block: Block) -> bool:
        """Whether a function on the way to a request gets a chunk that comes from `item` in `block`, and joins it to a single prompt.

        A loop that joins the chunks itself decides how many items a prompt has. It is bulk work like any other.
        """
        if effect.rest is not None and any(hop.repeats for hop in effect.rest.hops()):
            return False  # it goes through the chunk, one request after another
        paths = AccessPaths(derived(block, item))
        here = effect
        for _ in range(_DEEPEST):
            if here.rest is None:
                return False
            callee = here.rest.hop.site.function
            body = self._bodies.body(callee)
            given = _parameters(here, callee, paths)
            if body is None or not given:
                return False
            paths = AccessPaths(derived(body.statements, given))
            if _joins(expressions_in(body.statements), paths) or _is_walked(body.statements, paths):
                return True
            here = here.rest
        return False


def _parameters(effect: Effect, callee: FunctionNode, paths: AccessPaths) -> set[str]:
    """Return the parameters of a callee that get something of `paths`; the first one where a library calls it."""
    parameters = [each for each in callee.outline.parameters if not each.kind.startswith("*")]
    if effect.hop.given.unknown:
        return {each.name for each in parameters[int(callee.owner is not None) :][:1]}
    given = effect.hop.given
    found = ((each.name, expr) for each in parameters for _, expr in argument_for(callee.outline, given, each.name))
    return {name for name, expr in found if _walks(expr, paths)}


def _joins(parts: Iterable[Expr], paths: AccessPaths) -> bool:
    """Whether one of the expressions puts the items of something in `paths` together: `", ".join(texts)`, `json.dumps(rows)`."""
    for part in parts:
        if isinstance(part, Call) and isinstance(part.function, Attribute) and part.function.attr in ("join", "dumps"):
            values = [argument.value for argument in part.arguments]
            if any(_walks(value.clauses[0].iterable if isinstance(value, Comprehension) else value, paths) for value in values):
                return True
        if isinstance(part, Comprehension) and _walks(part.clauses[0].iterable, paths) and _is_described(part):
            return True
    return False


def _is_described(comprehension: Comprehension) -> bool:
    """Whether a comprehension makes a message or a part of a prompt of each item."""
    return any(isinstance(element, Mapping) for element in comprehension.elements)


def _is_walked(block: Block, paths: AccessPaths) -> bool:
    """Whether a loop of a block goes through something in `paths` and only puts its items together."""
    return any(isinstance(statement, For) and _walks(statement.iterable, paths) for statement in statements_in(block))


def _walks(expr: Expr, paths: AccessPaths) -> bool:
    """Whether an expression is a list in `paths`, or a slice of a list by an index in them."""
    match expr:
        case Name(id=name):
            return name.lower() not in _PARTS_OF_TEXT and first_overlap({name}, paths) is not None
        case Attribute(attr=attr):
            return attr.lower() not in _PARTS_OF_TEXT and first_overlap(reads(expr), paths) is not None
        case Subscript(value=value, index=Slice()):
            return last_word(value).lower() not in _PARTS_OF_TEXT and first_overlap(reads(expr), paths) is not None
        case Call(function=Name(id=name), arguments=arguments) if name in _PAIRING:
            return any(_walks(argument.value, paths) for argument in arguments)
        case _:
            return False


def _has_list(expr: Expr, scope: FunctionNode, keys: tuple[str, ...], depth: int) -> bool:
    """Whether an expression is a dict, or the text of one, that holds a list of inputs under one of `keys`."""
    if depth > _DEEPEST:
        return False
    match expr:
        case Mapping(keys=names, values=values):
            pairs = zip(names, values, strict=True)
            return any(isinstance(name, Constant) and name.value in keys and not _is_single(value) for name, value in pairs)
        case Call(function=Attribute(attr=attr) | Name(id=attr), arguments=arguments) if attr in _ENCODING:
            if any(argument.name in keys and not _is_single(argument.value) for argument in arguments if argument.name):
                return True
            receiver = [expr.function.value] if isinstance(expr.function, Attribute) and attr == "encode" else []
            inner = [*receiver, *(argument.value for argument in arguments)]
            return any(_has_list(value, scope, keys, depth + 1) for value in inner)
        case Name(id=name):
            return any(_has_list(value, scope, keys, depth + 1) for value in _bound(name, scope)) or _is_set(name, scope, keys)
        case _:
            return False


def _bound(name: str, scope: FunctionNode) -> Iterator[Expr]:
    owner = scope.scope_of(name)
    yield from (source.value for source in (owner.names[name] if owner is not None else ()) if source.value is not None)


def _is_set(name: str, scope: FunctionNode, keys: tuple[str, ...]) -> bool:
    """Whether a function sets a list under one of `keys` of a dict: `body["texts"] = texts`."""
    for binding in scope.outline.bindings:
        match binding.target:
            case Subscript(value=Name(id=owner), index=Constant(value=key)) if owner == name and key in keys:
                if not _is_single(binding.value):
                    return True
            case _:
                continue
    return False


def _is_single(expr: Expr) -> bool:
    """Whether an expression is a list of one item, as it is written."""
    return isinstance(expr, Collection) and len(expr.items) == 1
