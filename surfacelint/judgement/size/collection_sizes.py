"""How many items an iterable can have, where the code fixes it."""

from __future__ import annotations

from dataclasses import replace

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Iteration, Repetition
from surfacelint.facts.expressions import (
    Argument,
    Attribute,
    Await,
    Call,
    Choice,
    Clause,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Expr,
    Mapping,
    Name,
    Position,
    Slice,
    Span,
    Starred,
    Subscript,
)
from surfacelint.judgement.flow.appended_names import Fillings
from surfacelint.judgement.flow.reaching_definitions import Reaching
from surfacelint.linking.evaluation.abstract_values import Class, External
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.constants import constant, definition
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

UNKNOWN = Composite("", ())
"""An expression of which nothing is known."""

NOWHERE = Span(Position(0, 0), Position(0, 0))

LONGEST_TEXT = 200
"""Texts of this length have been cut when they were read."""

_DEEPEST = 10
"""Iterables made of iterables: deeper than this nobody nests them, and cycles end here."""


_MOST_SETTLED = 32
"""Assignments that are looked through for one expression; what more of them would show is unknown."""


class Bounds:
    """Answers how many items there are, for one program."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, fillings: Fillings) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._fillings = fillings
        self._parameters: dict[tuple[str, str, int], int | None] = {}

    def at(self, expr: Expr, scope: FunctionNode, before: Reaching) -> int | None:
        """Return the bound of `expr` where what stands in `before` has run: the last assignment counts, and what was added since."""
        return self.bound(self.settled(expr, before), scope)

    def exact(self, expr: Expr, scope: FunctionNode, before: Reaching) -> bool:
        """Say whether the bound of `expr` is its length: that of a literal, or of a range."""
        settled = self.settled(expr, before)
        defined = definition(self._resolver, settled, scope) if isinstance(settled, Name | Attribute) else None
        whole = settled if defined is None else defined[0]
        return isinstance(whole, Collection | Mapping) or (isinstance(whole, Call) and whole.function == Name("range"))

    def settled(self, expr: Expr, before: Reaching) -> Expr:
        """Return `expr` with names replaced by what they were certainly last assigned; names that are changed otherwise become unknown."""
        return _Settling(before).settled(expr, len(before))

    def bound(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> int | None:
        """Return the largest number of items that iterating over `expr` can give, `None` where it is not known."""
        if depth > _DEEPEST:
            return None
        match expr:
            case Collection(items=items):
                counts = [self.bound(item.value, scope, depth + 1) if isinstance(item, Starred) else 1 for item in items]
                return sum(count or 0 for count in counts) or None if None not in counts else None
            case Mapping(keys=keys):
                return None if None in keys else len(keys) or None
            case Comprehension(clauses=clauses):
                return _product([self.bound(clause.iterable, scope, depth + 1) for clause in clauses])
            case Await(value=value):
                return self.bound(value, scope, depth + 1)
            case Choice(options=options):
                return _largest([self.bound(option, scope, depth + 1) for option in options])
            case Composite(operator="+" | "|", parts=parts):
                empty = Collection("list", ())
                bounds = [0 if part == empty else self.bound(part, scope, depth + 1) for part in parts]
                return sum(bound for bound in bounds if bound is not None) if None not in bounds else None
            case Subscript(value=value, index=Slice() as index):
                return self._sliced(value, index, scope, depth)
            case Subscript(value=value, index=index):
                return self._entry(value, index, scope, depth)
            case Call():
                return self._called(expr, scope, depth)
            case Name() | Attribute():
                return self._named(expr, scope, depth)
            case _:
                return None

    def _sliced(self, value: Expr, index: Slice, scope: FunctionNode, depth: int) -> int | None:
        whole = self.bound(value, scope, depth + 1)
        lower = 0 if index.lower is None else constant(self._resolver, index.lower, scope)
        upper = None if index.upper is None else constant(self._resolver, index.upper, scope)
        limit: int | None = None
        if isinstance(lower, int) and isinstance(upper, int) and lower >= 0 and upper >= 0:
            limit = max(0, upper - lower)
        elif isinstance(lower, int) and lower < 0 and index.upper is None:
            limit = -lower
        return whole if limit is None else limit if whole is None else min(limit, whole)

    def _entry(self, value: Expr, index: Expr, scope: FunctionNode, depth: int) -> int | None:
        """A list in a literal dict: at most the longest of them."""
        defined = definition(self._resolver, value, scope) or (value, scope)
        if isinstance(defined[0], Mapping) and defined[0].values:
            return _largest([self.bound(item, defined[1], depth + 1) for item in defined[0].values])
        # a column has as many values as its table
        return self.bound(value, scope, depth + 1) if isinstance(index, Constant) and isinstance(index.value, str) else None

    def _named(self, expr: Expr, scope: FunctionNode, depth: int) -> int | None:
        defined = definition(self._resolver, expr, scope)
        if defined is not None:
            return None if self._grows(expr, scope, defined[1]) else self.bound(defined[0], defined[1], depth + 1)
        if isinstance(expr, Name) and any(parameter.name == expr.id for parameter in scope.outline.parameters):
            return self._parameter(expr.id, scope, depth) if len(scope.names.get(expr.id, ())) == 1 else None
        members = [self._members(value.id) for value in self._resolver.evaluate(expr, scope) if isinstance(value, Class)]
        return _largest(list(members)) if members else None

    def _grows(self, expr: Expr, *scopes: FunctionNode) -> bool:
        """Whether anything is added to what a name or attribute holds, in the functions that share it."""
        name = expr.attr if isinstance(expr, Attribute) else expr.id if isinstance(expr, Name) else ""
        for scope in scopes:
            shared = scope.owner is not None or scope.parent is None
            if name in (self._fillings.added_in(scope.module) if shared else self._fillings.added_to(scope.outline)):
                return True
        return False

    def _members(self, id_: str) -> int | None:
        """The members of an enumeration."""
        bases = self._resolver.classes.bases(id_)
        if not any(isinstance(base, External) and base.path.startswith("enum.") for base in bases):
            return None
        return len(self._resolver.classes.node(id_).members)

    def _parameter(self, name: str, scope: FunctionNode, depth: int) -> int | None:
        """Answered once for each depth: there are many more ways through callers than callers."""
        key = (scope.id, name, depth)
        if key not in self._parameters:
            self._parameters[key] = self._passed(name, scope, depth)
        return self._parameters[key]

    def _passed(self, name: str, scope: FunctionNode, depth: int) -> int | None:
        """A parameter has at most as many items as the longest that any known caller passes."""
        callers = self._resolver.callers.get(scope.id, ())
        default = next(parameter.default for parameter in scope.outline.parameters if parameter.name == name)
        usual = None if default is None else self.bound(default, scope.parent or scope, depth + 1)
        # Where nobody is known to call, a default that lists items shows how many are meant.
        bounds: list[int | None] = [] if callers else [usual]
        for _, given in callers:
            found = argument_for(scope.outline, given, name)
            if given.unknown or len(found) > 1:
                return None
            bounds.append(self.bound(found[0][1], self._resolver.function(found[0][0]), depth + 1) if found else usual)
        return _largest(bounds)

    def _called(self, call: Call, scope: FunctionNode, depth: int) -> int | None:
        if isinstance(call.function, Attribute) and call.function.attr in ("split", "splitlines"):
            return self._cut(call, call.function, scope)
        for value in self._resolver.callee(call, scope):
            if not isinstance(value, External):
                continue
            if value.path == "builtins.range":
                return self._range(call, scope, depth)
            if value.path == "builtins.dict" and call.arguments and all(argument.name is not None for argument in call.arguments):
                return len(call.arguments)
            row = self._catalogue.iteration(value.path)
            if row is not None:
                return self._iterated(row, call, scope, depth)
            if self._catalogue.canonical(f"{value.path}()") == "pandas.DataFrame()" and call.arguments:
                return self._table(call.arguments[0].value, scope, depth)
            repeated = self._catalogue.repetition(value.path)
            if repeated is not None and repeated.items in ("argument", "arguments") and repeated.argument is not None:
                return self._mapped(repeated, call, scope, depth)
            progress = self._catalogue.progress(value.path)
            if progress is not None and progress.argument is not None and len(call.arguments) > progress.argument:
                return self.bound(call.arguments[progress.argument].value, scope, depth + 1)
        row = self._catalogue.iteration(f"?.{call.function.attr}") if isinstance(call.function, Attribute) else None
        return None if row is None else self._iterated(row, call, scope, depth)

    def _cut(self, call: Call, function: Attribute, scope: FunctionNode) -> int | None:
        """The pieces of a literal text, if all of it is known."""
        text = constant(self._resolver, function.value, scope)
        if not isinstance(text, str) or len(text) >= LONGEST_TEXT:
            return None
        separator = constant(self._resolver, call.arguments[0].value, scope) if call.arguments else None
        if function.attr == "splitlines":
            return len(text.splitlines())
        return len(text.split(separator)) if isinstance(separator, str) and separator else len(text.split())

    def _table(self, expr: Expr, scope: FunctionNode, depth: int) -> int | None:
        """A table made of columns has as many rows as a column, one made of rows as many as these."""
        defined = definition(self._resolver, expr, scope) or (expr, scope)
        if isinstance(defined[0], Mapping):
            return _largest([self.bound(column, defined[1], depth + 1) for column in defined[0].values])
        return self.bound(expr, scope, depth + 1)

    def _range(self, call: Call, scope: FunctionNode, depth: int) -> int | None:
        numbers = [constant(self._resolver, argument.value, scope) for argument in call.arguments]
        if all(isinstance(number, int) for number in numbers):
            return len(range(*[number for number in numbers if isinstance(number, int)])) if numbers and 0 not in numbers[2:] else None
        end = call.arguments[1 if len(call.arguments) > 1 else 0].value if call.arguments else None
        counted = None if end is None else self.length(end, scope, depth)
        step = numbers[2] if len(numbers) > 2 else 1
        return counted if counted is None or not isinstance(step, int) or step < 1 else -(-counted // step)

    def length(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> int | None:
        """Return the bound of what `len(…)` counts in `expr`, directly or behind a name; the smallest argument of `min(…)`."""
        if isinstance(expr, Name):
            defined = definition(self._resolver, expr, scope)
            return None if defined is None or depth > _DEEPEST else self.length(defined[0], defined[1], depth + 1)
        if isinstance(expr, Call) and isinstance(expr.function, Name) and expr.arguments:
            if expr.function.id == "len":
                return self.bound(expr.arguments[0].value, scope, depth + 1)
            if expr.function.id == "min":
                return _smallest([self.number(argument.value, scope, depth) for argument in expr.arguments])
        return None

    def number(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> int | None:
        """Return what a number is at most."""
        number = constant(self._resolver, expr, scope)
        return number if isinstance(number, int) else self.length(expr, scope, depth + 1)

    def _iterated(self, row: Iteration, call: Call, scope: FunctionNode, depth: int) -> int | None:
        positional = [argument.value for argument in call.arguments if argument.name is None]
        inner = [call.function.value] if row.argument < 0 and isinstance(call.function, Attribute) else positional[row.argument :]
        sources = inner if row.all_arguments else inner[:1]
        bounds = [self.bound(source, scope, depth + 1) for source in sources]
        if row.effect == "product":
            return _product(bounds)
        limit = self._limit(row, call, positional, scope)
        if row.effect == "fewer":
            return _smallest([limit, *bounds])
        if row.effect == "source" and row.argument >= 0:
            return limit  # how much there is in the file, nobody can tell
        return _smallest(bounds) if row.effect in ("same", "source") else None

    def _mapped(self, row: Repetition, call: Call, scope: FunctionNode, depth: int) -> int | None:
        """One result for each item: `pool.map(fetch, urls)`."""
        if row.per != "item":
            return None
        positional = [argument.value for argument in call.arguments if argument.name is None][row.argument :]
        return _smallest([self.bound(items, scope, depth + 1) for items in positional])

    def _limit(self, row: Iteration, call: Call, positional: list[Expr], scope: FunctionNode) -> int | None:
        named = [argument.value for argument in call.arguments if argument.name is not None and argument.name in row.limit_keywords]
        if row.limit is not None and row.limit < len(positional):
            named.append(positional[row.limit])
        limit = constant(self._resolver, named[0], scope) if named else None
        if isinstance(limit, int) and limit >= 0:
            return limit
        # `select(range(10))`
        return self.bound(positional[0], scope) if row.name == "select" and positional else None


class _Settling:
    """Replaces names by what they were last assigned, in one expression."""

    def __init__(self, before: Reaching) -> None:
        self._before = before
        self._left = _MOST_SETTLED

    def settled(self, expr: Expr, position: int) -> Expr:
        """Return `expr` as it is before the definition of a number."""
        match expr:
            case Name():
                return self._last(expr, position)
            case Call(function=Attribute(value=value, attr=attr) as function, arguments=arguments, span=span):
                given = self._arguments(arguments, position)
                owner = self.settled(value, position)
                return Call(function if owner is value else Attribute(owner, attr), given, span)
            case Call(function=function, arguments=arguments, span=span):
                return Call(function, self._arguments(arguments, position), span)
            case Subscript(value=value, index=index):
                return Subscript(self.settled(value, position), index)
            case Comprehension(kind=kind, elements=elements, clauses=clauses, span=span):
                walked = tuple([replace(clause, iterable=self.settled(clause.iterable, position)) for clause in clauses])
                return Comprehension(kind, elements, walked, span)
            case _:
                return expr

    def _arguments(self, arguments: tuple[Argument, ...], position: int) -> tuple[Argument, ...]:
        return tuple([Argument(self.settled(argument.value, position), argument.name, argument.star) for argument in arguments])

    def _last(self, expr: Name, position: int) -> Expr:
        name = expr.id
        for number, definition_ in self._before.naming(name, position):
            adding = name in definition_.keys and definition_.adds
            if not adding and not any(key == name or key.startswith(f"{name}.[") for key in definition_.keys):
                continue
            self._left -= 1
            if self._left < 0:
                return UNKNOWN
            if adding:
                walked = tuple([Clause(UNKNOWN, self.settled(loop, number), (), False) for loop in definition_.loops])
                added = Comprehension("list", (UNKNOWN,), walked, NOWHERE) if walked else Collection("list", (UNKNOWN,))
                return Composite("+", (self._last(expr, number), added))
            known = definition_.certain and definition_.keys == {name}
            return self.settled(definition_.value, number) if known else UNKNOWN
        return expr


def _product(bounds: list[int | None]) -> int | None:
    total = 1
    for bound in bounds:
        if bound is None:
            return None
        total *= bound
    return total


def _largest(bounds: list[int | None]) -> int | None:
    known = [bound for bound in bounds if bound is not None]
    return max(known) if known and len(known) == len(bounds) else None


def _smallest(bounds: list[int | None]) -> int | None:
    known = [bound for bound in bounds if bound is not None]
    return min(known) if known else None
