"""Functions whose arguments a framework supplies: nodes of a graph, which share its state, and tools that a model calls."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Argument, Attribute, Call, Constant, Expr, Mapping, Name, Subscript, last_word
from surfacelint.linking.evaluation.abstract_values import Function, Method, Values
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode


class FrameworkArguments:
    """Finds framework-called functions in one program, and what the framework passes to them."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._last_words = frozenset(row.rpartition(".")[2] for row in (*catalogue.handful.nodes, *catalogue.handful.tools))
        self._nodes: dict[str, FunctionNode] | None = None
        self._tools: frozenset[str] | None = None

    @property
    def tools(self) -> frozenset[str]:
        """The identifiers of the functions that a model calls as tools."""
        if self._tools is None:
            self._tools = frozenset(self._find_tools())
        return self._tools

    def state_values(self, expr: Expr, scope: FunctionNode) -> list[tuple[Expr, FunctionNode]]:
        """Return the values that nodes put under the state entry that `expr` reads in the node `scope`, each with its node."""
        keys = _keys_of(expr, Name(_state_of(scope)))
        if not keys or scope.id not in self.nodes:
            return []
        return [(value, node) for node in self.nodes.values() for each in node.outline.returns for value in _entries(each, keys)]

    @property
    def nodes(self) -> dict[str, FunctionNode]:
        """The functions that are nodes of graphs, by identifier."""
        if self._nodes is None:
            self._nodes = {node.id: node for node in self._find_nodes()}
        return self._nodes

    def _find_nodes(self) -> Iterator[FunctionNode]:
        """Yield the functions that are registered as nodes of a graph."""
        for function in self._resolver.functions():
            for site in function.outline.calls:
                if self._runs_one_of(site.call, function, self._catalogue.handful.nodes):
                    for argument in site.call.arguments:
                        yield from self._functions(self._resolver.evaluate(argument.value, function))

    def _find_tools(self) -> Iterator[str]:
        """Yield the identifiers of functions that are given to a model as tools, by a call, a keyword or a decorator."""
        words = self._catalogue.handful
        for function in self._resolver.functions():
            for site in function.outline.calls:
                given = [argument for argument in site.call.arguments if argument.name in words.tool_keywords]
                if self._runs_one_of(site.call, function, words.tools):
                    given += site.call.arguments[:1]
                for argument in given:
                    values = self._resolver.containers.flat(self._resolver.evaluate(argument.value, function))
                    yield from (tool.id for tool in self._functions(tuple(values)))
            for decorator in function.outline.decorators:
                if self._is_one_of(self._resolver.bare_paths(decorator, function.parent or function), words.tools):
                    yield function.id

    def _functions(self, values: Values) -> Iterator[FunctionNode]:
        for value in values:
            if isinstance(value, Function | Method):
                yield self._resolver.function(value.id)

    def _runs_one_of(self, call: Call, scope: FunctionNode, rows: tuple[str, ...]) -> bool:
        """Whether a call runs one of the library functions `rows`. Only calls that end in the last word of a row are resolved."""
        return last_word(call.function) in self._last_words and self._is_one_of(self._resolver.called_paths(call, scope), rows)

    def _is_one_of(self, paths: list[str], rows: tuple[str, ...]) -> bool:
        return any(self._catalogue.canonical(path) in rows for path in paths)


def _state_of(scope: FunctionNode) -> str:
    """Return the name of the state in a node: its first parameter."""
    names = [parameter.name for parameter in scope.outline.parameters if scope.owner is None or parameter.name != scope.first]
    return names[0] if names else ""


def _keys_of(expr: Expr, state: Name) -> tuple[str, ...] | None:
    """Return the keys by which `expr` reads an entry of the state, outermost first; `None` for any other expression."""
    keys: list[str] = []
    while expr != state:
        match expr:
            case (
                Call(function=Attribute(value=owner, attr="get"), arguments=(Argument(value=Constant(value=str(key))), *_))
                | Subscript(value=owner, index=Constant(value=str(key)))
                | Attribute(value=owner, attr=key)
            ):
                keys.append(key)
                expr = owner
            case _:
                return None
    return tuple(reversed(keys))


def _entries(value: Expr, keys: tuple[str, ...]) -> Iterator[Expr]:
    """Yield what a dict display holds under `keys`, through the displays inside of it."""
    if not keys:
        yield value
    elif isinstance(value, Mapping):
        for name, item in zip(value.keys, value.values, strict=True):
            if name == Constant(keys[0]):
                yield from _entries(item, keys[1:])
