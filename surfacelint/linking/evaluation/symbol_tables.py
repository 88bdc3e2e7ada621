"""Symbol tables of modules: functions and classes, the names that each scope binds, and the attributes that each class has."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Protocol

from surfacelint.facts.expressions import Attribute, Call, Expr, Name, Position, Span, names, walk
from surfacelint.facts.module_outlines import (
    MODULE_BODY,
    Binding,
    ClassOutline,
    FunctionOutline,
    Import,
    ModuleOutline,
    Parameter,
)
from surfacelint.system.records import record


class ModuleSource(Protocol):
    """Finds modules and their outlines."""

    @property
    def batch_module(self) -> str:
        """The last part of the name of the batch module."""

    def resolve(self, name: str, importer: str, level: int = 0) -> str | None:
        """Return the canonical name of the module, package or namespace that `importer` means by `name`."""

    def submodule(self, package: str, name: str) -> str | None:
        """Return the canonical name of the module `name` directly in a package or namespace."""

    def outline(self, module: str) -> ModuleOutline | None:
        """Return the outline of a module, `None` for a namespace package or a module that cannot be read."""


@record(frozen=True, slots=True)
class NameBinding:
    """One binding of a name in a scope: by an assigned value or annotation, a parameter, an import or a definition.

    `start` is the position of the statement. `function` is set if another function binds the name, by declaring it `global`.
    """

    value: Expr | None = None
    annotation: Expr | None = None
    parameter: Parameter | None = None
    imported: Import | None = None
    definition: str | None = None
    start: Position | None = None
    function: FunctionNode | None = None


@record(frozen=True, slots=True, eq=False)
class ContainerWrite:
    """A write into an existing container by `function`. `display` is a container with the written item alone: `[job]`, `{"ask": ask}`."""

    display: Expr
    function: FunctionNode


@dataclass(slots=True, eq=False)
class FunctionNode:
    """A function and its scope: the bindings of each name, and the writes into the containers that names are bound to."""

    id: str
    outline: FunctionOutline
    module: ModuleNode
    names: dict[str, list[NameBinding]]
    writes: dict[str, list[ContainerWrite]] = field(default_factory=dict)
    statements: dict[Position, Position] = field(default_factory=dict)
    _ordered: dict[str, tuple[list[tuple[int, int]], list[NameBinding]]] = field(default_factory=dict)

    def last_bound(self, name: str, place: Position) -> NameBinding | None:
        """Return the last binding of a name before a position, among those with a known position."""
        known = self._ordered.get(name)
        if known is None:
            found = [((start.line, start.column), source) for source in self.names[name] if (start := source.start) is not None]
            # Of several bindings in one statement, the first counts.
            first = dict(sorted(found, key=itemgetter(0), reverse=True))
            known = self._ordered[name] = (list(reversed(first)), list(reversed(first.values())))
        places, sources = known
        number = bisect_left(places, (place.line, place.column))
        return sources[number - 1] if number else None

    def statement_of(self, call: Span) -> Position:
        """Return the start of the statement that contains a call, by the span of the call."""
        if not self.statements:
            self.statements.update({site.call.span.end: site.start for site in self.outline.calls if site.start is not None})
        return self.statements.get(call.end, call.start)

    @property
    def parent(self) -> FunctionNode | None:
        """The function in whose scope this one is defined."""
        return self.module.functions.get(self.outline.parent) if self.outline.parent else None

    def scopes(self) -> Iterator[FunctionNode]:
        """Yield the function and the functions around it, innermost first: the scopes in which names are looked up."""
        here: FunctionNode | None = self
        while here is not None:
            yield here
            here = here.parent

    def scope_of(self, name: str) -> FunctionNode | None:
        """Return the scope in which a name that the function uses is bound, `None` if the module does not bind it."""
        here: FunctionNode | None = self  # called very often: a generator would be slower
        while here is not None and name not in here.names:
            here = here.parent
        return here

    @property
    def holds_functions(self) -> bool:
        """Whether the function contains other functions or lambdas."""
        return self.outline.qualname in self.module.parents

    def outlives(self, name: str) -> bool:
        """Whether the value of a name exists before and after a run of the function: a parameter, or a name of an outer scope."""
        if any(parameter.name == name for parameter in self.outline.parameters):
            return True
        return name not in self.names or name in self.outline.global_names

    @property
    def owner(self) -> ClassNode | None:
        """The class whose method this is."""
        return self.module.classes.get(self.outline.owner) if self.outline.owner else None

    @property
    def first(self) -> str | None:
        """The name of the first positional parameter, the receiver of a method."""
        parameters = self.outline.parameters
        return parameters[0].name if parameters and parameters[0].kind == "positional" else None


@dataclass(slots=True, eq=False)
class ClassNode:
    """A class: `attributes` are the bindings of `self.name` in its methods, `members` the bindings in its body.

    `writes` are the writes into the containers that these hold. `passed_on` are the methods of base classes that it calls, by
    `super().name(…)` or `Base.name(self, …)`.
    """

    id: str
    outline: ClassOutline
    module: ModuleNode
    methods: dict[str, str]
    members: dict[str, list[NameBinding]]
    attributes: dict[str, list[tuple[FunctionNode, NameBinding]]] = field(default_factory=dict)
    passed_on: set[str] = field(default_factory=set)
    writes: dict[str, list[ContainerWrite]] = field(default_factory=dict)

    @property
    def scope(self) -> FunctionNode:
        """The function whose scope contains the class."""
        return self.module.functions[self.outline.parent or MODULE_BODY]

    def method(self, name: str) -> FunctionNode:
        """Return a method that the class itself defines."""
        return self.module.functions[self.methods[name]]


@dataclass(slots=True, eq=False)
class ModuleNode:
    """A module with its functions and classes by qualname, and its writes into containers of other modules and classes."""

    name: str
    outline: ModuleOutline
    functions: dict[str, FunctionNode] = field(default_factory=dict)
    classes: dict[str, ClassNode] = field(default_factory=dict)
    roots: frozenset[str] | None = None
    foreign_writes: list[tuple[Expr, ContainerWrite]] = field(default_factory=list)
    _parents: frozenset[str] | None = None

    @property
    def body(self) -> FunctionNode:
        """The module body as a function."""
        return self.functions[MODULE_BODY]

    @property
    def parents(self) -> frozenset[str]:
        """The qualnames of the functions that contain others."""
        if self._parents is None:
            self._parents = frozenset(function.outline.parent for function in self.functions.values() if function.outline.parent)
        return self._parents


def imported_roots(module: ModuleNode) -> frozenset[str]:
    """Return the dotted names that a module imports in any scope, with all their prefixes."""
    if module.roots is None:
        found: set[str] = set()
        for function in module.functions.values():
            for imported in function.outline.imports:
                name = f"{imported.module}.{imported.symbol}" if imported.symbol else imported.module
                parts = name.split(".") if not imported.level else []
                found |= {".".join(parts[: number + 1]) for number in range(len(parts))}
        module.roots = frozenset(found)
    return module.roots


def identifier(module: str, qualname: str) -> str:
    """Return the program-wide identifier of a function or class."""
    return f"{module}:{qualname}"


def stores_arguments(method: FunctionNode) -> bool:
    """Whether a method stores one of its arguments on its receiver: `self.client = client`, `self.steps.append(step)`."""
    receiver = method.first
    given = {parameter.name for parameter in method.outline.parameters} - {receiver}
    stored = [binding.value for binding in method.outline.bindings if _attribute_of(binding, receiver) is not None]
    for site in method.outline.calls:
        target = site.call.function
        if isinstance(target, Attribute) and isinstance(target.value, Attribute) and target.value.value == Name(receiver or ""):
            stored += [argument.value for argument in site.call.arguments]
    return any(not given.isdisjoint(names(value)) for value in stored)


def runs_only_arguments(expr: Expr, function: FunctionNode) -> bool:
    """Whether all calls in an expression call parameters of a function, as `model(key)` does for a class that is passed in."""
    given = {parameter.name for parameter in function.outline.parameters}
    called = [part.function for part in walk(expr) if isinstance(part, Call)]
    return all(isinstance(each, Name) and each.id in given for each in called)


def build_module(name: str, outline: ModuleOutline) -> ModuleNode:
    """Build the symbol tables of one module."""
    module = ModuleNode(name, outline)
    starts = {function.qualname: function.span.start for function in outline.functions}
    starts.update({class_.qualname: class_.span.start for class_ in outline.classes})
    for function in outline.functions:
        module.functions[function.qualname] = FunctionNode(identifier(name, function.qualname), function, module, _names(function, starts))
    for class_ in outline.classes:
        module.classes[class_.qualname] = ClassNode(identifier(name, class_.qualname), class_, module, _methods(class_), _members(class_))
    for node in module.classes.values():
        _collect_attributes(node)
    _collect_globals(module)
    return module


def _names(function: FunctionOutline, starts: dict[str, Position]) -> dict[str, list[NameBinding]]:
    names: dict[str, list[NameBinding]] = {}
    elsewhere = set(function.global_names)
    for parameter in function.parameters:
        names.setdefault(parameter.name, []).append(NameBinding(parameter=parameter))
    for imported in function.imports:
        names.setdefault(imported.name, []).append(NameBinding(imported=imported))
    for name, qualname in function.definitions:
        names.setdefault(name, []).append(NameBinding(definition=qualname, start=starts.get(qualname)))
    for binding in function.bindings:
        if isinstance(binding.target, Name) and binding.target.id not in elsewhere:
            source = NameBinding(value=binding.value, annotation=binding.annotation, start=binding.start)
            names.setdefault(binding.target.id, []).append(source)
    return names


def _methods(class_: ClassOutline) -> dict[str, str]:
    """Return the methods by name. Of several definitions with one name the first counts: a property's getter comes before its setter."""
    methods: dict[str, str] = {}
    for name, qualname in class_.methods:
        methods.setdefault(name, qualname)
    return methods


