"""Definitions in statements: the access paths that a statement sets, from which value, and whether it always does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from surfacelint.facts.expressions import (
    Attribute,
    Call,
    Collection,
    Comprehension,
    Constant,
    Expr,
    Name,
    Slice,
    Starred,
    Subscript,
    Walrus,
    last_word,
    walk,
)
from surfacelint.facts.function_bodies import (
    Assign,
    Augment,
    Evaluate,
    For,
    If,
    Leave,
    Raise,
    Return,
    Statement,
    Try,
    While,
    With,
)
from surfacelint.judgement.flow.access_paths import access_path, assigned_paths, is_exact
from surfacelint.judgement.flow.enclosing_statements import Block, expressions_of, inside_out, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.system.records import record

ADDING_METHODS = frozenset({"append", "extend", "insert", "add", "update", "appendleft", "push", "put", "put_nowait", "setdefault"})
"""Methods of Python's containers and queues that add their arguments to the receiver."""

EMPTIED = Collection("list", ())
"""The value that a write leaves behind which empties its object: `xs.clear()`. Nothing that was in the object before is left."""

_ADDING_FUNCTIONS = frozenset({"heappush", "heappushpop", "heapreplace", "insort", "insort_left", "insort_right"})
"""Functions of Python's `heapq` and `bisect` that add to their first argument."""

CallWrites = Callable[[Call], Iterable[tuple[Expr, Expr]]]
"""Returns the writes of a call: pairs of the object that it changes and the value that it puts there."""


def container_writes(call: Call) -> Iterator[tuple[Expr, Expr]]:
    """Yield the writes of a container's own method, and of a function that adds to its first argument: `xs` and `x` for `xs.append(x)`."""
    name = last_word(call.function)
    if not call.arguments:
        if isinstance(call.function, Attribute) and name == "clear":
            yield call.function.value, EMPTIED
    elif name in _ADDING_FUNCTIONS:
        yield from ((call.arguments[0].value, argument.value) for argument in call.arguments[1:])
    elif isinstance(call.function, Attribute) and name in ADDING_METHODS:
        yield from ((call.function.value, argument.value) for argument in call.arguments)


@record(frozen=True, slots=True)
class Definition:
    """One definition: a statement sets the access paths `keys` from `value`.

    If `certain`, it runs in every iteration that reaches it. If `adds`, it adds one item to a collection. If `walked`, the access paths
    are the target of a loop and lose their earlier values inside it. `loops` are the iterables (or tests) of the loops that contain
    the statement, but not the call in question. `branch` is set if each branch of an `if` sets the access paths: `first` for the first
    of these definitions, `other` for the rest. `cut` is the slice that a list was cut to, whose `value` is then empty.
    """

    keys: frozenset[str]
    value: Expr
    certain: bool
    adds: bool = False
    walked: bool = False
    loops: tuple[Expr, ...] = ()
    branch: str = ""
    cut: Expr | None = None


def _set(target: Expr, value: Expr, *, certain: bool) -> Definition:
    paths = frozenset(assigned_paths(target))
    return Definition(paths, value, certain and all(map(_is_place, _unpacked(target))))


def _assigned(target: Expr, value: Expr, *, certain: bool) -> list[Definition]:
    """Return the definitions of an assignment. Displays of the same length are paired item by item: `a, b = c, d`.

    Names that a value is unpacked to are items of it: `a, b = pair` is `a = pair[0]` and `b = pair[1]`. A list that is cut to its
    first items has lost what was added to it: `messages = messages[:1]`.
    """
    cut = target.value if isinstance(target, Subscript) and isinstance(target.index, Slice) else target
    if isinstance(value, Subscript) and value.value == cut and _is_beginning(value.index):
        return [replace(_set(target, EMPTIED, certain=certain), cut=value)]
    if isinstance(target, Collection) and isinstance(value, Collection) and len(target.items) == len(value.items):
        pairs = list(zip(target.items, value.items, strict=True))
        if not any(isinstance(part, Starred) for pair in pairs for part in pair):
            return [definition for one, other in pairs for definition in _assigned(one, other, certain=certain)]
    if isinstance(target, Collection) and isinstance(value, Name | Attribute | Subscript):
        return [each for one, index in _indexed(target.items) for each in _assigned(one, Subscript(value, index), certain=certain)]
    return [_set(target, value, certain=certain)]


