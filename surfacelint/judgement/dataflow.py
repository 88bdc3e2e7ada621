"""Def-use inside one iteration: what a call reads from before it, what is made of its result, what of the item.

Data is followed by *keys*: a plain name, or the dotted path of an attribute (`self.history`). Two keys touch if one is
the other or holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from surfacelint.facts.bodies import Assign, Augment, Evaluate, For, If, Leave, Raise, Return, Statement, Try, While, With
from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Collection,
    Comprehension,
    Expr,
    Lambda,
    Starred,
    Subscript,
    Walrus,
    children,
    dotted,
    walk,
)
from surfacelint.judgement.places import Block, Place, expressions_of, statements_in

MUTATORS = frozenset(
    {
        "append",
        "extend",
        "insert",
        "add",
        "update",
        "appendleft",
        "push",
        "put",
        "setdefault",
        "add_message",
        "add_user_message",
        "add_ai_message",
        "add_messages",
        "save_context",
    }
)
"""Methods that put their arguments into the receiver."""


def touches(one: str, other: str) -> bool:
    """Whether two keys are the same, or one holds the other."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def any_touch(keys: Iterable[str], others: Iterable[str]) -> str | None:
    """Return the first of the sorted `keys` that touches one of `others`."""
    kept = list(others)
    return next((key for key in sorted(keys) if any(touches(key, other) for other in kept)), None)


def reads(expr: Expr, by_item: frozenset[str] = frozenset()) -> set[str]:
    """Return the keys that evaluating `expr` reads.

    Containers that are indexed by something in `by_item` are left out: such a read picks the slot of one item.
    """
    found: set[str] = set()
    stack = [expr]
    while stack:
        here = stack.pop()
        key = dotted(here)
        if key is not None:
            found.add(key)
        elif isinstance(here, Subscript) and by_item and reads(here.index) & by_item:
            stack.append(here.index)
            if dotted(here.value) is None:
                stack.append(here.value)
        elif isinstance(here, Lambda):
            found |= reads(here.body, by_item) - set(here.parameters)
        elif isinstance(here, Comprehension):
            found |= _comprehension_reads(here, by_item)
        else:
            stack.extend(children(here))
    return found


def argument_reads(call: Call, by_item: frozenset[str] = frozenset()) -> set[str]:
    """Return the keys that evaluating the arguments of `call` reads, as `reads` does."""
    return {key for argument in call.arguments for key in reads(argument.value, by_item)}


def _comprehension_reads(expr: Comprehension, by_item: frozenset[str]) -> set[str]:
    inner: set[str] = set()
    own: set[str] = set()
    for clause in expr.clauses:
        own |= target_keys(clause.target)
    for child in children(expr):
        inner |= reads(child, by_item)
    return {key for key in inner if key.partition(".")[0] not in own}


def target_keys(target: Expr) -> set[str]:
    """Return the keys that assigning to `target` sets; the container for a subscript."""
    match target:
        case Collection(items=items):
            return {key for item in items for key in target_keys(item)}
        case Starred(value=value) | Subscript(value=value):
            return target_keys(value)
        case _:
            key = dotted(target)
            return set() if key is None else {key}


@dataclass(frozen=True, slots=True)
class Definition:
    """Keys that a statement sets from `value`; `certain` says that it always runs in the iteration once it is reached.

    `adds` says that it adds one item to what the key holds; `loops` are what the loops run over (or test) that it stands
    in and the call does not.
    """

    keys: frozenset[str]
    value: Expr
    certain: bool
    adds: bool = False
    loops: tuple[Expr, ...] = ()


def definitions_before(places: tuple[Place, ...], within: int) -> list[Definition]:
    """Return what may be set in the iteration before the call, in order; `places[within]` is the loop."""
    found: list[Definition] = []
    for place in places[within + 1 :]:
        found += _entered(place)
        for statement in place.block[: place.index]:
            found += _definitions(statement, certain=True)
        found += _headed(place.statement)
    return found


def _entered(place: Place) -> list[Definition]:
    """What is set in the try body before its handler, in the handler's view."""
    if isinstance(place.statement, Try) and place.role in ("handler", "orelse", "final"):
        certain = place.role == "orelse"
        return [definition for statement in place.statement.body for definition in _definitions(statement, certain=certain)]
    return []


