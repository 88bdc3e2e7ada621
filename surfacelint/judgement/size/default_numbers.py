"""Numbers that whoever runs the program may choose, by their defaults: options, settings, environment variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import Attribute, Call, Constant, Expr, Name
from surfacelint.judgement.size.command_line_values import CommandLineValues
from surfacelint.linking.evaluation.abstract_values import Class, Instance
from surfacelint.linking.evaluation.call_arguments import argument_for
from surfacelint.linking.evaluation.constants import definition
from surfacelint.linking.evaluation.resolver import Resolver
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode
from surfacelint.linking.evaluation.traced_objects import field_default

_DEEPEST = 6
"""Names and calls that are followed."""

_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get"})
"""Functions of Python that read an environment variable, or else return a default."""

NumberOf: TypeAlias = Callable[[Expr, FunctionNode], int | None]
"""Returns the largest value of a number in a function by what callers pass, `None` where it is unknown."""


class DefaultNumbers:
    """Defaults in one program. `number_of` returns numbers that the code itself fixes."""

    def __init__(self, resolver: Resolver, catalogue: Catalogue, number_of: NumberOf) -> None:
        self._resolver = resolver
        self._command_line = CommandLineValues(resolver, catalogue)
        self._number_of = number_of

    def of(self, expr: Expr, scope: FunctionNode, depth: int = 0) -> int | None:
        """Return the number that `expr` is by default, `None` where it is unknown."""
        known = self._number_of(expr, scope)
        if known is not None or depth > _DEEPEST:
            return known
        match expr:
            case Constant(value=str(text)) if text.isdigit():
                return int(text)
            case Call(function=Name(id="int"), arguments=(argument,)):
                return self.of(argument.value, scope, depth + 1)
            case Call(arguments=(_, default)) if not _ENVIRONMENT.isdisjoint(self._resolver.called_paths(expr, scope)):
                return self.of(default.value, scope, depth + 1)
            case Attribute():
                return self._attribute(expr, scope, depth)
            case Name():
                return self._name(expr, scope, depth)
            case _:
                return None

    def _attribute(self, expr: Attribute, scope: FunctionNode, depth: int) -> int | None:
        """Return the default of an option, or of a setting: a field of a class that nothing is passed for."""
        options = self._command_line.declarations(expr, scope)
        if options:
            return self._declared(options, depth)
        for value in self._resolver.evaluate(expr.value, scope):
            nodes = self._resolver.classes.bases(value.id) if isinstance(value, Instance | Class) else []
            owner = next((node for node in nodes if isinstance(node, ClassNode) and expr.attr in node.members), None)
            sources = [] if owner is None else owner.members[expr.attr]
            default = field_default(sources[0].value) if len(sources) == 1 else None
            return None if owner is None or default is None else self.of(default, owner.scope, depth + 1)
        return None

    def _name(self, expr: Name, scope: FunctionNode, depth: int) -> int | None:
        defined = definition(self._resolver, expr, scope)
        if defined is not None:
            return self.of(defined[0], defined[1], depth + 1)
        parameter = next((each for each in scope.outline.parameters if each.name == expr.id), None)
        if parameter is None or len(scope.names.get(expr.id, ())) != 1 or parameter.kind in ("*", "**"):
            return None
        options = self._command_line.declarations(expr, scope)
        if options:
            is_default = isinstance(parameter.default, Constant) and isinstance(parameter.default.value, int)
            return self.of(parameter.default, scope, depth + 1) if is_default and parameter.default else self._declared(options, depth)
        found: list[int] = []
        for _, given in self._resolver.callers.get(scope.id, ()):
            passed = argument_for(scope.outline, given, expr.id)
            shares = [(value, self._resolver.function(where)) for where, value in passed]
            if not shares and parameter.default is not None:
                shares = [(parameter.default, scope.parent or scope)]
            number = self.of(*shares[0], depth + 1) if len(shares) == 1 and not given.unknown else None
            if number is None:
                return None
            found.append(number)
        return max(found, default=None)

    def _declared(self, options: list[tuple[Call, FunctionNode]], depth: int) -> int | None:
        """Return the largest default of the declarations of an option, `None` if one has none."""
        found: list[int] = []
        for call, scope in options:
            first = call.arguments[0].value if call.arguments else None
            positional = first if isinstance(first, Constant) and isinstance(first.value, int) else None  # `typer.Option(5)`
            default = next((argument.value for argument in call.arguments if argument.name == "default"), positional)
            number = None if default is None else self.of(default, scope, depth + 1)
            if number is None:
                return None
            found.append(number)
        return max(found, default=None)
