"""How many requests a batch is filled with each time it is submitted, by data flow: one or many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Literal, TypeAlias

from surfacelint.catalogue.provider_rows import Endpoint
from surfacelint.facts.expressions import (
    Argument,
    Attribute,
    Await,
    Call,
    Choice,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Expr,
    Mapping,
    Name,
    Slice,
    Starred,
    Subscript,
)
from surfacelint.facts.function_bodies import For, Statement, While, With
from surfacelint.judgement.evidence import Evidence
from surfacelint.judgement.flow.enclosing_repetitions import Frame
from surfacelint.judgement.flow.enclosing_statements import Around, Block, Place, blocks_of, expressions_of
from surfacelint.judgement.flow.reaching_definitions import Reaching, definitions_before
from surfacelint.judgement.flow.statement_definitions import Definition
from surfacelint.linking.calls.call_graph import Site
from surfacelint.linking.calls.call_targets import Request
from surfacelint.linking.calls.request_summaries import Effect
from surfacelint.linking.evaluation.abstract_values import Function, Method
from surfacelint.linking.evaluation.call_arguments import Passed, argument_for, passed
from surfacelint.linking.evaluation.constants import member
from surfacelint.linking.evaluation.symbol_tables import FunctionNode
from surfacelint.system.records import record

Amount: TypeAlias = Literal["one", "many", ""]
"""Empty where nobody can tell."""

_DEEPEST = 12

_TEXTS = frozenset({"encode", "getvalue", "read", "strip"})
"""Methods that give the text of what they are called on."""

_MODES = (Constant("r"), Constant("rb"), Constant("rt"))
"""With these a path is opened that the method is called on."""

_WRITES = frozenset({"write", "write_text", "write_bytes"})


@record(frozen=True, slots=True)
class _Where:
    """A place in a function: what is set before it, in the statements of `block`; `outer` is who called the function, with `given`."""

    function: FunctionNode
    before: Reaching
    block: Block
    outer: _Where | None = None
    given: Passed | None = None


@record(frozen=True, slots=True)
class Contents:
    """Answers for one program."""

    evidence: Evidence

    def submitted(self, effect: Effect, frame: Frame, around: Around) -> Amount:
        """Return how many requests the batch holds that an effect submits in each round of `frame`, which is around its first site."""
        hops = list(effect.hops())
        where = _Where(hops[0].site.function, definitions_before(around.places, frame.depth), frame.block)
        for previous, hop in pairwise(hops):
            inner = self._inside(hop.site.function, where, previous.given)
            place = self.evidence.sites.bodies.around(hop.site)
            if previous.row is not None or inner is None or place is None:
                return ""
            where = _Where(hop.site.function, definitions_before(place.places, -1), inner.block, where, previous.given)
        request = effect.sink
        if not isinstance(request, Request):
            return ""
        given = self._given(hops[-1].site.call.arguments, request.endpoint, where)
        return self._added(hops[-1].site, where, frame.depth if len(hops) == 1 else -1) if given is None else given

    def _given(self, arguments: Iterable[Argument], endpoint: Endpoint, where: _Where) -> Amount | None:
        """Return how many requests a batch is submitted with, `None` if none are given to it yet."""
        found: list[Amount] = []
        for argument in arguments:
            if argument.name in endpoint.keywords:
                found.append(self._requests(argument.value, where, 0))
            if argument.name in endpoint.files and not any(found):
                found.append(self._file(argument.value, where, 0))
        return next(filter(None, found), "") if found else None

    def _added(self, submitting: Site, where: _Where, depth: int) -> Amount:
        """Return how many requests are added to a batch behind the call that submits it, in the same block."""
        around = self.evidence.sites.bodies.around(submitting)
        amounts: list[Amount] = []
        for site, ways in self.evidence.effects.sites.get(where.function.id, ()) if around is not None else ():
            adds = [way.sink.endpoint for way in ways if way.rest is None and isinstance(way.sink, Request)]
            endpoint = next((each for each in adds if each.surface == "batch-add"), None)
            behind = self.evidence.sites.bodies.around(site) if endpoint is not None else None
            if endpoint is None or behind is None or around is None:
                continue
            last = around.places[-1]
            inside = next((n for n, each in enumerate(behind.places) if each.block is last.block and each.index > last.index), None)
            if inside is not None:
                looped = any(isinstance(each.statement, For | While) for each in behind.places[inside:])
                there = replace(where, before=definitions_before(behind.places, depth))
                amounts.append("many" if looped else self._listed(site.call.arguments, endpoint, there))
        return _sum(amounts) if all(amounts) else ""

    def _listed(self, arguments: tuple[Argument, ...], endpoint: Endpoint, where: _Where) -> Amount:
        positional = [argument.value for argument in arguments if argument.name is None][endpoint.argument :]
        found = [argument.value for argument in arguments if argument.name in endpoint.keywords] or positional
        return self._requests(found[0], where, 0) if found else ""

    def _inside(self, function: FunctionNode, outer: _Where, given: Passed) -> _Where | None:
        """Return the end of a function that is called."""
        body = self.evidence.sites.bodies.body(function)
        if body is None or not body.statements:
            return None
        end = Place(body.statements[-1], "", body.statements, len(body.statements))
        return _Where(function, definitions_before((end,), -1), body.statements, outer, given)

    # Lists of requests.

    def _requests(self, expr: Expr, where: _Where, depth: int) -> Amount:
        """Return how many requests a list holds."""
        if depth > _DEEPEST:
            return ""
        match expr:
            case Collection(items=items):
                return "many" if len(items) > 1 or any(isinstance(item, Starred) for item in items) else "one" if items else ""
            case Comprehension() | Subscript(index=Slice()):
                return "many"
            case Composite(operator="+", parts=parts):
                return _sum(self._requests(part, where, depth + 1) for part in parts)
            case Choice(options=options):
                return _same(self._requests(option, where, depth + 1) for option in options)
            case Await(value=value) | Call(function=Name(id="list" | "tuple"), arguments=(Argument(value=value),)):
                return self._requests(value, where, depth + 1)
            case Call():
                return self._returned(expr, where, depth, self._requests)
            case Name(id=name):
                return self._filled(name, where, depth)
            case _:
                return ""

    def _filled(self, name: str, where: _Where, depth: int) -> Amount:
        """Return how many requests a list holds that has a name, with what is appended to it."""
        added: list[Definition] = []
        for _, definition in where.before.naming(name, len(where.before)):
            if name not in definition.keys:
                continue
            if definition.adds or definition.loops:
                added.append(definition)
            elif not definition.certain:
                return ""
            elif not added:
                return self._requests(definition.value, where, depth + 1)
            elif isinstance(definition.value, Collection) and not definition.value.items:
                return "one" if len(added) == 1 and added[0].adds and not added[0].loops else "many"
            else:
                return ""
        return "" if added else self._passed(name, where, depth, self._requests)

    # Followed through names and functions.

    def _passed(self, name: str, where: _Where, depth: int, ask: Callable[[Expr, _Where, int], Amount]) -> Amount:
        """Ask about what the caller passes for a parameter."""
        if where.outer is None or where.given is None:
            return ""
        found = argument_for(where.function.outline, where.given, name)
        return ask(found[0][1], where.outer, depth + 1) if len(found) == 1 else ""

    def _named(self, name: str, where: _Where, depth: int, ask: Callable[[Expr, _Where, int], Amount]) -> Amount:
        """Ask about what a name was set to last."""
        definition = _last(name, where)
        if definition is None:
            return self._passed(name, where, depth, ask)
        return ask(definition.value, where, depth + 1) if definition.certain and not definition.loops else ""

    def _returned(self, call: Call, where: _Where, depth: int, ask: Callable[[Expr, _Where, int], Amount]) -> Amount:
        """Ask about what a function of the user's own returns."""
        found: list[Amount] = []
        for value in self.evidence.resolver.callee(call, where.function):
            if not isinstance(value, Function | Method):
                return ""
            callee = self.evidence.resolver.function(value.id)
            inner = self._inside(callee, where, passed(call, where.function.id, skip=int(isinstance(value, Method))))
            if inner is None or callee.outline.is_generator:
                return ""
            found += [ask(returned, inner, depth + 1) for returned in callee.outline.returns]
        return _same(found)

    # Files.

    def _file(self, expr: Expr, where: _Where, depth: int) -> Amount:
        """Return how many requests a file holds, of which `expr` is the name that the provider gave it."""
        if depth > _DEEPEST:
            return ""
        match expr:
            case Attribute(value=value) | Subscript(value=value) | Await(value=value):
                return self._file(value, where, depth + 1)
            case Collection(items=items):
                return self._file(items[0], where, depth + 1) if len(items) == 1 else ""
            case Mapping(values=values):
                return self._file(values[0], where, depth + 1) if len(values) == 1 else ""
            case Name(id=name):
                return self._named(name, where, depth, self._file)
            case Call():
                for path in self.evidence.resolver.paths(expr.function, where.function):
                    for endpoint in self.evidence.catalogue.endpoints(path):
                        if endpoint.surface == "batch-build":
                            uploaded = [argument.value for argument in expr.arguments if argument.name in endpoint.files]
                            return self._document(uploaded[0], where, depth + 1) if uploaded else ""
                return self._returned(expr, where, depth, self._file)
            case _:
                return ""

    def _document(self, expr: Expr, where: _Where, depth: int) -> Amount:
        """Return how many requests a file has that is handed over: opened, made in memory, or with its name."""
        if depth > _DEEPEST:
            return ""
        match expr:
            case Call(function=Name(id="open") | Attribute(attr="open"), arguments=(first, *_)) if first.value not in _MODES:
                return self._written(first.value, where, depth)
            case Call(function=Name(id="Path"), arguments=(first,)):
                return self._written(first.value, where, depth)
            case Call(function=Attribute(value=value, attr="open" | "read_bytes" | "read_text")):
                return self._written(value, where, depth)
            case Collection(items=(_, content, *_)):
                return self._document(content, where, depth + 1)
            case Mapping():
                inside = member(expr, "content")
                return "" if inside is None else self._document(inside, where, depth + 1)
            case Constant():
                return self._written(expr, where, depth)
            case Name(id=name) if _last(name, where) is not None:
                return self._named(name, where, depth, self._document) or self._text(expr, where, depth)
            case Name():
                return self._passed(expr.id, where, depth, self._document) or self._written(expr, where, depth)
            case _:
                return self._text(expr, where, depth)

    def _text(self, expr: Expr, where: _Where, depth: int) -> Amount:
        """Return how many requests a text has: one where it is one of them as JSON."""
        if depth > _DEEPEST:
            return ""
        match expr:
            case Call(function=Attribute(attr="dumps") | Name(id="dumps"), arguments=(first, *_)):
                return "" if isinstance(first.value, Collection | Comprehension) else "one"
            case Call(function=Attribute(attr="model_dump_json")):
                return "one"
            case Call(function=Attribute(value=Constant(), attr="join"), arguments=(first,)):
                return self._requests(first.value, where, depth + 1)
            case Call(function=Attribute(value=value, attr=attr)) if attr in _TEXTS:
                return self._document(value, where, depth + 1)
            case Call(function=Name() | Attribute(), arguments=(first, *_)) if self._is_foreign(expr, where):
                content = member(expr, "content")
                return self._document(first.value if content is None else content, where, depth + 1)
            case Call():
                return self._returned(expr, where, depth, self._text)
            case Composite(operator="+" | "format", parts=parts):
                return _sum(self._text(part, where, depth + 1) for part in parts if not isinstance(part, Constant))
            case Name(id=name):
                return self._named(name, where, depth, self._text)
            case _:
                return ""

    def _is_foreign(self, call: Call, where: _Where) -> bool:
        return not any(isinstance(value, Function | Method) for value in self.evidence.resolver.callee(call, where.function))

    def _written(self, path: Expr, where: _Where, depth: int) -> Amount:
        """Return how many requests are written to the file that `path` names."""
        written = list(self._writes(where.block, path, frozenset(), where, looped=False, depth=depth))
        if written:
            return _sum(written)
        if isinstance(path, Name):
            return self._passed(path.id, where, depth, self._written)
        return ""

    def _writes(self, block: Block, path: Expr, files: frozenset[str], where: _Where, *, looped: bool, depth: int) -> Iterator[Amount]:
        """Yield what each statement of a block writes to a file; `files` are the names under which it is open."""
        for statement in block:
            opened = files | _opened(statement, path)
            for _, expr in expressions_of(statement):
                if isinstance(expr, Call):
                    amount = self._write(expr, path, opened, where, depth)
                    if amount is not None:
                        yield "many" if looped else amount
            for _, inner in blocks_of(statement):
                deeper = looped or isinstance(statement, For | While)
                yield from self._writes(inner, path, opened, where, looped=deeper, depth=depth)

    def _write(self, call: Call, path: Expr, opened: frozenset[str], where: _Where, depth: int) -> Amount | None:
        """Return how many requests a call writes to a file; `None` where it writes nothing to it."""
        function, arguments = call.function, [argument.value for argument in call.arguments]
        if isinstance(function, Attribute) and function.attr in _WRITES and arguments:
            mine = (isinstance(function.value, Name) and function.value.id in opened) or _names(function.value, path)
            return self._text(arguments[0], where, depth + 1) if mine else None
        if isinstance(function, Attribute) and function.attr == "writelines" and isinstance(function.value, Name):
            return self._requests(arguments[0], where, depth + 1) if function.value.id in opened and arguments else None
        if isinstance(function, Attribute) and function.attr == "dump" and len(arguments) > 1:
            return "one" if isinstance(arguments[1], Name) and arguments[1].id in opened else None
        if any(_names(argument, path) for argument in arguments) and not self._is_foreign(call, where):
            amounts = [self._requests(argument, where, depth + 1) for argument in arguments if isinstance(argument, Collection)]
            return amounts[0] if len(amounts) == 1 else ""
        return None


