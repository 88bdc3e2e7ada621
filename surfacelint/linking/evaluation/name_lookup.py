"""What names refer to: in scopes, across imports, and, for parameters, by their annotations."""

from __future__ import annotations

import builtins

from surfacelint.facts.expressions import Call, Collection, Constant, Expr, Mapping
from surfacelint.linking.evaluation.abstract_values import (
    NONE,
    Class,
    Function,
    Instance,
    Module,
    Parameter,
    Super,
    Values,
    external,
    union,
    with_writes,
)
from surfacelint.linking.evaluation.annotations import Annotations
from surfacelint.linking.evaluation.class_hierarchy import Classes
from surfacelint.linking.evaluation.decorators import Decorators
from surfacelint.linking.evaluation.evaluator_protocols import ExpressionEvaluator
from surfacelint.linking.evaluation.method_kinds import is_class_method, is_static
from surfacelint.linking.evaluation.program_index import ProgramIndex
from surfacelint.linking.evaluation.symbol_tables import FunctionNode, ModuleNode, NameBinding, identifier

_BUILTINS = frozenset(dir(builtins))

BATCH_MODULE = "llm_batch"
"""The library path of the module that fixes add, whatever it is called in a project. The catalogue describes its functions."""


class NameLookup:
    """Evaluates names."""

    def __init__(
        self,
        program: ProgramIndex,
        expressions: ExpressionEvaluator,
        classes: Classes,
        annotations: Annotations,
        decorators: Decorators,
    ) -> None:
        self._program = program
        self._memo = program.memo
        self._source = program.source
        self._expressions = expressions
        self._classes = classes
        self._annotations = annotations
        self._decorators = decorators

    def name(self, name: str, scope: FunctionNode) -> Values:
        """Return the values that a name may have in `scope`."""
        key = (scope.id, name)
        known = self._memo.firm.get(key)
        return self._memo.answer(key, lambda: self._lookup(name, scope)) if known is None else known

    def _lookup(self, name: str, scope: FunctionNode) -> Values:
        node = scope.scope_of(name)
        if node is not None:
            values = self.bindings(name, node)
            return with_writes(values, node.id, name) if name in node.writes else values
        if name == "super" and scope.owner is not None:
            return (Super(scope.owner.id, scope.id),)
        return self._star_imported(name, scope.module) or self._of_library(name, scope.module) or external(f"builtins.{name}")

    def bindings(self, name: str, scope: FunctionNode) -> Values:
        """Return what a scope binds one of its names to, without what is put into it later."""
        return union([self.bound(source, scope) for source in scope.names[name]])

    def bound(self, source: NameBinding, scope: FunctionNode) -> Values:
        """Return the values of one binding of a name in `scope`."""
        if source.parameter is not None:
            return self.parameter(source.parameter.name, scope)
        if source.imported is not None:
            imported = source.imported
            return self._imported(imported.module, imported.symbol, imported.level, scope.module.name)
        if source.definition is not None:
            return self._defined(scope.module, source.definition)
        values = NONE if source.value is None else self._expressions.evaluate(source.value, source.function or scope)
        return values if source.annotation is None else self._annotations.completed(values, source.annotation, scope)

    def _defined(self, module: ModuleNode, qualname: str) -> Values:
        if qualname in module.classes:
            return (Class(identifier(module.name, qualname)),)
        return (Function(identifier(module.name, qualname)),) if qualname in module.functions else NONE

    def _imported(self, module: str, symbol: str | None, level: int, importer: str) -> Values:
        if module.rpartition(".")[2] == self._source.batch_module and (symbol or "." not in module):
            return external(f"{BATCH_MODULE}.{symbol}" if symbol else BATCH_MODULE)
        canonical = self._source.resolve(module, importer, level)
        if symbol is None:  # `import a.b` binds a
            top = self._source.resolve(module.partition(".")[0], importer, 0)
            return (Module(top),) if top is not None else external(module.partition(".")[0])
        if canonical is None:
            return NONE if level else external(f"{module}.{symbol}" if symbol else module)
        return self.member(canonical, symbol) if symbol else (Module(canonical),)

    def member(self, module: str, name: str) -> Values:
        """Return the values of `name` in a first-party module: something that it binds, or a submodule."""
        node = self._program.module(module)
        if node is not None and name in node.body.names:
            values = self.name(name, node.body)
            if values:
                return values
        submodule = self._source.submodule(module, name)
        if submodule is not None:
            return (Module(submodule),)
        if node is None:
            return NONE
        found, getter = self._star_imported(name, node), node.functions.get("__getattr__")
        if found or getter is None:
            return found
        return self._memo.answer(("lazy", module, name), lambda: self._lazily_imported(name, getter, node))

    def _lazily_imported(self, name: str, function: FunctionNode, module: ModuleNode) -> Values:
        """Return what `__getattr__` of a module (PEP 562) imports for a name: by its own imports, or by a table of import paths."""
        for imported in function.outline.imports:
            if imported.symbol == name:
                return self._imported(imported.module, name, imported.level, module.name)
        tables = (source.value for sources in module.body.names.values() for source in sources if isinstance(source.value, Mapping))
        entries = (value for table in tables for key, value in zip(table.keys, table.values, strict=True) if key == Constant(name))
        for entry in entries:
            parts = entry.items if isinstance(entry, Collection) else (entry,)
            texts = [part.value for part in parts if isinstance(part, Constant) and isinstance(part.value, str)]
            place, _, symbol = ":".join(texts[:2]).partition(":")
            below = place.lstrip(".")
            if below and below != module.name:
                return self._imported(below, symbol or name, len(place) - len(below), module.name)
        return NONE

    def origin(self, name: str, scope: FunctionNode) -> tuple[ModuleNode, str] | None:
        """Return the module that a name is imported from, and its name there."""
        here = scope.scope_of(name)
        for source in here.names[name] if here is not None else ():
            if source.imported is not None and source.imported.symbol:
                imported = source.imported
                canonical = self._source.resolve(imported.module, scope.module.name, imported.level)
                module = None if canonical is None else self._program.module(canonical)
                if module is not None and imported.symbol in module.body.names:
                    return module, imported.symbol or ""
        return None

    def _star_imported(self, name: str, module: ModuleNode) -> Values:
        for source in module.body.names.get("*", ()):
            imported = source.imported
            if imported is None or name.startswith("_"):
                continue
            canonical = self._source.resolve(imported.module, module.name, imported.level)
            if canonical is None or canonical == module.name:
                continue
            values = self._memo.answer(("*", canonical, name), lambda canonical=canonical: self.member(canonical, name))  # type: ignore[misc]
            if values:
                return values
        return NONE

    def _of_library(self, name: str, module: ModuleNode) -> Values:
        """Return what a name that nothing defines may be in the libraries from which a module imports everything."""
        if name in _BUILTINS or name.startswith("_"):
            return NONE
        stars = (source.imported for source in module.body.names.get("*", ()))
        libraries = [
            star.module for star in stars if star is not None and self._source.resolve(star.module, module.name, star.level) is None
        ]
        known = [library for library in libraries if library.partition(".")[0] in self._program.catalogue.packages]
        return union([external(f"{library}.{name}") for library in known])

    # Parameters and annotations.

    def parameter(self, name: str, scope: FunctionNode) -> Values:
        """Return the values of a parameter inside its function: the receiver, an instance of its annotation, or a `Parameter`."""
        owner = scope.owner
        if owner is not None and name == scope.first and not is_static(scope):
            if is_class_method(scope):
                return (Class(owner.id),)
            return (Instance(owner.id, via=scope.id if self._classes.subclasses(owner.id) else ""),)
        outline = next(parameter for parameter in scope.outline.parameters if parameter.name == name)
        if outline.annotation is not None:
            outside = scope.parent or scope
            values = self.annotated(outline.annotation, outside)
            if any(isinstance(value, Class) for value in values) and self._program.calls_of(scope.id):
                return (Parameter(scope.id, name),)
            if values:
                # If the declared type leaves it open, the callers decide.
                return union([values, (Parameter(scope.id, name),)]) if any(map(self._annotations.leaves_open, values)) else values
        if name == scope.first and scope.outline.decorators:
            values = self._decorators.first_parameter(scope)
            if values:
                return values
        passed_in: Values = (Parameter(scope.id, name, ""),)
        if isinstance(outline.default, Call):
            # A framework may inject it (`Depends(get_client)`), and it applies where nothing is passed.
            return union([passed_in, self._annotations.injected(self._expressions.evaluate(outline.default, scope.parent or scope))])
        return passed_in

    def annotated(self, annotation: Expr, scope: FunctionNode) -> Values:
        """Return what an annotation in `scope` says."""
        return self._annotations.annotated(annotation, scope)
