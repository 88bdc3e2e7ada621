"""Calls and attributes of library values.

Each step extends the path (`openai.OpenAI` + call = `openai.OpenAI()`), unless the catalogue or `_PYTHON` knows the result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from surfacelint.catalogue.value_rows import Returns
from surfacelint.facts.expressions import Argument, Element, Expr, Name
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    Class,
    External,
    Function,
    Instance,
    Items,
    Method,
    Partial,
    Task,
    Text,
    Values,
    external,
    listed,
    union,
)
from surfacelint.linking.evaluation.call_arguments import PassedArguments
from surfacelint.linking.evaluation.caller_arguments import CallerArguments
from surfacelint.linking.evaluation.client_options import ClientOptions
from surfacelint.linking.evaluation.containers import Containers
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator, ValueEvaluator
from surfacelint.linking.evaluation.held_objects import HELD, given_back
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.strings import joined_url

_SAME_ITEMS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "dict"})
"""Built-in functions that keep the items of their argument."""


class LibraryValues:
    """Evaluates attributes and calls of library values."""

    def __init__(
        self,
        program: ProgramIndex,
        expressions: ExpressionEvaluator,
        values: ValueEvaluator,
        containers: Containers,
        caller_arguments: CallerArguments,
        clients: ClientOptions,
    ) -> None:
        self._program = program
        self._catalogue = program.catalogue
        self._expressions = expressions
        self._values = values
        self._containers = containers
        self._everywhere = caller_arguments.everywhere
        self._clients = clients
        self._attributes: dict[tuple[External, str], Values] = {}

    def attribute(self, value: External, attr: str) -> Values:
        """Return the values of `value.attr`."""
        key = (value, attr)
        known = self._attributes.get(key)
        if known is None:  # this rests on the catalogue alone
            known = self._attributes[key] = self._attribute(value, attr)
        return known

    def _attribute(self, value: External, attr: str) -> Values:
        path = f"{value.path}.{attr}"
        row = self._catalogue.returns(path)
        if row is None or row.value in _OF_ARGUMENTS:
            return external(path, value.host, value.element)
        if row.value == "receiver":
            return (value,)
        if row.value in HELD:
            return given_back(row.value, value.element) or external(path, value.host)
        return external(row.value, value.host, value.element if row.holds else NONE)

    def call(self, value: External, given: PassedArguments) -> Values:
        """Return the result of a call of `value`."""
        python = _PYTHON.get(value.path)
        if python is not None:
            return python(self, given)
        retry = self._catalogue.retry(value.path.removesuffix("()"))
        if retry is not None and retry.kind == "decorator":
            decorated = tuple(value for value in self.argument(given, 0) if isinstance(value, Function | Method | Partial))
            if decorated:
                return decorated
        wrapper = self._catalogue.decorated(value.path)
        if wrapper is not None:
            keyword = next((argument.name for _, argument in given.arguments if argument.name in wrapper.keywords), "")
            functions = [each for each in self.argument(given, 0, keyword or "") if isinstance(each, Function | Method)]
            if functions:
                return tuple([Task(each.id, wrapper.of) for each in functions])
        row = self._catalogue.returns(f"{value.path}()")
        if row is not None:
            return self._listed_result(row, value, given)
        path = f"{value.path}()"
        if self._catalogue.canonical(value.path) in self._catalogue.literal_calls:
            path = self._literal(value.path, given)
        element, shared = self._walked(value.path, given), ""
        hosts = self._clients.hosts(given)
        if not all(hosts):
            shared = self._clients.shared(value.path, given) or value.host
        return union([external(path, host or shared, element) for host in hosts])

    def _listed_result(self, row: Returns, value: External, given: PassedArguments) -> Values:
        """Return the result of a call that the catalogue lists."""
        if row.value == "receiver":
            receiver = value.path.rpartition(".")[0]
            host = self._clients.host(given) or self._clients.tier(receiver.removesuffix("()"), given) or value.host
            return external(receiver, host, value.element)
        if row.value in HELD:
            return given_back(row.value, value.element) or external(f"{value.path}()", value.host)
        if row.value not in _OF_ARGUMENTS:
            held = self._holds(row, value, given)
            if row.holds and not held and row.path.startswith("*"):  # another method of this name
                return external(f"{value.path}()", value.host)
            return external(row.value, self._wrapped_host(given) or value.host, held)
        values = self.argument(given, 0, row.keyword)
        if row.value == "argument":
            return values
        if row.value == "entered":
            return union([self._containers.enter(inner) for inner in values])
        if row.value == "instance":
            return self._instances(values, given) or external(f"{value.path}()", value.host)
        return union([self._values.call(inner, PassedArguments(())) for inner in values])

    def _holds(self, row: Returns, value: External, given: PassedArguments) -> Values:
        """Return what the result of a call holds."""
        if row.holds in ("", "receiver"):
            return value.element if row.holds else NONE
        number = len([argument for _, argument in given.arguments if argument.name is None]) or 1
        held = [self._held_by(self.argument(given, position, row.keyword), given) for position in range(number)]
        if number > 1 and all(held):
            return (Items(tuple(held)),)
        if row.holds == "rows":
            # A row has its object by position, and by the name of the class.
            names = [value.id.rpartition(":")[2] for value in held[0] if isinstance(value, Instance)]
            return union([held[0], (Items((held[0],), (names[0],)),)]) if names else held[0]
        return held[0]

    def _held_by(self, values: Values, given: PassedArguments) -> Values:
        """Return what values hold: instances of a class, the items of a collection."""
        holders = [value for value in values if not isinstance(value, External) or value.element]
        return union([self._instances(values, given), *map(self._containers.element, holders)])

    def _instances(self, values: Values, given: PassedArguments) -> Values:
        """Return instances of the classes among `values`. A class may be given by its name, with or without that of an application."""
        names = [name for value in values if isinstance(value, Text) and (name := value.value.rpartition(".")[2]).isidentifier()]
        scopes = {scope: None for scope, _ in given.arguments}
        named = [self._expressions.evaluate(Name(name), self._program.function(scope)) for name in names for scope in scopes]
        return tuple([Instance(value.id) for value in union([values, *named]) if isinstance(value, Class)])

    def unknown_method(self, name: str, given: PassedArguments) -> Values:
        """Return the result of a method of an unknown receiver, if its arguments tell: `session.query(Product)`."""
        row = self._catalogue.returns(f"?.{name}()")
        if row is None or row.holds not in ("argument", "rows"):
            return NONE
        held = self._holds(row, External("?"), given)
        return external(row.value, element=held) if held else NONE

    def _walked(self, path: str, given: PassedArguments) -> Values:
        """Return the items of what a call wraps or selects from: a progress display, `islice(xs, 5)`, `chunked(xs, 10)`."""
        display = self._catalogue.progress(path)
        if display is not None:
            wraps = display.style == "iterable" and display.argument is not None and not display.all_arguments
            return self._items(given, display.argument or 0, display.keywords) if wraps else NONE
        row = self._catalogue.iteration(path)
        if row is None or row.argument < 0 or row.effect not in ("same", "fewer", "chunks"):
            return NONE
        if row.all_arguments:
            return union([self._items(given, position, ()) for position in range(len(given.arguments))])
        items = self._items(given, row.argument, ())
        return listed(items) if row.effect == "chunks" else items

    def _items(self, given: PassedArguments, position: int, keywords: Sequence[str]) -> Values:
        """Return the known items of an argument, as far as a request can be made with them."""
        values = self.argument(given, position, keywords[0] if keywords else "")
        items = union([self._containers.element(value) for value in values])
        return tuple([value for value in items if not isinstance(value, External) or value.element])

    def _literal(self, path: str, given: PassedArguments) -> str:
        """Return the path of a call whose string argument is part of it: `boto3.client('bedrock-runtime')`."""
        service = self._everywhere(self.argument(given, 0, "service_name"))
        texts = [value.value for value in service if isinstance(value, Text)]
        return f"{path}('{texts[0]}')" if texts else f"{path}()"

    def _wrapped_host(self, given: PassedArguments) -> str:
        """Return the host of a client that is passed to a wrapper."""
        for scope, argument in given.arguments:
            for value in self._evaluate(scope, argument.value):
                if isinstance(value, External) and value.host:
                    return value.host
        return ""

    def _evaluate(self, scope: str, expr: Expr) -> Values:
        return self._everywhere(self._expressions.evaluate(expr, self._program.function(scope)))

    def argument(self, given: PassedArguments, position: int, keyword: str = "") -> Values:
        """Return the values of the argument that a call passes as `keyword` or at `position`."""
        positional = [(scope, argument) for scope, argument in given.arguments if argument.name is None and not argument.star]
        named = [(scope, argument) for scope, argument in given.arguments if argument.name is not None and argument.name == keyword]
        chosen = named[0] if named else positional[position] if position < len(positional) else None
        return NONE if chosen is None else self._expressions.evaluate(chosen[1].value, self._program.function(chosen[0]))

    # Functions of Python itself.

    def joined_url(self, given: PassedArguments) -> Values:
        """`urllib.parse.urljoin(base, path)`."""
        base, path = (self._everywhere(self.argument(given, position)) for position in (0, 1))
        return joined_url(base, path)

    def partial(self, given: PassedArguments) -> Values:
        """`functools.partial(f, …)`."""
        if not given.arguments:
            return NONE
        rest = tuple(argument for _, argument in given.arguments[1:])
        where = given.arguments[0][0]
        return tuple(Partial(value, rest, where) for value in self.argument(given, 0))

    def named_attribute(self, given: PassedArguments) -> Values:
        """`getattr(value, "name")`."""
        names = [value.value for value in self._everywhere(self.argument(given, 1)) if isinstance(value, Text)]
        if not names:
            return NONE
        return union([self._values.attribute(value, names[0]) for value in self.argument(given, 0)])

    def same_items(self, given: PassedArguments) -> Values:
        """`list(xs)` and other functions that keep the items."""
        return self.argument(given, 0)

    def default(self, given: PassedArguments) -> Values:
        """`os.getenv("NAME", "value")`: the default."""
        values = self.argument(given, 1, "default")
        return tuple(replace(value, default=True) if isinstance(value, Text) else value for value in values)

    def next_item(self, given: PassedArguments) -> Values:
        """`next(xs)`."""
        return union([self._containers.element(value) for value in self.argument(given, 0)])

    def chosen(self, given: PassedArguments) -> Values:
        """`max(xs, key=f)`, or `max(x, y)`."""
        number = len([argument for _, argument in given.arguments if argument.name is None])
        return self.next_item(given) if number == 1 else union([self.argument(given, position) for position in range(number)])

    def enumerated(self, given: PassedArguments) -> Values:
        """`enumerate(xs)`."""
        pair = Items((NONE, self.next_item(given)))
        return (Items(((pair,),)),)

    def mapped(self, given: PassedArguments) -> Values:
        """`map(f, xs)`."""
        each = tuple([(scope, Argument(Element(argument.value))) for scope, argument in given.arguments[1:]])
        return listed(union([self._values.call(function, PassedArguments(each)) for function in self.argument(given, 0)]))

    def kept(self, given: PassedArguments) -> Values:
        """`filter(f, xs)`."""
        return self.argument(given, 1)

    def grouped(self, given: PassedArguments) -> Values:
        """`itertools.groupby(xs, key)`."""
        return listed((Items((NONE, listed(self.next_item(given)))),))

    def typed(self, given: PassedArguments) -> Values:
        """`type(x)`."""
        return tuple([Class(value.id) for value in self.argument(given, 0) if isinstance(value, Instance)])

    def zipped(self, given: PassedArguments) -> Values:
        """`zip(xs, ys)`."""
        rows = [self.argument(given, number) for number in range(len(given.arguments))]
        return (Items(((Items(tuple(union([self._containers.element(value) for value in row]) for row in rows)),),)),)


_OF_ARGUMENTS = frozenset({"argument", "entered", "result", "instance"})
"""The words of `Returns.value` for what depends on the arguments of a call."""

_Python = Callable[[LibraryValues, PassedArguments], Values]

_PYTHON: dict[str, _Python] = {
    "functools.partial": LibraryValues.partial,
    "functools.partialmethod": LibraryValues.partial,
    "builtins.getattr": LibraryValues.named_attribute,
    "os.getenv": LibraryValues.default,
    "os.environ.get": LibraryValues.default,
    "urllib.parse.urljoin": LibraryValues.joined_url,
    "builtins.next": LibraryValues.next_item,
    "builtins.enumerate": LibraryValues.enumerated,
    "builtins.zip": LibraryValues.zipped,
    "builtins.map": LibraryValues.mapped,
    "builtins.filter": LibraryValues.kept,
    "builtins.type": LibraryValues.typed,
    "builtins.max": LibraryValues.chosen,
    "builtins.min": LibraryValues.chosen,
    "random.choice": LibraryValues.next_item,
    "itertools.groupby": LibraryValues.grouped,
    "collections.deque": lambda values, given: values.argument(given, 0) or external("collections.deque()"),
    "collections.OrderedDict": lambda values, given: values.argument(given, 0) or external("collections.OrderedDict()"),
    "collections.defaultdict": lambda values, given: values.argument(given, 1) or external("collections.defaultdict()"),
    "copy.copy": LibraryValues.same_items,
    "copy.deepcopy": LibraryValues.same_items,
    "typing.cast": lambda values, given: values.argument(given, 1),
    **{f"builtins.{name}": LibraryValues.same_items for name in _SAME_ITEMS},
}
