"""Attributes and calls of values: dispatches each kind of value to the module that evaluates it."""

from __future__ import annotations

from surfacelint.facts.expressions import Constant
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    Bound,
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
    Task,
    Text,
    Value,
    Values,
    WrittenContainer,
    extended,
    segments,
    union,
)
from surfacelint.linking.evaluation.annotations import Annotations
from surfacelint.linking.evaluation.call_arguments import PassedArguments
from surfacelint.linking.evaluation.caller_arguments import CallerArguments
from surfacelint.linking.evaluation.class_attributes import ClassAttributes
from surfacelint.linking.evaluation.class_hierarchy import Classes
from surfacelint.linking.evaluation.client_options import ClientOptions
from surfacelint.linking.evaluation.containers import Containers
from surfacelint.linking.evaluation.decorators import Decorators
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator
from surfacelint.linking.evaluation.library_values import LibraryValues
from surfacelint.linking.evaluation.name_lookup import NameLookup
from surfacelint.linking.evaluation.narrowing import TypeNarrowing
from surfacelint.linking.evaluation.parameter_substitution import Substitution
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.strings import METHODS, Strings
from surfacelint.linking.evaluation.symbol_tables import FunctionNode

_UNKNOWN_ARGUMENTS = PassedArguments((), unknown=True)


class ValueOperations:
    """Evaluates operations on values of every kind. Holds the evaluators of the single kinds, each of which uses those before it."""

    def __init__(self, program: ProgramIndex, expressions: ExpressionEvaluator) -> None:
        self._program = program
        self._memo = program.memo
        self.substitution = Substitution(program, expressions, self)
        self.caller_arguments = CallerArguments(program, expressions, self, self.substitution)
        self.strings = Strings(expressions, self.caller_arguments)
        self.classes = Classes(program, expressions)
        self.narrowing = TypeNarrowing(program, expressions, self.classes, self.caller_arguments)
        self.decorators = Decorators(program, expressions)
        self.annotations = Annotations(program, expressions, self, self.classes, self.caller_arguments)
        self.names = NameLookup(program, expressions, self.classes, self.annotations, self.decorators)
        self.class_attributes = ClassAttributes(program, expressions, self.classes, self.names, self.annotations, self.caller_arguments)
        self.containers = Containers(program, expressions, self, self.names, self.class_attributes, self.caller_arguments)
        self.clients = ClientOptions(program, expressions, self.caller_arguments)
        self._library_values = LibraryValues(program, expressions, self, self.containers, self.caller_arguments, self.clients)

    def call(self, value: Value, given: PassedArguments) -> Values:
        """Return the result of a call of `value` with the arguments `given`."""
        match value:
            case Function(id=id_, bound=bound):
                return self._result(self._program.function(id_), given, bound)
            case Method(id=id_, receiver=receiver):
                without_receiver = PassedArguments(given.arguments, given.skip + 1)
                found = self._result(self._program.function(id_), without_receiver)
                if isinstance(receiver, Instance) and receiver.element:
                    found = self.class_attributes.holding(found, receiver.element)
                # `return self` returns the receiver of this call.
                return tuple([receiver if isinstance(part, Instance) and part.via == id_ else part for part in found])
            case Class(id=id_, declared=declared):
                return (Instance(id_, exact=not declared),)
            case External():
                return self._library_values.call(value, given)
            case Parameter(path=path):
                known = self._library_values.unknown_method(path.rpartition(".")[2], given) if path else NONE
                return union([known, extended(value, "()")])
            case Partial(function=function, arguments=arguments, scope=where):
                both = PassedArguments((*((where, argument) for argument in arguments), *given.arguments), given.skip)
                return self.call(function, both)
            case Instance():
                return union([self.call(method, given) for method in self.class_attributes.attribute(value, "__call__")])
            case BuiltinMethod():
                return self._builtin_call(value, given)
            case Super():
                return (value,)
            case Task():
                return self._task(value, given)
            case _:
                return NONE

    def _builtin_call(self, method: BuiltinMethod, given: PassedArguments) -> Values:
        """Return the result of a call of a method of a string or container."""
        if isinstance(method.owner, Text):
            return self.strings.call(method.owner.value, method.name)
        return self.containers.call(method.owner, method.name, given)

    def _result(self, function: FunctionNode, given: PassedArguments, bound: Bound = ()) -> Values:
        """Return the result of a call: what the body says of it for these arguments, or else what the annotation says."""
        values = self.substitution.result(function, given, bound)
        return self.annotations.completed(values, function.outline.return_annotation, function.parent or function)

    def unknown_method(self, name: str, given: PassedArguments) -> Values:
        """Return the result of a method of an unknown receiver, if its arguments tell."""
        return self._library_values.unknown_method(name, given)

    def _task(self, value: Task, given: PassedArguments) -> Values:
        """Return the result of a call of a decorated function or of its attribute: the function with options, or what it returns."""
        catalogue = self._program.catalogue
        row = catalogue.returns(f"{value.path}()")
        if row is not None and row.value == "receiver":
            return (Task(value.id, value.path.rpartition(".")[0]),)
        if value.path.endswith(")") and not catalogue.repetitions(f"{value.path}.__call__"):
            return self.call(Function(value.id), given)
        return NONE

    def plain_call(self, value: Value) -> Values:
        """Return the result of a call of `value` with unknown arguments."""
        return self._memo.answer(("called", value), lambda: self.call(value, _UNKNOWN_ARGUMENTS))

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
                return self.decorators.attribute(id_, attr)
            case Method(id=id_):
                return self.decorators.attribute(id_, attr)
            case Task(id=id_, path=path):
                return (Task(id_, f"{path}.{attr}"),)
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
