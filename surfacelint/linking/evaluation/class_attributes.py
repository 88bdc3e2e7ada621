"""Attributes of classes and instances: methods, properties, fields, and what methods assign to `self`."""

from __future__ import annotations

from surfacelint.facts.expressions import Call, Expr, dotted
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    Class,
    External,
    Function,
    Instance,
    Method,
    Super,
    Values,
    external,
    union,
    with_writes,
)
from surfacelint.linking.evaluation.caller_arguments import CallerArguments
from surfacelint.linking.evaluation.class_hierarchy import Classes, defining_class
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator
from surfacelint.linking.evaluation.method_kinds import CONSTRUCTORS, is_abstract, is_class_method, is_property, is_static
from surfacelint.linking.evaluation.name_lookup import NameLookup
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode, NameBinding, identifier


class ClassAttributes:
    """Evaluates attributes of first-party classes and of their instances."""

    def __init__(
        self,
        program: ProgramIndex,
        expressions: ExpressionEvaluator,
        classes: Classes,
        names: NameLookup,
        caller_arguments: CallerArguments,
    ) -> None:
        self._program = program
        self._memo = program.memo
        self._expressions = expressions
        self._classes = classes
        self._names = names
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
            return union([own, *self._overriding(value, name)])
        if isinstance(value, Instance) and not value.exact:
            subclasses = self._classes.subclass_receivers(value)
            beside = [base for sub in subclasses for base in self._classes.bases(sub) if isinstance(base, ClassNode)]
            own = union([self._own(base, name) for base in dict.fromkeys(beside)])
            if own:
                return own
        inherited = [base for base in lineage if isinstance(base, External) and not base.path.startswith(("builtins.", "abc.", "typing."))]
        if inherited:
            call = "" if isinstance(value, Class) else "()"
            return union([external(f"{base.path}{call}.{name}", base.host) for base in inherited])
        return NONE

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
            return self._everywhere(self._expressions.returned(function))
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
            bindings = [(method, source) for method, source in bindings if not isinstance(source.value, Call)]
        found = [self._everywhere(self._names.bound(source, method)) for method, source in bindings]
        for source in node.members.get(name, ()):
            found.append(self._member(node, name, source))
        return union(found)

    def _member(self, node: ClassNode, name: str, source: NameBinding) -> Values:
        if source.definition is not None:
            return (Class(identifier(node.module.name, source.definition)),)
        passed = self._field(node, name) if source.annotation is not None and "__init__" not in node.methods else NONE
        if passed:
            return passed
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