def _indexed(targets: tuple[Expr, ...]) -> Iterator[tuple[Expr, Expr]]:
    """Yield the targets of an unpacking, each with the index or slice of what it gets."""
    starred = next((number for number, target in enumerate(targets) if isinstance(target, Starred)), len(targets))
    for number, target in enumerate(targets):
        if isinstance(target, Starred):
            after = len(targets) - number - 1
            yield target.value, Slice(Constant(number), Constant(-after) if after else None, None)
        else:
            yield target, Constant(number if number < starred else number - len(targets))


def _is_beginning(index: Expr) -> bool:
    """Whether an index is a slice of the first few items."""
    match index:
        case Slice(lower=None | Constant(value=0), upper=Constant(value=int(upper)), step=None):
            return upper > 0
        case _:
            return False


def _unpacked(target: Expr) -> Iterator[Expr]:
    """Yield the single targets of an assignment: `a` and `b` of `a, *b`."""
    match target:
        case Collection(items=items):
            for item in items:
                yield from _unpacked(item)
        case Starred(value=value):
            yield from _unpacked(value)
        case _:
            yield target


def _is_place(target: Expr) -> bool:
    path = access_path(target)
    return path is not None and is_exact(path)


def header_definitions(statement: Statement) -> list[Definition]:
    """Return the definitions in the header of a statement around the call: `with … as` and `:=`."""
    if isinstance(statement, With):
        return [
            Definition(frozenset(assigned_paths(target)), value, certain=True) for value, target in statement.items if target is not None
        ]
    if isinstance(statement, If | While):
        return _walruses(statement.test, certain=True)
    return []


_WALRUSES: IdentityMemo[list[Walrus]] = IdentityMemo()


def _walruses(expr: Expr, *, certain: bool) -> list[Definition]:
    found = _WALRUSES.get((expr,), lambda: [part for part in walk(expr) if isinstance(part, Walrus)])
    return [_set(part.target, part.value, certain=certain) for part in found]


