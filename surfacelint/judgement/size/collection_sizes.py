"""Number of items that an iterable can have, where the code fixes it."""

from __future__ import annotations

from surfacelint.catalogue.index import Catalogue
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
    dotted,
    last_word,
)
from surfacelint.judgement.flow.appended_names import AppendedNames
from surfacelint.judgement.flow.body_reader import Bodies
from surfacelint.judgement.flow.length_tests import bounds_if
from surfacelint.judgement.flow.reaching_definitions import ReachingDefinitions
from surfacelint.judgement.size.call_result_sizes import DEEPEST, CallResultSizes, largest, product
from surfacelint.judgement.size.entry_holders import EntryHolders, entry
from surfacelint.judgement.size.last_assignments import with_last_assignments
from surfacelint.judgement.size.returned_items import ReturnedItems
from surfacelint.linking.calls.switch_conditions import SwitchConditions
from surfacelint.linking.evaluation.abstract_values import Class, External
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.constants import constant, definition
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode


class CollectionSizes:
    """Upper bounds on the number of items, for the expressions of one program."""

    def __init__(
        self, resolver: Resolver, catalogue: Catalogue, appended: AppendedNames, bodies: Bodies, conditions: SwitchConditions
    ) -> None:
        self._resolver = resolver
        self._appended = appended
        self._calls = CallResultSizes(resolver, catalogue, self.upper_bound, lambda expr, scope: self._returned.number(expr, scope))
        self._returned = ReturnedItems(resolver, bodies, conditions, self.upper_bound)
        self._holders = EntryHolders(resolver, self._grows)
        self._parameters: dict[tuple[str, str, int], int | None] = {}

    def at(self, expr: Expr, scope: FunctionNode, before: ReachingDefinitions) -> int | None:
        """Return the upper bound of `expr` after the definitions in `before`: its last assignment, and what was added since."""
        return self.upper_bound(with_last_assignments(expr, before, bounded=True), scope)

    def exact(self, expr: Expr, scope: FunctionNode, before: ReachingDefinitions) -> bool:
        """Whether the upper bound of `expr` is its exact length: it is a literal or a range."""
        assigned = with_last_assignments(expr, before)
        defined = definition(self._resolver, assigned, scope) if isinstance(assigned, Name | Attribute) else None
        whole = assigned if defined is None else defined[0]
        return isinstance(whole, Collection | Mapping) or (isinstance(whole, Call) and whole.function == Name("range"))

    def number(self, expr: Expr, scope: FunctionNode) -> int | None:
        """Return the largest value of a number, `None` where it is unknown."""
        return self._calls.number(expr, scope)

    def upper_bound(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> int | None:
        """Return the largest number of items that iterating over `expr` can give, `None` where it is unknown."""
        if depth > DEEPEST:
            return None
        match expr:
            case Collection(items=items):
                counts = [self.upper_bound(item.value, scope, depth + 1) if isinstance(item, Starred) else 1 for item in items]
                return sum(count or 0 for count in counts) or None if None not in counts else None
            case Mapping(keys=keys):
                return None if None in keys else len(keys) or None
            case Comprehension(clauses=clauses):
                return product([self.upper_bound(clause.iterable, scope, depth + 1) for clause in clauses])
            case Await(value=value):
                return self.upper_bound(value, scope, depth + 1)
            case Choice(options=options):
                return largest([self._option(expr, number, scope, depth) for number in range(len(options))])
            case Composite(operator=operator, parts=parts):
                return self._combined(operator, parts, scope, depth)
            case _:
                return self._accessed(expr, scope, depth)

    def _option(self, choice: Choice, number: int, scope: FunctionNode, depth: int) -> int | None:
        """Return the upper bound of an option, also by a test of its length: `rows if len(rows) <= 10 else rows[:10]`."""
        option = choice.options[number]
        known = self.upper_bound(option, scope, depth + 1)
        if known is not None or choice.operator or len(choice.tests) != 1 or len(choice.options) != 2:
            return known
        tested = bounds_if(choice.tests[0], {}, holds=number == 0)
        return next((self._calls.number(limit, scope, depth) for path, limit in tested if path == dotted(option)), None)

    def _accessed(self, expr: Expr, scope: FunctionNode, depth: int) -> int | None:
        """Return the upper bound of a name, an attribute, a part of something, or the result of a call."""
        match expr:
            case Subscript(value=value, index=Slice() as index):
                return self._slice(value, index, scope, depth)
            case (
                Subscript(value=value, index=index)
                | Call(function=Attribute(value=value, attr="get"), arguments=(Argument(value=Constant(value=str()) as index), *_))
            ) if not _has_keywords(expr):
                return self._entry(value, index, scope, depth)
            case Call():
                known = self._calls.of(expr, scope, depth)
                return self._returned.of(expr, scope, depth) if known is None else known
            case Attribute(value=value, attr="__members__"):
                return self.upper_bound(value, scope, depth + 1)
            case Name() | Attribute():
                return self._named(expr, scope, depth)
            case _:
                return None

    def _combined(self, operator: str, parts: tuple[Expr, ...], scope: FunctionNode, depth: int) -> int | None:
        """Return the upper bound of joined collections, or of a repeated one: `["a", "b"] * 10`."""
        if operator in ("+", "|"):
            empty = Collection("list", ())
            bounds = [0 if part == empty else self.upper_bound(part, scope, depth + 1) for part in parts]
            return sum(bound for bound in bounds if bound is not None) if None not in bounds else None
        if operator != "*":
            return None
        times = next((number for part in parts if isinstance(number := constant(self._resolver, part, scope), int)), None)
        sizes = [self.upper_bound(part, scope, depth + 1) for part in parts if isinstance(part, Collection | Name)]
        known = [size for size in sizes if size is not None]
        return product([times, *known]) if known else None

    def _slice(self, value: Expr, index: Slice, scope: FunctionNode, depth: int) -> int | None:
        """Return the size of a slice: its length if that is constant, at most the size of the whole.

        A limit of zero counts as no limit, since programs use it for "all".
        """
        whole = self.upper_bound(value, scope, depth + 1)
        lower = 0 if index.lower is None else constant(self._resolver, index.lower, scope)
        upper = None if index.upper is None else self._calls.number(index.upper, scope, depth)
        limit: int | None = None
        if isinstance(lower, int) and isinstance(upper, int) and lower >= 0 and upper > 0:
            limit = max(0, upper - lower)
        elif isinstance(lower, int) and lower < 0 and index.upper is None:
            limit = -lower
        return whole if limit is None else limit if whole is None else min(limit, whole)

    def _entry(self, value: Expr, index: Expr, scope: FunctionNode, depth: int) -> int | None:
        """Return the size of an entry of a dict, or of a column of a table, which has as many values as the table.

        How many entries a dict has says nothing about them.
        """
        key = constant(self._resolver, index, scope)
        holders = self._holders.of(value, scope, depth)
        if holders is None:
            return None
        known = key if isinstance(key, str | int) else None
        return largest([self._entry_of(holder, where, known, depth) for holder, where in holders])

    def _entry_of(self, holder: Expr, scope: FunctionNode, key: str | int | None, depth: int) -> int | None:
        """Return the size of the entry `key` of what makes a dict or table; of the largest entry without a key."""
        is_dict = isinstance(holder, Mapping) or (
            isinstance(holder, Call) and "builtins.dict" in self._resolver.called_paths(holder, scope)
        )
        if isinstance(holder, Collection) or (is_dict and isinstance(key, str) and key):
            found = entry(holder, key)
            return None if found is None else self.upper_bound(found, scope, depth + 1)
        match holder:
            case Mapping(values=values):
                return largest([self.upper_bound(value, scope, depth + 1) for value in values])
            case Comprehension(kind="dict", elements=(_, element)):
                return self.upper_bound(element, scope, depth + 1)
            case Call() | Subscript() if isinstance(key, str) and key and not is_dict:
                return self.upper_bound(holder, scope, depth + 1)
            case _:
                return None

    def _named(self, expr: Expr, scope: FunctionNode, depth: int) -> int | None:
        """Return the size of what a name or attribute holds: its definition, a parameter, or the members of an enumeration."""
        defined = definition(self._resolver, expr, scope)
        if defined is not None:
            return None if self._grows(expr, scope, defined[1]) else self.upper_bound(defined[0], defined[1], depth + 1)
        if isinstance(expr, Name) and any(parameter.name == expr.id for parameter in scope.outline.parameters):
            return self._parameter(expr.id, scope, depth) if len(scope.names.get(expr.id, ())) == 1 else None
        members = [self._enum_members(value.id) for value in self._resolver.evaluate(expr, scope) if isinstance(value, Class)]
        return largest(list(members)) if members else None

    def _grows(self, expr: Expr, *scopes: FunctionNode) -> bool:
        """Whether any function that shares a name or attribute adds items to it."""
        name = last_word(expr)
        for scope in scopes:
            is_shared = scope.owner is not None or scope.parent is None
            if name in (self._appended.added_in(scope.module) if is_shared else self._appended.added_to(scope.outline)):
                return True
        return False

    def _enum_members(self, id_: str) -> int | None:
        """Return the number of members of an enumeration, `None` for another class."""
        bases = self._resolver.classes.bases(id_)
        if not any(isinstance(base, External) and base.path.startswith("enum.") for base in bases):
            return None
        return len(self._resolver.classes.node(id_).members)

    def _parameter(self, name: str, scope: FunctionNode, depth: int) -> int | None:
        """Return the upper bound of a parameter. Computed once per depth: there are far fewer callers than chains of callers."""
        passed = self._returned.passed(name, scope)
        if passed is not None:
            return self.upper_bound(passed.expr, passed.scope, depth + 1)
        if self._returned.is_following:
            return self._largest_argument(name, scope, depth)
        question = (scope.id, name, depth)
        if question not in self._parameters:
            self._parameters[question] = self._largest_argument(name, scope, depth)
        return self._parameters[question]

    def _largest_argument(self, name: str, scope: FunctionNode, depth: int) -> int | None:
        """Return the size of the largest collection that any known caller passes for a parameter."""
        callers = self._resolver.callers.get(scope.id, ())
        kind, default = next((each.kind, each.default) for each in scope.outline.parameters if each.name == name)
        default_size = None if default is None else self.upper_bound(default, scope.parent or scope, depth + 1)
        # Without known callers, a default that lists items shows how many are meant.
        if kind == "**":
            return None
        if kind == "*":
            spread = any(given.unknown or any(argument.star for _, argument in given.arguments) for _, given in callers)
            return None if spread else max((len(argument_for(scope.outline, given, name)) for _, given in callers), default=0) or None
        sizes: list[int | None] = [] if callers else [default_size]
        for _, given in callers:
            found = argument_for(scope.outline, given, name)
            if given.unknown or len(found) > 1:
                return None
            sizes.append(self.upper_bound(found[0][1], self._resolver.function(found[0][0]), depth + 1) if found else default_size)
        return largest(sizes)


def _has_keywords(expr: Expr) -> bool:
    """Whether an expression is a call with keywords: a request rather than a look-up, as `session.get("/pages", params=query)`."""
    return isinstance(expr, Call) and any(argument.name is not None for argument in expr.arguments)
