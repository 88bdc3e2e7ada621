"""Attributes of classes and instances: methods, properties, fields, and what methods assign to `self`."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from surfacelint.facts.expressions import Call, Expr, dotted
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    Class,
    External,
    Function,
    Instance,
    Method,
    Super,
    Value,
    Values,
    external,
    union,
    with_writes,
)
from surfacelint.linking.evaluation.annotations import Annotations
from surfacelint.linking.evaluation.caller_arguments import CallerArguments
from surfacelint.linking.evaluation.class_hierarchy import Classes, defining_class
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator
from surfacelint.linking.evaluation.held_objects import bound, is_holder
from surfacelint.linking.evaluation.method_kinds import CONSTRUCTORS, is_abstract, is_class_method, is_property, is_static
from surfacelint.linking.evaluation.name_lookup import NameLookup
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode, NameBinding, identifier, runs_only_arguments


class ClassAttributes:
    """Evaluates attributes of first-party classes and of their instances."""

    def __init__(
        self,
        program: ProgramIndex,
        expressions: ExpressionEvaluator,
        classes: Classes,
        names: NameLookup,
        annotations: Annotations,
        caller_arguments: CallerArguments,
    ) -> None:
        self._program = program
        self._memo = program.memo
        self._expressions = expressions
        self._classes = classes
        self._names = names
        self._annotations = annotations
        self._everywhere = caller_arguments.everywhere

    def attribute(self, value: Instance | Class | Super, name: str) -> Values:
        """Return the values of `value.name`."""
        if isinstance(value, Instance) and value.via:
            receivers = self._classes.receivers
            if receivers(value) == receivers(Instance(value.id)):
                # All of them run the method `via`, so the attribute does not depend on it.
                found = self.attribute(Instance(value.id), name)
                return tuple(Method(method.id, value) if isinstance(method, Method) else method for method in found)
        key = ("attribute", value, name)
        known = self._memo.firm.get(key)
        return self._memo.answer(key, lambda: self._attribute(value, name)) if known is None else known

    def _attribute(self, value: Instance | Class | Super, name: str) -> Values:
        lineage = self._classes.bases(value.id)
        if isinstance(value, Super):
            lineage = lineage[1:]
        methods = self._methods(value, lineage, name)
        if methods:
            return methods
        own = union([self._own(base, name) for base in lineage if isinstance(base, ClassNode)])
        if own:
            return self._read_from(value, own) if isinstance(value, Class) else union([own, *self._overriding(value, name)])
        if isinstance(value, Instance) and not value.exact:
            subclasses = self._classes.subclass_receivers(value)
            beside = [base for sub in subclasses for base in self._classes.bases(sub) if isinstance(base, ClassNode)]
            own = union([self._own(base, name) for base in dict.fromkeys(beside)])
            if own:
                return own
        inherited = [base for base in lineage if isinstance(base, External) and not base.path.startswith(("builtins.", "abc.", "typing."))]
        if inherited:
            return union([self._inherited(value, base, name) for base in inherited])
        return NONE

    def _inherited(self, value: Instance | Class | Super, base: External, name: str) -> Values:
        """Return an attribute that a class inherits from a library class."""
        path = f"{base.path}{'' if isinstance(value, Class) else '()'}.{name}"
        if isinstance(value, Super):
            return external(path, base.host)
        returns = self._program.catalogue.returns
        found = returns(path)
        if found is None and returns(f"{path}()") is None:
            return external(path, base.host)
        element: Values = (Instance(value.id),)
        if isinstance(value, Instance) and (value.element or self._is_manager(value)):
            element = value.element or self.managed(value)
        return external(found.value if found is not None and found.holds else path, base.host, element)

    # Managers: objects that a class has as an attribute, and that find instances of the class.

    def _read_from(self, owner: Class, values: Values) -> Values:
        """Return attributes as read from a class: its managers hold instances of it."""
        element = (Instance(owner.id),)
        return tuple([replace(value, element=element) if self._is_manager(value) else value for value in values])

    def _is_manager(self, value: Value) -> TypeGuard[Instance | External]:
        catalogue = self._program.catalogue
        if isinstance(value, External):
            return not value.element and is_holder(catalogue, value.path)
        if not isinstance(value, Instance) or value.element:
            return False
        return any(isinstance(base, External) and is_holder(catalogue, f"{base.path}()") for base in self._classes.bases(value.id))

    def holding(self, values: Values, element: Values) -> Values:
        """Return the results of a manager's own method for the manager of one class: queries of unknown objects become queries of it."""
        return union([self._holding(value, element) for value in values])

    def _holding(self, value: Value, element: Values) -> Values:
        if isinstance(value, External):
            return (value,) if value.element else bound(self._program.catalogue, value, element)
        return (replace(value, element=element),) if self._is_manager(value) else (value,)

    def managed(self, manager: Instance) -> Values:
        """Return instances of the classes that have a manager of this class, as far as they are defined where it is defined or made."""
        if not self._is_manager(manager):
            return NONE
        modules = [self._classes.node(manager.id).module, *(function.module for function, _ in self._program.calls_of(manager.id))]
        nodes = [node for module in dict.fromkeys(modules) for node in module.classes.values()]
        return union([(Instance(node.id),) for node in nodes if self._has_manager(node, manager.id)])

    def _has_manager(self, node: ClassNode, manager: str) -> bool:
        """Whether a class makes a manager of the class `manager` in its body, by a call of that or of a class method of it."""
        calls = [source.value for sources in node.members.values() for source in sources if isinstance(source.value, Call)]
        makers = [value for call in calls for value in self._expressions.evaluate(call.function, node.scope)]
        return any(value == Class(manager) or (isinstance(value, External) and Instance(manager) in value.element) for value in makers)

    def _overriding(self, value: Instance | Class | Super, name: str) -> list[Values]:
        """Return what the bodies of subclasses assign to an attribute: the receiver may be of any of them."""
        if not isinstance(value, Instance) or value.exact:
            return []
        nodes = map(self._classes.node, self._classes.subclass_receivers(value))
        return [self._own(node, name) for node in nodes if name in node.members]

    # Methods.

    def _methods(self, value: Instance | Class | Super, lineage: list[ClassNode | External], name: str) -> Values:
        defining = {node.id: node for node in [defining_class(lineage, name)] if node is not None}
        if isinstance(value, Instance) and not value.exact and name not in CONSTRUCTORS:
            # The receiver's real class may override the method, or inherit it from a class beside this one.
            for sub in [*self._classes.subclass_receivers(value), *self._classes.instantiated_fitting(value.id)]:
                node = defining_class(self._classes.bases(sub), name)
                if node is not None:
                    defining.setdefault(node.id, node)
        found = [node.method(name) for node in defining.values()]
        concrete = [function for function in found if not is_abstract(function)]
        return union([self._bind(function, value) for function in concrete or found])

    def _bind(self, function: FunctionNode, value: Instance | Class | Super) -> Values:
        """Return what reading a method from `value` gives: a bound method, a plain function, or the value of a property."""
        if is_property(function) and not isinstance(value, Class):
            values = self._everywhere(self._expressions.returned(function))
            found = self._annotations.completed(values, function.outline.return_annotation, function.parent or function)
            held = value.element if isinstance(value, Instance) else NONE
            return self.holding(found, held) if held else found
        if is_static(function) or (isinstance(value, Class) and not is_class_method(function)):
            return (Function(function.id),)
        receiver = Instance(value.id, via=value.via) if isinstance(value, Super) else value
        return (Method(function.id, receiver),)

    def constructors(self, id_: str) -> list[FunctionNode]:
        """Return the functions that run when an instance of a class is made."""
        found = []
        for name in CONSTRUCTORS:
            defined = defining_class(self._classes.bases(id_), name)
            if defined is not None:
                found.append(defined.method(name))
        return found

    # Other attributes.

    def _own(self, node: ClassNode, name: str) -> Values:
        """Return the values of an attribute by the body and the methods of one class."""
        values = self.bindings(node, name)
        return with_writes(values, node.id, name) if name in node.writes else values

    def bindings(self, node: ClassNode, name: str) -> Values:
        """Return what the body and the methods of one class assign to an attribute, without what is put into it later."""
        bindings = node.attributes.get(name, ())
        if not self._program.is_open(node.module):
            bindings = [
                (method, source)
                for method, source in bindings
                if not isinstance(source.value, Call) or runs_only_arguments(source.value, method)
            ]
        found = [self._assigned(source, method) for method, source in bindings]
        for source in node.members.get(name, ()):
            found.append(self._member(node, name, source))
        return union(found)

    def _assigned(self, source: NameBinding, method: FunctionNode) -> Values:
        """Return what a method assigns to an attribute: what all callers pass, or what the annotation of the attribute says."""
        values = self._everywhere(self._names.bound(source, method))
        return values if source.annotation is None else self._annotations.completed(values, source.annotation, method)

    def _member(self, node: ClassNode, name: str, source: NameBinding) -> Values:
        if source.definition is not None:
            return (Class(identifier(node.module.name, source.definition)),)
        passed = self._field(node, name) if source.annotation is not None and "__init__" not in node.methods else NONE
        if passed:
            return self._annotations.completed(passed, source.annotation, node.scope)
        return self._names.bound(NameBinding(value=_field_default(source.value), annotation=source.annotation), node.scope)

    def _field(self, node: ClassNode, name: str) -> Values:
        """Return what constructor calls pass for a field of a dataclass or model."""
        fields = [field for field, sources in node.members.items() if any(source.annotation is not None for source in sources)]
        found = []
        for _, given in self._program.calls_of(node.id):
            position = 0
            for scope, argument in given.arguments:
                matches = argument.name == name or (
                    argument.name is None and not argument.star and fields[position : position + 1] == [name]
                )
                if matches:
                    found.append(self._everywhere(self._expressions.evaluate(argument.value, self._program.function(scope))))
                position += argument.name is None
        return union(found)


def _field_default(value: Expr | None) -> Expr | None:
    """Return the default of a field: `Client()` of `field(default_factory=Client)`. Other values are returned as they are."""
    if isinstance(value, Call) and (dotted(value.function) or "").rpartition(".")[2] in ("field", "Field"):
        for argument in value.arguments:
            if argument.name == "default_factory":
                return Call(argument.value, (), value.span)
            if argument.name == "default":
                return argument.value
        return None
    return value