@record(frozen=True, slots=True)
class DefinitionReader:
    """Computes the definitions of statements; `call_writes` describes the writes of calls."""

    call_writes: CallWrites

    def block(self, block: Block, *, certain: bool) -> list[Definition]:
        """Return the definitions of a block, in order."""
        return [definition for statement in block for definition in self.statement(statement, certain=certain)]

    def statement(self, statement: Statement, *, certain: bool) -> list[Definition]:
        """Return the definitions of a statement and of the statements in it."""
        match statement:
            case Assign(targets=targets, value=value):
                found = [definition for target in targets for definition in _assigned(target, value, certain=certain)]
                return [*self._evaluated(value, certain=certain), *found]
            case Augment(target=target, value=value):
                return _additions(frozenset(assigned_paths(target)), value)
            case Evaluate(value=Subscript(value=value, index=Slice())) if (path := access_path(value)) is not None:
                return [Definition(frozenset({path}), EMPTIED, certain=certain)]  # `del xs[:]`
            case Evaluate(value=value):
                return self._evaluated(value, certain=certain)
            case For(target=target, iterable=iterable, body=body):
                repeated = [replace(part, loops=(iterable, *part.loops)) for part in self.block(body, certain=False)]
                walked = certain and all(map(_is_place, _unpacked(target)))
                return [replace(_set(target, iterable, certain=False), walked=walked), *repeated]
            case If():
                return self._branches(statement, certain=certain)
            case Try():
                return self._attempts(statement, certain=certain)
            case With(body=body):
                entered = [part if certain else _uncertain(part) for part in header_definitions(statement)]
                return [*entered, *self.block(body, certain=certain)]
            case While(test=test, body=body):
                return [replace(part, adds=False, loops=(test, *part.loops)) for part in self.block(body, certain=False)]
            case _:
                return []

    def _evaluated(self, expr: Expr, *, certain: bool) -> list[Definition]:
        """Return the definitions of evaluating an expression: `:=`, and the writes of its calls."""
        found = _walruses(expr, certain=certain)
        for part in walk(expr):
            if isinstance(part, Call):
                found += self._written(part, certain=certain)
        return found

    def _written(self, call: Call, *, certain: bool) -> Iterator[Definition]:
        """Yield the writes of a call as definitions."""
        method = call.function.attr if isinstance(call.function, Attribute) and len(call.arguments) == 1 else ""
        if isinstance(call.function, Attribute) and call.function.attr == "insert" and len(call.arguments) == 2:
            path = access_path(call.function.value)
            if path is not None:  # the first argument is the place
                yield Definition(frozenset({path}), call.arguments[1].value, certain=False, adds=True)
            return
        for holder, value in self.call_writes(call):
            path = access_path(holder)
            if path is not None and value is EMPTIED:
                yield Definition(frozenset({path}), value, certain)
            elif path is not None and method == "extend":
                yield from _additions(frozenset({path}), value)
            elif path is not None:
                yield Definition(frozenset({path}), value, certain=False, adds=method in ("append", "appendleft", "add"))

    def _branches(self, statement: If, *, certain: bool) -> list[Definition]:
        """Return the definitions of both branches. They are certain if both branches set them, or if the other branch leaves."""
        chain = [statement]
        while len(chain[-1].orelse) == 1 and isinstance(chain[-1].orelse[0], If):
            chain.append(chain[-1].orelse[0])
        found = self.block(chain[-1].orelse, certain=certain)
        for each in reversed(chain):
            found = self._joined(each, found, certain=certain)
        return found

    def _joined(self, statement: If, other: list[Definition], *, certain: bool) -> list[Definition]:
        """Return the definitions of an `if` whose other branch has the definitions `other`."""
        walked = _walruses(statement.test, certain=certain)
        one = self.block(statement.body, certain=certain)
        if leaves(statement.body):
            return [*walked, *(_uncertain(part) for part in one), *other]
        if statement.orelse and leaves(statement.orelse):
            return [*walked, *(_uncertain(part) for part in other), *one]
        sure = _certain_paths(one)
        sure = sure & _certain_paths(other) if sure else sure
        if not sure:
            return [*walked, *map(_uncertain, one), *map(_uncertain, other)]
        return [*walked, *_as_branch(one, sure, set()), *_as_branch(other, sure, set(sure))]

    def _attempts(self, statement: Try, *, certain: bool) -> list[Definition]:
        """Return the definitions of a `try`. Those of its body are uncertain unless its handlers leave or set the same."""
        found = self.block((*statement.body, *statement.orelse), certain=certain)
        handled: list[Definition] = []
        for handler in statement.handlers:
            inner = self.block(handler.body, certain=certain)
            if not leaves(handler.body):
                sure = _certain_paths(inner)
                found = [_weakened(part, sure) for part in found]
            handled += map(_uncertain, inner)
        return [*handled, *found, *self.block(statement.final, certain=certain)]


def _additions(paths: frozenset[str], value: Expr) -> list[Definition]:
    """Return the definitions of adding the items of `value` to the collection at `paths`, one per item of a display."""
    if isinstance(value, Collection) and value.items and not any(isinstance(item, Starred) for item in value.items):
        return [Definition(paths, item, certain=False, adds=True) for item in value.items]
    return [Definition(paths, value, certain=False)]


def _certain_paths(found: list[Definition]) -> set[str]:
    return {path for part in found if part.certain for path in part.keys}


def _weakened(part: Definition, sure: set[str]) -> Definition:
    return _uncertain(part) if part.certain and not part.keys <= sure else part


def _as_branch(found: list[Definition], sure: set[str], seen: set[str]) -> Iterator[Definition]:
    """Yield the definitions of a branch, as parts of those of all branches for the paths that each branch sets."""
    for part in found:
        if part.certain and part.keys <= sure:
            yield replace(part, branch="other" if part.keys <= seen else "first")
            seen |= part.keys
        else:
            yield _uncertain(part)