def _members(class_: ClassOutline) -> dict[str, list[NameBinding]]:
    members: dict[str, list[NameBinding]] = {}
    for binding in class_.bindings:
        if isinstance(binding.target, Name):
            members.setdefault(binding.target.id, []).append(NameBinding(value=binding.value, annotation=binding.annotation))
    for name, qualname in class_.classes:
        members.setdefault(name, []).append(NameBinding(definition=qualname))
    return members


def _collect_attributes(node: ClassNode) -> None:
    for qualname in dict.fromkeys(qualname for _, qualname in node.outline.methods):
        method = node.module.functions[qualname]
        receiver = method.first
        for binding in method.outline.bindings:
            name = _attribute_of(binding, receiver)
            if name is not None:
                source = NameBinding(value=binding.value, annotation=binding.annotation)
                node.attributes.setdefault(name, []).append((method, source))
        for site in method.outline.calls:
            node.passed_on.update(_passed_on(site.call, receiver))


def _passed_on(call: Call, receiver: str | None) -> Iterator[str]:
    """Yield the name of the base class method that a call runs on the receiver."""
    if isinstance(call.function, Attribute):
        value = call.function.value
        by_super = isinstance(value, Call) and value.function == Name("super")
        first = call.arguments[0].value if call.arguments else None
        if by_super or (isinstance(first, Name) and first.id == receiver and not (isinstance(value, Name) and value.id == receiver)):
            yield call.function.attr


def _collect_globals(module: ModuleNode) -> None:
    """Add what functions assign to `global` names to the bindings of the module body."""
    names = module.body.names
    for function in module.functions.values():
        outline = function.outline
        for binding in outline.bindings if outline.global_names else ():
            if isinstance(binding.target, Name) and binding.target.id in outline.global_names:
                source = NameBinding(value=binding.value, annotation=binding.annotation, function=function)
                names.setdefault(binding.target.id, []).append(source)


def _attribute_of(binding: Binding, receiver: str | None) -> str | None:
    target = binding.target
    if isinstance(target, Attribute) and isinstance(target.value, Name) and target.value.id == receiver:
        return target.attr
    return None
