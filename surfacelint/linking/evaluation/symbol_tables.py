"""The modules of a program as scopes: who defines what, which names a scope binds, what a class inherits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Protocol

from surfacelint.facts.expressions import Attribute, Call, Expr, Name, Position, Span, names
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
    """Where modules come from."""

    def resolve(self, name: str, importer: str, level: int = 0) -> str | None:
        """Return the canonical name of the module, package or namespace that `importer` means by `name`."""

    def submodule(self, package: str, name: str) -> str | None:
        """Return the canonical name of the module `name` directly in a package or namespace."""

    def outline(self, module: str) -> ModuleOutline | None:
        """Return the outline of a module, `None` for a namespace package or a module that cannot be read."""


@record(frozen=True, slots=True)
class Source:
    """One way in which a scope binds a name: one of the fields says how; `start` is where the statement stands that does.

    `function` is the one that does, where that is another one: it says that the name is `global`.
    """

    value: Expr | None = None
    annotation: Expr | None = None
    parameter: Parameter | None = None
    imported: Import | None = None
    definition: str | None = None
    start: Position | None = None
    function: FunctionNode | None = None


@record(frozen=True, slots=True, eq=False)
class Filling:
    """Something put into a container: a display of it, as the container would be written with it alone, and the function that does it."""

    display: Expr
    function: FunctionNode


@dataclass(slots=True, eq=False)
class FunctionNode:
    """A function in its surroundings. `names` says how its own scope binds each name, `filled` what is put into what they are bound to."""

    id: str
    outline: FunctionOutline
    module: ModuleNode
    names: dict[str, list[Source]]
    filled: dict[str, list[Filling]] = field(default_factory=dict)
    statements: dict[Position, Position] = field(default_factory=dict)
    _placed: dict[str, tuple[list[tuple[int, int]], list[Source]]] = field(default_factory=dict)

    def last_bound(self, name: str, place: Position) -> Source | None:
        """Return the binding of a name that stands nearest before a place, of those whose place is known."""
        known = self._placed.get(name)
        if known is None:
            found = [((start.line, start.column), source) for source in self.names[name] if (start := source.start) is not None]
            # Of several in one statement the first counts.
            first = dict(sorted(found, key=itemgetter(0), reverse=True))
            known = self._placed[name] = (list(reversed(first)), list(reversed(first.values())))
        places, sources = known
        number = bisect_left(places, (place.line, place.column))
        return sources[number - 1] if number else None

    def statement_of(self, call: Span) -> Position:
        """Return where the statement starts that a call of this function, by its span, is part of."""
        if not self.statements:
            self.statements.update({site.call.span.end: site.start for site in self.outline.calls if site.start is not None})
        return self.statements.get(call.end, call.start)

    @property
    def parent(self) -> FunctionNode | None:
        """The function in whose scope this one is defined."""
        return self.module.functions.get(self.outline.parent) if self.outline.parent else None

    def scopes(self) -> Iterator[FunctionNode]:
        """Return the function and those around it, in whose scopes names are looked for, innermost first."""
        here: FunctionNode | None = self
        while here is not None:
            yield here
            here = here.parent

    def scope_of(self, name: str) -> FunctionNode | None:
        """Return the scope that binds a name as the function knows it, `None` where the module does not."""
        here: FunctionNode | None = self  # asked most often of all: no generator
        while here is not None and name not in here.names:
            here = here.parent
        return here

    @property
    def holds_functions(self) -> bool:
        """Whether functions or lambdas are defined in this one's scope."""
        return self.outline.qualname in self.module.parents

    def outlives(self, name: str) -> bool:
        """Say whether what a name holds is there before the function runs, and afterwards."""
        if any(parameter.name == name for parameter in self.outline.parameters):
            return True
        return name not in self.names or name in self.outline.global_names

    @property
    def owner(self) -> ClassNode | None:
        """The class that this is a method of."""
        return self.module.classes.get(self.outline.owner) if self.outline.owner else None

    @property
    def first(self) -> str | None:
        """The name of the first positional parameter, the receiver of a method."""
        parameters = self.outline.parameters
        return parameters[0].name if parameters and parameters[0].kind == "positional" else None


@dataclass(slots=True, eq=False)
class ClassNode:
    """A class in its surroundings; `attributes` says how its methods bind attributes of the receiver, `members` what its body binds.

    `filled` says what is put into these. `passed_on` are the methods of its bases that it calls by `super().name(…)` or
    `Base.name(self, …)`.
    """

    id: str
    outline: ClassOutline
    module: ModuleNode
    methods: dict[str, str]
    members: dict[str, list[Source]]
    attributes: dict[str, list[tuple[FunctionNode, Source]]] = field(default_factory=dict)
    passed_on: set[str] = field(default_factory=set)
    filled: dict[str, list[Filling]] = field(default_factory=dict)

    @property
    def scope(self) -> FunctionNode:
        """The function in whose scope the class stands."""
        return self.module.functions[self.outline.parent or MODULE_BODY]