def _uncertain(part: Definition) -> Definition:
    """Return the definition, not certain to run."""
    if not part.certain:
        return part
    # much faster than `dataclasses.replace`, and one of the most frequent calls of judgement
    return Definition(part.keys, part.value, False, part.adds, part.walked, part.loops, part.branch, part.cut)


_LEAVING: IdentityMemo[bool] = IdentityMemo()


def leaves(block: Block) -> bool:
    """Whether control never reaches the end of a block: it breaks, continues, returns or raises."""
    return _LEAVING.get((block,), lambda: _leaves(block))


def _leaves(block: Block) -> bool:
    """Answer for inner blocks first, each once: the branches of a long `elif` chain are nested as deep as it is long."""
    found = False
    for inner in inside_out(block, lambda each: _LEAVING.knows((each,))):
        found = _LEAVING.get((inner,), partial(_has_end, inner))
    return found


def _has_end(block: Block) -> bool:
    return any(map(_ends, block))


def leaving_statements(block: Block) -> list[int]:
    """Return the indexes of the statements after which control never continues in the block."""
    return [number for number, statement in enumerate(block) if _ends(statement)]


def _ends(statement: Statement) -> bool:
    """Whether nothing after a statement runs."""
    match statement:
        case Leave() | Return() | Raise():
            return True
        case If(body=body, orelse=orelse):
            return bool(orelse) and leaves(body) and leaves(orelse)
        case With(body=body):
            return leaves(body)
        case Try(body=body, orelse=orelse, handlers=handlers, final=final):
            handled = all(leaves(handler.body) for handler in handlers)
            return leaves(final) or ((leaves(body) or leaves(orelse)) and handled)
        case _:
            return False


_ASSIGNMENTS: IdentityMemo[tuple[tuple[Expr, Expr], ...]] = IdentityMemo()


def assignments(block: Block, call_writes: CallWrites = container_writes) -> tuple[tuple[Expr, Expr], ...]:
    """Return all targets that the statements of a block set, with their values, in no particular order."""
    return _ASSIGNMENTS.get(
        (block, call_writes),
        lambda: tuple([each for part in statements_in(block) for each in (*_bound(part), *_stored(part, call_writes))]),
    )


def in_place_changes(block: Block, call_writes: CallWrites = container_writes) -> Iterator[tuple[Expr, Expr]]:
    """Yield what a block changes in place (attributes, slots, the objects that calls write to), with the values."""
    for statement in statements_in(block):
        for target, value in _bound(statement):
            yield from (
                (part, value)
                for part in walk(target)
                if isinstance(part, Attribute | Subscript) and access_path(part) in assigned_paths(target)
            )
        yield from _stored(statement, call_writes)


def _bound(statement: Statement) -> Iterator[tuple[Expr, Expr]]:
    """Yield the targets that a statement binds, with their values."""
    match statement:
        case Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case Augment(target=target, value=value) | For(target=target, iterable=value):
            yield target, value
        case With(items=items):
            yield from ((target, value) for value, target in items if target is not None)
        case _:
            pass
    for part in _parts(statement):
        if isinstance(part, Walrus):
            yield part.target, part.value
        elif isinstance(part, Comprehension):
            yield from ((clause.target, clause.iterable) for clause in part.clauses)


def _stored(statement: Statement, call_writes: CallWrites) -> Iterator[tuple[Expr, Expr]]:
    for part in _parts(statement):
        if isinstance(part, Call):
            yield from call_writes(part)


_PARTS: IdentityMemo[list[Call | Comprehension | Walrus]] = IdentityMemo()


def _parts(statement: Statement) -> list[Call | Comprehension | Walrus]:
    """Return the calls, comprehensions and walruses in the expressions of a statement, without the statements in it."""
    return _PARTS.get((statement,), lambda: _find_parts(statement))


def _find_parts(statement: Statement) -> list[Call | Comprehension | Walrus]:
    return [part for _, expr in expressions_of(statement) for part in walk(expr) if isinstance(part, Call | Comprehension | Walrus)]
