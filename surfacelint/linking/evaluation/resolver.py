"""The evaluator: finds the abstract values of any expression, call or attribute in a program."""

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
    walk,
)
from surfacelint.facts.module_outlines import lambda_name
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    BuiltinMethod,
    Class,
    External,
    Function,
    Instance,
    Items,
    Method,
    Module,
    Parameter,
    Partial,
    Super,
    Text,
    Value,
    Values,
    WrittenContainer,
    extended,
    segments,
    union,
)
from surfacelint.linking.evaluation.call_arguments import Passed, passed
from surfacelint.linking.evaluation.caller_arguments import CallerArguments
from surfacelint.linking.evaluation.class_attributes import ClassAttributes
from surfacelint.linking.evaluation.classes import Classes
from surfacelint.linking.evaluation.containers import Containers
from surfacelint.linking.evaluation.decorators import Decorators
from surfacelint.linking.evaluation.library_paths import paths_of
from surfacelint.linking.evaluation.library_values import LibraryValues
from surfacelint.linking.evaluation.name_lookup import NameLookup
from surfacelint.linking.evaluation.parameter_substitution import Substitution
from surfacelint.linking.evaluation.program_index import Callers, ProgramIndex
from surfacelint.linking.evaluation.question_memo import CALLERS, RELEVANT, SUBCLASSES, differing
from surfacelint.linking.evaluation.strings import METHODS, Strings
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, ModuleSource, identifier

_UNKNOWN_ARGUMENTS = Passed((), unknown=True)