@dataclass(slots=True, eq=False)
class ModuleNode:
    """A module with its functions and classes by qualname; `foreign` is what it puts into containers of other modules and classes."""

    name: str
    outline: ModuleOutline
    functions: dict[str, FunctionNode] = field(default_factory=dict)
    classes: dict[str, ClassNode] = field(default_factory=dict)
    roots: frozenset[str] | None = None
    foreign: list[tuple[Expr, Filling]] = field(default_factory=list)
    _parents: frozenset[str] | None = None

    @property
    def body(self) -> FunctionNode:
        """The module body as a function."""
        return self.functions[MODULE_BODY]

    @property
    def parents(self) -> frozenset[str]:
        """The qualnames of the functions in whose scopes others are defined."""
        if self._parents is None:
            self._parents = frozenset(function.outline.parent for function in self.functions.values() if function.outline.parent)
        return self._parents


def imported_roots(module: ModuleNode) -> frozenset[str]:
    """Return the dotted names that a module imports anywhere, with all their prefixes."""
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


def keeps(method: FunctionNode) -> bool:
    """Say whether a method keeps at its receiver something that it is given: `self.client = client`, `self.steps.append(step)`."""
    receiver = method.first
    given = {parameter.name for parameter in method.outline.parameters} - {receiver}
    stored = [binding.value for binding in method.outline.bindings if _attribute_of(binding, receiver) is not None]
    for site in method.outline.calls:
        target = site.call.function
        if isinstance(target, Attribute) and isinstance(target.value, Attribute) and target.value.value == Name(receiver or ""):
            stored += [argument.value for argument in site.call.arguments]
    return any(not given.isdisjoint(names(value)) for value in stored)


def build_module(name: str, outline: ModuleOutline) -> ModuleNode:
    """Return the scopes of one module."""
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


def _names(function: FunctionOutline, starts: dict[str, Position]) -> dict[str, list[Source]]:
    names: dict[str, list[Source]] = {}
    elsewhere = set(function.global_names)
    for parameter in function.parameters:
        names.setdefault(parameter.name, []).append(Source(parameter=parameter))
    for imported in function.imports:
        names.setdefault(imported.name, []).append(Source(imported=imported))
    for name, qualname in function.definitions:
        names.setdefault(name, []).append(Source(definition=qualname, start=starts.get(qualname)))
    for binding in function.bindings:
        if isinstance(binding.target, Name) and binding.target.id not in elsewhere:
            source = Source(value=binding.value, annotation=binding.annotation, start=binding.start)
            names.setdefault(binding.target.id, []).append(source)
    return names


def _methods(class_: ClassOutline) -> dict[str, str]:
    """Return the methods by name; of several definitions the last one counts, but a property's getter wins over its setter."""
    methods: dict[str, str] = {}
    for name, qualname in class_.methods:
        methods.setdefault(name, qualname)
    return methods


def _members(class_: ClassOutline) -> dict[str, list[Source]]:
    members: dict[str, list[Source]] = {}
    for binding in class_.bindings:
        if isinstance(binding.target, Name):
            members.setdefault(binding.target.id, []).append(Source(value=binding.value, annotation=binding.annotation))
    for name, qualname in class_.classes:
        members.setdefault(name, []).append(Source(definition=qualname))
    return members


def _collect_attributes(node: ClassNode) -> None:
    for qualname in dict.fromkeys(qualname for _, qualname in node.outline.methods):
        method = node.module.functions[qualname]
        receiver = method.first
        for binding in method.outline.bindings:
            name = _attribute_of(binding, receiver)
            if name is not None:
                source = Source(value=binding.value, annotation=binding.annotation)
                node.attributes.setdefault(name, []).append((method, source))
        for site in method.outline.calls:
            node.passed_on.update(_passed_on(site.call, receiver))


def _passed_on(call: Call, receiver: str | None) -> Iterator[str]:
    """Return the method that a call has a base class run on the receiver."""
    if isinstance(call.function, Attribute):
        value = call.function.value
        by_super = isinstance(value, Call) and value.function == Name("super")
        first = call.arguments[0].value if call.arguments else None
        if by_super or (isinstance(first, Name) and first.id == receiver and not (isinstance(value, Name) and value.id == receiver)):
            yield call.function.attr


def _collect_globals(module: ModuleNode) -> None:
    """Give what functions assign to `global` names to the module body."""
    names = module.body.names
    for function in module.functions.values():
        outline = function.outline
        for binding in outline.bindings if outline.global_names else ():
            if isinstance(binding.target, Name) and binding.target.id in outline.global_names:
                source = Source(value=binding.value, annotation=binding.annotation, function=function)
                names.setdefault(binding.target.id, []).append(source)


def _attribute_of(binding: Binding, receiver: str | None) -> str | None:
    target = binding.target
    if isinstance(target, Attribute) and isinstance(target.value, Name) and target.value.id == receiver:
        return target.attr
    return None