def _headed(statement: Statement) -> list[Definition]:
    """What the header of a statement around the call sets."""
    if isinstance(statement, With):
        return [Definition(frozenset(target_keys(target)), value, certain=True) for value, target in statement.items if target is not None]
    if isinstance(statement, If | While):
        return _walruses(statement.test, certain=True)
    return []


def _walruses(expr: Expr, *, certain: bool) -> list[Definition]:
    return [Definition(frozenset(target_keys(part.target)), part.value, certain) for part in walk(expr) if isinstance(part, Walrus)]


def _definitions(statement: Statement, *, certain: bool) -> list[Definition]:
    match statement:
        case Assign(targets=targets, value=value):
            plain = [target for target in targets if not isinstance(target, Subscript)]
            slots = [target for target in targets if isinstance(target, Subscript)]
            found = [Definition(frozenset(target_keys(target)), value, certain) for target in plain]
            found += [Definition(frozenset(target_keys(target)), value, certain=False) for target in slots]
            return [*_walruses(value, certain=certain), *found]
        case Augment(target=target, value=value):
            return _additions(frozenset(target_keys(target)), value)
        case Evaluate(value=value):
            return [*_walruses(value, certain=certain), *_mutation(value)]
        case For(target=target, iterable=iterable):
            inner = [part for nested in statement.body for part in _definitions(nested, certain=False)]
            repeated = [replace(part, loops=(iterable, *part.loops)) for part in inner]
            return [Definition(frozenset(target_keys(target)), iterable, certain=False), *repeated]
        case If():
            return _branches(statement, certain=certain)
        case Try():
            return _attempts(statement, certain=certain)
        case With(items=items, body=body):
            headed = [Definition(frozenset(target_keys(t)), v, certain) for v, t in items if t is not None]
            return [*headed, *(part for nested in body for part in _definitions(nested, certain=certain))]
        case While(test=test, body=body):
            inner = [part for nested in body for part in _definitions(nested, certain=False)]
            return [replace(part, adds=False, loops=(test, *part.loops)) for part in inner]
        case _:
            return []


def _mutation(expr: Expr) -> list[Definition]:
    if isinstance(expr, Call) and isinstance(expr.function, Attribute) and expr.function.attr in MUTATORS:
        receiver = dotted(expr.function.value)
        if receiver is not None:
            if expr.function.attr == "extend" and len(expr.arguments) == 1:
                return _additions(frozenset({receiver}), expr.arguments[0].value)
            adds = expr.function.attr in ("append", "add") and len(expr.arguments) == 1
            return [Definition(frozenset({receiver}), argument.value, certain=False, adds=adds) for argument in expr.arguments]
    return []


def _additions(keys: frozenset[str], value: Expr) -> list[Definition]:
    """Return what adding `value` to `keys` sets: of a display each item is added."""
    if isinstance(value, Collection) and value.items and not any(isinstance(item, Starred) for item in value.items):
        return [Definition(keys, item, certain=False, adds=True) for item in value.items]
    return [Definition(keys, value, certain=False)]


def _branches(statement: If, *, certain: bool) -> list[Definition]:
    """Both branches of an if; what both set is certain, and so is what one sets while the other leaves."""
    walked = _walruses(statement.test, certain=certain)
    one = [part for nested in statement.body for part in _definitions(nested, certain=certain)]
    other = [part for nested in statement.orelse for part in _definitions(nested, certain=certain)]
    if leaves(statement.body):
        return [*walked, *(replace(part, certain=False) for part in one), *other]
    if statement.orelse and leaves(statement.orelse):
        return [*walked, *(replace(part, certain=False) for part in other), *one]
    sure = _surely(one) & _surely(other)
    return [*walked, *(_weakened(part, sure) for part in one), *(_weakened(part, sure) for part in other)]


def _surely(found: list[Definition]) -> set[str]:
    return {key for part in found if part.certain for key in part.keys}


def _weakened(part: Definition, sure: set[str]) -> Definition:
    return replace(part, certain=part.certain and part.keys <= sure)


def _attempts(statement: Try, *, certain: bool) -> list[Definition]:
    found = [part for nested in (*statement.body, *statement.orelse) for part in _definitions(nested, certain=certain)]
    handled: list[Definition] = []
    for handler in statement.handlers:
        inner = [part for nested in handler.body for part in _definitions(nested, certain=certain)]
        if not leaves(handler.body):
            sure = _surely(inner)
            found = [_weakened(part, sure) for part in found]
        handled += [replace(part, certain=False) for part in inner]
    final = [part for nested in statement.final for part in _definitions(nested, certain=certain)]
    return [*handled, *found, *final]