def _last(name: str, where: _Where) -> Definition | None:
    """Return what sets a name last."""
    return next((each for _, each in where.before.naming(name, len(where.before)) if name in each.keys), None)


def _opened(statement: Statement, path: Expr) -> set[str]:
    """Return the names under which a statement opens the file that `path` names."""
    entered = statement.items if isinstance(statement, With) else ()
    return {target.id for value, target in entered if isinstance(target, Name) and isinstance(value, Call) and _opens(value, path)}


def _opens(call: Call, path: Expr) -> bool:
    """Whether a call opens the file that `path` names, to write it anew."""
    given = [argument.value for argument in call.arguments]
    owner = call.function.value if isinstance(call.function, Attribute) else None
    named = any(_names(value, path) for value in given[:1]) or (owner is not None and _names(owner, path))
    return named and Constant("a") not in given


def _names(expr: Expr, path: Expr) -> bool:
    """Whether two expressions name the same file."""
    while isinstance(expr, Call) and isinstance(expr.function, Name) and expr.function.id in ("Path", "str") and expr.arguments:
        expr = expr.arguments[0].value
    return expr == path


def _sum(amounts: Iterable[Amount]) -> Amount:
    """Return how many there are in all."""
    found = [amount for amount in amounts if amount]
    return "" if not found else "one" if found == ["one"] else "many"


def _same(amounts: Iterable[Amount]) -> Amount:
    found = set(amounts)
    return found.pop() if len(found) == 1 else ""
