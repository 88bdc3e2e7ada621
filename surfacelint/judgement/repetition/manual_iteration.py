"""Manual iteration: loops that fetch their items themselves, by an index, from a worklist, or with `next(…)`."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.facts.expressions import (
    Argument,
    Attribute,
    Await,
    Call,
    Collection,
    Composite,
    Constant,
    Expr,
    Name,
    Slice,
    Subscript,
    Walrus,
    dotted,
    last_word,
    walk,
)
from surfacelint.facts.function_bodies import Assign, Augment, For, Handler, Leave, Return, Statement, Try, While
from surfacelint.judgement.flow.access_paths import access_path, assigned_paths, first_overlap, reads, root
from surfacelint.judgement.flow.block_exits import guards_of_exits
from surfacelint.judgement.flow.enclosing_repetitions import EnclosingRepetition
from surfacelint.judgement.flow.enclosing_statements import Block, blocks_of, expressions_in, expressions_of, statements_in
from surfacelint.judgement.flow.identity_memo import IdentityMemo
from surfacelint.system.records import record

_TAKING_METHODS = frozenset(
    {"pop", "popleft", "popitem", "get", "get_nowait", "readline", "fetchone", "fetchmany", "__next__", "__anext__"}
)
"""Methods that take the next item, or the next few, out of their receiver."""

_TAKING_FUNCTIONS = frozenset({"next", "anext", "heappop"})
"""Functions that take the next item out of their first argument."""

_EXHAUSTED = frozenset({"StopIteration", "StopAsyncIteration", "Empty", "QueueEmpty", "IndexError", "KeyError", "EOFError", "Exception"})
"""Exceptions by which a source says that it has no more items."""


@record(frozen=True, slots=True)
class Supply:
    """A source of items that may never end. `source` is the expression, `paths` are the access paths of the source and of its items.

    - `waits`: taking an item waits until another part of the program puts one there, as in a queue.
    - `flows`: taking an item may wait for another program or a person, as in a connection.
    - `returned`: the source is a call whose function may return the next item.
    - `fetched`: the source makes a page of items from a position that moves on, unless it asks a model.
    """

    source: Expr
    paths: frozenset[str]
    waits: bool = False
    flows: bool = False
    returned: bool = False
    fetched: bool = False


@record(frozen=True, slots=True)
class ManualIteration:
    """How a `while` loop iterates. `variables` surely hold its items, or lead to them. What the `supplies` hold depends on them.

    `parts` hold several items at a time.
    """

    variables: frozenset[str]
    supplies: tuple[Supply, ...]
    parts: frozenset[str] = frozenset()

    @property
    def all_variables(self) -> frozenset[str]:
        """The access paths that lead to items if there are any."""
        return self.variables.union(*(supply.paths for supply in self.supplies))


NOT_MANUAL = ManualIteration(frozenset(), ())

_KNOWN: IdentityMemo[ManualIteration] = IdentityMemo()


def manual_iteration(frame: EnclosingRepetition) -> ManualIteration:
    """Return how a `while` loop iterates over its items: `i` of `while i < len(rows)`, a worklist, `while line := file.readline()`."""
    node = frame.node
    return _KNOWN.get((node,), lambda: _manual_iteration(node)) if isinstance(node, While) else NOT_MANUAL


def _manual_iteration(node: While) -> ManualIteration:
    """Find the counters that a loop tests and advances, and the sources from which it takes one item per round until they are empty."""
    tested = reads(node.test)
    guards = [guard[-1] for _, guard in guards_of_exits(node.body)]
    found = _counters(node, tested, guards)
    supplies: list[Supply] = []
    left = tested.union(*map(reads, guards))
    for take in _takes_of(node, tested):
        paths = frozenset({take.owner, *take.taken})
        is_tested = first_overlap({take.owner}, tested) is not None
        ends = is_tested or (not take.nested and (take.drained or first_overlap(paths, left) is not None))
        if take.waits and not is_tested and first_overlap({take.owner}, left) is None:
            supplies += [] if take.nested else [Supply(take.source, paths, waits=True)]
        elif ends and not take.reads_line:
            found |= paths
        elif ends or (take.raises and not take.nested):
            supplies.append(Supply(take.source, paths, flows=take.awaited))
    supplies += [Supply(call, taken, returned=True) for call, taken in _calls_assigned(node) if first_overlap(taken, left) is not None]
    pages = list(_pages(node, left))
    parts = frozenset(_parts(node)).union(*(page.paths for page in pages))
    return ManualIteration(frozenset(found), (*supplies, *pages), parts)


def _parts(node: While) -> Iterator[str]:
    """Yield the access paths that hold the next items of a loop, several at a time: `part = list(islice(rows, 50))`."""
    bound = [(part.target, part.value) for part in walk(node.test) if isinstance(part, Walrus)]
    bound += [(target, each.value) for each in statements_in(node.body) if isinstance(each, Assign) for target in each.targets]
    for target, value in bound:
        if any(_sliced_from(part) or _takes_several(part) for part in walk(value)):
            yield from assigned_paths(target)


def _takes_several(part: Expr) -> bool:
    return isinstance(part, Call) and isinstance(part.function, Attribute) and part.function.attr == "fetchmany"


# Counters.


def _counters(node: While, tested: set[str], guards: list[Expr]) -> set[str]:
    """Return the access paths that each round advances and that end the loop at some number, and those that it shortens until empty."""
    statements = statements_in(node.body)
    stepped = {path for statement in statements for path in _stepped(statement)}
    found = stepped & tested if _compares(node.test) else set()
    found |= {path for statement in statements for path in _shortened(statement)} & tested.union(*map(reads, guards))
    ending = {path for test in guards if _compares(test) for path in reads(test)} & (stepped - found)
    if ending:  # a number that ends the loop may also count attempts
        indexes = [part.index for part in expressions_in(node.body) if isinstance(part, Subscript)]
        found |= ending & {path for index in indexes for path in reads(index)}
    return found


def _stepped(statement: Statement) -> set[str]:
    """Return the access paths that a statement advances: `i += 1`, `i += size`, `i = i + 1`."""
    match statement:
        case Augment(target=target, value=Constant() | Name() | Attribute() | Call(function=Name("len"))):
            return assigned_paths(target)
        case Assign(targets=(target,), value=Composite(operator="+", parts=parts)) if target in parts:
            return assigned_paths(target)
        case _:
            return set()


def _shortened(statement: Statement) -> Iterator[str]:
    """Yield the access paths that a statement shortens from the front: `rows = rows[50:]`, `part, rows = rows[:50], rows[50:]`."""
    if not isinstance(statement, Assign):
        return
    for target in statement.targets:
        pairs = [(target, statement.value)]
        if isinstance(target, Collection) and isinstance(statement.value, Collection):
            pairs = list(zip(target.items, statement.value.items, strict=False))
        for one, other in pairs:
            if isinstance(other, Subscript) and other.value == one and isinstance(other.index, Slice) and other.index.lower is not None:
                yield from assigned_paths(one)


def _compares(test: Expr) -> bool:
    return any(isinstance(part, Composite) and part.operator in ("<", "<=", ">", ">=", "!=", "==") for part in walk(test))


# Sources.


@record(frozen=True, slots=True)
class _Take:
    """One call that takes an item from `source`, at the access path `owner`. `taken` are the access paths that then hold the item.

    - `waits`: it waits for an item. `raises`: it fails when there is none. `reads_line`: it reads a line. `awaited`: as a coroutine.
    - `drained`: the failure ends the loop. `nested`: it is in a loop inside the loop.
    """

    source: Expr
    owner: str
    taken: frozenset[str]
    waits: bool
    raises: bool
    reads_line: bool
    awaited: bool
    drained: bool
    nested: bool


def _takes_of(node: While, tested: set[str]) -> Iterator[_Take]:
    """Yield the takes in the test and in the body of a loop."""
    yield from _takes_in(node.test, frozenset(), drained=False, nested=False)
    stack = [(statement, False, False) for statement in reversed(node.body)]
    while stack:
        statement, drained, nested = stack.pop()
        for role, expr in expressions_of(statement):
            if role != "target":
                targets = statement.targets if isinstance(statement, Assign) else ()
                taken = frozenset(path for target in targets for path in assigned_paths(target))
                yield from _takes_in(expr, taken, drained=drained, nested=nested)
        deeper = nested or isinstance(statement, For | While)
        for role, block in reversed(blocks_of(statement)):
            ends = isinstance(statement, Try) and role == "body" and any(_ends(each, tested) for each in statement.handlers)
            stack += [(each, drained or ends, deeper) for each in reversed(block)]


def _pages(node: While, left: set[str]) -> Iterator[Supply]:
    """Yield the pages that a loop fetches until there is none: by a number that it advances, or by a position that each page tells."""
    stepped = {path for statement in statements_in(node.body) for path in _stepped(statement)}
    bound = [
        (assigned_paths(target), each.value) for each in statements_in(node.body) if isinstance(each, Assign) for target in each.targets
    ]
    readers: dict[str, list[tuple[set[str], set[str]]]] = {}
    for others, made in bound:
        read = reads(made)
        for name in {root(path) for path in read}:
            readers.setdefault(name, []).append((others, read))
    told_by: dict[frozenset[str], set[str]] = {}
    for paths, value in bound:
        if not any(isinstance(part, Call) for part in walk(value)):
            continue
        read, key = reads(value), frozenset(paths)
        if key not in told_by:
            near = (each for name in {root(path) for path in paths} for each in readers.get(name, ()))
            told_by[key] = {path for others, made in near if first_overlap(made, paths) is not None for path in others}
        told = told_by[key]
        positions = {path for path in read if first_overlap({path}, stepped | told) is not None}
        if positions and first_overlap(paths | positions | told, left) is not None:
            yield Supply(value, frozenset(paths), fetched=True)


def _calls_assigned(node: While) -> Iterator[tuple[Call, frozenset[str]]]:
    """Yield the calls whose results a loop assigns in its test or in its own block, with the access paths that hold these."""
    assigned = [(part.target, part.value) for part in walk(node.test) if isinstance(part, Walrus)]
    for statement in node.body:
        assigned += [(target, statement.value) for target in statement.targets] if isinstance(statement, Assign) else []
    for target, value in assigned:
        call = value.value if isinstance(value, Await) else value
        if isinstance(call, Call) and taken_from(call) is None:
            yield call, frozenset(assigned_paths(target))


def _takes_in(expr: Expr, taken: frozenset[str], *, drained: bool, nested: bool) -> Iterator[_Take]:
    """Yield the takes in an expression whose value is assigned to `taken`."""
    parts = walk(expr)
    walruses = {path for part in parts if isinstance(part, Walrus) for path in assigned_paths(part.target)}
    awaited = {id(part.value) for part in parts if isinstance(part, Await)}
    for part in parts:
        source = taken_from(part) or _sliced_from(part)
        owner = None if source is None else access_path(source)
        if source is not None and owner is not None and isinstance(part, Call):
            yield _Take(
                source,
                owner,
                taken | walruses,
                waits=waits_for_item(part),
                raises=_raises(part),
                reads_line=isinstance(part.function, Attribute) and part.function.attr == "readline",
                awaited=id(part) in awaited,
                drained=drained,
                nested=nested,
            )


def _ends(handler: Handler, tested: set[str]) -> bool:
    """Whether a handler of an exception ends the loop because the source is empty: it leaves it, or sets what the loop tests."""
    kinds = [part for part in (walk(handler.type) if handler.type is not None else ()) if isinstance(part, Name | Attribute)]
    named = {(dotted(kind) or "").rpartition(".")[2] for kind in kinds}
    if handler.type is not None and named.isdisjoint(_EXHAUSTED):
        return False
    for statement in handler.body:
        if isinstance(statement, Return) or (isinstance(statement, Leave) and statement.kind == "break"):
            return True
        if isinstance(statement, Assign) and any(assigned_paths(target) & tested for target in statement.targets):
            return True
    return False


def waits_for_item(call: Call) -> bool:
    """Whether a call waits for an item, without an end: `queue.get()`."""
    return isinstance(call.function, Attribute) and call.function.attr == "get" and not call.arguments


def _raises(call: Call) -> bool:
    """Whether a call fails when there is no further item: `next(rows)`, but not `next(rows, None)`."""
    return isinstance(call.function, Name) and call.function.id in ("next", "anext") and len(call.arguments) == 1


_SOURCES: IdentityMemo[frozenset[str]] = IdentityMemo()


def item_sources(block: Block) -> frozenset[str]:
    """Return the access paths that a block takes one item from per run: `next(rows)`, `queue.get()`, `rows.pop()`."""
    return _SOURCES.get((block,), lambda: frozenset(_item_sources(block)))


def _item_sources(block: Block) -> Iterator[str]:
    for part in expressions_in(block):
        source = taken_from(part)
        owner = None if source is None else access_path(source)
        if owner is not None:
            yield owner


def _sliced_from(part: Expr) -> Expr | None:
    """Return the iterator that a call of `islice` takes the next items from. Of a list, it takes the same ones each time."""
    if not isinstance(part, Call) or not part.arguments:
        return None
    return part.arguments[0].value if (dotted(part.function) or "").rpartition(".")[2] == "islice" else None


def taken_from(part: Expr) -> Expr | None:
    """Return the expression that a call takes an item from, `None` if it takes none."""
    if not isinstance(part, Call):
        return None
    named = last_word(part.function)
    if named in _TAKING_FUNCTIONS:
        return part.arguments[0].value if part.arguments else None
    if not isinstance(part.function, Attribute) or named not in _TAKING_METHODS:
        return None
    # `get("name")`, `pop("name")` and `pop(name, None)` are lookups; `get(timeout=5)` and `get(False)` are not.
    match [argument for argument in part.arguments if argument.name is None]:
        case []:
            takes = True
        case [Argument(value=Constant(value=bool())), *_]:
            takes = named == "get"
        case [Argument(value=Constant(value=int()))]:
            takes = named in ("pop", "fetchmany")
        case [Argument(value=Composite(operator="-", parts=(Constant(),)))]:
            takes = named == "pop"
        case _:
            takes = named == "fetchmany"
    return part.function.value if takes else None