class Resolver:
    """Evaluates expressions on demand and remembers the answers. Implements `evaluator.Evaluator`.

    Each kind of value has a collaborator that evaluates it. They share the program and its memo, and ask each other through this class.
    """

    def __init__(self, source: ModuleSource, catalogue: Catalogue) -> None:
        program = ProgramIndex(source, catalogue)
        self.program = program
        self.source = source
        self._memo = program.memo
        self.substitution = Substitution(program, self)
        self.caller_arguments = CallerArguments(program, self, self.substitution)
        self.classes = Classes(program, self)
        self._decorators = Decorators(program, self)
        self._strings = Strings(self, self.caller_arguments)
        self.names = NameLookup(program, self, self.classes, self._decorators)
        self.class_attributes = ClassAttributes(program, self, self.classes, self.names, self.caller_arguments)
        self.containers = Containers(program, self, self.names, self.class_attributes, self.caller_arguments)
        self._library_values = LibraryValues(program, self, self.containers, self.caller_arguments)

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
                return union([self.attribute(owner, attr) for owner in self.evaluate(value, scope)])
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
                return (Items(tuple(self.evaluate(value, scope) for value in values), named),)
            case Comprehension(kind=kind, elements=elements):
                item = self.evaluate(elements[-1], scope)
                return (Items((item,), (None,) if kind == "dict" else ()),) if item else NONE
            case Composite(operator="format", parts=parts):
                return self._strings.joined(parts, scope)
            case Composite(operator="%", parts=parts):
                return self._strings.percent_formatted(parts, scope)
            case Composite(operator="+", parts=parts):
                return self._strings.joined(parts, scope) or union([self.evaluate(part, scope) for part in parts])
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
        return self._memo.answer(key, lambda: self._evaluate_at(call.function, scope, scope.statement_of(call.span)), call)

    def _evaluate_at(self, expr: Expr, scope: FunctionNode, position: Position) -> Values:
        match expr:
            case Name(id=name) if len(scope.names.get(name, ())) > 1:
                last = scope.last_bound(name, position)
                # A binding in a deeper block may not have run: then every binding is possible.
                if last is not None and last.start is not None and last.start.column <= position.column:
                    return self.names.bound(last, scope) or self.evaluate(expr, scope)
                return self.evaluate(expr, scope)
            case Attribute(value=value, attr=attr):
                return union([self.attribute(owner, attr) for owner in self._evaluate_at(value, scope, position)])
            case _:
                return self.evaluate(expr, scope)

    def _call(self, call: Call, scope: FunctionNode) -> Values:
        callees = self.callee(call, scope)
        results = [self.call(value, passed(call, scope.id)) for value in callees]
        return self._contents(results, scope) if any(isinstance(value, BuiltinMethod) for value in callees) else union(results)

    def call(self, value: Value, given: Passed) -> Values:
        """Return the result of a call of `value` with the arguments `given`."""
        match value:
            case Function(id=id_, bound=bound):
                return self.substitution.result(self.program.function(id_), given, bound)
            case Method(id=id_, receiver=receiver):
                without_receiver = Passed(given.arguments, given.skip + 1)
                found = self.substitution.result(self.program.function(id_), without_receiver)
                # `return self` returns the receiver of this call.
                return tuple([receiver if isinstance(part, Instance) and part.via == id_ else part for part in found])
            case Class(id=id_):
                return (Instance(id_, exact=True),)
            case External():
                return self._library_values.call(value, given)
            case Parameter():
                return extended(value, "()")
            case Partial(function=function, arguments=arguments, scope=where):
                both = Passed((*((where, argument) for argument in arguments), *given.arguments), given.skip)
                return self.call(function, both)
            case Instance():
                return union([self.call(method, given) for method in self.class_attributes.attribute(value, "__call__")])
            case BuiltinMethod(owner=Text(value=text), name=name):
                return self._strings.call(text, name)
            case BuiltinMethod(owner=Items() | WrittenContainer() as container, name=name):
                return self.containers.call(container, name, given)
            case Super():
                return (value,)
            case _:
                return NONE

    def plain_call(self, value: Value) -> Values:
        """Return the result of a call of `value` with unknown arguments."""
        return self._memo.answer(("called", value), lambda: self.call(value, _UNKNOWN_ARGUMENTS))

    def returned(self, function: FunctionNode) -> Values:
        """Return what a function returns, in terms of its own parameters."""
        return self._memo.answer(("returns", function.id), lambda: self._returned(function))

    def _returned(self, function: FunctionNode) -> Values:
        outline = function.outline
        returns = [value for value in outline.returns if self.program.is_open(function.module) or not _has_calls(value)]
        values = union([self.evaluate(value, function) for value in returns])
        if not values and outline.return_annotation is not None:
            values = self.names.annotated(outline.return_annotation, function.parent or function)
        return values

    def everywhere(self, values: Values) -> Values:
        """Replace parameters by what all known callers pass: for values that outlive the call, such as attributes of an instance."""
        return self.caller_arguments.everywhere(values)

    # Attributes and paths.

    def attribute(self, value: Value, attr: str) -> Values:
        """Return the values of `value.attr`."""
        match value:
            case Module(name=name):
                return self._memo.answer((name, ".", attr), lambda: self.names.member(name, attr))
            case Instance() | Class() | Super():
                return self.class_attributes.attribute(value, attr)
            case External():
                return self._library_values.attribute(value, attr)
            case Parameter():
                return extended(value, f".{attr}")
            case Function(id=id_):
                return self._decorators.attribute(id_, attr)
            case Method(id=id_):
                return self._decorators.attribute(id_, attr)
            case Items() | WrittenContainer():
                return self.containers.attribute(value, attr)
            case Text():
                return (BuiltinMethod(value, attr),) if attr in METHODS else NONE
            case _:
                return NONE

    def follow(self, values: Values, path: str) -> Values:
        """Apply `path`, a sequence of attributes, calls and items, to `values`."""
        for segment in segments(path):
            values = union([self._step(value, segment) for value in values])
        return values

    def _step(self, value: Value, segment: str) -> Values:
        if segment == "[]":
            return self.containers.element(value)
        if segment.startswith("["):
            key = segment[1:-1]
            return self.containers.item(value, Constant(key[1:-1] if key.startswith("'") else int(key)))
        if segment == "()":
            return self.plain_call(value)
        return self.attribute(value, segment[1:])

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


def _has_calls(expr: Expr) -> bool:
    return any(isinstance(part, Call) for part in walk(expr))
