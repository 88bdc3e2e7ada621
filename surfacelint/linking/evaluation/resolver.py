"""The evaluator of expressions: finds the abstract values that an expression may have in a scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from surfacelint.catalogue.index import Catalogue
from surfacelint.facts.expressions import (
    Attribute,
    Await,
    Call,
    Choice,
    Collection,
    Composite,
    Comprehension,
    Constant,
    Element,
    Enter,
    Expr,
    Lambda,
    Mapping,
    Name,
    Position,
    Starred,
    Subscript,
    Walrus,
)
from surfacelint.facts.module_outlines import lambda_name
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    BuiltinMethod,
    Class,
    Function,
    Items,
    Parameter,
    Text,
    Values,
    union,
)
from surfacelint.linking.evaluation.call_arguments import passed
from surfacelint.linking.evaluation.library_paths import paths_of
from surfacelint.linking.evaluation.program_index import Callers, ProgramIndex
from surfacelint.linking.evaluation.question_memo import CALLERS, RELEVANT, SUBCLASSES, differing
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, ModuleSource, identifier, runs_only_arguments
from surfacelint.linking.evaluation.type_narrowing import narrowings_at
from surfacelint.linking.evaluation.value_operations import ValueOperations


class Resolver:
    """Evaluates the expressions of a program, on demand, and remembers the answers. The entry point of the package."""

    def __init__(self, source: ModuleSource, catalogue: Catalogue) -> None:
        program = ProgramIndex(source, catalogue)
        values = ValueOperations(program, self)
        self.program = program
        self.source = source
        self.names = values.names
        self.classes = values.classes
        self.class_attributes = values.class_attributes
        self.containers = values.containers
        self.substitution = values.substitution
        self.caller_arguments = values.caller_arguments
        self.clients = values.clients
        self.decorators = values.decorators
        self._memo = program.memo
        self._values = values

    def learn(self, relevant: frozenset[str], callers: Callers) -> tuple[bool, list[Any]]:
        """Update the relevant modules, the known callers and the class hierarchy, and forget the answers that depend on what changed.

        Return whether the callers changed, and the forgotten notes (see `Memo.noted`).
        """
        program = self.program
        changed = differing(program.callers, callers)
        facts = [(CALLERS, id_) for id_ in changed]
        facts += [(RELEVANT, name) for name in sorted(relevant - program.relevant)]
        facts += [(SUBCLASSES, id_) for id_ in self.classes.update()]
        program.relevant, program.callers = relevant, callers
        return bool(changed), self._memo.forget(facts)

    def settle(self) -> None:
        """Keep all answers for good, because nothing more will be learned."""
        self._memo.settle()

    # The program.

    @property
    def callers(self) -> Callers:
        """The known calls of each function and class, by identifier."""
        return self.program.callers

    def function(self, id_: str) -> FunctionNode:
        """Return the function with an identifier."""
        return self.program.function(id_)

    def functions(self) -> Iterator[FunctionNode]:
        """Yield the functions of all loaded modules, module bodies included."""
        return self.program.functions()

    # Expressions.

    def evaluate(self, expr: Expr, scope: FunctionNode) -> Values:
        """Return the values that `expr` may have in `scope`."""
        if isinstance(expr, Name):
            return self.names.name(expr.id, scope)
        if isinstance(expr, Constant):
            return (Text(expr.value),) if isinstance(expr.value, str) else NONE
        key = (scope.id, id(expr))
        known = self._memo.firm.get(key)
        return self._memo.answer(key, lambda: self._evaluate(expr, scope), expr) if known is None else known

    def _evaluate(self, expr: Expr, scope: FunctionNode) -> Values:
        match expr:
            case Attribute(value=value, attr=attr):
                return union([self._values.attribute(owner, attr) for owner in self.evaluate(value, scope)])
            case Call():
                return self._call(expr, scope)
            case Await(value=value) | Starred(value=value) | Walrus(value=value):
                return self.evaluate(value, scope)
            case Element(value=value):
                return self._contents([self.containers.element(item) for item in self.evaluate(value, scope)], scope)
            case Enter(value=value):
                return union([self.containers.enter(item) for item in self.evaluate(value, scope)])
            case Subscript(value=value, index=index):
                return self._contents([self.containers.item(item, index) for item in self.evaluate(value, scope)], scope)
            case Choice(options=options):
                return union([self.evaluate(option, scope) for option in options])
            case Lambda(span=span):
                return (Function(identifier(scope.module.name, lambda_name(span))),)
            case _:
                return self._display(expr, scope)

    def _contents(self, parts: Iterable[Values], scope: FunctionNode) -> Values:
        """Join values that were taken out of containers. Parameters of the functions that put them there become what callers pass."""
        values = union(parts)
        if not any(isinstance(value, Parameter) for value in values):
            return values
        own = {here.id for here in scope.scopes()}
        everywhere = self.caller_arguments.everywhere
        return union([(value,) if isinstance(value, Parameter) and value.id in own else everywhere((value,)) for value in values])

    def _display(self, expr: Expr, scope: FunctionNode) -> Values:
        """Evaluate a display, a comprehension or an operator."""
        match expr:
            case Collection(items=items):
                return (Items(tuple(self.evaluate(item, scope) for item in items)),)
            case Mapping(keys=keys, values=values):
                named = tuple(key.value if isinstance(key, Constant) and isinstance(key.value, str) else None for key in keys)
                called = union([self.evaluate(key, scope) for key in keys if isinstance(key, Name | Attribute)])
                kept = tuple([value for value in called if isinstance(value, Class | Function)])
                return (Items(tuple(self.evaluate(value, scope) for value in values), named, kept),)
            case Comprehension(kind=kind, elements=elements):
                item = self.evaluate(elements[-1], scope)
                return (Items((item,), (None,) if kind == "dict" else ()),) if item else NONE
            case Composite(operator="format", parts=parts):
                return self._values.strings.joined(parts, scope)
            case Composite(operator="%", parts=parts):
                return self._values.strings.percent_formatted(parts, scope)
            case Composite(operator="+", parts=parts):
                return self._values.strings.joined(parts, scope) or union([self.evaluate(part, scope) for part in parts])
            case Composite(operator="|", parts=parts):
                return union([self.evaluate(part, scope) for part in parts])
            case _:
                return NONE

    # Calls.

    def callee(self, call: Call, scope: FunctionNode) -> Values:
        """Return what a call may run. For a name that its scope binds several times, the last binding before the call counts."""
        key = ("callee", scope.id, id(call))
        known = self._memo.firm.get(key)
        if known is not None:
            return known
        return self._memo.answer(key, lambda: self._evaluate_at(call.function, scope, scope.statement_of(call.span), call.span.start), call)

    def _evaluate_at(self, expr: Expr, scope: FunctionNode, statement: Position, place: Position) -> Values:
        """Evaluate an expression of a statement, at a place: there a condition may have told its class."""
        values = self._last_bound(expr, scope, statement, place)
        if scope.module.tests_types and isinstance(expr, Name | Attribute):
            tests = narrowings_at(expr, scope, place)
            return self._values.narrowing.narrowed(values, tests, scope) if tests else values
        return values

    def _last_bound(self, expr: Expr, scope: FunctionNode, position: Position, place: Position) -> Values:
        match expr:
            case Name(id=name) if len(scope.names.get(name, ())) > 1:
                last = scope.last_bound(name, position)
                # A binding in a deeper block may not have run: then every binding is possible.
                if last is not None and last.start is not None and last.start.column <= position.column:
                    return self.names.bound(last, scope) or self.evaluate(expr, scope)
                return self.evaluate(expr, scope)
            case Attribute(value=value, attr=attr):
                return union([self._values.attribute(owner, attr) for owner in self._evaluate_at(value, scope, position, place)])
            case _:
                return self.evaluate(expr, scope)

    def _call(self, call: Call, scope: FunctionNode) -> Values:
        callees = self.callee(call, scope)
        given = passed(call, scope.id)
        if not callees:
            return self._values.unknown_method(call.function.attr, given) if isinstance(call.function, Attribute) else NONE
        results = [self._values.call(value, given) for value in callees]
        return self._contents(results, scope) if any(isinstance(value, BuiltinMethod) for value in callees) else union(results)

    def returned(self, function: FunctionNode) -> Values:
        """Return what a function returns, in terms of its own parameters."""
        return self._memo.answer(("returns", function.id), lambda: self._returned(function))

    def _returned(self, function: FunctionNode) -> Values:
        outline = function.outline
        returns = [value for value in outline.returns if self.program.is_open(function.module) or runs_only_arguments(value, function)]
        values = union([self.evaluate(value, function) for value in returns])
        return self._values.annotations.completed(values, outline.return_annotation, function.parent or function, telling="all")

    def everywhere(self, values: Values) -> Values:
        """Replace parameters by what all known callers pass: for values that outlive the call, such as attributes of an instance."""
        return self.caller_arguments.everywhere(values)

    def follow(self, values: Values, path: str) -> Values:
        """Apply `path`, a sequence of attributes, calls and items, to `values`."""
        return self._values.follow(values, path)

    # Paths of library values.

    def paths(self, expr: Expr, scope: FunctionNode) -> list[str]:
        """Return the paths of the library values that `expr` may have."""
        return paths_of(self.evaluate(expr, scope))

    def bare_paths(self, expr: Expr, scope: FunctionNode) -> list[str]:
        """Return the library paths of a decorator or default, with or without a call: `app.task` of `@app.task(bind=True)`."""
        return self.paths(expr.function if isinstance(expr, Call) else expr, scope)

    def called_paths(self, call: Call, scope: FunctionNode) -> list[str]:
        """Return the paths of the library functions that a call may run; `?.name` for a method of an unknown receiver."""
        known = paths_of(self.callee(call, scope))
        return known or ([f"?.{call.function.attr}"] if isinstance(call.function, Attribute) else [])
