"""Attributes of classes and their instances: inheritance, overriding, properties, and what methods put on the receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surfacelint.facts.expressions import Call, Expr, Name, dotted
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
    filled,
    union,
)
from surfacelint.linking.evaluation.question_memo import CALLERS, SUBCLASSES, differing
from surfacelint.linking.evaluation.symbol_tables import ClassNode, FunctionNode, Source, identifier

if TYPE_CHECKING:
    from surfacelint.linking.evaluation.resolver import Resolver

_PROPERTIES = frozenset({"property", "cached_property", "functools.cached_property", "abc.abstractproperty"})
_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})

DEEPEST_LINEAGE = 1_024
"""A class inherits from at most this many others; what comes after them is not looked at, and `Classes.cut` has the class."""

NEAREST_BASES = 64
"""A class can stand in for so many of its bases, the nearest ones: no program overrides a method that far away."""

MOST_FITTING = 40
"""A protocol that more classes fit says nothing of which is meant."""

_CONSTRUCTORS = ("__init__", "__new__", "__post_init__")


class Classes:
    """What the classes of a program have and inherit."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self.cut: set[str] = set()
        self._bases: dict[str, list[ClassNode | External]] = {}
        self._subclasses: dict[str, list[str]] = {}
        self._receivers: dict[Instance, frozenset[str]] = {}
        self._fitting: dict[str, list[str]] = {}
        self._renewed: tuple[int, frozenset[str]] = (0, frozenset())

    def renew(self) -> list[str]:
        """Learn anew, from all modules that are loaded, who inherits from whom and who fits a protocol.

        Return the classes for which that has changed: none where the modules are the same and the same of them count.
        """
        state = (len(self._resolver.modules), self._resolver.relevant)
        if state == self._renewed:
            return []
        self._renewed = state
        before, fitting = self._subclasses, self._fitting
        self._bases = {}
        self._subclasses = {}
        self._receivers = {}
        nodes = [node for module in self._resolver.modules.values() if module is not None for node in module.classes.values()]
        for node in nodes:
            for base in self.bases(node.id)[1 : NEAREST_BASES + 1]:
                if isinstance(base, ClassNode):
                    self._subclasses.setdefault(base.id, []).append(node.id)
        self._fitting = self._find_fitting(nodes)
        return [*differing(before, self._subclasses), *differing(fitting, self._fitting)]

    def _find_fitting(self, nodes: list[ClassNode]) -> dict[str, list[str]]:
        """Return the classes that fit each protocol without inheriting from it: those that have all of its methods."""
        having: dict[str, list[ClassNode]] = {}
        protocols = []
        for node in nodes:
            if self._is_protocol(node.id):
                protocols.append(node)
                continue
            for name in node.methods:
                having.setdefault(name, []).append(node)
        found = {}
        for protocol in protocols:
            wanted = [name for name in protocol.methods if name == "__call__" or not name.startswith("__")]
            rarest = min((having.get(name, []) for name in wanted), key=len, default=[])
            heirs = (
                [self.node(id_) for node in rarest for id_ in (node.id, *self.subclasses(node.id))] if len(rarest) <= MOST_FITTING else []
            )
            fitting = dict.fromkeys(node.id for node in heirs if all(self._fits(node, protocol, name) for name in wanted))
            found[protocol.id] = list(fitting)
        return found

    def is_unmet(self, value: Instance) -> bool:
        """Say whether a value is declared to be what a protocol asks for, and no class has all of that."""
        return self._is_protocol(value.id) and len(self.receivers(value)) == 1

    def _is_protocol(self, id_: str) -> bool:
        return any(isinstance(base, External) and base.path in _PROTOCOLS for base in self.bases(id_))

    def _fits(self, node: ClassNode, protocol: ClassNode, name: str) -> bool:
        """Whether a class has a method of a protocol. Nearly anything can be called: that has to be with the same parameters."""
        defining = _defining(self.bases(node.id), name)
        if defining is None or name != "__call__":
            return defining is not None
        asked, had = [[each.name for each in self._function(owner, name).outline.parameters] for owner in (protocol, defining)]
        return asked[1:] == had[1 : len(asked)]

    def node(self, id_: str) -> ClassNode:
        """Return the node of a class that a value names."""
        module, _, qualname = id_.rpartition(":")
        node = self._resolver.module(module)
        assert node is not None
        return node.classes[qualname]

    def bases(self, id_: str) -> list[ClassNode | External]:
        """Return the class itself and all that it inherits from, nearest first; library classes are paths."""
        known = self._bases.get(id_)
        if known is None:
            inherited = [value for value in self._lineage(id_) if isinstance(value, Class | External)]
            known = [self.node(id_), *(self.node(value.id) if isinstance(value, Class) else value for value in inherited)]
            if ("bases", id_) in self._resolver.memo.firm:
                self._bases[id_] = known
        return known

    def _lineage(self, id_: str) -> Values:
        return self._resolver.memo.answer(("bases", id_), lambda: self._inherited(id_))

    def _inherited(self, id_: str) -> Values:
        """Return what a class inherits from, as values, nearest first; at most `DEEPEST_LINEAGE` of them."""
        node = self.node(id_)
        found: dict[Value, None] = {}
        for base in node.outline.bases:
            for value in self._resolver.evaluate(base, node.scope):
                if isinstance(value, Class):
                    # What several bases have in common comes after all of them.
                    for inherited in (value, *self._lineage(value.id)):
                        found.pop(inherited, None)
                        found[inherited] = None
                elif isinstance(value, External):
                    found.setdefault(value)
        found.pop(Class(id_), None)
        if len(found) > DEEPEST_LINEAGE:
            self.cut.add(id_)
        return tuple(found)[:DEEPEST_LINEAGE]

    def subclasses(self, id_: str) -> list[str]:
        """Return the identifiers of all classes that inherit from this one."""
        self._resolver.memo.consult((SUBCLASSES, id_))
        return self._subclasses.get(id_, [])

    # Receivers.

    def receivers(self, value: Instance) -> frozenset[str]:
        """Return the classes that an instance may be of: the class itself and the subclasses that run the method it is the receiver of."""
        if not value.exact:
            self._resolver.memo.consult((SUBCLASSES, value.id))
        known = self._receivers.get(value)
        if known is None:
            found = {value.id}
            if not value.exact:
                subclasses = self.subclasses(value.id)
                found.update(self._fitting.get(value.id, ()))
                found.update(subclasses if not value.via else [sub for sub in subclasses if self._runs(sub, value.via)])
            known = self._receivers[value] = frozenset(found)
        return known

    def running(self, value: Instance, method: FunctionNode) -> frozenset[str]:
        """Return those of the classes that an instance may be of that run `method` when they are asked for it."""
        possible = self.receivers(value)
        return frozenset(id_ for id_ in possible if self._effective(id_, method.outline.name) == method.id) or possible

    def _effective(self, id_: str, name: str) -> str | None:
        node = _defining(self.bases(id_), name)
        return None if node is None else self._function(node, name).id

    def _runs(self, id_: str, method: str) -> bool:
        """Whether instances of a class run a method that it inherits, directly or by `super()`."""
        function = self._resolver.function(method)
        name = function.outline.name
        for node in self.bases(id_):
            if not isinstance(node, ClassNode):
                continue
            if node is function.owner or name in node.passed_on:
                return True
            if name in node.methods:
                return False
        return True

    # Kinds of methods.

    def is_static(self, function: FunctionNode) -> bool:
        """Whether a method gets no receiver."""
        return any(isinstance(decorator, Name) and decorator.id == "staticmethod" for decorator in function.outline.decorators)

    def is_class_method(self, function: FunctionNode) -> bool:
        """Whether a method's receiver is the class."""
        name = function.outline.name
        named = any(isinstance(decorator, Name) and decorator.id == "classmethod" for decorator in function.outline.decorators)
        return named or name in ("__new__", "__init_subclass__", "__class_getitem__")

    def is_property(self, function: FunctionNode) -> bool:
        """Whether a method is read like an attribute."""
        return any(dotted(decorator) in _PROPERTIES for decorator in function.outline.decorators)

    def is_abstract(self, function: FunctionNode) -> bool:
        """Whether a method only says what subclasses have to define."""
        return any((dotted(decorator) or "").rpartition(".")[2] == "abstractmethod" for decorator in function.outline.decorators)

    # Attributes.

    def attribute(self, value: Instance | Class | Super, name: str) -> Values:
        """Return what `value.name` may be."""
        if isinstance(value, Instance) and value.via and self.receivers(value) == self.receivers(Instance(value.id)):
            # All of them run the method: what they have does not depend on it.
            found = self.attribute(Instance(value.id), name)
            return tuple(Method(method.id, value) if isinstance(method, Method) else method for method in found)
        key = ("attribute", value, name)
        known = self._resolver.memo.firm.get(key)
        return self._resolver.memo.answer(key, lambda: self._attribute(value, name)) if known is None else known

    def _attribute(self, value: Instance | Class | Super, name: str) -> Values:
        lineage = self.bases(value.id)
        if isinstance(value, Super):
            lineage = lineage[1:]
        methods = self._methods(value, lineage, name)
        if methods:
            return methods
        own = union([self._own(base, name) for base in lineage if isinstance(base, ClassNode)])
        if own:
            return own
        if isinstance(value, Instance) and not value.exact:
            beside = [base for sub in self._narrower(value) for base in self.bases(sub) if isinstance(base, ClassNode)]
            own = union([self._own(base, name) for base in dict.fromkeys(beside)])
            if own:
                return own
        inherited = [base for base in lineage if isinstance(base, External) and not base.path.startswith(("builtins.", "abc.", "typing."))]
        if inherited:
            call = "" if isinstance(value, Class) else "()"
            return union([external(f"{base.path}{call}.{name}", base.host) for base in inherited])
        return NONE

    def _methods(self, value: Instance | Class | Super, lineage: list[ClassNode | External], name: str) -> Values:
        defining = {node.id: node for node in [_defining(lineage, name)] if node is not None}
        if isinstance(value, Instance) and not value.exact and name not in _CONSTRUCTORS:
            # What the receiver really is may override it, or get it from a class beside this one.
            for sub in [*self._narrower(value), *self._made(value.id)]:
                node = _defining(self.bases(sub), name)
                if node is not None:
                    defining.setdefault(node.id, node)
        found = [self._function(node, name) for node in defining.values()]
        concrete = [function for function in found if not self.is_abstract(function)]
        return union([self._bind(function, value) for function in concrete or found])

    def _narrower(self, value: Instance) -> list[str]:
        possible = self.receivers(value)
        return [sub for sub in self.subclasses(value.id) if sub in possible]

    def _made(self, protocol: str) -> list[str]:
        """Return the classes that fit a protocol and are made somewhere."""
        self._resolver.memo.consult((SUBCLASSES, protocol))
        fitting = self._fitting.get(protocol, [])
        for id_ in fitting:
            self._resolver.memo.consult((CALLERS, id_))
        return [id_ for id_ in fitting if id_ in self._resolver.callers]

    def _function(self, node: ClassNode, name: str) -> FunctionNode:
        return node.module.functions[node.methods[name]]

    def _bind(self, function: FunctionNode, value: Instance | Class | Super) -> Values:
        if self.is_property(function) and not isinstance(value, Class):
            return self._resolver.everywhere(self._resolver.returned(function))
        if self.is_static(function) or (isinstance(value, Class) and not self.is_class_method(function)):
            return (Function(function.id),)
        receiver = Instance(value.id, via=value.via) if isinstance(value, Super) else value
        return (Method(function.id, receiver),)

    def _own(self, node: ClassNode, name: str) -> Values:
        """Return what an attribute is by the class body and the methods of one class."""
        values = self.bindings(node, name)
        return filled(values, node.id, name) if name in node.filled else values

    def bindings(self, node: ClassNode, name: str) -> Values:
        """Return what the class body and the methods of one class bind an attribute to."""
        resolver = self._resolver
        bindings = node.attributes.get(name, ())
        if not resolver.is_open(node.module):
            bindings = [(method, source) for method, source in bindings if not isinstance(source.value, Call)]
        found = [resolver.everywhere(resolver.names.bound(source, method)) for method, source in bindings]
        for source in node.members.get(name, ()):
            found.append(self._member(node, name, source))
        return union(found)

    def _member(self, node: ClassNode, name: str, source: Source) -> Values:
        resolver = self._resolver
        if source.definition is not None:
            return (Class(identifier(node.module.name, source.definition)),)
        passed = self._field(node, name) if source.annotation is not None and "__init__" not in node.methods else NONE
        if passed:
            return passed
        return resolver.names.bound(Source(value=self._default(source.value), annotation=source.annotation), node.scope)

    def _field(self, node: ClassNode, name: str) -> Values:
        """Return what constructor calls pass for a field of a dataclass or model."""
        fields = [field for field, sources in node.members.items() if any(source.annotation is not None for source in sources)]
        found = []
        self._resolver.memo.consult((CALLERS, node.id))
        for _, given in self._resolver.callers.get(node.id, ()):
            position = 0
            for scope, argument in given.arguments:
                matches = argument.name == name or (
                    argument.name is None and not argument.star and fields[position : position + 1] == [name]
                )
                if matches:
                    found.append(self._resolver.everywhere(self._resolver.evaluate(argument.value, self._resolver.function(scope))))
                position += argument.name is None
        return union(found)

    def _default(self, value: Expr | None) -> Expr | None:
        """See through `field(default_factory=Client)`."""
        if isinstance(value, Call) and (dotted(value.function) or "").rpartition(".")[2] in ("field", "Field"):
            for argument in value.arguments:
                if argument.name == "default_factory":
                    return Call(argument.value, (), value.span)
                if argument.name == "default":
                    return argument.value
            return None
        return value

    def constructors(self, id_: str) -> list[FunctionNode]:
        """Return the functions that making an instance runs."""
        found = []
        for name in _CONSTRUCTORS:
            defined = _defining(self.bases(id_), name)
            if defined is not None:
                found.append(self._function(defined, name))
        return found


def _defining(lineage: list[ClassNode | External], name: str) -> ClassNode | None:
    return next((base for base in lineage if isinstance(base, ClassNode) and name in base.methods), None)
