"""Number of items in the result of a call, where the code fixes it: `range(3)`, `islice(rows, 5)`, `df.head(10)`, `text.split(",")`."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import TypeAlias

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.repetition_rows import Iteration, Repetition
from surfacelint.facts.expressions import Attribute, Call, Collection, Expr, Mapping, Name
from surfacelint.judgement.size.default_numbers import DefaultNumbers, NumberOf
from surfacelint.linking.evaluation.abstract_values import Class, External, Function, Method
from surfacelint.linking.evaluation.constants import constant, definition, member
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

DEEPEST = 10
"""Nesting of iterables that is followed. Deeper nesting is not written by hand; the limit also ends cycles."""

_LONGEST_TEXT = 200
"""Characters. Longer texts were cut during extraction, so their pieces cannot be counted."""

SizeOf: TypeAlias = Callable[[Expr, FunctionNode, int], int | None]
"""Returns the largest number of items of an expression in a function, at a depth of nesting; `None` where it is unknown."""


class CallResultSizes:
    """Sizes of what calls return, in one program. `size_of` measures the arguments of a call, `number_of` is for what callers pass."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, size_of: SizeOf, number_of: NumberOf) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._words = catalogue.handful
        self._size_of = size_of
        self._defaults = DefaultNumbers(resolver, catalogue, number_of)

    def of(self, call: Call, scope: FunctionNode, depth: int) -> int | None:
        """Return the largest number of items that iterating over the result of `call` can give, `None` where it is unknown."""
        if isinstance(call.function, Attribute) and call.function.attr in ("split", "splitlines"):
            return self._pieces_of_text(call, call.function, scope)
        for value in self._resolver.callee(call, scope):
            if not isinstance(value, External):
                continue
            if value.path == "builtins.dict" and call.arguments and all(argument.name is not None for argument in call.arguments):
                return len(call.arguments)
            row = self._catalogue.iteration(value.path)
            if row is not None:
                known = self._iteration(row, call, scope, depth)
                return self._page(call, scope, depth) if known is None else known
            if self._catalogue.canonical(f"{value.path}()") == "pandas.DataFrame()" and call.arguments:
                return self._table(call.arguments[0].value, scope, depth)
            repeated = self._catalogue.repetition(value.path)
            if repeated is not None and repeated.items in ("argument", "arguments") and repeated.argument is not None:
                return self._mapped(repeated, call, scope, depth)
            progress = self._catalogue.progress(value.path)
            if progress is not None and progress.argument is not None and len(call.arguments) > progress.argument:
                return self._size_of(call.arguments[progress.argument].value, scope, depth + 1)
        row = self._catalogue.iteration(f"?.{call.function.attr}") if isinstance(call.function, Attribute) else None
        known = None if row is None else self._iteration(row, call, scope, depth)
        return self._page(call, scope, depth) if known is None else known

    def _page(self, call: Call, scope: FunctionNode, depth: int) -> int | None:
        """Return the number of entries that a request of a library asks for: `get(url, params={"per_page": 5})`, `search(limit=5)`."""
        if any(isinstance(value, Function | Method | Class) for value in self._resolver.callee(call, scope)):
            return None
        for argument in call.arguments:
            if argument.name in self._words.page_sizes:
                return self.number(argument.value, scope, depth)
            if argument.name in self._words.queries:
                query, where = definition(self._resolver, argument.value, scope) or (argument.value, scope)
                sizes = [each for word in self._words.page_sizes if (each := member(query, word)) is not None]
                if sizes:
                    return self.number(sizes[0], where, depth)
        return None

    def _pieces_of_text(self, call: Call, function: Attribute, scope: FunctionNode) -> int | None:
        """Return the number of pieces that a text is split into, if all of the text is known."""
        text = constant(self._resolver, function.value, scope)
        if not isinstance(text, str) or len(text) >= _LONGEST_TEXT:
            return None
        separator = constant(self._resolver, call.arguments[0].value, scope) if call.arguments else None
        if function.attr == "splitlines":
            return len(text.splitlines())
        return len(text.split(separator)) if isinstance(separator, str) and separator else len(text.split())

    def _table(self, expr: Expr, scope: FunctionNode, depth: int) -> int | None:
        """Return the number of rows of a table: the length of a column if it is made of columns, else the number of given rows."""
        defined = definition(self._resolver, expr, scope) or (expr, scope)
        if isinstance(defined[0], Mapping):
            return largest([self._size_of(column, defined[1], depth + 1) for column in defined[0].values])
        return self._size_of(expr, scope, depth + 1)

    def _range(self, call: Call, scope: FunctionNode, depth: int) -> int | None:
        """Return the length of a `range(…)`, or of numpy's for numbers with fractions."""
        numbers = [constant(self._resolver, argument.value, scope) for argument in call.arguments]
        if any(isinstance(number, float) for number in numbers):
            known = [float(each) for each in numbers if isinstance(each, int | float)]
            first, last, by = [*known, 1.0][:3] if len(known) > 1 else [0.0, known[0], 1.0]
            return max(0, ceil((last - first) / by)) if len(known) == len(numbers) and by else None
        if all(isinstance(number, int) for number in numbers):
            return len(range(*[number for number in numbers if isinstance(number, int)])) if numbers and 0 not in numbers[2:] else None
        if len(numbers) == 1 and numbers[0] is None:
            return self.number(call.arguments[0].value, scope, depth)
        end = call.arguments[1 if len(call.arguments) > 1 else 0].value if call.arguments else None
        counted = None if end is None else self._length(end, scope, depth)
        step = numbers[2] if len(numbers) > 2 else 1
        return counted if counted is None or not isinstance(step, int) or step < 1 else -(-counted // step)

    def _length(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> int | None:
        """Return the largest value of a `len(…)` in `expr`, directly or behind a name; the smallest argument of `min(…)`."""
        if isinstance(expr, Name):
            defined = definition(self._resolver, expr, scope)
            return None if defined is None or depth > DEEPEST else self._length(defined[0], defined[1], depth + 1)
        if isinstance(expr, Call) and isinstance(expr.function, Name) and expr.arguments:
            if expr.function.id == "len":
                return self._size_of(expr.arguments[0].value, scope, depth + 1)
            if expr.function.id == "min":
                return smallest([self.number(argument.value, scope, depth) for argument in expr.arguments])
        return None

    def number(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> int | None:
        """Return the largest value of a number: a constant, the length of something with a known size, or what callers pass."""
        number = constant(self._resolver, expr, scope)
        if isinstance(number, int):
            return number
        counted = self._length(expr, scope, depth + 1)
        return self._defaults.of(expr, scope) if counted is None else counted

    def _iteration(self, row: Iteration, call: Call, scope: FunctionNode, depth: int) -> int | None:
        """Return the size of what a library function for iterables returns; `row` describes the function."""
        positional = [argument.value for argument in call.arguments if argument.name is None]
        inner = [call.function.value] if row.argument < 0 and isinstance(call.function, Attribute) else positional[row.argument :]
        if row.argument < 0 and row.all_arguments:  # what a statement selects: `session.scalars(select(User).limit(5))`
            inner += [argument for argument in positional[:1] if isinstance(argument, Call | Name)]
        sources = inner if row.all_arguments else inner[:1]
        sizes = [self._size_of(source, scope, depth + 1) for source in sources]
        if row.effect == "range":
            return self._range(call, scope, depth)
        if row.effect == "product":
            return self._combined(call, sources, sizes, scope)
        if row.name in ("chain", "flatten"):
            return self._joined(call, scope, depth, each=row.name == "flatten")
        if row.all_arguments and any(argument.star for argument in call.arguments):
            return None
        limit = self._limit(row, call, positional, scope)
        if row.effect == "fewer":
            return smallest([limit, *sizes])
        if row.effect == "source" and row.argument >= 0:
            return limit  # the file may hold any number of items
        return smallest(sizes) if row.effect in ("same", "source") else None

    def _joined(self, call: Call, scope: FunctionNode, depth: int, *, each: bool) -> int | None:
        """Return the size of all arguments of a call together: of their items with `each`, as of a starred argument."""
        total = 0
        for argument in call.arguments:
            value = argument.value
            parts = [value]
            if each or argument.star:
                defined = definition(self._resolver, value, scope)
                value, scope = (value, scope) if defined is None else defined
                if not isinstance(value, Collection):
                    return None
                parts = list(value.items)
            sizes = [0 if part == Collection("list", ()) else self._size_of(part, scope, depth + 1) for part in parts]
            if None in sizes:
                return None
            total += sum(size or 0 for size in sizes)
        return total or None

    def _combined(self, call: Call, sources: list[Expr], sizes: list[int | None], scope: FunctionNode) -> int | None:
        """Return the most combinations of the items of `sources`: `product(xs, repeat=2)`, `combinations(xs, 2)`."""
        given = [argument.value for argument in call.arguments if argument.name in ("repeat", "r")]
        numbers = [constant(self._resolver, expr, scope) for expr in (*given, *sources)]
        times = next((number for number in numbers if isinstance(number, int)), 1)
        listed = [size for size, expr in zip(sizes, sources, strict=True) if not isinstance(constant(self._resolver, expr, scope), int)]
        total = product(listed)
        return None if total is None or not 0 < times < DEEPEST else total**times

    def _mapped(self, row: Repetition, call: Call, scope: FunctionNode, depth: int) -> int | None:
        """Return the number of results of a mapping function, one for each item: `pool.map(fetch, urls)`."""
        if row.per != "item":
            return None
        positional = [argument.value for argument in call.arguments if argument.name is None][row.argument :]
        return smallest([self._size_of(items, scope, depth + 1) for items in positional])

    def _limit(self, row: Iteration, call: Call, positional: list[Expr], scope: FunctionNode) -> int | None:
        """Return the number of items that a call asks for: `head(5)`."""
        named = [argument.value for argument in call.arguments if argument.name is not None and argument.name in row.limit_keywords]
        if row.limit is not None and row.limit < len(positional):
            named.append(positional[row.limit])
        limit = self.number(named[0], scope) if named else None
        if isinstance(limit, int) and limit >= 0:
            return limit
        # `select(range(10))`
        return self._size_of(positional[0], scope, 0) if row.name == "select" and positional else None


def product(sizes: list[int | None]) -> int | None:
    """Return the product of sizes, `None` if one of them is unknown."""
    total = 1
    for size in sizes:
        if size is None:
            return None
        total *= size
    return total


def largest(sizes: list[int | None]) -> int | None:
    """Return the largest of sizes, `None` if one of them is unknown."""
    known = [size for size in sizes if size is not None]
    return max(known) if known and len(known) == len(sizes) else None


def smallest(sizes: list[int | None]) -> int | None:
    """Return the smallest of the known sizes, `None` if none is known."""
    known = [size for size in sizes if size is not None]
    return min(known) if known else None
