"""Values from the command line: a few items, unless they name files, which a shell expands to many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Attribute, Call, Choice, Clause, Collection, Comprehension, Constant, Expr, Mapping, Name, walk
from surfacelint.facts.module_outlines import Parameter
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import FunctionNode


class CommandLineValues:
    """Finds values of command-line options in one program."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue) -> None:
        self._resolver = resolver
        self._catalogue = catalogue
        self._words = catalogue.handful
        self._options: dict[str, list[tuple[Call, FunctionNode]]] | None = None

    def is_value(self, expr: Expr, scope: FunctionNode) -> bool:
        """Whether the items of `expr` are values of one option: `args.topics`, `args.topics.split(",")`."""
        while True:
            match expr:
                case Choice(options=options):
                    listed = Collection | Mapping | Constant
                    chosen = [option for option in options if not isinstance(option, listed)]
                    return bool(chosen) and all(self.is_value(option, scope) for option in chosen)
                case Comprehension(clauses=(Clause(iterable=first),)):
                    expr = first
                case Call(function=Attribute(value=value, attr="split")):
                    expr = value
                case Call(arguments=(argument, *_)) if self._looks_through(expr, scope):
                    expr = argument.value
                case Attribute(value=value, attr=attr) if self._is_namespace(value, scope):
                    return self._all_take_values(self._added(attr), attr)
                case Name(id=name):
                    parameter = next((each for each in scope.outline.parameters if each.name == name), None)
                    return parameter is not None and self._all_take_values(self._declared(parameter, scope), name)
                case _:
                    return False

    def _looks_through(self, call: Call, scope: FunctionNode) -> bool:
        rows = [self._catalogue.iteration(path) for path in self._resolver.paths(call.function, scope)]
        return any(row is not None and row.effect == "same" and row.argument == 0 for row in rows)

    def _is_namespace(self, expr: Expr, scope: FunctionNode) -> bool:
        return any(self._catalogue.canonical(path) in self._words.typed for path in self._resolver.paths(expr, scope))

    def _all_take_values(self, options: Iterable[tuple[Call, FunctionNode]], name: str) -> bool:
        """Whether an option is declared, and none of its declarations takes files."""
        found = list(options)
        named = set(name.lower().split("_"))
        return bool(found) and named.isdisjoint(self._words.files) and all(self._takes_value(call, scope) for call, scope in found)

    def _takes_value(self, call: Call, scope: FunctionNode) -> bool:
        """Whether an option takes a value that is not a file. Positional arguments with `nargs` count as files."""
        first = call.arguments[0].value if call.arguments else None
        positional = isinstance(first, Constant) and isinstance(first.value, str) and not first.value.startswith("-")
        if positional and any(argument.name == "nargs" for argument in call.arguments):
            return False
        kinds = [part for argument in call.arguments if argument.name == "type" for part in walk(argument.value)]
        return not any(path.removesuffix("()") in self._words.file_types for kind in kinds for path in self._resolver.paths(kind, scope))

    # Declarations of options.

    def declarations(self, expr: Attribute | Name, scope: FunctionNode) -> list[tuple[Call, FunctionNode]]:
        """Return the calls that declare the option whose value `expr` is, each with its scope; none if it is no value of an option."""
        if isinstance(expr, Attribute):
            return self._added(expr.attr) if self._is_namespace(expr.value, scope) else []
        parameter = next((each for each in scope.outline.parameters if each.name == expr.id), None)
        return [] if parameter is None else list(self._declared(parameter, scope))

    def _added(self, name: str) -> list[tuple[Call, FunctionNode]]:
        """Return the calls of `add_argument` for a name, on any parser."""
        if self._options is None:
            self._options = {}
            for function in self._resolver.functions():
                for site in function.outline.calls:
                    if isinstance(site.call.function, Attribute) and site.call.function.attr == "add_argument":
                        for spelled in _names_of(site.call):
                            self._options.setdefault(spelled, []).append((site.call, function))
        return self._options.get(name, [])

    def _declared(self, parameter: Parameter, scope: FunctionNode) -> Iterator[tuple[Call, FunctionNode]]:
        """Yield the option declarations of a command's parameter: decorators, its default, its annotation."""
        outside = scope.parent or scope
        for decorator in scope.outline.decorators:
            if isinstance(decorator, Call) and parameter.name in _names_of(decorator) and self._is_option(decorator, outside):
                yield decorator, outside
        for expr in (parameter.default, parameter.annotation):
            for part in walk(expr) if expr is not None else ():
                if isinstance(part, Call) and self._is_option(part, outside) and not self._names_files(parameter, outside):
                    yield part, outside

    def _is_option(self, call: Call, scope: FunctionNode) -> bool:
        return any(path in self._words.options for path in self._resolver.paths(call.function, scope))

    def _names_files(self, parameter: Parameter, scope: FunctionNode) -> bool:
        parts = walk(parameter.annotation) if parameter.annotation is not None else []
        return any(path in self._words.file_types for part in parts for path in self._resolver.paths(part, scope))


def _names_of(call: Call) -> list[str]:
    """Return the attribute names of an option: `q` for `--q`, `dry_run` for `--dry-run`, or the value of `dest`."""
    given = [argument.value for argument in call.arguments if argument.name in (None, "dest")]
    spelled = [value.value for value in given if isinstance(value, Constant) and isinstance(value.value, str)]
    return [name.lstrip("-").replace("-", "_") for name in spelled]