def leaves(block: Block) -> bool:
    """Whether a block never reaches its end: it breaks, continues, returns or raises."""
    for statement in block:
        match statement:
            case Leave() | Return() | Raise():
                return True
            case If(body=body, orelse=orelse) if orelse and leaves(body) and leaves(orelse):
                return True
            case With(body=body) if leaves(body):
                return True
            case Try(body=body, orelse=orelse, handlers=handlers, final=final):
                handled = all(leaves(handler.body) for handler in handlers)
                if leaves(final) or ((leaves(body) or leaves(orelse)) and handled):
                    return True
            case _:
                continue
    return False


def setters(key: str, position: int, before: Sequence[Definition]) -> Iterator[tuple[int, str, Definition]]:
    """Yield what may set `key` before `position`, the last first: its number, the key that it sets, and the definition."""
    for number in range(position - 1, -1, -1):
        match = any_touch(before[number].keys, {key})
        if match is not None:
            yield number, match, before[number]


def exposed(wanted: set[str], before: list[Definition], by_item: frozenset[str]) -> set[str]:
    """Return the keys among `wanted`, or behind what they are made of in this iteration, that may hold a value from before it."""
    found: set[str] = set()
    pending = [(key, len(before)) for key in sorted(wanted)]
    seen: set[tuple[str, int]] = set()
    while pending:
        key, position = pending.pop()
        if (key, position) in seen:
            continue
        seen.add((key, position))
        for number, match, definition in setters(key, position, before):
            pending.extend((read, number) for read in sorted(reads(definition.value, by_item)))
            if definition.certain and not match.startswith(f"{key}."):
                break
        else:
            found.add(key)
    return found


def outliving(kept: set[str], before: list[Definition]) -> set[str]:
    """Return those of the objects at `kept` that were not made in the iteration.

    An object that something else names is that other object; one that a call gave is a new one.
    """
    found: set[str] = set()
    pending = [(key, len(before)) for key in sorted(kept)]
    while pending:
        key, position = pending.pop()
        for number, _, definition in setters(key, position, before):
            if definition.certain:
                named = dotted(definition.value)
                pending += [(named, number)] if named is not None else []
                break
        else:
            found.add(key)
    return found


def derived(block: Block, start: set[str], *, ends: frozenset[object] = frozenset(), by_item: frozenset[str] = frozenset()) -> set[str]:
    """Return the keys that are made from the keys `start`, or from a call whose end is in `ends`, anywhere in the block.

    Flow-insensitive. Writing into the slot of an item (an index in `by_item`) does not spread to the container.
    """
    found = set(start)
    statements = list(statements_in(block))
    changed = True
    while changed:
        changed = False
        for statement in statements:
            for keys, value in _sets(statement, by_item):
                if not keys <= found and _carries(value, found, ends):
                    found |= keys
                    changed = True
    return found


def _carries(value: Expr, found: set[str], ends: frozenset[object]) -> bool:
    if any_touch(reads(value), found) is not None:
        return True
    return bool(ends) and any(isinstance(part, Call) and part.span.end in ends for part in walk(value))


def _sets(statement: Statement, by_item: frozenset[str]) -> Iterator[tuple[set[str], Expr]]:
    """Return which keys a statement sets from which values, itself and in its expressions."""
    match statement:
        case Assign(targets=targets, value=value):
            yield from ((target_keys(target), value) for target in targets if not _own_slot(target, by_item))
        case Augment(target=target, value=value) if not _own_slot(target, by_item):
            yield target_keys(target), value
        case For(target=target, iterable=iterable):
            yield target_keys(target), iterable
        case With(items=items):
            yield from ((target_keys(target), value) for value, target in items if target is not None)
        case Evaluate(value=value):
            yield from ((set(definition.keys), definition.value) for definition in _mutation(value))
        case _:
            pass
    for _, expr in expressions_of(statement):
        for part in walk(expr):
            yield from _sets_inside(part)


def _sets_inside(part: Expr) -> Iterator[tuple[set[str], Expr]]:
    if isinstance(part, Walrus):
        yield target_keys(part.target), part.value
    elif isinstance(part, Comprehension):
        yield from ((target_keys(clause.target), clause.iterable) for clause in part.clauses)


def _own_slot(target: Expr, by_item: frozenset[str]) -> bool:
    return isinstance(target, Subscript) and any_touch(reads(target.index), by_item) is not None
